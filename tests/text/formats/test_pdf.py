import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from siamese_text.text.reading import place_of

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


def read(data: bytes, name: str) -> str:
    return readers.read(data, name).text


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


def painted(draw: Callable[[Canvas], None]) -> bytes:
    """Make a PDF of one page by hand."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 700, "The tide was low and the boats lay on their sides.")
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def picture() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("RGB", (40, 50), "lightgray"))


def test_running_heads_of_two_pages_are_left_out() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for number, lines in enumerate([["The tide was low when the"], ["boats came home."]], start=1):
        canvas.drawString(72, 810, "History, Spring Term")
        for place, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * place, line)
        canvas.drawString(280, 30, f"page {number} of 2")
        canvas.showPage()
    canvas.save()
    assert read(buffer.getvalue(), "pdf") == "The tide was low when the boats came home."


def test_pages_are_places() -> None:
    reading = readers.read(drawn([["The tide was low when the"], [], ["boats came home."]]), "pdf")
    assert reading.text == "The tide was low when the boats came home."
    assert [(place_of(reading, at)) for at in (0, reading.text.index("boats"))] == ["page 1", "page 3"]


def test_scanned_pages_among_others_are_told() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 700, "The tide was low and the boats lay on their sides.")
    canvas.showPage()
    for _ in range(2):
        canvas.drawImage(picture(), 50, 100, 500, 700)
        canvas.showPage()
    canvas.save()
    reading = readers.read(buffer.getvalue(), "pdf")
    assert [note.message for note in reading.notes] == ["2 of 3 pages have no text (page 2, 3); run OCR first"]


def test_what_is_typed_into_fields_is_read() -> None:
    data = painted(lambda canvas: canvas.acroForm.textfield(name="a", value="Bees shiver.", x=72, y=500, width=300))
    reading = readers.read(data, "pdf")
    assert reading.text == "The tide was low and the boats lay on their sides.\n\nBees shiver."
    assert [place.name for place in reading.places] == ["page 1", "fields of page 1"]


def written(canvas: Canvas, *, color: str | Color = "black", size: float = 10, y: float = 600, mode: int = 0) -> None:
    text = canvas.beginText(72, y)
    text.setFont("Helvetica", size)
    text.setFillColor(color)
    text.setTextRenderMode(mode)
    text.textOut("zebra quilt lamp")
    canvas.drawText(text)


@pytest.mark.parametrize(
    ("look", "how"),
    [
        ({"color": "white"}, "in white letters"),
        ({"size": 1}, "in letters too small to read"),
        ({"y": -50}, "outside of the page"),
        ({"mode": 3}, "in letters that are not painted"),
    ],
)
def test_hidden_words_are_told_and_no_text(look: dict[str, float], how: str) -> None:
    reading = readers.read(painted(lambda canvas: written(canvas, **look)), "pdf")
    assert reading.text == "The tide was low and the boats lay on their sides."
    [note] = reading.notes
    assert (note.kind, note.text) == ("hidden", "zebra quilt lamp")
    assert note.message == f"3 words {how}, not part of the text, first on page 1"


def cover(canvas: Canvas, *, color: str = "white", opacity: float = 1, y: float = 590, height: float = 30) -> None:
    canvas.setFillColor(color, opacity)
    canvas.rect(60, y, 300, height, fill=1, stroke=0)


@pytest.mark.parametrize("color", ["white", "black"])
def test_words_below_a_rectangle_are_told_and_no_text(color: str) -> None:
    def draw(canvas: Canvas) -> None:
        written(canvas)
        cover(canvas, color=color)

    reading = readers.read(painted(draw), "pdf")
    assert reading.text == "The tide was low and the boats lay on their sides."
    assert [note.message for note in reading.notes] == [
        "3 words below what is painted over them, not part of the text, first on page 1"
    ]


def test_of_a_line_only_what_is_covered_is_hidden() -> None:
    def draw(canvas: Canvas) -> None:
        written(canvas)
        canvas.setFillColor("white")
        canvas.rect(60, 590, 12 + canvas.stringWidth("zebra ", "Helvetica", 10), 30, fill=1, stroke=0)

    reading = readers.read(painted(draw), "pdf")
    assert reading.text.endswith("quilt lamp")
    assert [note.text for note in reading.notes] == ["zebra"]


def test_what_lets_letters_through_covers_nothing() -> None:
    def before(canvas: Canvas) -> None:
        cover(canvas)
        written(canvas)

    def marker(canvas: Canvas) -> None:
        written(canvas)
        cover(canvas, color="yellow", opacity=0.4)

    def struck(canvas: Canvas) -> None:
        written(canvas)
        cover(canvas, color="black", y=602, height=1)

    def frame(canvas: Canvas) -> None:
        written(canvas)
        canvas.rect(60, 590, 300, 30, fill=0)

    def clipped(canvas: Canvas) -> None:
        written(canvas)
        path = canvas.beginPath()
        path.rect(60, 400, 300, 30)
        canvas.clipPath(path, stroke=0)
        cover(canvas)

    def round_one(canvas: Canvas) -> None:
        written(canvas)
        canvas.setFillColor("white")
        canvas.circle(500, 600, 5, fill=1, stroke=0)
        canvas.roundRect(60, 590, 300, 30, 15, fill=1, stroke=0)  # its corners are open

    def picture_over(canvas: Canvas) -> None:
        written(canvas)
        canvas.drawImage(picture(), 0, 0, 595, 842)

    for page in (before, marker, struck, frame, clipped, round_one, picture_over):
        reading = readers.read(painted(page), "pdf")
        assert reading.text.endswith("zebra quilt lamp"), page.__name__
        assert reading.notes == ()


@pytest.mark.parametrize("look", [{"color": "white"}, {"size": 4}, {}])
def test_what_is_hidden_in_a_form_is_told(look: dict[str, float]) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("stamp")
        written(canvas, **look)
        canvas.endForm()
        canvas.scale(0.5, 0.5)
        canvas.doForm("stamp")
        if not look:
            cover(canvas)

    reading = readers.read(painted(draw), "pdf")
    assert reading.text == "The tide was low and the boats lay on their sides."
    assert [note.text for note in reading.notes] == ["zebra quilt lamp"]


def test_letters_that_hardly_color_the_paper_are_white() -> None:
    data = painted(lambda canvas: written(canvas, color=Color(0, 0, 0, alpha=0.03)))
    [note] = readers.read(data, "pdf").notes
    assert note.message.startswith("3 words in white letters")


def test_white_letters_on_color_and_the_text_layer_of_a_scan_are_seen() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColor("navy")
        canvas.rect(60, 590, 300, 30, fill=1)
        written(canvas, color="white")

    def scan(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 0, 0, 595, 842)
        written(canvas, mode=3)

    for page in (draw, scan):
        reading = readers.read(painted(page), "pdf")
        assert reading.text.endswith("zebra quilt lamp")
        assert reading.notes == ()


def test_columns_painted_row_by_row_are_read_one_after_the_other() -> None:
    left = [f"Left line {number} goes on and on to the" for number in range(8)]
    right = [f"Right line {number} says what the other" for number in range(8)]

    def draw(canvas: Canvas) -> None:
        for place, (one, other) in enumerate(zip(left, right, strict=True)):
            canvas.drawString(72, 650 - 14 * place, one)
            canvas.drawString(320, 650 - 14 * place, other)

    text = read(painted(draw), "pdf")
    assert " ".join(left) in text and " ".join(right) in text


def test_letters_that_are_set_wide_stay_words() -> None:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(72, 600)
        text.setFont("Helvetica", 12)
        text.setCharSpace(1.6)
        text.textOut("Here is some formatted text")
        canvas.drawText(text)

    assert read(painted(draw), "pdf").endswith("Here is some formatted text")


def test_cells_of_a_table_stay_in_their_rows() -> None:
    def draw(canvas: Canvas) -> None:
        for place in range(8):
            canvas.drawString(72, 650 - 14 * place, "Town" + "x" * (place % 3 * 4))
            canvas.drawString(320, 650 - 14 * place, f"{place} ships")

    assert "Townxxxx 1 ships" in read(painted(draw), "pdf")


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_text_is_joined_to_paragraphs(turn: int) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.translate(300, 400)
    canvas.rotate(turn)
    for place, line in enumerate(
        ["A barn owl hears a vole under", "the snow because its ears do", "not sit at one height."]
    ):
        canvas.drawString(0, -14 * place, line)
    canvas.save()
    assert read(buffer.getvalue(), "pdf") == (
        "A barn owl hears a vole under the snow because its ears do not sit at one height."
    )


def test_scrambled_letters_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siamese_text.text.formats.pdf.is_scrambled", lambda text: "tide" in text)
    with pytest.raises(Unreadable, match=r"its letters are not those that it shows \(.*\); print it anew or run OCR"):
        read(drawn([["The tide."]]), "pdf")


def letters_for(letters: dict[str, str], shown: str) -> bytes:
    """Make a PDF whose glyphs stand for other letters."""
    to = " ".join(f"<{ord(one):02X}> <{text.encode('utf-16-be').hex()}>" for one, text in letters.items())
    cmap = (
        f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange {len(letters)} beginbfchar {to} endbfchar endcmap"
    )
    content = f"BT /F 12 Tf 72 700 Td ({shown}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(content)} >> stream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        f"<< /Length {len(cmap)} >> stream\n{cmap}\nendstream",
    ]
    body = "".join(f"{n} 0 obj\n{o}\nendobj\n" for n, o in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n".encode()


def test_a_ligature_keeps_the_order_of_its_letters_in_a_line_from_right_to_left() -> None:
    glyphs = {"a": "\u0627", "b": "\u0644\u0627", "c": "\u0642", "d": "\u0645", "e": "\u0628", "f": "\u062a"}
    assert (
        read(letters_for(glyphs, "bcd fe"), "pdf") == "\u0628\u062a \u0645\u0642\u0644\u0627"
    )  # painted from the left
    assert read(letters_for(glyphs | {"g": "\u0644"}, "gad fe"), "pdf") == "\u0628\u062a \u0645\u0627\u0644"


@pytest.mark.parametrize("turn", [0, 90])
def test_numbers_that_lead_to_notes_are_no_part_of_a_word(turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(turn)
        line = canvas.beginText(100, 100 - 300 * (turn == 90))
        for words, rise in (("Amber floats", 0), ("12", 4), (" in the taxi", 0), ("ii", 4), (", and 4", 0), ("3", -3)):
            line.setFont("Helvetica", 7 if rise else 12)
            line.setRise(rise)
            line.textOut(words)
        canvas.drawText(line)

    assert read(painted(draw), "pdf").endswith("Amber floats¹² in the taxi, and 43")
