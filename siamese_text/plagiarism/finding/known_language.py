"""Whether a model knows the language of a text, by what its tokenizer makes of the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from siamese_text.text import words

# Of the words of its own language a tokenizer breaks few: of all-MiniLM-L6-v2, English documents have 1.0 to 1.7 tokens
# a word with their marks, the misspelt essays of pupils among them; German, French, Spanish, Italian, Dutch and Polish
# 2.0 and more, Greek and Russian 4 and more.
_MOST_PIECES = 1.85
_MOST_OF_CHARACTERS = 0.9  # tokens a character of Chinese or Japanese: who knows the language has tokens of several
_FIRST_SPACELESS = 0x0E00  # Thai, and the scripts after it, in which every character is a word
_MIDDLE = 1000  # characters of a text that are looked at: its middle is neither a title nor a list of sources
_STRETCH = 16  # words that are read at once: no model cuts them
Pieces = Callable[[Sequence[str]], Sequence[int]]


def unknown_languages(texts: Sequence[str], pieces: Pieces) -> list[bool]:
    """Tell which texts are in a language that a model hardly knows.

    Args:
        texts: Texts.
        pieces: Gives the number of tokens that the model makes of each of some short texts.

    Returns:
        One answer for each text; False for one without words.

    Example:
        >>> unknown_languages(["the cat sat", "die Katze sitzt"], lambda texts: [3, 7])
        [False, True]
    """
    stretches: list[str] = []
    most: list[float] = []  # tokens of each text in a language that is known
    owners: list[int] = []
    for owner, text in enumerate(texts):
        start = max(0, len(text) // 2 - _MIDDLE // 2)
        middle = text[start : start + _MIDDLE]
        found = words(middle)
        for first in range(0, len(found), _STRETCH):
            last = found[min(first + _STRETCH, len(found)) - 1]
            stretches.append(middle[found[first].span.start : last.span.end])
            owners.append(owner)
        characters = sum(len(word.form) == 1 and ord(word.form) >= _FIRST_SPACELESS for word in found)
        most.append((_MOST_OF_CHARACTERS if 2 * characters > len(found) else _MOST_PIECES) * len(found))
    counts = [0] * len(texts)
    for owner, count in zip(owners, pieces(stretches), strict=True):
        counts[owner] += count
    return [count > limit for count, limit in zip(counts, most, strict=True)]
