"""Spelling that the eye does not see is folded away for comparing; every folded character keeps its origin."""

from __future__ import annotations

import functools
import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from siamese_text.records import Span
from siamese_text.text.disguise import INVISIBLE, letters_apart, undisguised
from siamese_text.text.stand_ins import doubled

# Not combining marks, but composed with what stands before them by NFKC: half-width voicing marks, Hangul vowels.
_COMPOSED = "\u1160-\u11ff\u3131-\u318e\uff9e-\uff9f\uffa0-\uffdc"
# Ideographs, kana, and the letters of Thai, Lao, Burmese and Khmer.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SUPERSCRIPTS = "²³¹⁰⁴-⁹"
_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛′´ʼ‹›", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys(filter(str.isspace, map(chr, range(0x3001))), " ")
    | dict.fromkeys(INVISIBLE, "")
)
_ASCII_WORD = re.compile("[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")
_SPACE_RUN = re.compile(r"\s\s")
# White space, or at most some 30 words with single spaces: a character that needs care slows only its own stretch.
_STRETCH = re.compile(r"\s+|\S+(?:\s\S+){0,30}")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and for each of its code points where the piece of the original that it stands for is."""

    text: str
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def origin(self, start: int, end: int) -> Span:
        """Map a span of the folded text back to the original.

        Args:
            start: The first code point in the folded text.
            end: One past its last code point.

        Returns:
            The smallest span of the original that gave all of it; an empty span stays empty.
        """
        if start == end:
            place = self.starts[start] if start < len(self.text) else (self.ends[-1] if self.text else 0)
            return Span(place, place)
        return Span(self.starts[start], self.ends[end - 1])


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its folded form, with its place in the original text."""

    form: str
    span: Span


class _Patterns(NamedTuple):
    word: re.Pattern[str]
    unit: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    """Compile what needs the class of combining marks, which ``re`` has no name for."""
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.category(chr(code)).startswith("M"))
    attached = f"[{INVISIBLE}{_COMPOSED}{marks}]"
    letter = rf"[^\W_{_SUPERSCRIPTS}{_SPACELESS}]"
    return _Patterns(
        word=re.compile(rf"(?=\w)[{_SPACELESS}]{attached}*|{letter}+(?:(?:{attached}|['’](?={letter})){letter}*)*"),
        unit=re.compile(rf"\s+|\S{attached}*"),
    )


def fold(text: str) -> Folded:
    r"""Reduce a text to what a reader would call the same text.

    Unicode NFKC with full case folding; invisible characters are removed, quotation marks and dashes become the
    plain ones, runs of white space one space, and Cyrillic or Greek letters become the Latin ones that they
    imitate where their word holds Latin letters too. Folding a folded text changes nothing.

    Args:
        text: Any text.

    Returns:
        The folded text with its way back.

    Example:
        >>> folded = fold("The ﬁrst  “p\u0430per”")
        >>> folded.text
        'the first "paper"'
        >>> folded.origin(4, 9)
        Span(start=4, end=8)
    """
    folded = _fold_once(text)
    # One round can bring together what the next one composes or collapses.
    while (again := _fold_once(folded.text)).text != folded.text:
        folded = Folded(
            again.text,
            array("I", (folded.starts[start] for start in again.starts)),
            array("I", (folded.ends[end - 1] for end in again.ends)),
        )
    return folded


def words(text: str) -> list[Word]:
    """Find the words of a text, folded, with their places in the original.

    A word is a run of letters and digits with the combining marks and apostrophes inside it. Superscript digits
    are footnote marks and end a word. In scripts written without spaces every character is a word. Letters that only
    look like others count as those, and letters written one by one as the words that they make.

    Args:
        text: Any text.

    Returns:
        The words in their order.

    Example:
        >>> [word.form for word in words("Don’t stop: 3 cafés!")]
        ["don't", 'stop', '3', 'cafés']
    """
    text = undisguised(text)
    found: list[Word] = []
    done = 0
    for runs in letters_apart(text):
        found += _words_within(text, done, runs[0].start)
        found += [Word(_fold_word(_letters(text[run.start : run.end])), run) for run in runs]
        done = runs[-1].end
    found += _words_within(text, done, len(text))
    for own, letter in doubled(text).items():
        found = [Word(word.form.replace(own, letter), word.span) for word in found]
    return found


def _words_within(text: str, start: int, end: int) -> list[Word]:
    pattern = _ASCII_WORD if text.isascii() else _patterns().word
    return [
        Word(form, Span(*match.span()))
        for match in pattern.finditer(text, start, end)
        if (form := _fold_word(match[0]))
    ]


def _letters(spaced: str) -> str:
    return "".join(filter(str.isalpha, spaced))


@functools.lru_cache(maxsize=65536)
def _fold_word(surface: str) -> str:
    return fold(surface).text


def _fold_once(text: str) -> Folded:
    text = undisguised(text)
    whole = None if _SPACE_RUN.search(text) else _one_to_one(text)
    if whole is not None:
        return Folded(whole, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts, ends = array("I"), array("I")
    for stretch in _STRETCH.finditer(text):
        start, end = stretch.span()
        folded = None if stretch[0].isspace() else _one_to_one(stretch[0])
        if folded is not None:
            pieces.append(folded)
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            continue
        for unit in _patterns().unit.finditer(text, start, end):
            folded = _fold_unit(unit[0])
            pieces.append(folded)
            starts.extend([unit.start()] * len(folded))
            ends.extend([unit.end()] * len(folded))
    return Folded("".join(pieces), starts, ends)


def _one_to_one(text: str) -> str | None:
    """Fold a text in which every code point stays one code point, which is nearly all text; None for any other."""
    plain = text.translate(_PLAIN)
    folded = plain.casefold()
    unchanged = len(text) == len(plain) == len(folded) and unicodedata.is_normalized("NFKC", folded)
    return folded if unchanged else None


@functools.lru_cache(maxsize=65536)
def _fold_unit(unit: str) -> str:
    """Fold a run of white space, or a character with the marks that belong to it."""
    if unit.isspace():
        return " "
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", unit.translate(_PLAIN)).casefold())
