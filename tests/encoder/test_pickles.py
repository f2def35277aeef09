"""A model that was loaded is pickled by the place of its folder; one that is only in memory, with its weights."""

import copy
import pickle
import shutil

import numpy as np
import pytest
import torch

from siamese_text import Scorer
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.static import StaticEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32", "ignore:set SIAMESE")
TEXTS = ["the old cat sleeps", "in the house"]
SMALL = 20_000  # bytes, less than any weights


@pytest.fixture
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu", max_seq_length=17)


def through_a_pickle(encoder):
    return pickle.loads(pickle.dumps(encoder))


@pytest.mark.parametrize("kind", ["torch", "onnx", "int8", "static"])
def test_what_was_loaded_is_pickled_without_its_weights(tiny_sentence_model, static_folder, kind):
    folder = static_folder if kind == "static" else tiny_sentence_model
    encoder = load_encoder(folder, backend="auto" if kind == "static" else kind)
    expected = encoder.encode(TEXTS)  # a copy that reads texts is not pickled either
    assert len(pickle.dumps(encoder)) < SMALL
    for again in (through_a_pickle(encoder), copy.deepcopy(encoder), through_a_pickle(copy.deepcopy(encoder))):
        np.testing.assert_array_equal(again.encode(TEXTS), expected)
        assert again.layout == encoder.layout


def test_what_is_gone_from_the_disk_says_so(tiny_sentence_model, tmp_path):
    encoder = TorchEncoder.load(shutil.copytree(tiny_sentence_model, tmp_path / "model"), device="cpu")
    pickled = pickle.dumps(encoder)
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(Exception, match="model"):
        pickle.loads(pickled)


def trained(encoder):
    with torch.no_grad():
        next(encoder.transformer.parameters()).mul_(3)


@pytest.mark.parametrize(
    "change",
    [
        trained,
        lambda encoder: encoder.add_projection(4),
        lambda encoder: encoder.load_state_dict({name: value + 1 for name, value in encoder.state_dict().items()}),
        lambda encoder: encoder.train(),
    ],
    ids=["a step", "a projection", "other weights", "training mode"],
)
def test_what_was_changed_in_memory_is_pickled_with_its_weights(encoder, change):
    encoder.encode(TEXTS)
    change(encoder)
    again = through_a_pickle(encoder)
    assert len(pickle.dumps(encoder)) > SMALL
    assert again.training == encoder.training
    np.testing.assert_array_equal(again.eval().encode(TEXTS), encoder.eval().encode(TEXTS))


def test_a_layout_that_was_changed_goes_along(encoder):
    encoder.layout = encoder.layout.__class__(**{**fields(encoder.layout), "prompts": {"query": "find: "}})
    assert through_a_pickle(encoder).layout == encoder.layout


def fields(layout):
    return {name: getattr(layout, name) for name in layout.__dataclass_fields__}


def test_a_copy_may_be_trained_alone(encoder):
    expected = encoder.encode(TEXTS)
    copied = copy.deepcopy(encoder)
    trained(copied)
    np.testing.assert_array_equal(encoder.encode(TEXTS), expected)
    assert np.abs(copied.encode(TEXTS) - expected).max() > 1e-3
    assert len(pickle.dumps(copied)) > SMALL


def test_a_table_made_in_memory_is_pickled_whole(static_folder):
    loaded = StaticEncoder.load(static_folder)
    made = StaticEncoder(loaded.table.copy(), loaded.tokenizer.tokenizer, loaded.layout)
    np.testing.assert_array_equal(through_a_pickle(made).encode(TEXTS), loaded.encode(TEXTS))


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_a_scorer_is_pickled_by_the_place_of_its_encoder(trained_model, backend):
    scorer = Scorer.load(trained_model, backend=backend, device="cpu")
    pairs = [(TEXTS[0], TEXTS[1]), (TEXTS[0], TEXTS[0])]
    again = through_a_pickle(scorer)
    assert len(pickle.dumps(scorer)) < 10 * SMALL  # its heads
    np.testing.assert_array_equal(again.predict_proba(pairs), scorer.predict_proba(pairs))
    np.testing.assert_array_equal(copy.deepcopy(scorer).predict_proba(pairs), scorer.predict_proba(pairs))
