"""How vectors lie in a file: as they are, in half the bytes, or in a quarter of them."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, UsageError
from siamese_text.records import FloatArray

Precision = Literal["float32", "float16", "int8"]
LARGEST = 127  # of an int8; -128 is left out so that the range is the same on both sides of 0


def check_precision(name: str) -> None:
    """Refuse a precision that no file has.

    Raises:
        UsageError: There is no such precision.
    """
    if name not in get_args(Precision):
        raise UsageError(f"precision is {name!r}; choose from {', '.join(get_args(Precision))}")


def packed(vectors: FloatArray, precision: Precision) -> NDArray[Any]:
    """Return vectors as they lie in a file.

    An int8 row has a scale of its own, so that its largest number is kept as ±127, however long the vector is.

    Args:
        vectors: (N, D) float32.
        precision: What of them is kept.

    Returns:
        (N, D) float32 or float16, or (N,) rows with a ``scale`` and D ``steps`` of int8.

    Raises:
        BadData: A number is beyond those of float16.

    Example:
        >>> packed(np.float32([[0.5, -2.0]]), "int8")["steps"].tolist()
        [[32, -127]]
    """
    if precision == "float32":
        return np.ascontiguousarray(vectors, "<f4")
    largest = np.abs(vectors).max(axis=1, initial=0)
    if precision == "float16":
        most = np.finfo(np.float16).max
        if largest.max(initial=0) > most:
            raise BadData(
                f"a vector has the number {largest.max():g}, and float16 holds at most {most:g}; take float32"
            )
        return np.ascontiguousarray(vectors, "<f2")
    rows = np.zeros(len(vectors), [("scale", "<f4"), ("steps", "i1", (vectors.shape[1],))])
    rows["scale"] = np.where(largest > 0, largest / LARGEST, 1)
    rows["steps"] = np.rint(vectors / rows["scale"][:, None])
    return rows


def numbers_of(stored: NDArray[Any]) -> NDArray[Any]:
    """Return the (N, D) numbers of stored vectors, each row of an int8 file without its scale."""
    return stored["steps"] if stored.dtype.names else stored


def scales_of(stored: NDArray[Any]) -> FloatArray | None:
    """Return the (N,) float32 scales of an int8 file, by which its numbers are multiplied; None for others."""
    return np.ascontiguousarray(stored["scale"], np.float32) if stored.dtype.names else None


def unpacked(stored: NDArray[Any]) -> FloatArray:
    """Return stored vectors as (N, D) float32."""
    numbers, scales = np.asarray(numbers_of(stored), np.float32), scales_of(stored)
    return numbers if scales is None else numbers * scales[:, None]
