"""What a check of a folder found: the result that the report writers render and nobody has to recompute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from siamese_text.records import Document, Passage
from siamese_text.text import words


class Evidence(StrEnum):
    """How two passages agree, from the surest to the weakest evidence."""

    IDENTICAL = "identical"
    EDITED = "edited"
    PARAPHRASE = "paraphrase"


@dataclass(frozen=True, slots=True)
class Match:
    """Two passages that say the same, one in each document of a pair.

    ``word_similarity`` is the share of words that stand on both sides in the same order, ``similarity`` the
    cosine of the embeddings, ``probability`` the model's (None where it has no decision). ``nats`` is the evidence
    that is left when what the folder itself explains is taken off: e**nats to one. ``p_value`` is how probable it is
    that two documents of which none was copied have a passage with so much evidence. A ``quotation`` stands in
    quotation marks or in a bibliography on at least one side, in ``shared_by`` different texts, too many for two
    of them to have it from each other, or in a named source that both have it from: listed, not counted.
    """

    left: Passage
    right: Passage
    evidence: Evidence
    word_similarity: float
    similarity: float
    probability: float | None = None
    quotation: bool = False
    nats: float = 0.0
    shared_by: int = 2
    p_value: float | None = None

    @property
    def words(self) -> int:
        """The length of the longer side in words; a character of Chinese or Japanese is one."""
        return max(len(words(self.left.text)), len(words(self.right.text)))


@dataclass(frozen=True, slots=True)
class PairFinding:
    """Two documents with counted matches, and what share of each one's analysable characters they cover."""

    left: str
    right: str
    matches: tuple[Match, ...]
    left_coverage: float
    right_coverage: float

    @property
    def coverage(self) -> float:
        """The larger of the two shares, in [0, 1]: pairs are ranked by it."""
        return max(self.left_coverage, self.right_coverage)

    @property
    def longest(self) -> int:
        """The length of the longest match in words."""
        return max((match.words for match in self.matches), default=0)


@dataclass(frozen=True, slots=True)
class DocumentFinding:
    """One checked document: the share of its text that stands in any other one, in all and by evidence."""

    name: str
    words: int
    coverage: float
    coverage_by_evidence: Mapping[Evidence, float]
    longest: int
    partner: str | None


class Background(StrEnum):
    """Where it was learned what chance does: in the folder itself, in innocent documents, or from shipped numbers."""

    FOLDER = "folder"
    INNOCENT = "innocent"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class ChanceFindings:
    """What chance alone would list.

    ``false_share`` was chosen; ``by_chance`` is how many of the listed pairs are expected to be there by chance, as
    learned from ``documents`` documents: None from the shipped background, which knows nothing of this folder.
    """

    false_share: float
    background: Background
    documents: int
    by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a check found, and what it could not look at.

    ``documents`` and ``pairs`` are ranked, most severe first. ``texts`` holds the checked documents by name,
    ``quotations`` the matches that were listed but not counted, ``skipped`` the files that were not checked, ``chance``
    how many of the listed pairs chance alone would give. ``run`` counts what this run did itself and what it had from
    a cache: all else is the same without one.
    """

    documents: tuple[DocumentFinding, ...]
    pairs: tuple[PairFinding, ...]
    quotations: tuple[Match, ...]
    skipped: tuple[Document, ...]
    texts: Mapping[str, Document]
    options: Mapping[str, object] = field(default_factory=dict)
    chance: ChanceFindings | None = None
    run: Mapping[str, int] = field(default_factory=dict)
