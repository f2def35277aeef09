"""What a reader gives: paragraphs with their places and headings, and how one reading stands in another."""

from hypothesis import given
from hypothesis import strategies as st

from siamese_text.records import Document, Note, Place, Span
from siamese_text.text.reading import Draft, Reading, place_of, shown


def test_places_and_headings_point_into_the_text():
    draft = Draft()
    draft.place("page 1")
    draft.add("Amber", heading=True)
    draft.add("   ")
    draft.place("page 2")  # nothing stands on it
    draft.place("page 3")
    draft.add("It floats.")
    draft.place("page 4")
    reading = draft.reading()
    assert reading.text == "Amber\n\nIt floats."
    assert reading.places == (Place(0, "page 1"), Place(7, "page 3"))
    assert [reading.text[one.start : one.end] for one in reading.headings] == ["Amber"]


@given(st.lists(st.text("ab \n", max_size=6), max_size=5), st.integers(0, 40))
def test_what_is_inserted_keeps_its_places(paragraphs, at):
    inner = Draft()
    for number, paragraph in enumerate(paragraphs):
        inner.place(f"page {number}")
        inner.add(paragraph, heading=True)
    inserted = inner.reading()
    outer = Draft()
    outer.add("Before")
    outer.insert(inserted, place="essay.pdf")
    outer.add("After")
    reading = outer.reading()
    offset = reading.text.index(inserted.text, 8) if inserted.text else 0
    assert [reading.text[one.start : one.end] for one in reading.headings] == [
        inserted.text[one.start : one.end] for one in inserted.headings
    ]
    if at < len(inserted.text):
        assert place_of(reading, offset + at) == f"essay.pdf, {place_of(inserted, at)}"


def test_notes_of_what_is_inserted_name_it():
    draft = Draft()
    draft.add("Before")
    draft.insert(Reading("Text", notes=(Note("unread", "1 of 2 pages", spans=(Span(0, 2),)),)), place="a.pdf")
    assert draft.reading().notes == (Note("unread", "a.pdf: 1 of 2 pages", spans=(Span(8, 10),)),)


def test_a_place_is_a_page_or_else_a_paragraph():
    pages = Document("a.pdf", "One.\n\nTwo.", places=(Place(0, "page 1"), Place(6, "page 2")))
    assert [place_of(pages, at) for at in (0, 5, 6)] == ["page 1", "page 1", "page 2"]
    assert [place_of(Document("a.txt", "One.\n\n\n\nTwo."), at) for at in (0, 8)] == ["paragraph 1", "paragraph 2"]


def test_the_words_of_a_note_are_cut():
    assert shown(["one\ntwo", "three"]) == "one two three"
    assert len(shown(["x" * 5000])) == 2000
