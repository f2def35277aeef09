"""Reviews: what they ask for, and that what they measure is true."""

import numpy as np
import pytest

from siamese_text.matching.labels import Label
from siamese_text.matching.review import _interval, estimate, pairs_to_label
from tests.matching.test_matched import matched


def asked_of(found, review):
    rows = zip(found.pairs.left[review.places].tolist(), found.pairs.right[review.places].tolist(), strict=True)
    return [
        Label(found.left.ids[one], found.right.ids[other], one == other and one < 30, stratum, size)
        for (one, other), stratum, size in zip(rows, review.strata.tolist(), review.sizes.tolist(), strict=True)
    ]


def test_half_of_a_review_is_drawn_from_strata_and_half_is_unsure(two_tables):
    found = matched(*two_tables)
    review = pairs_to_label(found, 40, seed=1)
    assert len(set(review.places.tolist())) == len(review.places)
    drawn = review.strata >= 0
    assert 20 <= drawn.sum() <= 22 and (~drawn).sum() == 20
    # the strata are of all pairs: matches and others never in one
    sizes = dict(zip(review.strata[drawn].tolist(), review.sizes[drawn].tolist(), strict=True))
    assert sum(sizes.values()) == len(found.pairs)
    for stratum in sizes:
        assert len(set(found.predicted[review.places[review.strata == stratum]].tolist())) == 1
    unsure = np.abs(found.log_odds[review.places])
    assert np.median(unsure[~drawn]) < np.median(np.abs(found.log_odds))
    assert (np.diff(found.log_odds[review.places]) <= 0).all()  # the likeliest first


def test_what_is_labelled_is_not_asked_again(two_tables):
    found = matched(*two_tables)
    labels = asked_of(found, pairs_to_label(found, 30))
    again = matched(*two_tables, labels)
    asked = {label[:2] for label in asked_of(again, pairs_to_label(again, 30))}
    assert asked and not asked & {label[:2] for label in labels}


def test_the_truth_lies_in_the_interval(two_tables):
    found = matched(*two_tables)
    told = matched(*two_tables, asked_of(found, pairs_to_label(found, 60)))
    said = estimate(told)
    true = (told.pairs.left == told.pairs.right) & (told.pairs.left < 30)
    precision = (told.predicted & true).sum() / told.predicted.sum()
    recall = (told.predicted & true).sum() / true.sum()
    for (value, low, high), truth in ((said.precision, precision), (said.recall, recall)):
        assert low <= value <= high
        assert low <= truth <= high


def test_a_handful_of_right_answers_proves_nothing_for_all(two_tables):
    labels = [Label(str(row), str(row), True, 15, 30) for row in range(6)] + [Label("0", "1", False, 0, 100)]
    value, low, high = estimate(matched(*two_tables, labels)).precision
    assert (value, high) == (1, 1) and 0.5 < low < 0.9
    everything = [Label(str(row), str(row), True, 15, 30) for row in range(30)]
    assert estimate(matched(*two_tables, everything)).precision[1] == 1  # nothing is left that nobody looked at


def test_a_handful_of_wrong_pairs_does_not_prove_that_no_match_is_missed(two_tables):
    found = [Label(str(row), str(row), True, 15, 30) for row in range(6)]
    wrong = [Label(str(row), str(row + 1), False, 0, 100) for row in range(3)]
    value, low, high = estimate(matched(*two_tables, found + wrong)).recall
    assert high == 1 and low < value - 0.1


def test_labels_that_were_not_drawn_measure_nothing(two_tables):
    assert estimate(matched(*two_tables)) is None
    assert estimate(matched(*two_tables, [Label("0", "0"), Label("1", "2", False)])) is None


def test_all_of_nothing_is_whole():
    assert _interval(np.zeros(9), np.zeros(9), whole=False) == (1, 1, 1)
    shares = np.array([2.0, 1, 2, 3]), np.full(4, 4.0)
    assert _interval(*shares, whole=False) == pytest.approx((0.5, 0.2625, 0.7375))
    assert _interval(*shares, whole=True)[2] == 1
