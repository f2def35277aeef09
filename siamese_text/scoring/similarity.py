"""The four similarity functions, larger meaning more alike, under the names that a model folder saves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from siamese_text.errors import UsageError
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows


def cosine(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the cosine of the angle between the rows of two arrays.

    Args:
        left: (N, D) float32.
        right: (N, D) float32.

    Returns:
        (N,) float32 in [-1, 1].

    Example:
        >>> cosine(np.float32([[3, 4], [1, 0]]), np.float32([[6, 8], [0, 2]])).tolist()
        [1.0, 0.0]
    """
    cosines: FloatArray = dot(unit_rows(left), unit_rows(right)).clip(-1, 1)
    return cosines


def dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N,) dot products of the rows of two (N, D) arrays."""
    products: FloatArray = np.einsum("nd,nd->n", left, right)
    return products


def euclidean(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N,) negative Euclidean distances, in (-inf, 0], of the rows of two (N, D) arrays."""
    distances: FloatArray = np.linalg.norm(left - right, axis=1)
    return -distances


def manhattan(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N,) negative Manhattan distances, in (-inf, 0], of the rows of two (N, D) arrays."""
    distances: FloatArray = np.abs(left - right).sum(axis=1)
    return -distances


SIMILARITIES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "cosine": cosine,
    "dot": dot,
    "euclidean": euclidean,
    "manhattan": manhattan,
}


def pairwise(name: str, left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the similarity called ``name`` of the rows of two (N, D) arrays, (N,) float32.

    Raises:
        UsageError: There is no similarity of that name.
    """
    if name not in SIMILARITIES:
        raise UsageError(f"similarity is '{name}'; choose from {', '.join(SIMILARITIES)}")
    return SIMILARITIES[name](left, right)
