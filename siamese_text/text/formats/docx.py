"""Word documents become paragraphs: what Word shows on paper, in its order, then foot- and endnotes.

The XML is walked here, because python-docx leaves out insertions under review, content controls, text boxes and notes.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.decoding import decode
from siamese_text.text.formats.archive import Archive
from siamese_text.text.formats.docx_styles import WHITE, Styles, w
from siamese_text.text.formats.html import read_html
from siamese_text.text.formats.pieces import Hidden, collapse, quote
from siamese_text.text.reading import Draft, Reading, counted, shown

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DELETED = (w("del"), w("moveFrom"))
# What Word does not show: the second copy of each text box, and how a character is to be spoken.
_UNSHOWN = (*_DELETED, _COMPATIBILITY + "Fallback", w("rt"))
_SIGNS = {w("br"): "\n", w("cr"): "\n", w("tab"): " ", w("noBreakHyphen"): "-"}
_FEWEST_TOLD = 20  # words of a header or footer: the title of a course has fewer
_DEEPEST = 3  # documents embedded in documents


def read_docx(data: bytes, *, depth: int = 0) -> Reading:
    """Read what Word prints of a document: its paragraphs and tables in their order, then its foot- and endnotes.

    The text is the final one, as if all changes under review were accepted. Comments, deleted and hidden words, and
    long headers and footers are told in notes.

    Args:
        data: The whole file.
        depth: How many documents this one is embedded in.

    Returns:
        The paragraphs, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: It is no docx, has a password, or expands beyond all measure.
    """
    archive = Archive(data, "docx")
    main = next(iter(archive.parts("", "officeDocument")), "word/document.xml")
    root = archive.xml(main)
    if root is None:
        raise Unreadable("broken docx (no document inside); open it and save it anew")
    return _Document(archive, main, root, depth).reading()


class _Document:
    """One pass over the parts of a document."""

    def __init__(self, archive: Archive, main: str, root: Any, depth: int) -> None:
        self._archive, self._main, self._root, self._depth = archive, main, root, depth
        self._styles = Styles(self._part("styles"), painted=root.find(w("background")) is not None)
        self._hidden, self._draft = Hidden(), Draft()
        self._deleted: list[str] = []
        self._texts: dict[Any, str] = {}  # of paragraphs: those of cells are asked for twice

    def reading(self) -> Reading:
        self._add(self._root)
        for kind in ("footnotes", "endnotes"):
            for name in self._archive.parts(self._main, kind):
                self._add(self._archive.xml(name))
        for name in self._archive.parts(self._main, "diagramData"):
            for paragraph in self._archive.xml(name).iter(_DRAWING + "p"):
                self._draft.add("".join(t.text or "" for t in paragraph.iter(_DRAWING + "t")))
        self._draft.notes += [*self._hidden.notes(), *self._review(), *self._margins(), *self._embedded_files()]
        return self._draft.reading()

    def _part(self, kind: str) -> Any:
        name = next(iter(self._archive.parts(self._main, kind)), None)
        return self._archive.xml(name) if name else None

    def _add(self, root: Any) -> None:
        """Add the paragraphs and table rows of a part, and what is embedded between them."""
        for deleted in root.iter(*_DELETED):
            self._deleted.append("".join(text.text or "" for text in deleted.iter(w("delText"), w("t"))))
        for unshown in list(root.iter(*_UNSHOWN)):
            unshown.getparent().remove(unshown)
        joined_rows: set[Any] = set()
        for element in root.iter(w("p"), w("tr"), w("altChunk")):
            if not joined_rows.isdisjoint(element.iterancestors(w("tr"))):
                continue
            if element.tag == w("altChunk"):
                self._add_chunk(element.get(_RELATION))
            elif element.tag == w("tr"):
                self._add_row(element, joined_rows)
            elif text := self._paragraph(element):
                style = self._styles.name_of(element)
                self._draft.add(quote(text) if style.endswith("quote") else text, heading=style.startswith("heading"))

    def _add_row(self, row: Any, joined: set[Any]) -> None:
        """Join the cells of a row; one of several paragraphs lays out the page, and these stay paragraphs."""
        cells = [[text for p in cell.iter(w("p")) if (text := self._paragraph(p))] for cell in row]
        if all(len(cell) <= 1 for cell in cells):
            joined.add(row)
            self._draft.add(" | ".join(cell[0] for cell in cells if cell))

    def _paragraph(self, paragraph: Any) -> str:
        if paragraph in self._texts:
            return self._texts[paragraph]
        pieces = []
        for element in paragraph.iter(w("t"), _MATH + "t", *_SIGNS):
            # A text box stands inside a paragraph, and its own paragraphs are met later.
            if next(element.iterancestors(w("p"))) is not paragraph:
                continue
            text = _SIGNS.get(element.tag) or re.sub(r"\s+", " ", "".join(element.itertext()))
            if how := self._styles.how_hidden(element.getparent(), paragraph):
                self._hidden.add(how, text, f"paragraph {self._draft.paragraphs + 1}")
                text = " " if how == WHITE else ""  # white letters leave a gap, as a blank does
            pieces.append(text)
        self._texts[paragraph] = collapse(pieces)
        return self._texts[paragraph]

    def _add_chunk(self, identifier: str | None) -> None:
        """Add a part of another format that Word shows as if it were typed here."""
        for one, _, name in self._archive.related(self._main):
            if one == identifier and (reading := self._chunk(name, self._archive.read(name) or b"")) is not None:
                self._draft.insert(reading)

    def _chunk(self, name: str, data: bytes) -> Reading | None:
        suffix = name.rpartition(".")[2].lower()
        if suffix in {"mht", "mhtml", "eml"} or data[:20].lower().startswith(b"mime-version"):
            mail = email.message_from_bytes(data, policy=email.policy.default)
            body = next((part for part in mail.walk() if part.get_content_type() == "text/html"), None)
            suffix, data = "html", bytes(body.get_payload(decode=True)) if body else b""
        if suffix in {"html", "htm", "xhtml"}:
            return read_html(data)
        if suffix == "txt":
            return Reading(decode(data)[0])
        if suffix == "docx" and self._depth < _DEEPEST:
            return read_docx(data, depth=self._depth + 1)
        message = f"an embedded part ({name}) was not read; save it as a file of its own"
        self._draft.notes.append(Note("unread", message))
        return None

    def _review(self) -> Iterator[Note]:
        """Tell comments and what was deleted under review; neither is the author's text."""
        comments = self._part("comments")
        texts = [] if comments is None else [" ".join(c.itertext(w("t"))) for c in comments.iter(w("comment"))]
        if texts:
            yield Note("review", f"{counted(len(texts), 'comment')}, not part of the text", text=shown(texts))
        if words := " ".join(self._deleted).split():
            message = f"{counted(len(words), 'word')} deleted or moved away under review, not part of the text"
            yield Note("review", message, text=shown(words))

    def _margins(self) -> Iterator[Note]:
        """Tell long headers and footers: they are not read, because whole courses share them."""
        for kind in ("header", "footer"):
            roots = [self._archive.xml(name) for name in self._archive.parts(self._main, kind)]
            texts = ["".join(p.itertext(w("t"))) for root in roots for p in root.iter(w("p"))]
            if (words := len(" ".join(texts).split())) >= _FEWEST_TOLD:
                message = f"its {kind} of {counted(words, 'word')} was not read; read it yourself"
                yield Note("unread", message, text=shown(texts))

    def _embedded_files(self) -> Iterator[Note]:
        files = [name for name in self._archive.names if "/embeddings/" in name]
        if files:
            names = ", ".join(name.rpartition("/")[2] for name in files)
            what = counted(len(files), "embedded file")
            yield Note("unread", f"{what} not read ({names}); save each as a file of its own")
