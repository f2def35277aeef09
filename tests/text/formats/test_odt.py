"""OpenDocument texts, made by hand: paragraphs, tables, notes, changes, hidden letters."""

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from tests.text.formats.test_archive import packed

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "draw": "drawing",
    }.items()
)


def odt(body, *, styles="", **parts):
    """Make an odt of the XML inside ``office:text`` and of automatic styles."""
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **parts})


def reading(body, **more):
    return readers.read(odt(body, **more), "odt")


def test_paragraphs_headings_and_tables_keep_their_order():
    cells = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in ("Vik", "12"))
    text = reading(
        '<text:h>Amber</text:h><text:p>It<text:s text:c="3"/>floats<text:tab/>in <text:span>salt</text:span>\n water.'
        f"<text:line-break/>Yes.</text:p><table:table><table:table-row>{cells}</table:table-row></table:table>"
    )
    assert text.text == "Amber\n\nIt floats in salt water.\nYes.\n\nVik | 12"
    assert [text.text[one.start : one.end] for one in text.headings] == ["Amber"]


def test_notes_stand_at_the_end_and_comments_are_told():
    body = "<text:note-body><text:p>Minutes.</text:p></text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    comment = "<office:annotation><text:p>Really?</text:p></office:annotation>"
    text = reading(f"<text:p>It was{comment} calm{note} then.</text:p>")
    assert text.text == "It was calm then.\n\nMinutes."
    assert [(one.kind, one.message, one.text) for one in text.notes] == [
        ("review", "1 comment, not part of the text", "Really?")
    ]


def test_deleted_text_is_told():
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>two words</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    text = reading(f"{deleted}<text:p>Kept.</text:p>")
    assert text.text == "Kept."
    assert [one.message for one in text.notes] == ["2 words deleted under review, not part of the text"]


@pytest.mark.parametrize(
    ("look", "how"),
    [
        ('text:display="none"', "in hidden letters"),
        ('fo:color="#ffffff"', "in white letters"),
        ('fo:font-size="1pt"', "in letters too small to read"),
    ],
)
def test_hidden_words_are_told_and_no_text(look, how):
    styles = f'<style:style style:name="T1" style:family="text"><style:text-properties {look}/></style:style>'
    text = reading('<text:p>One <text:span text:style-name="T1">zebra</text:span> two.</text:p>', styles=styles)
    assert text.text == "One two."
    assert [one.message for one in text.notes] == [f"1 word {how}, not part of the text, first in paragraph 1"]


def test_white_letters_on_color_are_seen():
    look = 'fo:color="#ffffff" fo:background-color="#000080"'
    styles = f'<style:style style:name="T1" style:family="text"><style:text-properties {look}/></style:style>'
    assert reading('<text:p><text:span text:style-name="T1">Seen.</text:span></text:p>', styles=styles).text == "Seen."


def test_quotations_and_text_boxes_are_read():
    box = "<draw:frame><draw:text-box><text:p>Boxed.</text:p></draw:text-box></draw:frame>"
    text = reading(f'<text:p text:style-name="Quotations">It froze.</text:p><text:p>Around.{box}</text:p>')
    assert text.text == "“It froze.”\n\nAround.\n\nBoxed."


def test_a_missing_text_is_a_problem():
    with pytest.raises(Unreadable, match=r"broken odt \(no text inside\)"):
        readers.read(packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "odt")
