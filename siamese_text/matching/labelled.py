"""Weights with some labels: a logistic regression that starts from what was learned without any.

What is known of a pair: each likeness standardised, whether it is missing, and the log-odds of the mixture, without and
with what rivals take. To the labelled pairs are added pairs drawn from the mixture's own probabilities, which together
count as ``PRIOR`` labels. So labels from the doubtful middle alone cannot unlearn the rest, and hundreds of labels
outweigh it. A known match says of its rivals, where a row has at most one partner, that they are none: together they
count as one label against. Matches alone, where rows have no rivals, teach nothing: they would only make everything
more probable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.candidates import Candidates, Places
from siamese_text.matching.mixture import Floats, Known
from siamese_text.scoring.calibration import probability_of

PRIOR = 50.0  # labels that the mixture counts as
DRAWN = 2000  # pairs that speak for it, as many for matches as for others
FARTHEST, UNIT = 15.0, 4.0  # log-odds of the mixture that are told apart, and how many of them are one step
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Regression:
    """What labels taught.

    Attributes:
        means: The mean of each likeness.
        spreads: Its standard deviation.
        slopes: What a standard deviation of it is worth.
        missing: What it is worth that it is missing.
        trust: What the mixture's log-odds of pairs alone are multiplied with, and those with their rivals.
        intercept: The log-odds that a pair begins with.
    """

    means: Sequence[float]
    spreads: Sequence[float]
    slopes: Sequence[float]
    missing: Sequence[float]
    trust: Sequence[float]
    intercept: float

    def worth(self, place: int, values: NDArray[np.floating]) -> Floats:
        """Return the (P,) log-odds that the values of one likeness are worth, besides what the mixture says."""
        standard = (values - self.means[place]) / self.spreads[place]
        return np.where(np.isnan(values), self.missing[place], self.slopes[place] * np.nan_to_num(standard))

    def factors(self, alone: Floats, rivalled: Floats) -> tuple[Floats, Floats]:
        """Return what the mixture's log-odds of (P,) pairs are multiplied with: beyond ``FARTHEST`` they do not grow.

        Args:
            alone: (P,) log-odds of the pairs alone.
            rivalled: (P,) log-odds with their rivals.
        """
        found = zip(self.trust, (alone, rivalled), strict=True)
        one, other = (trust * np.minimum(FARTHEST / np.maximum(np.abs(said), 1e-9), 1) for trust, said in found)
        return one, other

    def log_odds(self, known: Known) -> Floats:
        """Return the (P,) log-odds of pairs."""
        one, other = self.factors(known.alone, known.rivalled)
        found = self.intercept + one * known.alone + other * known.rivalled
        for place, each in enumerate(known.likenesses):
            found += self.worth(place, each.values)
        return found


def fit_regression(known: Known, places: Places, labels: NDArray[np.bool_], seed: int) -> Regression | None:
    """Fit weights to labelled pairs.

    Args:
        known: What can be said of P candidates without labels.
        places: (N,) where the labelled pairs stand.
        labels: (N,) whether they match.
        seed: Of the pairs that are drawn.

    Returns:
        The weights; None where nothing says of any pair that it is none.
    """
    from sklearn.linear_model import LogisticRegression

    others, shares = implied_by(known.pairs, known.sides, places, labels)
    if labels.all() and not len(others):
        return None
    generator = np.random.default_rng(seed)
    probability = probability_of(known.rivalled)
    drawn = [generator.choice(len(each), DRAWN, p=each / each.sum()) for each in (probability, 1 - probability)]
    rows = np.concatenate([places, others, *drawn])
    target = np.concatenate([labels, np.zeros(len(others), bool), np.ones(DRAWN, bool), np.zeros(DRAWN, bool)])
    counts = np.concatenate([np.ones(len(places)), shares, np.full(2 * DRAWN, PRIOR / (2 * DRAWN))])
    moments = [_moments(each.values) for each in known.likenesses]
    columns = []
    for (mean, spread), each in zip(moments, known.likenesses, strict=True):
        values = each.values[rows]
        columns += [np.nan_to_num((values - mean) / spread), np.isnan(values)]
    columns += [np.clip(said[rows], -FARTHEST, FARTHEST) / UNIT for said in (known.alone, known.rivalled)]
    model = LogisticRegression(max_iter=1000).fit(np.column_stack(columns).astype(np.float64), target, counts)
    *weights, alone, rivalled = model.coef_[0].tolist()
    means, spreads = zip(*moments, strict=True)
    trust = alone / UNIT, rivalled / UNIT
    return Regression(means, spreads, weights[::2], weights[1::2], trust, float(model.intercept_[0]))


def implied_by(
    pairs: Candidates, sides: tuple[bool, bool], places: Places, labels: NDArray[np.bool_]
) -> tuple[Places, Floats]:
    """Return the pairs that known matches leave no room for, and how much each of them counts.

    Args:
        pairs: P candidates.
        sides: On which side a row has at most one partner.
        places: (N,) where the labelled pairs stand.
        labels: (N,) whether they match.
    """
    counts = np.zeros(len(pairs))
    for unique, rows, count in zip(sides, (pairs.left, pairs.right), pairs.rows, strict=True):
        if unique:
            taken = np.bincount(rows[places[labels]], minlength=count)
            rivals = np.maximum(np.bincount(rows, minlength=count) - 1, 1)
            counts += (np.minimum(taken, 1) / rivals)[rows] / sum(sides)
    counts[places] = 0  # what somebody said of them counts itself
    others = np.flatnonzero(counts)
    return others, counts[others]


def folds_of(count: int, seed: int) -> NDArray[np.int64]:
    """Return the (N,) folds, of ``FOLDS`` or fewer, that labelled pairs are predicted in by a fit without them."""
    return np.random.default_rng(seed).permutation(count) % min(FOLDS, max(count, 1))


def _moments(values: NDArray[np.floating]) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    return (float(known.mean()), max(float(known.std()), 1e-6)) if len(known) else (0.0, 1.0)
