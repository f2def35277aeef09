"""Weights without any label: matches and others as a mixture, learned from the candidates alone.

Fellegi and Sunter (1969): a pair that is as alike as level l in one respect is worth w(l) = ln(m(l) / u(l)), where m is
how often matches are at this level and u how often others are. Its log-odds are the sum

    L = ln(π / (1 − π)) + Σ part · w(level)

m, u and π are learned by expectation and maximisation (Winkler 1988). Three things keep it from learning something else
than matches:

* A more alike level never weighs less: the weights are made to rise (Ayer et al. 1955).
* A row with at most one partner gives each of its pairs rivals: P = e^L / (1 + e^L + Σ e^L over them).
* A few pairs that were never seen speak for what everybody expects, so that ten rows do not lead to nonsense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.comparisons import ALL, LEAD, Likeness, lead, two_best
from siamese_text.scoring.calibration import probability_of

Floats = NDArray[np.float64]

LEVELS = 10  # of the nearest pairs, as many at each; what is less alike than most of them has two levels more
FIXED = (0.2, 0.4, 0.6, 0.8, 0.9)  # where levels begin among a few pairs
EXPECTED = 4.0  # pairs that were never seen: so many matches and so many others
RARE = 0.2  # share of candidates that match, as one expects
FLOOR = 0.05  # of these shares at a level: two different rows may be as alike as they like
ROUNDS, SETTLED = 100, 1e-3  # of the expectation, and the largest change of a probability at which it ends
SEVERAL, QUARTER = 0.28, 0.25  # of matched rows with a second match better than a quarter of the best ones: duplicates
START_NEAREST, START_OTHER = 0.7, 0.002  # the probabilities that the first round begins with
MOST = 500.0  # log-odds whose exponential a float can hold


@dataclass(frozen=True, slots=True)
class Scale:
    """The levels of one respect and what each is worth.

    Attributes:
        column: The column.
        name: The respect.
        part: How much it counts.
        edges: The K - 1 values at which the next level begins.
        weights: The K log-odds, rising.
    """

    column: str
    name: str
    part: float
    edges: tuple[float, ...]
    weights: tuple[float, ...] = ()

    def levels(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return the (P,) levels of values, -1 where one is missing."""
        return np.where(np.isnan(values), -1, np.searchsorted(np.array(self.edges), values, side="right"))

    def worth(self, values: NDArray[np.floating]) -> Floats:
        """Return the (P,) log-odds that values are worth; a missing one is worth nothing."""
        worth: Floats = self.part * np.append(self.weights, 0.0)[self.levels(values)]
        return worth


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What can be said of P candidates without labels.

    Attributes:
        pairs: The candidates.
        likenesses: How alike they are, with the lead over rivals where rows have some.
        sides: On which side a row has at most one partner.
        alone: (P,) log-odds by the pairs alone.
        rivalled: (P,) log-odds with what their rivals and look-alikes take.
    """

    pairs: Candidates
    likenesses: Sequence[Likeness]
    sides: tuple[bool, bool]
    alone: Floats
    rivalled: Floats


@dataclass(frozen=True, slots=True)
class Mixture:
    """What was learned.

    Attributes:
        scales: One for each respect.
        start: The log-odds of a candidate of which nothing is known.
        one_left: Whether a row of the first table has at most one partner.
        one_right: Whether a row of the second has.
        threshold: The log-odds, with rivals, from which on a pair is likelier a match than a look-alike.
    """

    scales: tuple[Scale, ...]
    start: float
    one_left: bool
    one_right: bool
    threshold: float = 0.0

    @property
    def sides(self) -> tuple[bool, bool]:
        """Return on which side a row has at most one partner."""
        return self.one_left, self.one_right

    def known(self, pairs: Candidates, likenesses: Sequence[Likeness]) -> Known:
        """Say of candidates what can be said without labels.

        Args:
            pairs: P candidates.
            likenesses: How alike they are, without the lead.
        """
        found = with_lead(pairs, likenesses, self.sides)
        alone = self.log_odds(found)
        return Known(pairs, found, self.sides, alone, alone + rivals(pairs, alone, self.sides) - self.threshold)

    def log_odds(self, likenesses: Sequence[Likeness]) -> Floats:
        """Return the (P,) log-odds of pairs by what is known of them alone."""
        found = np.full(len(likenesses[0].values), self.start)
        for scale, each in zip(self.scales, likenesses, strict=True):
            found += scale.worth(each.values)
        return found


def overall_likeness(likenesses: Sequence[Likeness]) -> Floats:
    """Return how alike pairs are in all columns together, (P,) in [0, 1]."""
    values = [each.values for each in likenesses if each.column == ALL]
    return np.asarray(np.mean(values, axis=0, dtype=np.float64))


def with_lead(pairs: Candidates, likenesses: Sequence[Likeness], sides: tuple[bool, bool]) -> list[Likeness]:
    """Return the likenesses, and the lead over rivals where rows have some."""
    if not any(sides):
        return list(likenesses)
    return [*likenesses, Likeness(LEAD, "lead", lead(pairs, overall_likeness(likenesses), sides), 1.0)]


def rivals(pairs: Candidates, log_odds: Floats, sides: tuple[bool, bool]) -> Floats:
    """Return what the rivals of each pair take from its log-odds, (P,): -ln(1 + Σ e^L over them).

    Args:
        pairs: P candidates.
        log_odds: (P,), of each alone.
        sides: On which side a row has at most one partner: only there are its other pairs rivals.
    """
    odds = np.exp(np.minimum(log_odds, MOST))
    others = np.zeros(len(odds))
    for unique, rows, count in zip(sides, (pairs.left, pairs.right), pairs.rows, strict=True):
        if unique:
            others += np.maximum(np.bincount(rows, odds, count)[rows] - odds, 0)
    lost: Floats = -np.log1p(others)
    return lost


def nearest_pairs(pairs: Candidates, values: Floats, sides: tuple[bool, bool] = (True, True)) -> NDArray[np.bool_]:
    """Return which pairs are the best of their rows, on each side on which a row has at most one partner."""
    best = np.ones(len(values), bool)
    for unique, rows in zip(sides, (pairs.left, pairs.right), strict=True):
        if unique:
            # of pairs that are just as good the first one: a row has one partner, not two
            order = np.lexsort((-values, rows))
            first = np.zeros(len(values), bool)
            first[order[np.diff(rows[order], prepend=-1) != 0]] = True
            best &= first
    return best


def fit_mixture(pairs: Candidates, likenesses: Sequence[Likeness], sides: tuple[bool, bool] = (True, True)) -> Mixture:
    """Learn weights from candidates.

    Args:
        pairs: P candidates.
        likenesses: What is known of them, without the lead.
        sides: On which side a row has at most one partner. Within one table it is on neither.

    Returns:
        The mixture.
    """
    sides = (False, False) if pairs.alone else sides
    return _expect(pairs, with_lead(pairs, likenesses, sides), sides)


def partners(pairs: Candidates, likenesses: Sequence[Likeness], threshold: float = 0.0) -> tuple[bool, bool]:
    """Say on which side a row has at most one partner, by the pairs alone.

    Two partners of a row in a table without duplicates are look-alikes, and few of these are as good as a match.

    Args:
        pairs: P candidates.
        likenesses: What is known of them, without the lead.
        threshold: The log-odds from which on a pair is likelier a match than a look-alike.
    """
    log_odds = _expect(pairs, likenesses, (True, True)).log_odds(likenesses)
    found = []
    for rows, count in zip((pairs.left, pairs.right), pairs.rows, strict=True):
        first, second = two_best(rows, log_odds, count)
        matched = first > max(0.0, threshold)
        several = second[matched] > np.quantile(first[matched], QUARTER) if matched.any() else np.zeros(1)
        found.append(bool(np.mean(several) < SEVERAL))
    return found[0], found[1]


def _expect(
    pairs: Candidates,
    likenesses: Sequence[Likeness],
    sides: tuple[bool, bool],
) -> Mixture:
    """Alternate between weights, given who matches, and who matches, given weights; at first the nearest pairs do."""
    nearest = nearest_pairs(pairs, overall_likeness(likenesses))
    probability = np.where(nearest, START_NEAREST, START_OTHER)
    scales = [Scale(each.column, each.name, each.part, _edges(each.values, nearest)) for each in likenesses]
    levels = [scale.levels(each.values) for scale, each in zip(scales, likenesses, strict=True)]
    mixture = Mixture(tuple(scales), 0.0, *sides)
    for _ in range(ROUNDS):
        scales = [
            replace(scale, weights=_weights(scale, level, probability))
            for scale, level in zip(scales, levels, strict=True)
        ]
        matches = float(probability.sum()) + EXPECTED * RARE
        start = float(np.log(matches / (len(pairs) + EXPECTED - matches)))
        mixture = Mixture(tuple(scales), start, *sides)
        log_odds = np.full(len(pairs), start)
        for scale, level in zip(scales, levels, strict=True):
            log_odds += scale.part * np.append(scale.weights, 0.0)[level]
        before, probability = probability, probability_of(log_odds + rivals(pairs, log_odds, sides))
        if np.abs(probability - before).max() < SETTLED:
            break
    return mixture


def _edges(values: NDArray[np.floating], nearest: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return where levels begin: at quantiles of the nearest pairs, where matches are, and at two of all pairs."""
    known = values[~np.isnan(values)]
    near = values[nearest & ~np.isnan(values)]
    if not len(known):
        return ()
    if len(near) <= 2 * LEVELS:
        return FIXED  # quantiles of so few would only say which of them is the more alike
    shares = np.linspace(0, 1, LEVELS + 1)[1:-1]
    edges = np.concatenate([np.quantile(near, shares), np.quantile(known, [0.5, 0.9])])
    return tuple(np.unique(edges.astype(np.float64)).tolist())


def _weights(scale: Scale, levels: NDArray[np.int64], probability: Floats) -> tuple[float, ...]:
    """Return what each level is worth: how much more frequent it is among matches, rising with the levels."""
    there, count = levels >= 0, len(scale.edges) + 1
    matches = np.bincount(levels[there], probability[there], count)
    others = np.bincount(levels[there], 1 - probability[there], count)
    expected_matches, expected_others = _expected(scale)
    m = (matches + EXPECTED * expected_matches) / (matches.sum() + EXPECTED)
    u = (others + EXPECTED * expected_others) / (others.sum() + EXPECTED)
    return _rising(np.log(m / u), np.minimum(matches, others) + 1)


def _expected(scale: Scale) -> tuple[Floats, Floats]:
    """Return the shares of matches and of others at each level that one expects: 3s² and 3(1 − s)² at likeness s."""
    low = -1.0 if scale.column == LEAD else 0.0
    ends = (np.clip(np.array([low, *scale.edges, 1.0]), low, 1) - low) / (1 - low)
    ends[-1] = 1
    return np.diff(ends**3) + FLOOR, np.diff(1 - (1 - ends) ** 3) + FLOOR


def _rising(values: Floats, counts: Floats) -> tuple[float, ...]:
    """Return the rising values that are nearest to some, weighted by counts."""
    from sklearn.isotonic import isotonic_regression

    return tuple(isotonic_regression(values, sample_weight=counts).tolist())
