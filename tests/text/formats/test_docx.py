import io
import zipfile

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from siamese_text.errors import Unreadable
from siamese_text.text import readers


def read(data: bytes, name: str) -> str:
    return readers.read(data, name).text


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def with_part(data: bytes, name: str, change: str | bytes, old: str = "") -> bytes:
    """Copy a docx with one part replaced, or with ``old`` replaced in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == name:
                content = content.decode().replace(old, str(change)).encode() if old else bytes(change)
            target.writestr(entry, content)
    return buffer.getvalue()


def test_docx_paragraphs_and_tables_keep_their_order() -> None:
    document = docx.Document()
    document.add_heading("Amber", 1)
    document.add_paragraph("It floats\tin salt water.")
    table = document.add_table(2, 2)
    for row, values in zip(table.rows, [("Town", "Ships"), ("Vik", "12")], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.add_paragraph("It burns.")
    assert read(saved(document), "docx") == "Amber\n\nIt floats in salt water.\n\nTown | Ships\n\nVik | 12\n\nIt burns."


def test_docx_table_that_lays_out_a_page_keeps_its_paragraphs() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "The first paragraph."
    cell.add_paragraph("The second one.")
    assert read(saved(document), "docx") == "The first paragraph.\n\nThe second one."


def test_docx_nested_table_is_read_once() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    inner = cell.add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "left", "right"
    assert read(saved(document), "docx") == "left | right"


@pytest.mark.parametrize("style", ["Quote", "Intense Quote"])
def test_docx_quotations_are_put_in_quotation_marks(style: str) -> None:
    document = docx.Document()
    document.add_paragraph("They wrote:")
    document.add_paragraph("The “harbour” froze.", style=style)
    assert read(saved(document), "docx") == "They wrote:\n\n“The ‘harbour’ froze.”"


def test_docx_shows_insertions_and_hides_deletions() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("It was ")
    for change in (
        "<w:ins {}><w:r><w:t>never </w:t></w:r></w:ins>",
        "<w:del {}><w:r><w:delText>always </w:delText><w:tab/></w:r></w:del>",
        "<w:moveFrom {}><w:r><w:t>often </w:t></w:r></w:moveFrom>",
        "<w:sdt {}><w:sdtContent><w:r><w:t>calm.</w:t></w:r></w:sdtContent></w:sdt>",
    ):
        paragraph._p.append(parse_xml(change.format(nsdecls("w"))))
    assert read(saved(document), "docx") == "It was never calm."


def test_docx_text_box_is_read_once() -> None:
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p></w:txbxContent>"
    document.add_paragraph("Around the box.")._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    assert read(saved(document), "docx") == "Around the box.\n\nBoxed."


def attach(document: object, name: str, content: str | bytes, kind: str, content_type: str = "text/xml") -> str:
    """Add a part that the document has a relation of some kind to, and return the name of the relation."""
    data = content.encode() if isinstance(content, str) else content
    part = Part(PackURI(f"/word/{name}"), content_type, data, document.part.package)  # type: ignore[attr-defined]
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return document.part.relate_to(part, f"{base}/{kind}")  # type: ignore[attr-defined]


def run_of(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def add(document: object, runs: str, *, before: str = "") -> None:
    """Add a paragraph of runs."""
    document.add_paragraph()._p.append(parse_xml(f"<w:r {nsdecls('w')}/>"))  # type: ignore[attr-defined]
    paragraph = document.paragraphs[-1]._p  # type: ignore[attr-defined]
    for element in parse_xml(f"<w:p {nsdecls('w')}>{before}{runs}</w:p>"):
        paragraph.append(element)


def test_docx_footnotes_stand_at_the_end() -> None:
    document = docx.Document()
    document.add_paragraph("The council agreed.")
    note = "<w:footnote><w:p><w:r><w:t>Minutes, p. 4.</w:t></w:r></w:p></w:footnote>"
    attach(document, "footnotes.xml", f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>", "footnotes")
    assert read(saved(document), "docx") == "The council agreed.\n\nMinutes, p. 4."


def test_docx_external_entity_is_not_resolved() -> None:
    document = docx.Document()
    document.add_paragraph("MARK")
    data = with_part(saved(document), "word/document.xml", "before &secret; after", old="MARK")
    declared = '<!DOCTYPE w:document [<!ENTITY secret SYSTEM "file:///etc/passwd">]><w:document '
    data = with_part(data, "word/document.xml", declared, old="<w:document ")
    assert read(data, "docx") == "before &secret; after"


def test_docx_that_expands_beyond_measure_is_a_problem() -> None:
    data = with_part(saved(docx.Document()), "word/document.xml", bytes(100_000_000))
    assert len(data) < 1_000_000
    with pytest.raises(Unreadable, match=r"expands to 1\d\d MB"):
        read(data, "docx")


def test_docx_with_a_broken_part_is_a_problem() -> None:
    data = with_part(saved(docx.Document()), "word/document.xml", b"<w:document")
    with pytest.raises(Unreadable, match=r"broken docx \(.+\); open it and save it anew"):
        read(data, "docx")


def test_zip_archive_called_docx_is_a_problem() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("essay.txt", "hidden")
    with pytest.raises(Unreadable, match="holds a zip archive, not docx"):
        read(buffer.getvalue(), "docx")


def test_docx_of_the_strict_kind_and_with_relations_to_nothing_is_read() -> None:
    document = docx.Document()
    document.add_paragraph("The harbour froze.")
    buffer = io.BytesIO()
    usual = "http://schemas.openxmlformats.org/"
    strict = "http://purl.oclc.org/ooxml/"
    nowhere = f'<Relationship Id="rId77" Type="{strict}officeDocument/relationships/image" Target="NULL"/>'
    with zipfile.ZipFile(io.BytesIO(saved(document))) as source, zipfile.ZipFile(buffer, "w") as target:
        for entry in source.namelist():
            content = source.read(entry).decode("latin-1")
            for name in ("officeDocument", "wordprocessingml", "drawingml"):
                content = content.replace(f"{usual}{name}/2006/", f"{strict}{name}/")
            target.writestr(entry, content.replace("</Relationships>", f"{nowhere}</Relationships>").encode("latin-1"))
    assert read(buffer.getvalue(), "docx") == "The harbour froze."


@pytest.mark.parametrize(
    ("properties", "how"),
    [
        ("<w:vanish/>", "in hidden letters"),
        ('<w:color w:val="FFFFFF"/>', "in white letters"),
        ('<w:color w:val="FEFEFE"/><w:shd w:val="clear" w:fill="auto"/>', "in white letters"),
        ('<w:sz w:val="2"/>', "in letters too small to read"),
    ],
)
def test_docx_hidden_words_are_told_and_no_text(properties: str, how: str) -> None:
    document = docx.Document()
    document.add_paragraph("One.")
    add(document, run_of("The harbour ") + run_of("zebra quilt", properties) + run_of("froze."))
    reading = readers.read(saved(document), "docx")
    assert reading.text == "One.\n\nThe harbour froze."
    [note] = reading.notes
    assert (note.kind, note.text) == ("hidden", "zebra quilt")
    assert note.message == f"2 words {how}, not part of the text, first in paragraph 2"


def test_docx_white_letters_leave_the_gap_of_a_blank() -> None:
    document = docx.Document()
    white = '<w:color w:val="FFFFFF"/>'
    add(document, run_of("“", white) + run_of("The") + run_of("x", white) + run_of("end.") + run_of("”", white))
    assert read(saved(document), "docx") == "The end."


@pytest.mark.parametrize(
    "properties",
    [
        '<w:vanish w:val="0"/>',
        '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>',
        '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>',
        "<w:webHidden/>",
        '<w:color w:val="auto"/>',
    ],
)
def test_docx_words_that_only_look_suspicious_are_text(properties: str) -> None:
    document = docx.Document()
    add(document, run_of("Seen.", properties))
    reading = readers.read(saved(document), "docx")
    assert (reading.text, reading.notes) == ("Seen.", ())


def test_docx_white_letters_in_a_table_are_seen() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.paragraphs[0]._p.append(
        parse_xml(run_of("Town", '<w:color w:val="FFFFFF"/>').replace("<w:r>", f"<w:r {nsdecls('w')}>"))
    )
    assert read(saved(document), "docx") == "Town"


def test_docx_letters_are_hidden_by_a_style_and_those_it_is_based_on() -> None:
    document = docx.Document()
    base = document.styles.add_style("Base", 1)
    base.font.hidden = True
    document.styles.add_style("Derived", 1).base_style = base
    document.add_paragraph("Unseen.", style="Derived")
    document.add_paragraph("Seen.")
    assert read(saved(document), "docx") == "Seen."


def test_docx_headings_are_kept() -> None:
    document = docx.Document()
    document.add_heading("Amber", 2)
    document.add_paragraph("It floats.")
    reading = readers.read(saved(document), "docx")
    assert [reading.text[one.start : one.end] for one in reading.headings] == ["Amber"]


def test_docx_comments_and_deletions_are_listed() -> None:
    document = docx.Document()
    add(document, run_of("It was calm.") + "<w:del><w:r><w:delText>always windy</w:delText></w:r></w:del>")
    comment = "<w:comment><w:p><w:r><w:t>Really?</w:t></w:r></w:p></w:comment>"
    attach(document, "comments.xml", f"<w:comments {nsdecls('w')}>{comment}</w:comments>", "comments")
    reading = readers.read(saved(document), "docx")
    assert reading.text == "It was calm."
    assert [(note.kind, note.message, note.text) for note in reading.notes] == [
        ("review", "1 comment, not part of the text", "Really?"),
        ("review", "2 words deleted or moved away under review, not part of the text", "always windy"),
    ]


MAIL = b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("chunk.html", b"<p>Embedded.</p>", "Before.\n\nEmbedded.\n\nAfter."),
        ("chunk.mht", MAIL + b"<p>Caf=C3=A9.</p>", "Before.\n\nCafé.\n\nAfter."),
        ("chunk.txt", b"Plain.", "Before.\n\nPlain.\n\nAfter."),
        ("chunk.rtf", b"{\\rtf1 x}", "Before.\n\nAfter."),
    ],
)
def test_docx_embedded_parts_are_read_or_told(name: str, data: bytes, text: str) -> None:
    document = docx.Document()
    document.add_paragraph("Before.")
    document.add_paragraph("After.")
    identifier = attach(document, name, data, "aFChunk", "application/octet-stream")
    document.element.body.insert(1, parse_xml(f'<w:altChunk {nsdecls("w", "r")} r:id="{identifier}"/>'))
    reading = readers.read(saved(document), "docx")
    assert reading.text == text
    assert [note.message for note in reading.notes] == (
        ["an embedded part (word/chunk.rtf) was not read; save it as a file of its own"] if name == "chunk.rtf" else []
    )


def test_docx_long_footers_and_embedded_files_are_told() -> None:
    document = docx.Document()
    document.add_paragraph("Text.")
    document.sections[0].footer.paragraphs[0].text = "copied words " * 20
    document.sections[0].header.paragraphs[0].text = "History, Spring Term"
    attach(document, "embeddings/table.xlsx", b"PK", "package", "application/octet-stream")
    reading = readers.read(saved(document), "docx")
    assert reading.text == "Text."
    assert [note.message for note in reading.notes] == [
        "its footer of 40 words was not read; read it yourself",
        "1 embedded file not read (table.xlsx); save each as a file of its own",
    ]
