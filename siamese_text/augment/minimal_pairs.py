"""Minimal pairs for measuring: one small change to a sentence, sorted into families by what the change is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from siamese_text.augment.making import collect_names, is_plain
from siamese_text.augment.rules import RULES
from siamese_text.augment.sentence import Sentence
from siamese_text.errors import UsageError
from siamese_text.records import Pair

MOST_SENTENCES = 20_000  # that are tried: a rare rule would read a whole library
PER_FAMILY = 60


@dataclass(frozen=True, slots=True)
class Family:
    """Changes of one kind.

    Attributes:
        name: As tables and ``Pair.kind`` give it.
        label: 1 where they say the same, 0 where they say something else.
        description: In a few words.
        rules: The names of the rules that make them.
    """

    name: str
    label: int
    description: str
    rules: tuple[str, ...]


FAMILIES: Sequence[Family] = (
    Family("arguments", 0, "who does it and to whom swapped", ("swap-people", "swap-doers", "swap-arguments")),
    Family("from-to", 0, "from and to swapped", ("swap-from-to",)),
    Family("adjectives", 0, "the adjectives of two nouns swapped", ("swap-adjectives",)),
    Family("negation", 0, "a not put in or taken out", ("negate",)),
    Family("number", 0, "another number", ("change-number", "swap-numbers")),
    Family("date", 0, "another date", ("change-date",)),
    Family("name", 0, "another name", ("change-name",)),
    Family("opposite", 0, "a word and its opposite", ("opposite",)),
    Family("voice", 1, "active and passive", ("turn-voice", "turn-progressive")),
    Family("clauses", 1, "a clause moved", ("move-clause",)),
    Family("dates-moved", 1, "a date moved", ("move-time",)),
    Family("synonym", 1, "a word that says the same", ("swap-synonym",)),
    Family("joined", 1, "A and B, B and A", ("swap-joined-names", "swap-joined-adjectives")),
    Family(
        "form", 1, "dates, numbers and short forms written otherwise",
        ("contract", "group-digits", "turn-date", "turn-possessive"),
    ),
)  # fmt: skip


def bundled_sentences() -> list[str]:
    """Return sentences written for this project, of which every family can make pairs.

    Example:
        >>> bundled_sentences()[0]
        'The nurse thanked the driver on 3 May 2011.'
    """
    return Path(__file__).with_name("probe_sentences.txt").read_text(encoding="utf-8").splitlines()


def minimal_pairs(sentences: Iterable[str], *, per_family: int = PER_FAMILY, seed: int = 0) -> list[Pair]:
    """Make at most so many pairs of each family, each of another sentence.

    Args:
        sentences: One a text; what ``augment`` skips is skipped, and of more than ``MOST_SENTENCES`` a sample is read.
        per_family: The largest number of pairs of a family.
        seed: Decides which sentences are taken, and all choices of the rules.

    Returns:
        The pairs by family in the order of ``FAMILIES``, with the name of the family as their kind; a sentence gives at
        most one pair to a family.

    Raises:
        UsageError: ``per_family`` is below 1.

    Example:
        >>> [(pair.kind, pair.sentence2) for pair in minimal_pairs(["Ann owes Bo a pound."])]
        [('arguments', 'Bo owes Ann a pound.')]
    """
    if per_family < 1:
        raise UsageError(f"per_family is {per_family}; give 1 or more")
    texts = [text for text in dict.fromkeys(map(str.strip, sentences)) if is_plain(text)]
    Random(seed).shuffle(texts)
    texts = texts[:MOST_SENTENCES]
    names = collect_names([*texts, *bundled_sentences()])
    made: dict[str, list[Pair]] = {family.name: [] for family in FAMILIES}
    for text in texts:
        wanted = [family for family in FAMILIES if len(made[family.name]) < per_family]
        if not wanted:
            break
        sentence = Sentence(text, names)
        for family in wanted:
            random = Random(f"{seed} {family.name} {text}")
            other = _changed(sentence, family, random)
            if other:
                made[family.name].append(Pair(text, other, float(family.label), family.name))
    return [pair for pairs in made.values() for pair in pairs]


def _changed(sentence: Sentence, family: Family, random: Random) -> str | None:
    """Return what the first rule of a family that fits makes of a sentence, the rules in random order."""
    for name in random.sample(family.rules, len(family.rules)):
        other = RULES[name].apply(sentence, random)
        if other and other.casefold() != sentence.text.casefold():
            return other
    return None
