from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics as peer

from siamese_text.records import Pair
from siamese_text.scoring.decision import Scores, cross_fit, describe_pairs, fit_decision, score_aps
from siamese_text.scoring.evaluation import evaluate_binary, evaluate_graded

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
    return evaluate_binary(LABELS, scores, decision, model="ours", data=data, resamples=100)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_headline_figures_are_those_of_the_saved_decision(scores, elsewhere, score):
    decision = elsewhere(score)
    result = evaluate(scores, decision)
    judged = decision.apply(scores)
    ranking = judged.probability
    assert result.ap == pytest.approx(peer.average_precision_score(LABELS, ranking), abs=1e-12)
    assert result.roc_auc == pytest.approx(peer.roc_auc_score(LABELS, ranking), abs=1e-12)
    assert result.accuracy == pytest.approx(peer.accuracy_score(LABELS, judged.same), abs=1e-12)
    assert result.f1 == pytest.approx(peer.f1_score(LABELS, judged.same), abs=1e-12)
    assert result.mcc == pytest.approx(peer.matthews_corrcoef(LABELS, judged.same), abs=1e-12)
    assert result.brier == pytest.approx(peer.brier_score_loss(LABELS, judged.probability), abs=1e-12)
    assert (result.threshold, result.score) == (decision.threshold, score)
    assert result.threshold_source == "validation (150 pairs, 33% same)"
    assert not result.cross_fitted


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_pairs_that_the_decision_was_fitted_on_are_judged_cross_fitted(scores, score):
    result = evaluate(scores, fit_decision(LABELS, scores, DATA, score))
    probability, same = cross_fit(LABELS, scores, score)
    assert result.cross_fitted
    assert result.accuracy == pytest.approx(peer.accuracy_score(LABELS, same), abs=1e-12)
    assert result.brier == pytest.approx(peer.brier_score_loss(LABELS, probability), abs=1e-12)
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
    result = evaluate_graded(gold, scores, model="ours", data="graded")
    assert result.spearman == pytest.approx(spearmanr(gold, scores.similarity).statistic, abs=1e-9)
    assert result.pearson == pytest.approx(pearsonr(gold, scores.similarity.astype(float)).statistic, abs=1e-9)
    low, high = result.intervals["spearman"]
    assert low < result.spearman < high
    assert result.ap is None
