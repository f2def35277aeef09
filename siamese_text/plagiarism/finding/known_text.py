"""Text that everyone was given: the words of a template or assignment sheet, and phrases to ignore."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from siamese_text.plagiarism.spans import union
from siamese_text.records import Span
from siamese_text.text import Word, words

SHORTEST_TEMPLATE = 6  # words in a row that a template and a document share by no chance


class KnownText:
    """What stands in a document without blame because it is known where it comes from.

    Args:
        templates: Texts such as an assignment sheet; six words of one in a row are known.
        phrases: Phrases that are known as a whole.

    Example:
        >>> text = "Name of the student: Ann. The kite flew away."
        >>> known = KnownText([], ["name of the student"])
        >>> [text[span.start:span.end] for span in known.spans(list(words(text)))]
        ['Name of the student']
    """

    def __init__(self, templates: Sequence[str] = (), phrases: Sequence[str] = ()) -> None:
        self._runs: dict[int, set[tuple[str, ...]]] = defaultdict(set)
        for template in templates:
            self._add(template, SHORTEST_TEMPLATE)
        for phrase in phrases:
            self._add(phrase, None)

    def _add(self, given: str, length: int | None) -> None:
        forms = [word.form for word in words(given)]
        length = min(length or len(forms), len(forms))
        for start in range(len(forms) - length + 1 if length else 0):
            self._runs[length].add(tuple(forms[start : start + length]))

    def spans(self, document: Sequence[Word]) -> tuple[Span, ...]:
        """Find the known words of a document.

        Args:
            document: Its words, folded.

        Returns:
            Spans of characters, in increasing order.
        """
        forms = [word.form for word in document]
        return union(
            Span(document[start].span.start, document[start + length - 1].span.end)
            for length, runs in self._runs.items()
            for start in range(len(forms) - length + 1)
            if tuple(forms[start : start + length]) in runs
        )
