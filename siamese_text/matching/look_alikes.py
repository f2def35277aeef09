"""From where on a pair is a match and no look-alike: told by what rows find that have no match.

The weights take columns for independent. Songs of one album agree in artist, album, date and genre at once, and the sum
of these weights calls thousands of songs a match that are none. How often that happens is told by what is left without
the best pairs. Of n rows let O(s) be those whose best pair scores s or more; K(s) the same after the best pairs were
taken away, K₂(s) after the next best were, too; F(s) those that find as much among the other rows of their own table,
if that has no duplicates. A row with a partner then has its best look-alike left, and one without its second best if it
is among the share p of rows that lost a pair: with a share η of rows without a partner p − (1 − η) of all rows. If
G(s) rows have a look-alike that scores s or more, and a second one is r times as frequent as a first,

    K = G · (1 − w + w · r)    with w = max(0, p − (1 − η)) and r = K₂ / K, and G ≤ F

F alone would be too much: one shop describes its products more alike than two shops do. Below s are at least the rows
that have neither a partner nor a look-alike there, n − O ≥ η · (n − G), so that η ≤ min (n − O) / (n − G); η and G
follow from each other, beginning with η = 1. The share of look-alikes at a score is then η · g / o, of densities, made
to fall (Efron et al. 2001: local false discovery rate; Ayer et al. 1955). AutoFuzzyJoin (Li et al. 2021) reads its
precision from F.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.comparisons import ALL, LEAD, Likeness, two_best
from siamese_text.matching.mixture import Floats, Mixture, fit_mixture, nearest_pairs, overall_likeness, partners
from siamese_text.unit_rows import TINY

FEWEST = 40  # rows on either side, below which chance says more than look-alikes do
STEP = 10  # best pairs between two scores at which they are counted, fewer where they are few
MOST = 0.9  # of rows with a look-alike, up to which those without a good pair tell of rows without a partner
ROUNDS = 20  # in which the share of rows without a partner settles
DOUBT = 1.0  # standard errors by which a count of rows may be too small by chance
LOWEST = -4.0  # log-odds that a threshold is never below: of less no match is called, whatever tables look like
AGREES, FILLED, REPEATED = 0.8, 0.3, 0.2  # a likeness, and shares of rows: see ``has_duplicates``

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
    if sides is not None or pairs.alone:
        return with_threshold(fit_mixture(pairs, likenesses, sides or (True, True)), pairs, likenesses, within)
    # a row has one partner at most where the other table has no duplicates
    sides = not has_duplicates(*within(1)), not has_duplicates(*within(0))
    mixture = with_threshold(fit_mixture(pairs, likenesses, sides), pairs, likenesses, within)
    left, right = partners(pairs, likenesses, mixture.threshold)
    sides = left and sides[0], right and sides[1]
    if sides == mixture.sides:
        return mixture
    return with_threshold(fit_mixture(pairs, likenesses, sides), pairs, likenesses, within)


def has_duplicates(pairs: Candidates, likenesses: Sequence[Likeness]) -> bool:
    """Say whether the rows of a table stand for the same thing as others of it.

    Each column agrees with that of the nearest other row in a good part of all rows. Of look-alikes some column always
    tells them apart, such as the title of two songs of one album.

    Args:
        pairs: P candidates among the rows of one table.
        likenesses: How alike they are.
    """
    twice, doubled = _as_two_tables(pairs, likenesses)
    nearest = np.flatnonzero(nearest_pairs(twice, overall_likeness(doubled), (True, False)))
    agreeing = []
    for column in {each.column for each in likenesses} - {ALL, LEAD}:
        values = np.mean([each.values[nearest] for each in doubled if each.column == column], axis=0)
        known = values[~np.isnan(values)]
        if len(known) > FILLED * len(nearest):
            agreeing.append((known >= AGREES).sum() / len(known))
    return bool(agreeing and min(agreeing) >= REPEATED)


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
    best, once, twice, taken = _peeled(mixture, pairs, likenesses, 0 if from_left else 1)
    # a much smaller table has fewer look-alikes than the other one holds
    sides = [side for side in (0, 1) if 2 * pairs.rows[side] >= max(pairs.rows)]
    alike = []
    for side in sides if all(mixture.sides) else [int(mixture.one_left)]:
        known = mixture.known(*_as_two_tables(*within(side)))
        alike.append(two_best(known.pairs.left, known.rivalled, pairs.rows[side])[0])
    return replace(mixture, threshold=threshold_between(best, once, twice, taken, alike))


def threshold_between(best: Floats, once: Floats, twice: Floats, taken: float, alike: Sequence[Floats]) -> float:
    """Return the score from which on a pair is likelier a match than a look-alike.

    Args:
        best: (n,) the score of the best pair of each row; -inf where it has none.
        once: (n,) the same after the best pairs were taken away.
        twice: (n,) the same after the next best were, too.
        taken: The share of rows of which a best pair was taken away.
        alike: What the rows of each table find within it.

    Returns:
        The threshold, at least ``LOWEST``; just above all scores where none is likelier a match.

    Example:
        >>> draw = np.random.default_rng(0).normal
        >>> first, second, third = np.sort(draw(0, 1, (3, 2000)), axis=0)[::-1]
        >>> best = np.append(first[:500], draw(6, 1, 1500))
        >>> once, twice = np.append(second[:500], first[500:]), np.append(third[:500], second[500:])
        >>> bool(2 < threshold_between(best, once, twice, 1.0, [first]) < 4)
        True
    """
    from sklearn.isotonic import isotonic_regression

    count = len(best)
    step = int(np.clip(count // 20, 3, STEP))
    ordered = np.sort(best[np.isfinite(best)])[::-1]
    scores = np.unique(ordered[step - 1 :: step])
    if not len(scores):
        return 0.0
    found, one, two = (_from(scores, each) for each in (best, once, twice))
    inside = np.min([_from(scores, each) * count / len(each) for each in alike], axis=0)
    second, most = np.minimum(two / np.maximum(one, 1), 1), np.maximum(inside, one) + 1
    partnerless = 1.0
    for _ in range(ROUNDS):
        lost = max(0.0, taken - (1 - partnerless))
        look_alikes = np.minimum((one + 1) / np.maximum(1 - lost + lost * second, TINY), np.minimum(most, count))
        look_alikes = np.minimum.accumulate(look_alikes)
        few = look_alikes <= MOST * count
        below = count - found[few]
        partnerless = float(((below + DOUBT * np.sqrt(below + 1)) / (count - look_alikes[few])).min(initial=1.0))
    here = -np.diff(found, append=0)
    wrong = partnerless * -np.diff(look_alikes, append=0) / here
    shares = isotonic_regression(np.minimum(wrong, 2), sample_weight=here, increasing=False)
    right = np.flatnonzero(shares <= 0.5)
    return float(max(scores[right[0]], LOWEST)) if len(right) else float(np.nextafter(ordered[0], np.inf))


def _from(scores: Floats, values: Floats) -> Floats:
    """Return how many values are at least each of some scores."""
    return (len(values) - np.searchsorted(np.sort(values), scores)).astype(np.float64)


def _peeled(
    mixture: Mixture, pairs: Candidates, likenesses: Sequence[Likeness], side: int
) -> tuple[Floats, Floats, Floats, float]:
    """Return the score of the best pair of each row of a side: of all pairs, without the best ones, without the next.

    The last is the share of rows of which a best pair was taken away first.
    """
    found, taken = [], []
    for _ in range(3):
        scores = mixture.known(pairs, likenesses).rivalled
        found.append(two_best((pairs.left, pairs.right)[side], scores, pairs.rows[side])[0])
        nearest = nearest_pairs(pairs, scores, mixture.sides)
        taken.append(len(np.unique((pairs.left, pairs.right)[side][nearest])) / pairs.rows[side])
        pairs = replace(pairs, left=pairs.left[~nearest], right=pairs.right[~nearest], found=pairs.found[~nearest])
        likenesses = [replace(each, values=each.values[~nearest]) for each in likenesses]
    return found[0], found[1], found[2], taken[0]


def _as_two_tables(pairs: Candidates, likenesses: Sequence[Likeness]) -> tuple[Candidates, list[Likeness]]:
    """Return the pairs of one table as those of two that hold the same rows: each pair from both of its ends."""
    ends = np.concatenate([pairs.left, pairs.right]), np.concatenate([pairs.right, pairs.left])
    order: NDArray[np.intp] = np.lexsort(ends[::-1])
    twice = Candidates(ends[0][order], ends[1][order], pairs.rows, np.tile(pairs.found, 2)[order], alone=False)
    return twice, [replace(each, values=np.tile(each.values, 2)[order]) for each in likenesses]
