"""From where on a pair is a match and no look-alike: told by a table that has no duplicates of its own.

The weights take columns for independent. Songs of one album agree in artist, album, date and genre at once, and the sum
of these weights calls thousands of songs a match that are none. How often that happens shows within one table: the
nearest other row there is no match for certain, and is as alike as what a row without a partner finds elsewhere. Let
O(s) be the share of rows whose best pair scores s or more, F(s) that of rows within a table, and η that of rows without
a partner. Whatever matches score,

    η · F ≤ O    and    η · (1 − F) ≤ 1 − O    so that    η ≤ min O / F, (1 − O) / (1 − F)

of which the second is asked only while F is small. The share of look-alikes at a score is then η · f / o, of densities,
made to fall (Efron et al. 2001: local false discovery rate; Ayer et al. 1955). AutoFuzzyJoin (Li et al. 2021) reads its
precision from the same source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.candidates import Candidates, Places
from siamese_text.matching.comparisons import Likeness, two_best
from siamese_text.matching.mixture import Floats, Mixture, fit_mixture, partners

FEWEST = 100  # rows on either side, below which chance says more than look-alikes do
STEP = 10  # best pairs between two scores at which they are counted
LOOK_ALIKES = 20.0  # expected at a score, at least, and this share of rows, to tell how many rows have no partner
SHARE = 0.04
MOST = 0.6  # of rows with a look-alike, up to which those without a good pair tell of rows without a partner
UNSEEN = 3  # pairs that may be missing in any count by chance
LOWEST = -4.0  # log-odds that a threshold is never below: of less no match is called, whatever tables look like

Within = Callable[[int], tuple[Candidates, list[Likeness]]]


def learn(
    pairs: Candidates, likenesses: Sequence[Likeness], within: Within, sides: tuple[bool, bool] | None = None
) -> Mixture:
    """Learn weights from candidates, and from where on they mean a match.

    Args:
        pairs: P candidates.
        likenesses: How alike they are, without the lead.
        within: The side of a table -> its candidates with itself, and how alike they are.
        sides: On which side a row has at most one partner; None finds out.
    """
    within = cache(within)
    mixture = with_threshold(fit_mixture(pairs, likenesses, sides or (True, True)), pairs, likenesses, within)
    if sides is None and not pairs.alone:
        sides = partners(pairs, likenesses, mixture.threshold)
        if sides != mixture.sides:
            return with_threshold(fit_mixture(pairs, likenesses, sides), pairs, likenesses, within)
    return mixture


def with_threshold(mixture: Mixture, pairs: Candidates, likenesses: Sequence[Likeness], within: Within) -> Mixture:
    """Return a mixture that calls a match what is likelier one than a look-alike.

    Args:
        mixture: What was learned of two tables; of one, or of two that both have duplicates, it stays as it is.
        pairs: P candidates.
        likenesses: How alike they are, without the lead.
        within: The side of a table -> its candidates with itself, and how alike they are.
    """
    if pairs.alone or not any(mixture.sides) or min(pairs.rows) < FEWEST:
        return mixture
    # the rows of the smaller table, or those that have one partner at most as the other table has no duplicates
    from_left = pairs.rows[0] <= pairs.rows[1] if all(mixture.sides) else mixture.one_left
    rows, count = (pairs.left, pairs.rows[0]) if from_left else (pairs.right, pairs.rows[1])
    found = _best(rows, mixture.known(pairs, likenesses).rivalled, count)
    # a much smaller table has fewer look-alikes than the other one holds
    sides = [side for side in (0, 1) if 2 * pairs.rows[side] >= max(pairs.rows)]
    alike = []
    for side in sides if all(mixture.sides) else [int(mixture.one_left)]:
        known = mixture.known(*_as_two_tables(*within(side)))
        alike.append(_best(known.pairs.left, known.rivalled, pairs.rows[side]))
    return replace(mixture, threshold=threshold_between(found, alike))


def threshold_between(found: Floats, alike: Sequence[Floats]) -> float:
    """Return the score from which on a pair is likelier a match than a look-alike.

    Args:
        found: (n,) the score of the best pair of each row; -inf where it has none.
        alike: The same of the rows of each table that have no match: what all of them find tells.

    Returns:
        The threshold, at least ``LOWEST``; just above all scores where none is likelier a match.

    Example:
        >>> draw = np.random.default_rng(0).normal
        >>> alike, matches = draw(0, 1, 2000), draw(6, 1, 500)
        >>> bool(2 < threshold_between(np.append(alike[:500], matches), [alike]) < 4)
        True
    """
    from sklearn.isotonic import isotonic_regression

    count = len(found)
    ordered = np.sort(found[np.isfinite(found)])[::-1]
    scores = np.unique(ordered[STEP - 1 :: STEP])
    if not len(scores):
        return 0.0
    best = count - np.searchsorted(np.sort(found), scores).astype(np.float64)
    expected = count * np.min([1 - np.searchsorted(np.sort(each), scores) / len(each) for each in alike], axis=0)
    many, few = expected >= max(LOOK_ALIKES, SHARE * count), expected <= MOST * count
    bounds = [(best[many] + UNSEEN) / expected[many], (count - best[few] + UNSEEN) / (count - expected[few])]
    partnerless = min(1.0, *np.concatenate(bounds))
    here = -np.diff(best, append=0)
    wrong = partnerless * -np.diff(expected, append=0) / here
    shares = isotonic_regression(np.minimum(wrong, 2), sample_weight=here, increasing=False)
    right = np.flatnonzero(shares <= 0.5)
    return float(max(scores[right[0]], LOWEST)) if len(right) else float(np.nextafter(ordered[0], np.inf))


def _best(rows: Places, log_odds: Floats, count: int) -> Floats:
    return two_best(rows, log_odds, count)[0]


def _as_two_tables(pairs: Candidates, likenesses: Sequence[Likeness]) -> tuple[Candidates, list[Likeness]]:
    """Return the pairs of one table as those of two that hold the same rows: each pair from both of its ends."""
    ends = np.concatenate([pairs.left, pairs.right]), np.concatenate([pairs.right, pairs.left])
    order: NDArray[np.intp] = np.lexsort(ends[::-1])
    twice = Candidates(ends[0][order], ends[1][order], pairs.rows, np.tile(pairs.found, 2)[order], alone=False)
    return twice, [replace(each, values=np.tile(each.values, 2)[order]) for each in likenesses]
