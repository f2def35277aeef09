"""What the script of the page is given."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from siamese_text.plagiarism.findings import Evidence, PairFinding, Reason, Review
from siamese_text.plagiarism.report import contents as module
from siamese_text.plagiarism.report.contents import page_contents
from siamese_text.records import Note, Place, Span
from siamese_text.text import place_of
from tests.plagiarism.report.kites import ANNA, BORIS, CLARA, EDITED, KITES, NOTHING, PARAPHRASE


def test_places_are_counted_in_code_points_and_in_characters_that_are_no_white_space():
    excluded = {ANNA.name: {Reason.QUOTATION: (Span(2, 9),)}}
    anna, _, clara = page_contents(dataclasses.replace(KITES, excluded=excluded)).page["documents"]
    assert anna["ink"] == len("".join(ANNA.text.split()))
    assert anna["excluded"] == [[2, 9, 1, 7, "quotation"]]  # "A note on kites." has blanks at 1 and 6
    assert (clara["words"], clara["source"], clara["text"]) == (8, False, None)
    assert clara["ink"] == 0  # it stands in no pair
    first, second, quoted = page_contents(KITES).page["pairs"][0]["passages"]
    start = EDITED.left.start
    assert first["left"][:2] == [start, start + len(EDITED.left.text)]
    assert first["left"][2] == len("".join(ANNA.text[:start].split()))
    assert first["left"][3] - first["left"][2] == len("".join(EDITED.left.text.split()))
    assert [one["number"] for one in (first, second, quoted)] == [1, 2, 0]
    assert quoted["reasons"] == ["source"]


def test_places_and_what_questions_a_document_are_handed_over():
    notes = (Note("review", "2 comments"), Note("disguise", "14 letters"), Note("disguise", "3 blanks"))
    paged = dataclasses.replace(ANNA, places=(Place(0, "page 1"), Place(40, "page 2")), notes=notes)
    page = page_contents(dataclasses.replace(KITES, texts={**KITES.texts, ANNA.name: paged})).page
    assert page["documents"][0]["flags"] == ["disguise"]
    first = min(KITES.pairs[0].matches, key=lambda match: match.left.start)
    on = "page 1" if first.left.start < 40 else "page 2"
    assert page["pairs"][0]["passages"][0]["where"] == [
        on,
        place_of(KITES.texts[first.right.document], first.right.start),
    ]


@given(st.text(st.sampled_from("ab \n\u3000\u2028\x1f\xa0漢😀\udcff"), max_size=20))
def test_ink_is_what_is_left_without_white_space(text):
    assert module._ink(text).tolist() == [len("".join(text[:end].split())) for end in range(len(text) + 1)]


def test_each_text_stands_once_and_only_where_it_is_compared():
    many = dataclasses.replace(
        KITES, pairs=(*KITES.pairs, PairFinding(ANNA.name, "z", (), 0.1, 0.1)), texts={**KITES.texts, "z": CLARA}
    )
    page = page_contents(many).page
    assert page["texts"] == [ANNA.text, BORIS.text, CLARA.text]
    assert [one["text"] for one in page["documents"]] == [(0, 0), (0, 1), None, (0, 2)]
    assert page["documents"][-1]["source"]


def test_texts_without_room_lie_in_files_of_their_own(monkeypatch):
    monkeypatch.setattr(module, "INLINE", len(ANNA.text))
    contents = page_contents(KITES)
    assert (contents.page["texts"], contents.parts) == ([ANNA.text], [[BORIS.text]])
    assert contents.page["documents"][1]["text"] == (1, 0)
    monkeypatch.setattr(module, "MOST_PAIRS", 0)
    assert (page_contents(KITES).page["pairs"], page_contents(KITES).page["left_out"]) == ([], 1)


def test_without_texts_nothing_of_them_is_left():
    page = page_contents(KITES, with_text=False).page
    assert page["texts"] == []
    assert all(passage["common"] is None for passage in page["pairs"][0]["passages"])
    assert all(word not in str(page) for word in ("kite", "barn", "tail", "hurry"))


def test_what_was_dismissed_stays_with_its_note():
    review = Review(PARAPHRASE.fingerprint, "dismissed", "the task")
    dismissed = dataclasses.replace(PARAPHRASE, review=review)
    found = dataclasses.replace(KITES, pairs=(), dismissed=(dismissed,), quotations=(), verdicts=(review,))
    page = page_contents(found).page
    ((passage,),) = [pair["passages"] for pair in page["pairs"]]
    assert (passage["verdict"], passage["note"], passage["evidence"]) == ("dismissed", "the task", Evidence.PARAPHRASE)
    assert page["verdicts"][0]["fingerprint"] == PARAPHRASE.fingerprint
    assert page_contents(NOTHING).page["pairs"] == []
