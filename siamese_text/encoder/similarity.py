"""The similarity of every vector of one array with every one of another, by the function that a model was made for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows


def cosine(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N, M) cosines, in [-1, 1], of (N, D) and (M, D) vectors; 0 where a vector is all zeros."""
    cosines: FloatArray = (unit_rows(left) @ unit_rows(right).T).clip(-1, 1)
    return cosines


def dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N, M) dot products of (N, D) and (M, D) vectors."""
    products: FloatArray = left @ right.T
    return products


def euclidean(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N, M) negative Euclidean distances, in (-inf, 0], of (N, D) and (M, D) vectors."""
    from scipy.spatial.distance import cdist

    distances: FloatArray = -cdist(left, right, "euclidean")
    return distances


def manhattan(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the (N, M) negative Manhattan distances, in (-inf, 0], of (N, D) and (M, D) vectors."""
    from scipy.spatial.distance import cdist

    distances: FloatArray = -cdist(left, right, "cityblock")
    return distances


# Under the names that a model folder saves.
SIMILARITIES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "cosine": cosine,
    "dot": dot,
    "euclidean": euclidean,
    "manhattan": manhattan,
}


def similarity_matrix(name: str, left: FloatArray, right: FloatArray) -> FloatArray:
    """Compare every vector of one array with every one of another.

    Args:
        name: Out of ``SIMILARITIES``.
        left: (N, D), or (D,) for one vector.
        right: (M, D), or (D,).

    Returns:
        (N, M) float32, larger meaning more alike.

    Example:
        >>> similarity_matrix("euclidean", np.float32([[0, 0], [3, 4]]), np.float32([0, 0])).tolist()
        [[-0.0], [-5.0]]
    """
    matrix = SIMILARITIES[name](np.atleast_2d(left), np.atleast_2d(right))
    return matrix.astype(np.float32, copy=False)
