"""Scores of classes, each recomputed as its formula says."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from siamese_text.estimators.class_scores import SHRINK, fit_scores
from siamese_text.unit_rows import unit_rows

CLASSES = np.array([0, 0, 0, 1, 1, 2, 2, 2])


@pytest.fixture
def references():
    return unit_rows(np.random.default_rng(0).standard_normal((8, 4)).astype(np.float32))


@pytest.fixture
def texts():
    return unit_rows(np.random.default_rng(1).standard_normal((5, 4)).astype(np.float32))


def test_a_prototype_is_the_mean_of_a_class(references, texts):
    given = fit_scores("prototype", references, CLASSES).scores(texts)
    for number, x in enumerate(texts):
        for each in range(3):
            mean = sum(references[each == CLASSES]) / sum(each == CLASSES)
            cosine = sum(a * b for a, b in zip(x, mean, strict=True)) / sum(a * a for a in mean) ** 0.5
            assert given[number, each] == pytest.approx(cosine, abs=1e-6)


def test_discriminant_scores_order_classes_by_their_distance_in_the_shrunk_metric(references, texts):
    given = fit_scores("discriminant", references, CLASSES).scores(texts)
    means = [references[each == CLASSES].mean(axis=0) for each in range(3)]
    scatter = sum(np.outer(x - means[each], x - means[each]) for x, each in zip(references, CLASSES, strict=True)) / 8
    metric = np.linalg.inv((1 - SHRINK) * scatter / np.mean(np.diag(scatter)) + SHRINK * np.eye(4))
    distances = np.array([[(x - mean) @ metric @ (x - mean) for mean in means] for x in texts])
    differences = (given - given[:, :1]) * -2
    assert np.allclose(differences, distances - distances[:, :1], atol=1e-5)


def test_discriminant_scores_of_one_reference_each_are_those_of_distances(references, texts):
    given = fit_scores("discriminant", references[:3], np.arange(3)).scores(texts)
    assert np.allclose(given, texts @ references[:3].T - 0.5, atol=1e-6)


@pytest.mark.parametrize("classes", [CLASSES, (CLASSES > 0).astype(np.int64)], ids=["three", "two"])
def test_logistic_scores_are_scikit_learns(references, texts, classes):
    model = LogisticRegression(C=10, max_iter=300).fit(references, classes)
    scores = fit_scores("logistic", references, classes).scores(texts)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert np.allclose(shares, model.predict_proba(texts), atol=1e-4)


def test_the_nearest_reference_of_a_class_gives_its_score(references, texts):
    order = [3, 0, 5, 1, 4, 2, 7, 6]  # references come in any order
    given = fit_scores("nearest", references[order], CLASSES[order]).scores(texts)
    for number, x in enumerate(texts):
        for each in range(3):
            best = max(float(x @ reference) for reference in references[each == CLASSES])
            assert given[number, each] == pytest.approx(best, abs=1e-6)
