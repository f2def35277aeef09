"""What stands for a model: the few methods that search, plagiarism and estimators need of one; and progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from siamese_text.records import FloatArray, Predictions

Progress = Callable[[int, int], None]  # is told how many are done, and of how many
Stage = Callable[[str], None]  # is told what begins, in words


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


@runtime_checkable
class KnowsWords(Protocol):
    """An encoder that can say which words it has a token for, which it has to guess from pieces, and which it cuts."""

    def word_pieces(self, words: Sequence[str]) -> Sequence[int | None]:
        """Return how many tokens each of some words is made of, None for one that holds a token of the unknown."""
        ...

    def unread(self, texts: Sequence[str]) -> Sequence[str]:
        """Return what of each text is beyond the length that the encoder reads: of most texts nothing."""
        ...


class PredictsPairs(Protocol):
    """Anything that decides about pairs: all that re-ranking and confirming need of a model."""

    def predict(
        self, pairs: Sequence[tuple[str, str]], *, vectors: Mapping[str, FloatArray] | None = None
    ) -> Predictions:
        """Predict of N pairs of texts whether they say the same.

        ``vectors`` are embeddings of texts at hand, (D,) each, so that these need not be encoded again. A model that
        reads more of a text than its embedding leaves them aside.
        """
        ...
