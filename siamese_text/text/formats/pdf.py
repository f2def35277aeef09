"""A PDF becomes its text layer, what was typed into its fields, and notes on what it shows but does not say."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note, Place
from siamese_text.text.formats.pdf_hidden import hidden_objects
from siamese_text.text.formats.pdf_layout import Line, in_reading_order, join_paragraphs, without_furniture
from siamese_text.text.formats.pieces import Hidden
from siamese_text.text.formats.scrambled import is_scrambled
from siamese_text.text.passwords import password_needed
from siamese_text.text.reading import Draft, Reading, counted, shown

_LINE_HYPHEN = 0x02  # pdfium's sign for a hyphen that it takes for a line break inside a word
_SOFT_HYPHEN = 0xAD
_LINE_ENDS = (0x0A, 0x0D)
# A number that leads to a note stands higher than the word before it.
_NOTE_NUMBER = re.compile(r"(?<=([^\W_]))[.,;:!?)\]\"”’»]{0,2}(\d{1,3}|[ivx]{1,5})(?![^\W_])")
_SUPERSCRIPTS = dict(zip(b"0123456789", map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"), strict=True))
_RAISED = 0.15  # heights of a line
_ALEF, _LAM = (0x622, 0x623, 0x625, 0x627), 0x644
_GUTTER = 1.5  # heights of a line: a wider gap in it may part two columns
_NO_BLANK = 0.15  # heights: between words is more
_FEWEST_CHARACTERS = 25  # of a page with a picture that is no scan
_MOST_BLANK = 0.8  # of the pages of a document that is no scan


@dataclass(slots=True)
class _Page:
    """What was found on a page."""

    lines: list[Line]
    blank: bool  # shows something, but no text
    typed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    attached: int = 0


def read_pdf(data: bytes, passwords: Sequence[str] = ()) -> Reading:
    """Read the text layer of a PDF and join its lines to paragraphs.

    Lines that stand on most pages at the top or the bottom (running heads, page numbers) are left out; what was typed
    into form fields follows the text of its page. pdfium is not safe to call from several threads.

    Args:
        data: The whole file.
        passwords: What to try where it needs one; the empty one is tried first.

    Returns:
        The paragraphs, with blank lines between them; words divided at a line end are joined. Places are the pages.

    Raises:
        Unreadable: It needs a password, is damaged, is a scan without a text layer, or its letters are not those that
            it shows.
    """
    document, hidden = _opened(data, passwords), Hidden()
    try:
        document.init_forms()  # there are none in most documents
        form = document.formenv
        pages = [_page(document[number], number, form, hidden) for number in range(len(document))]
        attachments = document.count_attachments() + sum(page.attached for page in pages)
    finally:
        document.close()
    blank = [number for number, page in enumerate(pages, start=1) if page.blank]
    _refuse_scan(pages)
    reading = _joined(pages)
    if is_scrambled(reading.text):
        raise Unreadable(
            "its letters are not those that it shows (they make words of no language); print it anew or run OCR"
        )
    notes = [*_unread(len(pages), blank, attachments), *hidden.notes(), *_remarks(pages)]
    return Reading(reading.text, reading.places, notes=tuple(notes))


def _opened(data: bytes, passwords: Sequence[str]) -> Any:
    import pypdfium2

    for password in (None, *passwords):  # without one, pdfium tries the empty one
        try:
            return pypdfium2.PdfDocument(data, password)
        except pypdfium2.PdfiumError as error:
            if error.err_code != pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise Unreadable("broken pdf; open it and save it anew") from error
    raise password_needed(tried=bool(passwords))


def _refuse_scan(pages: Sequence[_Page]) -> None:
    with_text = sum(bool(page.lines or page.typed) for page in pages)
    if with_text < (1 - _MOST_BLANK) * len(pages):
        layer = f"a text layer on only {with_text} of them" if with_text else "no text layer"
        raise Unreadable(f"{counted(len(pages), 'page')} and {layer}: run OCR first")


def _joined(pages: Sequence[_Page]) -> Reading:
    """Join the lines of the pages, and put what was typed into fields behind the pages' own text."""
    text, starts = join_paragraphs(without_furniture([page.lines for page in pages]))
    places = tuple(Place(start, f"page {number}") for number, start in enumerate(starts, start=1))
    draft = Draft()
    draft.insert(Reading(text, places))
    for number, page in enumerate(pages, start=1):
        if page.typed:
            draft.place(f"fields of page {number}")
            for answer in page.typed:
                draft.add(answer)
    return draft.reading()


def _unread(total: int, blank: Sequence[int], attachments: int) -> Iterator[Note]:
    if blank:
        numbers = ", ".join(map(str, blank))
        verb = "has" if total == 1 else "have"
        yield Note("unread", f"{len(blank)} of {counted(total, 'page')} {verb} no text (page {numbers}); run OCR first")
    if attachments:
        yield Note("unread", f"{counted(attachments, 'attached file')} not read; save each as a file of its own")


def _remarks(pages: Sequence[_Page]) -> Iterator[Note]:
    if remarks := [remark for page in pages for remark in page.remarks]:
        yield Note("review", f"{counted(len(remarks), 'comment')}, not part of the text", text=shown(remarks))


def _page(page: Any, number: int, form: Any, hidden: Hidden) -> _Page:
    """Look at a page: its lines, its fields, and whether it shows anything else."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(textpage.count_chars())]
    _turn_ligatures(textpage, codes)
    _raise_note_numbers(textpage, codes)
    for how, indices in hidden_objects(page, textpage):
        hidden.add(how, _text([codes[index] for index in indices]), f"page {number + 1}")
        for index in indices:
            codes[index] = 0 if codes[index] != _LINE_ENDS[0] else codes[index]
    typed, remarks, attached = _annotations(page, form)
    pieces = list(_pieces(textpage, codes))
    if codes and _quarters(textpage, 0) == 1:  # pdfium gives the lines of such a page from the last to the first
        pieces.sort(key=lambda piece: -piece.bottom)
    lines = in_reading_order(pieces)
    kinds = {raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, at)) for at in range(raw.FPDFPage_CountObjects(page))}
    pictured = bool(kinds & {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM})
    few = sum(len(line.text) for line in lines) < (_FEWEST_CHARACTERS if raw.FPDF_PAGEOBJ_IMAGE in kinds else 1)
    return _Page([] if few and pictured else lines, few and pictured and not typed, typed, remarks, attached)


def _turn_ligatures(textpage: Any, codes: list[int]) -> None:
    """Put lam before alef where one glyph shows both: pdfium turns a line from right to left by letters."""
    for at, (first, second) in enumerate(pairwise(codes)):
        if first in _ALEF and second == _LAM and textpage.get_charbox(at) == textpage.get_charbox(at + 1):
            codes[at : at + 2] = second, first


def _raise_note_numbers(textpage: Any, codes: list[int]) -> None:
    """Keep numbers that lead to notes out of the words before them: digits become superscripts, others are dropped."""
    for found in _NOTE_NUMBER.finditer("".join(map(chr, codes))):
        _, bottom, _, top = _box(textpage, found.start(1))
        lowest = _base(textpage, found.start(1)) + _RAISED * (top - bottom)
        for at in range(*found.span(2)):
            if _base(textpage, at) > lowest:
                codes[at] = _SUPERSCRIPTS.get(codes[at], 0)


def _pieces(textpage: Any, codes: list[int]) -> Iterator[Line]:
    """Read the lines of a page from its single characters, which is where pdfium keeps their places."""
    from pypdfium2 import raw

    first = 0
    for index, code in enumerate([*codes, _LINE_ENDS[0]]):
        if code not in (*_LINE_ENDS, _LINE_HYPHEN):
            continue
        visible = [at for at in range(first, index) if codes[at] and not chr(codes[at]).isspace()]
        first = index + 1
        if not visible:
            continue
        hyphen = code == _LINE_HYPHEN or codes[visible[-1]] == _SOFT_HYPHEN
        runs, boxes = [[visible[0]]], {visible[0]: _box(textpage, visible[0])}
        for before, at in pairwise(visible):
            if at > before + 1:  # only a blank can be a gutter
                boxes[before], boxes[at] = _box(textpage, before), _box(textpage, at)
                gap = (boxes[at][0] - boxes[before][2]) / max(boxes[at][3] - boxes[at][1], 1.0)
                if gap > _GUTTER:
                    runs.append([])
                elif abs(gap) < _NO_BLANK and raw.FPDFText_IsGenerated(textpage, before + 1):
                    codes[before + 1 : at] = [0] * (at - before - 1)  # pdfium's own, between letters set wide
            runs[-1].append(at)
        for place, run in enumerate(runs, start=1):
            left, bottom, _, top = boxes[run[0]]
            right = boxes.get(run[-1], _box(textpage, run[-1]))[2]
            text = _text(codes[run[0] : run[-1] + 1])
            yield Line(text, left, right, bottom, top - bottom, hyphen and place == len(runs))


def _box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top of a character, turned so that its line runs to the right."""
    left, bottom, right, top = textpage.get_charbox(index, loose=True)
    for _ in range(-_quarters(textpage, index) % 4):  # each step turns the page by a quarter with the clock
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _base(textpage: Any, index: int) -> float:
    """Return the height of the line that a character stands on, turned as its box is."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, index, x, y)
    return (y.value, -x.value, -y.value, x.value)[-_quarters(textpage, index) % 4]


def _quarters(textpage: Any, index: int) -> int:
    """Return how many quarters a character is turned with the clock."""
    from pypdfium2 import raw

    return round(float(raw.FPDFText_GetCharAngle(textpage, index)) / (math.pi / 2)) % 4


def _text(codes: Sequence[int]) -> str:
    """Make text of pdfium's code units; half a surrogate pair, which broken fonts give, becomes U+FFFD."""
    units = "".join(map(chr, filter(None, codes))).encode("utf-16", "surrogatepass")
    return " ".join(units.decode("utf-16", "replace").removesuffix(chr(_SOFT_HYPHEN)).split())


def _annotations(page: Any, form: Any) -> tuple[list[str], list[str], int]:
    """Return what was typed onto a page, into its fields or freely, the remarks stuck to it, and how many files are."""
    from pypdfium2 import raw

    typed, remarks, attached = [], [], 0
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        subtype = raw.FPDFAnnot_GetSubtype(annotation)
        if subtype == raw.FPDF_ANNOT_WIDGET and form is not None:
            if raw.FPDFAnnot_GetFormFieldType(form, annotation) == raw.FPDF_FORMFIELD_TEXTFIELD:
                typed.append(_string(raw.FPDFAnnot_GetFormFieldValue, form, annotation))
        elif subtype == raw.FPDF_ANNOT_FREETEXT:
            typed.append(_string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        elif subtype == raw.FPDF_ANNOT_TEXT:
            remarks.append(_string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        attached += subtype == raw.FPDF_ANNOT_FILEATTACHMENT
        raw.FPDFPage_CloseAnnot(annotation)
    return [text for text in typed if text.strip()], [text for text in remarks if text.strip()], attached


def _string(function: Any, *arguments: Any) -> str:
    """Call a function of pdfium that writes UTF-16 into a buffer: once to learn its length, then to fill it."""
    from pypdfium2 import raw

    size = function(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0").replace("\r\n", "\n").replace("\r", "\n")
