"""Labels: each pair once, rows that exist, and nobody contradicts himself."""

import numpy as np
import pytest

from siamese_text.errors import BadData
from siamese_text.matching.candidates import Candidates
from siamese_text.matching.labels import Label, among, read_labels, rows_of
from siamese_text.matching.records import Records

LEFT, RIGHT = Records("l.csv", ["a", "b"], {}), Records("r.csv", ["x", "y"], {})


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([("a", "z")], "label 1 names the row 'z', which r.csv does not have"),
        ([("a", "x"), ("q", "x", 0)], "label 2 names the row 'q', which l.csv does not have"),
        ([("a", "x", 1), ("a", "x", 0)], "label 2 of 'a' and 'x' contradicts"),
    ],
)
def test_what_cannot_be_true_is_named(labels, words):
    with pytest.raises(BadData, match=words):
        read_labels(labels, LEFT, RIGHT)


def test_within_one_table_the_order_of_a_pair_says_nothing():
    assert read_labels([("b", "a", 0), ("a", "b", 0)], LEFT, LEFT) == [Label("b", "a", False)]
    ones, others = rows_of([Label("b", "a")], LEFT, LEFT)
    assert (ones.tolist(), others.tolist()) == ([0], [1])
    with pytest.raises(BadData, match="twice"):
        read_labels([("a", "a")], LEFT, LEFT)


def test_labels_know_their_places_and_which_were_found_without_them():
    pairs = Candidates(np.array([0, 1]), np.array([1, 1]), (2, 2), np.uint8([1, 0]), False)
    labels = [Label("b", "y", True, 3, 40), Label("a", "y", True)]
    known = among(labels, pairs, rows_of(labels, LEFT, RIGHT))
    assert known.places.tolist() == [1, 0] and known.found == 1
    assert (known.strata.tolist(), known.sizes.tolist()) == ([3, -1], [40, 0])
