"""How much of a pair stands in words that a model does not know: of such pairs it knows nothing, however sure it seems.

A tokenizer breaks a word that it has no token for into pieces, and puts one token for all in place of what it cannot
even break. Texts of such words get vectors that look alike, so that a model of English calls any two Thai sentences the
same. Of the words of its own language it breaks one in twenty, of a language in another script nearly all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

from siamese_text.text import Word

WordPieces = Callable[[Sequence[str]], Sequence[int | None]]  # how many tokens each word is made of

# A short text is read as if so many usual words stood beside its own, of which this share is broken: a name in a
# headline of four words is no foreign language.
USUAL_WORDS = 5
USUAL_SHARE = 0.1
# Characters of a script without spaces make a word by twos; a model that knows the language has tokens of several.
CHARACTERS_A_WORD = 2
MOST_PIECES_A_CHARACTER = 0.9
_FIRST_SPACELESS = "\u0e00"  # Thai, and the scripts after it, in which every character is a word of ``text.words``


def unknown_share(found: Sequence[str], pieces: Mapping[str, int | None]) -> float:
    """Return the share of the words of a text that a model does not know, each counted by its weight.

    Args:
        found: The words as they stand in the text (``words_to_know``).
        pieces: The number of tokens that the model makes of each word, None for one that holds a token which stands for
            anything unknown.

    Returns:
        The share, in [0, 1]; 1 of a text that holds nothing but such tokens.

    Example:
        >>> unknown_share(["кот", "сидел", "на", "окне"], {"кот": 3, "сидел": 5, "на": 2, "окне": 4})
        0.5
    """
    if found and all(pieces[word] is None for word in found):
        return 1.0
    every = sum(_weight(word) for word in found)
    unknown = sum(_weight(word) for word in found if _is_unknown(word, pieces[word]))
    return (unknown + USUAL_WORDS * USUAL_SHARE) / (every + USUAL_WORDS)


def _is_unknown(word: str, pieces: int | None) -> bool:
    if pieces is None:
        return True
    return pieces > MOST_PIECES_A_CHARACTER * len(word) if word[0] >= _FIRST_SPACELESS else pieces > 1


def _weight(word: str) -> float:
    return max(1.0, len(word) / CHARACTERS_A_WORD) if word[0] >= _FIRST_SPACELESS else 1.0


def words_to_know(text: str, words: Sequence[Word]) -> list[str]:
    """Return the words of letters, runs of characters without spaces between them, and signs that are pictures.

    Numbers are left out: a tokenizer breaks them in any language.

    Args:
        text: A text.
        words: Its words.

    Returns:
        They, as they stand in the text.
    """
    found: list[str] = []
    end = -1
    for word in words:
        letter = text[word.span.start]
        joins = end == word.span.start and letter >= _FIRST_SPACELESS and found and found[-1][0] >= _FIRST_SPACELESS
        if joins:
            found[-1] += text[word.span.start : word.span.end]
        elif not any(map(str.isdigit, word.form)):
            found.append(text[word.span.start : word.span.end])
        end = word.span.end
    return found if text.isascii() else found + [sign for sign in text if unicodedata.category(sign) == "So"]
