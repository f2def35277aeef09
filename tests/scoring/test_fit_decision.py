"""Fitting a decision: the score that decides, the calibration, the goal of the threshold, and cross-fitting."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from siamese_text.errors import BadData, UsageError
from siamese_text.scoring import fit_decision as module
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.details import DETAILS
from siamese_text.scoring.fit_decision import choose_decision, cross_fit, fit_decision, score_aps
from siamese_text.scoring.metrics import average_precision
from siamese_text.scoring.scores import Scores
from tests.scoring.noisy_scores import by_hand, noisy

HERE = FittedOn("validation", 100, 0.5, "00ff")


@pytest.fixture
def labels():
    return np.tile([0, 1, 0], 60)


@pytest.fixture
def scores(labels):
    return Scores(noisy(labels, 1.0), noisy(labels, 0.8, seed=1, scale=6))


@pytest.fixture
def bent():
    """Labels and scores of 600 pairs that no sigmoid fits: a step, above which two in three are the same."""
    chance = np.random.default_rng(7)
    similarity = np.sort(chance.random(600)).astype(np.float32)
    labels = (chance.random(600) < np.where(similarity > 0.6, 0.65, 0.03)).astype(np.int64)
    return labels, Scores(similarity)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_fit_is_a_logistic_regression_on_the_raw_scores(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score)
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(scores.columns(score), labels)
    np.testing.assert_allclose(decision.weights, peer.coef_[0], rtol=1e-2)
    np.testing.assert_allclose(
        decision.probability(scores), peer.predict_proba(scores.columns(score))[:, 1], rtol=0, atol=1e-3
    )


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 1), min_size=4, max_size=40).filter(lambda values: len(set(values)) == 2),
    noise=st.sampled_from([0.0, 0.3, 1.0, 5.0, -3.0]),
    scale=st.sampled_from([1e-3, 0.1, 1.0, 300.0, 1e5]),
    seed=st.integers(0, 99),
)
def test_more_alike_is_never_less_probable_and_the_threshold_is_even_odds(labels, noise, scale, seed):
    labels = np.array(labels)
    scores = Scores(noisy(labels, noise, seed, scale))
    decision = fit_decision(labels, scores, HERE, "similarity")
    rising = Scores(np.sort(scores.similarity))
    assert (np.diff(decision.probability(rising)) >= 0).all()
    assert by_hand(decision, decision.threshold) == pytest.approx(0.5, abs=1e-6)
    predicted = decision.predict(scores)
    clear = np.abs(predicted.probability - 0.5) > 1e-6  # nearer, rounding decides
    np.testing.assert_array_equal(predicted.same[clear], (predicted.probability >= 0.5)[clear])


@pytest.mark.parametrize("scale", [1e-4, 1, 1e4])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_unit_of_the_scores_changes_no_prediction(labels, scores, score, scale):
    scaled = Scores(scores.similarity * np.float32(scale), scores.head * np.float32(scale))
    predicted = fit_decision(labels, scores, HERE, score).predict(scores)
    predicted_scaled = fit_decision(labels, scaled, HERE, score).predict(scaled)
    np.testing.assert_allclose(predicted_scaled.probability, predicted.probability, rtol=0, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e5])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_reversed_scores_give_the_share_of_positives(labels, score, scale):
    against = Scores(noisy(1 - labels, 0.5, scale=scale), noisy(1 - labels, 0.5, seed=1, scale=scale))
    decision = fit_decision(labels, against, HERE, score)
    assert min(decision.weights) > 0
    np.testing.assert_allclose(decision.probability(against), labels.mean(), rtol=0, atol=0.01)
    assert not decision.predict(against).same.any()  # a third is positive


def test_equal_scores_give_the_share_of_positives(labels):
    equal = Scores(np.full(len(labels), 0.3, dtype=np.float32))
    decision = fit_decision(labels, equal, HERE, "similarity")
    elsewhere = Scores(np.linspace(-1, 1, 5, dtype=np.float32))
    np.testing.assert_allclose(decision.probability(elsewhere), labels.mean(), rtol=0, atol=0.01)


@pytest.mark.parametrize("value", [0, 1])
def test_a_single_class_is_refused(value):
    labels = np.full(5, value)
    scores = Scores(np.linspace(0, 1, 5, dtype=np.float32))
    for refuse in (
        lambda: fit_decision(labels, scores, HERE, "similarity"),
        lambda: choose_decision(labels, scores, HERE),
        lambda: cross_fit(labels, scores, "similarity"),
    ):
        with pytest.raises(BadData, match=f"all 5 labels are {value}"):
            refuse()


def test_a_class_with_a_single_pair_cannot_be_cross_fitted():
    with pytest.raises(BadData, match="single pair"):
        cross_fit(np.array([0, 0, 1]), Scores(np.float32([0, 0, 1])), "similarity")


def test_without_a_head_the_similarity_decides(labels, scores):
    without = Scores(scores.similarity)
    assert without.names == ("similarity",)
    assert choose_decision(labels, without, HERE).score == "similarity"
    assert score_aps(labels, without).keys() == {"similarity"}


def test_the_score_that_informs_decides(labels):
    noise, signal = noisy(labels * 0, 1.0), noisy(labels, 0.3, seed=1)
    assert choose_decision(labels, Scores(noise, signal), HERE).score == "head"
    assert choose_decision(labels, Scores(signal, noise), HERE).score == "similarity"


def test_two_scores_that_inform_in_different_ways_are_blended(labels):
    both = Scores(noisy(labels, 1.0), noisy(labels, 1.0, seed=1))
    decision = choose_decision(labels, both, HERE)
    assert decision.score == "blend"
    assert min(decision.weights) > 0
    aps = score_aps(labels, both)
    assert aps["blend"] > max(aps["similarity"], aps["head"])


@pytest.mark.parametrize(("goal", "prior"), [("accuracy", None), ("precision=0.8", None), ("f1", 0.1)])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_each_pair_is_predicted_by_a_decision_fitted_without_it(labels, scores, score, goal, prior, monkeypatch):
    fitted_on_rows = []

    def remember(fold_labels, fold_scores, *rest, **options):
        fitted_on_rows.append(set(fold_scores.similarity.tolist()))
        return fit_decision(fold_labels, fold_scores, *rest, **options)

    monkeypatch.setattr(module, "fit_decision", remember)
    said = cross_fit(labels, scores, score, goal, prior=prior)
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels)
    for (rest, fold), rows in zip(folds, fitted_on_rows, strict=True):
        assert rows == set(scores.similarity[rest].tolist())
        assert not rows & set(scores.similarity[fold].tolist())
        here = replace(HERE, positives=float(np.mean(labels[rest])))
        decision = fit_decision(labels[rest], scores.take(rest), here, score, goal, prior=prior)
        expected = decision.predict(scores.take(fold))
        np.testing.assert_array_equal(said.probability[fold], expected.probability)
        np.testing.assert_array_equal(said.same[fold], expected.same)


def test_isotonic_calibration_keeps_the_ranking_and_finds_even_odds(bent):
    labels, scores = bent
    decision = fit_decision(labels, scores, replace(HERE, positives=labels.mean()), "similarity")
    assert decision.calibration == "isotonic"
    probability = decision.probability(scores)
    assert (np.diff(probability) > 0).all()  # a step for a step: no two different scores are tied
    assert 0 < probability[0] < 0.06 and 0.6 < probability[-1] < 0.8
    assert average_precision(labels, probability) == average_precision(labels, scores.similarity)
    assert decision.probability(Scores(np.float32([decision.threshold]))) == pytest.approx(0.5, abs=1e-5)
    np.testing.assert_array_equal(decision.predict(scores).same, probability >= 0.5)
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


def test_the_calibration_can_be_told(bent):
    labels, scores = bent
    for calibration in ("platt", "isotonic"):
        decision = fit_decision(labels, scores, HERE, "similarity", calibration=calibration)
        assert decision.calibration == calibration


def test_a_blend_reads_all_scores_that_the_model_has(labels, scores):
    three = replace(scores, alignment=noisy(labels, 0.7, seed=2, scale=3))
    assert three.names == ("similarity", "head", "alignment", "blend")
    assert Scores(scores.similarity, alignment=three.alignment).names == ("similarity", "alignment", "blend")
    assert three.columns("blend").shape == (len(labels), 3)
    np.testing.assert_array_equal(three.take(labels == 1).alignment, three.alignment[labels == 1])
    assert score_aps(labels, three).keys() == set(three.names)
    decision = fit_decision(labels, three, HERE, "blend")
    expected = [by_hand(decision, *row) for row in three.columns("blend").tolist()]
    np.testing.assert_allclose(decision.probability(three), expected, rtol=1e-9)
    clear = Scores(scores.similarity, scores.head, noisy(labels, 0.05, seed=3))
    assert choose_decision(labels, clear, HERE, resamples=0).score == "alignment"


def test_a_score_that_speaks_against_the_others_is_left_out_of_the_blend(labels, scores):
    misleading = replace(scores, alignment=noisy(1 - labels, 1.0, seed=5))
    decision = fit_decision(labels, misleading, HERE, "blend")
    without = fit_decision(labels, scores, HERE, "blend")
    assert decision.weights == pytest.approx((*without.weights, 0.0))
    assert decision.bias == pytest.approx(without.bias)


def figures_at(labels, compared, threshold):
    """Precision, recall and F1 in plain Python."""
    found = [label for label, value in zip(labels.tolist(), compared.tolist(), strict=True) if value >= threshold]
    precision, recall = sum(found) / max(len(found), 1), sum(found) / labels.sum()
    return precision, recall, 2 * sum(found) / (len(found) + labels.sum())


def every_threshold(compared):
    return [*np.unique(compared), np.inf]


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_goal_f1_takes_the_highest_f1(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score, "f1")
    compared = decision.compared(scores)
    best = max(figures_at(labels, compared, threshold)[2] for threshold in every_threshold(compared))
    assert figures_at(labels, compared, decision.threshold)[2] == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_goal_precision_finds_the_most_pairs_that_keep_it(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score, "precision=0.8")
    compared = decision.compared(scores)
    precision, recall, _ = figures_at(labels, compared, decision.threshold)
    tried = [figures_at(labels, compared, threshold) for threshold in every_threshold(compared)]
    assert precision >= 0.8
    assert recall == max(other for reached, other, _ in tried if reached >= 0.8)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_goal_recall_finds_as_few_pairs_as_reach_it(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score, "recall=0.9")
    compared = decision.compared(scores)
    recall = figures_at(labels, compared, decision.threshold)[1]
    tried = [figures_at(labels, compared, threshold)[1] for threshold in every_threshold(compared)]
    assert recall == min(other for other in tried if other >= 0.9)


@pytest.mark.parametrize(("goal", "cut"), [("cost=4:1", 0.8), ("cost=4", 0.8), ("cost=1:4", 0.2), ("cost=2:2", 0.5)])
@pytest.mark.parametrize("score", ["similarity", "head"])
def test_the_goal_cost_is_a_cut_of_the_probability(labels, scores, score, goal, cut):
    decision = fit_decision(labels, scores, HERE, score, goal)
    np.testing.assert_array_equal(decision.predict(scores).same, decision.probability(scores) >= cut)


def test_a_precision_that_no_threshold_gives_is_refused(labels):
    noise = Scores(noisy(labels * 0, 1.0))
    compared = noise.similarity.astype(float)
    with_ten = [threshold for threshold in np.unique(compared) if np.sum(compared >= threshold) >= 10]
    best = max(figures_at(labels, compared, threshold)[0] for threshold in with_ten)
    with pytest.raises(BadData, match=f"precision 0.99 .* the best is {math.floor(best * 1000) / 1000:.3f}"):
        choose_decision(labels, noise, HERE, "precision=0.99")
    reachable = f"precision={math.floor(best * 1000) / 1000}"
    assert choose_decision(labels, noise, HERE, reachable, resamples=0).decide_at == reachable
    cross_fit(labels, noise, "similarity", "precision=0.99")  # a fold that cannot reach it takes the nearest


def test_the_goal_and_its_interval_are_kept(labels, scores):
    decision = choose_decision(labels, Scores(scores.similarity), HERE, "recall=0.8", resamples=100)
    low, high = decision.interval
    assert low < decision.threshold < high
    assert decision.decide_at == "recall=0.8"
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
@pytest.mark.parametrize("goal", ["accuracy", "cost=3:1"])
def test_the_interval_says_where_other_samples_would_cut(labels, scores, score, goal, monkeypatch):
    monkeypatch.setattr(module, "_best_score", lambda *_: score)
    here = replace(HERE, positives=float(labels.mean()))
    decision = choose_decision(labels, scores, here, goal, prior=0.2, resamples=100)
    low, high = decision.interval
    assert low < decision.threshold < high
    few = np.arange(60)
    wider = choose_decision(labels[few], scores.take(few), here, goal, prior=0.2, resamples=100).interval
    assert wider[1] - wider[0] > high - low


@pytest.mark.parametrize(("goal", "answer"), [("cost=1000:1", "different"), ("cost=1:1000", "the same")])
def test_a_goal_that_gives_all_pairs_one_answer_is_said(labels, scores, goal, answer):
    alone = Scores(np.round(scores.similarity, 1))
    with pytest.warns(UserWarning, match=rf"at cost=.* all 100 pairs of validation are called {answer}; another goal"):
        choose_decision(labels, alone, HERE, goal, resamples=0)


def test_a_threshold_by_hand_with_pairs_has_a_fitted_probability(labels, scores):
    decision = choose_decision(labels, scores, HERE, "threshold=0.4")
    assert (decision.score, decision.threshold, decision.interval) == ("similarity", 0.4, None)
    expected = fit_decision(labels, scores, HERE, "similarity").probability(scores)
    np.testing.assert_array_equal(decision.probability(scores), expected)
    assert decision.source == "given by hand; probability fitted on validation (100 pairs, 50% same)"
    assert decision.fitted_on.digest == HERE.digest


def test_a_prior_that_is_that_of_the_pairs_changes_nothing(labels, scores):
    here = replace(HERE, positives=float(labels.mean()))
    for goal in ("accuracy", "f1", "precision=0.7"):
        plain = fit_decision(labels, scores, here, "similarity", goal)
        same = fit_decision(labels, scores, here, "similarity", goal, prior=here.positives)
        assert same.threshold == pytest.approx(plain.threshold, abs=1e-12)


def test_a_precision_is_kept_where_positives_are_rarer(labels, scores):
    here = replace(HERE, positives=float(labels.mean()))
    decision = fit_decision(labels, scores, here, "head", "precision=0.6", prior=0.1)
    found = decision.predict(scores).same
    same, different = np.sum(found & (labels == 1)) / 60 * 0.1, np.sum(found & (labels == 0)) / 120 * 0.9
    assert same / (same + different) >= 0.6
    plain = fit_decision(labels, scores, here, "head", "precision=0.6")
    assert found.sum() < plain.predict(scores).same.sum()


@pytest.mark.parametrize("prior", [0, 1, -0.5, math.nan])
def test_a_prior_of_one_class_is_refused(labels, scores, prior):
    with pytest.raises(UsageError, match="prior is"):
        choose_decision(labels, scores, HERE, prior=prior)


def test_details_decide_where_they_tell_more_than_the_similarity():
    chance = np.random.default_rng(0)
    labels = np.arange(300) % 2
    similarity = (0.7 + 0.1 * labels + 0.1 * chance.standard_normal(300)).astype(np.float32)
    details = np.zeros((300, len(DETAILS)), dtype=np.float32)
    details[:, 0] = (labels == 0) & (chance.random(300) < 0.8)  # another number
    details[:, 6] = chance.random(300) < 0.5  # parts that moved, which tells nothing
    scores = Scores(similarity, details=details)
    decision = choose_decision(labels, scores, HERE, resamples=10)
    assert decision.score == "details"
    assert len(decision.weights) == 1 + len(DETAILS)
    assert min(decision.weights) >= 0
    z = decision.weights[0] * similarity.astype(float) - details.astype(float) @ np.array(decision.weights[1:])
    np.testing.assert_allclose(decision.log_odds(scores), z + decision.bias, rtol=1e-6)
    assert choose_decision(labels, Scores(similarity, details=0 * details), HERE, resamples=0).score == "similarity"
