"""Calibration against its definitions in plain Python, and against chance."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from siamese_text.errors import UsageError
from siamese_text.scoring.calibration import (
    GROUP,
    Isotonic,
    check_prior,
    choose_calibration,
    fit_isotonic,
    fit_logistic,
    folds,
    log_odds_of,
    prior_shift,
    probability_of,
)
from siamese_text.scoring.fit_decision import cross_fit
from siamese_text.scoring.metrics import expected_calibration_error, perfect_calibration_error
from siamese_text.scoring.scores import Scores

CLOSE_TO_PERFECT = 0.015
labelled = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([-3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0, 6.0])),
    min_size=1,
    max_size=150,
)


def drawn(truth, count, seed):
    """Pairs whose similarity is uniform in [0, 1] and whose label is 1 with the probability ``truth(similarity)``."""
    chance = np.random.default_rng(seed)
    similarity = chance.random(count)
    return (chance.random(count) < truth(similarity)).astype(np.int64), similarity


def sigmoid(similarity):
    return 1 / (1 + np.exp(-(6 * similarity - 3)))


@pytest.mark.parametrize("noise", [0.0, 0.5, 4.0])  # 0 is of labels that a plane separates
@pytest.mark.parametrize("counted", [False, True])
def test_the_regression_is_that_of_scikit_learn(noise, counted):
    chance = np.random.default_rng(3)
    columns = chance.normal(size=(200, 3))
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    labels = (columns @ [2.0, 1.0, -1.0] + noise * chance.normal(size=200) > 0.3).astype(np.int64)
    counts = chance.integers(1, 5, 200).astype(float) if counted else None
    weights, constant = fit_logistic(labels, columns, counts, free=1)
    peer = LogisticRegression(C=1e4, tol=1e-11, max_iter=1000, solver="newton-cholesky").fit(columns, labels, counts)
    np.testing.assert_allclose([*weights, constant], [*peer.coef_[0], peer.intercept_[0]], rtol=1e-6)


def step(similarity):
    return np.where(similarity < 0.55, 0.05, np.where(similarity < 0.9, 0.5, 0.7))


def isotonic_by_hand(labels, log_odds):
    """Pool adjacent violators over groups of about twenty, written as it is told."""
    ranked = sorted(log_odds)
    count = max(len(labels) // GROUP, 1)
    groups = {}
    for label, value in zip(labels, log_odds, strict=True):
        groups.setdefault(ranked.index(value) * count // len(labels), []).append((label, value))
    blocks = []
    for _, rows in sorted(groups.items()):
        size, center = len(rows), sum(value for _, value in rows) / len(rows)
        expected = sum(1 / (1 + math.exp(-value)) for _, value in rows) / size
        blocks.append(((sum(label for label, _ in rows) + expected) / (size + 1), size, center))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0] - 1e-12:
            pair = blocks[-2:]
            total = sum(size for _, size, _ in pair)
            blocks[-2:] = [
                (sum(v * size for v, size, _ in pair) / total, total, sum(size * c for _, size, c in pair) / total)
            ]
    return [center for _, _, center in blocks], [math.log(value / (1 - value)) for value, _, _ in blocks]


@settings(max_examples=100, deadline=None)
@given(rows=labelled)
def test_the_knots_are_the_pooled_frequencies_at_the_centers_of_their_blocks(rows):
    labels, log_odds = (np.array(column) for column in zip(*rows, strict=True))
    fitted = fit_isotonic(labels, log_odds)
    inputs, outputs = isotonic_by_hand(labels.tolist(), log_odds.tolist())
    assert fitted.inputs == pytest.approx(inputs, abs=1e-9)
    assert fitted.outputs == pytest.approx(outputs, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(rows=labelled, asked=st.lists(st.floats(-50, 50), min_size=2, max_size=20, unique=True))
def test_the_isotonic_map_rises_everywhere_and_is_undone_by_its_inverse(rows, asked):
    labels, log_odds = (np.array(column) for column in zip(*rows, strict=True))
    fitted = fit_isotonic(labels, log_odds)
    asked = np.array(
        [value for index, value in enumerate(sorted(asked)) if not index or value - sorted(asked)[index - 1] > 1e-6]
    )
    mapped = fitted.apply(asked)
    assert (np.diff(mapped) > 0).all()
    assert ((probability_of(mapped) > 0) & (probability_of(mapped) < 1)).all()
    for value, output in zip(asked.tolist(), mapped.tolist(), strict=True):
        assert float(fitted.apply(np.array([fitted.inverse(output)]))[0]) == pytest.approx(output, abs=1e-6)
        assert fitted.inverse(output) == pytest.approx(value, abs=1e-5)


def test_between_knots_the_map_is_linear():
    fitted = Isotonic((0.0, 1.0, 3.0), (-2.0, 0.0, 1.0))
    assert fitted.apply(np.array([0.0, 0.25, 1.0, 2.0, 3.0])).tolist() == [-2.0, -1.5, 0.0, 0.5, 1.0]
    assert [fitted.inverse(value) for value in (-2.0, -1.5, 0.0, 0.5, 1.0)] == [0.0, 0.25, 1.0, 2.0, 3.0]


def test_an_isotonic_map_is_chosen_where_no_sigmoid_fits_and_only_there():
    chosen = [[choose_calibration(*_columns(truth, seed)) for seed in range(12)] for truth in (step, sigmoid)]
    assert chosen[0].count("isotonic") == 12
    assert chosen[1].count("platt") >= 10


def _columns(truth, seed):
    labels, similarity = drawn(truth, 1500, seed)
    return labels, similarity[:, None]


def test_few_pairs_or_a_rare_class_are_left_to_platt():
    labels, similarity = drawn(step, 150, 0)
    assert choose_calibration(labels, similarity[:, None]) == "platt"
    labels, similarity = np.zeros(1500, dtype=np.int64), np.linspace(0, 1, 1500)
    labels[-3:] = 1
    assert choose_calibration(labels, similarity[:, None]) == "platt"


def gap(truth, count, calibration=None):
    """Mean over eight sets of how far the cross-fitted calibration error is above that of a perfect model."""
    gaps = []
    for seed in range(8):
        labels, similarity = drawn(truth, count, seed)
        scores = Scores(similarity.astype(np.float32))
        probability = cross_fit(labels, scores, "similarity", calibration=calibration).probability
        gaps.append(expected_calibration_error(labels, probability) - perfect_calibration_error(probability, draws=100))
    return np.mean(gaps)


# What cannot be asked of any calibration: a sudden step found by a few hundred pairs.
@pytest.mark.parametrize(("truth", "count"), [(sigmoid, 300), (sigmoid, 1500), (step, 4000)])
def test_cross_fitted_probabilities_are_nearly_as_calibrated_as_perfect_ones(truth, count):
    assert gap(truth, count) < CLOSE_TO_PERFECT


def test_where_no_sigmoid_fits_platt_alone_misses_that_goal_by_far():
    assert gap(step, 1500, "platt") > 2 * CLOSE_TO_PERFECT
    assert gap(step, 1500) < gap(step, 1500, "platt") / 2


def test_scores_that_speak_against_the_labels_get_no_weight():
    labels, similarity = drawn(sigmoid, 800, 0)
    weights, _ = fit_logistic(labels, np.stack([similarity, -similarity + np.sin(99 * similarity)], axis=1))
    assert weights[0] > 0
    assert weights[1] >= 0
    weights, bias = fit_logistic(labels, -similarity[:, None])
    assert weights[0] > 0
    np.testing.assert_allclose(probability_of(-similarity * weights[0] + bias), labels.mean(), atol=0.01)


def test_separable_scores_give_finite_weights():
    labels = np.repeat([0, 1], 50)
    weights, bias = fit_logistic(labels, np.stack([labels + 0.0, labels * 3.0], axis=1))
    assert np.isfinite([*weights, bias]).all()
    probability = probability_of(np.stack([labels, labels * 3], axis=1) @ weights + bias)
    np.testing.assert_allclose(probability, labels, atol=0.01)


@given(probability=st.floats(1e-9, 1 - 1e-9))
def test_log_odds_and_probabilities_undo_each_other(probability):
    assert probability_of(np.array([log_odds_of(probability)]))[0] == pytest.approx(probability, rel=1e-6)


@pytest.mark.parametrize("log_odds", [-1e9, -700.0, 0.0, 700.0, 1e9])
def test_no_probability_is_certain(log_odds):
    assert 0 < probability_of(np.array([log_odds]))[0] < 1


@pytest.mark.parametrize(("share", "prior"), [(0.5, 0.1), (0.3, 0.6), (0.2, 0.2)])
def test_the_prior_shift_is_bayes_rule(share, prior):
    odds = 3.0  # of a pair, where the share of positives is ``share``
    likelihood_ratio = odds / (share / (1 - share))
    expected = likelihood_ratio * prior / (1 - prior)
    assert math.exp(math.log(odds) + prior_shift(share, prior)) == pytest.approx(expected)


def test_without_a_prior_nothing_is_shifted():
    assert prior_shift(0.3, None) == 0
    check_prior(None)


def test_shifted_probabilities_come_true_where_positives_are_rarer():
    labels, similarity = drawn(sigmoid, 40000, 1)
    share = float(labels.mean())
    kept = np.flatnonzero((labels == 0) | (np.random.default_rng(2).random(len(labels)) < 0.2))
    rare = float(labels[kept].mean())
    log_odds = 6 * similarity[kept] - 3
    shifted = probability_of(log_odds + prior_shift(share, rare))
    assert expected_calibration_error(labels[kept], shifted) < 0.01
    assert expected_calibration_error(labels[kept], probability_of(log_odds)) > 0.1


@pytest.mark.parametrize("prior", [0.0, 1.0, 1.5, math.nan])
def test_a_prior_outside_its_range_is_refused(prior):
    with pytest.raises(UsageError, match=f"prior is {prior}; it must be between 0 and 1"):
        check_prior(prior)


def test_folds_hold_each_row_once_and_both_classes():
    labels = np.tile([0, 0, 0, 1], 15)
    parts = list(folds(labels))
    assert sorted(np.concatenate([fold for _, fold in parts]).tolist()) == list(range(60))
    for rest, fold in parts:
        assert not set(rest) & set(fold)
        assert labels[fold].mean() == 0.25
