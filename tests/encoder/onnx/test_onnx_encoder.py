"""What an ONNX encoder is beside its vectors: sessions, copies, the files of its model."""

import copy

import numpy as np
import pytest

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import open_model
from siamese_text.encoder.onnx.onnx_encoder import BATCH_TOKENS, OnnxEncoder
from siamese_text.errors import BadModel

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32")
TEXTS = ["a dog barks", "the cat sleeps", ""]


@pytest.fixture(scope="module")
def encoder(tiny_sentence_model):
    return load_encoder(tiny_sentence_model, backend="onnx")


def test_it_knows_the_folder_that_it_came_from(encoder, tiny_sentence_model):
    assert encoder.resolved == open_model(tiny_sentence_model)


def test_batches_are_of_the_size_that_suits_the_dtype(encoder, tiny_sentence_model):
    quick = load_encoder(tiny_sentence_model, backend="int8")
    assert (encoder.batch_tokens, quick.batch_tokens) == (BATCH_TOKENS["fp32"], BATCH_TOKENS["int8"])
    assert (encoder.pads, quick.pads) == (True, False)


def test_a_copy_opens_the_graph_again(encoder):
    again = copy.deepcopy(encoder)
    assert again.session is not encoder.session
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))


def test_after_a_fork_a_session_is_opened_when_it_is_needed(encoder, monkeypatch):
    from siamese_text.encoder.onnx import onnx_encoder

    monkeypatch.setattr(onnx_encoder, "skip_destructors", lambda: None)  # this is no fork
    fresh = copy.copy(encoder)
    session, expected = fresh.session, fresh.encode(TEXTS)
    fresh.after_fork()
    fresh.after_fork()  # a fork of a fork that used nothing
    np.testing.assert_array_equal(fresh.encode(TEXTS), expected)
    assert fresh.session is not session


def test_a_damaged_graph_is_one_line(encoder, tmp_path):
    from dataclasses import replace

    (tmp_path / "model.onnx").write_bytes(b"damaged")
    (tmp_path / "tokenizer.json").write_bytes(encoder.graph.tokenizer_file.read_bytes())
    with pytest.raises(BadModel, match="delete its folder, and it is made anew") as caught:
        OnnxEncoder(replace(encoder.graph, folder=tmp_path), encoder.layout)
    assert "\n" not in str(caught.value)
