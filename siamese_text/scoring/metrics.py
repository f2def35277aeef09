"""Figures that say how good scores, probabilities and decisions are, and how sure the figures are.

Labels are 1 = same and 0 = different throughout, scores larger = more alike. A ``balance`` is what a pair labelled 0
and one labelled 1 count: ``EVEN``, or what gives the pairs another share of positives (``balance_for``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Labels = NDArray[np.integer]
Balance = tuple[float, float]
EVEN: Balance = (1.0, 1.0)
BINS = 10  # of equal mass, in which probabilities are compared with frequencies


def average_precision(labels: Labels, scores: Floats, counts: Floats | None = None) -> float:
    """Return the area under the precision-recall curve as a step function, in [0, 1]; chance is the positive rate.

    ``counts`` says what each pair counts; by default all count the same, and the area is that of scikit-learn to the
    bit, without its checks, which take a hundred times as long as the sum does. A bootstrap asks for thousands.
    """
    if counts is not None:
        from sklearn.metrics import average_precision_score

        return float(average_precision_score(labels, scores, sample_weight=counts))
    if not np.isfinite(scores).all():
        raise ValueError("scores are not all finite")
    order = np.argsort(scores, kind="stable")[::-1]
    ranked, found = scores[order], np.cumsum(labels[order] == 1, dtype=np.float64)
    if not found[-1]:
        return 0.0
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)  # equal scores are found together
    precision, recall = found[ends] / (ends + 1), found[ends] / found[-1]
    # From the last threshold to the first, as scikit-learn adds them up.
    return float(max(0.0, -np.sum(np.diff(np.append(recall[::-1], 0.0)) * precision[::-1])))


def roc_auc(labels: Labels, scores: Floats) -> float:
    """Return the probability that a positive pair scores above a negative one, in [0, 1]; chance is 0.5."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def balance_for(share: float, prior: float | None) -> Balance:
    """Return what pairs must count so that ``prior`` of them are positive where ``share`` of them are.

    Example:
        >>> balance_for(0.5, 0.1)
        (1.8, 0.2)
    """
    return EVEN if prior is None else ((1 - prior) / (1 - share), prior / share)


def accuracy(labels: Labels, decisions: Labels, balance: Balance = EVEN) -> float:
    """Return the share of right decisions."""
    return float(np.average(labels == decisions, weights=pair_counts(labels, balance)))


def precision(labels: Labels, decisions: Labels, balance: Balance = EVEN) -> float:
    """Return the share of positives among what is called the same; 0 where nothing is."""
    different, same = _found(labels, decisions, balance)
    return same / (different + same) if different + same else 0.0


def recall(labels: Labels, decisions: Labels) -> float:
    """Return the share of the positives that are called the same; 0 where there are none."""
    positives = np.sum(labels == 1)
    return float(_found(labels, decisions, EVEN)[1] / positives) if positives else 0.0


def fpr(labels: Labels, decisions: Labels) -> float:
    """Return the share of the negatives that are called the same; 0 where there are none."""
    negatives = np.sum(labels == 0)
    return float(_found(labels, decisions, EVEN)[0] / negatives) if negatives else 0.0


def f1(labels: Labels, decisions: Labels, balance: Balance = EVEN) -> float:
    """Return the harmonic mean of precision and recall of the label 1; 0 where nothing is found.

    Example:
        >>> f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))
        0.5
    """
    different, same = _found(labels, decisions, balance)
    total = float(np.sum(labels == 1)) * balance[1] + different + same
    return 2 * same / total if total else 0.0


def error_cost(labels: Labels, decisions: Labels, balance: Balance = EVEN, *, false_positive: float = 1.0) -> float:
    """Return the mean cost of a pair, where a false negative costs 1."""
    costs = np.where(labels == 1, 1.0, false_positive) * (labels != decisions)
    return float(np.average(costs, weights=pair_counts(labels, balance)))


def matthews(labels: Labels, decisions: Labels, balance: Balance = EVEN) -> float:
    """Return Matthews' correlation of labels and decisions, in [-1, 1]; 0 where either has one class only."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(labels, decisions, sample_weight=pair_counts(labels, balance)))


def brier(labels: Labels, probabilities: Floats, balance: Balance = EVEN) -> float:
    """Return the mean squared error of probabilities, in [0, 1] (Brier 1950)."""
    return float(np.average((probabilities - labels) ** 2, weights=pair_counts(labels, balance)))


def expected_calibration_error(
    labels: Labels, probabilities: Floats, bins: int = BINS, balance: Balance = EVEN
) -> float:
    """Return the mean gap between probability and frequency over bins of equal mass, in [0, 1].

        Σ over bins |Σ over the bin's pairs w·(p − y)| / Σ over all pairs w

    with w what a pair counts: 1, or its label's balance. Equal-mass bins (Nguyen and O'Connor 2015) keep each bin's
    frequency meaningful where most probabilities crowd at one end; equal-width bins do not. Where a bin ends among
    equal probabilities, each of these stands for their mean, so that the order of the pairs changes nothing.

    Args:
        labels: (N,) 0 or 1.
        probabilities: (N,) in [0, 1].
        bins: How many bins; never more than N.
        balance: What pairs of each label count.

    Example:
        >>> expected_calibration_error(np.array([0, 0, 1, 1]), np.array([0.1, 0.1, 0.8, 0.8]), bins=2)
        0.15
    """
    order = np.argsort(probabilities)
    return _gap(labels[order], probabilities[order], bins, balance)


def perfect_calibration_error(
    probabilities: Floats, bins: int = BINS, balance: Balance = EVEN, *, draws: int = 200, seed: int = 0
) -> float:
    """Return the calibration error that these probabilities would show if every one of them were exactly right.

    A finite sample shows gaps even then. It is the mean of ``expected_calibration_error`` over labels drawn as
    y ~ Bernoulli(p), each independent of the others (the consistency resampling of Bröcker and Smith 2007).

    Args:
        probabilities: (N,) in [0, 1].
        bins: How many bins; never more than N.
        balance: What pairs of each label count; where it is not even, labels are drawn at the odds p / (1 − p) that
            the pairs have before they are weighted.
        draws: How many sets of labels are drawn.
        seed: The seed of the draws.

    Example:
        >>> perfect_calibration_error(np.array([0.0, 0.0, 1.0, 1.0]))  # nothing is left to chance
        0.0
        >>> round(perfect_calibration_error(np.full(100, 0.5), bins=1), 2)  # √(2/π) · √(0.25 / 100) = 0.040
        0.04
    """
    random = np.random.default_rng(seed)
    ordered = np.sort(probabilities)
    different, same = (1 - ordered) / balance[0], ordered / balance[1]
    drawn_at = same / (same + different)
    errors = [
        _gap((random.random(len(ordered)) < drawn_at).astype(np.int64), ordered, bins, balance) for _ in range(draws)
    ]
    return float(np.mean(errors))


def spearman(gold: Floats, scores: Floats) -> float:
    """Return the rank correlation of graded labels and scores, in [-1, 1]; ties share their mean rank.

    It is 0 where either side is all the same, and so is ``pearson``.
    """
    from scipy.stats import spearmanr

    return float(spearmanr(gold, scores).statistic) if _both_vary(gold, scores) else 0.0


def pearson(gold: Floats, scores: Floats) -> float:
    """Return the linear correlation of graded labels and scores, in [-1, 1]."""
    return float(np.corrcoef(gold, scores)[0, 1]) if _both_vary(gold, scores) else 0.0


def thresholds(
    labels: Labels, scores: Floats, balance: Balance = EVEN
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Find all thresholds that differ, and what each decision ``score >= threshold`` finds.

    Only places between two different scores are thresholds: equal scores always get the same decision.

    Args:
        labels: (N,) 0 or 1.
        scores: (N,), any range.
        balance: What pairs of each label count.

    Returns:
        (K + 1,) rising thresholds for K different scores, half-way between the scores beside them, the first below
        and the last above all scores; and how many different pairs and same pairs are found at each.

    Example:
        >>> [column.tolist() for column in thresholds(np.array([0, 1, 1]), np.array([1.0, 3.0, 3.0]))]
        [[0.0, 2.0, 4.0], [1.0, 0.0, 0.0], [2.0, 2.0, 0.0]]
    """
    # Thresholds lie half-way between neighbouring scores; a margin below the first and above the last closes the range.
    levels, places = np.unique(scores.astype(np.float64), return_inverse=True)
    margin = max(float(np.ptp(levels)), 1.0)
    edges = np.concatenate([[levels[0] - margin], levels, [levels[-1] + margin]])
    middle = (edges[:-1] + edges[1:]) / 2
    middle = np.where(middle > edges[:-1], middle, edges[1:])  # neighbouring floats have nothing between them
    # From the highest score down: how many pairs of each label lie at or above each threshold.
    different, same = (
        np.append(np.cumsum(np.bincount(places, weights=labels == label)[::-1])[::-1], 0) * balance[label]
        for label in (0, 1)
    )
    return middle, different, same


def best_threshold(labels: Labels, scores: Floats, balance: Balance = EVEN) -> tuple[float, float]:
    """Find the threshold whose decisions ``score >= threshold`` are right most often.

    Among equally good places the middle one is taken, which is the least accidental.

    Args:
        labels: (N,) 0 or 1.
        scores: (N,), any range.
        balance: What pairs of each label count.

    Returns:
        The threshold, half-way between the scores beside it, and its accuracy on these pairs.

    Example:
        >>> best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.7, 0.9]))
        (0.5, 1.0)
    """
    places, different, same = thresholds(labels, scores, balance)
    right = (different[0] - different + same) / (different[0] + same[0])
    best = middle_of_best(right)
    return float(places[best]), float(right[best])


def middle_of_best(values: Floats) -> int:
    """Return the place of the largest value, the middle one of several that are equal."""
    best = np.flatnonzero(values == values.max())
    return int(best[len(best) // 2])


def bootstrap_interval(
    metric: Callable[..., float], *columns: NDArray[np.generic], resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a metric over resampled pairs (Efron 1979).

    Args:
        metric: Takes the columns and gives a number.
        columns: Arrays (N,) that are resampled together, such as labels and scores.
        resamples: How often to draw N pairs with replacement; draws with one class only are drawn again.
        seed: The seed of the draws.

    Returns:
        The 2.5 % and 97.5 % quantiles.
    """
    random = np.random.default_rng(seed)
    size = len(columns[0])
    mixed = len(np.unique(columns[0])) > 1
    values: list[float] = []
    while len(values) < resamples:
        rows = random.integers(0, size, size)
        if mixed and len(np.unique(columns[0][rows])) < 2:
            continue
        values.append(metric(*(column[rows] for column in columns)))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def wilson_interval(shares: Floats, counts: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % interval of shares of counts (Wilson 1927).

    Args:
        shares: (N,) in [0, 1].
        counts: (N,) of how many each is a share.

    Returns:
        (N,) lower and (N,) upper ends.

    Example:
        >>> low, high = wilson_interval(np.array([0.5]), np.array([100]))
        >>> round(float(low[0]), 3), round(float(high[0]), 3)
        (0.404, 0.596)
    """
    z = 1.96
    middle = (shares + z**2 / (2 * counts)) / (1 + z**2 / counts)
    half = z / (1 + z**2 / counts) * np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2))
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)


def pair_counts(labels: NDArray[Any], balance: Balance) -> NDArray[np.float64]:
    """Return what each pair counts, (N,)."""
    return np.where(labels == 1, balance[1], balance[0])


def mean_of_ties(values: NDArray[Any], scores: Floats) -> NDArray[np.float64]:
    """Return (N,) values, of pairs with equal scores the mean for each of them.

    Example:
        >>> mean_of_ties(np.array([1, 0, 1]), np.array([0.2, 0.2, 0.7])).tolist()
        [0.5, 0.5, 1.0]
    """
    _, ties, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    means: NDArray[np.float64] = np.bincount(ties, weights=values) / sizes
    return means[ties]


def _both_vary(gold: Floats, scores: Floats) -> bool:
    return bool(np.ptp(gold) and np.ptp(scores))


def _found(labels: Labels, decisions: Labels, balance: Balance) -> tuple[float, float]:
    """Return how many different and how many same pairs are called the same."""
    different, same = (float(np.sum((labels == label) & (decisions == 1))) * balance[label] for label in (0, 1))
    return different, same


def _gap(labels: Labels, probabilities: Floats, bins: int, balance: Balance) -> float:
    """Return the calibration error of pairs whose probabilities rise."""
    counts = pair_counts(labels, balance)
    gaps = mean_of_ties(counts * (probabilities - labels), probabilities)
    total = sum(abs(float(np.sum(part))) for part in np.array_split(gaps, min(bins, len(gaps))))
    return round(total / float(np.sum(counts)), 12)
