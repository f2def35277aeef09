"""A model evaluated by its raw scores, on pairs of either kind and on a part of them."""

import numpy as np
import pytest

from siamese_text.errors import OneClass
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import evaluate_binary, evaluate_graded
from siamese_text.evaluation.labelled_predictions import grade_predictions, label_predictions
from siamese_text.records import Pair
from siamese_text.scoring.decision import describe_pairs
from siamese_text.scoring.fit_decision import fit_decision
from siamese_text.scoring.scores import Scores

PAIRS = [Pair(f"a sentence numbered {number}", f"sentence {number}", number % 3 == 0) for number in range(90)]
LABELS, DATA = describe_pairs("sample", PAIRS)
SCORES = Scores((LABELS + np.random.default_rng(0).standard_normal(90)).astype(np.float32))
GRADED = [Pair(pair.sentence1, pair.sentence2, number / 90) for number, pair in enumerate(PAIRS)]


def test_labelled_pairs_get_the_figures_of_their_predictions():
    decision = fit_decision(LABELS, SCORES, DATA, "similarity")
    found = evaluate_scores(PAIRS, SCORES, decision, model="ours", data="sample")
    predictions = label_predictions(LABELS, SCORES, decision, DATA)
    assert found.evaluation == evaluate_binary(predictions, model="ours", data="sample")
    assert found.evaluation.cross_fitted and found.data == DATA


def test_graded_pairs_are_correlated_and_no_decision_is_used():
    decision = fit_decision(LABELS, SCORES, DATA, "similarity")
    found = evaluate_scores(GRADED, SCORES, decision, model="ours", data="graded", graded=True)
    grades = np.array([pair.label for pair in GRADED])
    assert found.evaluation == evaluate_graded(grade_predictions(grades, SCORES), model="ours", data="graded")
    assert found.decision is None and found.predictions.same is None


def test_a_part_of_the_pairs_is_cross_fitted_as_the_whole_is():
    decision = fit_decision(LABELS, SCORES, DATA, "similarity")
    rows = np.arange(90) < 60
    found = evaluate_scores(PAIRS, SCORES, decision, model="ours", data="sample").take(rows)
    assert (found.evaluation.pairs, found.evaluation.cross_fitted) == (60, True)
    assert found.evaluation.data == "sample, 60 of its pairs"
    assert list(found.pairs) == PAIRS[:60]
    part = evaluate_scores(GRADED, SCORES, None, model="ours", data="graded", graded=True).take(rows)
    assert part.evaluation.spearman is not None


def test_one_class_is_refused_in_one_wording():
    same, rows = [pair for pair in PAIRS if pair.label], LABELS == 1
    with pytest.raises(OneClass, match="one class only: all 30 labels are 1; add rows of another class"):
        evaluate_scores(same, SCORES.take(rows), None, model="ours", data="sample")
    grades = [Pair(pair.sentence1, pair.sentence2, 0.5) for pair in same]
    with pytest.raises(OneClass, match=r"one class only: all 30 labels of graded are 0\.5; add rows of another class"):
        evaluate_scores(grades, SCORES.take(rows), None, model="ours", data="graded", graded=True)
