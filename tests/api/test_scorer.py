"""A loaded model: scores, predictions and probabilities, and the names that release 0.1 had for them."""

import numpy as np
import pytest

from siamese_text import Pair, Predictions, Scorer, deprecation
from siamese_text.api import calibrate
from siamese_text.errors import BadModel, NothingToDo, UsageError
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.similarity import cosine

PAIRS = [("the cat sleeps", "the dog runs"), ("a bird", "a bird")]


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(deprecation, "_warned", set())


@pytest.fixture(scope="module")
def folder(tiny_sentence_model, tmp_path_factory):
    output = tmp_path_factory.mktemp("models") / "calibrated"
    calibrate(Scorer.load(tiny_sentence_model, device="cpu", backend="torch"), output, "sample")
    return output


@pytest.fixture(scope="module")
def scorer(folder):
    return Scorer.load(folder, device="cpu", backend="torch")


def test_scores_are_raw_and_predictions_are_what_the_decision_makes_of_them(scorer):
    scores = scorer.scores(PAIRS)
    said = scorer.predict(PAIRS)
    assert isinstance(scores, Scores)
    np.testing.assert_array_equal(said.similarity, scores.similarity)
    np.testing.assert_array_equal(said.probability, scorer.decision.predict(scores).probability)
    np.testing.assert_array_equal(said.same, scorer.decision.predict(scores).same)


def test_probabilities_have_a_column_for_each_label(scorer):
    found = scorer.predict_proba([Pair(*sides) for sides in PAIRS])
    assert (found.shape, found.dtype) == ((2, 2), np.float64)
    np.testing.assert_array_equal(found[:, 1], scorer.predict(PAIRS).probability)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-15)


def test_a_model_that_knows_no_probability_says_so(tiny_sentence_model, tmp_path):
    bare = Scorer.load(tiny_sentence_model, device="cpu", backend="torch")
    with pytest.raises(BadModel, match="has no fitted decision, so there is no probability; fit one with calibrate"):
        bare.predict_proba(PAIRS)
    calibrate(bare, tmp_path / "by hand", decide_at="threshold=0.7")
    with pytest.raises(BadModel, match="has a threshold given by hand, so there is no probability"):
        Scorer.load(tmp_path / "by hand", device="cpu", backend="torch").predict_proba(PAIRS)


def test_embeddings_at_hand_are_not_made_again(scorer, monkeypatch):
    expected = scorer.predict(PAIRS)
    texts = list(dict.fromkeys(text for pair in PAIRS for text in pair))
    at_hand = dict(zip(texts, scorer.encode(texts), strict=True))
    monkeypatch.setattr(scorer.encoder, "encode", None)
    np.testing.assert_allclose(scorer.predict(PAIRS, vectors=at_hand).probability, expected.probability, atol=1e-6)


def test_the_names_of_0_1_go_on_working_and_name_the_new_way(scorer):
    expected = scorer.predict(PAIRS)
    with pytest.warns(FutureWarning, match=r"Scorer\.score is deprecated .* use Scorer\.predict"):
        said = scorer.score(PAIRS)
    np.testing.assert_array_equal(said.probability, expected.probability)
    left, right = (scorer.encode([pair[side] for pair in PAIRS]) for side in (0, 1))
    with pytest.warns(FutureWarning, match=r"use Scorer\.predict\(pairs, vectors="):
        said = scorer.judge(left, right, PAIRS)
    np.testing.assert_allclose(said.probability, expected.probability, atol=1e-6)
    with pytest.warns(FutureWarning, match=r"use Scorer\.classifier"):
        assert scorer.pair_judge is scorer.classifier


def test_the_flags_of_0_1_go_on_working(folder):
    with pytest.warns(FutureWarning) as caught:
        loaded = Scorer.load(folder, backend="torch", few_texts=True, decides=True)
    assert [str(warning.message).split(" is ")[0] for warning in caught] == [
        "few_texts= of Scorer.load",
        "decides= of Scorer.load",
    ]
    assert loaded.decision is not None


@pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32", "ignore:set SIAMESE")
def test_a_decision_that_does_not_fit_is_refused_or_left_out_as_0_1_did(folder):
    with pytest.warns(FutureWarning), pytest.raises(BadModel, match="was fitted at fp32"):
        Scorer.load(folder, backend="int8", decides=True)
    assert Scorer.load(folder, backend="int8", decides=False).decision is None


@pytest.fixture(scope="module")
def untrained(tiny_sentence_model):
    return Scorer.load(tiny_sentence_model, device="cpu")


def test_scoring_pairs_equals_the_cosine_of_their_embeddings(untrained):
    pairs = [("the cat sleeps", "the dog runs"), ("a bird", "a bird"), ("the dog runs", "the cat sleeps")]
    said = untrained.predict(pairs)
    left, right = (untrained.encode([pair[side] for pair in pairs]) for side in (0, 1))
    assert isinstance(said, Predictions)
    np.testing.assert_allclose(said.similarity, cosine(left, right), atol=1e-6)
    assert said.similarity[1] == pytest.approx(1, abs=1e-6)
    assert said.probability is None and said.same is None


def test_pairs_may_be_records_or_tuples(untrained):
    of_tuples = untrained.predict([("a cat", "a dog")])
    of_records = untrained.predict([Pair("a cat", "a dog", 1.0)])
    np.testing.assert_array_equal(of_tuples.similarity, of_records.similarity)


def test_a_trained_model_brings_its_decision(model):
    loaded = Scorer.load(model, device="cpu")
    said = loaded.predict([("a cat", "a dog"), ("the river is long", "the river is long")])
    assert loaded.decision.fitted_on.data == "sample/validation"
    assert said.same.dtype == bool
    swapped = loaded.predict([("a dog", "a cat"), ("the river is long", "the river is long")])
    np.testing.assert_allclose(said.probability, swapped.probability, atol=1e-5)


@pytest.mark.weights
def test_the_default_model_decides_without_training():
    scorer = Scorer.load()
    said = scorer.predict([("A dog barks.", "A dog is barking."), ("A dog barks.", "Shares fell on Monday.")])
    assert said.same.tolist() == [True, False]
    assert said.probability[0] > 0.8 > 0.2 > said.probability[1]


def test_pairs_come_in_any_form(scorer):
    import datasets
    import pandas as pd

    pairs = [("a cat", "a dog"), ("a bird", "a bird")]
    frame = pd.DataFrame(pairs, columns=["sentence1", "sentence2"])
    expected = scorer.predict(pairs).similarity
    for given in (iter(pairs), np.array(pairs), pd.Series(pairs), frame, datasets.Dataset.from_pandas(frame)):
        np.testing.assert_array_equal(scorer.predict(given).similarity, expected)
    np.testing.assert_array_equal(scorer.scores(frame).similarity, expected)
    np.testing.assert_array_equal(scorer.encode(pd.Series(["a cat"])), scorer.encode(["a cat"]))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("pairs.csv", "score_pairs reads files"),
        (("a cat", "a dog"), "row 1 of tuple is 'a cat'"),
        ([("a cat", None)], r"a text is empty; .* \(pair 1\)"),
        ([("a cat", "\ud800")], "half a character"),
        (None, "rows are None"),
    ],
)
def test_what_is_no_pair_is_refused_in_one_line(scorer, pairs, words):
    for call in (scorer.predict, scorer.scores, scorer.score):
        with pytest.raises(UsageError, match=words):
            call(pairs)


def test_no_pairs_are_nothing_to_do_as_on_the_command_line(scorer):
    with pytest.raises(NothingToDo, match="there are no pairs"):
        scorer.predict([])
    with pytest.raises(UsageError, match="a text is empty"):
        scorer.explain(("a cat", ""))
