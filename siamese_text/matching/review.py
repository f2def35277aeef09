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
from siamese_text.matching.mixture import Floats

BOUNDS = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)  # of the strata, in probability
HOPEFUL = 5  # times as many of the least sure pairs as are wanted are looked at for such as differ
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

    A stratum of n labels stands for all of its pairs. The interval is of a Bayesian bootstrap (Rubin 1981) of those of
    its pairs that nobody looked at, with one pair more: of those that are called matches it is one as often as not, so
    that ten right answers do not prove all, and of the others it is one with the probability predicted there.

    Args:
        matched: What was found with labels.
        seed: Of the bootstrap.

    Returns:
        The figures; None where no labels were drawn at random, or none of some stratum was answered.
    """
    labels = matched.labels
    if labels is None or not (labels.strata >= 0).any():
        return None
    drawn = labels.strata >= 0
    predicted, probability = cross_fitted(matched, seed)
    generator = np.random.default_rng(seed)
    right, called, same = (np.zeros(DRAWS + 1) for _ in range(3))
    for stratum in np.unique(labels.strata[drawn]):
        rows = np.flatnonzero(labels.strata == stratum)
        truth, said = labels.same[rows], predicted[rows]
        counts, unseen = len(rows), max(int(labels.sizes[rows[0]]) - len(rows), 0)
        mostly = said.mean() >= 0.5
        another = np.append(False, generator.random(DRAWS) < (0.5 if mostly else probability[rows].mean()))
        weights = generator.dirichlet(np.ones(counts + 1), DRAWS)
        weights = np.vstack([np.append(np.full(counts, 1 / counts), 0.0), weights])
        found = ((right, truth & said, another & mostly), (called, said, mostly), (same, truth, another))
        for total, seen, more in found:
            total += seen.sum() + unseen * (weights[:, :-1] @ seen + weights[:, -1] * more)
    return Estimate(_interval(right, called), _interval(right, same), int(drawn.sum()))


def _drawn(
    matched: Matched, places: Places, count: int, seed: int
) -> tuple[Places, NDArray[np.int64], NDArray[np.int64]]:
    """Draw from strata, two pairs at least: more where there are many, and where they are unsure (Neyman 1934)."""
    generator = np.random.default_rng(seed)
    probability = matched.probability[places]
    # what is called a match and what is not are never in one stratum
    stratum = np.searchsorted(BOUNDS, probability, side="right") * 2 + matched.predicted[places]
    names, which, sizes = np.unique(stratum, return_inverse=True, return_counts=True)
    spread = np.array([np.sqrt((probability * (1 - probability))[which == each].mean()) for each in range(len(names))])
    shares = sizes * (spread + 1e-3)
    wanted = np.minimum(np.maximum(np.round(count * shares / shares.sum()), 2).astype(int), sizes)
    while wanted.sum() > max(count, np.minimum(sizes, 2).sum()):
        wanted[wanted.argmax()] -= 1
    found = [generator.choice(places[which == each], wanted[each], replace=False) for each in range(len(names))]
    return np.concatenate(found), np.repeat(names, wanted), np.repeat(sizes, wanted)


def _unsure(matched: Matched, places: Places, count: int) -> Places:
    """Return the pairs of which the weights are least sure, each far from those before it (Gonzalez 1985)."""
    nearest = places[np.argsort(np.abs(matched.log_odds[places]), kind="stable")[: HOPEFUL * count]]
    if not len(nearest) or not count:
        return nearest[:0]
    known: Floats = np.column_stack([np.nan_to_num(each.values[nearest], nan=-1.0) for each in matched.likenesses])
    known = (known - known.mean(axis=0)) / np.maximum(known.std(axis=0), 1e-9)
    taken = [0]
    away = np.linalg.norm(known - known[0], axis=1)
    while len(taken) < min(count, len(nearest)):
        taken.append(int(away.argmax()))
        away = np.minimum(away, np.linalg.norm(known - known[taken[-1]], axis=1))
        away[taken] = -1
    return nearest[taken]


def _interval(part: Floats, whole: Floats) -> tuple[float, float, float]:
    """Return a share by the labels as they are, and the ends of its interval; all of nothing is 1."""
    shares = np.where(whole > 0, part / np.maximum(whole, 1e-12), 1.0)
    low, high = np.quantile(shares[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(shares[0]), float(min(low, shares[0])), float(max(high, shares[0]))
