"""What the readers of marked-up formats share: white space, quotation marks, hidden words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from siamese_text.records import Note, NoteKind
from siamese_text.text.reading import counted, shown

_LIGHTEST = 0xF0  # of red, green and blue: what is lighter cannot be told from white paper
SMALLEST = 2.5  # points; smaller letters are no text to a reader


def collapse(pieces: Iterable[str]) -> str:
    """Join pieces of a block, its white space as a browser shows it; line breaks stay."""
    text = re.sub(r" +", " ", "".join(pieces))
    return re.sub(r" ?\n ?", "\n", text).strip()


def quote(text: str) -> str:
    """Put quotation marks around a block; marks inside become single ones, so that the block stays one quotation."""
    return "“" + text.translate({ord("“"): "‘", ord("”"): "’", ord('"'): "'"}) + "”"


def is_white(color: str) -> bool:
    """Tell whether six hexadecimal digits are a color that nobody sees on white paper."""
    return re.fullmatch("[0-9a-fA-F]{6}", color) is not None and all(
        int(color[at : at + 2], 16) >= _LIGHTEST for at in (0, 2, 4)
    )


class Hidden:
    """Gathers the words that a reader of the page does not see, by how they are hidden."""

    def __init__(self) -> None:
        self._words: dict[tuple[NoteKind, str], list[str]] = defaultdict(list)
        self._first: dict[tuple[NoteKind, str], str] = {}

    def add(self, how: str, text: str, where: str, *, kind: NoteKind = "hidden") -> None:
        """Keep hidden text; ``how`` ends the sentence "12 words ..."."""
        if text.strip():
            self._words[kind, how].append(text)
            self._first.setdefault((kind, how), where)

    def notes(self) -> list[Note]:
        """Return a note for each way of hiding."""
        return [
            Note(
                kind,
                f"{counted(len(' '.join(texts).split()), 'word')} {how}, not part of the text, first "
                f"{'on' if self._first[kind, how].startswith('page') else 'in'} {self._first[kind, how]}",
                text=shown(texts),
            )
            for (kind, how), texts in self._words.items()
        ]
