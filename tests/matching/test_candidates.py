"""Candidates: the nearest in each way, from either side, and what is missed."""

import numpy as np
import pytest

from siamese_text.matching import candidates
from siamese_text.matching.candidates import (
    Candidates,
    find_candidates,
    missed_share,
    nearest_by_meaning,
    nearest_by_terms,
)
from siamese_text.matching.terms import term_vectors, words_in

LEFT = ["red pen", "blue cup", "green hat"]
RIGHT = ["a red pen", "a blue thing", "one blue cup", "nothing alike"]


@pytest.fixture
def vectors():
    return term_vectors([LEFT, RIGHT], words_in)[0]


def pairs_of(found):
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_the_nearest_by_terms_are_those_of_all_products(vectors):
    left, right = vectors
    product = (left @ right.T).toarray()
    ones, others = nearest_by_terms(left, right, 1)
    assert dict(zip(ones.tolist(), others.tolist(), strict=True)) == {0: 0, 1: 2}  # a green hat shares no word
    assert [product[one].argmax() for one in (0, 1)] == [0, 2]


def test_the_commonest_terms_find_nothing_where_the_work_would_be_too_much(vectors, monkeypatch):
    monkeypatch.setattr(candidates, "MOST_PRODUCTS", 2)
    ones, others = nearest_by_terms(*vectors, 4)
    assert set(zip(ones.tolist(), others.tolist(), strict=True)) <= {(0, 0), (1, 2)}


def test_a_vector_of_zeros_finds_nothing():
    one = np.float32([[1, 0], [0, 0]])
    ones, others = nearest_by_meaning(one, np.float32([[0, 1], [1, 0]]), 1)
    assert (ones.tolist(), others.tolist()) == ([0], [1])


def test_pairs_are_found_from_either_side_and_know_how(vectors):
    left, right = vectors
    meaning = np.eye(4, dtype=np.float32)[[0, 1, 3]], np.eye(4, dtype=np.float32)
    found = find_candidates([("words", left, right), ("meaning", *meaning)], (3, 4), 1, alone=False)
    flags = dict(zip(pairs_of(found), found.found.tolist(), strict=True))
    # by words 1, by meaning 4; the blue cup is nearest to the third row, and the second row finds it all the same
    assert flags == {(0, 0): 5, (1, 1): 5, (1, 2): 1, (2, 3): 4}
    assert found.places(np.array([2, 2]), np.array([3, 0])).tolist() == [len(found) - 1, -1]


def test_within_one_table_no_row_meets_itself_and_each_pair_stands_once():
    [table], _ = term_vectors([["red pen", "red pen", "blue pen"]], words_in)
    found = find_candidates([("words", table, table)], (3, 3), 2, alone=True)
    assert pairs_of(found) == [(0, 1), (0, 2), (1, 2)]


def test_given_pairs_are_candidates_that_nothing_found(vectors):
    found = find_candidates([("words", *vectors)], (3, 4), 1, alone=False, given=(np.array([2]), np.array([3])))
    assert pairs_of(found)[-1] == (2, 3) and found.found[-1] == 0


def test_what_is_missed_is_told_by_what_only_one_way_found():
    ways = np.uint8([1] * 10 + [2] * 20 + [3] * 99)  # by words alone, by letters alone, by both
    pairs = Candidates(np.arange(129), np.arange(129), (129, 129), ways, False)
    missed = 10 * 20 / 100
    assert missed_share(pairs, np.ones(129)) == pytest.approx(missed / (129 + missed))
