"""The nouns that the packages hand to one another, and the two protocols that stand for a model.

Letters in shapes, here and everywhere: B batch, T tokens, D width of an embedding, N texts or pairs, Q queries,
K kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Progress = Callable[[int, int], None]  # is told how many are done, and of how many
Precision = Literal["fp32", "int8"]  # of an encoder's multiplications
Shape = Literal["pairs", "graded", "positives", "triplets", "classes"]
SHAPES: Mapping[Shape, str] = {
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
class Document:
    """A file that was found: its text, or the reason why it could not be used.

    ``name`` is the path relative to the folder that was read, with forward slashes. Where ``problem`` is set,
    ``text`` is empty.
    """

    name: str
    text: str = ""
    format: str = "txt"
    problem: str | None = None


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
class Hit:
    """A passage that answers a query, with its similarity and, after re-ranking, its probability and yes or no."""

    passage: Passage
    similarity: float
    probability: float | None = None
    same: bool | None = None


@dataclass(frozen=True, slots=True)
class Judgements:
    """What a model says of N pairs; probability and same are None where it has no fitted decision.

    Attributes:
        similarity: (N,) float32, in the range of the model's similarity function.
        probability: (N,) float64 in [0, 1], that the two sides say the same.
        same: (N,) bool, the decision at the fitted threshold.
    """

    similarity: FloatArray
    probability: NDArray[np.float64] | None = None
    same: NDArray[np.bool_] | None = None


class TextsCut(UserWarning):
    """Warns of texts that were longer than an encoder reads; ``cut`` counts them."""

    def __init__(self, cut: int, message: str) -> None:
        super().__init__(message)
        self.cut = cut


class TextsUnknown(UserWarning):
    """Warns of texts at least half of whose tokens an encoder does not know; ``unknown`` counts them."""

    def __init__(self, unknown: int, message: str) -> None:
        super().__init__(message)
        self.unknown = unknown


class Encodes(Protocol):
    """Anything that turns texts into vectors: all that search and plagiarism need of an encoder."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts, in their order."""
        ...


class EncodesTokens(Encodes, Protocol):
    """An encoder that also gives the embeddings of tokens, for a head that aligns the two sides of a pair."""

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts, in their order."""
        ...

    def encode_tokens(
        self, texts: Sequence[str], project: Callable[[FloatArray], FloatArray], *, progress: Progress | None = None
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Return the (N, D) embeddings of N texts and for each its tokens, (T, d), after a projection."""
        ...


class Judges(Protocol):
    """Anything that decides about pairs: all that re-ranking and confirming need of a model."""

    def judge(self, left: FloatArray, right: FloatArray, sides: Sequence[tuple[str, str]]) -> Judgements:
        """Judge N pairs of texts whose embeddings are at hand, as two (N, D) float32 arrays."""
        ...
