"""Citations that have no entry in the list of references, and entries that nobody cites.

Read are those in brackets, (Miller, 2010) and [12], and those in a sentence, Miller (2010); never superscripts. Who is
named here may have to explain himself: whatever can be read in another way, such as a film or a place, is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from siamese_text.plagiarism.finding.exclusions import has_reference_heading, reference_list
from siamese_text.plagiarism.findings import CitationFault
from siamese_text.records import Span

_PARTICLE = r"(?:(?:v[ao]n|de[rnls]?|della|d[ia]|l[ae]|ter|ten|zu[rm]?|vom|al|el|bin|ibn)[ -]){0,3}"
# No word is longer: a text without spaces would else be read from each of its letters to its end.
_WORD = r"[^\W\d_a-zà-öø-ÿß][\w’'-]{0,40}[\w’']"
_WORDS = re.compile(r"[^\W\d_][\w’'-]{0,40}[\w’']")
_NAME = rf"{_PARTICLE}{_WORD}(?: {_WORD}){{0,2}}"
_AND = rf",? (?:&|and|und|et|y|e|en|i) {_NAME}"
_OTHERS = r"(?:,? (?:et al\.?|u\. ?a\.|and others|et autres))?"
_YEAR = r"(?:1[5-9]|20)\d\d"
_BRACKETS = re.compile(r"\(([^()]{5,250})\)")
_CUE = re.compile(
    r"(?:see(?: also)?|cf\.?|compare|e\.g\.|vgl\.|siehe(?: auch)?|z\. ?B\.|voir|cfr\.|véase),? ", re.IGNORECASE
)
_CITED = re.compile(
    rf"(?P<names>{_NAME}(?:{_AND}|, {_NAME})*{_OTHERS}),? "
    rf"(?P<year>{_YEAR})(?P<suffix>[a-z]?)(?P<rest>(?:[,:] ?.{{1,60}})?)"
)
_LOCATOR = re.compile(
    rf"[,:] ?(?!{_YEAR})(?:(?:pp?|S|Kap|ch|chap|p[áa]g)\. ?)?\d{{1,4}}(?: ?[-–] ?\d{{1,4}}| ?ff?\.?)?"
)
_IN_SENTENCE = re.compile(
    rf"\b(?P<names>{_PARTICLE}{_WORD}(?:{_AND})?{_OTHERS})(?:[’']s)? "
    rf"\((?P<year>{_YEAR})(?P<suffix>[a-z]?)(?:[,:][^()]{{1,40}})?\)"
)
_SEVERAL = re.compile(r"&|et al\.?|u\. ?a\.|and others|et autres")
# What books and films do as well, such as to show or to describe, tells nothing.
_SAYS = re.compile(
    r",? (?:also |auch )?(?:argue|claim|found|report|state|suggest|propose|conclude|note|observe|define|wrote|write|"
    r"behaupte|argumentier|schreib|betont|affirme|soutien|afirma|sostien)"
)
_BY = re.compile(r"(?:according to|laut|selon|según|secondo) $", re.IGNORECASE)
# What stands before a year and is no author.
_NO_AUTHORS = re.compile(
    r"(?:Jan|Feb|März|Mar|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])[a-zé.]*|Spring|Summer|Autumn|Fall|Winter|Herbst|Sommer|"
    r"Frühling|Figure|Fig|Table|Abb|Tab|Abbildung|Tabelle|Chapter|Section|Vol|Version|Since|From|In|Until|After|Before|"
    r"About|Around|Circa|Ca|Born|Died|Um|Seit|Bis|Ab|The|Der|Die|Das|This|These|That|Year|Jahr|Stand|Page|Part|Band|Heft"
)
_PLACE = re.compile(r"\b(?:in|at|from|to|near|of|im|aus|bei|à|en|a) ([^\W\d_][\w’'-]{0,40})")
_PUBLISHERS = re.compile(r"\b(?:Sons|Press|Verlag|Publish\w*|Books|Inc|Ltd|Co|University)\b")
_SECOND_HAND = re.compile(r"cited in|quoted in|cited by|zit\.|zitiert|apud|personal communication", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:(?<=[ \t.,;:!?)”\"])|(?<=[a-z]{3}))\[(\d{1,3}(?: ?[,;–-] ?\d{1,3})*)\](?![(\[:])")
_FOOTNOTES = re.compile(r"[¹²³⁰⁴-⁹]|\[\^|(?<=[^\W\d_][.,;])\d{1,2}(?=\s|$)")
_NUMBERED = re.compile(r"^[ \t]*(?:\[(\d{1,3})\]|(\d{1,3})[.)])[ \t]+(?=\S)", re.MULTILINE)
# "Miller, A." or "Miller, Anna" at the beginning of a line, and lines below it that are set in.
_PERSON = re.compile(
    rf"^[ \t]*(?:[-*•–][ \t]+|\[\d+\][ \t]+|\d+[.)][ \t]+)?(?P<names>{_PARTICLE}{_WORD}(?:[ -]{_WORD})?), ?"
    rf"(?:[^\W\d_a-zß]\.|{_WORD}(?: {_WORD}| [^\W\d_]\.)?(?=[,.;:&(]| (?:and|und) | \())"
    r"[^\n]*(?:\n[ \t]+\S[^\n]*)*",
    re.MULTILINE,
)
_WITH_INITIAL = re.compile(rf"({_WORD}),? [^\W\d_a-zß]\.")
_MAY_BE_LISTED = re.compile(r"https?://|^[ \t]*\[\d{1,3}\] ", re.MULTILINE)
_ENTRY = 500  # characters in which an entry has its names and its year
_FEWEST_NUMBERS = 3
_EARLIEST_PLAIN = 1900  # without more to tell it, an earlier year beside a name is history


@dataclass(frozen=True, slots=True)
class _Citation:
    """A citation by name and year: where it stands, and whether it can be nothing else."""

    span: Span
    names: frozenset[str]
    year: str
    sure: bool


def citation_faults(text: str) -> list[tuple[CitationFault, Span]]:
    r"""Find citations without an entry in the list of references, and entries that nobody cites.

    A name is known with and without its accents and umlauts; of an entry the year must be that of the citation.

    Args:
        text: The text of a document.

    Returns:
        What is wrong, and the citation or the entry, in the order of the text; nothing where the text cites nothing and
        lists nothing, or where it has a list that cannot be read.

    Example:
        >>> text = "As shown before (Adams, 2009; Müller et al., 2010, p. 4). " * 3
        >>> text += "\n\nReferences\n\nMueller, A. (2010). On rivers.\nZorn, B. (2001). On ice."
        >>> [(fault.value, text[span.start:span.end]) for fault, span in citation_faults(text)][-2:]
        [('no entry', 'Adams, 2009'), ('not cited', 'Zorn, B. (2001). On ice.')]
    """
    listed = reference_list(text)
    if listed is None and (has_reference_heading(text) or _MAY_BE_LISTED.search(text) or _PERSON.search(text)):
        return []  # a list in a form, or under a heading, of its own
    body, entries = (text, "") if listed is None else (text[: listed.start], text[listed.start : listed.end])
    numbered = list(_numbered(body))
    unlisted = [*_unlisted(list(_named(body)), body, entries), *_unlisted_numbers(numbered, entries)]
    uncited: list[Span] = []
    if listed and numbered:
        found = _uncited_numbers(numbered, entries)
        uncited = [Span(listed.start + span.start, listed.start + span.end) for span in found]
    elif listed and not _FOOTNOTES.search(body):
        uncited = list(_uncited(text, listed))
    faults = {(CitationFault.UNLISTED, span) for span in unlisted} | {(CitationFault.UNCITED, span) for span in uncited}
    return sorted(faults, key=lambda fault: (fault[1].start, fault[1].end))


def _named(body: str) -> Iterator[_Citation]:
    """Read the citations by name and year."""
    for brackets in _BRACKETS.finditer(body):
        at = brackets.start(1)
        parts = brackets[1].split(";")
        for part in parts:
            stripped = part.strip()
            start = at + part.index(stripped)
            at += len(part) + 1
            cue = _CUE.match(stripped)
            start, stripped = start + (cue.end() if cue else 0), stripped[cue.end() :] if cue else stripped
            found = _CITED.fullmatch(" ".join(stripped.split()))
            if not found or _SECOND_HAND.search(stripped):
                continue
            told = cue or found["suffix"] or _SEVERAL.search(found["names"]) or _LOCATOR.fullmatch(found["rest"])
            yield from _citation(found, Span(start, start + len(stripped)), sure=bool(told))
    for found in _IN_SENTENCE.finditer(body):
        told = found["suffix"] or _SEVERAL.search(found["names"]) or _SAYS.match(body, found.end())
        told = told or _BY.search(body, max(0, found.start() - 20), found.start())
        # What is told by nothing may be a film, or a place.
        if told and not _SECOND_HAND.search(found[0]):
            yield from _citation(found, Span(*found.span()), sure=True)


def _citation(found: re.Match[str], span: Span, *, sure: bool) -> Iterator[_Citation]:
    first = re.split(r",| & | and | und | et | y | u\. ?a\.", found["names"])[0]
    names = [] if _PUBLISHERS.search(found["names"]) else re.findall(_WORD, first)
    if not names or _NO_AUTHORS.fullmatch(names[0]) or names[0].isupper() or (len(names) > 1 and not sure):
        return  # an organisation is cited by letters and listed by words, a law is not listed
    yield _Citation(span, frozenset().union(*map(_spellings, names)), found["year"], sure)


def _unlisted(named: Sequence[_Citation], body: str, entries: str) -> Iterator[Span]:
    """Find the citations by name that have no entry of their year."""
    places = {spelling for name in _PLACE.findall(body) for spelling in _spellings(name)}
    starts: dict[str, list[int]] = defaultdict(list)
    for word in _WORDS.finditer(entries):
        for spelling in _spellings(word[0]):
            starts[spelling].append(word.start())
    years = {year: [match.start() for match in re.finditer(year, entries)] for year in {one.year for one in named}}
    by_names = any(one.sure for one in named) or bool(_PERSON.search(entries))
    for one in named:
        there = [start for spelling in one.names for start in starts.get(spelling, ())]
        if any(0 < year - start < _ENTRY for start in there for year in years[one.year]):
            continue
        is_author = entries and by_names and int(one.year) >= _EARLIEST_PLAIN and not one.names & places
        if one.sure or is_author:
            yield one.span


def _uncited(text: str, listed: Span) -> Iterator[Span]:
    """Find the entries of persons whose name stands nowhere else, unless the text cites by number or in notes."""
    entries = text[listed.start : listed.end]
    every = Counter(spelling for word in _WORDS.findall(text) for spelling in _spellings(word))
    for entry in _PERSON.finditer(entries):
        own = Counter(spelling for word in _WORDS.findall(entry[0]) for spelling in _spellings(word))
        authors = [*re.findall(_WORD, entry["names"]), *_WITH_INITIAL.findall(entry[0])]
        names = {spelling for name in authors for spelling in _spellings(name)}
        if re.search(_YEAR, entry[0]) and all(every[name] == own[name] for name in names):
            start = listed.start + entry.start()
            yield Span(start + len(entry[0]) - len(entry[0].lstrip()), start + len(entry[0].rstrip()))


def _numbered(body: str) -> Iterator[tuple[Span, set[int]]]:
    """Read the citations by number, ranges with what lies between."""
    for found in _NUMBERS.finditer(body):
        numbers: set[int] = set()
        for part in re.split(r" ?[,;] ?", found[1]):
            first, *last = map(int, re.split(r" ?[–-] ?", part))
            numbers |= set(range(first, max([first, *last]) + 1))
        yield Span(*found.span()), numbers


def _numbers_of(entries: str) -> dict[int, Span]:
    """Return the numbered entries; none unless their numbers run from 1 without a gap."""
    starts = [(int(mark[1] or mark[2]), mark.start()) for mark in _NUMBERED.finditer(entries)]
    if not starts or [number for number, _ in starts] != list(range(1, len(starts) + 1)):
        return {}
    ends = [*(start for _, start in starts[1:]), len(entries)]
    return {
        number: Span(start, start + len(entries[start:end].rstrip()))
        for (number, start), end in zip(starts, ends, strict=True)
    }


def _unlisted_numbers(numbered: Sequence[tuple[Span, set[int]]], entries: str) -> Iterator[Span]:
    """Find the citations by number that no entry has; without a list, if they are too many to be anything else."""
    known, cited = _numbers_of(entries).keys(), _cited(numbered)
    if known or (not entries and {1, 2} <= cited and 0 not in cited and len(cited) >= _FEWEST_NUMBERS):
        yield from (span for span, numbers in numbered if numbers - known)


def _uncited_numbers(numbered: Sequence[tuple[Span, set[int]]], entries: str) -> Iterator[Span]:
    known, cited = _numbers_of(entries), _cited(numbered)
    if known.keys() & cited:
        yield from (span for number, span in known.items() if number not in cited)


def _cited(numbered: Sequence[tuple[Span, set[int]]]) -> set[int]:
    return {number for _, numbers in numbered for number in numbers}


@lru_cache(maxsize=65_536)
def _spellings(name: str) -> frozenset[str]:
    """Return a name in small letters without accents, and with umlauts as two letters: Müller is muller and mueller."""
    lower = name.lower().replace("’", "'").removesuffix("'s")
    long = lower.translate(_LONG)
    return frozenset(_bare(one.translate(_SHORT)) for one in (lower, long))


def _bare(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))


_LONG = str.maketrans(
    {umlaut: unicodedata.normalize("NFD", umlaut)[0] + "e" for umlaut in "äöü"} | {"ø": "oe", "å": "aa"}
)
_SHORT = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})
