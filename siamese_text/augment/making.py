"""Sentences in, labelled pairs out: which rules are tried on which sentence, and in what order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

from siamese_text.augment.rule import Rule
from siamese_text.augment.sentence import Names, Sentence
from siamese_text.errors import UsageError
from siamese_text.records import Pair

WORDS = range(4, 41)  # of a sentence that is worth a try
# Scraps of pages and mark-up, and sentences that run into each other.
_ODD = re.compile(r"[\[\]|{}<>=_©®\x00-\x1f]|https?:|\(UTC\)|\?\?|!!|&#?\w+ ?;|[a-z\d][.!?*][A-Z][a-z]")
NAMES_KEPT = 5000  # after each word


def is_plain(text: str) -> bool:
    """Say whether a text is a sentence that is worth a try: of 4 to 40 words, and no scrap of a page or mark-up.

    Example:
        >>> is_plain("The dog barks at night."), is_plain("Copyright © 2014 by the dog")
        (True, False)
    """
    return len(text.split()) in WORDS and not _ODD.search(text)


def collect_names(sentences: Iterable[str]) -> Names:
    """Collect the names of sentences by the word before them, for the rule that changes a name.

    Args:
        sentences: Any number; they are read once.

    Returns:
        For each word those of its first ``NAMES_KEPT`` names that were seen twice: what is seen once may be no name.

    Example:
        >>> collect_names(["She lives in Oslo now.", "He was seen in Lima.", "It rains in Oslo."])
        {'in': ('Oslo',)}
    """
    found: dict[str, Counter[str]] = {}
    for text in sentences:
        for name in Sentence(text).names:
            counts = found.setdefault(name.before, Counter())
            if name.text in counts or len(counts) < NAMES_KEPT:
                counts[name.text] += 1
    return {before: tuple(name for name, count in counts.items() if count > 1) for before, counts in found.items()}


def augment(
    sentences: Iterable[str], rules: Sequence[Rule], *, names: Names | None = None, per_sentence: int = 2, seed: int = 0
) -> Iterator[Pair]:
    """Make pairs of each sentence and what rules turn it into.

    What becomes of a sentence depends on it, the rules and the seed alone, not on the sentences around it.

    Args:
        sentences: One a text; what has fewer than 4 or more than 40 words, looks like mark-up or repeats is skipped.
        rules: The rules to try.
        names: Names from elsewhere, as ``collect_names`` gives them.
        per_sentence: The largest number of pairs of one sentence, by different rules; positives and negatives take
            turns.
        seed: Decides all choices.

    Yields:
        Pairs with label 1 or 0, and the name of the rule as their kind.

    Raises:
        UsageError: ``per_sentence`` is below 1.

    Example:
        >>> from siamese_text.augment import choose_rules
        >>> [pair.sentence2 for pair in augment(["He left on 3 May 1990."], choose_rules("turn-date"))]
        ['He left on May 3, 1990.']
    """
    if per_sentence < 1:
        raise UsageError(f"per_sentence is {per_sentence}; give 1 or more")
    seen: set[str] = set()
    for text in map(str.strip, sentences):
        if text in seen or not is_plain(text):
            continue
        seen.add(text)
        sentence = Sentence(text, names or {})
        random = Random(f"{seed} {text}")
        made = _made(sentence, rules, random)
        yield from (Pair(text, other, float(rule.label), rule.name) for rule, other in islice(made, per_sentence))


def _made(sentence: Sentence, rules: Sequence[Rule], random: Random) -> Iterator[tuple[Rule, str]]:
    """Yield what rules make of a sentence, in random order; those of either label take turns while there are both."""
    shuffled = random.sample(rules, len(rules))
    queues = [[rule for rule in shuffled if rule.label == label] for label in random.sample((0, 1), 2)]
    while any(queues):
        queue = queues[0]
        while queue:
            rule = queue.pop()
            other = rule.apply(sentence, random)
            if other and other.casefold() != sentence.text.casefold():
                yield rule, other
                break
        queues.reverse()
