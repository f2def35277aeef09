"""What an index needs of the place where its vectors are kept."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.records import FloatArray

Similarity = Literal["cosine", "dot"]


def check_similarity(name: str) -> None:
    """Refuse a similarity that no store compares by.

    Raises:
        UsageError: There is no such similarity.
    """
    if name not in get_args(Similarity):
        raise UsageError(f"similarity is {name!r}; give 'cosine' or 'dot'")


class VectorStore(Protocol):
    """N vectors of one width, numbered from 0."""

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector."""
        ...

    def __len__(self) -> int:
        """Return N."""
        ...

    def search(
        self, vectors: FloatArray, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return the (Q, K) scores, best first, and the rows of the K vectors nearest to each query.

        ``allowed`` is (N,) bool: only these rows are found, and all of them can be: K = min(k, how many these are).
        """
        ...

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        ...
