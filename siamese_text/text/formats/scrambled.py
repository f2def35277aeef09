"""Text that a file gives is not always text that it shows: fonts whose letters stand for others give it away."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter

# The letters by how frequent they are on average in 28 languages that are written in them.
_USUAL_ORDER = "aeinotrsludkmpgchbvyfjzwxq"
_FEWEST_LETTERS, _FEWEST_DIFFERENT = 300, 15  # fewer say too little of a language, and are no prose
_MOST_PRIVATE = 0.2  # of the letters: code points that mean nothing outside of their font
_LEAST_AGREEMENT = 0.4  # of the two orders; 27 other languages have .47 or more, in a hundred words of each


def is_scrambled(text: str) -> bool:
    """Tell whether the letters of a text cannot be those that its reader sees.

    Frequent letters are much the same in all languages that are written in Latin ones: where a font shows other
    letters than it names, rare ones are frequent, and Spearman's rank correlation with the usual order is low. Only
    Latin letters are looked at; a text of fewer than 300 is believed.

    Args:
        text: The text of a document.

    Example:
        >>> text = "No bee freezes while another sweats, because they change places in the cold. " * 6
        >>> letters = "abcdefghijklmnopqrstuvwxyz"
        >>> cipher = str.maketrans(letters, letters[::-1])
        >>> is_scrambled(text), is_scrambled(text.translate(cipher))
        (False, True)
    """
    private = sum(unicodedata.category(character) == "Co" or character == "\ufffd" for character in text)
    if private > _MOST_PRIVATE * max(1, len("".join(text.split()))):
        return True
    counts = Counter(letter for letter in unicodedata.normalize("NFD", text.casefold()) if "a" <= letter <= "z")
    if (
        counts.total() < _FEWEST_LETTERS
        or len(counts) < _FEWEST_DIFFERENT
        or counts.total() < sum(map(str.isalpha, text)) / 2
    ):
        return False
    return _agreement(counts) < _LEAST_AGREEMENT


def _agreement(counts: Counter[str]) -> float:
    """Return Spearman's rank correlation of letters by their counts with the usual order, in [-1, 1]."""
    order = sorted(string.ascii_lowercase, key=lambda letter: -counts[letter])
    apart = sum((place - _USUAL_ORDER.index(letter)) ** 2 for place, letter in enumerate(order))
    size = len(order)
    return 1 - 6 * apart / (size * (size**2 - 1))
