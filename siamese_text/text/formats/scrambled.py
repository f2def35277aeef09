"""Text that a file gives is not always text that it shows: fonts whose letters stand for others give it away."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import pairwise

_VOWELS = frozenset("aeiouy")
_FEWEST_LETTERS, _FEWEST_DIFFERENT = 300, 15  # fewer say too little of a language, and are no prose
_MOST_PRIVATE = 0.2  # of the letters: code points that mean nothing outside of their font
_FEWEST_VOWELS = 0.5
_VOWELS_OF_TEXT = 0.33, 0.54  # the share of a, e, i, o, u, y in the letters of any language of Latin letters


def is_scrambled(text: str) -> bool:
    """Tell whether the letters of a text cannot be those that its reader sees.

    In every language vowels stand beside consonants, and by that alone Sukhotin's algorithm tells which letters are
    the vowels (B. V. Sukhotin, 1962). Where a font shows other letters than it names, it finds others than a, e, i, o,
    u and y, and these are rarer or more frequent than vowels are. Only Latin letters are looked at; a text of fewer
    than 300 is believed.

    Args:
        text: The text of a document.

    Example:
        >>> text = "No bee freezes while another sweats, because they change places in the cold. " * 6
        >>> cipher = str.maketrans("aeioubdnst", "bdnstaeiou")
        >>> is_scrambled(text), is_scrambled(text.translate(cipher))
        (False, True)
    """
    private = sum(unicodedata.category(character) == "Co" or character == "\ufffd" for character in text)
    if private > _MOST_PRIVATE * max(1, len("".join(text.split()))):
        return True
    words = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(c if "a" <= c <= "z" else " " for c in words if not unicodedata.combining(c)).split()
    counts = Counter("".join(plain))
    if (
        counts.total() < _FEWEST_LETTERS
        or len(counts) < _FEWEST_DIFFERENT
        or counts.total() < sum(map(str.isalpha, text)) / 2
    ):
        return False
    fewest, most = _VOWELS_OF_TEXT
    if fewest <= sum(counts[one] for one in _VOWELS) / counts.total() <= most:
        return False
    found = _vowels(plain)
    return sum(counts[one] for one in found & _VOWELS) < _FEWEST_VOWELS * sum(counts[one] for one in found)


def _vowels(words: list[str]) -> set[str]:
    """Find the letters that stand beside the others more than beside one another (Sukhotin's algorithm)."""
    beside: Counter[tuple[str, str]] = Counter()
    for word in words:
        for one, other in pairwise(word):
            if one != other:
                beside[one, other] += 1
                beside[other, one] += 1
    letters = {one for one, _ in beside}
    sums = {one: sum(beside[one, other] for other in letters) for one in letters}
    vowels: set[str] = set()
    while len(vowels) < len(letters):
        best = max(sorted(letters - vowels), key=lambda one: sums[one])
        if sums[best] <= 0:
            break
        vowels.add(best)
        for one in letters - vowels:
            sums[one] -= 2 * beside[one, best]
    return vowels
