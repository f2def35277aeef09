"""A text, read once for all that its words say of the pairs that it is in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from siamese_text.text import Word, words


def listed(names: str) -> list[str]:
    """Return words that are written with spaces between them."""
    return names.split()


_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$)|\d{3},\d{3})")
# A number with a point or colon is one word: version 3.2 is not 2.3. Whole hours and amounts are written without, too.
_WHOLE = re.compile(r"(?<=\d)(?:\.0+|:00)(?![.:]?\d)")
_POINT = re.compile(r"(?<=\d)[.:](?=\d)")
_MONEY = re.compile(
    r"([$€£¥])\s?(\d(?:[\d.,:]*\d)?(?:bn|[kmb])?)\b(\s(?:hundred|thousand|million|billion|trillion)\b)?", re.IGNORECASE
)
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_UNITS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = listed(
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
    listed(
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
        "september october november december"
    )
)
NEGATIONS = frozenset(
    listed(
        "not no never none nobody nothing neither nor cannot without refuse refuses refused unable lack lacks lacked"
    )
)
FAIL = frozenset(listed("fail fails failed failing"))  # to do something: a negation too
STOP_WORDS = frozenset(
    listed(
        "a an the of in on at to from for by with and or is are was were be been it its as that this do does did has "
        "have had will would"
    )
)
BE = frozenset(listed("is are was were be been being"))
_SUBJECTS = {
    "me": "i",
    "us": "we",
    "them": "they",
}  # whoever lends to me is not who I lend to; of "her" one cannot tell
LINKS = frozenset(listed("and or with nor plus"))  # what they join may be named in either order
SUBORDINATORS = frozenset(listed("if unless when while because although though after before until since"))
_NO_OTHERS = DATES | NEGATIONS | STOP_WORDS


@dataclass(frozen=True, slots=True)
class ReadWords:
    """A text, read for its details.

    Attributes:
        forms: The words, folded and without a possessive s, in their order.
        counts: How often each of them stands there, in the order in which they come first.
        numbers: The numbers among them, all in digits.
        dates: The names of days and months.
        names: The words with a capital, but for the first of the text, which has one anyway.
        negations: How many words deny.
        others: The words that are no detail of these kinds, without stop words; a plural s does not count, and one
            that comes again is another.
        passive: Whether something is done by somebody: a form of "be", and later "by".
    """

    forms: tuple[str, ...]
    counts: dict[str, int]
    numbers: frozenset[str]
    dates: frozenset[str]
    names: frozenset[str]
    negations: int
    others: frozenset[str]
    passive: bool

    @classmethod
    def of(cls, text: str, found: Sequence[Word] | None = None) -> ReadWords:
        """Read a text, whose words may be at hand; 12,500 and 12500 are one number, $5 and 5 dollars are one amount."""
        whole = _spelled(text)
        if found is None or whole != text:
            found = words(whole)
        forms = tuple(map(_bare, found))
        capital = (word for word in found[1:] if whole[word.span.start].isupper() and len(word.form) > 1)
        names = frozenset(map(_bare, capital)) - DATES
        counts = dict(Counter(forms))
        numbers = frozenset(filter(_is_number, counts))
        return cls(
            forms=forms,
            counts=counts,
            numbers=frozenset(NUMBERS.get(number, _ORDINAL.sub(r"\1", number)) for number in numbers),
            dates=frozenset(DATES & counts.keys()),
            names=names,
            negations=_negations(forms),
            others=frozenset(_others(counts, numbers | names)),
            passive="by" in forms[next((place for place, form in enumerate(forms) if form in BE), len(forms)) :],
        )

    def in_order(self, other: ReadWords) -> list[str]:
        """Return the words that stand once here and in another text, in their order here; none that links two."""
        theirs = other.counts
        return [
            word for word, count in self.counts.items() if count == 1 and theirs.get(word) == 1 and word not in LINKS
        ]


def _spelled(text: str) -> str:
    """Return a text whose numbers and amounts are each written in one way."""
    if not _DIGIT.search(text):
        return text
    whole = _GROUPED.sub("", text)
    whole = _MONEY.sub(lambda found: f"{found[2]}{found[3] or ''} {_CURRENCIES[found[1]]}", whole)
    return _POINT.sub("p", _WHOLE.sub("", whole))


def _bare(word: Word) -> str:
    form = word.form.removesuffix("'s")
    return _SUBJECTS.get(form, form)


def _is_number(form: str) -> bool:
    return form in NUMBERS or form[0].isdigit()


def _negations(forms: Sequence[str]) -> int:
    failing = sum(form in FAIL and after == "to" for form, after in pairwise(forms))
    return failing + sum(form in NEGATIONS or form.endswith("n't") for form in forms)


def _others(counts: Mapping[str, int], known: frozenset[str]) -> Iterator[str]:
    """Yield the words that are no detail, each as often as it comes: the second time as another word."""
    seen: Counter[str] = Counter()
    for form, count in counts.items():
        if form not in known and form not in _NO_OTHERS and not form.endswith("n't"):
            stem = form.removesuffix("s") if len(form) > 3 else form
            for number in range(seen[stem], seen[stem] + count):
                yield f"{stem} {number}" if number else stem
            seen[stem] += count
