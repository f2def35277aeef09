"""Where a copied part begins and ends, to the word."""

import pytest

from siamese_text.plagiarism.finding.edges import copied_part, word_similarity
from siamese_text.records import Span

COPIED = "the pilots steered by the moon because every lamp in the harbour was out".split()
OWN = "she kept goats on a dry hill above some village whose name is lost".split()
OTHER = "bread costs two coins here yet nobody bakes any before noon on Mondays".split()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a b c d", "a b c d", 1.0),
        ("a b c d", "e f g h", 0.0),
        ("a b c d", "a c d", 2 * 3 / 7),
        ("a b c d", "d c b a", 2 * 1 / 8),
    ],
)
def test_word_similarity_counts_words_in_the_same_order_on_both_sides(left, right, expected):
    assert word_similarity(left.split(), right.split()) == pytest.approx(expected)


def test_a_copied_run_inside_other_text_is_cut_at_the_word_where_it_ends():
    ours, theirs = copied_part(OWN + COPIED + OWN, COPIED + OTHER)
    assert ours == Span(len(OWN), len(OWN) + len(COPIED))
    assert theirs == Span(0, len(COPIED))


def test_an_edited_copy_is_cut_where_its_author_went_on():
    edited = [*COPIED[:5], "sun", *COPIED[6:]]
    ours, theirs = copied_part(COPIED + OWN, edited + OTHER)
    assert (ours, theirs) == (Span(0, len(COPIED)), Span(0, len(edited)))


def test_a_few_changed_words_at_the_end_of_an_edited_copy_stay():
    edited = [*COPIED[:5], "sun", *COPIED[6:-1], "dark"]
    assert copied_part(COPIED, edited) == (Span(0, len(COPIED)), Span(0, len(edited)))


def test_a_copy_in_another_order_is_not_cut():
    left, right = COPIED + OWN, OWN + COPIED
    assert copied_part(left, right) == (Span(0, len(left)), Span(0, len(right)))


def test_texts_of_their_own_are_not_cut():
    assert copied_part(OWN, OTHER) == (Span(0, len(OWN)), Span(0, len(OTHER)))
    assert copied_part(["one"], ["other"]) == (Span(0, 1), Span(0, 1))
