"""OpenDocument texts become paragraphs: the body in its order, then foot- and endnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.formats.archive import Archive, parse_xml
from siamese_text.text.formats.locked_odt import locked_parts, unlocked_part
from siamese_text.text.formats.pieces import SMALLEST, Hidden, collapse, is_white, quote
from siamese_text.text.reading import Draft, Reading, counted, shown

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _OFFICE, _TABLE = f"{{{_NAMES}text:1.0}}", f"{{{_NAMES}office:1.0}}", f"{{{_NAMES}table:1.0}}"
_STYLE = f"{{{_NAMES}style:1.0}}"
_PARAGRAPHS = (_TEXT + "p", _TEXT + "h")
_WHITE = "in white letters"
_LENGTH = re.compile(r"([\d.]+)pt")


def read_odt(data: bytes, passwords: Sequence[str] = ()) -> Reading:
    """Read the paragraphs and tables of an OpenDocument text in their order, then its notes.

    The text is the final one, as if all changes under review were accepted. Comments, deleted and hidden words are
    told in notes.

    Args:
        data: The whole file.
        passwords: What to try where it needs one.

    Returns:
        The paragraphs, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: It is no odt, none of the passwords opens it, or it expands beyond all measure.
    """
    archive = Archive(data, "odt")
    locked = locked_parts(archive)

    def part(name: str) -> Any:
        if name in locked:
            return parse_xml(unlocked_part(archive.read(name) or b"", locked[name], passwords))
        return archive.xml(name)

    content = part("content.xml")
    body = content.find(f"{_OFFICE}body") if content is not None else None
    if body is None:
        raise Unreadable("broken odt (no text inside); open it and save it anew")
    return _Text([root for root in (part("styles.xml"), content) if root is not None], body).reading()


class _Text:
    """One pass over the body of a document."""

    def __init__(self, roots: list[Any], body: Any) -> None:
        self._styles = {
            (style.get(_STYLE + "family"), style.get(_STYLE + "name")): style
            for root in roots
            for style in root.iter(_STYLE + "style")
        }
        self._body, self._draft, self._hidden = body, Draft(), Hidden()

    def reading(self) -> Reading:
        deleted = self._take(_TEXT + "tracked-changes")
        comments = self._take(_OFFICE + "annotation")
        notes = self._take(_TEXT + "note-body")
        self._take(_TEXT + "note-citation", _TEXT + "ruby-text")
        self._add(self._body)
        for note in notes:
            self._add(note)
        words = " ".join("".join(p.itertext()) for change in deleted for p in change.iter(*_PARAGRAPHS)).split()
        if words:
            message = f"{counted(len(words), 'word')} deleted under review, not part of the text"
            self._draft.notes.append(Note("review", message, text=shown(words)))
        if comments:
            texts = ["".join(p.itertext()) for comment in comments for p in comment.iter(*_PARAGRAPHS)]
            message = f"{counted(len(comments), 'comment')}, not part of the text"
            self._draft.notes.append(Note("review", message, text=shown(texts)))
        self._draft.notes += self._hidden.notes()
        return self._draft.reading()

    def _take(self, *tags: str) -> list[Any]:
        """Take elements out of the body, leaving the text that follows them."""
        taken = list(self._body.iter(*tags))
        for element in taken:
            if element.tail:
                before = element.getprevious()
                if before is not None:
                    before.tail = (before.tail or "") + element.tail
                else:
                    element.getparent().text = (element.getparent().text or "") + element.tail
            element.tail = None
            element.getparent().remove(element)
        return taken

    def _add(self, root: Any) -> None:
        joined: set[Any] = set()
        for element in root.iter(*_PARAGRAPHS, _TABLE + "table-row"):
            if not joined.isdisjoint(element.iterancestors(_TABLE + "table-row")):
                continue
            if element.tag == _TABLE + "table-row":
                cells = [list(cell.iter(*_PARAGRAPHS)) for cell in element]
                # A cell of several paragraphs belongs to a table that only lays out the page: they stay paragraphs.
                if all(len(cell) <= 1 for cell in cells):
                    joined.add(element)
                    self._draft.add(" | ".join(text for cell in cells for p in cell if (text := self._paragraph(p))))
            elif text := self._paragraph(element):
                quoted = "quot" in (element.get(_TEXT + "style-name") or "").lower() or self._is_quotation(element)
                self._draft.add(quote(text) if quoted else text, heading=element.tag == _TEXT + "h")

    def _is_quotation(self, paragraph: Any) -> bool:
        style = self._styles.get(("paragraph", paragraph.get(_TEXT + "style-name")))
        return style is not None and "quot" in (style.get(_STYLE + "parent-style-name") or "").lower()

    def _paragraph(self, paragraph: Any) -> str:
        pieces: list[str] = []
        self._gather(paragraph, paragraph, self._look("paragraph", paragraph), pieces)
        return collapse(pieces)

    def _gather(self, element: Any, paragraph: Any, look: dict[str, str], pieces: list[str]) -> None:
        """Collect the text of an element; paragraphs inside, as of a text box, are met later."""
        if element.tag == _TEXT + "span":
            look = look | self._look("text", element)
        signs = {_TEXT + "s": " ", _TEXT + "tab": " ", _TEXT + "line-break": "\n"}
        pieces.append(signs.get(element.tag, ""))
        self._put(element.text, look, pieces)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _PARAGRAPHS:
                self._gather(child, paragraph, look, pieces)
            self._put(child.tail, look, pieces)

    def _put(self, text: str | None, look: dict[str, str], pieces: list[str]) -> None:
        text = re.sub(r"\s+", " ", text or "")
        if text and (how := _how_hidden(look)):
            self._hidden.add(how, text, f"paragraph {self._draft.paragraphs + 1}")
            text = " " if how == _WHITE else ""  # white letters leave a gap, as a blank does
        pieces.append(text)

    def _look(self, family: str, element: Any) -> dict[str, str]:
        """Gather what the style of an element, and those that it is based on, say of its letters."""
        look: dict[str, str] = {}
        name, seen = element.get(_TEXT + "style-name"), set[str]()
        while name and name not in seen:
            seen.add(name)
            style = self._styles.get((family, name))
            if style is None:
                break
            for properties in style:
                look = {key.rpartition("}")[2]: value for key, value in properties.attrib.items()} | look
            name = style.get(_STYLE + "parent-style-name")
        in_table = family == "paragraph" and next(element.iterancestors(_TABLE + "table"), None) is not None
        return look | ({"background-color": "?"} if in_table else {})


def _how_hidden(look: dict[str, str]) -> str | None:
    """Tell how letters are kept from who looks at the page; None where they are not."""
    if look.get("display") == "none":
        return "in hidden letters"
    size = _LENGTH.fullmatch(look.get("font-size", ""))
    if size and float(size[1]) < SMALLEST:
        return "in letters too small to read"
    paper = look.get("background-color", "transparent")
    on_paper = paper == "transparent" or is_white(paper.removeprefix("#"))
    return _WHITE if on_paper and is_white(look.get("color", "").removeprefix("#")) else None
