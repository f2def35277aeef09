"""What a check of a folder found: the result that the report writers render and nobody has to recompute."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

from siamese_text.records import Document, Note, NoteKind, Passage, Span
from siamese_text.text import FileFacts, words


class Evidence(StrEnum):
    """How two passages agree, from the surest to the weakest evidence."""

    IDENTICAL = "identical"
    EDITED = "edited"
    PARAPHRASE = "paraphrase"


class Reason(StrEnum):
    """Why a stretch of text, or a passage that stands in it, is listed and not counted."""

    QUOTATION = "quotation"
    REFERENCES = "references"
    HEADING = "heading"
    GIVEN = "given"  # in a template or among the phrases to ignore
    COMMON = "common"  # in too many texts for two of them to have it from each other
    SOURCE = "source"  # both sides have it from one named source


@dataclass(frozen=True, slots=True)
class Review:
    """What a person who read a passage said of it.

    Attributes:
        fingerprint: That of the passage; see ``Match.fingerprint``.
        verdict: ``confirmed`` marks the passage, ``dismissed`` takes it off the counted ones.
        note: Why, in the person's own words.
        left: The document on its left when it was read, to be read by people.
        right: That on its right.
    """

    fingerprint: str
    verdict: Literal["confirmed", "dismissed"]
    note: str = ""
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Two passages that say the same, one in each document of a pair.

    ``word_similarity`` is the share of words that stand on both sides in the same order, ``similarity`` the
    cosine of the embeddings (None without a model), ``probability`` the model's (None where it has no decision).
    ``nats`` is the evidence that is left when what the folder itself explains is taken off: e**nats to one.
    ``p_value`` is how probable it is that two documents of which none was copied have a passage with so much evidence.
    A ``quotation`` stands in quotation marks, in a heading or in a bibliography on at least one side, in ``shared_by``
    different texts, too many for two of them to have it from each other, or in a named source that both have it from:
    listed, not counted. ``review`` is what a person said of it in an earlier run.
    """

    left: Passage
    right: Passage
    evidence: Evidence
    word_similarity: float
    similarity: float | None
    probability: float | None = None
    quotation: bool = False
    nats: float = 0.0
    shared_by: int = 2
    p_value: float | None = None
    review: Review | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts in the shares: it is no quotation, and nobody dismissed it."""
        dismissed = self.review is not None and self.review.verdict == "dismissed"
        return not self.quotation and not dismissed

    @property
    def fingerprint(self) -> str:
        """What names the two passages in any run: 16 hexadecimal digits of the SHA-256 of their folded words.

        It stays the same when files are renamed, spaces or the case of letters change, or the sides are swapped.
        """
        sides = sorted(" ".join(word.form for word in words(side.text)) for side in (self.left, self.right))
        return hashlib.sha256("\n".join(sides).encode("utf-8", "surrogatepass")).hexdigest()[:16]

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


class CitationFault(StrEnum):
    """What is wrong with a citation, or with an entry of a list of references."""

    UNLISTED = "no entry"  # of what the text cites
    UNCITED = "not cited"


@dataclass(frozen=True, slots=True)
class CitationFinding:
    """A citation without an entry in the list of references of its document, or an entry that nobody cites there."""

    document: str
    fault: CitationFault
    span: Span


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
    ``quotations`` the matches that were listed but not counted, ``dismissed`` those that a person had dismissed,
    ``skipped`` the files that were not checked, ``chance`` how many of the listed pairs chance alone would give.
    ``excluded`` says for each text what of it does not count, and why; ``verdicts`` holds all that people said, also of
    passages that were not found this time; ``cautions`` say what a reader must know of this check, ``files`` the facts
    of the files behind the texts, and ``dates`` when documents were written, as somebody said. ``citations`` are those
    without an entry in the list of references, and entries without a citation. ``unknown_languages`` names the texts in
    languages that the model hardly knows: no paraphrase is claimed of them. ``run`` says when and where this run was,
    and counts what it did itself and what it had from a cache: all else is the same without one.
    """

    documents: tuple[DocumentFinding, ...]
    pairs: tuple[PairFinding, ...]
    quotations: tuple[Match, ...]
    skipped: tuple[Document, ...]
    texts: Mapping[str, Document]
    options: Mapping[str, object] = field(default_factory=dict)
    chance: ChanceFindings | None = None
    run: Mapping[str, Any] = field(default_factory=dict)
    dismissed: tuple[Match, ...] = ()
    excluded: Mapping[str, Mapping[Reason, tuple[Span, ...]]] = field(default_factory=dict)
    verdicts: tuple[Review, ...] = ()
    cautions: tuple[str, ...] = ()
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    citations: tuple[CitationFinding, ...] = ()
    unknown_languages: frozenset[str] = frozenset()

    @property
    def identical(self) -> tuple[tuple[str, ...], ...]:
        """The names of documents that hold one and the same text, the largest such group first."""
        same: dict[str, list[str]] = {}
        for name, document in self.texts.items():
            same.setdefault(document.text, []).append(name)
        groups = [tuple(sorted(names)) for names in same.values() if len(names) > 1]
        return tuple(sorted(groups, key=lambda names: (-len(names), names)))

    @property
    def notes(self) -> tuple[tuple[Document, Note], ...]:
        """What the texts of the documents do not show, each with its document: what questions their integrity first.

        The kinds are those of ``Note``, in the order of ``NoteKind``. Where a note is in its document says
        ``text.place_of(document, note.spans[0].start)``.
        """
        kinds = get_args(NoteKind)
        found = [(document, note) for document in (*self.texts.values(), *self.skipped) for note in document.notes]
        return tuple(sorted(found, key=lambda one: (kinds.index(one[1].kind), one[0].name)))
