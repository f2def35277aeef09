import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.encoder.low_rank import low_rank_change, with_change
from siamese_text.errors import BadModel

NAMES = {"layer.0.dense.weight": (6, 5), "layer.0.dense.bias": (6,), "embeddings.word_embeddings.weight": (9, 5)}


def weights(seed, size=1.0):
    chance = np.random.default_rng(seed)
    return {name: (size * chance.standard_normal(shape)).astype(np.float32) for name, shape in NAMES.items()}


def moved(base, seed):
    return {name: values + weights(seed, 0.1)[name] for name, values in base.items()}


def test_a_change_of_full_rank_gives_the_trained_weights_but_for_tables_of_vectors():
    base = weights(0)
    tuned = moved(base, 1)
    merged = with_change(base, low_rank_change(base, tuned, rank=5))
    for name in ("layer.0.dense.weight", "layer.0.dense.bias"):
        np.testing.assert_allclose(merged[name], tuned[name], atol=1e-3)  # halves are kept
        assert merged[name].dtype == np.float32
    name = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(merged[name], base[name])


@given(rank=st.integers(1, 4), seed=st.integers(0, 50))
def test_no_other_matrix_of_that_rank_is_nearer(rank, seed):
    base = weights(seed)
    tuned, name = moved(base, seed + 1), "layer.0.dense.weight"
    difference = (tuned[name] - base[name]).astype(float)
    merged = with_change(base, low_rank_change(base, tuned, rank))[name]
    left_out = np.linalg.svd(difference, compute_uv=False)[rank:]  # Eckart and Young: what is missing is these
    assert np.linalg.norm(merged - tuned[name]) == pytest.approx(np.linalg.norm(left_out), abs=2e-3)


def test_models_of_other_shapes_are_refused():
    base = weights(0)
    with pytest.raises(BadModel, match=r"layer\.0\.dense\.bias is not in both"):
        low_rank_change(base, {name: values for name, values in base.items() if not name.endswith("bias")}, 1)
    with pytest.raises(BadModel, match=r"a model with other\.weight, which"):
        with_change(base, {"other.weight.whole": np.zeros(3)})
