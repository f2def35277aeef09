"""Distances of embeddings, row by row and each with each; the margins and temperatures that they allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from siamese_text.errors import UsageError

Distance: TypeAlias = Literal["cosine", "euclidean"]
LARGEST_COSINE_DISTANCE = 2.0  # 1 − cos of opposite vectors
LARGEST_UNIT_EUCLIDEAN = 2.0  # between opposite unit vectors
SMALLEST_SQUARE = 1e-12  # the gradient of a square root at 0 is infinite
SMALLEST_TEMPERATURE, LARGEST_TEMPERATURE = 0.001, 1.0


def full_precision(values: Tensor) -> Tensor:
    """Return half-precision values as float32, and others as they are: a loss never computes in 8 or 11 bits."""
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def products(u: Tensor, v: Tensor) -> Tensor:
    """Return the (N, M) dot products of the rows of (N, D) and (M, D), in full precision also under autocast."""
    with torch.autocast(u.device.type, enabled=False):
        return full_precision(u) @ full_precision(v).T


def cosine_matrix(u: Tensor, v: Tensor) -> Tensor:
    """Return the (N, M) cosines, in [-1, 1] up to rounding, of the rows of (N, D) and (M, D)."""
    return products(functional.normalize(full_precision(u)), functional.normalize(full_precision(v)))


def cosine_rows(u: Tensor, v: Tensor) -> Tensor:
    """Return the (B,) cosines, in [-1, 1] up to rounding, of the rows of two (B, D) tensors."""
    return functional.cosine_similarity(full_precision(u), full_precision(v))


def cosine_distance(u: Tensor, v: Tensor) -> Tensor:
    """Return (B,) 1 − cos(u, v), in [0, 2]."""
    return 1 - cosine_rows(u, v)


def cosine_distance_matrix(u: Tensor, v: Tensor) -> Tensor:
    """Return (N, M) 1 − cos, in [0, 2], of the rows of (N, D) and (M, D)."""
    return 1 - cosine_matrix(u, v)


def euclidean_distance(u: Tensor, v: Tensor) -> Tensor:
    """Return (B,) Euclidean distances of the rows of two (B, D) tensors."""
    return (full_precision(u) - full_precision(v)).square().sum(dim=1).clamp(min=SMALLEST_SQUARE).sqrt()


def euclidean_distance_matrix(u: Tensor, v: Tensor) -> Tensor:
    """Return (N, M) Euclidean distances of the rows of (N, D) and (M, D); the gradient at distance 0 is 0."""
    return torch.cdist(full_precision(u), full_precision(v), compute_mode="donot_use_mm_for_euclid_dist")


DISTANCES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cosine": cosine_distance,
    "euclidean": euclidean_distance,
}
DISTANCE_MATRICES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cosine": cosine_distance_matrix,
    "euclidean": euclidean_distance_matrix,
}


def mean_or_zero(terms: Tensor) -> Tensor:
    """Return the mean of (N,) terms, and 0 (with a gradient, of 0) where there are none."""
    return terms.sum() / max(len(terms), 1)


def checked_margin(distance: str, margin: float | None, defaults: Mapping[str, float], *, normalized: bool) -> float:
    """Return the margin, or the distance's default, if some pair of embeddings can reach it.

    Args:
        distance: ``cosine`` or ``euclidean``.
        margin: None takes the default.
        defaults: The margins of the loss that nobody sets, by distance.
        normalized: Whether the embeddings have unit length, which bounds the Euclidean distance.

    Raises:
        UsageError: The distance is unknown, or no pair could ever reach the margin.

    Example:
        >>> checked_margin("cosine", 2.5, {"cosine": 0.5}, normalized=True)
        Traceback (most recent call last):
        siamese_text.errors.UsageError: margin is 2.5; the cosine distance here allows more than 0, at most 2
    """
    if distance not in DISTANCES:
        raise UsageError(f"distance is '{distance}'; choose from {', '.join(DISTANCES)}")
    if margin is None:
        return defaults[distance]
    bounded = distance == "cosine" or normalized
    largest = LARGEST_COSINE_DISTANCE if distance == "cosine" else LARGEST_UNIT_EUCLIDEAN
    if not (margin > 0 and math.isfinite(margin)) or (bounded and margin > largest):
        limit = f"at most {largest:g}" if bounded else "any positive number"
        raise UsageError(f"margin is {margin:g}; the {distance} distance here allows more than 0, {limit}")
    return margin


def checked_temperature(temperature: float | None, default: float, *, bounded: bool = True) -> float:
    """Return the temperature, or the default, if a softmax of the similarities can learn at it.

    Above 1, similarities in [-1, 1] cannot tell candidates apart; below 0.001, float32 logits of up to 1000 lose
    the digits that tell near candidates apart.

    Args:
        temperature: None takes the default.
        default: The temperature of the loss that nobody sets.
        bounded: Whether the similarities are: cosines, or distances of unit vectors.

    Raises:
        UsageError: The temperature is not positive, or out of the range of bounded similarities.
    """
    if temperature is None:
        return default
    if not bounded and temperature > 0 and math.isfinite(temperature):
        return temperature
    if bounded and SMALLEST_TEMPERATURE <= temperature <= LARGEST_TEMPERATURE:
        return temperature
    limit = f"{SMALLEST_TEMPERATURE:g} to {LARGEST_TEMPERATURE:g}" if bounded else "more than 0"
    raise UsageError(
        f"temperature is {temperature:g}; similarities here allow {limit} (a scale of 20 is a temperature of 0.05)"
    )
