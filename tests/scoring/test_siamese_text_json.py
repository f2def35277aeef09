import json
from dataclasses import replace

import numpy as np
import pytest

from siamese_text.errors import BadModel
from siamese_text.records import SETTINGS_FILE
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.details import DETAILS
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import BlendWeights
from siamese_text.scoring.siamese_text_json import read_classifier, write_classifier


def test_a_classifier_is_read_as_it_was_written(classifier, tmp_path):
    write_classifier(classifier, tmp_path)
    again = read_classifier(tmp_path, similarity_fn_name="dot")
    assert again.decision == classifier.decision
    assert again.trained == classifier.trained
    left, right = np.random.default_rng(0).standard_normal((2, 20, 4), dtype=np.float32)
    np.testing.assert_array_equal(again.head.logits(left, right), classifier.head.logits(left, right))


def test_a_classifier_without_head_and_decision_is_read_as_it_was_written(tmp_path):
    write_classifier(PairClassifier("cosine"), tmp_path)
    assert not (tmp_path / TwinHead.FILE).exists()
    assert read_classifier(tmp_path) == PairClassifier("cosine")


def test_a_folder_that_we_did_not_write_has_neither_head_nor_decision(tmp_path):
    assert read_classifier(tmp_path, similarity_fn_name="euclidean") == PairClassifier("euclidean")


def test_a_head_that_is_named_but_missing_is_refused(classifier, tmp_path):
    write_classifier(classifier, tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="lacks twin_head"):
        read_classifier(tmp_path)


def test_settings_of_a_newer_release_are_refused(classifier, tmp_path):
    write_classifier(classifier, tmp_path)
    path = tmp_path / SETTINGS_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(BadModel, match="has format 99, this release reads 1"):
        read_classifier(tmp_path)


@pytest.mark.parametrize("text", ['{"format": 1', "[]", '{"format": 1, "decision": {"score": "similarity"}}'])
def test_damaged_settings_are_refused_in_one_line(tmp_path, text):
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(BadModel) as caught:
        read_classifier(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_decision_on_a_head_needs_the_head(classifier, tmp_path):
    write_classifier(PairClassifier("dot", None, None, classifier.decision), tmp_path)
    with pytest.raises(BadModel, match="other scores than its heads give"):
        read_classifier(tmp_path)


def test_a_blend_needs_the_heads_whose_scores_it_mixes(classifier, tmp_path):
    blend = BlendWeights((2.0, 0.5, 1.0, 0.0, 4.0, 3.0, -1.0, -2.0), (0.0, 1.0))
    mixed = replace(classifier, decision=replace(classifier.decision, weights=(1.0,), blend=blend))
    write_classifier(mixed, tmp_path)
    assert read_classifier(tmp_path).decision == mixed.decision
    write_classifier(replace(mixed, head=None), tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="other scores than its heads give"):
        read_classifier(tmp_path)


def test_a_decision_on_details_weighs_all_of_them(tmp_path):
    fitted_on = FittedOn("validation", 10, 0.5, "00ff")
    decision = Decision("details", (5.0, *[1.0] * len(DETAILS)), -3.0, 0.5, fitted_on)
    write_classifier(PairClassifier(decision=decision), tmp_path)
    assert read_classifier(tmp_path).decision == decision
    write_classifier(PairClassifier(decision=replace(decision, weights=(5.0, 1.0, *[1.0] * len(DETAILS)))), tmp_path)
    with pytest.raises(BadModel, match="other scores"):
        read_classifier(tmp_path)
