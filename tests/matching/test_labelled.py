"""The regression: how its parts add up, and that a few labels unlearn nothing."""

import numpy as np
import pytest

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.comparisons import Likeness
from siamese_text.matching.labelled import fit_regression, folds_of, implied_by


@pytest.fixture
def known():
    """600 pairs, 100 of them matches, of which a mixture is right but for its offset."""
    generator = np.random.default_rng(0)
    truth = np.arange(600) < 100
    values = (generator.normal(0, 1, 600) + 3 * truth).astype(np.float32)
    gaps = np.where(generator.random(600) < 0.2, np.nan, truth + generator.normal(0, 0.5, 600)).astype(np.float32)
    return truth, [Likeness("a", "words", values, 1.0), Likeness("b", "words", gaps, 1.0)], 3 * values.astype(float) - 4


def fitted(known, places):
    truth, likenesses, log_odds = known
    probability = 1 / (1 + np.exp(-log_odds))
    return fit_regression(likenesses, log_odds, probability, places, truth[places], 0)


def test_the_parts_add_up_to_the_log_odds(known):
    _, likenesses, log_odds = known
    made = fitted(known, np.arange(0, 600, 6))
    parts = [made.worth(place, each.values) for place, each in enumerate(likenesses)]
    total = made.intercept + made.scaled(log_odds) + sum(parts)
    assert made.log_odds(likenesses, log_odds) == pytest.approx(total, abs=1e-6)
    assert np.isfinite(parts[1]).all()


def test_labels_of_no_match_unlearn_nothing(known):
    truth, likenesses, log_odds = known
    said = fitted(known, np.arange(300, 500)).log_odds(likenesses, log_odds) > 0
    assert (said == truth).mean() > 0.93


def test_matches_alone_teach_nothing_where_they_have_no_rivals(known):
    assert fitted(known, np.arange(20)) is None


def test_a_known_match_says_that_its_rivals_are_none():
    pairs = Candidates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 2]), (2, 3), np.ones(4, np.uint8), False)
    known = np.array([0]), np.array([True])
    others, counts = implied_by(pairs, (True, False), *known)
    assert others.tolist() == [1, 2] and counts.tolist() == [0.5, 0.5]  # as much as one label
    others, counts = implied_by(pairs, (True, True), np.array([0, 2]), np.array([True, True]))
    assert others.tolist() == [1, 3] and counts.tolist() == [0.25, 0.5]
    assert not len(implied_by(pairs, (False, False), *known)[0])
    assert not len(implied_by(pairs, (True, True), np.array([0]), np.array([False]))[0])


def test_labels_correct_what_the_mixture_has_wrong(known):
    truth, likenesses, log_odds = known
    wrong = (truth, likenesses, log_odds + 6)  # calls nearly everything a match
    made = fitted(wrong, np.arange(0, 600, 3))
    assert (
        ((log_odds + 6 > 0) == truth).mean()
        < 0.6
        < 0.93
        < ((made.log_odds(likenesses, log_odds + 6) > 0) == truth).mean()
    )


def test_folds_are_of_one_size_and_seeded():
    folds = folds_of(23, 1)
    assert sorted(np.bincount(folds).tolist()) == [4, 4, 5, 5, 5] and (folds == folds_of(23, 1)).all()
    assert folds_of(1, 0).tolist() == [0]
