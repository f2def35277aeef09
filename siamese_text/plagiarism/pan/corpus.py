"""A corpus in the format of the PAN competitions for text alignment: pairs of documents, and what was planted in them.

    DIR/pairs                          one pair a line: suspicious-document00001.txt source-document00294.txt
    DIR/susp/*.txt, DIR/src/*.txt      the documents, UTF-8
    DIR/02-no-obfuscation/pairs        the pairs of one kind ...
    DIR/02-no-obfuscation/S-T.xml      ... and what each document S has from its source T, in code points

Detections are written in the format of the truth, one file a pair.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siamese_text.errors import BadData, MissingInput
from siamese_text.plagiarism.pan.measures import Reuse
from siamese_text.records import Document, Span

_TRUTH, _DETECTED = "plagiarism", "detected-plagiarism"
_SIDES = ("this_offset", "this_length", "source_offset", "source_length")


@dataclass(frozen=True, slots=True)
class PanPair:
    """A document and a source to compare it with; ``kind`` is the folder that lists the pair, if any does."""

    document: str
    source: str
    kind: str = ""

    @property
    def file(self) -> Path:
        """Where the truth and the detections of the pair are, in a folder of either."""
        return Path(f"{Path(self.document).stem}-{Path(self.source).stem}.xml")


def read_pairs(corpus: Path) -> list[PanPair]:
    """Read which documents are to be compared.

    Args:
        corpus: The folder of the corpus.

    Returns:
        The pairs in the order of the corpus, each with its kind.

    Raises:
        MissingInput: The folder has no file ``pairs``.
        BadData: A line of it does not hold two names.
    """
    if not (corpus / "pairs").is_file():
        raise MissingInput(f"{corpus / 'pairs'} was not found; give a folder with pairs, susp/ and src/")
    kinds = {
        pair: file.parent.name for file in sorted(corpus.glob("[0-9][0-9]-*/pairs")) for pair in _listed_pairs(file)
    }
    return [PanPair(*pair, kinds.get(pair, "")) for pair in _listed_pairs(corpus / "pairs")]


def read_documents(corpus: Path, pairs: Iterable[PanPair]) -> list[Document]:
    """Read the documents that pairs name, each once; nothing is cleaned, so that offsets hold.

    Args:
        corpus: The folder of the corpus.
        pairs: Pairs of it.

    Returns:
        Documents by the names that the pairs give them.

    Raises:
        MissingInput: A file is missing.
        BadData: A file is not UTF-8.
    """
    pairs = list(pairs)
    paths = {pair.document: corpus / "susp" / pair.document for pair in pairs}
    paths |= {pair.source: corpus / "src" / pair.source for pair in pairs}
    return [Document(name, _text(path)) for name, path in paths.items()]


def read_truth(corpus: Path, pairs: Iterable[PanPair]) -> list[Reuse]:
    """Read what was planted in the documents of pairs that have a kind.

    Args:
        corpus: The folder of the corpus.
        pairs: Pairs of it.

    Returns:
        One case for each planted passage.

    Raises:
        MissingInput: The file of a pair is missing.
        BadData: A file is no XML of the competition.
    """
    return [reuse for pair in pairs if pair.kind for reuse in _reuses(corpus / pair.kind / pair.file)]


def write_detections(folder: Path, pairs: Iterable[PanPair], detections: Iterable[Reuse]) -> None:
    """Write one file a pair in the competition's format, an empty list where nothing was found.

    Args:
        folder: A folder, which is made where it is missing.
        pairs: All pairs that were compared.
        detections: What was found in them.
    """
    found: dict[tuple[str, str], list[Reuse]] = defaultdict(list)
    for reuse in detections:
        found[reuse.document, reuse.source].append(reuse)
    folder.mkdir(parents=True, exist_ok=True)
    for pair in pairs:
        root = ET.Element("document", reference=pair.document)
        for reuse in found[pair.document, pair.source]:
            sides = reuse.span.start, len(reuse.span), reuse.source_span.start, len(reuse.source_span)
            attributes = dict(zip(_SIDES, map(str, sides), strict=True))
            ET.SubElement(root, "feature", attributes, name=_DETECTED, source_reference=reuse.source)
        ET.indent(root)
        ET.ElementTree(root).write(folder / pair.file, encoding="utf-8", xml_declaration=True)


def halves(pairs: Sequence[PanPair]) -> tuple[list[PanPair], list[PanPair]]:
    """Part pairs so that no document is in both halves: one to choose thresholds by, one to report.

    Pairs that share a document, perhaps through others, stay together. The largest groups go first, each to the half
    that has fewer pairs of its kinds so far.

    Args:
        pairs: The pairs of a corpus.

    Returns:
        The pairs to tune on and the pairs to report, each in the order given.

    Example:
        >>> pairs = [PanPair("a", "x"), PanPair("b", "y"), PanPair("b", "x"), PanPair("c", "z")]
        >>> [[pair.document for pair in half] for half in halves(pairs)]
        [['a', 'b', 'b'], ['c']]
    """
    counts: tuple[dict[str, int], dict[str, int]] = defaultdict(int), defaultdict(int)
    chosen: tuple[set[PanPair], set[PanPair]] = set(), set()
    for group in sorted(_groups(pairs), key=len, reverse=True):
        kinds = [pair.kind for pair in group]
        half = min((0, 1), key=lambda half: sum(counts[half][kind] for kind in kinds))
        chosen[half].update(group)
        for kind in kinds:
            counts[half][kind] += 1
    return [pair for pair in pairs if pair in chosen[0]], [pair for pair in pairs if pair in chosen[1]]


def _groups(pairs: Sequence[PanPair]) -> list[list[PanPair]]:
    """Gather the pairs that are connected by documents they share."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(side: tuple[str, str]) -> tuple[str, str]:
        while (parent := parents.setdefault(side, side)) != side:
            parents[side] = parents[parent]
            side = parents[side]
        return side

    for pair in pairs:
        parents[root(("susp", pair.document))] = root(("src", pair.source))
    groups: dict[tuple[str, str], list[PanPair]] = defaultdict(list)
    for pair in pairs:
        groups[root(("susp", pair.document))].append(pair)
    return list(groups.values())


def _listed_pairs(file: Path) -> list[tuple[str, str]]:
    lines = [line.split() for line in _text(file).splitlines() if line.strip()]
    for line in lines:
        if len(line) != 2:
            raise BadData(f"{file} has the line {' '.join(line)!r}; each must name a document and a source")
    return [(document, source) for document, source in lines]


def _text(path: Path) -> str:
    if not path.is_file():
        raise MissingInput(f"{path} was not found; the corpus names it")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadData(f"{path} is not UTF-8 at byte {error.start}; convert it") from None


def _reuses(file: Path) -> list[Reuse]:
    """Read the planted passages of a file; other features, and cases without a source, are none of text alignment."""
    try:
        root = ET.fromstring(_text(file))
        features = [one for one in root.iter("feature") if one.get("name", "").endswith(_TRUTH)]
        return [
            Reuse(root.attrib["reference"], _span(one, "this"), one.attrib["source_reference"], _span(one, "source"))
            for one in features
            if "source_reference" in one.attrib
        ]
    except (ET.ParseError, KeyError, ValueError) as error:
        raise BadData(f"{file} is not in the competition's format ({error}); see its corpus description") from None


def _span(feature: ET.Element, side: str) -> Span:
    start, length = (int(feature.attrib[f"{side}_{part}"]) for part in ("offset", "length"))
    return Span(start, start + length)
