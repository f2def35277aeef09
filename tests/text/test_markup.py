import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from siamese_text.errors import Unreadable
from siamese_text.text.readers import read


def html(body: str) -> str:
    return read(f"<html><head><title>Shop</title></head><body>{body}</body></html>".encode(), "html")


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


def test_html_blocks_become_paragraphs() -> None:
    assert html("<h1>Amber</h1><p>First  \n line.</p>Loose <b>text</b>.<div>Last</div>") == (
        "Amber\n\nFirst line.\n\nLoose text.\n\nLast"
    )


def test_html_furniture_is_dropped_and_what_follows_is_kept() -> None:
    body = "<nav>Menu</nav>One<script>var x = '<p>';</script> two<style>p {}</style>.<footer>Imprint</footer>End"
    assert html(body) == "One two.\n\nEnd"


def test_html_entities_and_comments_are_resolved() -> None:
    assert html("<p>Salt &amp; fish&nbsp;&eacute;<!-- note -->&#8211;</p>") == "Salt & fish é–"


def test_html_list_items_and_table_rows_are_blocks() -> None:
    table = "<table>\n<tr> <th>Town</th> <th>Ships</th> </tr>\n<tr><td>Vik</td><td>12</td></tr></table>"
    assert html(f"<ul><li>rope<li>tar</ul>{table}") == "rope\n\ntar\n\nTown | Ships\n\nVik | 12"


def test_html_quotations_are_put_in_quotation_marks() -> None:
    body = "<p>He <q>agreed</q>.</p><blockquote><p>It “never” froze.</p><p>Once.</p></blockquote><p>Then</p>"
    assert html(body) == "He “agreed”.\n\n“It ‘never’ froze.”\n\n“Once.”\n\nThen"


def test_html_line_break_stays_inside_its_block() -> None:
    assert html("<p>Roses <br> violets</p>") == "Roses\nviolets"


def test_html_declared_encoding_is_used() -> None:
    page = '<meta charset="windows-1251"><p>Снег</p>'
    assert read(page.encode("cp1251"), "html") == "Снег"


def test_html_with_an_xml_declaration_is_read() -> None:
    assert read(b'<?xml version="1.0" encoding="utf-8"?><html><body><p>Text</p></body></html>', "html") == "Text"


def test_html_external_entity_is_not_resolved() -> None:
    page = '<!DOCTYPE html SYSTEM "file:///etc/hostname"><p>&undefined; stays</p>'
    assert read(page.encode(), "html") == "&undefined; stays"


def test_html_nested_beyond_the_parser_is_a_problem() -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        read(b"<div>" * 5000 + b"text", "html")


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


def test_docx_footnotes_stand_at_the_end() -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = docx.Document()
    document.add_paragraph("The council agreed.")
    note = "<w:footnote><w:p><w:r><w:t>Minutes, p. 4.</w:t></w:r></w:p></w:footnote>"
    notes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"
    content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), content_type, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
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


@pytest.mark.parametrize("part", ["word/document.xml", "[Content_Types].xml"])
def test_docx_with_a_broken_part_is_a_problem(part: str) -> None:
    data = with_part(saved(docx.Document()), part, b"<w:document")
    with pytest.raises(Unreadable, match=r"broken docx \(.+\); open it and save it anew"):
        read(data, "docx")


def test_zip_archive_called_docx_is_a_problem() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("essay.txt", "hidden")
    with pytest.raises(Unreadable, match="broken docx"):
        read(buffer.getvalue(), "docx")
