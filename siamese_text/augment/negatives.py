"""Rules whose result looks like the sentence and says something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

from siamese_text.augment import lexicon
from siamese_text.augment.rule import Rule
from siamese_text.augment.sentence import (
    DOER,
    NAME,
    OPENING,
    PHRASE,
    PHRASE_ENDS,
    Name,
    Sentence,
    exchanged,
    is_name,
    is_plural,
    is_thing,
    nouns,
    replaced,
)
from siamese_text.records import Span

_NAME = r"[A-Z][\w-]*(?: [A-Z][\w-]*)*"
_MONTH = "|".join(lexicon.MONTHS)
_DAY = "|".join(lexicon.WEEKDAYS)
_YEAR = re.compile(r"(?<![\w.,:$£€/–-])(1[0-9]\d\d|20[0-4]\d)(?![\w%'’]|[.,:/–-]\d| (?:%|percent|people|miles|km))")
_DATED = re.compile(
    rf"(?:(?<=in )|(?<=on )|(?<=of )|(?<=since )|(?<=until )|(?<=by )|(?<=\d ))({_MONTH}|{_DAY})\b(?! \w*[A-Z])"
)
_NUMBER = re.compile(r"(?<![\w.,:$£€/–'^-])(\d{1,4})(?![\w%(]| ?['’]|[.,:/–-]\d|(?:st|nd|rd|th)\b)")
_COUNT = re.compile(rf"(?<![\w-])({'|'.join(lexicon.NUMBER_WORDS)})(?= [a-z]+s\b)")
_ADJECTIVE = re.compile(rf"(?<![\w-])({'|'.join(sorted(lexicon.ADJECTIVES))}) ([a-z]+)\b(?!-)")
_OPPOSITE = re.compile(rf"(?<![\w-])({'|'.join(sorted(lexicon.OPPOSITES, key=len, reverse=True))})(?![\w'’-])")
_IDIOM_BEFORE = re.compile(
    r"\b(?:named|takes?|took|taken|soon|goes|go|going|went|looks?|looking|looked|appear(?:s|ed)?)\s$"
)
_IDIOM_AFTER = re.compile(r"\s(?:to|all|of|known|education|school|control|\w+ing)\b")
_STATE = re.compile(rf"\b(?:{'|'.join(sorted(lexicon.BE))})\s$")
_EVENT = re.compile(r"\s(?:(?:the|his|her|its|their|this|that) |\d{4}\b)")  # that comes after, and may come before
_FROM_TO = re.compile(rf"\bfrom ({_NAME}) to ({_NAME})(?![\w'’-])")
_AUXILIARY = re.compile(
    r"(?<=[a-z\d)] )(is|are|was|were|can|could|will|would|should|must|has been|have been|had been)(?= [a-z])"
)
_NOT = re.compile(
    r"(?<= )(is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)(n't| not|n’t) (?=[a-z])"
)
_IDLE_NOT = re.compile(r"\bnot (?:only|just|yet|merely|until|to|even|necessarily|always|all|simply|so much)\b")
_ACTORS = re.compile(rf"^({OPENING}) (?:{'|'.join(lexicon.PARTICIPLES)}) ({PHRASE}){PHRASE_ENDS}")
_AGENTS = re.compile(rf"^({OPENING}) (?:was|were) (?:{'|'.join(lexicon.PASTS)}) by ({PHRASE}){PHRASE_ENDS}")
_FOLLOWS = "|".join(sorted({*lexicon.FUNCTION_WORDS, *lexicon.NUMBER_WORDS} - {"of", "and", "or"}))
_ALONE = rf"(?=\s?(?:[,;]|\.\s*$)|\s(?:{_FOLLOWS}|\d\d?|\w+ly)\b|$)"  # what follows a name that is whole
_ADVERB = "(?:(?:also|always|has|had|later|never|often|once|only|still|then|would|will) )?"
_DOES = "|".join(sorted(lexicon.ONE_WAY, key=len, reverse=True))
_SUFFERS = rf"(?:is|was|has been|had been|will be|would be) (?:{'|'.join(lexicon.PASTS)}) by"
_IS_MORE = r"(?:is|was|looks|seems) (?:much |far |slightly |a little |a bit )?(?!oth|rath|ei)[a-z]+er than"
_TWO_PEOPLE = re.compile(rf"(?<![\w.'’&-])({NAME}) {_ADVERB}(?:{_DOES}|{_SUFFERS}|{_IS_MORE}) ({NAME}){_ALONE}")
_DOERS = re.compile(
    rf"^({DOER}) (?:is|are) (?:not )?(?:{'|'.join(lexicon.EITHER_WAY)}|being (?:{'|'.join(lexicon.EITHER_DONE)}) by) "
    rf"({DOER}){_ALONE}"
)
_CLAUSE_BEGINS = re.compile(r"(?:^|, |\b(?:after|although|because|before|if|since|that|though|unless|when|while) )$")
_TELLING = frozenset(("in", "from", "near", "by", "with", "against"))  # what follows them is much alike
_BARE_ADJECTIVES = frozenset(("best", "worst", "honest", "unique", "real", "main"))  # with other articles, or in terms
_TERMS = frozenset(("deal", "way", "term", "day", "stead", "lot", "bit", "york", "zealand", "jersey", "states"))
_VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)


def swap_names(sentence: Sentence, random: Random) -> str | None:
    """Let two names trade places, unless what stands between them makes their order idle."""
    pairs = [(one, other) for one, other in combinations(sentence.names, 2) if _apart(sentence.text, one, other)]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    return exchanged(sentence.text, one.span, other.span)


def _apart(text: str, one: Name, other: Name) -> bool:
    """Say whether the order of two names tells something, and either fits into the place of the other."""
    between = re.findall(r"\w+", text[one.span.end : other.span.start].casefold())
    last = re.findall(r"\w+", text[: one.span.start].casefold())[-1:]
    return (
        one.is_place == other.is_place
        and lexicon.DETERMINERS.isdisjoint((one.before, other.before))
        and one.text.endswith("s") == other.text.endswith("s")  # Greeks are many
        and one.text not in other.text
        and other.text not in one.text
        and text.count(one.text) == text.count(other.text) == 1
        and not lexicon.PREPOSITIONS.union(lexicon.ARTICLES).issuperset(between)  # "Rally in the Valley" is one name
        and not lexicon.SYMMETRIC & {*between, *last}
        and not any(_listed(text, name) for name in (one, other))
    )


def _listed(text: str, name: Name) -> bool:
    """Say whether a name stands in a list or is half of a longer one."""
    ahead, behind = text[: name.span.start], text[name.span.end :]
    in_list = re.search(r"(?:,|:|\band|\bor|&)\s$", ahead) and re.match(r"\s?,|\s(?:and|or)\b", behind)
    return bool(
        in_list or re.match(r"\s?['’]s? [A-Z]|\s(?:and|or|&)\s", behind) or re.search(r"\b(?:and|or)\s$", ahead)
    )


def swap_arguments(sentence: Sentence, _random: Random) -> str | None:
    """Let who does something and whom it is done to trade places, at the start of a sentence."""
    match = _ACTORS.match(sentence.text) or _AGENTS.match(sentence.text)
    if not match or match.group(1).casefold() == match.group(2).casefold():
        return None
    one, other = match.groups()
    alike = one.istitle() == other.istitle() and is_plural(one) == is_plural(other)  # both names, or both things
    if not alike or not nouns(match.groups()):
        return None
    return exchanged(sentence.text, Span(*match.span(1)), Span(*match.span(2)))


def swap_people(sentence: Sentence, random: Random) -> str | None:
    """Let two names trade places of which one does to the other what the other does not to it."""
    found = [
        match
        for match in _TWO_PEOPLE.finditer(sentence.text)
        if all(map(is_name, match.groups()))
        and match.group(1) != match.group(2)
        and _CLAUSE_BEGINS.search(sentence.text[: match.start()])
        and all(sentence.text.count(name) == 1 for name in match.groups())
    ]
    if not found:
        return None
    match = random.choice(found)
    return exchanged(sentence.text, Span(*match.span(1)), Span(*match.span(2)))


def swap_doers(sentence: Sentence, _random: Random) -> str | None:
    """Let who is doing something and whom it is done to trade places."""
    match = _DOERS.match(sentence.text)
    if not match or match.group(1).casefold() == match.group(2).casefold():
        return None
    one, other = match.groups()
    living = all(is_thing(phrase) and phrase.split()[-1] in lexicon.LIVING for phrase in (one, other))
    if is_plural(one) != is_plural(other) or not living:
        return None
    return exchanged(sentence.text, Span(*match.span(1)), Span(*match.span(2)))


def swap_adjectives(sentence: Sentence, random: Random) -> str | None:
    """Let the adjectives of two nouns trade places."""
    found = [match for match in _ADJECTIVE.finditer(sentence.text) if _is_attribute(sentence.text, match)]
    pairs = [
        (one, other)
        for one, other in combinations(found, 2)
        if one.group(1) != other.group(1)
        and one.group(2) != other.group(2)
        and bool(_VOWEL.match(one.group(1))) == bool(_VOWEL.match(other.group(1)))
    ]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    return exchanged(sentence.text, Span(*one.span(1)), Span(*other.span(1)))


def _is_attribute(text: str, match: re.Match[str]) -> bool:
    before = (re.findall(r"[\w'’]+", text[: match.start()].casefold()) or [""])[-1]
    follows = match.group(2)
    return (
        before in lexicon.DETERMINERS | lexicon.PREPOSITIONS
        and match.group(1) not in _BARE_ADJECTIVES
        and follows not in _TERMS
        and follows not in lexicon.FUNCTION_WORDS | lexicon.ADJECTIVES
        and not follows.endswith(("ed", "ing", "ly"))
    )


def swap_from_to(sentence: Sentence, random: Random) -> str | None:
    """Turn the way from one name to another round."""
    found = [
        match
        for match in _FROM_TO.finditer(sentence.text)
        if match.group(1) != match.group(2)
        and not lexicon.MOTIONS.isdisjoint(re.findall(r"\w+", sentence.text[: match.start()].casefold())[-6:])
    ]
    if not found:
        return None
    match = random.choice(found)
    return exchanged(sentence.text, Span(*match.span(1)), Span(*match.span(2)))


def swap_numbers(sentence: Sentence, random: Random) -> str | None:
    """Let two numbers trade places, unless they belong together or are days of a month."""
    if "between" in sentence.words:
        return None
    numbers = [Span(*match.span(1)) for match in _NUMBER.finditer(sentence.text) if not _in_date(sentence.text, match)]
    pairs = [(one, other) for one, other in combinations(numbers, 2) if _differ(sentence.text, one, other)]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    return exchanged(sentence.text, one, other)


def _differ(text: str, one: Span, other: Span) -> bool:
    first, second = text[one.start : one.end], text[other.start : other.end]
    between = re.findall(r"[a-z]+", text[one.end : other.start].casefold())
    once = all(len(re.findall(rf"\b{number}\b", text)) == 1 for number in (first, second))
    listed = len(between) < 3 and not {"and", "or"}.isdisjoint(between)
    return once and not listed and len(first) == len(second) and len(between) > 1


def change_number(sentence: Sentence, random: Random) -> str | None:
    """Put another number in the place of one that is no year."""
    edits = [
        (Span(*match.span(1)), _other_number(match.group(1), random))
        for match in _NUMBER.finditer(sentence.text)
        if not _YEAR.match(sentence.text, match.start()) and not _in_date(sentence.text, match)
    ]
    words = list(lexicon.NUMBER_WORDS)
    for match in _COUNT.finditer(sentence.text):
        edits.append((Span(*match.span(1)), random.choice([word for word in words if word != match.group(1)])))
    return replaced(sentence.text, random.choice(edits)) if edits else None


def _in_date(text: str, match: re.Match[str]) -> bool:
    """Say whether a number is the day of a date, or the number of an item."""
    ahead, behind = text[: match.start()], text[match.end() :]
    abbreviated = "|".join(month[:3] for month in lexicon.MONTHS)
    month = rf"(?:{_MONTH}|(?:{abbreviated})\.?)"
    dated = re.search(rf"{month} (?:\d+ ?(?:,|and|or|to) )?$|\($|-- $|[.!?][\"”')]* $", ahead)
    day = rf"[ -](?:(?:or|and|to) \d+ |of )?(?:{_MONTH}|{abbreviated})\b"
    labels = not ahead and re.match(r"\s?[.)]", behind)
    return bool(dated or labels or re.match(rf"{day}|\)| --", behind, re.IGNORECASE))


def _other_number(digits: str, random: Random) -> str:
    """Return a number with as many digits that is clearly another one."""
    low, high = 10 ** (len(digits) - 1) if len(digits) > 1 else 2, 10 ** len(digits) - 1
    near = int(digits) / 10
    return str(random.choice([number for number in range(low, high + 1) if abs(number - int(digits)) > near]))


def change_date(sentence: Sentence, random: Random) -> str | None:
    """Put another year, month or day of the week in the place of one."""
    edits = []
    for match in _YEAR.finditer(sentence.text):
        year = int(match.group(1))
        edits.append((Span(*match.span(1)), str(year + random.choice([-1, 1]) * random.randint(1, 15))))
    for match in _DATED.finditer(sentence.text):
        kin = lexicon.MONTHS if match.group(1) in lexicon.MONTHS else lexicon.WEEKDAYS
        edits.append((Span(*match.span(1)), random.choice([name for name in kin if name != match.group(1)])))
    return replaced(sentence.text, random.choice(edits)) if edits else None


def change_name(sentence: Sentence, random: Random) -> str | None:
    """Put a name that was seen after the same word elsewhere in the place of one."""
    edits = [(name, other) for name in sentence.names if name.before in _TELLING for other in _like(sentence, name)]
    if not edits:
        return None
    name, other = random.choice(edits)
    return replaced(sentence.text, (name.span, other))


def _like(sentence: Sentence, name: Name) -> Iterator[str]:
    if sentence.text.count(name.text) == 1:
        for other in sentence.others.get(name.before, ()):
            alike = len(other.split()) == len(name.text.split()) and other.endswith("s") == name.text.endswith("s")
            if alike and other not in sentence.text and name.text not in other:
                yield other


def negate(sentence: Sentence, _random: Random) -> str | None:
    """Put a not behind the first auxiliary verb, or take one away."""
    text = sentence.text
    if "?" in text:
        return None
    denied = _NOT.search(text)
    if denied and not _IDLE_NOT.search(text):
        verb = {"ca": "can", "wo": "will"}.get(denied.group(1), denied.group(1))
        bare = verb in ("do", "does", "did")
        return None if bare else replaced(text, (Span(*denied.span()), f"{verb} "))
    auxiliary = _AUXILIARY.search(text)
    if not auxiliary or not lexicon.NEGATIVE.isdisjoint(sentence.words) or "n't" in text:
        return None
    before = text[: auxiliary.start()].split()
    if {word.casefold() for word in before} & (lexicon.CONJUNCTIONS - {"and"}) or text.split(None, 1)[0].islower():
        return None
    first, _, rest = auxiliary.group(1).partition(" ")
    said = "cannot" if first == "can" else f"{first} not"
    return replaced(text, (Span(*auxiliary.span(1)), f"{said} {rest}".strip()))


def opposite(sentence: Sentence, random: Random) -> str | None:
    """Put the opposite in the place of a word."""
    found = [match for match in _OPPOSITE.finditer(sentence.text) if _fits(sentence, match)]
    if not found or not lexicon.NEGATIVE.isdisjoint(sentence.words) or "n't" in sentence.text:
        return None
    match = random.choice(found)
    return replaced(sentence.text, (Span(*match.span(1)), lexicon.OPPOSITES[match.group(1)]))


def _fits(sentence: Sentence, match: re.Match[str]) -> bool:
    """Say whether a word's opposite fits in its place and is not in the sentence yet."""
    word, other = match.group(1), lexicon.OPPOSITES[match.group(1)]
    ahead, behind = sentence.text[: match.start()], sentence.text[match.end() :]
    idiom = _IDIOM_BEFORE.search(ahead) or _IDIOM_AFTER.match(behind) or "or later" in behind
    if word in ("before", "after") and not _EVENT.match(behind):
        return False
    # A shop that "is closed" is a state, whose opposite is "open".
    state = word in ("opened", "closed", "lost") and _STATE.search(ahead) and not behind.startswith(" by ")
    if other in sentence.words or idiom or state:
        return False
    article = re.search(r"\ban?\s$", ahead)
    return not article or bool(_VOWEL.match(word)) == bool(_VOWEL.match(other))


NEGATIVE_RULES: Sequence[Rule] = (
    Rule("swap-names", 0, "two names trade places", swap_names, 12),
    Rule("swap-arguments", 0, "who does it and whom it is done to trade places", swap_arguments, 1, 25),
    Rule("swap-people", 0, "A owes B becomes B owes A", swap_people, 3, 110),
    Rule("swap-doers", 0, "A is chasing B becomes B is chasing A", swap_doers, 0, 70),
    Rule("swap-adjectives", 0, "the adjectives of two nouns trade places", swap_adjectives, 6),
    Rule("swap-from-to", 0, "from A to B becomes from B to A", swap_from_to, 4, 41),
    Rule("swap-numbers", 0, "two numbers trade places", swap_numbers, 5),
    Rule("change-number", 0, "another number", change_number, 5),
    Rule("change-date", 0, "another year, month or day of the week", change_date, 1),
    Rule("change-name", 0, "another name of the same kind", change_name, 3),
    Rule("negate", 0, "a not behind the auxiliary verb, or none where one was", negate, 0),
    Rule("opposite", 0, "a word becomes its opposite", opposite, 5),
)
