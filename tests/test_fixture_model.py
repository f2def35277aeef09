"""A model folder that release 0.1 wrote loads as it was saved, and says of pairs what it said then."""

import json
from pathlib import Path

import numpy as np
import pytest

from siamese_text import Scorer
from siamese_text.scoring.decision import Decision

FOLDER = Path(__file__).parent / "fixtures" / "model_0_1"
SAID = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
PAIRS = [tuple(pair) for pair in SAID["pairs"]]
SAME = {"rtol": 1e-5, "atol": 1e-6}  # float32 rounds differently from processor to processor


@pytest.fixture(scope="module")
def scorer():
    return Scorer.load(FOLDER, device="cpu", backend="torch")


def test_every_number_of_the_decision_is_the_one_that_was_saved(scorer):
    saved = json.loads((FOLDER / "siamese_text.json").read_text(encoding="utf-8"))["decision"]
    decision = scorer.decision
    assert decision.score == "blend"
    assert decision.compute_dtype == saved["precision"]
    assert list(decision.blend.factors) == saved["mix"]["factors"]
    assert list(decision.blend.seen) == saved["mix"]["seen"]
    assert list(decision.weights) == saved["weights"]
    assert list(decision.isotonic.inputs) == saved["isotonic"]["inputs"]
    assert list(decision.isotonic.outputs) == saved["isotonic"]["outputs"]
    for name in ("bias", "threshold", "prior", "decide_at"):
        assert getattr(decision, name) == saved[name]
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


def test_it_encodes_scores_and_decides_as_it_did(scorer):
    np.testing.assert_allclose(scorer.encode([left for left, _ in PAIRS[:2]]), SAID["vectors"], **SAME)
    scores = scorer.scores(PAIRS)
    for name in ("similarity", "head", "alignment", "lexical"):
        np.testing.assert_allclose(getattr(scores, name), SAID[name], rtol=1e-4, atol=1e-5)
    predicted = scorer.predict(PAIRS)
    np.testing.assert_allclose(predicted.probability, SAID["probability"], rtol=1e-4)
    assert predicted.same.tolist() == SAID["same"]
