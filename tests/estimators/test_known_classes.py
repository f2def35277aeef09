"""Distances from all known classes, and the threshold from which on a text belongs to none."""

import numpy as np
import pytest

from siamese_text.errors import BadExamples
from siamese_text.estimators.class_scores import shrunk_scatter
from siamese_text.estimators.known_classes import KnownClasses, threshold_for
from siamese_text.unit_rows import unit_rows

CLASSES = np.array([0, 0, 0, 1, 1, 2])


@pytest.fixture
def references():
    return unit_rows(np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32))


def test_a_distance_is_that_from_the_mean_of_a_class_in_the_metric(references):
    known = KnownClasses.of(references, CLASSES)
    metric = np.linalg.inv(shrunk_scatter(references, CLASSES))
    for number, x in enumerate(references):
        for each in range(3):
            off = x - references[each == CLASSES].mean(axis=0)
            assert known.distances(references)[number, each] == pytest.approx(off @ metric @ off, abs=1e-5)


def test_what_is_left_out_is_not_in_the_mean_that_it_is_compared_with(references):
    known = KnownClasses.of(references, CLASSES)
    own, other = known.left_out(references, CLASSES)
    metric = np.linalg.inv(shrunk_scatter(references, CLASSES))

    def distance(number, rows):
        off = references[number] - references[rows].mean(axis=0)
        return off @ metric @ off

    for number, each in enumerate(CLASSES):
        others = min(distance(number, rest == CLASSES) for rest in range(3) if rest != each)
        assert other[number] == pytest.approx(others, abs=1e-5)
        mates = (each == CLASSES) & (np.arange(6) != number)
        expected = min(distance(number, mates), others) if mates.any() else others
        assert own[number] == pytest.approx(expected, abs=1e-5)


def test_of_new_outsiders_no_more_than_the_wanted_share_is_accepted():
    random = np.random.default_rng(0)
    accepted = []
    for _ in range(400):
        outsiders, new = random.exponential(size=30), random.exponential(size=200)
        accepted.append((new < threshold_for(0.1, outsiders)).mean())
    assert np.mean(accepted) == pytest.approx(3 / 31, abs=0.01)  # 0.1 · 31 is rounded down


def test_too_few_outsiders_promise_nothing():
    assert threshold_for(0.05, np.arange(19.0)) == 0
    with pytest.raises(BadExamples, match=r"18 texts .* cannot promise 0\.05 false accepts, which takes 19"):
        threshold_for(0.05, np.arange(18.0))
