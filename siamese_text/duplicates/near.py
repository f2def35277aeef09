"""Texts that are the same or nearly so, letter for letter and word for word; exactly, with no sampling of hashes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from math import ceil

from siamese_text.text import words

NGRAM = 3  # words of a shingle
LONG_WORDS = 150  # a text of more is long: what it says does not hang on one number
# What changes what is said though few words change: numbers, and signs such as those of C++, -5 % and $.
_MARKS = re.compile(r"\d+(?:[.,:/]\d+)*|[^\w\s.,;:!?'\"()\[\]{}“”‘’«»…–—-]|(?<![\w.])-(?=\d)")


def plain(text: str) -> str:
    """Return a text without kinds of white space, letter case and forms of one character, which the eye hardly sees.

    Example:
        >>> plain("  Ｔea  for two ") == plain("tea for TWO")
        True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shingles(text: str) -> frozenset[str]:
    """Return the runs of three folded words of a text; all of its words as one where there are fewer.

    Example:
        >>> sorted(shingles("Tea, milk & sugar for two."))
        ['milk sugar for', 'sugar for two', 'tea milk sugar']
    """
    forms = [word.form for word in words(text)]
    count = max(1, len(forms) - NGRAM + 1)
    return frozenset(" ".join(forms[start : start + NGRAM]) for start in range(count)) if forms else frozenset()


def marks(text: str) -> Counter[str]:
    """Count the numbers and signs of a text, in which near duplicates agree."""
    return Counter(_MARKS.findall(unicodedata.normalize("NFKC", text)))


def _marks_agree(one: str, other: str, threshold: float) -> bool:
    """Say whether numbers and signs are equal or, of long texts, where one of many may be corrected, mostly are."""
    left, right = marks(one), marks(other)
    if left == right:
        return True
    long = min(len(one.split()), len(other.split())) > LONG_WORDS
    return long and (left & right).total() >= threshold * (left | right).total()


def near_pairs(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Find all pairs of texts that agree in numbers and signs, and whose shingles have a Jaccard index of a threshold.

    Two sets with J >= t share one of their rarest |s| - ceil(t |s|) + 1 shingles, so that only texts that meet there
    are compared (Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", 2007).

    Args:
        texts: N texts.
        threshold: In (0, 1].

    Yields:
        Two places, the smaller one first, and J: the shingles that both have, of those that either has.

    Example:
        >>> texts = ["one two three four", "One, two, three, four!", "one two three five"]
        >>> list(near_pairs(texts, 0.9))
        [(0, 1, 1.0)]
    """
    sets = [shingles(text) for text in texts]
    counts = Counter(chain.from_iterable(sets))
    holders: dict[str, list[int]] = {}
    for place, mine in enumerate(sets):
        rarest = sorted(mine, key=lambda shingle: (counts[shingle], shingle))
        prefix = rarest[: len(rarest) - ceil(threshold * len(rarest) - 1e-9) + 1]
        met = sorted({other for shingle in prefix for other in holders.get(shingle, ())})
        for other in met:
            theirs = sets[other]
            if min(len(mine), len(theirs)) < threshold * max(len(mine), len(theirs)) - 1e-9:
                continue
            common = len(mine & theirs)
            jaccard = common / (len(mine) + len(theirs) - common)
            if jaccard >= threshold and _marks_agree(texts[other], texts[place], threshold):
                yield other, place, jaccard
        for shingle in prefix:
            if counts[shingle] > 1:
                holders.setdefault(shingle, []).append(place)
