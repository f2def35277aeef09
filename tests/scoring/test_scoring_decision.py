import hashlib
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from siamese_text.errors import BadData, BadModel
from siamese_text.records import Pair
from siamese_text.scoring import decision as module
from siamese_text.scoring.decision import (
    Decision,
    FittedOn,
    Scores,
    choose_decision,
    cross_fit,
    describe_pairs,
    fit_decision,
    score_aps,
)

HERE = FittedOn("validation", 100, 0.5, "00ff")


def noisy(labels, noise, seed=0, scale=1.0):
    """Scores that follow the labels but for some noise, in a range of about ``scale``."""
    chance = np.random.default_rng(seed)
    return (scale * (labels + noise * chance.standard_normal(len(labels)))).astype(np.float32)


def by_hand(decision, *scores):
    logit = sum(weight * score for weight, score in zip(decision.weights, scores, strict=True)) + decision.bias
    return 1 / (1 + math.exp(-logit))


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


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_fit_is_a_logistic_regression_on_the_raw_scores(labels, scores, score):
    decision = fit_decision(labels, scores, HERE, score)
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(scores.columns(score), labels)
    np.testing.assert_allclose(decision.weights, peer.coef_[0], rtol=1e-2)
    np.testing.assert_allclose(
        decision.probability(scores), peer.predict_proba(scores.columns(score))[:, 1], rtol=0, atol=1e-3
    )


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 1), min_size=4, max_size=40).filter(lambda values: len(set(values)) == 2),
    noise=st.sampled_from([0.0, 0.3, 1.0, 5.0, -3.0]),
    scale=st.sampled_from([1e-3, 0.1, 1.0, 300.0, 1e5]),
    seed=st.integers(0, 99),
)
def test_more_alike_is_never_less_probable_and_the_threshold_is_even_odds(labels, noise, scale, seed):
    labels = np.array(labels)
    scores = Scores(noisy(labels, noise, seed, scale))
    decision = fit_decision(labels, scores, HERE, "similarity")
    rising = Scores(np.sort(scores.similarity))
    assert (np.diff(decision.probability(rising)) >= 0).all()
    assert by_hand(decision, decision.threshold) == pytest.approx(0.5, abs=1e-6)
    judged = decision.apply(scores)
    clear = np.abs(judged.probability - 0.5) > 1e-6  # nearer, rounding decides
    np.testing.assert_array_equal(judged.same[clear], (judged.probability >= 0.5)[clear])


@pytest.mark.parametrize("scale", [1e-4, 1, 1e4])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_the_unit_of_the_scores_changes_no_judgement(labels, scores, score, scale):
    scaled = Scores(scores.similarity * np.float32(scale), scores.head * np.float32(scale))
    judged = fit_decision(labels, scores, HERE, score).apply(scores)
    judged_scaled = fit_decision(labels, scaled, HERE, score).apply(scaled)
    np.testing.assert_allclose(judged_scaled.probability, judged.probability, rtol=0, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e5])
@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_reversed_scores_give_the_share_of_positives_and_never_a_reversed_probability(labels, score, scale):
    against = Scores(noisy(1 - labels, 0.5, scale=scale), noisy(1 - labels, 0.5, seed=1, scale=scale))
    decision = fit_decision(labels, against, HERE, score)
    assert min(decision.weights) > 0
    np.testing.assert_allclose(decision.probability(against), labels.mean(), rtol=0, atol=0.01)
    assert not decision.apply(against).same.any()  # a third is positive


def test_equal_scores_give_the_share_of_positives(labels):
    equal = Scores(np.full(len(labels), 0.3, dtype=np.float32))
    decision = fit_decision(labels, equal, HERE, "similarity")
    elsewhere = Scores(np.linspace(-1, 1, 5, dtype=np.float32))
    np.testing.assert_allclose(decision.probability(elsewhere), labels.mean(), rtol=0, atol=0.01)


@pytest.mark.parametrize("value", [0, 1])
def test_a_single_class_is_refused(value):
    labels = np.full(5, value)
    scores = Scores(np.linspace(0, 1, 5, dtype=np.float32))
    for refuse in (
        lambda: fit_decision(labels, scores, HERE, "similarity"),
        lambda: choose_decision(labels, scores, HERE),
        lambda: cross_fit(labels, scores, "similarity"),
    ):
        with pytest.raises(BadData, match=f"all 5 labels are {value}"):
            refuse()


def test_a_class_with_a_single_pair_cannot_be_cross_fitted():
    with pytest.raises(BadData, match="single pair"):
        cross_fit(np.array([0, 0, 1]), Scores(np.float32([0, 0, 1])), "similarity")


def test_judgements_hold_the_similarity_whatever_decides(labels, scores):
    for score in scores.names:
        judged = fit_decision(labels, scores, HERE, score).apply(scores)
        np.testing.assert_array_equal(judged.similarity, scores.similarity)
        assert (judged.probability.dtype, judged.same.dtype) == (np.float64, np.bool_)


def test_without_a_head_the_similarity_decides(labels, scores):
    without = Scores(scores.similarity)
    assert without.names == ("similarity",)
    assert choose_decision(labels, without, HERE).score == "similarity"
    assert score_aps(labels, without).keys() == {"similarity"}


def test_the_score_that_informs_decides(labels):
    noise, signal = noisy(labels * 0, 1.0), noisy(labels, 0.3, seed=1)
    assert choose_decision(labels, Scores(noise, signal), HERE).score == "head"
    assert choose_decision(labels, Scores(signal, noise), HERE).score == "similarity"


def test_two_scores_that_inform_in_different_ways_are_blended(labels):
    both = Scores(noisy(labels, 1.0), noisy(labels, 1.0, seed=1))
    decision = choose_decision(labels, both, HERE)
    assert decision.score == "blend"
    assert min(decision.weights) > 0
    aps = score_aps(labels, both)
    assert aps["blend"] > max(aps["similarity"], aps["head"])


@pytest.mark.parametrize("score", ["similarity", "head", "blend"])
def test_each_pair_is_judged_by_a_decision_that_was_fitted_without_it(labels, scores, score, monkeypatch):
    fitted_on_rows = []

    def remember(fold_labels, fold_scores, *rest):
        fitted_on_rows.append(set(fold_scores.similarity.tolist()))
        return fit_decision(fold_labels, fold_scores, *rest)

    monkeypatch.setattr(module, "fit_decision", remember)
    probability, same = cross_fit(labels, scores, score)
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels)
    for (rest, fold), rows in zip(folds, fitted_on_rows, strict=True):
        assert rows == set(scores.similarity[rest].tolist())
        assert not rows & set(scores.similarity[fold].tolist())
        expected = fit_decision(labels[rest], scores.take(rest), HERE, score).apply(scores.take(fold))
        np.testing.assert_array_equal(probability[fold], expected.probability)
        np.testing.assert_array_equal(same[fold], expected.same)


def test_a_decision_is_read_from_json_exactly_as_it_was_written(labels, scores):
    for score in scores.names:
        decision = fit_decision(labels, scores, FittedOn("données", 3, 1 / 3, "ab"), score)
        assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@pytest.mark.parametrize(
    "values",
    [{"bias": None}, {"bias": "wide"}, {"weights": 1}, {"fitted_on": {"data": "x"}}, {"score": "vote"}, None],
)
def test_a_damaged_decision_is_refused(values):
    whole = Decision("similarity", (2.0,), -1.0, 0.5, HERE).to_json()
    with pytest.raises(BadModel, match="cannot be read"):
        Decision.from_json(whole | values if values else {})


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
