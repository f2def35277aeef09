"""Which pairs somebody should look at next, and what their answers tell of all matches.

Half of the pairs teach: those of which the weights are least sure, and of these such as differ from each other. Half
measure: they are drawn at random from strata of probability, so that what is right of them tells what is right of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.candidates import Places
from siamese_text.matching.matched import Matched, cross_fitted
from siamese_text.matching.mixture import Floats, nearest_pairs

BOUNDS = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)  # of the strata, in probability
HOPEFUL = 5  # times as many of the least sure pairs as are wanted are looked at for such as differ
# The least variance of a stratum of other pairs, of the best pairs of rows without a match, and of predicted matches:
# nearly all matches that are missed are of the second kind.
SUREST, PREDICTED = (1e-5, 0.02, 0.001), 2
DRAWS = 2000  # of the figures, for an interval
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """Pairs to look at.

    Attributes:
        places: (N,) where they stand among the candidates.
        strata: (N,) the stratum that each was drawn from, -1 of one that teaches.
        sizes: (N,) how many pairs that stratum has.
    """

    places: Places
    strata: NDArray[np.int64]
    sizes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the labels of pairs drawn at random tell of all candidates.

    Attributes:
        precision: The share of predicted matches that are some, with its interval.
        recall: The share of the matches among the candidates that are predicted, with its interval.
        labels: How many labels it rests on.
    """

    precision: tuple[float, float, float]
    recall: tuple[float, float, float]
    labels: int


def pairs_to_label(matched: Matched, count: int, seed: int = 0) -> Review:
    """Choose the pairs that somebody should label next.

    Args:
        matched: What was found; pairs that are labelled are not chosen again.
        count: How many to choose.
        seed: Of those drawn at random.

    Returns:
        The pairs, the likeliest match first.
    """
    open_pairs = np.ones(len(matched.pairs), bool)
    if matched.labels is not None:
        open_pairs[matched.labels.places] = False
    places, strata, sizes = _drawn(matched, np.flatnonzero(open_pairs), count - count // 2, seed)
    open_pairs[places] = False
    teaching = _unsure(matched, np.flatnonzero(open_pairs), count // 2)
    none = np.full(len(teaching), -1)
    places = np.concatenate([places, teaching])
    order = np.argsort(-matched.log_odds[places], kind="stable")
    strata, sizes = np.concatenate([strata, none]), np.concatenate([sizes, none + 1])
    return Review(places[order], strata[order], sizes[order])


def estimate(matched: Matched, seed: int = 0) -> Estimate | None:
    """Estimate precision and recall from the labels of pairs that were drawn at random, each predicted without it.

    The probabilities of all pairs say how many matches there are; by how much they are wrong is told by the labels, of
    which n of a stratum stand for all of its pairs (the difference estimator of Särndal et al. 1992). The interval is
    of a Bayesian bootstrap (Rubin 1981) of these differences, among predicted matches and among others. To either is
    added one pair that nobody saw: a predicted match is one as often as not, so that ten right answers do not prove
    all, and another pair is one with the probability of a pair drawn there, or, where that is more, by the rule of
    succession (Laplace 1774): n pairs without a match prove no less than 1 / (n + 2).

    Args:
        matched: What was found with labels.
        seed: Of the bootstrap.

    Returns:
        The figures; None where no labels were drawn at random, or none of some stratum was answered.
    """
    labels = matched.labels
    if labels is None or not (labels.strata >= 0).any():
        return None
    drawn = np.flatnonzero(labels.strata >= 0)
    matched_so, shares = cross_fitted(matched, seed)
    predicted, probability = matched_so[drawn], shares[drawn]
    strata, truth = labels.strata[drawn], labels.same[drawn].astype(np.float64)
    others = np.ones(len(matched.pairs), bool)
    others[labels.places[drawn]] = False  # whom nobody looked at
    called = float(matched.predicted[others].sum() + predicted.sum())
    right = np.full(DRAWS + 1, matched.probability[others & matched.predicted].sum() + truth[predicted].sum())
    same = np.full(DRAWS + 1, matched.probability[others].sum() + truth.sum())
    stands_for = np.array([labels.sizes[drawn][row] / (strata == strata[row]).sum() - 1 for row in range(len(drawn))])
    generator = np.random.default_rng(seed)
    for rows in (np.flatnonzero(predicted), np.flatnonzero(~predicted)):
        if len(rows):
            wrong = _wrong(truth[rows], probability[rows], stands_for[rows], generator, doubt=bool(predicted[rows[0]]))
            same += wrong
            right += wrong * predicted[rows[0]]
    right = np.clip(right, 0, called)
    precision = _interval(right, np.full(len(right), called), whole=bool(truth[predicted].all()))
    recall = _interval(right, np.maximum(same, right), whole=not truth[~predicted].any())
    return Estimate(precision, recall, len(drawn))


def _wrong(
    truth: Floats, probability: Floats, stands_for: Floats, generator: np.random.Generator, *, doubt: bool
) -> Floats:
    """Return how many matches more there are than the probabilities say, by the labels and in ``DRAWS`` bootstraps.

    Args:
        truth: (n,) 1 of a match, 0 of another pair.
        probability: (n,) what a fit without each of them says.
        stands_for: (n,) how many pairs that nobody saw each stands for.
        generator: Draws.
        doubt: Whether the pair that nobody saw is a match as often as not.
    """
    count = len(truth)
    if not stands_for.any():
        return np.zeros(DRAWS + 1)
    like = generator.choice(count, DRAWS, p=stands_for / stands_for.sum())  # whom the pair that nobody saw is like
    another = generator.random(DRAWS) < (0.5 if doubt else np.maximum(probability[like], 1 / (count + 2)))
    shares = count * generator.dirichlet(np.ones(count + 1), DRAWS)
    wrong = stands_for * (truth - probability)
    drawn = shares[:, :-1] @ wrong + shares[:, -1] * stands_for.mean() * (another - probability[like])
    return np.append(wrong.sum(), drawn)


def _drawn(
    matched: Matched, places: Places, count: int, seed: int
) -> tuple[Places, NDArray[np.int64], NDArray[np.int64]]:
    """Draw from strata, half of the pairs from predicted matches, for precision, and half from others, for recall.

    Of either half more are drawn where there are many and where they are unsure (Neyman 1934), two at least.
    """
    generator = np.random.default_rng(seed)
    probability, kind = matched.probability[places], _kinds(matched)[places]
    stratum = np.searchsorted(BOUNDS, probability, side="right") * len(SUREST) + kind
    names, which, sizes = np.unique(stratum, return_inverse=True, return_counts=True)
    kinds = names % len(SUREST)
    variance = np.maximum(np.bincount(which, probability * (1 - probability)) / sizes, np.array(SUREST)[kinds])
    shares, half = sizes * np.sqrt(variance), kinds == PREDICTED
    halves = np.bincount(half, shares, 2)
    wanted = np.round(count / np.count_nonzero(halves) * shares / halves[half.astype(int)])
    wanted = np.minimum(np.maximum(wanted, 2), sizes).astype(int)
    while wanted.sum() > max(count, np.minimum(sizes, 2).sum()):
        wanted[wanted.argmax()] -= 1
    found = [generator.choice(places[which == each], wanted[each], replace=False) for each in range(len(names))]
    return np.concatenate(found), np.repeat(names, wanted), np.repeat(sizes, wanted)


def _kinds(matched: Matched) -> NDArray[np.int64]:
    """Return of each candidate whether it is predicted to match (2), or the best one of a row without a match (1)."""
    pairs, predicted = matched.pairs, matched.predicted
    hopeful = np.zeros(len(pairs), bool)
    for sides, rows, count in zip(((True, False), (False, True)), (pairs.left, pairs.right), pairs.rows, strict=True):
        alone = np.bincount(rows[predicted], minlength=count) == 0
        hopeful |= nearest_pairs(pairs, matched.log_odds, sides) & alone[rows]
    return np.where(predicted, PREDICTED, hopeful.astype(np.int64))


def _unsure(matched: Matched, places: Places, count: int) -> Places:
    """Return the pairs of which the weights are least sure, each far from those before it (Gonzalez 1985)."""
    nearest = places[np.argsort(np.abs(matched.log_odds[places]), kind="stable")[: HOPEFUL * count]]
    if not len(nearest) or not count:
        return nearest[:0]
    values = [np.nan_to_num(each.values[nearest], nan=-1.0) for each in matched.known.likenesses]
    known: Floats = np.column_stack(values)
    known = (known - known.mean(axis=0)) / np.maximum(known.std(axis=0), 1e-9)
    taken = [0]
    away = np.linalg.norm(known - known[0], axis=1)
    while len(taken) < min(count, len(nearest)):
        taken.append(int(away.argmax()))
        away = np.minimum(away, np.linalg.norm(known - known[taken[-1]], axis=1))
        away[taken] = -1
    return nearest[taken]


def _interval(part: Floats, total: Floats, *, whole: bool) -> tuple[float, float, float]:
    """Return a share by the labels as they are, and the ends of its interval; all of nothing is 1.

    Args:
        part: (``DRAWS`` + 1,), the first by the labels as they are.
        total: The same, of what it is a part.
        whole: Whether no label speaks against a share of 1, which then lies in the interval.
    """
    shares = np.where(total > 0, part / np.maximum(total, 1e-12), 1.0)
    low, high = np.quantile(shares[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(shares[0]), float(min(low, shares[0])), 1.0 if whole else float(max(high, shares[0]))
