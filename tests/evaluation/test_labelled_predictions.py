"""Predictions of labelled pairs: made once, for a decision that has not seen the pairs."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from siamese_text.evaluation import labelled_predictions
from siamese_text.evaluation.comparison import compare
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import evaluate_binary
from siamese_text.evaluation.labelled_predictions import label_predictions
from siamese_text.evaluation.slices import Slice, measure_slice
from siamese_text.records import Pair
from siamese_text.scoring import fit_decision as fitting
from siamese_text.scoring.decision import Decision, describe_pairs
from siamese_text.scoring.fit_decision import cross_fit, fit_decision
from siamese_text.scoring.scores import Scores

PAIRS = [Pair(f"a sentence numbered {number}", f"sentence {number}", int(number % 3 == 0)) for number in range(150)]
LABELS, DATA = describe_pairs("sample", PAIRS)


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
@pytest.mark.parametrize("crossed", [True, False])
def test_predictions_are_what_the_evaluation_is_made_of(score, crossed):
    random = np.random.default_rng(0)
    scores = Scores(*(LABELS + random.standard_normal((2, 150))).astype(np.float32))
    elsewhere = Scores(*(LABELS + random.standard_normal((2, 150))).astype(np.float32))
    fitted_on = DATA if crossed else replace(DATA, digest="00ff")
    decision = fit_decision(LABELS, scores if crossed else elsewhere, fitted_on, score)
    predictions = label_predictions(LABELS, scores, decision, DATA)
    evaluation = evaluate_binary(predictions, model="ours", data="sample", resamples=20)
    assert predictions.right.mean() == pytest.approx(evaluation.accuracy)
    assert average_precision_score(LABELS, predictions.ranking) == pytest.approx(evaluation.ap)
    assert np.mean((predictions.probability - LABELS) ** 2) == pytest.approx(evaluation.brier)
    assert predictions.threshold == evaluation.threshold
    assert predictions.wrong == np.sum(~predictions.right)


def test_pairs_without_a_decision_are_ranked_by_similarity():
    scores = Scores(np.float32([0.1, 0.9]))
    predictions = label_predictions(np.array([0, 1]), scores, None, DATA)
    assert predictions.right is None and predictions.wrong == 0
    np.testing.assert_allclose(predictions.ranking, [0.1, 0.9], atol=1e-7)


def test_an_unsure_pair_is_neither_right_nor_wrong():
    scores = Scores(np.float32([0.1, 0.9, 0.5, 0.5, 0.9, 0.1]))
    decision = replace(Decision.by_hand(0.7), unsure_from=0.3)
    predictions = label_predictions(np.array([0, 1, 1, 0, 0, 1]), scores, decision, DATA)
    assert predictions.decisions.tolist() == [0, 1, -1, -1, 1, 0]
    assert predictions.right.tolist() == [True, True, False, False, False, False]
    assert (predictions.wrong, predictions.errors.tolist()) == (2, [False, False, False, False, True, True])
    part = predictions.take(np.array([False, False, True, True, True, False]))
    assert (part.unsure.tolist(), part.wrong) == ([True, True, False], 1)
    evaluation = evaluate_binary(predictions, model="ours", data="six", resamples=10)
    assert evaluation.accuracy == pytest.approx(2 / 6)
    assert (evaluation.precision, evaluation.recall) == (pytest.approx(1 / 2), pytest.approx(1 / 3))
    assert (evaluation.unsure, evaluation.not_missed) == (pytest.approx(2 / 6), pytest.approx(2 / 3))


def test_some_of_the_predictions_are_those_of_the_same_pairs():
    random = np.random.default_rng(0)
    scores = Scores(*(LABELS + random.standard_normal((2, 150))).astype(np.float32))
    whole = label_predictions(LABELS, scores, fit_decision(LABELS, scores, DATA, "blend", prior=0.1), DATA)
    rows = np.roll(LABELS, 1) == LABELS
    part = whole.take(rows)
    for name in ("labels", "ranking", "compared", "probability", "same", "counts", "right"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[rows])
    for name, ranking in whole.rankings.items():
        np.testing.assert_array_equal(part.rankings[name], ranking[rows])
    assert (part.threshold, part.balance, part.unit) == (whole.threshold, whole.balance, whole.unit)
    assert part.cross_fitted


@pytest.mark.parametrize(
    ("score", "crossed", "expected"),
    [
        ("similarity", True, 2),  # the decision, and the blend that it is compared with
        ("blend", True, 2),  # the decision with its calibration, and the weights that rank
        ("blend", False, 1),
        (None, False, 1),
    ],
)
def test_no_cross_fit_is_run_twice(monkeypatch, score, crossed, expected):
    random = np.random.default_rng(0)
    scores = Scores(*(LABELS + random.standard_normal((2, 150))).astype(np.float32))
    fitted_on = DATA if crossed else replace(DATA, digest="00ff")
    decision = fit_decision(LABELS, scores, fitted_on, score) if score else None
    calls = []

    def counted(*args, **options):
        calls.append((args[2:], tuple(options.items())))
        return cross_fit(*args, **options)

    for module in (labelled_predictions, fitting):
        monkeypatch.setattr(module, "cross_fit", counted)
    evaluated = evaluate_scores(PAIRS, scores, decision, model="ours", data="sample")
    whole = Slice("all", "all", np.ones(len(PAIRS), dtype=bool))
    figures = measure_slice(whole, evaluated.predictions)
    compare(("one", evaluated.predictions), ("other", evaluated.predictions), resamples=5)
    assert len(calls) == len(set(calls)) == expected
    assert figures.ap == evaluated.evaluation.ap
    assert figures.accuracy == evaluated.evaluation.accuracy
