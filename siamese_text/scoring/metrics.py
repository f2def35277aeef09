"""Figures that say how good scores, probabilities and decisions are, and how sure the figures are.

Labels are 1 = same and 0 = different throughout, scores larger = more alike.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Labels = NDArray[np.integer]


def average_precision(labels: Labels, scores: Floats) -> float:
    """Return the area under the precision-recall curve as a step function, in [0, 1]; chance is the positive rate."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, scores))


def roc_auc(labels: Labels, scores: Floats) -> float:
    """Return the probability that a positive pair scores above a negative one, in [0, 1]; chance is 0.5."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def accuracy(labels: Labels, decisions: Labels) -> float:
    """Return the share of right decisions."""
    return float(np.mean(labels == decisions))


def f1(labels: Labels, decisions: Labels) -> float:
    """Return the harmonic mean of precision and recall of the label 1; 0 where nothing is found.

    Example:
        >>> f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))
        0.5
    """
    found = np.sum((labels == 1) & (decisions == 1))
    total = np.sum(labels == 1) + np.sum(decisions == 1)
    return float(2 * found / total) if total else 0.0


def matthews(labels: Labels, decisions: Labels) -> float:
    """Return Matthews' correlation of labels and decisions, in [-1, 1]; 0 where either has one class only."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(labels, decisions))


def brier(labels: Labels, probabilities: Floats) -> float:
    """Return the mean squared error of probabilities, in [0, 1] (Brier 1950)."""
    return float(np.mean((probabilities - labels) ** 2))


def expected_calibration_error(labels: Labels, probabilities: Floats, bins: int = 10) -> float:
    """Return the mean gap between probability and frequency over bins of equal mass, in [0, 1].

    Equal-mass bins (Nguyen and O'Connor 2015) keep each bin's frequency meaningful where most probabilities crowd
    at one end; equal-width bins do not.

    Args:
        labels: (N,) 0 or 1.
        probabilities: (N,) in [0, 1].
        bins: How many bins; never more than N.

    Example:
        >>> expected_calibration_error(np.array([0, 0, 1, 1]), np.array([0.1, 0.1, 0.8, 0.8]), bins=2)
        0.15
    """
    order = np.argsort(probabilities, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    gaps = [abs(float(np.mean(probabilities[part])) - float(np.mean(labels[part]))) * len(part) for part in parts]
    return round(sum(gaps) / len(order), 12)


def spearman(gold: Floats, scores: Floats) -> float:
    """Return the rank correlation of graded labels and scores, in [-1, 1]; ties share their mean rank."""
    from scipy.stats import spearmanr

    return float(spearmanr(gold, scores).statistic)


def pearson(gold: Floats, scores: Floats) -> float:
    """Return the linear correlation of graded labels and scores, in [-1, 1]."""
    return float(np.corrcoef(gold, scores)[0, 1])


def best_threshold(labels: Labels, scores: Floats) -> tuple[float, float]:
    """Find the threshold whose decisions ``score >= threshold`` are right most often.

    Only places between two different scores are thresholds: equal scores always get the same decision. Among equally
    good places the middle one is taken, which is the least accidental.

    Args:
        labels: (N,) 0 or 1.
        scores: (N,), any range.

    Returns:
        The threshold, half-way between the scores beside it, and its accuracy on these pairs.

    Example:
        >>> best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.7, 0.9]))
        (0.5, 1.0)
    """
    order = np.argsort(scores, kind="stable")
    ranked, sorted_labels = scores[order].astype(np.float64), labels[order]
    # right[i]: how many are right when the first i are called different and the rest same
    right = np.concatenate([[0], np.cumsum(sorted_labels == 0)]) + np.concatenate(
        [np.cumsum((sorted_labels == 1)[::-1])[::-1], [0]]
    )  # (N + 1,)
    margin = max(float(np.ptp(ranked)), 1.0)
    edges = np.concatenate([[ranked[0] - margin], ranked, [ranked[-1] + margin]])  # (N + 2,)
    right = np.where(np.diff(edges) > 0, right, -1)
    best = np.flatnonzero(right == right.max())
    place = int(best[len(best) // 2])
    return float((edges[place] + edges[place + 1]) / 2), float(right[place] / len(labels))


def bootstrap_interval(
    metric: Callable[..., float], *columns: NDArray[np.generic], resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a metric over resampled pairs (Efron 1979).

    Args:
        metric: Takes the columns and gives a number.
        columns: Arrays (N,) that are resampled together, such as labels and scores.
        resamples: How often to draw N pairs with replacement; draws with one class only are drawn again.
        seed: Of the draws.

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
