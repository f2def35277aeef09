"""What an index needs of the place where its vectors are kept."""

from __future__ import annotations

from pathlib import Path
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
    """N vectors of one width, numbered from 0 in the order in which they were added."""

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector."""
        ...

    def __len__(self) -> int:
        """Return N."""
        ...

    def add(self, vectors: FloatArray) -> None:
        """Append (M, D) float32 vectors; their rows follow those that are there."""
        ...

    def search(self, vectors: FloatArray, k: int) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return the (Q, K) scores, best first, and the rows of the K = min(k, N) vectors nearest to each query."""
        ...

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        ...

    def write(self, folder: Path) -> None:
        """Write the vectors into the folder of an index."""
        ...
