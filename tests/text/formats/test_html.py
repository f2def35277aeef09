import pytest

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from siamese_text.text.reading import Reading


def read(data: bytes, name: str) -> str:
    return readers.read(data, name).text


def html(body: str) -> str:
    return read(f"<html><head><title>Shop</title></head><body>{body}</body></html>".encode(), "html")


def test_html_blocks_become_paragraphs() -> None:
    assert html("<h1>Amber</h1><p>First  \n line.</p>Loose <b>text</b>.<div>Last</div>") == (
        "Amber\n\nFirst line.\n\nLoose text.\n\nLast"
    )


def test_html_furniture_is_dropped_and_what_follows_is_kept() -> None:
    body = "<nav>Menu</nav>One<script>var x = '<p>';</script> two<style>p {}</style>.<footer>Imprint</footer>End"
    assert html(body) == "One two.\n\nEnd"


@pytest.mark.parametrize(
    "mark",
    [
        '<a class="sdfootnoteanc" href="#sdfootnote1sym"><sup>1</sup></a>',
        '<sup id="calledF1"><a epub:type="noteref" href="#dataF1">iv</a></sup>',
        '<sup class="reference"><a href="#cite_note-1"><span>[</span>1<span>]</span></a></sup>',
        '<a class="footnote" href="#n">*</a>',
    ],
)
def test_the_mark_of_a_note_is_no_part_of_the_word_before_it(mark: str) -> None:
    assert html(f"<p>A note{mark} and on.</p>") == "A note and on."


def test_other_links_and_raised_numbers_are_text() -> None:
    body = '<p>See <a href="#three">3</a> m<sup>2</sup>, <sup><a href="#up">above</a></sup> <a href="/7">7</a>.</p>'
    assert html(body) == "See 3 m2, above 7."


def test_what_an_office_program_repeats_on_each_page_is_left_out_as_in_its_own_format() -> None:
    assert html('<div title="header"><p>Course</p></div><div title="box"><p>Text.</p></div>') == "Text."


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


@pytest.mark.parametrize("tag", ["main", "article", "section", "header", "figure", "details", "p"])
def test_html_without_a_body_tag_is_read_to_its_end(tag: str) -> None:
    page = f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Shop</title><{tag}>First.</{tag}><p>Last."
    assert read(page.encode(), "html") == "First.\n\nLast."


@pytest.mark.parametrize(
    "hidden",
    [
        "<noscript>junk</noscript>",
        "<template><b>junk</b></template>",
        "<b hidden>junk</b>",
        "<b style='display:none'>junk</b>",
        "<b style='color:red; VISIBILITY: hidden !important'>junk</b>",
        "<b style='opacity:0.0'>junk</b>",
        "<b style='font-size:1px'>junk</b>",
        "<b class='a gone'>junk</b>",
        "<b id=off>junk</b>",
    ],
)
def test_html_that_no_browser_shows_is_no_text(hidden: str) -> None:
    sheet = "<style>/* x */ .gone, #off {display: none} @media print { p {display: none} }</style>"
    assert html(f"{sheet}<p>ca{hidden}t</p>") == "cat"


def test_html_hidden_words_are_told_with_their_place() -> None:
    page = "<p>One.</p><p>Two <span style='color:#FFF'>white lies</span> three.</p><div hidden>a whole block</div>"
    reading = readers.read(page.encode(), "html")
    assert reading.text == "One.\n\nTwo three."
    assert [(note.kind, note.message, note.text) for note in reading.notes] == [
        ("hidden", "2 words in white letters, not part of the text, first in paragraph 2", "white lies"),
        ("review", "3 words that a browser does not show, not part of the text, first in paragraph 3", "a whole block"),
    ]


def test_html_deleted_words_are_told_and_no_text() -> None:
    page = "<p>It was <del>very old</del><ins>new</ins>.</p><del><p>A whole paragraph.</p></del><p>So it stood.</p>"
    reading = readers.read(page.encode(), "html")
    assert reading.text == "It was new.\n\nSo it stood."
    assert [(note.kind, note.message, note.text) for note in reading.notes] == [
        (
            "review",
            "5 words deleted under review, not part of the text, first in paragraph 1",
            "very old A whole paragraph.",
        )
    ]


@pytest.mark.parametrize("style", ["text-decoration: none", "text-decoration-line:none"])
def test_html_words_that_only_say_to_be_deleted_are_text(style: str) -> None:
    assert html(f"<p>It was <del style='{style}'>very</del> old.</p>") == "It was very old."


def test_html_white_letters_leave_the_gap_of_a_blank() -> None:
    assert html("<p>the<font color=white>x</font>quick<font color=white>q</font>fox") == "the quick fox"


@pytest.mark.parametrize(
    "paint", ["style='background:#222'", "bgcolor=navy", "style='background-image: url(sky.png)'", "class=dark"]
)
def test_html_white_letters_on_color_are_seen(paint: str) -> None:
    page = (
        f"<style>.dark {{background-color: rgb(0, 0, 80)}}</style><div {paint}><p style='color:white'>Seen.</p></div>"
    )
    reading = readers.read(page.encode(), "html")
    assert (reading.text, reading.notes) == ("Seen.", ())


def test_html_headings_are_kept() -> None:
    reading = readers.read(b"<h2>Amber <i>floats</i></h2><p>It burns.</p>", "html")
    assert [reading.text[one.start : one.end] for one in reading.headings] == ["Amber floats"]


def test_html_long_menus_and_footers_are_told() -> None:
    menu = "<nav>" + "<a>Home</a> " * 25 + "</nav>"
    reading = readers.read(f"{menu}<p>Text.</p>".encode(), "html")
    assert reading.text == "Text."
    assert [note.message for note in reading.notes] == [
        "menus and footers of 25 words were not read; read them yourself"
    ]


def test_html_declaration_of_xml_names_the_encoding() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-2"?><html><body><p>Zażółć gęślą jaźń</p></body></html>'
    assert readers.read(page.encode("iso-8859-2"), "html") == Reading("Zażółć gęślą jaźń")
