"""Letters that only look like others: undone for comparing, and told, because nobody writes them by accident.

Everything here keeps the length of a text, so that an offset into what is undone is one into the original.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from siamese_text.records import Note, Span
from siamese_text.text.reading import Reading, counted, where
from siamese_text.text.stand_ins import put_back, stand_in_spans

# Code points that show nothing: soft hyphen, zero-width and directional marks, variation selectors, tags.
INVISIBLE = "".join(
    chr(code)
    for first, last in (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E)),
        *((0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0000, 0xE0FFF)),
    )
    for code in range(first, last + 1)
)
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE))
# Signs that are letters or symbols to a program and blanks to the eye. Between letters of Hangul the first are real.
_JAMO = "\u1100-\u115e\u1161-\u11ff"
_FALSE_BLANK = re.compile(rf"(?<![{_JAMO}\uac00-\ud7a3])[\u115f\u1160\u3164\uffa0\u2800](?![{_JAMO}])")
# Two scripts whose texts can be disguised by Latin letters, too. Greek mu is left out: "µm" must not become "mm".
_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХԀԚԜҺаеѕіјкморстухԁԛԝһӏ", "ABESIJKMHOPCTYXDQWHaesijkmopctyxdqwhl", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ", "ABEZHIKMNOPTYXaikvopux", strict=True))
_TO_CYRILLIC = {latin: own for own, latin in _CYRILLIC.items()}
_TO_GREEK = {latin: own for own, latin in _GREEK.items()}
# Letters of languages, and Greek ones that look like Latin ones in some typefaces only.
_REAL = re.compile("[\u00c0-\u0250\u0252-\u0260\u0262-\u02af\u1e00-\u1effγσ]")
# Where all other look-alikes stand: a text without any of these needs no table.
_SUSPECT = re.compile("[\u0251\u0261\u0370-\u1dbf\u2c80-\u2ddf\ua4d0-\uabff\U00010280-\U00018fff]")
_WORD = re.compile(rf"[^\W\d_](?:[^\W_]|[{INVISIBLE}])*")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_FOREIGN = re.compile("[\u0370-\u1fff\u2c80-\u2fdf\ua4d0-\uabff\U00010280-\U00018fff]")
_GREEK_LETTER = re.compile("[\u0370-\u03ff]")
_SCHOLARLY = re.compile("[\u0250-\u02af\u0370-\u03ff]")
_FEWEST = 3  # words: fewer may be a slip of a keyboard with two scripts, or a copied invisible mark
_LONG_RUN = 60  # characters of letters written one by one: headings are set so, too
_CLEAR_LETTERS = 3  # of a word: fewer are a formula

_INSIDE_WORD = re.compile(
    "(?<=[A-Za-z\u00c0-\u024f\u0370-\u052f])"
    "[\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e0fff]+(?=[A-Za-z\u00c0-\u024f\u0370-\u052f])"
)
# No hyphenation leaves a single letter.
_ODD_HYPHEN = re.compile(
    r"(?<![^\W\d_])[^\W\d_]\u00ad(?=[^\W\d_]{2})|(?<=[^\W\d_]{2})\u00ad(?=[^\W\d_](?![^\W\d_]|\u00ad))"
)
_OTHER_FORM = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7cb]{3,}")
_WIDE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LONE = rf"[^\W\d_{_SPACELESS}](?!\w)"
_APART = re.compile(rf"(?<!\w){_LONE}(?:[\s.·*|_-]{{1,4}}{_LONE}){{9,}}")
_RUN = re.compile(r"[^\W\d_](?:[^\w\n][^\W\d_])*")


@dataclass(frozen=True, slots=True)
class _Swap:
    """A letter that imitates another one, the one that it stands for, and the word that it stands in."""

    at: int
    letter: str
    word: Span
    told: bool


def undisguised(text: str) -> str:
    r"""Put the letters that a reader sees in the place of those that only look like them.

    Args:
        text: Any text.

    Returns:
        A text of the same length. In a word of Latin letters what imitates one becomes one; likewise in Cyrillic and
        Greek words. Signs that look like blanks become blanks, and keys that stand in for letters these.

    Example:
        >>> undisguised("The p\u0430per\u2800w\u0430s \u0441old; парк")
        'The paper was cold; парк'
    """
    text = put_back(text)
    if text.isascii():
        return text
    text = _FALSE_BLANK.sub(" ", text)
    letters = list(text)
    for swap in _swaps(text):
        letters[swap.at] = swap.letter
    return "".join(letters)


def readable(text: str) -> str:
    """Return what an encoder should read of a text: one line, without what cannot be seen.

    Args:
        text: Any text.

    Returns:
        A text whose letters are those that a reader sees; letters written one by one are joined to words.

    Example:
        >>> readable("in\u200bvisible,  a n d   w r i t t e n   a p a r t")
        'invisible, and written apart'
    """
    pieces, done = [], 0
    for runs in letters_apart(text):
        pieces.append(text[done : runs[0].start])
        pieces.append(" ".join("".join(filter(str.isalpha, text[run.start : run.end])) for run in runs))
        done = runs[-1].end
    plain = undisguised("".join([*pieces, text[done:]]))
    return " ".join((plain if plain.isascii() else plain.translate(_UNSEEN)).split())


def letters_apart(text: str) -> list[list[Span]]:
    """Find stretches of ten or more letters that are written one by one, such as ``c o p i e d   t e x t``.

    Args:
        text: Any text.

    Returns:
        For each stretch its words; a stretch whose words nothing parts is left out.
    """
    stretches = []
    for found in _APART.finditer(text):
        runs = [Span(*run.span()) for run in _RUN.finditer(text, *found.span())]
        if len(runs) > 1:
            stretches.append(runs)
    return stretches


def disguise_notes(reading: Reading) -> list[Note]:
    """Tell what in a text deceives a program, and no reader.

    Args:
        reading: What was read.

    Returns:
        A note for each kind, with the characters; none for letters of fewer than three different words, fewer than
        three other signs, or what the text's own language writes.
    """
    text = reading.text
    swaps = [swap for swap in _swaps(_FALSE_BLANK.sub(" ", text)) if swap.told]
    words = {swap.word for swap in swaps}
    forms = {text[word.start : word.end] for word in words}
    apart = _spans(_APART.finditer(text))
    kinds = [
        (f"of another script in {counted(len(words), 'word')}", "letter", [Span(s.at, s.at + 1) for s in swaps]),
        ("in the shape of a blank", "sign", _spans(_FALSE_BLANK.finditer(text))),
        ("inside words", "invisible character", _spans(_INSIDE_WORD.finditer(text))),
        ("inside words that none divides", "invisible hyphen", _spans(_ODD_HYPHEN.finditer(text))),
        ("in full-width or mathematical letters", "word", _other_forms(text)),
        *((f"inside words ({what})", "look-alike", spans) for what, spans in stand_in_spans(text).items()),
        ("of letters written one by one", "run", apart if sum(map(len, apart)) >= _LONG_RUN else []),
    ]
    return [
        Note(
            "disguise",
            f"{counted(len(spans), noun)} {what}, first {where(reading, spans[0].start)}",
            spans=tuple(spans),
        )
        for what, noun, spans in kinds
        if len(forms if noun == "letter" else spans) >= (1 if noun == "run" else _FEWEST) and spans
    ]


def _spans(matches: Iterable[re.Match[str]]) -> list[Span]:
    return [Span(*match.span()) for match in matches]


def _other_forms(text: str) -> list[Span]:
    """Find words in wide or mathematical letters; East Asian text has wide ones of its own."""
    return [] if _WIDE_SCRIPT.search(text) else _spans(_OTHER_FORM.finditer(text))


@functools.cache
def _lookalikes() -> dict[str, str]:
    """Return the letters that look like a Latin one, by Unicode's table of confusable characters (UTS 39).

    Those of which NFKC makes plain letters anyway are left out.
    """
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for latin in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        for entry in confusables_data.get(latin, ()):
            own = entry["c"]
            if len(own) == 1 and own.isalpha() and not own.isascii() and not _REAL.match(own):
                table[own] = "I" if latin == "l" and own.isupper() else latin
    lasting = {own: latin for own, latin in table.items() if unicodedata.normalize("NFKC", own) == own}
    return lasting | _CYRILLIC | _GREEK


def _swaps(text: str) -> Iterator[_Swap]:
    """Yield the letters that imitate others, in the order of the text."""
    if text.isascii() or not (_SUSPECT.search(text) and _LATIN.search(text)):
        return
    words = list(_WORD.finditer(text))
    table = _lookalikes()
    latin_text = _is_latin(text, table)
    for place, found in enumerate(words):
        word, start = found[0], found.start()
        letters = [at for at, letter in enumerate(word) if letter in table]
        if letters and _LATIN.search(word):
            yield from _mixed(word, start, table, latin_text=latin_text)
        elif latin_text and len(letters) == len(word) and not _GREEK_LETTER.search(word):
            around = [words[near][0] for near in (place - 1, place + 1) if 0 <= near < len(words)]
            if around and not any(_clear_foreign(near, table) for near in around):
                span = Span(start, found.end())
                yield from (_Swap(start + at, table[word[at]], span, told=True) for at in letters)
        elif not letters and _LATIN.search(word) and _clear_foreign(word, table):
            yield from _mixed(word, start, table, latin_text=latin_text)


def _is_latin(text: str, table: dict[str, str]) -> bool:
    """Tell by the letters that imitate nothing whether a text is written in Latin ones."""
    latin = sum(letter not in _TO_CYRILLIC for letter in _LATIN.findall(text))
    return latin >= sum(letter not in table for letter in _FOREIGN.findall(text))


def _mixed(word: str, start: int, table: dict[str, str], *, latin_text: bool) -> Iterator[_Swap]:
    """Yield the imitations in a word of two scripts: those of the script that none of its other letters is of."""
    back = _TO_GREEK if _GREEK_LETTER.search(word) else _TO_CYRILLIC
    latin = [at for at, letter in enumerate(word) if _LATIN.match(letter)]
    foreign = [at for at, letter in enumerate(word) if letter in table]
    clear_latin = sum(word[at] not in back for at in latin)
    span = Span(start, start + len(word))
    if not _clear_foreign(word, table) and (clear_latin or latin_text):
        for at in foreign:
            # Formulas and phonetic writing mix letters, too: they are short, or have the other letter at an end.
            scholarly = _SCHOLARLY.match(word[at])
            told = not scholarly or (len(latin) >= _CLEAR_LETTERS and 0 < at < len(word) - 1)
            yield _Swap(start + at, table[word[at]], span, told)
    elif not clear_latin and len(word) >= _CLEAR_LETTERS and (not latin_text or len(latin) < len(word) / 2):
        yield from (_Swap(start + at, back[word[at]], span, told=True) for at in latin)


def _clear_foreign(word: str, table: dict[str, str]) -> bool:
    """Tell whether a word has a letter of another script that looks like no Latin one."""
    return any(letter not in table and _FOREIGN.match(letter) for letter in word)
