from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics as peer

from siamese_text.evaluation.evaluation import evaluate_binary, evaluate_graded
from siamese_text.evaluation.labelled_predictions import grade_predictions, label_predictions, predict_unseen
from siamese_text.records import Pair
from siamese_text.scoring import metrics
from siamese_text.scoring.decision import Decision, describe_pairs
from siamese_text.scoring.fit_decision import choose_decision, cross_fit, fit_decision, score_aps
from siamese_text.scoring.scores import Scores

PAIRS = [Pair(f"a sentence numbered {number}", f"sentence {number}", int(number % 3 == 0)) for number in range(150)]
LABELS, DATA = describe_pairs("sample", PAIRS)


def noisy(seed):
    return (LABELS + np.random.default_rng(seed).standard_normal(len(LABELS))).astype(np.float32)


@pytest.fixture
def scores():
    return Scores(noisy(0), noisy(1))


@pytest.fixture
def elsewhere(scores):
    """Return a function that fits a decision on other pairs."""

    def fit(score):
        return fit_decision(LABELS, Scores(noisy(2), noisy(3)), replace(DATA, data="validation", digest="00ff"), score)

    return fit


def evaluate(scores, decision, data=DATA):
    predictions = label_predictions(LABELS, scores, decision, data)
    return evaluate_binary(predictions, model="ours", data=data.data, resamples=100)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_headline_figures_are_those_of_the_saved_decision(scores, elsewhere, score):
    decision = elsewhere(score)
    result = evaluate(scores, decision)
    predicted = decision.predict(scores)
    ranking = predicted.probability
    assert result.ap == pytest.approx(peer.average_precision_score(LABELS, ranking), abs=1e-12)
    assert result.roc_auc == pytest.approx(peer.roc_auc_score(LABELS, ranking), abs=1e-12)
    assert result.accuracy == pytest.approx(peer.accuracy_score(LABELS, predicted.same), abs=1e-12)
    assert result.f1 == pytest.approx(peer.f1_score(LABELS, predicted.same), abs=1e-12)
    assert result.mcc == pytest.approx(peer.matthews_corrcoef(LABELS, predicted.same), abs=1e-12)
    assert result.brier == pytest.approx(peer.brier_score_loss(LABELS, predicted.probability), abs=1e-12)
    assert result.precision == pytest.approx(peer.precision_score(LABELS, predicted.same), abs=1e-12)
    assert result.recall == pytest.approx(peer.recall_score(LABELS, predicted.same), abs=1e-12)
    assert result.ece == metrics.expected_calibration_error(LABELS, predicted.probability)
    assert result.ece_expected == metrics.perfect_calibration_error(predicted.probability)
    assert (result.threshold, result.score) == (decision.threshold, score)
    assert (result.decide_at, result.calibration, result.prior) == ("accuracy", "platt", None)
    assert result.threshold_source == "validation (150 pairs, 33% same)"
    assert not result.cross_fitted


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_pairs_that_the_decision_was_fitted_on_are_measured_cross_fitted(scores, score):
    result = evaluate(scores, fit_decision(LABELS, scores, DATA, score))
    said = cross_fit(LABELS, scores, score)
    assert result.cross_fitted
    assert result.accuracy == pytest.approx(peer.accuracy_score(LABELS, said.same), abs=1e-12)
    assert result.brier == pytest.approx(peer.brier_score_loss(LABELS, said.probability), abs=1e-12)
    assert result.ap == result.ap_by_score[score]


def test_only_the_digest_says_whether_pairs_were_fitted_on(scores):
    decision = fit_decision(LABELS, scores, DATA, "similarity")
    assert evaluate(scores, decision, replace(DATA, data="another name")).cross_fitted
    assert not evaluate(scores, decision, replace(DATA, digest="00ff")).cross_fitted


def test_the_order_of_the_pairs_does_not_hide_that_they_were_fitted_on(scores):
    _, reversed_data = describe_pairs("sample", PAIRS[::-1])
    decision = fit_decision(LABELS, scores, DATA, "similarity")
    assert evaluate(scores, decision, reversed_data).cross_fitted


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
@pytest.mark.parametrize("crossed", [True, False])
def test_each_interval_holds_its_figure(scores, elsewhere, score, crossed):
    decision = fit_decision(LABELS, scores, DATA, score) if crossed else elsewhere(score)
    result = evaluate(scores, decision)
    assert result.intervals.keys() == {"ap", "accuracy", "f1"}
    for name, (low, high) in result.intervals.items():
        assert low < getattr(result, name) < high


@pytest.mark.parametrize(
    ("goal", "figure"), [("f1", "f1"), ("precision=0.6", "precision"), ("recall=0.8", "recall"), ("cost=3:1", "cost")]
)
@pytest.mark.parametrize("score", ["similarity", "blend"])
def test_the_goal_is_measured_on_pairs_that_were_not_fitted_on(scores, score, goal, figure):
    decision = fit_decision(LABELS, scores, DATA, score, goal)
    result = evaluate(scores, decision)
    same = cross_fit(LABELS, scores, score, goal).same
    false_positives, false_negatives = np.sum(same & (LABELS == 0)), np.sum(~same & (LABELS == 1))
    expected = {
        "f1": peer.f1_score(LABELS, same),
        "precision": peer.precision_score(LABELS, same, zero_division=0),
        "recall": peer.recall_score(LABELS, same),
        "cost": (3 * false_positives + false_negatives) / len(LABELS),
    }
    assert result.cross_fitted
    assert getattr(result, figure) == pytest.approx(expected[figure], abs=1e-12)
    low, high = result.intervals[figure]
    assert low < getattr(result, figure) < high
    assert result.decide_at == goal
    assert (result.cost is None) == (figure != "cost")


def test_the_interval_of_the_threshold_is_that_of_the_decision(scores):
    decision = choose_decision(LABELS, Scores(scores.similarity), DATA, resamples=20)
    assert evaluate(scores, decision).intervals["threshold"] == decision.interval


def test_a_threshold_by_hand_has_decisions_but_no_probabilities(scores):
    result = evaluate(scores, Decision.by_hand(0.5))
    assert result.accuracy == pytest.approx(np.mean((scores.similarity >= 0.5) == LABELS))
    assert result.ap == result.ap_by_score["similarity"]
    assert (result.ece, result.ece_expected, result.brier, result.calibration) == (None, None, None, None)
    assert (result.threshold_source, result.cross_fitted) == ("by hand", False)
    assert predict_unseen(LABELS, scores, Decision.by_hand(0.5), DATA).probability is None


@pytest.mark.parametrize("crossed", [True, False])
def test_with_a_prior_pairs_are_weighted_to_that_share_of_positives(scores, crossed):
    data = DATA if crossed else replace(DATA, digest="00ff")
    decision = fit_decision(LABELS, scores, data, "head", prior=0.1)
    said = predict_unseen(LABELS, scores, decision, DATA)
    probability, same = said.probability, said.same
    weights = np.where(LABELS == 1, 0.1 / np.mean(LABELS), 0.9 / np.mean(1 - LABELS))
    result = evaluate(scores, decision)
    assert result.cross_fitted == crossed
    assert result.accuracy == pytest.approx(peer.accuracy_score(LABELS, same, sample_weight=weights))
    assert result.precision == pytest.approx(peer.precision_score(LABELS, same, sample_weight=weights))
    assert result.f1 == pytest.approx(peer.f1_score(LABELS, same, sample_weight=weights))
    assert result.mcc == pytest.approx(peer.matthews_corrcoef(LABELS, same, sample_weight=weights))
    assert result.brier == pytest.approx(peer.brier_score_loss(LABELS, probability, sample_weight=weights))
    assert (result.majority_accuracy, result.positives, result.prior) == (0.9, pytest.approx(1 / 3), 0.1)
    assert result.oracle_accuracy >= 0.9  # nothing is ever worse than always saying the commoner
    assert result.ap == evaluate(scores, replace(decision, prior=None)).ap


def test_without_a_decision_only_the_ranking_is_measured(scores):
    result = evaluate(scores, None)
    assert result.ap == result.ap_by_score["similarity"]
    assert result.intervals.keys() == {"ap"}
    for name in ("accuracy", "f1", "mcc", "threshold", "threshold_source", "ece", "brier"):
        assert getattr(result, name) is None


def test_baselines_stand_beside_the_headline(scores, elsewhere):
    result = evaluate(scores, elsewhere("similarity"))
    assert result.majority_accuracy == pytest.approx(2 / 3)
    assert result.positives == pytest.approx(1 / 3)
    assert result.pairs == 150
    assert result.ap_by_score == score_aps(LABELS, scores)
    steps = np.unique(scores.similarity)
    oracle = max(np.mean((scores.similarity >= step) == LABELS) for step in [*steps, np.inf])
    assert result.oracle_accuracy == pytest.approx(oracle, abs=1e-12)
    assert result.oracle_accuracy >= result.accuracy


def test_graded_pairs_are_measured_by_correlation(scores):
    gold = LABELS + np.random.default_rng(4).random(len(LABELS))
    result = evaluate_graded(grade_predictions(gold, scores), model="ours", data="graded")
    assert result.spearman == pytest.approx(spearmanr(gold, scores.similarity).statistic, abs=1e-9)
    assert result.pearson == pytest.approx(pearsonr(gold, scores.similarity.astype(float)).statistic, abs=1e-9)
    low, high = result.intervals["spearman"]
    assert low < result.spearman < high
    assert result.ap is None
