"""What a reader of a format gives: the text of a file, where its pages and headings are, and what it does not show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from siamese_text.records import Document, Note, Place, Span

_LONGEST_SHOWN = 2000  # characters of a note's words


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a file, its places, headings and notes; as in ``Document``."""

    text: str
    places: tuple[Place, ...] = ()
    headings: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()


class Draft:
    r"""Gathers the paragraphs of a file in their order.

    Example:
        >>> draft = Draft()
        >>> draft.place("page 1")
        >>> draft.add("Amber", heading=True)
        >>> draft.add("It floats.")
        >>> draft.reading().text, draft.reading().headings
        ('Amber\n\nIt floats.', (Span(start=0, end=5),))
    """

    def __init__(self) -> None:
        self._paragraphs: list[str] = []
        self._length = 0
        self._places: list[Place] = []
        self._headings: list[Span] = []
        self.notes: list[Note] = []

    @property
    def paragraphs(self) -> int:
        """How many paragraphs there are so far."""
        return len(self._paragraphs)

    @property
    def _next(self) -> int:
        return self._length + 2 if self._paragraphs else 0

    def place(self, name: str) -> None:
        """Let a page, slide, chapter or file begin with the next paragraph."""
        if self._places and self._places[-1].start == self._next:
            self._places.pop()  # nothing stands in it
        self._places.append(Place(self._next, name))

    def add(self, text: str, *, heading: bool = False) -> None:
        """Append a paragraph; one without any words is left out."""
        if text.strip():
            start = self._next
            self._paragraphs.append(text)
            self._length = start + len(text)
            if heading:
                self._headings.append(Span(start, self._length))

    def insert(self, reading: Reading, *, place: str = "") -> None:
        """Append all of another reading, such as a file of a submission or an embedded part.

        Args:
            reading: What was read.
            place: Its name, before the names of its own places.
        """
        if not reading.text.strip():
            return
        if place:
            self.place(place)
        start = self._next
        prefix = f"{place}, " if place else ""
        inner = [Place(start + one.start, prefix + one.name) for one in reading.places]
        if inner and inner[0].start == start and place:
            self._places.pop()
        self._places += inner
        self._headings += [Span(start + one.start, start + one.end) for one in reading.headings]
        self._paragraphs.append(reading.text)
        self._length = start + len(reading.text)
        self.notes += [
            replace(
                note,
                message=f"{place}: {note.message}" if place else note.message,
                spans=tuple(Span(start + span.start, start + span.end) for span in note.spans),
            )
            for note in reading.notes
        ]

    def reading(self) -> Reading:
        """Return all that was gathered, the paragraphs apart by blank lines."""
        places = [place for place in self._places if place.start < self._length]
        return Reading("\n\n".join(self._paragraphs), tuple(places), tuple(self._headings), tuple(self.notes))


def place_of(document: Document | Reading, offset: int) -> str:
    r"""Say where in a document a character stands, as one who has it in hand would look for it.

    Args:
        document: A document that was read.
        offset: The place of the character in its text.

    Returns:
        The name of its page, slide or chapter; for a text without any the number of the paragraph.

    Example:
        >>> place_of(Document("a.txt", "One.\n\nTwo."), 7)
        'paragraph 2'
    """
    at = bisect_right(document.places, offset, key=lambda place: place.start)
    if at:
        return document.places[at - 1].name
    return f"paragraph {1 + sum(1 for part in document.text[:offset].split(chr(10) * 2)[:-1] if part.strip())}"


def where(document: Document | Reading, offset: int) -> str:
    """Say the same with the preposition that it takes in a sentence: ``on page 2``, ``in paragraph 5``."""
    place = place_of(document, offset)
    return f"{'on' if place.startswith(('page', 'slide')) else 'in'} {place}"


def shown(words: Iterable[str]) -> str:
    """Join the words of a note to one line that is not too long to be shown."""
    text = " ".join(" ".join(words).split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def counted(number: int, noun: str) -> str:
    """Say how many there are of something.

    Example:
        >>> counted(1, "word"), counted(2000, "word")
        ('1 word', '2,000 words')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
