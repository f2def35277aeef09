"""The words of texts, each text read once, however many pairs it is in and however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.scoring.details import differing_rows
from siamese_text.scoring.read_words import ReadWords
from siamese_text.scoring.unknown_words import WordPieces, unknown_share, words_to_know
from siamese_text.text import words

TEXTS = 1024  # that are read at a time: what is kept of them is small, their words as they stand are not


class WordsAtHand:
    """What the words of texts say of the pairs that they are in, kept from call to call.

    Every call of one object asks for the same, of the same model.
    """

    def __init__(self) -> None:
        self._read: dict[str, ReadWords] = {}
        self._unknown: dict[str, float] = {}
        self._pieces: dict[str, int | None] = {}
        self._unread: dict[str, str] = {}

    def of(
        self, pairs: Sequence[tuple[str, str]], *, details: bool, word_pieces: WordPieces | None
    ) -> tuple[FloatArray | None, FloatArray | None]:
        """Return what the words of N pairs say.

        Args:
            pairs: The two texts of each pair.
            details: Whether it is asked in which details they differ.
            word_pieces: Says how many tokens the model makes of each of some words, None of one that holds a token
                which stands for anything unknown; without it nothing is said of unknown words.

        Returns:
            (N, 7) float32 in [0, 1], how far both texts differ in each detail (``details_of``), and (N,) float32 in
            [0, 1], the share of unknown words of the side that the model knows less (``unknown_share``): 0 of two equal
            texts, of which no model is needed to say that they are the same. None for what is not asked.

        Example:
            >>> pairs = [("the cat sat", "кот сидел на окне дома")]
            >>> WordsAtHand().of(pairs, details=False, word_pieces=lambda words: [1 + (w > "z") for w in words])
            (None, array([0.55], dtype=float32))
        """
        new = [
            text
            for text in dict.fromkeys(text for pair in pairs for text in pair)
            if (details and text not in self._read) or (word_pieces and text not in self._unknown)
        ]
        for start in range(0, len(new), TEXTS):
            self._keep(new[start : start + TEXTS], details, word_pieces)
        read, unknown = self._read, self._unknown
        differing = differing_rows([(read[left], read[right]) for left, right in pairs]) if details else None
        if word_pieces is None:
            return differing, None
        worse = (0.0 if left == right else max(unknown[left], unknown[right]) for left, right in pairs)
        return differing, np.fromiter(worse, dtype=np.float32, count=len(pairs))

    def unread(self, texts: Sequence[str], ask: Callable[[Sequence[str]], Sequence[str]]) -> list[str]:
        """Return what of each of N texts a model does not read, as ``ask`` says of each text once.

        Example:
            >>> WordsAtHand().unread(["abc", "a", "abc"], lambda texts: [text[1:] for text in texts])
            ['bc', '', 'bc']
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._unread]
        self._unread |= zip(new, ask(new), strict=True)
        return [self._unread[text] for text in texts]

    def _keep(self, texts: Sequence[str], details: bool, word_pieces: WordPieces | None) -> None:
        """Read texts, and ask for the words that were not asked for."""
        found = {text: words(text) for text in texts}
        if details:
            self._read |= {text: ReadWords.of(text, mine) for text, mine in found.items()}
        if word_pieces:
            to_know = {text: words_to_know(text, mine) for text, mine in found.items()}
            asked = list(dict.fromkeys(word for mine in to_know.values() for word in mine if word not in self._pieces))
            self._pieces |= zip(asked, word_pieces(asked), strict=True)
            self._unknown |= {text: unknown_share(mine, self._pieces) for text, mine in to_know.items()}
