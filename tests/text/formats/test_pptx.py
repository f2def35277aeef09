"""Slides, made by hand: boxes, groups, tables and notes in the order of the slides."""

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from tests.text.formats.test_archive import packed

NAMES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def box(text, kind=""):
    holder = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    paragraphs = "".join(f"<a:p><a:r><a:t>{part}</a:t></a:r></a:p>" for part in text.split("/"))
    return f"<p:sp>{holder}<p:txBody>{paragraphs}</p:txBody></p:sp>"


def relations(*targets):
    rows = (f'<R Id="rId{n}" Type="x/{kind}" Target="{name}"/>' for n, (kind, name) in enumerate(targets, start=1))
    return f"<Rs>{''.join(rows)}</Rs>"


def slides(first, second, **parts):
    content = {
        "[Content_Types].xml": "<t/>",
        "ppt/presentation.xml": f'<p:x {NAMES}><p:sldId r:id="rId2"/><p:sldId r:id="rId1"/></p:x>',
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/b.xml"), ("slide", "slides/a.xml")),
        "ppt/slides/a.xml": f"<p:sld {NAMES}>{first}</p:sld>",
        "ppt/slides/b.xml": f"<p:sld {NAMES}>{second}</p:sld>",
    }
    return packed(content | parts)


def test_slides_are_read_in_their_order_with_notes_and_comments():
    table = "<a:tr>" + "".join(f"<a:tc><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:tc>" for cell in "AB") + "</a:tr>"
    data = slides(
        box("Amber", "title") + f"<p:grpSp>{box('It floats./It burns.')}</p:grpSp>" + box("7", "sldNum"),
        f"<a:tbl>{table}</a:tbl>",
        **{
            "ppt/slides/_rels/a.xml.rels": relations(("notesSlide", "../n.xml"), ("comments", "../c.xml")),
            "ppt/n.xml": f"<p:notes {NAMES}>{box('Say it slowly.', 'body')}</p:notes>",
            "ppt/c.xml": f"<p:cmLst {NAMES}><p:cm><p:text>Shorter?</p:text></p:cm></p:cmLst>",
        },
    )
    reading = readers.read(data, "pptx")
    assert reading.text == "Amber\n\nIt floats.\n\nIt burns.\n\nSay it slowly.\n\nA | B"
    assert [place.name for place in reading.places] == ["slide 1", "notes of slide 1", "slide 2"]
    assert [reading.text[one.start : one.end] for one in reading.headings] == ["Amber"]
    assert [(note.message, note.text) for note in reading.notes] == [("1 comment, not part of the text", "Shorter?")]


def test_an_archive_without_slides_is_a_problem():
    data = packed({"[Content_Types].xml": "<t/>", "ppt/other.xml": "<t/>"})
    with pytest.raises(Unreadable, match=r"broken pptx \(no slides inside\)"):
        readers.read(data, "pptx")
