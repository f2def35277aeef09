"""Why a passage counts, in words."""

import dataclasses

import pytest

from siamese_text.plagiarism.findings import Background, ChanceFindings
from siamese_text.plagiarism.report import why
from siamese_text.plagiarism.report.why import Rarity, common_words, why_it_counts
from siamese_text.records import Document
from siamese_text.text import words
from tests.plagiarism.report.kites import ANNA, BORIS, EDITED, match

NOBODY = Rarity([])


def test_the_words_in_common_are_runs_on_both_sides_without_small_words_that_stand_alone():
    common = common_words(EDITED)
    for document, spans in ((ANNA, common.left), (BORIS, common.right)):
        assert [document.text[span.start : span.end] for span in spans] == [
            "The kite rose above the old",
            "and it stayed there until",
        ]
    assert (common.words, common.of, common.sentences, common.kept) == (11, 13, 1, 1)
    left, right = Document("l", "the fox ran to a hill"), Document("r", "one fox went to some hill")
    alone = common_words(match(left, left.text, right, right.text))
    assert [left.text[span.start : span.end] for span in alone.left] == ["hill"]


def test_of_two_books_only_the_number_of_common_words_is_told(monkeypatch):
    monkeypatch.setattr(why, "_MOST_CELLS", 100)
    common = common_words(EDITED)
    assert (common.left, common.words, common.of) == ((), round(0.75 * 13), 13)
    same = match(ANNA, ANNA.text, Document("copy", ANNA.text), ANNA.text)
    assert common_words(same).words == len(words(ANNA.text))


def test_words_that_few_documents_have_are_named_with_how_many_have_them():
    folder = [ANNA.text, BORIS.text, *["The old barn stood there until dawn, and it was said that it stayed."] * 8]
    assert Rarity(folder).rare_words(EDITED) == [("above", 2), ("kite", 2), ("rose", 2)]
    assert Rarity(folder[:4]).rare_words(EDITED) == []


@pytest.mark.parametrize(
    ("p", "background", "said"),
    [
        (0.00031, Background.FOLDER, "Where nobody copied, about one pair of documents in 3,000 has"),
        (0.004, Background.SHIPPED, "In other folders as small as this one, where nobody copied, about one"),
        (1e-12, Background.INNOCENT, "Where nobody copied, no two documents were seen with so much"),
        (0.8, Background.FOLDER, "Where nobody copied, many a pair of documents has so much"),
    ],
)
def test_a_p_value_is_said_as_so_many_pairs(p, background, said):
    passage = dataclasses.replace(EDITED, p_value=p)
    *_, last = why_it_counts(passage, common_words(passage), NOBODY, ChanceFindings(0.05, background, 30))
    assert last.startswith(said)


def test_every_sentence_is_one_of_measures_and_none_of_guilt():
    said = " ".join(why_it_counts(EDITED, common_words(EDITED), NOBODY, None))
    assert said == (
        "11 of 13 words are the same, in the same order. The model gives 88% that both passages say the same."
    )
    with_rare = why_it_counts(EDITED, common_words(EDITED), Rarity([ANNA.text, BORIS.text, "x", "y", "z"]), None)
    assert any(sentence.startswith("Rare words on both sides") for sentence in with_rare)
    hidden = Rarity([ANNA.text, BORIS.text, "x", "y", "z"])
    assert len(why_it_counts(EDITED, common_words(EDITED), hidden, None, words=False)) == 2
