"""What pairs of documents share, kept as it is found: a check that was killed, or runs again, compares the rest alone.

Of a pair's result nothing of weight depends on its two texts alone. What all sentences of the folder have in common is
taken off every embedding, templates are what many of its documents share, and evidence is what its language does not
explain: one document more or less moves them all. So a result is kept for one folder as it stands, to the last bit of
its embeddings, for the options that found it, and for the code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from siamese_text._version import __version__
from siamese_text.plagiarism.finding.aligner import Alignment
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.records import Span
from siamese_text.vectors.cache import BlobCache

Aligned = list[tuple[Alignment, float]]  # with their evidence in nats


class PairCache:
    """The alignments of pairs of documents of one folder, each by its two places.

    Args:
        blobs: Where they are kept; None for nowhere.

    Attributes:
        new: How many pairs were aligned.
        known: How many had been before.
    """

    def __init__(self, blobs: BlobCache | None = None) -> None:
        self._blobs = blobs
        self.new = self.known = 0

    def get(self, left: int, right: int) -> Aligned | None:
        """Return what was found between two places, None where they were not compared yet."""
        key = f"{left} {right}"
        blob = self._blobs.get_blobs([key]).get(key) if self._blobs else None
        if blob is None:
            return None
        self.known += 1
        return [
            (Alignment(Span(*numbers[:2]), Span(*numbers[2:4]), *numbers[4:8]), numbers[8])
            for numbers in json.loads(blob)
        ]

    def put(self, left: int, right: int, aligned: Aligned) -> None:
        """Keep what was found between two places."""
        self.new += 1
        if self._blobs:
            rows = [[*_numbers(alignment), nats] for alignment, nats in aligned]
            self._blobs.put_blobs({f"{left} {right}": json.dumps(rows).encode()})


def open_pairs(
    folder: Path, prepared: Sequence[Prepared], references: int, common: int, options: CheckOptions, owner: str = ""
) -> BlobCache:
    """Open the file of what was found in this folder of documents, as it stands; a damaged one is left aside.

    Args:
        folder: Where the caches are.
        prepared: All documents, references last.
        references: How many of them are sources that somebody named.
        common: How many different texts may share what is no template.
        options: The thresholds.
        owner: Where the documents lie: what was kept for them in another state can be told by it.

    Returns:
        The file, for all that depends on nothing else.
    """
    code = [__version__, *map(version, ("numpy", "scipy", "rapidfuzz"))]
    digest = hashlib.sha256(json.dumps([code, references, common, asdict(options)]).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    for one in prepared:
        spans = [[span.start, span.end] for span in (*one.excluded, *one.sentences)]
        said = [len(one.document.text), one.document.text, len(one.excluded), spans, one.vectors.shape]
        digest.update(json.dumps(said).encode())
        digest.update(one.vectors.tobytes())
    mine = hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return BlobCache(folder / "pairs" / f"{mine}-{digest.hexdigest()[:32]}.sqlite", forgiving=True)


def drop_earlier_states(used: BlobCache) -> None:
    """Delete what was kept for the same documents in other states: no later run can use it, unless they go back."""
    owner, _, _ = used.path.name.partition("-")
    for file in used.path.parent.glob(f"{owner}-*"):
        if not file.name.startswith(used.path.name):
            file.unlink(missing_ok=True)


def _numbers(alignment: Alignment) -> list[float]:
    left, right = alignment.left, alignment.right
    similar = alignment.word_similarity, alignment.strength
    return [left.start, left.end, right.start, right.end, *similar, alignment.left_words, alignment.right_words]
