"""Vectors in an array, in memory or memory-mapped, of which every one is compared with a query."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from siamese_text.records import FloatArray
from siamese_text.search.stores.base import Similarity, check_similarity
from siamese_text.search.stores.precision import numbers_of, scales_of, unpacked
from siamese_text.search.top_k import top_k
from siamese_text.unit_rows import TINY

NORMS_BLOCK = 16384  # rows


class ExactStore:
    """N vectors whose nearest are found by comparing all of them.

    Args:
        vectors: (N, D) float32 or float16 of any length, or N rows of int8 as ``packed`` gives them; in memory or
            memory-mapped. They are compared in float32, block by block: only queries are never rounded.
        similarity: What the scores are: ``cosine``, in [-1, 1], or ``dot``, without bounds.

    Raises:
        UsageError: There is no such similarity.

    Example:
        >>> store = ExactStore(np.float32([[1, 0], [0, 2], [3, 3]]), "dot")
        >>> scores, rows = store.search(np.float32([[0, 5]]), k=2)
        >>> rows.tolist(), scores.tolist()
        ([[2, 1]], [[15.0, 10.0]])
    """

    def __init__(self, vectors: NDArray[Any], similarity: Similarity = "cosine") -> None:
        check_similarity(similarity)
        self.vectors = vectors
        self._numbers = numbers_of(vectors)
        self.similarity = similarity

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector."""
        return int(self._numbers.shape[1])

    def __len__(self) -> int:
        """Return N."""
        return len(self.vectors)

    def search(
        self, vectors: FloatArray, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Find the vectors nearest to each of Q queries.

        Args:
            vectors: (Q, D) float32, the queries.
            k: How many to find for each; K = min(k, rows that may be found).
            allowed: (N,) bool, the rows that may be found; by default all.

        Returns:
            The (Q, K) float32 scores, best first, and the (Q, K) int64 rows that they belong to.

        Raises:
            UsageError: ``k`` is below 1.
            BadData: The queries are of another width, or a score is not a number.
        """
        if self.similarity == "dot":
            return top_k(vectors, self._numbers, k, norms=self._divisors, allowed=allowed)
        # a product with a query of unit length, over the norm of the row, is the cosine: no normalised copy is made
        units = vectors / _norms(vectors)[:, None]
        scores, rows = top_k(units, self._numbers, k, norms=self._divisors, allowed=allowed)
        return scores.clip(-1, 1), rows  # rounding can pass 1

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        return unpacked(np.take(self.vectors, rows, axis=0))

    @classmethod
    def open(cls, path: Path, similarity: Similarity) -> ExactStore:
        """Open a ``.npy`` file without reading it into memory."""
        return cls(open_memmap(path, mode="r"), similarity)

    @cached_property
    def _divisors(self) -> FloatArray | None:
        """By what a product with the stored numbers of each row is divided; a cosine needs no scale of an int8 row."""
        if self.similarity == "cosine":
            return _norms(self._numbers)
        scales = scales_of(self.vectors)
        return None if scales is None else np.float32(1) / scales


def similarity_to(query: FloatArray, vectors: FloatArray, similarity: Similarity) -> FloatArray:
    """Return the (..., N) similarities of (..., N, D) vectors to (..., D) queries, as a search gives them."""
    products: FloatArray = np.einsum("...nd,...d->...n", vectors, query)
    if similarity == "dot":
        return products
    lengths = np.linalg.norm(query, axis=-1, keepdims=True).clip(min=TINY)
    norms = np.sqrt(np.einsum("...nd,...nd->...n", vectors, vectors)).clip(min=TINY)  # np.linalg.norm copies them
    cosines: FloatArray = products / norms / lengths
    return cosines.clip(-1, 1)


def _norms(numbers: NDArray[Any]) -> FloatArray:
    """Return the (N,) float32 Euclidean norms, without the copy of a memory-mapped array that np.linalg.norm makes."""
    squares = np.zeros(len(numbers), np.float32)
    for start in range(0, len(numbers), NORMS_BLOCK):
        block = np.asarray(numbers[start : start + NORMS_BLOCK], np.float32)
        np.einsum("nd,nd->n", block, block, out=squares[start : start + NORMS_BLOCK])
    return np.sqrt(squares).clip(min=TINY)  # a vector of zeros gets a cosine of 0
