"""Vectors of unit length, and what becomes of one that has no direction: the one policy for all rooms."""

from __future__ import annotations

import numpy as np

from siamese_text.records import FloatArray

TINY = np.finfo(np.float32).tiny  # a length is divided by at least this, so a vector of zeros stays and is not NaN


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Scale vectors to unit length; one of zeros stays as it is, so its cosine with anything is 0.

    Args:
        vectors: (..., D) float32 or float64.

    Returns:
        (..., D) in the same dtype.

    Example:
        >>> unit_rows(np.float32([[3, 4], [0, 0]])).round(3).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: FloatArray = vectors / np.maximum(lengths, TINY)
    return scaled
