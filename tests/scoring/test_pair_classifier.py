import json
from dataclasses import replace

import numpy as np
import pytest

from siamese_text.errors import BadModel
from siamese_text.records import SETTINGS_FILE
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import BlendWeights
from siamese_text.scoring.similarity import pairwise

WIDTH = 4
LEFT, RIGHT = np.random.default_rng(0).standard_normal((2, 20, WIDTH), dtype=np.float32)
PAIRS = [(f"left {row}", f"right {row}") for row in range(20)]


class Reader:
    """Encodes the texts that stand for the rows of ``LEFT`` and ``RIGHT``, and remembers what it read."""

    def __init__(self):
        self.read = []

    def encode(self, texts, *, progress=None):
        self.read += texts
        rows = [{"left": LEFT, "right": RIGHT}[side][int(row)] for side, row, *_ in map(str.split, texts)]
        return np.stack(rows)


@pytest.fixture
def head():
    chance = np.random.default_rng(1)
    shapes = {
        "hidden.weight": (3, 4 * WIDTH),
        "hidden.bias": (3,),
        "output.weight": (1, 3),
        "output.bias": (1,),
    }
    return TwinHead({name: chance.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()})


@pytest.fixture
def classifier(head):
    decision = Decision("blend", (2.0, 0.5), -0.3, 0.5, FittedOn("validation", 10, 0.5, "00ff"))
    return PairClassifier("dot", head, None, decision, {"recipe": "sample", "seed": 0})


def test_a_bare_model_gives_the_similarity_and_no_yes_or_no():
    said = PairClassifier("manhattan").predict(PAIRS, Reader())
    np.testing.assert_array_equal(said.similarity, pairwise("manhattan", LEFT, RIGHT))
    assert said.probability is None
    assert said.same is None


def test_a_decision_reads_both_scores(classifier, head):
    said = classifier.predict(PAIRS, Reader())
    logits = 2 * pairwise("dot", LEFT, RIGHT).astype(float) + 0.5 * head.logits(LEFT, RIGHT).astype(float) - 0.3
    np.testing.assert_allclose(said.probability, 1 / (1 + np.exp(-logits)), rtol=1e-9)
    np.testing.assert_array_equal(said.same, logits >= 0)
    assert said.same.any()
    assert not said.same.all()


def test_a_classifier_is_read_as_it_was_written(classifier, tmp_path):
    classifier.write(tmp_path)
    again = PairClassifier.read(tmp_path, similarity_fn_name="dot")
    assert again.decision == classifier.decision
    assert again.trained == classifier.trained
    expected, said = (each.predict(PAIRS, Reader()) for each in (classifier, again))
    np.testing.assert_array_equal(said.probability, expected.probability)
    np.testing.assert_array_equal(said.same, expected.same)


def test_a_classifier_without_head_and_decision_is_read_as_it_was_written(tmp_path):
    PairClassifier("cosine").write(tmp_path)
    assert not (tmp_path / TwinHead.FILE).exists()
    assert PairClassifier.read(tmp_path) == PairClassifier("cosine")


def test_a_folder_that_we_did_not_write_has_neither_head_nor_decision(tmp_path):
    assert PairClassifier.read(tmp_path, similarity_fn_name="euclidean") == PairClassifier("euclidean")


def test_a_head_that_is_named_but_missing_is_refused(classifier, tmp_path):
    classifier.write(tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="lacks twin_head"):
        PairClassifier.read(tmp_path)


def test_settings_of_a_newer_release_are_refused(classifier, tmp_path):
    classifier.write(tmp_path)
    path = tmp_path / SETTINGS_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(BadModel, match="has format 99, this release reads 1"):
        PairClassifier.read(tmp_path)


@pytest.mark.parametrize("text", ['{"format": 1', "[]", '{"format": 1, "decision": {"score": "similarity"}}'])
def test_damaged_settings_are_refused_in_one_line(tmp_path, text):
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(BadModel) as caught:
        PairClassifier.read(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_decision_on_a_head_needs_the_head(classifier, tmp_path):
    PairClassifier("dot", None, None, classifier.decision).write(tmp_path)
    with pytest.raises(BadModel, match="other scores than its heads give"):
        PairClassifier.read(tmp_path)


@pytest.fixture
def mixed(classifier):
    blend = BlendWeights((2.0, 0.5, 1.0, 0.0, 4.0, 3.0, -1.0, -2.0), (0.0, 1.0))
    return replace(classifier, decision=replace(classifier.decision, weights=(1.0,), blend=blend))


def test_a_mixed_decision_reads_the_words_of_both_sides(mixed):
    sides = [(f"left {row} the same", f"right {row} {'same the' if row % 2 else 'the same'}") for row in range(20)]
    similarity, logits = pairwise("dot", LEFT, RIGHT).astype(float), mixed.head.logits(LEFT, RIGHT).astype(float)
    common = 3 / 5
    blend = (2 * (1 - common) + common) * similarity + 0.5 * (1 - common) * logits + 3 * common - common**2
    blend -= 2 * common**2 * (np.arange(20) % 2)
    said = mixed.predict(sides, Reader())
    np.testing.assert_allclose(said.probability, 1 / (1 + np.exp(0.3 - blend)), rtol=1e-5)


def test_a_mix_needs_the_heads_whose_scores_it_mixes(mixed, tmp_path):
    mixed.write(tmp_path)
    assert PairClassifier.read(tmp_path).decision == mixed.decision
    replace(mixed, head=None).write(tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="other scores than its heads give"):
        PairClassifier.read(tmp_path)


def test_texts_whose_embeddings_are_at_hand_are_not_encoded_again(classifier, mixed):
    at_hand = dict(zip([left for left, _ in PAIRS], LEFT, strict=True))
    for each in (classifier, mixed):
        reader = Reader()
        found = each.predict(PAIRS, reader, vectors=at_hand)
        expected = each.predict(PAIRS, Reader())
        assert reader.read == [right for _, right in PAIRS]
        np.testing.assert_array_equal(found.probability, expected.probability)
        np.testing.assert_array_equal(found.similarity, expected.similarity)
    reader = Reader()
    classifier.predict(PAIRS, reader, vectors=at_hand | dict(zip([right for _, right in PAIRS], RIGHT, strict=True)))
    assert reader.read == []


class TokenReader(Reader):
    """Gives each text two tokens as well."""

    def encode_tokens(self, texts, project, *, progress=None):
        vectors = self.encode(texts)
        return vectors, [project(np.stack([vector, vector + 1])) for vector in vectors]


@pytest.fixture
def aligning(classifier):
    projection = np.random.default_rng(2).standard_normal((3, WIDTH), dtype=np.float32)
    return replace(classifier, alignment=FakeAlignment(projection))


class FakeAlignment:
    """Scores two texts by their first tokens."""

    def __init__(self, projection):
        self.projection = projection

    def project(self, tokens):
        return tokens @ self.projection.T

    def logits(self, left, right):
        return np.float32([one[0] @ other[0] for one, other in zip(left, right, strict=True)])


def test_a_decision_that_aligns_tokens_reads_every_text_whatever_is_at_hand(aligning):
    at_hand = dict(zip([left for left, _ in PAIRS], LEFT, strict=True))
    decision = replace(aligning.decision, weights=(2.0, 0.5, 0.1))
    blending, reader = replace(aligning, decision=decision), TokenReader()
    assert blending.aligns
    found = blending.predict(PAIRS, reader, vectors=at_hand)
    assert len(reader.read) == 2 * len(PAIRS)
    np.testing.assert_array_equal(found.probability, blending.predict(PAIRS, TokenReader()).probability)


def test_a_decision_on_another_score_reads_no_tokens_of_a_text_that_is_at_hand(aligning):
    at_hand = dict(zip([text for side in zip(*PAIRS, strict=True) for text in side], (*LEFT, *RIGHT), strict=True))
    by_head = replace(aligning, decision=replace(aligning.decision, score="head", weights=(1.0,)))
    assert not by_head.aligns
    reader = TokenReader()
    found = by_head.predict(PAIRS, reader, vectors=at_hand)
    assert reader.read == []
    np.testing.assert_array_equal(found.probability, by_head.predict(PAIRS, TokenReader()).probability)
