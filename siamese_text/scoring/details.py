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
from functools import lru_cache

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.scoring.read_words import LINKS, NEGATIONS, ReadWords, listed

DETAILS = ("number", "date", "name", "negation", "opposite", "exchanged", "moved")
OPPOSITES = frozenset(
    tuple(pair.split(":"))
    for pair in listed("""
    before:after north:south east:west northern:southern eastern:western northwest:southeast northeast:southwest
    urban:rural successful:unsuccessful left:right up:down on:off in:out above:below inside:outside open:closed
    opens:closes opened:closed begin:end begins:ends began:ended start:stop starts:stops started:stopped first:last
    early:late earlier:later more:less most:least many:few larger:smaller largest:smallest higher:lower highest:lowest
    longer:shorter older:younger oldest:youngest taller:shorter faster:slower heavier:lighter better:worse best:worst
    good:bad big:small large:small long:short tall:short high:low fast:slow heavy:light hot:cold warm:cool old:new
    old:young strong:weak rich:poor easy:difficult easy:hard cheap:expensive safe:dangerous clean:dirty dry:wet
    full:empty happy:sad quiet:loud quiet:noisy awake:asleep alive:dead male:female man:woman boy:girl father:mother
    son:daughter brother:sister husband:wife always:never increase:decrease increased:decreased increases:decreases
    rise:fall rises:falls rose:fell gain:loss gained:lost win:lose wins:loses won:lost buy:sell buys:sells bought:sold
    accept:reject accepts:rejects accepted:rejected allow:forbid allowed:forbidden support:oppose supports:opposes
    supported:opposed import:export imported:exported minimum:maximum major:minor positive:negative public:private
    ancient:modern internal:external success:failure winner:loser arrive:leave arrives:leaves arrived:left
    arrives:departs push:pull love:hate loves:hates loved:hated remember:forget remembered:forgot front:back top:bottom
    arrive:depart arrived:departed enter:leave entered:left improve:worsen improves:worsens improved:worsened
    improving:worsening succeed:fail succeeds:fails succeeded:failed pass:fail passes:fails passed:failed admit:deny
    admits:denies admitted:denied include:exclude includes:excludes included:excluded create:destroy created:destroyed
    attack:defend attacked:defended hire:fire hired:fired lend:borrow lends:borrows lent:borrowed tighten:loosen
    tightened:loosened expand:shrink expanded:shrank upper:lower inner:outer upstairs:downstairs forward:backward
    forwards:backwards present:absent guilty:innocent deep:shallow wide:narrow thick:thin rough:smooth sharp:blunt
    sweet:bitter sweet:sour tight:loose raw:cooked odd:even domestic:foreign temporary:permanent day:night
    morning:evening summer:winter departure:arrival departures:arrivals buyer:seller brothers:sisters sons:daughters
    boys:girls men:women king:queen uncle:aunt nephew:niece he:she him:her his:her his:hers himself:herself
    """)
)
OPPOSITE_OF: dict[str, set[str]] = {}
for _one, _other in OPPOSITES:
    OPPOSITE_OF.setdefault(_one, set()).add(_other)
    OPPOSITE_OF.setdefault(_other, set()).add(_one)
# honest, dishonest; overpaid, underpaid
SYLLABLES = [("", denying) for denying in listed("un in im ir il dis non")]
SYLLABLES += [("over", "under"), ("up", "down"), ("in", "out"), ("pre", "post"), ("pro", "anti")]
SYLLABLES += [(other, one) for one, other in SYLLABLES]
SHORTEST_STEM = 4  # letters that both words share


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
    opposed = [word for word in only_a if not only_b.isdisjoint(_opposites(word))] if only_b else []
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
    return not rotated, rotated


def _between(side: Sequence[str], one: str, other: str) -> Sequence[str]:
    start, end = sorted((side.index(one), side.index(other)))
    return side[start + 1 : end]


def _both_ways(left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether either side has something that the other lacks: one alone may only tell more."""
    return bool(left - right and right - left)


@lru_cache(maxsize=16_384)
def _opposites(word: str) -> frozenset[str]:
    """Return the words that may say the opposite of one: those listed, and what a syllable makes of it."""
    found = set(OPPOSITE_OF.get(word, ()))
    for one, other in SYLLABLES:
        if word.startswith(one) and len(stem := word.removeprefix(one)) >= SHORTEST_STEM:
            found.add(other + stem)
    for one, other in (("ful", "less"), ("less", "ful")):
        if word.endswith(one):
            found.add(word.removesuffix(one) + other)
    return frozenset(found)
