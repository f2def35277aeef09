"""Estimators with a model by name: loaded once, shared, and known again when they are opened."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from siamese_text import CachedEncoder, EmbeddingTransformer, load_encoder
from siamese_text.errors import BadModel, MissingInput

TEXTS = ["the cat sat in the garden", "a dog runs", "snow on the road", "two bees", "a long book", "the red train"]


def change_weights(folder):
    """Put other weights into a model folder, as a training to the same place does."""
    file = next(folder.rglob("model.safetensors"))
    save_file({key: value * 1.5 for key, value in load_file(file).items()}, str(file), {"format": "pt"})


@pytest.fixture
def name(tiny_sentence_model, tmp_path):
    """A model of this test alone."""
    return str(shutil.copytree(tiny_sentence_model, tmp_path / "model"))


def test_a_named_model_gives_the_vectors_of_its_encoder(name):
    vectors = EmbeddingTransformer(name).fit_transform(TEXTS)
    assert np.allclose(vectors, load_encoder(name).encode(TEXTS), atol=1e-6)
    assert np.array_equal(vectors[2:3], EmbeddingTransformer(name).transform(TEXTS[2:3]))  # whatever stood beside it


def test_all_estimators_of_a_name_share_one_cache(name):
    pipeline = make_pipeline(EmbeddingTransformer(name), LogisticRegression())
    cross_val_score(pipeline, TEXTS, [0, 1] * 3, cv=3)
    encoder, _ = clone(pipeline)[0].open_encoder()
    assert encoder.encoded == len(TEXTS)


def test_a_pickle_holds_the_name_alone(name):
    transformer = EmbeddingTransformer(name).fit(TEXTS)
    data = pickle.dumps(transformer)
    assert len(data) < 1000
    assert np.array_equal(pickle.loads(data).transform(TEXTS), transformer.transform(TEXTS))


def test_a_model_that_was_trained_anew_is_loaded_anew_and_refused_for_what_was_fitted_before(name, tmp_path):
    transformer = EmbeddingTransformer(name).fit(TEXTS)
    before = transformer.transform(TEXTS)
    transformer.save(tmp_path / "saved")
    assert np.array_equal(EmbeddingTransformer.open(tmp_path / "saved").transform(TEXTS), before)
    change_weights(Path(name))
    assert not np.array_equal(transformer.transform(TEXTS), before)
    with pytest.raises(BadModel, match="was fitted with another model"):
        EmbeddingTransformer.open(tmp_path / "saved")


def test_a_loaded_encoder_will_do(name):
    encoder = load_encoder(name)
    vectors = EmbeddingTransformer(CachedEncoder(encoder)).transform(TEXTS)
    assert np.allclose(vectors, EmbeddingTransformer(encoder).transform(TEXTS), atol=1e-6)
    assert EmbeddingTransformer(encoder).open_encoder()[1] == EmbeddingTransformer(name).open_encoder()[1]


def test_an_unknown_name_is_said_when_it_is_needed():
    transformer = EmbeddingTransformer("no-such-model")
    with pytest.raises(MissingInput, match="no-such-model"):
        transformer.transform(TEXTS)
