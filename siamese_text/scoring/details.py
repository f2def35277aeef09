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

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.scoring.lexical import jaccard
from siamese_text.text import Word, words

DETAILS = ("number", "date", "name", "negation", "opposite", "exchanged", "moved")


def _listed(names: str) -> list[str]:
    return names.split()


_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$)|\d{3},\d{3})")
_UNITS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = _listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_LARGE = {"dozen": "12", "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000"}
NUMBERS = (
    {word: str(value) for value, word in enumerate(_UNITS)}
    | {word: str(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
    | {word: str(value) for value, word in enumerate(_ORDINALS, start=1)}
    | _LARGE
)
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
DATES = frozenset(
    _listed(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
        "september october november december"
    )
)
NEGATIONS = frozenset(
    _listed(
        "not no never none nobody nothing neither nor cannot without refuse refuses refused unable lack lacks lacked"
    )
)
FAIL = frozenset(_listed("fail fails failed failing"))  # to do something: a negation too
STOP_WORDS = frozenset(
    _listed(
        "a an the of in on at to from for by with and or is are was were be been it its as that this do does did has "
        "have had will would"
    )
)
BE = frozenset(_listed("is are was were be been being"))
LINKS = frozenset(_listed("and or with nor plus"))  # what they join may be named in either order
OPPOSITES = frozenset(
    tuple(pair.split(":"))
    for pair in _listed("""
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
SYLLABLES = [("", denying) for denying in _listed("un in im ir il dis non")]
SYLLABLES += [("over", "under"), ("up", "down"), ("in", "out"), ("pre", "post"), ("pro", "anti")]
SYLLABLES += [(other, one) for one, other in SYLLABLES]
SHORTEST_STEM = 4  # letters that both words share


@dataclass(frozen=True)
class ReadWords:
    """A text, read for its details."""

    text: str
    found: Sequence[Word]

    @classmethod
    def of(cls, text: str) -> ReadWords:
        """Find the words of a text; 12,500 and 12500 are one number."""
        text = _GROUPED.sub("", text)
        return cls(text, words(text))

    @cached_property
    def forms(self) -> list[str]:
        """The words, folded and without a possessive s, in their order."""
        return [_bare(word) for word in self.found]

    @cached_property
    def passive(self) -> bool:
        """Whether something is done by somebody: a form of "be", and later "by"."""
        start = next((place for place, form in enumerate(self.forms) if form in BE), len(self.forms))
        return "by" in self.forms[start:]

    @cached_property
    def numbers(self) -> Counter[str]:
        """The numbers, in digits or in words."""
        numbers = (form for form in self.forms if form in NUMBERS or form[0].isdigit())
        return Counter(NUMBERS.get(number, _ORDINAL.sub(r"\1", number)) for number in numbers)

    @cached_property
    def names(self) -> frozenset[str]:
        """The words with a capital, but for the first of the text, which has one anyway."""
        capital = (word for word in self.found[1:] if self.text[word.span.start].isupper() and len(word.form) > 1)
        return frozenset(map(_bare, capital)) - DATES

    @cached_property
    def negations(self) -> int:
        """How many words deny."""
        failing = sum(form in FAIL and after == "to" for form, after in pairwise(self.forms))
        return failing + sum(form in NEGATIONS or form.endswith("n't") for form in self.forms)

    @cached_property
    def others(self) -> Counter[str]:
        """The words that are no detail of these kinds, without stop words; a plural s does not count."""
        return Counter(
            form.removesuffix("s") if len(form) > 3 else form
            for form in self.forms
            if form not in NUMBERS
            and not form[0].isdigit()
            and form not in DATES | NEGATIONS | STOP_WORDS
            and form not in self.names
            and not form.endswith("n't")
        )


def differing_details(left: ReadWords, right: ReadWords, common: float) -> tuple[float, ...]:
    """Return how far two texts differ in each of ``DETAILS``.

    Args:
        left: One text.
        right: The other.
        common: The share of distinct words that stand in both, in [0, 1].

    Returns:
        One value in [0, 1] for each; 0 where they do not differ.

    Example:
        >>> def said(a, b):
        ...     found = differing_details(ReadWords.of(a), ReadWords.of(b), common=1.0)
        ...     return [name for name, value in zip(DETAILS, found) if value]
        >>> said("The bus leaves at nine on Monday.", "The bus leaves at 10 on Friday.")
        ['number', 'date']
        >>> said("Ann owes Bo ten pounds.", "Bo owes Ann ten pounds.")
        ['exchanged']
        >>> said("If it snows, we stay at home.", "We stay at home if it snows.")
        ['moved']
    """
    a, b = set(left.forms), set(right.forms)
    only_left, only_right = left.others - right.others, right.others - left.others
    opposed = [word for word in a - b - NEGATIONS if not (b - a - NEGATIONS).isdisjoint(_opposites(word))]
    denied = (left.negations - right.negations) % 2
    against = len(opposed) % 2 and denied  # what is not difficult is easy
    unmatched = max(0, sum((only_left + only_right).values()) - 2 * len(opposed))
    weight = 1 / (1 + unmatched)
    exchanged, moved = order_change(left.forms, right.forms)
    if exchanged and left.passive != right.passive:  # what Ann did to Bo was done to Bo by Ann
        exchanged, moved = False, True
    return (
        weight * _both_ways(set(left.numbers), set(right.numbers)),
        weight * _both_ways(a & DATES, b & DATES),
        weight * _both_ways(left.names - b, right.names - a),
        weight * (denied and not against),
        weight * (bool(opposed) and not against),
        exchanged * common**4,
        moved * common**4,
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
    read = {text: ReadWords.of(text) for pair in sides for text in pair}
    found = [
        differing_details(a, b, jaccard(a.forms, b.forms))
        for a, b in ((read[left], read[right]) for left, right in sides)
    ]
    return np.array(found, dtype=np.float32).reshape(-1, len(DETAILS))


def order_change(left: Sequence[str], right: Sequence[str]) -> tuple[bool, bool]:
    """Say whether two parts of a text were exchanged around what stays between them, or a part was moved.

    Args:
        left: The words of a text.
        right: Those of another.

    Returns:
        Whether they were exchanged, and whether one was moved; at most one of both.

    Example:
        >>> order_change("the dog bit the man".split(), "the man bit the dog".split())
        (True, False)
        >>> order_change("red and blue flags".split(), "blue and red flags".split())
        (False, True)
    """
    counts = Counter(left), Counter(right)
    one, other = (
        [word for word in side if counts[0][word] == counts[1][word] == 1 and word not in LINKS]
        for side in (left, right)
    )
    if one == other:
        return False, False
    # Only the part between the first and the last word that changed its place is compared.
    start = next(place for place, (x, y) in enumerate(zip(one, other, strict=True)) if x != y)
    end = next(place for place, (x, y) in enumerate(zip(one[::-1], other[::-1], strict=True)) if x != y)
    x, y = one[start : len(one) - end], other[start : len(other) - end]
    turn = y.index(x[0])
    rotated = y[turn:] + y[:turn] == x
    if rotated and len(x) == 2:  # two single words: what stands between them, perhaps a word that comes twice, tells
        gaps = [_between(side, *x) for side in (left, right)]
        rotated = not all(gaps) or not any(LINKS.isdisjoint(gap) for gap in gaps)
    return not rotated, rotated


def _between(side: Sequence[str], one: str, other: str) -> Sequence[str]:
    start, end = sorted((side.index(one), side.index(other)))
    return side[start + 1 : end]


def _bare(word: Word) -> str:
    return word.form.removesuffix("'s")


def _both_ways(left: set[str] | frozenset[str], right: set[str] | frozenset[str]) -> bool:
    """Say whether either side has something that the other lacks: one alone may only tell more."""
    return bool(left - right and right - left)


def _opposites(word: str) -> Iterator[str]:
    """Yield the words that may say the opposite of one: those listed, and what a syllable makes of it."""
    yield from OPPOSITE_OF.get(word, ())
    for one, other in SYLLABLES:
        if word.startswith(one) and len(stem := word.removeprefix(one)) >= SHORTEST_STEM:
            yield other + stem
    for one, other in (("ful", "less"), ("less", "ful")):
        if word.endswith(one):
            yield word.removesuffix(one) + other
