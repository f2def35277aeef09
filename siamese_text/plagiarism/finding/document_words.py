"""The words of a document as three arrays: a folder of thousands of documents has no room for an object a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import Span
from siamese_text.text import Word

IdArray = NDArray[np.int32]


class Vocabulary:
    """The folded words of a folder, numbered in the order in which they are met.

    Attributes:
        forms: The words by their numbers.
    """

    def __init__(self) -> None:
        self.forms: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.forms)

    def number(self, form: str) -> int:
        """Return the number of a word, a new one where it was not met before."""
        number = self._numbers.setdefault(form, len(self.forms))
        if number == len(self.forms):
            self.forms.append(form)
        return number


class DocumentWords(Sequence[Word]):
    """The words of a document in their order.

    Args:
        vocabulary: Numbers the words; all documents of a folder share it.
        words: The words, folded, with their places.

    Attributes:
        ids: (W,) int32, the numbers of the words.
        starts: (W,) int32, where each begins in the text.
        ends: (W,) int32, where each ends.

    Example:
        >>> from siamese_text.text import words
        >>> found = DocumentWords(Vocabulary(), words("One and one."))
        >>> found.ids.tolist(), found[1].form, found.span(Span(1, 3))
        ([0, 1, 0], 'and', Span(start=4, end=11))
    """

    def __init__(self, vocabulary: Vocabulary, words: Iterable[Word]) -> None:
        rows = [(vocabulary.number(word.form), word.span.start, word.span.end) for word in words]
        self.vocabulary = vocabulary
        self.ids, self.starts, self.ends = np.array(rows, dtype=np.int32).reshape(-1, 3).T.copy()

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Word: ...
    @overload
    def __getitem__(self, place: slice) -> list[Word]: ...
    def __getitem__(self, place: int | slice) -> Word | list[Word]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        span = Span(int(self.starts[place]), int(self.ends[place]))
        return Word(self.vocabulary.forms[self.ids[place]], span)

    def __iter__(self) -> Iterator[Word]:
        return (self[place] for place in range(len(self)))

    def within(self, span: Span) -> Span:
        """Return the places of the words that begin inside a span of characters."""
        first, last = self.starts.searchsorted((span.start, span.end)).tolist()
        return Span(first, max(first, last))

    def ids_within(self, span: Span) -> list[int]:
        """Return the numbers of the words that begin inside a span of characters."""
        places = self.within(span)
        ids: list[int] = self.ids[places.start : places.end].tolist()
        return ids

    def span(self, places: Span) -> Span:
        """Return the characters from the first to the last of some words, of which there is one at least."""
        return Span(int(self.starts[places.start]), int(self.ends[places.end - 1]))
