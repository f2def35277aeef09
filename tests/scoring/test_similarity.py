import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sentence_transformers import util

from siamese_text.encoder.similarity import SIMILARITIES as ENCODER_SIMILARITIES
from siamese_text.errors import UsageError
from siamese_text.scoring.similarity import SIMILARITIES, pairwise

numbers = st.integers(-80, 80).map(lambda eighths: eighths / 8)  # their sums of products are exact in float32
columns = st.tuples(st.integers(0, 5), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(arrays(np.float32, shape, elements=numbers), arrays(np.float32, shape, elements=numbers))
)


def by_hand(name, u, v):
    dot = sum(a * b for a, b in zip(u, v, strict=True))
    if name == "dot":
        return dot
    if name == "cosine":
        lengths = math.hypot(*u) * math.hypot(*v)
        return dot / lengths if lengths else 0.0
    return -math.dist(u, v) if name == "euclidean" else -sum(abs(a - b) for a, b in zip(u, v, strict=True))


@pytest.mark.parametrize("name", SIMILARITIES)
@settings(max_examples=100, deadline=None)
@given(pair=columns)
def test_each_similarity_is_its_formula_in_plain_python(name, pair):
    left, right = pair
    scores = pairwise(name, left, right)
    expected = [by_hand(name, u, v) for u, v in zip(left.tolist(), right.tolist(), strict=True)]
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("cosine", util.pairwise_cos_sim),
        ("dot", util.pairwise_dot_score),
        ("euclidean", util.pairwise_euclidean_sim),
        ("manhattan", util.pairwise_manhattan_sim),
    ],
)
def test_each_similarity_equals_that_of_sentence_transformers(name, peer):
    left, right = np.random.default_rng(0).standard_normal((2, 50, 16), dtype=np.float32)
    np.testing.assert_allclose(pairwise(name, left, right), peer(left, right).numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SIMILARITIES)
@settings(max_examples=50, deadline=None)
@given(pair=columns)
def test_swapping_the_sides_changes_nothing(name, pair):
    left, right = pair
    np.testing.assert_array_equal(pairwise(name, left, right), pairwise(name, right, left))


@settings(max_examples=100, deadline=None)
@given(pair=columns, scale=st.floats(0.125, 1024, width=32))
def test_a_cosine_stays_in_its_range_and_ignores_length(pair, scale):
    left, right = pair
    cosines = pairwise("cosine", left, right)
    assert ((cosines >= -1) & (cosines <= 1)).all()
    np.testing.assert_allclose(pairwise("cosine", left * np.float32(scale), right), cosines, rtol=0, atol=1e-6)


def test_the_cosine_with_a_zero_vector_is_zero():
    vectors = np.float32([[0, 0], [3, 4]])
    assert pairwise("cosine", vectors, vectors[::-1]).tolist() == [0, 0]
    assert pairwise("cosine", vectors, vectors).tolist() == [0, 1]


def test_the_names_are_those_that_an_encoder_saves():
    assert tuple(SIMILARITIES) == tuple(ENCODER_SIMILARITIES)


def test_an_unknown_similarity_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="'jaccard'; choose from cosine, dot, euclidean, manhattan"):
        pairwise("jaccard", np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32))
