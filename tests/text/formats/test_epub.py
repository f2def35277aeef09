"""Books, made by hand: chapters in the order of the spine."""

import pytest

from siamese_text.errors import Unreadable
from siamese_text.records import Place
from siamese_text.text import readers
from tests.text.formats.test_archive import packed

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf"><manifest>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/chapter%20two.xhtml" media-type="application/xhtml+xml"/>
<item id="map" href="map.svg" media-type="image/svg+xml"/>
</manifest><spine><itemref idref="two"/><itemref idref="one"/><itemref idref="map"/></spine></package>"""


def book(**parts):
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{}</h1><p>Text.</p></body></html>'
    content = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/text/one.xhtml": page.format("Amber"),
        "OPS/text/chapter two.xhtml": page.format("Salt"),
    }
    return packed(content | parts)


def test_chapters_are_read_in_the_order_of_the_spine():
    reading = readers.read(book(), "epub")
    assert reading.text == "Salt\n\nText.\n\nAmber\n\nText."
    assert reading.places == (Place(0, "chapter 1"), Place(13, "chapter 2"))
    assert [note.message for note in reading.notes] == ["1 chapter could not be read; read them yourself"]


def test_a_book_without_a_list_of_chapters_is_a_problem():
    with pytest.raises(Unreadable, match=r"broken epub \(no list of chapters\)"):
        readers.read(book(**{"META-INF/container.xml": "<container/>"}), "epub")
