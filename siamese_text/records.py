"""The nouns that the rooms hand to one another.

Letters in shapes, here and everywhere: B batch, T tokens, D width of an embedding, N texts or pairs, Q queries,
K kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

SETTINGS_FILE = "siamese_text.json"  # what a model folder of ours holds beside the layout of sentence-transformers
FloatArray = NDArray[np.float32]
ComputeDtype = Literal["fp32", "int8"]  # of an encoder's multiplications
Verdict = Literal["yes", "no", "unsure"]
FoundBy = Literal["words", "meaning", "both"]
NoteKind = Literal["disguise", "hidden", "unread", "review", "encoding"]
DataKind = Literal["pairs", "graded", "positives", "triplets", "classes"]
DATA_KINDS: Mapping[DataKind, str] = {
    "pairs": "labelled pairs",
    "graded": "graded pairs",
    "positives": "pairs that say the same",
    "triplets": "triplets",
    "classes": "texts with classes",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range ``[start, end)`` of code points in a text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlap(self, other: Span) -> int:
        """Count the code points that both spans hold."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Note:
    """What whoever reads a document should know, and its text does not show.

    Attributes:
        kind: ``disguise`` for letters that only look like others and what else deceives a check, ``hidden`` for words
            that a reader of the page does not see, ``unread`` for a part that was not read, ``review`` for comments
            and deleted words, ``encoding`` for a guess. The first two question the integrity of a document.
        message: One line: what was seen, how much of it, and where first; after a semicolon the next step, if any.
        text: The words that the message speaks of, where they are no part of the document's text.
        spans: The characters of the document's text that it speaks of, where they are part of it.
    """

    kind: NoteKind
    message: str
    text: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something that a reader can leaf to begins: a page, a slide, a chapter, a file of a submission."""

    start: int
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was found: its text, or the reason why it could not be used.

    Attributes:
        name: The path relative to the folder that was read, with forward slashes.
        text: The text; empty where there is a problem.
        format: The name of its format.
        problem: Why it could not be used, and the next step.
        places: Its pages, slides, chapters or files, in the order of the text; none for a format without any.
        headings: What the format itself marks as a heading.
        notes: What its text does not show.
    """

    name: str
    text: str = ""
    format: str = "txt"
    problem: str | None = None
    places: tuple[Place, ...] = ()
    headings: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document: ``document.text[start:end] == text``."""

    document: str
    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        """The place of the passage in its document."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences and whether they say the same: label 1 = same, 0 = different, between them = graded."""

    sentence1: str
    sentence2: str
    label: float | None = None
    kind: str = ""

    @property
    def sides(self) -> tuple[str, str]:
        """The two sentences."""
        return self.sentence1, self.sentence2

    @property
    def texts(self) -> tuple[str, ...]:
        """The two sentences, under the name that they have in an ``Example``."""
        return self.sides


@dataclass(frozen=True, slots=True)
class Example:
    """A training row: one text and its class, two texts and a label or none, or anchor, positive and negatives."""

    texts: tuple[str, ...]
    label: float | None = None


@dataclass(frozen=True, slots=True)
class UnlabelledPairs:
    """Pairs that are to be scored: the rows of a table that hold two texts.

    Attributes:
        pairs: The pairs, in their order.
        rows: The number of each pair's row in the table, counted from 1 without header and blank lines.
        ids: What stands in the column ``id`` of each row; empty where there is no such column.
        dropped: How many rows were left out, by reason.
    """

    pairs: tuple[Pair, ...]
    rows: tuple[int, ...]
    ids: tuple[Any, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers a query.

    Attributes:
        passage: The passage, with its place in the document.
        similarity: The similarity of its vector to that of the query.
        probability: After re-ranking, how probable it is that it says the same as the query.
        same: After re-ranking, whether it is called the same.
        verdict: The same in a word, which may also be ``unsure``; then ``same`` is False.
        found_by: What ranked it among the best: its ``words``, its ``meaning`` or ``both``.
        words: Its BM25 score; None where its words did not find it.
        best: The sentence of the passage that is nearest to the query, where that was asked for; its place in the
            document.
        metadata: What is known of the document.
    """

    passage: Passage
    similarity: float
    probability: float | None = None
    same: bool | None = None
    verdict: Verdict | None = None
    found_by: FoundBy | None = None
    words: float | None = None
    best: Span | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class EncodeReport:
    """Counts what an encoder could not read; it is handed to ``encode``, and each call adds its own counts.

    Attributes:
        truncated: Texts that were longer than the encoder reads, and were cut.
        unknown: Texts at least half of whose tokens the encoder does not know.
    """

    truncated: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of N pairs; probability and same are None where it has no fitted decision.

    Attributes:
        similarity: (N,) float32, in the range of the model's similarity function.
        probability: (N,) float64 in [0, 1], that the two sides say the same.
        same: (N,) bool, the decision at the fitted threshold.
        unsure: (N,) bool, which of those that are not called the same are not called different either; None where the
            decision has no third answer and knows of every pair.
        unknown: (N,) bool, which of these are unsure because the model does not know their words, or because they
            differ where they are longer than it reads; None where none is.
    """

    similarity: FloatArray
    probability: NDArray[np.float64] | None = None
    same: NDArray[np.bool_] | None = None
    unsure: NDArray[np.bool_] | None = None
    unknown: NDArray[np.bool_] | None = None

    @property
    def verdicts(self) -> list[Verdict] | list[None]:
        """The answer to each of N pairs in a word; None where there is no fitted decision.

        Example:
            >>> Predictions(np.float32([0.2, 0.5]), same=np.array([False, True])).verdicts
            ['no', 'yes']
        """
        if self.same is None:
            return [None] * len(self.similarity)
        words: list[Verdict] = np.where(self.same, "yes", "no").tolist()
        return words if self.unsure is None else np.where(self.unsure, "unsure", words).tolist()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return what is said of each pair, as values of Python's own, which JSON takes.

        Returns:
            For each of N pairs ``similarity`` (float), ``probability`` (float in [0, 1]), ``same`` (bool) and
            ``verdict`` (``yes``, ``no`` or ``unsure``), the last three None where there is no fitted decision.

        Example:
            >>> Predictions(np.float32([0.5]), np.array([0.25]), np.array([False])).to_dicts()
            [{'similarity': 0.5, 'probability': 0.25, 'same': False, 'verdict': 'no'}]
        """
        nothing = [None] * len(self.similarity)
        columns = (
            self.similarity.tolist(),
            nothing if self.probability is None else self.probability.tolist(),
            nothing if self.same is None else self.same.tolist(),
            self.verdicts,
        )
        names = ("similarity", "probability", "same", "verdict")
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
