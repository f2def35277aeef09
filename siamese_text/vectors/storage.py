"""Vectors as they are stored: fewer dimensions, halves, bytes or bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

# How a number is stored; binary packs the signs of eight into a byte.
DTYPES: Mapping[str, type[np.generic]] = {
    "float32": np.float32,
    "float16": np.float16,
    "int8": np.int8,
    "binary": np.uint8,
}
LARGEST = 127  # of int8; -128 is left out so that the range is the same on both sides of 0
HEADROOM = 1.25  # how far the int8 range reaches beyond the largest number of the first chunk


def check_dtype(dtype: str) -> None:
    """Refuse what numbers are not stored as.

    Raises:
        UsageError: There is no such dtype.
    """
    if dtype not in DTYPES:
        raise UsageError(f"dtype is '{dtype}'; choose from {', '.join(DTYPES)}")


@dataclass(frozen=True, slots=True)
class Storage:
    """How (N, D) float32 vectors are stored.

    Attributes:
        dtype: One of ``DTYPES``.
        dimensions: How many of the D are kept, the first ones.
        normalize: Whether what is kept gets unit length again.
    """

    dtype: str
    dimensions: int
    normalize: bool

    def __post_init__(self) -> None:
        if self.dimensions < 1:
            raise UsageError(f"dimensions is {self.dimensions}; keep 1 or more")
        if self.dtype == "binary" and self.dimensions % 8:
            raise UsageError(
                f"binary packs 8 dimensions into a byte, and {self.dimensions} is no multiple of 8; "
                f"keep {self.dimensions // 8 * 8 or 8} with --dimensions"
            )

    @property
    def columns(self) -> int:
        """How many numbers are stored for a vector."""
        return self.dimensions // 8 if self.dtype == "binary" else self.dimensions

    @property
    def numpy(self) -> np.dtype[Any]:
        """The type of a stored number, little-endian on every machine."""
        return np.dtype(DTYPES[self.dtype]).newbyteorder("<")

    def reduced(self, vectors: FloatArray) -> FloatArray:
        """Keep the first dimensions of (N, D) vectors, (N, K) float32, of unit length where that is asked for."""
        if self.dimensions == vectors.shape[1]:
            return vectors
        kept = vectors[:, : self.dimensions]
        if not self.normalize:
            return kept
        return unit_rows(kept)

    def stored(self, reduced: FloatArray, scale: float | None) -> NDArray[Any]:
        """Round vectors to how they are stored.

        Args:
            reduced: (N, K) float32.
            scale: What one step of an int8 stands for; see ``int8_scale``.

        Returns:
            (N, columns) of the stored type.

        Example:
            >>> vectors = np.array([[0.5, -0.25, 0.1, -0.1, 0.0, 0.3, -0.2, 0.2]], dtype=np.float32)
            >>> Storage("int8", 8, False).stored(vectors, scale=0.005).tolist()
            [[100, -50, 20, -20, 0, 60, -40, 40]]
            >>> Storage("binary", 8, False).stored(vectors, scale=None).tolist()  # 0b10100101
            [[165]]
        """
        if self.dtype == "binary":
            return np.packbits(reduced > 0, axis=1)
        if self.dtype == "int8":
            assert scale is not None
            steps = np.rint(reduced / np.float32(scale))
            return steps.clip(-LARGEST, LARGEST).astype(np.int8)  # type: ignore[no-any-return]
        return reduced.astype(self.numpy)

    def nothing(self, rows: int) -> NDArray[Any]:
        """Return what is stored for rows without text: NaN, or 0 where the type has no NaN."""
        fill = np.nan if self.dtype.startswith("float") else 0
        return np.full((rows, self.columns), fill, dtype=self.numpy)


def int8_scale(reduced: FloatArray) -> float:
    """Return what one step of an int8 stands for, told by the first vectors of a source.

    One scale for all dimensions, the same on both sides of 0: so the dot product of two stored vectors is that of the
    vectors divided by ``scale²``, and neighbours can be found without unpacking anything.

    Args:
        reduced: (N, K) float32, N at least 1.

    Returns:
        The scale: vector ≈ int8 × scale.
    """
    return float(np.abs(reduced).max(initial=0) or 1) * HEADROOM / LARGEST


def clipped(reduced: FloatArray, scale: float) -> int:
    """Count the numbers that lie beyond the int8 range, and are stored as its end."""
    return int(np.count_nonzero(np.abs(reduced) > (LARGEST + 0.5) * scale))
