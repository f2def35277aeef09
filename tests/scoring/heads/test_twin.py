import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siamese_text.errors import BadModel
from siamese_text.scoring.heads.twin import TwinHead, symmetric_features
from siamese_text.training.losses.bce import TwinHeadLoss

WIDTH = 6
numbers = st.floats(-4, 4, width=32)
columns = st.integers(1, 5).flatmap(
    lambda rows: st.tuples(*[arrays(np.float32, (rows, WIDTH), elements=numbers) for _ in "uv"])
)


@pytest.fixture(scope="module")
def loss():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TwinHeadLoss(WIDTH, head_hidden=8)


@settings(max_examples=100, deadline=None)
@given(pair=columns)
def test_swapping_the_sentences_gives_exactly_the_same_log_odds(loss, pair):
    head = loss.trained_head()
    np.testing.assert_array_equal(head.logits(*pair), head.logits(*reversed(pair)))


@settings(max_examples=100, deadline=None)
@given(pair=columns)
def test_the_numpy_head_is_the_torch_head_that_was_trained(loss, pair):
    with torch.inference_mode():
        expected = loss.eval().logits(*(torch.from_numpy(side) for side in pair))
    logits = loss.trained_head().logits(*pair)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected.numpy(), rtol=1e-5, atol=1e-5)


def test_log_odds_are_those_of_a_two_layer_perceptron_computed_by_hand():
    head = TwinHead(
        {
            "hidden.weight": np.float32([[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, -1]]),  # three units on four features
            "hidden.bias": np.float32([0, -1, 0]),
            "output.weight": np.float32([[2, 10, 100]]),
            "output.bias": np.float32([0.5]),
        }
    )
    # u + v = 5, |u − v| = 1, u · v = 6, (u − v)² = 1; the units give 5, 1 + 6 − 1 = 6 and max(0, −1) = 0
    assert head.logits(np.float32([[3]]), np.float32([[2]])).tolist() == [2 * 5 + 10 * 6 + 0.5]


def test_the_features_of_unit_vectors_have_one_order_of_magnitude_at_any_width():
    for width in (16, 384):
        u, v = np.random.default_rng(0).standard_normal((2, 200, width))
        u, v = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (u, v))
        assert all(0.5 < feature.std() < 5 for feature in symmetric_features(u, v))


def test_a_trained_head_keeps_its_weights_while_training_goes_on():
    loss = TwinHeadLoss(WIDTH, head_hidden=8)
    head = loss.trained_head()
    before = head.weights["output.bias"].copy()
    with torch.no_grad():
        loss.output.bias += 1
    np.testing.assert_array_equal(head.weights["output.bias"], before)


def test_a_head_is_read_as_it_was_written(loss, tmp_path):
    head = loss.trained_head()
    head.write(tmp_path)
    again = TwinHead.read(tmp_path)
    assert again.weights.keys() == head.weights.keys()
    for name, weights in head.weights.items():
        np.testing.assert_array_equal(again.weights[name], weights)


def test_a_folder_without_a_head_has_none(tmp_path):
    assert TwinHead.read(tmp_path) is None


@pytest.mark.parametrize("kept", [0, 0.5, 0.99])
def test_a_file_cut_short_is_refused(loss, tmp_path, kept):
    loss.trained_head().write(tmp_path)
    path = tmp_path / TwinHead.FILE
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BadModel, match="cannot be read"):
        TwinHead.read(tmp_path)


def test_a_file_that_lacks_a_matrix_is_refused(loss, tmp_path):
    from safetensors.numpy import save_file

    save_file({"hidden.weight": np.zeros((2, 2), np.float32)}, tmp_path / TwinHead.FILE)
    with pytest.raises(BadModel, match=r"hidden\.bias"):
        TwinHead.read(tmp_path)
