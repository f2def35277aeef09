"""A PDF becomes paragraphs: it holds placed lines, and where a paragraph ends must be told from their places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from siamese_text.errors import Unreadable

_ENDS_SENTENCE = re.compile(r"[.!?…:][\"'”’»)\]]*$")
# Shares of the usual gap, of the column's width and of a line's height that tell one paragraph from two.
_WIDE_GAP = 1.25
_SHORT_LINE, _VERY_SHORT_LINE = 0.1, 0.4
_INDENT = 0.8
_SAME_LINE = 0.5
# pdfium's sign for a hyphen that it takes for a line break inside a word.
_LINE_HYPHEN = 0x02


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page, in points from the lower left corner; ``hyphen``: a word may go on in the next line."""

    text: str
    left: float
    right: float
    bottom: float
    height: float
    hyphen: bool


def read_pdf(data: bytes) -> str:
    """Read the text layer of a PDF and join its lines to paragraphs.

    Lines that stand on most pages at the top or the bottom (running heads, page numbers) are left out. pdfium is
    not safe to call from several threads.

    Args:
        data: The whole file.

    Returns:
        The paragraphs, with blank lines between them; words divided at a line end are joined.

    Raises:
        Unreadable: It needs a password, is damaged, or is a scan without a text layer.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)  # this tries the empty password
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise Unreadable("password needed; save it without one") from error
        raise Unreadable("broken pdf; open it and save it anew") from error
    try:
        pages = [_lines(page) for page in document]
    finally:
        document.close()
    blank = sum(not page for page in pages)
    if blank > 0.8 * len(pages):
        count = f"{len(pages)} pages" if len(pages) != 1 else "1 page"
        layer = "no text layer" if blank == len(pages) else f"a text layer on only {len(pages) - blank} of them"
        raise Unreadable(f"{count} and {layer}: run OCR first")
    return _paragraphs(_without_furniture(pages))


def _lines(page: Any) -> list[_Line]:
    """Read the lines of a page from its single characters, which is where pdfium keeps their places."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(textpage.count_chars())]
    lines = []
    first = 0
    for index, code in enumerate([*codes, ord("\n")]):
        if code not in (ord("\n"), _LINE_HYPHEN):
            continue
        shown = [at for at in range(first, index) if codes[at] and not chr(codes[at]).isspace()]
        if shown:
            text = _text(codes[shown[0] : shown[-1] + 1])
            left, bottom, _, top = textpage.get_charbox(shown[0], loose=True)
            right = textpage.get_charbox(shown[-1], loose=True)[2]
            lines.append(_Line(text, left, right, bottom, top - bottom, code == _LINE_HYPHEN))
        first = index + 1
    return lines


def _text(codes: Sequence[int]) -> str:
    """Make text of pdfium's code units; half a surrogate pair, which broken fonts give, becomes U+FFFD."""
    units = "".join(map(chr, filter(None, codes))).encode("utf-16", "surrogatepass")
    return " ".join(units.decode("utf-16", "replace").split())


def _without_furniture(pages: Sequence[list[_Line]]) -> list[list[_Line]]:
    """Drop running heads and page numbers: they would stand in the middle of sentences."""
    edges = Counter(edge for lines in pages for edge in {_pattern(line) for line in lines[:2] + lines[-2:]})
    repeated = {edge for edge, count in edges.items() if count >= 3 and count > len(pages) / 2}
    return [
        [line for at, line in enumerate(lines) if 2 <= at < len(lines) - 2 or _pattern(line) not in repeated]
        for lines in pages
    ]


def _pattern(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _paragraphs(pages: Sequence[Sequence[_Line]]) -> str:
    """Join the lines of all pages, each with the separator that its place asks for."""
    columns = [column for lines in pages for column in _columns(lines)]
    gaps = sorted(gap for column in columns for gap in map(_gap, column, column[1:]) if gap > _SAME_LINE)
    # The lower quartile: where paragraphs are short, the gaps between them are as common as those inside.
    usual_gap = gaps[len(gaps) // 4] if gaps else 1.0
    pieces: list[str] = []
    previous: _Line | None = None
    for column in columns:
        edges = min(line.left for line in column), max(line.right for line in column)
        for place, line in enumerate(column):
            if previous is not None:
                inside = place > 0
                ends = _ends_paragraph(previous, line, edges, usual_gap) if inside else not _goes_on(previous, line)
                pieces.append("\n\n" if ends else _joint(previous, line))
            pieces.append(line.text)
            previous = line
    return "".join(pieces)


def _columns(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Split the lines of a page where the text jumps upwards."""
    column: list[_Line] = []
    for line in lines:
        if column and _gap(column[-1], line) < -_SAME_LINE:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _gap(upper: _Line, lower: _Line) -> float:
    """Measure how far a line stands below another one, in heights of that line."""
    return (upper.bottom - lower.bottom) / max(lower.height, 1.0)


def _ends_paragraph(line: _Line, following: _Line, edges: tuple[float, float], usual_gap: float) -> bool:
    """Tell whether a paragraph ends with ``line``, by the gap below it, the room right of it and the next indent."""
    left, right = edges
    gap, room = _gap(line, following), (right - line.right) / max(right - left, 1.0)
    if line.hyphen or gap < _SAME_LINE:
        return False
    if gap > _WIDE_GAP * usual_gap or room > _VERY_SHORT_LINE:
        return True
    indented = following.left - left > _INDENT * following.height
    return _ENDS_SENTENCE.search(line.text) is not None and (indented or room > _SHORT_LINE)


def _goes_on(line: _Line, following: _Line) -> bool:
    """Tell whether a sentence crosses from one page or column to the next."""
    return line.hyphen or (not _ENDS_SENTENCE.search(line.text) and following.text[0].islower())


def _joint(line: _Line, following: _Line) -> str:
    if not line.hyphen:
        return " "
    return "" if following.text[0].islower() else "-"
