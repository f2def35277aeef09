"""A decision: what it makes of scores, how it is saved and read again, and what it was fitted on."""

import hashlib
import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from siamese_text.api import UNTRAINED_DECISIONS
from siamese_text.errors import BadModel
from siamese_text.records import Pair
from siamese_text.scoring.decision import Decision, FittedOn, describe_pairs
from siamese_text.scoring.details import DETAILS
from siamese_text.scoring.fit_decision import fit_decision
from siamese_text.scoring.scores import Scores
from tests.scoring.noisy_scores import by_hand, noisy

HERE = FittedOn("validation", 100, 0.5, "00ff")


@pytest.fixture
def labels():
    return np.tile([0, 1, 0], 60)


@pytest.fixture
def scores(labels):
    return Scores(noisy(labels, 1.0), noisy(labels, 0.8, seed=1, scale=6))


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_probabilities_are_the_formula_in_plain_python(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score)
    expected = [by_hand(decision, *row) for row in scores.columns(score).tolist()]
    np.testing.assert_allclose(decision.probability(scores), expected, rtol=1e-9)


def test_predictions_hold_the_similarity_whatever_decides(labels, scores):
    for score in scores.names:
        predicted = fit_decision(labels, scores, HERE, score).predict(scores)
        np.testing.assert_array_equal(predicted.similarity, scores.similarity)
        assert (predicted.probability.dtype, predicted.same.dtype) == (np.float64, np.bool_)


def test_a_decision_is_read_from_json_exactly_as_it_was_written(labels, scores):
    for score in scores.names:
        decision = fit_decision(labels, scores, FittedOn("données", 3, 1 / 3, "ab"), score)
        assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@pytest.mark.parametrize(
    "values",
    [
        {"bias": None},
        {"bias": "wide"},
        {"weights": 1},
        {"fitted_on": {"data": "x"}},
        {"score": "vote"},
        {"isotonic": {"inputs": [0.0]}},
        {"isotonic": 3},
        {"decide_at": "luck"},
        {"interval": [0.1]},
        {"unsure_from": "low"},
        None,
    ],
)
def test_a_damaged_decision_is_refused(values):
    whole = Decision("similarity", (2.0,), -1.0, 0.5, HERE).to_json()
    with pytest.raises(BadModel, match="cannot be read"):
        Decision.from_json(whole | values if values else {})


def test_a_decision_that_an_earlier_release_saved_still_predicts(labels, scores):
    saved = {"score": "similarity", "weights": [2.0], "bias": -1.0, "threshold": 0.5, "fitted_on": asdict(HERE)}
    decision = Decision.from_json(saved)
    assert decision == Decision("similarity", (2.0,), -1.0, 0.5, HERE)
    assert (decision.decide_at, decision.calibration, decision.source) == (
        "accuracy",
        "platt",
        "fitted on validation (100 pairs, 50% same)",
    )
    np.testing.assert_array_equal(decision.predict(scores).same, scores.similarity >= 0.5)


def test_the_decision_of_the_untrained_encoder_says_yes_from_a_probability_of_one_half():
    for saved in json.loads(UNTRAINED_DECISIONS.read_text(encoding="utf-8")).values():
        decision = Decision.from_json(saved)
        details = np.array([[0.0] * len(DETAILS), [0.5, *[0.0] * (len(DETAILS) - 1)]], dtype=np.float32)
        said = decision.predict(Scores(np.float32([0.8, 0.8]), details=details))
        expected = [by_hand(decision, 0.8, *(-details[row])) for row in range(2)]
        assert said.probability.tolist() == pytest.approx(expected, abs=1e-6)
        assert said.same.tolist() == [probability >= 0.5 for probability in expected] == [True, False]


def test_the_source_of_a_decision_reads_as_a_phrase():
    assert str(replace(HERE, pairs=12345, positives=0.444)) == "validation (12,345 pairs, 44% same)"


def test_pairs_are_described_whatever_their_order():
    pairs = [Pair("a cat", "a dog", 0), Pair("a bee", "one bee", 1), Pair("a cat", "the cat", 1.0)]
    labels, described = describe_pairs("sample", pairs)
    assert labels.tolist() == [0, 1, 1]
    assert (described.data, described.pairs, described.positives) == ("sample", 3, 2 / 3)
    labels, described_backwards = describe_pairs("sample", pairs[::-1])
    assert labels.tolist() == [1, 1, 0]
    assert described_backwards == described


def test_the_digest_of_pairs_depends_on_texts_and_labels():
    first, second = Pair("a cat", "a dog", 0), Pair("a bee", "one bee", 1)
    variants = [
        [first, second],
        [replace(first, label=1), replace(second, label=0)],
        [replace(first, sentence2="a fog"), second],
        [Pair("a dog", "a cat", 0), second],
        [first],
    ]
    assert len({describe_pairs("sample", pairs)[1].digest for pairs in variants}) == len(variants)


def test_the_digest_of_pairs_is_the_sha256_of_their_sorted_lines():
    _, described = describe_pairs("sample", [Pair("b", "c", 1), Pair("a", "é", 0)])
    assert described.digest == hashlib.sha256("a\té\t0\nb\tc\t1".encode()).hexdigest()


def test_a_threshold_by_hand_compares_the_similarity_without_a_probability(scores):
    decision = Decision.by_hand(0.4)
    predicted = decision.predict(scores)
    assert predicted.probability is None
    np.testing.assert_array_equal(predicted.same, scores.similarity >= 0.4)
    assert (str(decision.fitted_on), decision.calibration) == ("by hand", None)
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


def test_what_lies_between_two_thresholds_is_unsure_and_is_saved_with_what_proves_it(scores):
    goal = "precision>=0.9, recall>=0.9, confidence=0.95"
    decision = Decision("similarity", (2.0,), -1.0, 0.6, HERE, decide_at=goal, unsure_from=0.2, proved_by=80)
    said = decision.predict(scores)
    expected = ["yes" if value >= 0.6 else "unsure" if value >= 0.2 else "no" for value in scores.similarity.tolist()]
    assert said.verdicts == expected
    assert said.same.tolist() == [verdict == "yes" for verdict in expected]
    assert [row["verdict"] for row in said.to_dicts()] == expected
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
    assert decision.source == f"fitted on {HERE}; 80 independent ones prove {goal} for pairs like them"


def test_a_decision_that_promises_nothing_is_saved_as_it_was_before_there_were_promises():
    names = "score weights bias threshold fitted_on isotonic decide_at prior interval compute_dtype blend"
    assert list(Decision("similarity", (2.0,), -1.0, 0.5, HERE).to_json()) == names.split()


@pytest.mark.parametrize("prior", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_a_prior_multiplies_the_odds(labels, scores, score, prior):
    here = replace(HERE, positives=float(labels.mean()))  # a third
    plain = fit_decision(labels, scores, here, score).probability(scores)
    decision = fit_decision(labels, scores, here, score, prior=prior)
    odds = plain / (1 - plain) * (prior / (1 - prior)) / (1 / 3 / (2 / 3))
    np.testing.assert_allclose(decision.probability(scores), odds / (1 + odds), rtol=1e-9)
    np.testing.assert_array_equal(decision.predict(scores).same, decision.probability(scores) >= 0.5)
