"""HTML and Word documents become paragraphs: their markup says where one ends and what is quoted.

Quoted text is put in typographic quotation marks, because without its markup nothing else shows that somebody
else is speaking.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.text.decoding import decode

_DROPPED = frozenset({"head", "script", "style", "nav", "footer"})
# Everything else is taken for a block: a word boundary too many does less harm than two words run together.
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike", "strong",
    "style", "sub", "sup", "td", "th", "time", "tt", "u", "var", "wbr",
})  # fmt: skip

# Office documents seldom unpack to more than ten times their size; one that does would fill the memory.
_MAX_EXPANDED = 100_000_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What Word does not show: text deleted or moved away under review, and the second copy of each text box.
_HIDDEN = (_W + "del", _W + "moveFrom", _COMPATIBILITY + "Fallback")
_SIGNS = {_W + "br": "\n", _W + "cr": "\n", _W + "tab": " ", _W + "noBreakHyphen": "-"}


def read_html(data: bytes) -> str:
    """Read what a page shows of its body, one block a paragraph, white space collapsed as a browser does it.

    Args:
        data: The whole file.

    Returns:
        The blocks, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: No encoding gives text, or its elements are nested too deeply.
    """
    from lxml import etree, html

    declared = re.search(rb"charset=[\"']?([\w-]+)", data[:2048])
    text = decode(data, declared=declared[1].decode() if declared else None)[0]
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser)
    if parser.error_log.filter_from_fatals():  # the parser stops there without a word
        raise Unreadable("html nested too deeply to be read to its end; save it as txt")
    if root is None:
        return ""
    return "\n\n".join(_blocks_of_html(etree.iterwalk(root, events=("start", "end"))))


def _blocks_of_html(walk: Any) -> Iterator[str]:
    pieces: list[str] = []
    quotes = 0
    for event, element in walk:
        tag, starts = element.tag, event == "start"
        if tag not in _INLINE:
            if block := _collapse(pieces):
                yield _quote(block) if quotes else block
            pieces.clear()
        if tag == "blockquote":
            quotes += 1 if starts else -1
        elif tag == "q":
            pieces.append("“" if starts else "”")
        elif tag == "br" and starts:
            pieces.append("\n")
        elif tag in {"td", "th"} and starts and any(piece.strip() for piece in pieces):
            pieces.append(" | ")
        if starts and tag in _DROPPED:
            walk.skip_subtree()
        else:
            pieces.append(re.sub(r"\s+", " ", (element.text if starts else element.tail) or ""))


def read_docx(data: bytes) -> str:
    """Read the paragraphs and tables of a Word document in their order, then its foot- and endnotes.

    Args:
        data: The whole file.

    Returns:
        The paragraphs, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: It is no docx, or it expands beyond all measure.
    """
    _check_archive(data)
    import docx
    from docx.oxml import parse_xml  # resolves no entities

    document = docx.Document(io.BytesIO(data))
    quotes = {style.style_id for style in document.styles if style.name in {"Quote", "Intense Quote"}}
    notes = [
        parse_xml(relation.target_part.blob)
        for relation in document.part.rels.values()
        if relation.reltype.endswith(("/footnotes", "/endnotes"))
    ]
    return "\n\n".join(block for root in [document.element.body, *notes] for block in _blocks_of_docx(root, quotes))


def _check_archive(data: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable("not a Word document, or a damaged one; open it and save it as docx") from error
    expanded = sum(entry.file_size for entry in entries)
    if expanded > _MAX_EXPANDED:
        size, limit = expanded / 1e6, _MAX_EXPANDED / 1e6
        raise Unreadable(f"expands to {size:.0f} MB (at most {limit:.0f} MB are read); save it as txt")


def _blocks_of_docx(root: Any, quotes: set[str]) -> Iterator[str]:
    """Walk the XML, because python-docx leaves out insertions under review, content controls and text boxes."""
    for hidden in list(root.iter(*_HIDDEN)):
        hidden.getparent().remove(hidden)
    joined_rows: set[Any] = set()
    for element in root.iter(_W + "p", _W + "tr"):
        if not joined_rows.isdisjoint(element.iterancestors(_W + "tr")):
            continue
        if element.tag == _W + "tr":
            cells = [[text for p in cell.iter(_W + "p") if (text := _paragraph(p))] for cell in element]
            # A cell of several paragraphs belongs to a table that only lays out the page: they stay paragraphs.
            if all(len(cell) <= 1 for cell in cells):
                joined_rows.add(element)
                if any(cells):
                    yield " | ".join(cell[0] for cell in cells if cell)
        elif text := _paragraph(element):
            style = element.find(f"{_W}pPr/{_W}pStyle")
            yield _quote(text) if style is not None and style.get(_W + "val") in quotes else text


def _paragraph(paragraph: Any) -> str:
    pieces = []
    for element in paragraph.iter(_W + "t", *_SIGNS):
        # A text box stands inside a paragraph, and its own paragraphs are met later.
        if next(element.iterancestors(_W + "p")) is paragraph:
            pieces.append(_SIGNS.get(element.tag) or re.sub(r"\s+", " ", "".join(element.itertext())))
    return _collapse(pieces)


def _collapse(pieces: list[str]) -> str:
    text = re.sub(r" +", " ", "".join(pieces))
    return re.sub(r" ?\n ?", "\n", text).strip()


def _quote(text: str) -> str:
    """Put quotation marks around a block; marks inside become single ones, so that the block stays one quotation."""
    return "“" + text.translate({ord("“"): "‘", ord("”"): "’", ord('"'): "'"}) + "”"
