"""Several labels a text: leave-one-out by refitting, thresholds and figures by hand."""

import numpy as np
import pytest

from siamese_text.errors import BadExamples
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.multi_label import MultiLabelClassifier, _fit_label, _ridge

TEXTS = [
    *("lost card", "my card", "card is lost now", "the card card here"),
    *("send money", "money please", "send me money", "the money money"),
    *("card and money", "lost card send money", "money on the card", "send the card money"),
    *("weather today", "rain rain", "nothing at all", "who knows"),
]
LABELS = [["card"]] * 4 + [["money"]] * 4 + [["card", "money"]] * 4 + [[]] * 4


@pytest.fixture
def fitted(words):
    return MultiLabelClassifier(CachedEncoder(words)).fit(TEXTS, LABELS)


def test_texts_get_none_one_or_several_labels(fitted):
    found = fitted.predict(["a lost card", "send some money", "a card and money", "more rain"])
    assert [set(labels) for labels in found] == [{"card"}, {"money"}, {"card", "money"}, set()]
    shares = fitted.predict_proba(TEXTS)
    assert shares.shape == (16, 2) and (shares >= 0).all() and (shares <= 1).all()
    assert fitted.score(TEXTS, LABELS) > 0.9


def test_left_out_scores_are_those_of_a_fit_without_the_text():
    random = np.random.default_rng(0)
    vectors, truth = random.normal(size=(12, 4)), random.integers(0, 2, (12, 3)).astype(float)
    weights, left_out = _ridge(vectors, truth, 0.7)
    for row in range(12):
        rest = np.delete(vectors, row, axis=0), np.delete(truth, row, axis=0)
        refitted = np.linalg.solve(rest[0].T @ rest[0] + 0.7 * np.eye(4), rest[0].T @ rest[1])
        np.testing.assert_allclose(left_out[row], vectors[row] @ refitted)
    np.testing.assert_allclose((vectors.T @ vectors + 0.7 * np.eye(4)) @ weights, vectors.T @ truth)


def test_threshold_and_report_are_those_of_the_scores():
    scores = np.array([0.9, 0.8, 0.4, 0.7, 0.3, 0.2, 0.1, 0.0])
    (slope, offset, threshold), report = _fit_label(scores, np.array([1, 1, 1, 0, 0, 0, 0, 0.0]))
    shares = 1 / (1 + np.exp(-(slope * scores + offset)))
    assert (shares >= threshold).tolist() == [True] * 4 + [False] * 4  # F1 6 / 7, with one false
    assert report == pytest.approx({"texts": 3, "precision": 0.75, "recall": 1, "f1": 6 / 7, "false_accepts": 1 / 5})
    assert 0.5 < shares[0] < 0.99  # few texts make nothing certain


def test_it_is_saved_and_opened(fitted, words, tmp_path):
    fitted.report_ = {"words": fitted.report_["card"]}  # a label that is called like a key of the file
    fitted.save(tmp_path / "saved")
    opened = MultiLabelClassifier.open(tmp_path / "saved", model=words)
    np.testing.assert_array_equal(opened.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert opened.predict(TEXTS) == fitted.predict(TEXTS) and opened.report_ == fitted.report_


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (TEXTS[:2], ["card", "money"], "labels are 'card', one text; give a list of labels"),
        (TEXTS[:2], [["card"]], "there are 2 texts and 1 collections of labels"),
        (TEXTS[:2], [[], []], "no text has a label"),
        (TEXTS[:3], [["card"], ["card"], ["money"]], "label 'money' has 1 text; give two or more"),
        (TEXTS[:2], [["card"], ["card"]], "each text has the label 'card'"),
    ],
)
def test_what_cannot_be_learned_from_is_one_line(words, texts, labels, message):
    with pytest.raises(BadExamples, match=message):
        MultiLabelClassifier(words).fit(texts, labels)
