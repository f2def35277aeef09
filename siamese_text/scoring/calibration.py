"""From raw scores to log-odds that come true: a logistic regression, and an isotonic map where that is better.

    z = w₁·s₁ + … + wₙ·sₙ + c        logistic regression; of one score it is Platt's scaling (Platt 1999)
    y = g(z)                         centered isotonic regression (Oron and Flournoy 2017), only if it wins

Both keep the order of the scores: no w is negative, and g rises strictly, so calibration changes no ranking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError

Floats = NDArray[np.float64]
Labels = NDArray[np.integer]
Calibration = Literal["platt", "isotonic"]

SMALLEST_SPREAD = 1e-9  # scores that spread less are all the same
# Log-odds for a standard deviation: scores that go against the labels get a nearly constant probability, never a
# reversed one.
SMALLEST_SLOPE = 1e-3
LARGEST_LOG_ODDS = 30.0  # beyond it float64 rounds a probability to 1
RIDGE = 1e-4  # keeps slopes finite where labels are separated, and changes none else
MOST_STEPS = 100  # of Newton's method, which takes about ten
SMALLEST_STEP = 1e-12
FOLDS = 5
GROUP = 20  # pairs whose frequency is one value of the isotonic regression
FEWEST = 10 * GROUP  # pairs that an isotonic map can be learned from


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A strictly rising map from log-odds to log-odds: linear between its knots, nearly flat beyond them.

    Attributes:
        inputs: The knots' log-odds before, rising.
        outputs: Their log-odds after, rising.

    Example:
        >>> rising = Isotonic((-1.0, 1.0), (-2.0, 2.0))
        >>> rising.apply(np.array([0.5, 3.0])).tolist(), rising.inverse(1.0)
        ([1.0, 2.002], 0.5)
    """

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]

    def apply(self, log_odds: Floats) -> Floats:
        """Return the calibrated log-odds of (N,) log-odds."""
        beyond = log_odds - np.clip(log_odds, self.inputs[0], self.inputs[-1])
        return np.interp(log_odds, self.inputs, self.outputs) + SMALLEST_SLOPE * beyond

    def inverse(self, log_odds: float) -> float:
        """Return the log-odds whose calibrated log-odds these are."""
        beyond = log_odds - float(np.clip(log_odds, self.outputs[0], self.outputs[-1]))
        return float(np.interp(log_odds, self.outputs, self.inputs)) + beyond / SMALLEST_SLOPE


def fit_logistic(
    labels: Labels, columns: Floats, counts: Floats | None = None, *, free: int = 0
) -> tuple[Floats, float]:
    """Fit the log-odds of the label 1 as a weighted sum of scores.

    Args:
        labels: (N,) 0 or 1, both present.
        columns: (N, C) scores, larger = more alike.
        counts: (N,), how much each pair counts; None counts each once.
        free: How many of the last columns may get a negative weight.

    Returns:
        (C,) weights and the constant. A score that would get a negative weight is left out; where all are, each keeps a
        weight just above 0 and what is free gets none, so that the probability is nearly the share of positives.
    """
    # Standardised columns let an almost unpenalised fit converge, and slopes be compared, at any scale of the scores.
    center, spread = columns.mean(axis=0), columns.std(axis=0)
    spread[spread < SMALLEST_SPREAD] = 1
    standard = (columns - center) / spread
    scores = columns.shape[1] - free
    kept = list(range(columns.shape[1]))
    # Fit; drop the score with the lowest slope while it is not above 0; fit again without it.
    while len(kept) > free:
        slopes, constant = _most_likely(labels, standard[:, kept], counts)
        rising = slopes[: len(kept) - free]
        if rising.min() > SMALLEST_SLOPE:
            break
        kept.pop(int(rising.argmin()))
    # Slopes of standardised columns become weights of the columns as they are.
    weights = np.zeros(len(spread))
    if len(kept) > free:
        weights[kept] = slopes / spread[kept]
    else:  # no score rises with the labels
        weights[:scores] = SMALLEST_SLOPE / spread[:scores].max()
        constant = log_odds_of(float(np.average(labels, weights=counts)))
    return weights, constant - float(weights @ center)


def fit_isotonic(labels: Labels, log_odds: Floats) -> Isotonic:
    """Fit the rising map under which frequencies follow log-odds.

    Groups of about twenty pairs of neighbouring log-odds give their frequency of the label 1, to which one more pair
    is added that is as probable as its log-odds say, so that none is certain. Of these, neighbours that fall are pooled
    (Ayer et al. 1955). What is left are the knots, each at the centre of its block: between them the map is linear, not
    a step, so that it ties no two pairs (Oron and Flournoy 2017).

    Args:
        labels: (N,) 0 or 1.
        log_odds: (N,), what the regression gives the same pairs.

    Returns:
        The map, with at least one knot.
    """
    from sklearn.isotonic import isotonic_regression

    # Groups of neighbours: which group a pair is in follows from its rank.
    order = np.sort(log_odds)
    ranks = np.searchsorted(order, log_odds)  # equal log-odds share the first one's rank, and so their group
    _, groups = np.unique(ranks * max(len(labels) // GROUP, 1) // len(labels), return_inverse=True)
    # The frequency of the label 1 in each group, with the one more pair.
    sizes = np.bincount(groups)
    expected = np.bincount(groups, weights=probability_of(log_odds)) / sizes
    frequency = (np.bincount(groups, weights=labels) + expected) / (sizes + 1)
    # Groups that fall are pooled into blocks of one frequency; each block is a knot at the mean of its log-odds.
    pooled = isotonic_regression(frequency, sample_weight=sizes)
    _, blocks = np.unique(np.round(pooled, 12), return_inverse=True)
    weights = np.bincount(blocks, weights=sizes)
    centers = np.bincount(blocks, weights=np.bincount(groups, weights=log_odds)) / weights
    values = np.bincount(blocks, weights=pooled * sizes) / weights
    return Isotonic(tuple(centers.tolist()), tuple(log_odds_of(value) for value in values.tolist()))


def choose_calibration(labels: Labels, columns: Floats) -> Calibration:
    """Say whether the isotonic map makes probabilities of unseen pairs better.

    Args:
        labels: (N,) 0 or 1, both present.
        columns: (N, C) scores.

    Returns:
        ``isotonic`` where it lowers the cross-fitted log loss, else ``platt``, also where there are too few pairs to
        learn the map from.
    """
    if len(labels) < FEWEST or np.bincount(labels, minlength=2).min() < FOLDS:
        return "platt"
    gain = 0.0
    for rest, fold in folds(labels):
        weights, bias = fit_logistic(labels[rest], columns[rest])
        isotonic = fit_isotonic(labels[rest], columns[rest] @ weights + bias)
        log_odds = columns[fold] @ weights + bias
        gain += _log_loss(labels[fold], log_odds) - _log_loss(labels[fold], isotonic.apply(log_odds))
    return "isotonic" if gain > 0 else "platt"


def folds(labels: Labels, seed: int = 0) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield the rows outside and inside each of five folds (fewer of a rarer class) of the same class balance."""
    from sklearn.model_selection import StratifiedKFold

    count = min(FOLDS, int(np.bincount(labels, minlength=2).min()))
    yield from StratifiedKFold(count, shuffle=True, random_state=seed).split(labels, labels)


def log_odds_of(probability: float) -> float:
    """Return the natural logarithm of p / (1 − p)."""
    return float(np.log(probability) - np.log1p(-probability))


def probability_of(log_odds: Floats) -> Floats:
    """Return probabilities, inside (0, 1) whatever the log-odds."""
    bounded = np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    return np.exp(-np.logaddexp(0, -bounded))


def prior_shift(share: float, prior: float | None) -> float:
    """Return what log-odds fitted where ``share`` of the pairs are positive gain where ``prior`` of them are.

    It is log(prior / (1 − prior)) − log(share / (1 − share)), which is right where only the share of positives is
    different and not what positives and negatives look like (Saerens et al. 2002).

    Example:
        >>> round(prior_shift(0.5, 0.1), 3)
        -2.197
    """
    return 0.0 if prior is None else log_odds_of(prior) - log_odds_of(share)


def check_prior(prior: float | None) -> None:
    """Refuse a share of positives that leaves no room for the other class.

    Raises:
        UsageError: It is not between 0 and 1.
    """
    if prior is not None and not 0 < prior < 1:  # NaN is not
        raise UsageError(
            f"prior is {prior}; it must be between 0 and 1, such as 0.1 where a tenth of pairs is the same"
        )


def _most_likely(labels: Labels, columns: Floats, counts: Floats | None) -> tuple[Floats, float]:
    """Return the slopes and the constant of a logistic regression with a small ridge, by Newton's method.

    Few columns need few steps, and these are taken to the last digit: weights are the same on every machine, and a
    bootstrap of hundreds of fits takes a fifth of the time that a general solver spends on checking its input.
    """
    design = np.column_stack([columns, np.ones(len(columns))])
    counts = np.ones(len(columns)) if counts is None else counts
    ridge = np.full(design.shape[1], RIDGE)
    ridge[-1] = 0  # of the constant

    def cost(weights: Floats) -> float:
        return _log_loss(labels, design @ weights, counts) + float(ridge @ weights**2) / 2

    weights = np.zeros(design.shape[1])
    lowest = cost(weights)
    for _ in range(MOST_STEPS):
        probability = probability_of(design @ weights)
        gradient = design.T @ (counts * (probability - labels)) + ridge * weights
        curvature = (design.T * (counts * probability * (1 - probability))) @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        while (reached := cost(weights - step)) > lowest and np.abs(step).max() > SMALLEST_STEP:
            step /= 2  # a whole step may go too far where the labels are nearly separated
        if reached >= lowest:
            break
        weights, lowest = weights - step, reached
    return weights[:-1], float(weights[-1])


def _log_loss(labels: Labels, log_odds: Floats, counts: Floats | float = 1.0) -> float:
    """Return the negative log-likelihood of N labels, each as often as it counts."""
    return float(np.sum(counts * np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds))))
