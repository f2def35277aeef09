"""Keys of a keyboard that stand in for letters that they look like: ``I`` for l, ``0`` for o, ``vv`` for w.

Each of them stands in honest words, too: names (McIntosh), codes (a0b1), many words (modern). A text is disguised by
one where it takes the place of its letter throughout: in many words, and for a good part of all such letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from siamese_text.records import Span

_SINGLE = {"I": "l", "1": "l", "0": "o", "3": "e", "4": "a", "5": "s"}
_DOUBLE = {"rn": "m", "vv": "w"}
_FEWEST, _LEAST = 5, 0.25  # words that hold one; how many there are for each letter that is itself
_FEWEST_SMALL = 3  # letters of a word that is no code
_LEAST_COMMON = 1.5  # of rn, which many words hold
_WORD = re.compile(r"[^\W_]+")
_INSIDE = {own: re.compile(f"[a-z]{own}+[a-z]") for own in _SINGLE} | {
    "I": re.compile(r"[a-z]I+(?:[a-z]|\b)"),
    "rn": re.compile("[a-z]rn[a-z]"),
    "vv": re.compile("vv[a-z]"),
}
_FIRST = re.compile("I[aeiouy]")  # an l begins words before vowels, an I before other letters


def stand_ins(text: str) -> dict[str, str]:
    """Tell which keys stand in a text for which letters.

    Args:
        text: The text of a document; one of a few words shows too little.

    Returns:
        The letter of each.

    Example:
        >>> stand_ins("He couId see the coId hiIIs and vaIIeys, the oId roads and aII the waIIs beIow.")
        {'I': 'l'}
    """
    found = {}
    for own, letter in (_SINGLE | _DOUBLE).items():
        least = (_LEAST_COMMON if own == "rn" else _LEAST) * (text.count(letter) + text.count(letter.upper()))
        if text.count(own) < max(_FEWEST, least):  # nearly always, and quickly told
            continue
        words = [word for word in _WORD.findall(text) if _INSIDE[own].search(word) and _small(word) >= _FEWEST_SMALL]
        if len(set(words)) >= _FEWEST and sum(word.count(own) for word in words) >= least:
            found[own] = letter
    return found


def put_back(text: str) -> str:
    """Put back the letters that single keys stand for; the text keeps its length, so that two letters stay two.

    Example:
        >>> put_back("He couId see the coId hiIIs and vaIIeys, the Iong roads and aII the waIIs beIow. It froze.")
        'He could see the cold hills and valleys, the long roads and all the walls below. It froze.'
    """
    letters = list(text)
    for own, letter in stand_ins(text).items():
        for span in _spans(text, own) if own in _SINGLE else ():
            letters[span.start] = letter
    return "".join(letters)


def doubled(text: str) -> dict[str, str]:
    """Return those of ``stand_ins`` that are two letters for one."""
    return {own: letter for own, letter in stand_ins(text).items() if own in _DOUBLE}


def stand_in_spans(text: str) -> dict[str, list[Span]]:
    """Return where each of ``stand_ins`` stands, by what it is and what it stands for, such as ``I for l``."""
    return {f"{own} for {letter}": list(_spans(text, own)) for own, letter in stand_ins(text).items()}


def _spans(text: str, own: str) -> Iterator[Span]:
    for word in _WORD.finditer(text):
        if own in word[0] and 3 * _small(word[0]) >= len(word[0]):  # else a number or an abbreviation
            for found in re.finditer(own, word[0]):
                at = found.start()
                if own != "I" or at > 0 or _FIRST.match(word[0]):
                    yield Span(word.start() + at, word.start() + found.end())


def _small(word: str) -> int:
    return sum(map(str.islower, word))
