"""The regression: how its parts add up, and that a few labels unlearn nothing."""

import numpy as np
import pytest

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.comparisons import Likeness
from siamese_text.matching.labelled import FARTHEST, fit_regression, folds_of, implied_by
from siamese_text.matching.mixture import Known

TRUTH = np.arange(600) < 100


def known(offset=0.0):
    """600 pairs without rivals, 100 of them matches, of which a mixture is right but for an offset."""
    generator = np.random.default_rng(0)
    values = (generator.normal(0, 1, 600) + 3 * TRUTH).astype(np.float32)
    gaps = np.where(generator.random(600) < 0.2, np.nan, TRUTH + generator.normal(0, 0.5, 600)).astype(np.float32)
    likenesses = [Likeness("a", "words", values, 1.0), Likeness("b", "words", gaps, 1.0)]
    rows = np.arange(600)
    pairs = Candidates(rows, rows, (600, 600), np.ones(600, np.uint8), False)
    log_odds = 3 * values.astype(np.float64) - 4 + offset
    return Known(pairs, likenesses, (False, False), log_odds, log_odds)


def fitted(known, places):
    return fit_regression(known, places, TRUTH[places], 0)


def test_the_parts_add_up_to_the_log_odds():
    found = known()
    made = fitted(found, np.arange(0, 600, 6))
    parts = [made.worth(place, each.values) for place, each in enumerate(found.likenesses)]
    bounded = np.clip(found.alone, -FARTHEST, FARTHEST)
    total = made.intercept + sum(made.trust) * bounded + sum(parts)
    assert made.log_odds(found) == pytest.approx(total, abs=1e-6)
    assert np.isfinite(parts[1]).all()


def test_labels_of_no_match_unlearn_nothing():
    said = fitted(known(), np.arange(300, 500)).log_odds(known()) > 0
    assert (said == TRUTH).mean() > 0.93


def test_matches_alone_teach_nothing_where_they_have_no_rivals():
    assert fitted(known(), np.arange(20)) is None


def test_labels_correct_what_the_mixture_has_wrong():
    wrong = known(offset=6)  # calls nearly everything a match
    made = fitted(wrong, np.arange(0, 600, 3))
    assert ((wrong.alone > 0) == TRUTH).mean() < 0.6 < 0.93 < ((made.log_odds(wrong) > 0) == TRUTH).mean()


def test_a_known_match_says_that_its_rivals_are_none():
    pairs = Candidates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 2]), (2, 3), np.ones(4, np.uint8), False)
    known = np.array([0]), np.array([True])
    others, counts = implied_by(pairs, (True, False), *known)
    assert others.tolist() == [1, 2] and counts.tolist() == [0.5, 0.5]  # as much as one label
    others, counts = implied_by(pairs, (True, True), np.array([0, 2]), np.array([True, True]))
    assert others.tolist() == [1, 3] and counts.tolist() == [0.25, 0.5]
    assert not len(implied_by(pairs, (False, False), *known)[0])
    assert not len(implied_by(pairs, (True, True), np.array([0]), np.array([False]))[0])


def test_folds_are_of_one_size_and_seeded():
    folds = folds_of(23, 1)
    assert sorted(np.bincount(folds).tolist()) == [4, 4, 5, 5, 5] and (folds == folds_of(23, 1)).all()
    assert folds_of(1, 0).tolist() == [0]
