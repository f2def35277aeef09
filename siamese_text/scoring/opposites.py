"""Words of which one says the opposite of the other, or at least something else: both cannot hold of one thing.

``opposites.txt`` lists them, a word and then its opposites; regular endings are left out, as ``_inflected`` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations, product
from pathlib import Path

from siamese_text.scoring.read_words import listed

# Of the words of one group only one can hold; between commas stand those that say the same.
ALTERNATIVES = """
    all,every,each some none,no; everyone,everybody,all someone,somebody nobody; everything something nothing;
    always sometimes,occasionally never; once twice; double triple quadruple; doubled tripled quadrupled; half
    quarter third; must may,might,can,could; will,shall has did; am pm; yesterday tomorrow; morning
    afternoon evening,night; hourly daily weekly monthly quarterly yearly,annually,annual; seconds minutes,minute
    hours,hour days,day weeks,week months,month years,year; spring summer autumn winter; breakfast lunch
    dinner,supper; north south east west; northern southern eastern western; red green blue yellow white black
    orange purple pink brown grey,gray; gold silver bronze; small,little medium large,big; primary secondary
    tertiary; bachelor,bachelors master,masters; mother,mum,mom father,dad; kg,kilogram,kilograms,kilo,kilos
    g,gram,grams mg,milligram,milligrams mcg,microgram,micrograms lb,lbs,pound,pounds ton,tons,tonne,tonnes
    oz,ounce,ounces km,kilometre,kilometres,kilometer,kilometers metre,metres,meter,meters
    cm,centimetre,centimetres,centimeter,centimeters mm,millimetre,millimetres,millimeter,millimeters mile,miles
    yard,yards foot,feet inch,inches litre,litres,liter,liters ml,millilitre,millilitres,milliliter,milliliters
    gallon,gallons pint,pints; celsius fahrenheit kelvin; kb mb gb tb; dollar,dollars,usd euro,euros,eur
    pound,pounds,gbp yen,jpy rupee,rupees franc,francs yuan peso,pesos
"""
# honest, dishonest; overpaid, underpaid; hypertension, hypotension
SYLLABLES = [("", denying) for denying in listed("un in im ir il dis non")]
SYLLABLES += [("over", "under"), ("up", "down"), ("in", "out"), ("pre", "post"), ("pro", "anti"), ("hyper", "hypo")]
SYLLABLES += [(other, one) for one, other in SYLLABLES]
SHORTEST_STEM = 4  # letters that both words share
VOWELS = frozenset("aeiou")


@lru_cache(maxsize=16_384)
def opposites(word: str) -> frozenset[str]:
    """Return the words that may say the opposite of one: those listed, and what an ending or a syllable makes of it.

    Args:
        word: A folded word.

    Returns:
        Folded words, most of which stand in no text.

    Example:
        >>> sorted(opposites("pm")), "careless" in opposites("careful"), "cheapest" in opposites("dearest")
        (['am'], True, True)
    """
    found = set(_listed().get(word, ()))
    for one, other in SYLLABLES:
        if word.startswith(one) and len(stem := word.removeprefix(one)) >= SHORTEST_STEM:
            found.add(other + stem)
    for one, other in (("ful", "less"), ("less", "ful")):
        if word.endswith(one):
            found.add(word.removesuffix(one) + other)
    return frozenset(found)


@cache
def _listed() -> dict[str, set[str]]:
    """Return, of each word that is listed and each that an ending makes of it, what is listed against it."""
    found: dict[str, set[str]] = {}
    for one, other in _pairs():
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _pairs() -> Iterator[tuple[str, str]]:
    for line in Path(__file__).with_name("opposites.txt").read_text(encoding="utf-8").splitlines():
        one, _, others = line.partition(":")
        for other in others.split():
            yield one, other
            yield from zip(_inflected(one), _inflected(other), strict=True)
    for group in ALTERNATIVES.split(";"):
        for ones, others in combinations(group.split(), 2):
            yield from product(ones.split(","), others.split(","))


def _inflected(word: str) -> tuple[str, ...]:
    """Return a word with each regular ending of English: s, ed, ing, er, est, ly; what is no word stands in no text."""
    last, before = word[-1], word[-2]
    stem = word[:-1] + "i" if last == "y" and before not in VOWELS else word
    # stop, stopped: a word whose only vowel stands before its last letter doubles that letter
    doubled = before in VOWELS and last not in "wxy" and sum(letter in VOWELS for letter in word) == 1
    root = word[:-1] if last == "e" else word + last if doubled else word
    return (
        stem + "es" if stem != word or word.endswith(("s", "x", "z", "ch", "sh")) else word + "s",
        (root if stem == word else stem) + "ed",
        root + "ing",
        (root if stem == word else stem) + "er",
        (root if stem == word else stem) + "est",
        word[:-1] + "y" if word.endswith("le") else stem + "ly",
    )
