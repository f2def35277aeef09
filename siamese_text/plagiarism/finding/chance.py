"""How much evidence innocent pairs of documents reach, how improbable a passage therefore is, and which are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.finding import background

FEWEST_DOCUMENTS = 20  # fewer say too little of what chance does among them
_HIGH, _HIGHER = 0.9, 0.98  # the quantiles between which the scale is read off
_TRIMMED = 0.15  # of the pairs may be copies: nothing is learned from the strongest
_NEVER = 1e-12  # the p-value of what was never seen
_DRAWS = 50  # of whole documents
_MOST_DRAWN = 300  # documents of a larger folder that its tail is learned from

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """The tail of the evidence of innocent pairs: a generalised Pareto distribution, or several equally likely ones.

    Attributes:
        high: (B,) nats that the strongest passage of one innocent pair in ten reaches.
        scale: (B,) nats by which the tail falls off from there.
        enough: Nats that no innocent pair reaches, however many are compared.
    """

    high: Array
    scale: Array
    enough: float = background.ENOUGH

    def p_values(self, nats: Sequence[float]) -> Array:
        """Return how probable it is that an innocent pair has a passage with so much evidence.

        Args:
            nats: (N,) evidence of passages.

        Returns:
            (N,) probabilities, the mean over the distributions.

        Example:
            >>> Chance(np.array([6.0]), np.array([3.0])).p_values([0.0, 6.0, 60.0]).round(4).tolist()
            [1.0, 0.1, 0.0001]
        """
        given = np.asarray(nats, dtype=np.float64)[:, None]
        below = (1 - _HIGH) ** np.minimum(1.0, given / self.high)
        beyond = 1 + background.SHAPE * np.maximum(0.0, given - self.high) / self.scale
        p: Array = (below * beyond ** (-1 / background.SHAPE)).mean(axis=1)
        return np.where(given[:, 0] < self.enough, p, np.minimum(p, _NEVER))

    def needed(self, p: float) -> float:
        """Return the least evidence whose p-value is no larger than one, in nats."""
        low, enough = 0.0, 1.0
        while self.p_values([enough])[0] > max(p, _NEVER):
            low, enough = enough, 2 * enough
        while enough - low > 1e-6 * enough:
            middle = (low + enough) / 2
            low, enough = (low, middle) if self.p_values([middle])[0] <= max(p, _NEVER) else (middle, enough)
        return enough


def learned_chance(
    strongest: Mapping[tuple[int, int], float], documents: int, *, p: float, known_innocent: bool = False
) -> Chance:
    """Learn the tail from a folder's own pairs, of which a few may be copies.

    The evidence of the strongest passage of an innocent pair has about an exponential tail (Karlin and Altschul,
    "Methods for assessing the statistical significance of molecular sequence features", 1990); that of texts on one
    task is heavier, since some quote one sentence. Its scale is read off between two quantiles of the pairs, without
    the strongest, and again without those whose p-value is too small for chance, until these are the same. The pairs
    of one document depend on each other: whole documents are drawn with replacement, and each draw has its tail.

    Args:
        strongest: The evidence of the strongest passage of each pair of documents, by their numbers, that has any.
        documents: How many documents there are.
        p: A pair with a smaller p-value is no chance.
        known_innocent: Whether nobody copied: then nothing is trimmed.

    Returns:
        The tails of the draws.
    """
    kept = min(documents, _MOST_DRAWN)
    order = sorted(((nats, pair) for pair, nats in strongest.items() if max(pair) < kept and nats > 0), reverse=True)
    nats = np.array([one for one, _ in order], dtype=np.float64)
    rows = np.array([pair for _, pair in order], dtype=np.int64).reshape(-1, 2)
    rng = np.random.default_rng(0)
    draws = [np.ones(kept), *rng.multinomial(kept, np.full(kept, 1 / kept), size=_DRAWS - 1)]
    tails = [_tail(nats, drawn[rows].prod(axis=1), _pairs(drawn), p, known_innocent) for drawn in draws]
    high, scale = np.array(tails, dtype=np.float64).T
    enough = max(background.ENOUGH, 2 * float(nats.max(initial=0))) if known_innocent else background.ENOUGH
    return Chance(high, scale, enough)


def source_chance() -> Chance:
    """Return the tail of a text and a source on its task that somebody named, from the shipped background.

    The folder cannot say it: where a source was handed out, most may have copied from it.
    """
    return Chance(np.array([background.SOURCE_HIGH]), np.array([background.SOURCE_SCALE]))


def usual_chance(documents: int, alike: float) -> Chance:
    """Return the tail that folders of few documents show: those of the shipped background.

    Args:
        documents: How many documents there are.
        alike: The share of their pairs that have any evidence: most where all write on one task, few otherwise.

    Returns:
        One tail, between the shipped ones.
    """
    part = float(np.interp(alike, background.ALIKE, (0, 1)))
    sizes = [row.documents for row in background.TAILS]
    tails = [
        ((1 - part) * row.high + part * row.high_on_one_task, (1 - part) * row.scale + part * row.scale_on_one_task)
        for row in background.TAILS
    ]
    high, scale = (np.array([np.interp(documents, sizes, column)]) for column in zip(*tails, strict=True))
    return Chance(high, scale)


def largest_listed(p_values: Sequence[float], tests: int, false_share: float) -> float:
    """Return the largest p-value that may be listed so that no more than a share of the list is expected false.

    Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995.

    Args:
        p_values: Those of the pairs that have any evidence.
        tests: How many pairs were compared.
        false_share: The share of the listed pairs that may be there by chance, in (0, 1).

    Returns:
        The p-value; where nothing may be listed that which a single pair must reach.

    Example:
        >>> round(largest_listed([0.6, 0.001, 0.02, 0.2], tests=4, false_share=0.05), 4)
        0.025
    """
    if not tests:
        return false_share
    ordered = np.sort(np.asarray(p_values, dtype=np.float64))
    allowed = false_share * np.arange(1, len(ordered) + 1) / tests
    listed = np.flatnonzero(ordered <= allowed)
    return float(allowed[listed[-1]]) if len(listed) else false_share / tests


def _scales(p: float) -> float:
    """Return by how many scales the evidence with a p-value lies above that which a tenth of the pairs reach."""
    return float(((1 - _HIGH) / p) ** background.SHAPE - 1) / background.SHAPE


def _pairs(drawn: Array) -> float:
    """Count the pairs of different documents, each as often as it was drawn."""
    return float(drawn.sum() ** 2 - (drawn**2).sum()) / 2


def _tail(nats: Array, weights: Array, pairs: float, p: float, known_innocent: bool) -> tuple[float, float]:
    """Fit one tail to evidence in decreasing order, of which each has a weight; the rest of the pairs have none."""
    above = np.cumsum(weights)

    def quantile(level: float, left_out: float) -> float:
        place = int(np.searchsorted(above, left_out + (1 - level) * (pairs - left_out)))
        return float(nats[place]) if place < len(nats) else 0.0

    left_out = 0.0 if known_innocent else _TRIMMED * pairs
    while True:
        high, higher = quantile(_HIGH, left_out), quantile(_HIGHER, left_out)
        high = max(high, background.LEAST_HIGH)
        scale = max((higher - high) / _scales(1 - _HIGHER), background.LEAST_SCALE)
        if not known_innocent:  # where most copied, the copies would be taken for chance
            high, scale = min(high, background.MOST_HIGH), min(scale, background.MOST_SCALE)
        copies = float(weights[nats > high + scale * _scales(p)].sum()) if left_out else 0.0
        if copies >= left_out:
            return high, scale
        left_out = copies
