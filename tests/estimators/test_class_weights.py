"""Weights of scores: fitted on examples that no fit has seen, so that probabilities come true."""

import numpy as np
import pytest

from siamese_text.estimators.class_scores import METHODS, fit_scores
from siamese_text.estimators.class_weights import USUAL, _folds, fit_weights, most_likely, probabilities
from siamese_text.unit_rows import unit_rows

NO_NAMES = np.zeros((0, 16), np.float32), np.zeros(0, np.int64)


def cloud(count, seed, *, noise=1.0, classes=6):
    """Unit vectors about six fixed centres."""
    centres = unit_rows(np.random.default_rng(7).standard_normal((classes, 16)))
    random = np.random.default_rng(seed)
    of = np.arange(count) % classes
    return unit_rows(centres[of] + noise * random.standard_normal((count, 16)) / 4).astype(np.float32), of


def test_probabilities_are_the_softmax_of_the_weighted_sum():
    scores = np.array([[[1.0, 2.0]], [[0.5, 0.0]]])  # two kinds, one text, two classes
    one, other = np.exp(2 * 1.0 + 3 * 0.5), np.exp(2 * 2.0)
    assert np.allclose(probabilities(np.array([2.0, 3.0]), scores), [[one / (one + other), other / (one + other)]])


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_probability_of_the_answer_is_the_share_of_right_answers(method):
    examples, classes = cloud(60, 0, noise=1.6)
    texts, truth = cloud(3000, 1, noise=1.6)
    weights = fit_weights(METHODS[method], examples, classes, *NO_NAMES)
    parts = [fit_scores(kind, examples, classes) for kind in METHODS[method]]
    shares = probabilities(weights, np.stack([part.scores(texts) for part in parts]))
    right = (shares.argmax(axis=1) == truth).mean()
    assert 0.4 < right < 0.9
    assert shares.max(axis=1).mean() == pytest.approx(right, abs=0.08)


def test_the_weights_make_held_out_labels_likeliest():
    random = np.random.default_rng(0)
    scores = random.standard_normal((2, 400, 3))
    truth = np.array([random.choice(3, p=each) for each in probabilities(np.array([1.5, 0.5]), scores)])
    found = most_likely(scores, truth, np.array([1.0, 1.0]))
    assert np.allclose(found, [1.5, 0.5], atol=0.3)

    def likelihood(weights):
        return np.log(probabilities(weights, scores)[np.arange(400), truth]).sum() - 0.5 * (np.log2(weights) ** 2).sum()

    for step in ((1.05, 1), (0.95, 1), (1, 1.05), (1, 0.95)):
        assert likelihood(found * step) < likelihood(found)


def test_one_example_a_class_gets_the_usual_weights():
    examples, classes = cloud(6, 0)
    assert fit_weights(("logistic",), examples, classes, *NO_NAMES).tolist() == list(USUAL["logistic",])


def test_the_examples_of_a_class_take_turns():
    folds = _folds(np.array([1, 0, 1, 1, 0, 1, 1, 1]))
    assert folds.tolist() == [0, 0, 1, 2, 1, 3, 4, 0]
