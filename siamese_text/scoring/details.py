"""In which details two texts of nearly the same words differ: what an average of word vectors hardly shows.

An encoder that averages its tokens gives "the bus leaves at nine" and "the bus leaves at ten" nearly the same vector,
and "Ann owes Bo" and "Bo owes Ann" the very same. Such pairs are told apart here by their words alone. A detail counts
by how little else differs: where m words, stop words aside, stand on one side alone, another number, date, name,
negation or opposite counts 1 / (1 + m), for between texts that share little another number says nothing.

``exchanged`` and ``moved`` read the order of the words that stand once in either text. Between the first and the last
that changed their place, two parts of a sentence that only change places, X Y to Y X, were moved, as clauses are; where
anything else stays between them, X p Y to Y p X, they were exchanged, as who does it and whom it is done to are. Both
count by the fourth power of the share of words in common.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.scoring.opposites import opposites
from siamese_text.scoring.read_words import LINKS, NEGATIONS, SUBORDINATORS, ReadWords

DETAILS = ("number", "date", "name", "negation", "opposite", "exchanged", "moved")


def differing_details(left: ReadWords, right: ReadWords) -> tuple[float, ...]:
    """Return how far two texts differ in each of ``DETAILS``.

    Args:
        left: One text.
        right: The other.

    Returns:
        One value in [0, 1] for each; 0 where they do not differ.

    Example:
        >>> def said(a, b):
        ...     found = differing_details(ReadWords.of(a), ReadWords.of(b))
        ...     return [name for name, value in zip(DETAILS, found) if value]
        >>> said("The bus leaves at nine on Monday.", "The bus leaves at 10 on Friday.")
        ['number', 'date']
        >>> said("Ann owes Bo ten pounds.", "Bo owes Ann ten pounds.")
        ['exchanged']
        >>> said("If it snows, we stay at home.", "We stay at home if it snows.")
        ['moved']
    """
    a, b = left.counts.keys(), right.counts.keys()
    only_a, only_b = a - b - NEGATIONS, b - a - NEGATIONS
    opposed = [word for word in only_a if not only_b.isdisjoint(opposites(word))] if only_b else []
    denied = (left.negations - right.negations) % 2
    against = len(opposed) % 2 and denied  # what is not difficult is easy
    unmatched = max(0, len(left.others ^ right.others) - 2 * len(opposed))
    weight = 1 / (1 + unmatched)
    exchanged, moved = order_change(left, right)
    if exchanged and left.passive != right.passive:  # what Ann did to Bo was done to Bo by Ann
        exchanged, moved = False, True
    alike = (len(a & b) / len(a | b)) ** 4 if exchanged or moved else 0.0
    return (
        weight * _both_ways(left.numbers, right.numbers),
        weight * _both_ways(left.dates, right.dates),
        weight * bool(left.names - b and right.names - a),
        weight * (denied and not against),
        weight * (bool(opposed) and not against),
        exchanged * alike,
        moved * alike,
    )


def details_of(sides: Sequence[tuple[str, str]]) -> FloatArray:
    """Return how far the two texts of each of N pairs differ in each of ``DETAILS``.

    Args:
        sides: The two texts of each pair.

    Returns:
        (N, 7) float32 in [0, 1].

    Example:
        >>> details_of([("Take 2 pills.", "Take three pills."), ("It is open.", "It is not open.")]).tolist()
        [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    read = {text: ReadWords.of(text) for text in {text for pair in sides for text in pair}}
    return differing_rows([(read[left], read[right]) for left, right in sides])


def differing_rows(sides: Sequence[tuple[ReadWords, ReadWords]]) -> FloatArray:
    """Return what ``details_of`` does, for texts that are read: (N, 7) float32."""
    found = [differing_details(left, right) for left, right in sides]
    return np.array(found, dtype=np.float32).reshape(-1, len(DETAILS))


def order_change(left: ReadWords, right: ReadWords) -> tuple[bool, bool]:
    """Say whether two parts of a text were exchanged around what stays between them, or a part was moved.

    Args:
        left: A text.
        right: Another.

    Returns:
        Whether they were exchanged, and whether one was moved; at most one of both.

    Example:
        >>> order_change(ReadWords.of("the dog bit the man"), ReadWords.of("the man bit the dog"))
        (True, False)
        >>> order_change(ReadWords.of("red and blue flags"), ReadWords.of("blue and red flags"))
        (False, True)
        >>> order_change(ReadWords.of("If you pay, they help."), ReadWords.of("If they help, you pay."))
        (True, False)
    """
    one, other = left.in_order(right), right.in_order(left)
    if one == other:
        return False, False
    # Only the part between the first and the last word that changed its place is compared.
    start = next(place for place, (x, y) in enumerate(zip(one, other, strict=True)) if x != y)
    end = next(place for place, (x, y) in enumerate(zip(one[::-1], other[::-1], strict=True)) if x != y)
    x, y = one[start : len(one) - end], other[start : len(other) - end]
    turn = y.index(x[0])
    rotated = y[turn:] + y[:turn] == x
    if rotated and len(x) == 2:  # two single words: what stands between them, perhaps a word that comes twice, tells
        gaps = [_between(side.forms, *x) for side in (left, right)]
        rotated = not all(gaps) or not any(LINKS.isdisjoint(gap) for gap in gaps)
    elif rotated and 1 < turn < len(x) - 1 and start and one[start - 1] in SUBORDINATORS:  # if A, B is not if B, A
        rotated = not LINKS.isdisjoint(_between(left.forms, x[0], x[-1]))
    return not rotated, rotated


def _between(side: Sequence[str], one: str, other: str) -> Sequence[str]:
    start, end = sorted((side.index(one), side.index(other)))
    return side[start + 1 : end]


def _both_ways(left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether either side has something that the other lacks: one alone may only tell more."""
    return bool(left - right and right - left)
