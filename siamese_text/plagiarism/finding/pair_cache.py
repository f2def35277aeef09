"""Passages of pairs of documents, kept as they grow: a check that was killed, or runs again, aligns the rest alone.

Of a pair's result nothing depends on its two texts alone. What all sentences of the folder have in common is taken off
every embedding, and evidence is what its language does not explain: one document more or less moves them all. But how
passages grow depends on less, on which sentences are similar and in what order, and that hardly moves. So passages are
kept by a digest of just what they grow by, and their numbers, strength and evidence, are computed anew in each run:
what a run finds is, to the last bit, what it finds without the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from siamese_text._version import __version__
from siamese_text.plagiarism.finding.candidates import Seed
from siamese_text.plagiarism.finding.growing import GrowingPassage
from siamese_text.records import Span
from siamese_text.vectors.cache import BlobCache


class PairCache:
    """The passages of pairs of documents, by a digest of what they grew by.

    Args:
        blobs: Where they are kept; None for nowhere.

    Attributes:
        new: How many pairs were aligned.
        known: How many had been before.
    """

    def __init__(self, blobs: BlobCache | None = None) -> None:
        self._blobs = blobs
        self._used: set[str] = set()
        self.new = self.known = 0

    def passages(
        self, read: str, seeds: Sequence[Seed], grow: Callable[[], list[GrowingPassage]]
    ) -> list[GrowingPassage]:
        """Return the passages that grow by what was read, and let them grow where nobody did.

        Args:
            read: A digest of all that they grow by.
            seeds: Those that some of them are made of, with the numbers of this run.
            grow: Lets them grow.
        """
        self._used.add(read)
        blob = self._blobs.get_blobs([read]).get(read) if self._blobs else None
        if blob is not None:
            self.known += 1
            return [_passage(row, seeds) for row in json.loads(blob)]
        self.new += 1
        grown = grow()
        if self._blobs:
            self._blobs.put_blobs({read: json.dumps([_row(passage, seeds) for passage in grown]).encode()})
        return grown

    def forget_the_rest(self) -> None:
        """Delete what this run did not ask for, and what other versions of the code kept for the same documents."""
        if not self._blobs:
            return
        self._blobs.keep_only(self._used)
        owner, _, _ = self._blobs.path.name.partition("-")
        for file in self._blobs.path.parent.glob(f"{owner}-*"):
            if not file.name.startswith(self._blobs.path.name):
                file.unlink(missing_ok=True)


def open_pairs(folder: Path, owner: str = "") -> BlobCache:
    """Open the file of the pairs of some documents; a damaged one is left aside.

    Args:
        folder: Where the caches are.
        owner: Where the documents lie: what no run over them asks for is deleted.

    Returns:
        The file of this version of the code.
    """
    code = hashlib.sha256(json.dumps([__version__, *map(version, ("numpy", "scipy", "rapidfuzz"))]).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    mine = hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return BlobCache(folder / "pairs" / f"{mine}-{code.hexdigest()[:32]}.sqlite", forgiving=True)


def _row(passage: GrowingPassage, seeds: Sequence[Seed]) -> list[list[int]]:
    """Return a passage as numbers, each of its seeds by its place."""
    left, right, ours, theirs = passage.left, passage.right, passage.left_span, passage.right_span
    ends = [left.start, left.stop, right.start, right.stop, ours.start, ours.end, theirs.start, theirs.end]
    return [ends, [seeds.index(seed) for seed in passage.seeds]]


def _passage(row: list[list[int]], seeds: Sequence[Seed]) -> GrowingPassage:
    ends, places = row
    sentences, spans = (range(*ends[:2]), range(*ends[2:4])), (Span(*ends[4:6]), Span(*ends[6:]))
    return GrowingPassage(*sentences, *spans, seeds=tuple(seeds[place] for place in places))
