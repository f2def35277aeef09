"""Comparisons of each kind of column, and the lead over rivals, worked out by hand."""

import math

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from siamese_text.errors import NothingToDo
from siamese_text.matching.candidates import Candidates
from siamese_text.matching.columns import Column
from siamese_text.matching.comparisons import ALL, Comparer, lead, two_best
from siamese_text.matching.records import Records


def table(**cells):
    return Records("t.csv", [str(row) for row in range(len(next(iter(cells.values()))))], cells)


def values(likenesses, column, name):
    [found] = [each.values for each in likenesses if (each.column, each.name) == (column, name)]
    return found


def test_each_kind_is_compared_in_its_own_way():
    left = table(name=["Anna Berg"], price=["10.00"], day=["2001-02-03"], note=["a"])
    right = table(name=["ana berg", "anna"], price=["8", ""], day=["2001-03-02", "2001-02-13"], note=["", "a"])
    columns = [Column("name", "short"), Column("price", "number"), Column("day", "date"), Column("note", "short")]
    pairs, likenesses = Comparer(left, right, columns, None).between(10)
    assert pairs.right.tolist() == [0, 1]
    expected = [JaroWinkler.similarity("anna berg", other) for other in ("ana berg", "anna")]
    assert values(likenesses, "name", "spelling") == pytest.approx(expected)
    assert values(likenesses, "price", "number") == pytest.approx([0.8, math.nan], nan_ok=True)
    assert values(likenesses, "day", "date") == pytest.approx(
        [1 - 2 / 8, 1 - 1 / 8]
    )  # of eight digits two, and one, differ
    assert values(likenesses, "note", "spelling") == pytest.approx([math.nan, 1], nan_ok=True)


def test_texts_are_compared_by_words_letters_and_meaning_which_share_a_weight():
    left, right = table(title=["tea for two people now"]), table(title=["milk for one", ""])

    def encode(texts):
        return np.float32([[3, 4] if "tea" in text else [1, 0] for text in texts])

    _, likenesses = Comparer(left, right, [Column("title", "text")], encode).between(10)
    assert values(likenesses, "title", "meaning") == pytest.approx([0.6])
    mine = [each for each in likenesses if each.column == "title"]
    assert [each.name for each in mine] == ["words", "letters", "meaning"]
    assert sum(each.part for each in mine) == pytest.approx(1)
    assert values(likenesses, ALL, "words") == pytest.approx(values(likenesses, "title", "words"))


def test_tables_without_a_word_in_common_are_nothing_to_do():
    with pytest.raises(NothingToDo, match="shares a word"):
        Comparer(table(a=["abc"]), table(a=["xyz"]), [Column("a", "short")], None).between(10)


def test_the_lead_is_over_the_best_other_pair_of_a_row():
    pairs = Candidates(np.array([0, 0, 1]), np.array([0, 1, 1]), (2, 2), np.ones(3, np.uint8), False)
    alike = np.array([0.9, 0.5, 0.8])
    assert lead(pairs, alike, (True, False)) == pytest.approx([0.4, -0.4, 0.8])  # the second row has no rival
    assert lead(pairs, alike, (True, True)) == pytest.approx([0.4, -0.4, 0.3])


def test_a_row_without_a_second_pair_has_no_second_best():
    first, second = two_best(np.array([0, 0, 2]), np.array([0.1, 0.7, 0.2]), 3)
    assert first.tolist() == [0.7, -math.inf, 0.2] and second.tolist() == [0.1, -math.inf, -math.inf]
