"""A static encoder: means of token vectors, by hand and beside sentence-transformers."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from siamese_text.api import Scorer
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import Layout
from siamese_text.encoder.static import StaticEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadModel, TextsUnknown, UsageError
from siamese_text.training.run import run_training
from siamese_text.training.settings import TrainSettings

TABLE = [[0.0, 0.0, 0.0], [1.0, 2.0, 2.0], [3.0, 0.0, -1.0], [0.5, 0.5, 0.5]]
NORMALISED = Layout(Path(), static=True, normalize=True)


def make_encoder(layout=NORMALISED, table=TABLE):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "red": 1, "blue": 2, "query:": 3}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return StaticEncoder(np.array(table, dtype=np.float32), tokenizer, layout)


@pytest.fixture
def folder(tmp_path):
    make_encoder().save(tmp_path / "static")
    return tmp_path / "static"


def test_a_text_is_the_mean_of_its_tokens_by_hand():
    encoder = make_encoder(replace(NORMALISED, normalize=False))
    vectors = encoder.encode(["red", "Red BLUE blue", "red unknown", "", " "])
    expected = [TABLE[1], [7 / 3, 2 / 3, 0.0], [0.5, 1.0, 1.0], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert vectors.dtype == np.float32
    unit = make_encoder().encode(["red blue"])[0]
    np.testing.assert_allclose(unit, np.array([4, 2, 1]) / math.sqrt(21), atol=1e-6)
    assert encoder.encode([]).shape == (0, 3)


def test_many_texts_are_told_of_and_keep_their_order():
    told = []
    texts = ["red", "blue", "red blue"] * 1000
    vectors = make_encoder().encode(texts, progress=lambda *done: told.append(done))
    np.testing.assert_array_equal(vectors[:3], vectors[-3:])
    assert told == [(2048, 3000), (3000, 3000)]


def test_prompts_go_before_texts():
    encoder = make_encoder(replace(NORMALISED, prompts={"query": "query: ", "document": ""}))
    np.testing.assert_array_equal(encoder.encode_query(["red"]), encoder.encode(["query: red"]))
    np.testing.assert_array_equal(encoder.encode_document(["red"]), encoder.encode(["red"]))
    with pytest.raises(UsageError, match="no prompt 'title'"):
        encoder.encode(["red"], prompt_name="title")


def test_texts_of_unknown_tokens_are_told_of():
    with pytest.warns(TextsUnknown, match=r"^2 of 3 texts"):
        make_encoder().encode(["green", "red green", "red red green"])


def test_one_string_is_refused():
    with pytest.raises(UsageError, match="write \\[text\\]"):
        make_encoder().encode("red")


def test_its_folder_opens_here_and_in_sentence_transformers_with_the_same_vectors(folder):
    from sentence_transformers import SentenceTransformer

    texts = ["red", "blue red", "", "something else red", "red " * 3000]
    ours = load_encoder(folder)
    assert isinstance(ours, StaticEncoder)
    assert ours.resolved.folder == folder
    np.testing.assert_allclose(ours.encode(texts), make_encoder().encode(texts), atol=0)
    np.testing.assert_allclose(ours.encode(texts), SentenceTransformer(str(folder)).encode(texts), atol=1e-6)


def test_what_sentence_transformers_saves_opens_here(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding

    module = StaticEmbedding(make_encoder().tokenizer.tokenizer, embedding_weights=np.array(TABLE, dtype=np.float32))
    theirs = SentenceTransformer(modules=[module], device="cpu")
    theirs.save(str(tmp_path / "theirs"))
    texts = ["red blue", "blue"]
    np.testing.assert_allclose(load_encoder(tmp_path / "theirs").encode(texts), theirs.encode(texts), atol=1e-6)


def test_a_model2vec_table_shares_and_weights_its_rows(folder):
    from safetensors.numpy import save_file

    tensors = {
        "embeddings": np.array([[0, 0, 0], [1, 2, 2]], dtype=np.float16),
        "mapping": np.array([0, 1, 1, 0]),
        "weights": np.array([1, 1, 3, 1], dtype=np.float64),
    }
    save_file(tensors, folder / "model.safetensors")
    np.testing.assert_array_equal(StaticEncoder.load(folder).table, [[0, 0, 0], [1, 2, 2], [3, 6, 6], [0, 0, 0]])


def test_damaged_folders_are_refused(folder):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BadModel, match=r"tokenizer\.json"):
        load_encoder(folder)
    make_encoder().save(folder, overwrite=True)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(BadModel, match="save the model anew"):
        load_encoder(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(BadModel, match="no weights"):
        load_encoder(folder)
    with pytest.raises(BadModel, match="2 rows for 4 tokens"):
        make_encoder(table=TABLE[:2])


def test_what_it_has_not_is_refused(folder, tmp_path):
    with pytest.raises(UsageError, match="without layers; open it with load_encoder"):
        TorchEncoder.load(folder, pooling="cls")
    with pytest.raises(UsageError, match="is static"):
        run_training(TrainSettings(model=str(folder), max_train_samples=8), tmp_path / "trained")


def test_a_transformer_is_no_table(tiny_sentence_model):
    with pytest.raises(BadModel, match=r"is a transformer.*open it with load_encoder"):
        StaticEncoder.load(tiny_sentence_model)


def test_a_scorer_scores_and_explains_with_it(folder):
    scorer = Scorer.load(folder)
    said = scorer.predict([("red", "red"), ("red", "blue")])
    np.testing.assert_allclose(said.similarity, [1, 1 / (3 * math.sqrt(10))], atol=1e-6)
    assert said.same is None
    assert scorer.explain(("red blue", "red")) is not None
