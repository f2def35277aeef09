"""Vectors in an array, in memory or memory-mapped, of which every one is compared with a query."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from siamese_text.records import FloatArray
from siamese_text.search.stores.base import Similarity, check_similarity
from siamese_text.search.top_k import top_k
from siamese_text.unit_rows import TINY


class ExactStore:
    """N vectors whose nearest are found by comparing all of them.

    Args:
        vectors: (N, D) float32 of any length, in memory or memory-mapped.
        similarity: What the scores are: ``cosine``, in [-1, 1], or ``dot``, without bounds.

    Raises:
        UsageError: There is no such similarity.

    Example:
        >>> store = ExactStore(np.float32([[1, 0], [0, 2], [3, 3]]), "dot")
        >>> scores, rows = store.search(np.float32([[0, 5]]), k=2)
        >>> rows.tolist(), scores.tolist()
        ([[2, 1]], [[15.0, 10.0]])
    """

    def __init__(self, vectors: FloatArray, similarity: Similarity = "cosine") -> None:
        check_similarity(similarity)
        self.vectors = vectors
        self.similarity = similarity

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector."""
        return int(self.vectors.shape[1])

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
            return top_k(vectors, self.vectors, k, allowed=allowed)
        # a product with a query of unit length, over the norm of the row, is the cosine: no normalised copy is made
        scores, rows = top_k(vectors / _norms(vectors)[:, None], self.vectors, k, norms=self._norms, allowed=allowed)
        return scores.clip(-1, 1), rows  # rounding can pass 1

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        return self.vectors[rows]

    @classmethod
    def open(cls, path: Path, similarity: Similarity) -> ExactStore:
        """Open a ``.npy`` file without reading it into memory."""
        return cls(open_memmap(path, mode="r"), similarity)

    @cached_property
    def _norms(self) -> FloatArray:
        return _norms(self.vectors)


def similarity_to(query: FloatArray, vectors: FloatArray, similarity: Similarity) -> FloatArray:
    """Return the (N,) similarities of (N, D) vectors to a (D,) query, as a search gives them."""
    products: FloatArray = vectors @ query
    return products if similarity == "dot" else (products / _norms(vectors) / _norms(query[None])).clip(-1, 1)


def _norms(vectors: FloatArray) -> FloatArray:
    """Return the (N,) Euclidean norms, without the copy of a memory-mapped array that np.linalg.norm makes."""
    squares: FloatArray = np.einsum("nd,nd->n", vectors, vectors)
    return np.sqrt(squares).clip(min=TINY)  # a vector of zeros gets a cosine of 0
