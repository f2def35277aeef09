from dataclasses import replace

import numpy as np
import pytest

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
