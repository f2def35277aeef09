"""The ONNX backend gives what PyTorch gives: vectors, tokens, words, warnings; and no graph outlives its weights."""

import json
import os
import sys
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from siamese_text import atomic, text
from siamese_text.encoder import loading
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import read_layout
from siamese_text.encoder.onnx import export
from siamese_text.encoder.onnx.graphs import find_graph, graph_key, remove_unused
from siamese_text.encoder.onnx.onnx_encoder import OnnxEncoder
from siamese_text.encoder.pooling import POOLINGS
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.encoder.words import word_vectors
from siamese_text.errors import BadModel, BadOutput, TextsUnknown, UsageError

TEXTS = ["", "cat", "The cat sleeps!", "a dog runs fast in the cold rain", "unbelievable", "no, it is not", "cat"]
TEXTS += [f"the {'old ' * old} house by the {'long river ' * old}" for old in range(40)]
SAME = {"rtol": 0, "atol": 1e-5}

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported")


def both(folder):
    """The encoder of a folder in PyTorch and in ONNX Runtime."""
    onnx = load_encoder(folder, backend="onnx")
    assert isinstance(onnx, OnnxEncoder)
    return TorchEncoder.load(folder, device="cpu"), onnx


@pytest.fixture(scope="module")
def pair(tiny_sentence_model):
    return both(tiny_sentence_model)


@pytest.fixture(scope="module")
def prompted(tiny_model, tmp_path_factory):
    """Every pooling mode, a dense layer, cased text put in lower case, and prompts that pooling leaves out."""
    encoder = TorchEncoder.load(tiny_model, device="cpu", pooling=list(POOLINGS), normalize=True, projection=16)
    encoder.layout = replace(
        encoder.layout,
        include_prompt=False,
        lower_case=True,
        max_seq_length=48,
        prompts={"query": "read the book: ", "document": ""},
        default_prompt="query",
    )
    folder = tmp_path_factory.mktemp("models") / "prompted"
    encoder.save(folder)
    return both(folder)


def test_both_say_where_the_model_does_not_know_a_text(tiny_model):
    for encoder in both(tiny_model):
        with pytest.warns(TextsUnknown, match=r"^2 of 3 texts .* take a model of their language") as seen:
            encoder.encode(["🦊", "🐻", "the cat"])
        assert [warning.message.unknown for warning in seen] == [2]


@pytest.mark.parametrize("architecture", ["bert", "roberta", "distilbert", "mpnet", "electra"])
def test_every_architecture_gives_the_vectors_of_pytorch(make_tiny_model, architecture):
    torch, onnx = both(make_tiny_model(architecture))
    np.testing.assert_allclose(onnx.encode(TEXTS), torch.encode(TEXTS), **SAME)
    assert onnx.graph.check["max_abs_error"] < 1e-5


@pytest.mark.filterwarnings("ignore:.*were cut")
@pytest.mark.parametrize("name", [None, "query", "document"])
def test_all_poolings_projection_and_left_out_prompts(prompted, name):
    torch, onnx = prompted
    expected = torch.encode(TEXTS, prompt_name=name)
    np.testing.assert_allclose(onnx.encode(TEXTS, prompt_name=name), expected, **SAME)
    for encoder in (onnx, torch):
        assert (encoder.embedding_dimension, encoder.similarity_fn_name) == (16, "cosine")
    assert expected.shape == (len(TEXTS), 16)
    assert onnx.layout == replace(torch.layout, transformer=onnx.layout.transformer)


def test_queries_and_documents_have_their_prompts(prompted):
    torch, onnx = prompted
    np.testing.assert_allclose(onnx.encode_query(TEXTS[:9]), torch.encode_query(TEXTS[:9]), **SAME)
    np.testing.assert_allclose(onnx.encode_document(TEXTS[:9]), torch.encode_document(TEXTS[:9]), **SAME)
    with pytest.raises(UsageError, match="no prompt 'title'"):
        onnx.encode(["cat"], prompt_name="title")


def test_tokens_are_those_of_pytorch_projected(pair):
    def first_eight(tokens):
        return tokens[:, :8]

    (vectors, tokens), (ours, our_tokens) = (each.encode_tokens(TEXTS, first_eight) for each in pair)
    np.testing.assert_allclose(ours, vectors, **SAME)
    assert [part.shape for part in our_tokens] == [part.shape for part in tokens]
    for mine, theirs in zip(our_tokens, tokens, strict=True):
        np.testing.assert_allclose(mine, theirs, **SAME)


def test_the_words_of_an_explanation_are_those_of_pytorch(pair, prompted):
    whole = "The CAT sleeps, unbelievable!"
    spans = [word.span for word in text.words(whole)]
    for torch, onnx in (pair, prompted):
        np.testing.assert_allclose(word_vectors(onnx, whole, spans), word_vectors(torch, whole, spans), **SAME)


@pytest.mark.parametrize("batch_tokens", [1, 64, 4096])
def test_the_other_texts_of_a_batch_move_no_vector(pair, batch_tokens):
    _, onnx = pair
    np.testing.assert_allclose(onnx.encode(TEXTS, batch_tokens=batch_tokens), onnx.encode(TEXTS), **SAME)


def test_texts_that_are_cut_are_counted_alike(tiny_model, tmp_path):
    TorchEncoder.load(tiny_model, device="cpu", max_seq_length=8).save(tmp_path / "short")
    texts = ["cat " * 6, "cat " * 7, "cat", "cat " * 7 + "dog"]
    said = []
    for encoder in both(tmp_path / "short"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            vectors = encoder.encode(texts)
        said.append([str(warning.message) for warning in caught])
        np.testing.assert_allclose(vectors[1], vectors[0], **SAME)
    assert said[0] == said[1]
    assert said[0][0].startswith("2 of 4 texts were longer than 8 tokens")


def test_no_texts_and_a_single_string(pair):
    _, onnx = pair
    assert onnx.encode([]).shape == (0, 32)
    with pytest.raises(UsageError, match=r"write \[text\]"):
        onnx.encode("a dog")


def test_a_graph_is_exported_once_and_into_the_cache_of_a_model_that_is_not_ours(tiny_sentence_model):
    first = load_encoder(tiny_sentence_model, backend="onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a second export would say so
        second = load_encoder(tiny_sentence_model, backend="onnx")
    assert second.graph == first.graph
    assert second.graph.folder.parent.name == "onnx"
    assert not (tiny_sentence_model / "onnx").exists()
    record = json.loads((second.graph.folder / "graph.json").read_text())
    assert record["check"] == dict(first.graph.check)


def test_a_model_folder_of_ours_holds_its_graph_and_can_be_moved(tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))  # the shared one has a graph of these weights
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    encoder.save(tmp_path / "model")
    (tmp_path / "model" / "siamese_text.json").write_text('{"format": 1}')
    load_encoder(tmp_path / "model", backend="onnx")
    (tmp_path / "model").rename(tmp_path / "moved")
    moved = load_encoder(tmp_path / "moved", backend="onnx")
    assert moved.graph.folder == tmp_path / "moved" / "onnx"
    np.testing.assert_allclose(moved.encode(TEXTS), encoder.encode(TEXTS), **SAME)


def change_a_weight(folder):
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"].flip(0).contiguous()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def pool_by_maximum(folder):
    file = folder / "1_Pooling" / "config.json"
    flags = json.loads(file.read_text()) | {"pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True}
    file.write_text(json.dumps(flags))


def read_words_otherwise(folder):
    file = folder / "tokenizer.json"
    file.write_text(file.read_text().replace('"cat"', '"##cat"').replace('"city"', '"cat"'))


@pytest.mark.parametrize("change", [change_a_weight, pool_by_maximum, read_words_otherwise])
@pytest.mark.parametrize("ours", [True, False])
def test_a_graph_of_other_weights_or_settings_is_never_used(tiny_sentence_model, tmp_path, change, ours):
    folder = tmp_path / "model"
    TorchEncoder.load(tiny_sentence_model, device="cpu").save(folder)
    if ours:
        (folder / "siamese_text.json").write_text('{"format": 1}')
    before = load_encoder(folder, backend="onnx").encode(TEXTS)
    change(folder)
    torch, onnx = both(folder)
    np.testing.assert_allclose(onnx.encode(TEXTS), torch.encode(TEXTS), **SAME)
    assert np.abs(onnx.encode(TEXTS) - before).max() > 0.01


@pytest.mark.parametrize("damage", ["cut", "record", "gone"])
def test_a_damaged_graph_is_made_anew(tiny_sentence_model, tmp_path, damage, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    TorchEncoder.load(tiny_sentence_model, device="cpu").save(tmp_path / "model")
    (tmp_path / "model" / "siamese_text.json").write_text('{"format": 1}')
    first = load_encoder(tmp_path / "model", backend="onnx")
    if damage == "cut":
        first.graph.file.write_bytes(first.graph.file.read_bytes()[:-100])
    elif damage == "record":
        (first.graph.folder / "graph.json").write_text("{")
    else:
        first.graph.file.unlink()
    with pytest.warns(UserWarning, match="exported to ONNX"):
        again = load_encoder(tmp_path / "model", backend="onnx")
    np.testing.assert_array_equal(again.encode(TEXTS), first.encode(TEXTS))


def test_a_graph_that_differs_from_pytorch_is_refused_and_not_kept(tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path))
    monkeypatch.setattr(export, "LARGEST_ERROR", 0.0)
    with pytest.raises(BadModel, match=r"^the exported graph differs from PyTorch by .*use --backend torch$"):
        load_encoder(tiny_sentence_model, backend="onnx")
    layout = read_layout(tiny_sentence_model)
    assert find_graph(tiny_sentence_model, graph_key(layout), "fp32") is None
    assert not list(tmp_path.rglob("*.onnx"))


def test_without_a_place_for_the_graph_the_error_names_the_variable(tiny_sentence_model, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "file"))
    with pytest.raises(BadOutput, match="SIAMESE_TEXT_CACHE"):
        load_encoder(tiny_sentence_model, backend="onnx")


def test_the_files_of_the_model_can_be_written_elsewhere(prompted, tmp_path):
    torch, onnx = prompted
    onnx.write(tmp_path)
    again = TorchEncoder.load(tmp_path, device="cpu")
    assert again.layout == replace(
        torch.layout,
        transformer=tmp_path,
        projections=tuple(replace(each, folder=tmp_path / "2_Dense") for each in torch.layout.projections),
    )
    np.testing.assert_array_equal(again.encode(TEXTS[:9]), torch.encode(TEXTS[:9]))


@pytest.mark.weights
def test_the_default_model_gives_the_same_vectors(sample_pairs):
    texts = [pair.sentence1 for pair in sample_pairs] + ["a long one " * 100]
    with pytest.warns(UserWarning, match="1 of"):
        expected, ours = (load_encoder(backend=name).encode(texts) for name in ("torch", "onnx"))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5)


def test_the_seam_that_hides_torch_from_auto_is_the_real_one():
    assert loading.sys is sys


def test_of_two_exports_that_end_together_both_give_vectors(tiny_sentence_model, tmp_path, monkeypatch):
    """The other process ends between the look at the place and the rename, which the system then refuses."""
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    theirs = load_encoder(tiny_sentence_model, backend="onnx").graph.folder
    away = theirs.rename(tmp_path / "away")

    def end_first(new, path):
        away.rename(path)
        new.replace(path)

    monkeypatch.setattr(atomic, "_replace_folder", end_first)
    ours = load_encoder(tiny_sentence_model, backend="onnx")
    assert ours.graph.folder == theirs
    assert ours.encode(["cat"]).shape == (1, 32)
    assert [folder.name for folder in theirs.parent.iterdir()] == [theirs.name]


def test_an_export_removes_from_the_cache_what_nobody_used_for_a_month(tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path))
    old, recent = time.time() - 40 * 24 * 3600, time.time() - 20 * 24 * 3600
    times = {"a" * 32: old, f".{'b' * 32}.draft": old, "c" * 32: recent, "mine": old}
    for name, moment in times.items():
        (tmp_path / "onnx-int8" / name).mkdir(parents=True)
        os.utime(tmp_path / "onnx-int8" / name, (moment, moment))
    graph = load_encoder(tiny_sentence_model, backend="onnx").graph
    assert {folder.name for folder in (tmp_path / "onnx-int8").iterdir()} == {"c" * 32, "mine"}
    os.utime(graph.folder, (old, old))
    load_encoder(tiny_sentence_model, backend="onnx")  # is a use
    remove_unused()
    assert graph.file.exists()
