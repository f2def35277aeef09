import io
from collections.abc import Sequence

import pytest
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from siamese_text.errors import Unreadable
from siamese_text.text.readers import read

PARAGRAPHS = [
    "The harbour town grew slowly, and its markets were famous for amber, salt and smoked fish long before anyone "
    "drew a map of the coast or counted the boats that came and went with the tide in those years.",
    "Traders came twice a year. They slept in wooden halls beside the quay, where a fire burned through the night.",
    "Why did they return? Nobody wrote it down.",
    "A chronicle of the next century mentions the bridge, the well and a quarrel over fishing rights that lasted for "
    "eleven winters and ended only when both families had moved inland with all their nets.",
]
ONE_COLUMN = [(72, 450)]
TWO_COLUMNS = [(60, 235), (305, 235)]
LAYOUTS = {
    "space between paragraphs": (ParagraphStyle("p", fontSize=10, leading=12, spaceAfter=6), ONE_COLUMN),
    "wide space": (ParagraphStyle("p", fontSize=11, leading=14.5, spaceAfter=8), ONE_COLUMN),
    "indented and justified": (
        ParagraphStyle("p", fontSize=11, leading=13, firstLineIndent=18, alignment=TA_JUSTIFY),
        ONE_COLUMN,
    ),
    "double-spaced": (ParagraphStyle("p", fontSize=12, leading=24, firstLineIndent=36), ONE_COLUMN),
    "two columns": (ParagraphStyle("p", fontSize=9, leading=11, firstLineIndent=12, alignment=TA_JUSTIFY), TWO_COLUMNS),
}
HEADING = ParagraphStyle("h", fontName="Helvetica-Bold", fontSize=15, leading=18, spaceBefore=10, spaceAfter=6)


def drawn(pages: Sequence[Sequence[str]], *, leading: int = 14, **options: object) -> bytes:
    """Make a PDF with one line of text under another on each page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, **options)
    for lines in pages:
        for place, line in enumerate(lines):
            canvas.drawString(72, 760 - leading * place, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def typeset(style: ParagraphStyle, columns: list[tuple[int, int]], texts: list[tuple[str, bool]]) -> bytes:
    """Make a PDF of headings (True) and paragraphs, with a running head and page numbers."""

    def furnish(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.drawString(72, 810, "Harbour Studies")
        canvas.drawString(280, 30, f"Page {document.page}")

    buffer = io.BytesIO()
    document = BaseDocTemplate(buffer, pagesize=A4)
    frames = [Frame(left, 72, width, 700) for left, width in columns]
    document.addPageTemplates(PageTemplate(frames=frames, onPage=furnish))
    document.build([Paragraph(text, HEADING if heading else style) for text, heading in texts])
    return buffer.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_of_a_typeset_page_become_its_paragraphs(layout: str) -> None:
    texts = []
    for chapter in range(40):
        texts.append((f"{chapter} Chapter", True))
        texts += [(f"Part {chapter}. {paragraph}", False) for paragraph in PARAGRAPHS]
    assert read(typeset(*LAYOUTS[layout], texts), "pdf").split("\n\n") == [text for text, _ in texts]


def test_word_divided_at_a_line_end_is_joined() -> None:
    lines = ["The council decided to post-", "pone the visit of the North-", "Western delegation until May."]
    assert read(drawn([lines]), "pdf") == (
        "The council decided to postpone the visit of the North-Western delegation until May."
    )


def test_sentence_goes_on_over_a_page_break() -> None:
    pages = [["The tide was low when the", "two boats at last reached the"], ["outer harbour. It was dark."]]
    assert (
        read(drawn(pages), "pdf")
        == "The tide was low when the two boats at last reached the outer harbour. It was dark."
    )


def test_page_break_after_a_sentence_is_a_paragraph_break() -> None:
    assert (
        read(drawn([["The tide was low."], ["The boats waited."]]), "pdf") == "The tide was low.\n\nThe boats waited."
    )


def test_page_numbers_do_not_stand_between_the_halves_of_a_sentence() -> None:
    pages = [
        ["Nobody can tell why the first house", "by the old quay took so long", "1"],
        ["until the builders came back from", "the north with their tools and", "2"],
        ["finished it.", "3"],
    ]
    assert read(drawn(pages), "pdf") == (
        "Nobody can tell why the first house by the old quay took so long until the builders came back from the north "
        "with their tools and finished it."
    )


def test_text_is_read_where_only_the_owner_has_a_password() -> None:
    data = drawn([["Open to all."]], encrypt=StandardEncryption("", ownerPassword="owner"))
    assert read(data, "pdf") == "Open to all."


def test_pdf_with_a_password_is_a_problem() -> None:
    data = drawn([["Closed."]], encrypt=StandardEncryption("secret", ownerPassword="owner"))
    with pytest.raises(Unreadable, match="password needed; save it without one"):
        read(data, "pdf")


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        ([[]], "1 page and no text layer: run OCR first"),
        ([[]] * 3, "3 pages and no text layer: run OCR first"),
        ([["A title page."], *[[]] * 9], "10 pages and a text layer on only 1 of them: run OCR first"),
    ],
)
def test_scanned_pages_are_a_problem(pages: list[list[str]], problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        read(drawn(pages), "pdf")


def test_some_pages_without_text_are_no_problem() -> None:
    assert read(drawn([["A picture follows."], [], ["It was a map."]]), "pdf") == "A picture follows.\n\nIt was a map."


def test_cut_off_pdf_is_a_problem() -> None:
    with pytest.raises(Unreadable, match="broken pdf; open it and save it anew"):
        read(drawn([["Whole."]])[:300], "pdf")
