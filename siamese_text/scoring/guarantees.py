"""Thresholds whose goal holds for new pairs with a given confidence, and not only for the pairs they were fitted on.

Each threshold t has the hypothesis that it breaks its promise, and an exact binomial test against it, the one behind
the bound of Clopper and Pearson (1934). Of n pairs of which a share of at least v is promised to be right, k are:

    p(t) = P(Binomial(n, v) ≥ k) = I_v(k, n − k + 1), the regularised incomplete beta function
        precision ≥ v      n pairs called the same, k of them are the same
        recall ≥ v         n same pairs, k of them called the same
        fpr ≤ 1 − v        n different pairs, k of them not called the same

The thresholds are tested from the safest on, as long as p(t) ≤ ε, and the last one is taken: testing in a fixed
sequence needs no correction for their number (Angelopoulos et al. 2021, "Learn then Test"). For recall and fpr the
safest threshold calls all pairs the same, or none. For a precision the safest one finds too few pairs to prove
anything, so the sequence starts at the fewest pairs that can, and anew at a tenth of all pairs, each start with half
of ε, which is handed on while the sequence holds (the fallback procedure of Wiens 2003). Several promises share ε.

Pairs that share a sentence are right or wrong together, at worst all of a group. So n pairs in groups of m₁, m₂, …
count as only (Σ m)² / Σ m² independent ones (Kish 1965), of which the same share k / n is right (Korn and Graubard
1998). Where no two pairs share a sentence this is n, and the test is exact. One pair drawn from each group would keep
it exact, but for a world in which large groups weigh no more than small ones.

What this needs: groups drawn like those of later use; scores that no label of these pairs has shaped; and for a
precision, that it falls where the threshold does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData
from siamese_text.scoring import metrics
from siamese_text.scoring.goals import FEWEST_FOUND, Goal, Promise

Floats = NDArray[np.float64]
Groups = NDArray[np.integer] | None  # the number of each pair's group; None where each pair is of its own
LATER_START = 10  # the sequence for a precision starts anew at one of so many pairs
STEP, MOST = 1.05, 100.0  # by which, and up to which, the number of pairs is raised to see how many would do


def independent_pairs(groups: NDArray[np.integer]) -> Floats:
    """Return as how many independent pairs the first 1, 2, … N pairs count: (Σ m)² / Σ m², m the sizes of their groups.

    Args:
        groups: (N,) the number of each pair's group, such as ``components`` gives.

    Returns:
        (N,) float64, each at least 1.

    Example:
        >>> independent_pairs(np.array([7, 8, 8, 9])).round(2).tolist()
        [1.0, 2.0, 1.8, 2.67]
    """
    order = np.argsort(groups, kind="stable")
    _, firsts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    squares = np.empty(len(groups))
    squares[order] = 2 * (np.arange(len(groups)) - np.repeat(firsts, sizes)) + 1  # what the j-th of a group adds to m²
    numbers: Floats = np.arange(1, len(groups) + 1) ** 2 / np.cumsum(squares)
    return numbers


def guaranteed_thresholds(
    goal: Goal, labels: NDArray[np.integer], compared: NDArray[np.floating[Any]], groups: Groups = None
) -> tuple[float, float | None]:
    """Find the thresholds that keep a goal's promises for pairs like these, with the goal's confidence.

    Args:
        goal: What is promised: of the yes, of the no, or of both.
        labels: (N,) 0 or 1.
        compared: (N,), what is compared with the threshold; it owes nothing to these labels but its scale.
        groups: (N,) the number of each pair's group; None where no two pairs are of one.

    Returns:
        The threshold from which a pair is called the same, and the one below which it is called different, for what
        lies between is unsure; None where nothing does. They are infinite where a promise is not proved, so that the
        answer is never a yes, or never a no.

    Example:
        >>> compared = np.arange(200) / 200
        >>> guaranteed_thresholds(Goal.read("precision>=0.9, recall>=0.9"), compared > 0.5, compared)
        (0.4975, None)
        >>> guaranteed_thresholds(Goal.read("precision>=0.9, recall>=0.99"), compared > 0.5, compared)
        (0.4825, -inf)
    """
    places = np.concatenate([[-math.inf], metrics.thresholds(labels, compared)[0], [math.inf]])
    of_the_yes, of_the_no = [], []
    for promise in goal.promises:
        last = _last_that_holds(_Evidence.of(promise, labels, compared, groups), goal.error)
        if promise.of_the_no:
            of_the_no.append(0 if last is None else last + 1)
        else:
            of_the_yes.append(len(places) - 1 if last is None else last + 1)
    if not of_the_no:
        return float(places[max(of_the_yes)]), None
    if not of_the_yes:
        return float(places[min(of_the_no)]), None
    yes, no = max(of_the_yes), min(of_the_no)
    if no < yes:
        return float(places[yes]), float(places[no])
    return float(places[(yes + no) // 2]), None  # all thresholds from one to the other keep every promise


def check_guarantee(
    goal: Goal, labels: NDArray[np.integer], compared: NDArray[np.floating[Any]], groups: Groups = None
) -> None:
    """Refuse a promise that these pairs cannot give.

    Args:
        goal: What is promised.
        labels: (N,) 0 or 1.
        compared: (N,), what is compared with the threshold.
        groups: (N,) the number of each pair's group; None where no two pairs are of one.

    Raises:
        BadData: No threshold keeps it with the goal's confidence; the message says about how many more pairs would do.
    """
    for promise in goal.promises:
        evidence = _Evidence.of(promise, labels, compared, groups)
        if _last_that_holds(evidence, goal.error) is None:
            counted = ""
            if groups is not None and (independent := independent_pairs(groups)[-1]) < len(labels):
                counted = f", which count as {independent:,.0f} since some share a sentence"
            raise BadData(
                f"{promise} cannot be promised with confidence {goal.value:g} by these {len(labels):,} pairs{counted}; "
                + _what_would_do(evidence, goal.error, len(labels))
            )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Of each threshold, from the lowest up: how many independent pairs it is measured by, and how many are right.

    ``share`` is v of the formula, ``pairs`` as how many independent ones all pairs count.
    """

    promise: Promise
    right: Floats
    number: Floats
    share: float
    pairs: float

    @classmethod
    def of(
        cls,
        promise: Promise,
        labels: NDArray[np.integer],
        compared: NDArray[np.floating[Any]],
        groups: Groups,
    ) -> _Evidence:
        """Count what a promise is measured by at each threshold that these pairs tell apart."""
        groups = np.arange(len(labels)) if groups is None else groups
        _, different, same = metrics.thresholds(labels, compared)
        if promise.figure == "precision":
            share, right, number = promise.value, same, different + same
            measured = groups[np.argsort(-compared, kind="stable")]
        elif promise.figure == "recall":
            share, right, number = promise.value, same, np.full_like(same, same[0])
            measured = groups[labels == 1]
        else:
            share, right, number = 1 - promise.value, different[0] - different, np.full_like(same, different[0])
            measured = groups[labels == 0]
        # At each threshold it is measured by so many of these, the first ones.
        independent = np.append(0.0, independent_pairs(measured))[number.astype(np.int64)]
        pairs = float(independent_pairs(groups)[-1])
        return cls(promise, right * independent / np.maximum(number, 1), independent, share, pairs)

    def p_values(self, factor: float = 1.0) -> Floats:
        """Return how probable so many right ones are if just too few were, of ``factor`` times as many pairs."""
        from scipy.stats import beta

        right, number = factor * self.right, factor * self.number
        values: Floats = np.where(right > 0, beta.cdf(self.share, np.maximum(right, 1e-9), number - right + 1), 1.0)
        return values


def _last_that_holds(evidence: _Evidence, error: float) -> int | None:
    """Return the last threshold of a promise's sequence that holds; None where not even a start does."""
    p_values = evidence.p_values()
    if evidence.promise.of_the_no:  # the safest threshold is the lowest
        return _fallback(p_values, {0: error})
    starts = {0: error}
    if evidence.promise.figure == "precision":
        number = evidence.number[::-1]
        starts = {int(np.argmax(number >= least)): part for least, part in _starts(evidence, error)}
    last = _fallback(p_values[::-1], starts)
    return None if last is None else len(p_values) - 1 - last


def _starts(evidence: _Evidence, error: float) -> list[tuple[float, float]]:
    """Return from how many pairs called the same on a precision is tested, with which part of the error."""
    later, early = evidence.pairs / LATER_START, _fewest(evidence.share, error / 2)
    every = [(early, error / 2), (later, error / 2)] if early < later else [(_fewest(evidence.share, error), error)]
    return [(least, part) for least, part in every if least <= evidence.number.max()]


def _fallback(p_values: Floats, starts: dict[int, float]) -> int | None:
    """Return the place of the last p-value in the sequence that is small enough, None where none is."""
    level, last = 0.0, None
    for place, p_value in enumerate(p_values.tolist()):
        level += starts.get(place, 0.0)
        if p_value <= level:
            last = place
        else:
            level = 0.0
    return last


def _fewest(share: float, error: float) -> int:
    """Return how many pairs, all of them right, prove a share of right ones."""
    return math.ceil(math.log(error) / math.log(share) - 1e-9)


def _what_would_do(evidence: _Evidence, error: float, pairs: int) -> str:
    """Say about how many more pairs like these would prove a promise, or that none would."""
    if evidence.promise.figure == "precision":
        enough = evidence.number >= FEWEST_FOUND  # the share of right ones among fewer is luck
        factor = 1.0
        while factor < MOST:
            factor *= STEP
            if (evidence.p_values(factor)[enough] <= error).any():
                return f"about {_rounded((factor - 1) * pairs)} more pairs like them would do"
        best = float(np.max((evidence.right / np.maximum(evidence.number, 1))[enough], initial=0.0))
        return f"the best precision on them is {best:.3f}, so no number will do; promise less, or take another model"
    kind, needed, there = (
        "same" if evidence.promise.of_the_no else "different",
        _fewest(evidence.share, error),
        evidence.number[0],
    )
    more = _rounded((needed / max(there, 1) - 1) * pairs)
    return f"that takes {needed} {kind} ones and there are {there:.0f}: about {more} more pairs like them would do"


def _rounded(number: float) -> str:
    """Return a number of pairs, rounded up to two digits."""
    unit = 10 ** max(math.floor(math.log10(max(number, 1))) - 1, 0)
    return f"{math.ceil(max(number, 1) / unit) * unit:,}"
