"""Rules whose result says the same in another order or form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from siamese_text.augment import lexicon
from siamese_text.augment.rule import Rule
from siamese_text.augment.sentence import (
    DOER,
    NAME,
    OPENING,
    PHRASE,
    Sentence,
    exchanged,
    is_plural,
    is_thing,
    lowered,
    nouns,
    raised,
    replaced,
)
from siamese_text.records import Span

_MONTH = "|".join(lexicon.MONTHS)
_YEAR = r"(?:1[5-9]\d\d|20[0-4]\d)"
_WHEN = (
    rf"(?:[Ii]n (?:(?:{_MONTH}) )?{_YEAR}|[Oo]n (?:\d{{1,2}} (?:{_MONTH})|(?:{_MONTH}) \d{{1,2}})(?:\s?,? {_YEAR})?)"
)
_TIMED = re.compile(rf"^(?P<when>{_WHEN})\s?,? (?P<main>[^,;:()\"“]+?)(?P<stop>\s?\.)$")
_TIMES = re.compile(rf"^(?P<main>[^,;:()\"“]+?) (?P<when>{_WHEN})(?P<stop>\s?\.)$")
_JOINED = lexicon.CONJUNCTIONS | frozenset(("before", "after", "then", "including", "such", "from"))
_IN_PRESENT = frozenset(
    ("is", "are", "to", "compared")
)  # what a date in the past, or of an aim, cannot be moved before
_SUB = "after|although|because|before|if|though|unless|until|when|while"
_LEADING = re.compile(
    rf"^(?P<word>{_SUB}) (?P<sub>[^,;:()\"“]+?)\s?, (?P<main>[^,;:()\"“]+?)(?P<stop>\s?\.)$", re.IGNORECASE
)
_TRAILING = re.compile(
    r"^(?P<main>[^,;:()\"“]+?) (?P<word>although|because|when|while) (?P<sub>[^,;:()\"“]+?)(?P<stop>\s?\.)$"
)
_SUBJECT = re.compile(r"(?:(?i:the|a|an|his|her|their|its|he|she|it|they|we|i|you)|[A-Z][a-z]+) ")
_BROKEN = re.compile(r"[.!?](?:\s|$)|\s[-–—]+\s")  # where another sentence or an aside begins
_ADJECTIVE = "|".join(sorted(lexicon.ADJECTIVES))
_BEFORE_ADJECTIVE = lexicon.DETERMINERS | lexicon.PREPOSITIONS | lexicon.BE
# Idioms, and what takes another article.
_NO_PAIR = r"(?!good\b|nice\b|rich\b|black and white|.*\b(?:honest|unique|usual)\b)"
_PAIR = re.compile(rf"(?<=[a-z] ){_NO_PAIR}({_ADJECTIVE}) and ({_ADJECTIVE})(?![\w-])(?! and| ,|,| to| of)")
_NAMES = re.compile(
    rf"(?<![\w,-])({NAME}) (?:and|or) ({NAME})(?=\s?[.;)]|\s(?:{'|'.join(sorted(lexicon.FUNCTION_WORDS))})\b)"
)
_BEFORE_NAMES = (lexicon.PREPOSITIONS | lexicon.BE | lexicon.CONJUNCTIONS) - {"of", "and", "or"}
_VERB = "|".join(sorted(lexicon.AUXILIARIES))
_PERSONS = ("He", "She", "They", "him", "her", "them")
_SHARED = lexicon.PRONOUNS | lexicon.POSSESSIVES | {"and", "but", "or", "which"}  # a second part to look after
_SUBJECT_PHRASE = rf"(?:{OPENING}|He|She|They)"
_TAIL = r"(?P<tail>(?: (?:in|on|at|during|after|before|for) [^,;]+)?\s?\.)$"
_PASTS, _PARTICIPLES = "|".join(lexicon.PARTICIPLES), "|".join(lexicon.PASTS)
_ACTIVE = re.compile(rf"^(?P<one>{_SUBJECT_PHRASE}) (?P<verb>{_PASTS}) (?P<other>{PHRASE}){_TAIL}")
_PASSIVE = re.compile(
    rf"^(?P<one>{OPENING}) (?:was|were) (?P<verb>{_PARTICIPLES}) by (?P<other>{PHRASE}|him|her|them){_TAIL}"
)
_SYNONYM = re.compile(rf"(?<![\w'’-])([Aa]n? )?(?<![\w'’-])({'|'.join(lexicon.SYNONYMS)})(?![\w'’-])")
_IDIOM_BEFORE = re.compile(r"\b(?:not|once|based|depending|cell|mobile|by)\s$", re.IGNORECASE)
_IDIOM = re.compile(
    r"(?:talking|speaking)(?:,| (?!(?:to|with|on|about|at)\b))"
    r"|(?:almost|nearly) (?:no|any|never)|founded (?!(?:in|by)\b)"
)
_ON = r"(?P<tail>(?: (?:in|on|at|with|near|during|from|into|onto) [^,;]+)?\s?\.?)$"
_STOP = r"(?P<tail>\s?\.?)$"  # what follows "by a woman" may be hers
_DOING = re.compile(rf"^(?P<one>{DOER}) (?:is|are) (?P<verb>{'|'.join(lexicon.DOING)}) (?P<other>{DOER}){_ON}")
_DONE = re.compile(rf"^(?P<one>{DOER}) (?:is|are) being (?P<verb>{'|'.join(lexicon.DONE)}) by (?P<other>{DOER}){_STOP}")
_CONTRACTED = {
    "is not": "isn't", "are not": "aren't", "was not": "wasn't", "were not": "weren't", "do not": "don't",
    "does not": "doesn't", "did not": "didn't", "has not": "hasn't", "have not": "haven't", "had not": "hadn't",
    "will not": "won't", "would not": "wouldn't", "could not": "couldn't", "should not": "shouldn't",
    "cannot": "can't", "it is": "it's", "they are": "they're", "we are": "we're",
    "you are": "you're", "I am": "I'm",
}  # fmt: skip
_EXPANDED = {short: long for long, short in _CONTRACTED.items() if "n't" in short or short == "I'm"}
_LONG = re.compile(rf"(?<=[a-z\d] )(?<!\bwhat )(?<!\bhow )(?<!\bas )(?<!\bthan )({'|'.join(_CONTRACTED)})(?= [a-z])")
_SHORT = re.compile(rf"(?<=[\w,] )({'|'.join(_EXPANDED)})(?= [a-z])")
_GROUPED = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+)(?![\w,]|\.\d)")
_PLAIN = re.compile(r"(?<![\w.,/:-])([1-9]\d{4,8})(?= [a-z]+s\b)")
_DAY_FIRST = re.compile(rf"(?<![\w/–-])(?<!\d or )(?<!\d to )(?<!\d and )(\d{{1,2}}) ({_MONTH}) ({_YEAR})\b")
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(\s?), ({_YEAR})\b(?=(\s?,)?)")
_RELATION = "|".join(sorted(lexicon.RELATIONAL - {"prime"}))
_FREE = "|".join(sorted(lexicon.PREPOSITIONS | lexicon.BE))  # what shows that a phrase ended
_OF = re.compile(rf"\bthe ({_RELATION}) of $")
_OWNED = re.compile(rf"^\s?['’]s ({_RELATION})(?=\s?[.;]|\s(?:{_FREE})\b)(?! of\b)")


def move_time(sentence: Sentence, _random: Random) -> str | None:
    """Move a date from the front of a simple sentence to its end, or from there to the front."""
    text = sentence.text
    front, back = _TIMED.match(text), _TIMES.match(text)
    match = front or back
    if not match or not _simple(match["main"]) or re.search(_YEAR, match["main"]):
        return None
    if back and not (_opens(match["main"]) and _IN_PRESENT.isdisjoint(match["main"].casefold().split())):
        return None
    comma = " ," if match["stop"].startswith(" ") else ","
    if front:
        return f"{raised(match['main'])} {_small(match['when'])}{match['stop']}"
    return f"{raised(match['when'])}{comma} {lowered(match['main'])}{match['stop']}"


def _simple(clause: str) -> bool:
    """Say whether a clause has a single verb, as far as can be told, so that what is moved belongs to it."""
    words = [word.casefold() for word in re.findall(r"[\w'’-]+", clause)]
    if len(words) < 3 or not _JOINED.isdisjoint(words) or _BROKEN.search(clause):
        return False
    last = words[-1]
    if (
        last in lexicon.CLINGING | lexicon.BE
        or last.isdigit()
        or last.endswith("ing")
        or not lexicon.SAYING.isdisjoint(words)
    ):
        return False
    return not (last.endswith("ed") or last in ("held", "built", "made", "born")) or not lexicon.BE.isdisjoint(
        words[-3:]
    )


def _opens(clause: str) -> bool:
    """Say whether a clause can stand behind another part, its first word with the right capital or none."""
    first, second = clause.split()[:2]
    return (first.casefold() in lexicon.FUNCTION_WORDS - lexicon.CONJUNCTIONS - {"for"}) or second[0].isupper()


def _small(phrase: str) -> str:
    return phrase[0].lower() + phrase[1:]


def move_clause(sentence: Sentence, _random: Random) -> str | None:
    """Move a subordinate clause from the front of a sentence to its end, or from there to the front."""
    front, back = _LEADING.match(sentence.text), _TRAILING.match(sentence.text)
    match = front or back
    if not match:
        return None
    # Neither clause may hold a clause of its own, be a fragment, or end in a verb that waits for more.
    main, sub, word = match["main"], match["sub"], match["word"]
    words = {part: [each.casefold() for each in re.findall(r"[\w'’-]+", match[part])] for part in ("main", "sub")}
    if len(words["main"]) < 3 or not (_JOINED - {"and", "as"}).isdisjoint(words["main"]) or words["main"][0] in _JOINED:
        return None
    if not (_JOINED - {"and", "as", "than", "to"}).isdisjoint(words["sub"]) or "?" in sentence.text:
        return None
    if not lexicon.AUXILIARIES.isdisjoint((words["main"][-1], words["sub"][-1])) or _BROKEN.search(f"{main}, {sub}"):
        return None
    if front:
        # To the end: the main clause must open with a subject, no pronoun of it may point back at what moves, and it
        # must not tell what somebody said, for then the clause would be part of that.
        pointing = lexicon.POINTING.intersection(words["main"]) - set(words["sub"])
        if pointing or word.lower() == "while" or not lexicon.SAYING.isdisjoint(words["main"]):
            return None
        if not _SUBJECT.match(main) or words["sub"][0] in lexicon.NO_SUBJECTS:
            return None
        return f"{raised(main)} {word.lower()} {lowered(sub)}{match['stop']}"
    # To the front: the clause must have its own subject and hang on the whole sentence, not on the word before it,
    # as after "the day when", after a preposition or a number, or inside what somebody said.
    ends = words["main"][-1]
    if (
        not (_SUBJECT.match(sub) and _opens(main))
        or not lexicon.SAYING.union(("and", "to", "only")).isdisjoint(words["main"])
        or "and" in words["sub"]
        or words["main"][0] in lexicon.AUXILIARIES
        or ends in lexicon.MOMENTS | lexicon.PREPOSITIONS
        or ends.isdigit()
    ):
        return None
    comma = " ," if match["stop"].startswith(" ") else ","
    return f"{raised(word)} {sub}{comma} {lowered(main)}{match['stop']}"


def swap_names_joined(sentence: Sentence, random: Random) -> str | None:
    """Let two names joined by *and* or *or* trade places."""
    text = sentence.text
    found = [
        match
        for match in _NAMES.finditer(text)
        if re.search(r"[a-z] $", text[: match.start()])
        and (before := re.findall(r"\w+", text[: match.start()].casefold())[-1]) in _BEFORE_NAMES
        and not re.search(r"[A-Z][\w'’.-]* [a-z]+ $", text[: match.start()])  # "Help for Children and Adolescents"
        # nor "gave Ohio to Spain and Kent to France", where each name has a partner of its own
        and not re.match(rf"\s?,? (?:and|or|of|{before}|{_VERB})\b", text[match.end() :])
        and not {match.group(1), match.group(2)} & lexicon.HALF_NAMES
        and match.group(1) != match.group(2)
        and len(match.group(1).split()) == len(match.group(2).split())
        and "respectively" not in sentence.words
    ]
    if not found:
        return None
    match = random.choice(found)
    return exchanged(text, Span(*match.span(1)), Span(*match.span(2)))


def swap_adjectives_joined(sentence: Sentence, random: Random) -> str | None:
    """Let two adjectives joined by *and* trade places."""
    found = [
        match
        for match in _PAIR.finditer(sentence.text)
        if match.group(1) != match.group(2)
        and re.findall(r"\w+", sentence.text[: match.start()])[-1] in _BEFORE_ADJECTIVE
        and bool(re.match("[aeiou]", match.group(1))) == bool(re.match("[aeiou]", match.group(2)))
    ]
    if not found:
        return None
    match = random.choice(found)
    return exchanged(sentence.text, Span(*match.span(1)), Span(*match.span(2)))


def turn_voice(sentence: Sentence, _random: Random) -> str | None:
    """Turn an active sentence into a passive one, or back."""
    active, passive = _ACTIVE.match(sentence.text), _PASSIVE.match(sentence.text)
    match = active or passive
    if not match or not _SHARED.isdisjoint(re.findall(r"\w+", match["tail"].casefold())):
        return None
    if not nouns([phrase for phrase in (match["one"], match["other"]) if phrase not in _PERSONS]):
        return None
    one, other, verb = lowered(match["one"]), match["other"], match["verb"]
    if active:
        said = f"{other} {'were' if is_plural(other) else 'was'} {lexicon.PARTICIPLES[verb]} by {_object(one)}"
    else:
        said = f"{_subject(other)} {lexicon.PASTS[verb]} {_object(one)}"
    return raised(said) + match["tail"]


def turn_progressive(sentence: Sentence, _random: Random) -> str | None:
    """Turn what somebody is doing into what is being done, or back."""
    doing, done = _DOING.match(sentence.text), _DONE.match(sentence.text)
    match = doing or done
    if not match or not _SHARED.isdisjoint(re.findall(r"\w+", match["tail"].casefold())):
        return None
    one, other, verb = lowered(match["one"]), match["other"], match["verb"]
    if not all(is_thing(phrase) for phrase in (one, other)) or not _SHARED.isdisjoint(other.split()):
        return None
    be = "are" if is_plural(other) else "is"
    said = f"{other} {be} " + (f"being {lexicon.DOING[verb]} by {one}" if doing else f"{lexicon.DONE[verb]} {one}")
    return raised(said) + match["tail"]


def _object(phrase: str) -> str:
    return lexicon.OBJECT_OF.get(phrase, phrase)


def _subject(phrase: str) -> str:
    return lexicon.SUBJECT_OF.get(phrase, phrase)


def swap_synonym(sentence: Sentence, random: Random) -> str | None:
    """Put a word that says the same in the place of one, with the article that it takes."""
    found = [match for match in _SYNONYM.finditer(sentence.text) if not _in_idiom(sentence.text, match)]
    if not found:
        return None
    match = random.choice(found)
    article, old = match.groups()
    new = lexicon.SYNONYMS[old].replace("_", " ")
    if new in sentence.text:
        return None
    if article:
        article = f"{article[0]}{'n' if new[0] in 'aeiou' else ''} "
    return replaced(sentence.text, (Span(*match.span()), f"{article or ''}{new}"))


def _in_idiom(text: str, match: re.Match[str]) -> bool:
    """Say whether a word stands with another that its synonym does not go with."""
    return bool(_IDIOM_BEFORE.search(text[: match.start()]) or _IDIOM.match(text, match.start(2)))


def contract(sentence: Sentence, random: Random) -> str | None:
    """Contract *is not* and the like, or spell them out."""
    if "?" in sentence.text:
        return None
    found = [(Span(*match.span(1)), _CONTRACTED[match.group(1)]) for match in _LONG.finditer(sentence.text)]
    found += [(Span(*match.span(1)), _EXPANDED[match.group(1)]) for match in _SHORT.finditer(sentence.text)]
    return replaced(sentence.text, random.choice(found)) if found else None


def group_digits(sentence: Sentence, random: Random) -> str | None:
    """Write 10,000 as 10000, or the other way round."""
    found = [(Span(*match.span(1)), match.group(1).replace(",", "")) for match in _GROUPED.finditer(sentence.text)]
    found += [(Span(*match.span(1)), f"{int(match.group(1)):,}") for match in _PLAIN.finditer(sentence.text)]
    return replaced(sentence.text, random.choice(found)) if found else None


def turn_date(sentence: Sentence, _random: Random) -> str | None:
    """Write 3 May 1990 as May 3, 1990, or the other way round."""
    day_first, month_first = _DAY_FIRST.search(sentence.text), _MONTH_FIRST.search(sentence.text)
    if day_first:
        day, month, year = day_first.groups()
        space = " " if re.search(r" [.,]", sentence.text) and not re.search(r"\w[.,](?: |$)", sentence.text) else ""
        return replaced(sentence.text, (Span(*day_first.span()), f"{month} {day}{space}, {year}"))
    if month_first:
        month, day, _, year, _ = month_first.groups()
        return replaced(sentence.text, (Span(*month_first.span()), f"{day} {month} {year}"))
    return None


def turn_possessive(sentence: Sentence, random: Random) -> str | None:
    """Write *the son of Ann* as *Ann's son*, or the other way round."""
    text, edits = sentence.text, []
    space = " " if re.search(r" [.,]", text) else ""
    for name in sentence.names:
        ahead, behind = text[: name.span.start], text[name.span.end :]
        of, owned = _OF.search(ahead), _OWNED.match(behind)
        if of and re.match(r"\s?(?:[.;]|(?:in|was|is|at)\b)", behind):
            edits.append((Span(of.start(), name.span.end), f"{name.text}{space}'s {of.group(1)}"))
        elif owned and name.before in lexicon.PREPOSITIONS | lexicon.BE:
            edits.append((Span(name.span.start, name.span.end + owned.end()), f"the {owned.group(1)} of {name.text}"))
    return replaced(text, random.choice(edits)) if edits else None


POSITIVE_RULES: Sequence[Rule] = (
    Rule("move-time", 1, "a date moves from the front to the end, or back", move_time, 7),
    Rule(
        "move-clause", 1, "a when-, because- or after-clause moves from the front to the end, or back", move_clause, 10
    ),
    Rule("swap-joined-names", 1, "A and B becomes B and A", swap_names_joined, 0),
    Rule("swap-joined-adjectives", 1, "old and grey becomes grey and old", swap_adjectives_joined, 5),
    Rule("turn-voice", 1, "active becomes passive, or back", turn_voice, 1, 13),
    Rule("turn-progressive", 1, "is doing it becomes it is being done, or back", turn_progressive, 2, 105),
    Rule("swap-synonym", 1, "a word becomes another that says the same", swap_synonym, 2),
    Rule("contract", 1, "is not becomes isn't, or back", contract, 0),
    Rule("group-digits", 1, "10,000 becomes 10000, or back", group_digits, 0),
    Rule("turn-date", 1, "3 May 1990 becomes May 3, 1990, or back", turn_date, 0),
    Rule("turn-possessive", 1, "the son of Ann becomes Ann's son, or back", turn_possessive, 2, 59),
)
