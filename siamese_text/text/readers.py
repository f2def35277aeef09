"""One reader a format: the bytes of a file become its text, or an ``Unreadable`` that says what is wrong.

A reader keeps paragraphs apart by blank lines. Text that its format marks as quoted is put in typographic
quotation marks, because the words alone no longer show that somebody else is speaking.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from siamese_text.text.decoding import Unreadable, decode
from siamese_text.text.pdf import read_pdf

FORMATS = {".txt": "txt", ".md": "md", ".html": "html", ".htm": "html", ".docx": "docx", ".pdf": "pdf"}

# The first bytes of what is most often found under a wrong name.
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old Word document or one with a password"),
    (b"{\\rtf", "rich text (RTF)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
)
# Office documents seldom unpack to more than ten times their size; an archive that does fills the memory.
_MAX_EXPANDED = 100_000_000
_DROPPED = frozenset({"head", "script", "style", "nav", "footer"})
# Everything else is taken for a block: a word boundary too many does less harm than two words run together.
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike", "strong",
    "style", "sub", "sup", "td", "th", "time", "tt", "u", "var", "wbr",
})  # fmt: skip


def read(data: bytes, format_: str) -> str:
    """Turn the bytes of a file into its text.

    Args:
        data: The whole file.
        format_: One of the values of ``FORMATS``.

    Returns:
        The text, which is not blank.

    Raises:
        Unreadable: The bytes are not of that format, or hold no text.
    """
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)
    if kind and not data.startswith(_EXPECTED.get(format_, b"\0")):
        raise Unreadable(f"holds {kind}, not {format_}; save it anew as {format_}")
    try:
        text = _READERS[format_](data)
    except Unreadable:
        raise
    except Exception as error:  # parsers of foreign bytes raise anything; one file must not end the run
        raise Unreadable(f"broken {format_} ({type(error).__name__}); open it and save it anew") from error
    if not text.strip():
        raise Unreadable("no text; leave it out")
    return text


def read_text(data: bytes) -> str:
    """Decode a text or markdown file, which is kept as it stands.

    Args:
        data: The whole file.

    Returns:
        The text, its line ends as ``decode`` makes them.

    Raises:
        Unreadable: No encoding gives text.
    """
    return decode(data)[0]


def read_html(data: bytes) -> str:
    """Read what a page shows of its body, one block a paragraph, white space collapsed as a browser does it.

    Args:
        data: The whole file.

    Returns:
        The blocks, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: No encoding gives text.
    """
    from lxml import etree, html

    declared = re.search(rb"charset=[\"']?([\w-]+)", data[:2048])
    text = decode(data, declared=declared[1].decode() if declared else None)[0]
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = html.document_fromstring(text.encode(), parser=parser) if text.strip() else None
    return "" if root is None else "\n\n".join(_blocks_of_html(etree.iterwalk(root, events=("start", "end"))))


def _blocks_of_html(walk: Any) -> Iterator[str]:
    pieces: list[str] = []
    quoted = 0
    for event, element in walk:
        tag, starts = element.tag, event == "start"
        if tag not in _INLINE:
            if block := _collapse(pieces):
                yield _quote(block) if quoted else block
            pieces.clear()
            quoted += (1 if starts else -1) * (tag == "blockquote")
        if tag in _DROPPED and starts:
            walk.skip_subtree()
            continue
        if tag == "q":
            pieces.append("“" if starts else "”")
        elif tag == "br" and starts:
            pieces.append("\n")
        elif tag in {"td", "th"} and starts and any(piece.strip() for piece in pieces):
            pieces.append(" | ")
        following = element.text if starts else element.tail
        pieces.append(re.sub(r"\s+", " ", following or ""))
    if block := _collapse(pieces):
        yield block


def read_docx(data: bytes) -> str:
    """Read the paragraphs and tables of a Word document in their order, then its foot- and endnotes.

    Args:
        data: The whole file.

    Returns:
        The paragraphs, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: It is no docx, has a password or expands beyond all measure.
    """
    _check_archive(data)
    import docx
    from docx.oxml import parse_xml  # it resolves no entities

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
        raise Unreadable(
            f"expands to {expanded / 1e6:.0f} MB (at most {_MAX_EXPANDED / 1e6:.0f} MB are read); "
            "remove its pictures or save it as txt"
        )


def _blocks_of_docx(root: Any, quotes: set[str]) -> Iterator[str]:
    """Walk the XML, because python-docx leaves out insertions under review, content controls and text boxes."""
    for gone in list(root.iter(*_GONE)):
        gone.getparent().remove(gone)
    told: set[Any] = set()
    for element in root.iter(_W + "p", _W + "tr"):
        if not told.isdisjoint(element.iterancestors(_W + "tr")):
            continue
        if element.tag == _W + "tr":
            cells = [[text for p in cell.iter(_W + "p") if (text := _paragraph(p))] for cell in element]
            # A cell of several paragraphs belongs to a table that only lays out the page: they stay paragraphs.
            if all(len(cell) <= 1 for cell in cells):
                told.add(element)
                yield from filter(None, [" | ".join(cell[0] for cell in cells if cell)])
        elif text := _paragraph(element):
            style = element.find(f"{_W}pPr/{_W}pStyle")
            yield _quote(text) if style is not None and style.get(_W + "val") in quotes else text


def _paragraph(paragraph: Any) -> str:
    pieces = []
    for element in paragraph.iter(*_SIGNS, _W + "t"):
        # A text box stands inside a paragraph, and its own paragraphs are met later.
        if next(element.iterancestors(_W + "p")) is paragraph:
            pieces.append(_SIGNS.get(element.tag) or re.sub(r"\s+", " ", element.text or ""))
    return _collapse(pieces)


# Text that Word no longer shows (deleted, moved away), and the copy of a text box for versions before 2010.
_GONE = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {_W + "br": "\n", _W + "cr": "\n", _W + "tab": " ", _W + "noBreakHyphen": "-"}


def _collapse(pieces: list[str]) -> str:
    text = re.sub(r" +", " ", "".join(pieces))
    return re.sub(r" ?\n ?", "\n", text).strip()


def _quote(text: str) -> str:
    """Put quotation marks around a block; marks inside become single ones, so that the block stays one quotation."""
    return "“" + text.translate({ord("“"): "‘", ord("”"): "’", ord('"'): "'"}) + "”"


_EXPECTED = {"pdf": b"%PDF-", "docx": b"PK\x03\x04"}
_READERS: dict[str, Callable[[bytes], str]] = {
    "txt": read_text,
    "md": read_text,
    "html": read_html,
    "docx": read_docx,
    "pdf": read_pdf,
}
