"""A sentence as the rules see it: its words with their places, and the names that it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from siamese_text.augment import lexicon
from siamese_text.records import Span

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_CAPITAL = r"[A-Z][a-zà-ÿ]+(?:-[A-Z][a-zà-ÿ]+|[A-Z][a-z]+)*"
_LINKED = rf"{_CAPITAL}(?: (?:of |of the |de |van |von )?{_CAPITAL})*"
_NAME = re.compile(rf"(?<![\w.'’&-])(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?{_LINKED}")
# What follows, or comes before, a piece of a longer name: "Smith" in "Smith & Sons", "Bath" in "Bath , Ohio".
_CONTINUES = re.compile(
    r"[\w&/-]|\.(?!\s*$)| ?[&(\d/]|\s?, [A-Z]|['’][^s]|\s?(?:''|[\"”!])| (?:and [A-Z]|for the |[A-Z0-9]"
    rf"|(?:{'|'.join(sorted(lexicon.NAME_LINKS))}) "
    r"|(?:valley|river|county|street|avenue|lake|islands?|city|creek|bay|region|province)\b)"
)
_BEGUN = re.compile(r"[A-Z][\w.'’-]* (?:(?:& |and |of |of the )?|, )$|[A-Z]\w*, $|& $")
_NO_NAME_SUFFIXES = ("ish", "ese", "ian", "ican", "ean", "ic", "ical", "ing")  # of adjectives and verbs
_PLACE = frozenset(("in", "at", "from", "near", "to"))
LONGEST_NAME = 4
_BARE = "|".join(sorted(lexicon.ARTICLES | lexicon.POSSESSIVES))
NAME = r"[A-Z][a-zà-ÿ]+(?: [A-Z][a-zà-ÿ]+){0,2}"

# A noun phrase of two words or a name: inside a sentence, at its start, and what may follow it.
PHRASE = rf"(?:(?:{_BARE}) [a-z]+|{NAME})"
_BARE_OPENING = "|".join(sorted(word.capitalize() for word in lexicon.ARTICLES | lexicon.POSSESSIVES))
OPENING = rf"(?:(?:{_BARE_OPENING}) [a-z]+|{NAME})"
DOER = r"(?:(?i:a|an|the|his|her|their) (?:\w+ )??[a-z]+)"  # with an adjective or without; see is_thing
PHRASE_ENDS = r"(?=\s?(?:[,;]|\.$)|\s(?:in|at|on|for|with|after|before|during)\b)"

Names = Mapping[str, Sequence[str]]  # word before a name -> names seen after it


@dataclass(frozen=True)
class Name:
    """A run of capitalised words inside a sentence, and the folded word before it."""

    span: Span
    text: str
    before: str

    @property
    def is_place(self) -> bool:
        """Whether the word before it says that it is a place."""
        return self.before in _PLACE


@dataclass(frozen=True)
class Sentence:
    """A text with what the rules ask about it; ``others`` are names from other sentences."""

    text: str
    others: Names = field(default_factory=dict)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The folded words in their order."""
        return tuple(match.group().casefold() for match in _WORD.finditer(self.text))

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names that are certain: not the first word, not in a headline, not half of something longer."""
        if sum(word[0].isupper() for word in _WORD.findall(self.text)) * 2 > len(self.words):
            return ()
        return tuple(filter(None, (self._name(match) for match in _NAME.finditer(self.text))))

    def _name(self, match: re.Match[str]) -> Name | None:
        start, end = match.span()
        words = match.group().casefold().replace(".", "").split()
        if len(words) > LONGEST_NAME or not lexicon.NOT_NAMES.isdisjoint(words[1:] if _titled(words) else words):
            return None
        ahead, behind = self.text[:start], self.text[end:]
        before = _WORD.findall(ahead)[-1:] or [""]
        opens = not ahead or re.search(r"[\"“”'‘`()\[\]:.!?;–—/\d-]\s*$", ahead)
        if opens or _CONTINUES.match(behind) or before[0] in lexicon.NAME_LINKS - {"of"} or _BEGUN.search(ahead):
            return None
        if _ends_no_name(words[-1]) or match.group().isupper():
            return None
        return Name(Span(start, end), match.group(), before[0].casefold())


def _ends_no_name(word: str) -> bool:
    last = word.rsplit("-", 1)[-1]
    return last in lexicon.NO_NAME_ENDS or last.endswith(_NO_NAME_SUFFIXES)


def is_name(phrase: str) -> bool:
    """Say whether capitalised words can be a name, wherever they stand.

    Args:
        phrase: Words that match ``NAME``.

    Returns:
        Whether none of them is a function word, a day, a month or a title, and the last is of no origin or office.

    Example:
        >>> is_name("Ann Berg"), is_name("When Ann"), is_name("Dutch")
        (True, False, False)
    """
    words = phrase.casefold().split()
    return lexicon.NOT_NAMES.isdisjoint(words) and not _ends_no_name(words[-1])


def _titled(words: Sequence[str]) -> bool:
    return words[0] in lexicon.TITLES


def replaced(text: str, *edits: tuple[Span, str]) -> str:
    """Put new words in the place of spans that do not overlap.

    Args:
        text: The sentence.
        edits: Spans of it, each with what is to stand there.

    Returns:
        The new sentence.

    Example:
        >>> replaced("Tea is hot.", (Span(0, 3), "Ice"), (Span(7, 10), "cold"))
        'Ice is cold.'
    """
    for span, new in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text


def exchanged(text: str, left: Span, right: Span) -> str:
    """Let two spans trade places; the one that comes to stand first in the sentence gets its capital letter.

    Args:
        text: The sentence.
        left: The first span.
        right: The second span, behind it.

    Returns:
        The new sentence, with the same words.

    Example:
        >>> exchanged("The dog saw Ann.", Span(0, 7), Span(12, 15))
        'Ann saw the dog.'
    """
    first, second = text[left.start : left.end], text[right.start : right.end]
    if left.start == 0:
        first, second = lowered(first), raised(second)
    return replaced(text, (left, second), (right, first))


def nouns(phrases: Sequence[str]) -> bool:
    """Say whether phrases that match ``PHRASE`` end with what can be a noun.

    Args:
        phrases: Words.

    Returns:
        Whether none is a pronoun or ends with a function word, an adjective, or what may be a verb.
    """
    first = [phrase.split()[0].casefold() for phrase in phrases if phrase.istitle()]  # "When Ann" is no name
    last = [phrase.split()[-1].casefold() for phrase in phrases]
    no_noun = (lexicon.FUNCTION_WORDS | lexicon.ADJECTIVES) - {"the"}
    return no_noun.isdisjoint([*first, *last]) and not any(w.endswith(("ed", "ing", "ly")) for w in [*first, *last])


def is_thing(phrase: str) -> bool:
    """Say whether a phrase that matches ``DOER`` ends with what can be a noun.

    Example:
        >>> is_thing("a young woman"), is_thing("the slowly moving"), is_thing("a very old")
        (True, False, False)
    """
    *before, last = phrase.split()
    return (
        last not in lexicon.FUNCTION_WORDS | lexicon.ADJECTIVES | {"next"}
        and not last.endswith(("ed", "ing", "ly"))
        and not any(word in lexicon.FUNCTION_WORDS or word.endswith(("ing", "ly")) for word in before[1:])
    )


def is_plural(phrase: str) -> bool:
    """Say whether a phrase that is no name looks like a plural.

    Example:
        >>> is_plural("the dogs"), is_plural("James")
        (True, False)
    """
    last = phrase.split()[-1]
    return " " in phrase and last.islower() and (last in lexicon.PLURALS or (last.endswith("s") and last[-2:] != "ss"))


def lowered(phrase: str) -> str:
    """Take the capital off a phrase that opened a sentence, if its first word is one that has none of its own.

    Args:
        phrase: Words.

    Returns:
        The phrase as it stands inside a sentence.
    """
    word = phrase.split(" ", 1)[0]
    if word.casefold() in lexicon.FUNCTION_WORDS and word not in ("I", "May", "Will"):
        return phrase[0].lower() + phrase[1:]
    return phrase


def raised(phrase: str) -> str:
    """Give a phrase the capital letter that opens a sentence.

    Args:
        phrase: Words.

    Returns:
        The phrase with its first letter in upper case.
    """
    return phrase[:1].upper() + phrase[1:]
