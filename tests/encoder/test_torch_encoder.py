"""Equal vectors and settings, both ways: sentence-transformers on our folders, and our encoder on theirs."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from transformers import AutoTokenizer

from siamese_text.encoder.pooling import POOLINGS
from siamese_text.encoder.torch_encoder import TorchEncoder

TEXTS = [
    "The cat sleeps in the old house.",
    "in the house, the old cat is asleep!",
    "",
    "a bee " * 20,
    "Ünïcödé, 日本語 and 😀",
    "  two  spaces \n and a new line ",
    "dog",
]
SEVERAL = [*([mode] for mode in POOLINGS), ["max", "cls"], ["mean", "lasttoken", "cls"]]
ACTIVATIONS = [torch.nn.Identity(), torch.nn.Tanh(), torch.nn.ReLU(), torch.nn.GELU()]
WORDS = "the small river runs past an old library where nobody reads books about bees and 17 ships"


def peer(folder):
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def assert_equal_vectors(ours, theirs, texts=TEXTS, tolerance=1e-6, **prompt):
    np.testing.assert_allclose(ours.encode(texts, **prompt), theirs.encode(texts, **prompt), rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize("projection", [None, 8])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("pooling", SEVERAL, ids="+".join)
def test_sentence_transformers_opens_our_folder_with_equal_vectors(
    tiny_model, tmp_path, pooling, normalize, projection
):
    encoder = TorchEncoder.load(tiny_model, device="cpu", pooling=pooling, normalize=normalize, projection=projection)
    encoder.save(tmp_path / "model")
    theirs = peer(tmp_path / "model")
    assert_equal_vectors(encoder, theirs)
    assert theirs.get_embedding_dimension() == encoder.embedding_dimension == (projection or 32 * len(pooling))


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("pooling", SEVERAL, ids="+".join)
def test_we_open_a_sentence_transformers_folder_with_equal_vectors(tiny_model, tmp_path, pooling, normalize, dense):
    modules = [Transformer(str(tiny_model)), Pooling(32, pooling_mode=pooling)]
    modules += [Dense(32 * len(pooling), 8)] if dense else []
    modules += [Normalize()] if normalize else []
    theirs = SentenceTransformer(modules=modules, device="cpu")
    theirs.save(str(tmp_path / "model"))
    encoder = TorchEncoder.load(tmp_path / "model", device="cpu")
    assert_equal_vectors(encoder, theirs)
    assert encoder.layout.pooling == tuple(pooling)
    assert encoder.layout.normalize is normalize


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_dense_layers_keep_activation_and_bias_through_both_libraries(tiny_model, tmp_path, activation):
    chain = [Dense(32, 16, activation_function=activation), Dense(16, 8, bias=False, activation_function=activation)]
    theirs = SentenceTransformer(modules=[Transformer(str(tiny_model)), Pooling(32), *chain], device="cpu")
    theirs.save(str(tmp_path / "theirs"))
    encoder = TorchEncoder.load(tmp_path / "theirs", device="cpu")
    encoder.save(tmp_path / "ours")
    assert_equal_vectors(encoder, theirs)
    assert_equal_vectors(encoder, peer(tmp_path / "ours"))
    assert_equal_vectors(TorchEncoder.load(tmp_path / "ours", device="cpu"), theirs)


def test_settings_survive_from_us_to_sentence_transformers(tiny_model, tmp_path):
    encoder = TorchEncoder.load(tiny_model, device="cpu", similarity="manhattan", max_seq_length=16)
    encoder.layout = replace(
        encoder.layout,
        prompts={"query": "find: ", "document": "", "title": "title: "},
        default_prompt="title",
        lower_case=True,
    )
    encoder.save(tmp_path / "model")
    theirs = peer(tmp_path / "model")
    assert theirs.similarity_fn_name == "manhattan"
    assert theirs.max_seq_length == 16
    assert theirs.prompts == encoder.layout.prompts
    assert theirs.default_prompt_name == "title"
    assert theirs[0].do_lower_case


def test_settings_survive_from_sentence_transformers_to_us_and_back(tiny_model, tmp_path):
    modules = [Transformer(str(tiny_model), max_seq_length=16), Pooling(32)]
    SentenceTransformer(
        modules=modules,
        device="cpu",
        prompts={"query": "find: ", "title": "title: "},
        default_prompt_name="title",
        similarity_fn_name="dot",
    ).save(str(tmp_path / "theirs"))
    encoder = TorchEncoder.load(tmp_path / "theirs", device="cpu")
    assert encoder.similarity_fn_name == "dot"
    assert encoder.layout.max_seq_length == 16
    assert encoder.layout.prompts == {"query": "find: ", "document": "", "title": "title: "}
    assert encoder.layout.default_prompt == "title"
    encoder.save(tmp_path / "ours")
    again = TorchEncoder.load(tmp_path / "ours", device="cpu")
    assert replace(again.layout, transformer=encoder.layout.transformer) == encoder.layout


@pytest.mark.parametrize("include_prompt", [True, False])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_prompts_are_read_and_pooled_as_sentence_transformers_does(tiny_model, tmp_path, pooling, include_prompt):
    theirs = SentenceTransformer(
        modules=[Transformer(str(tiny_model)), Pooling(32, pooling, include_prompt=include_prompt)],
        device="cpu",
        prompts={"query": "read the book: ", "title": "old "},
        default_prompt_name="title",
    )
    theirs.save(str(tmp_path / "theirs"))
    encoder = TorchEncoder.load(tmp_path / "theirs", device="cpu")
    encoder.save(tmp_path / "ours")
    ours_read_by_them = peer(tmp_path / "ours")
    for name in ("query", "title", None):
        assert_equal_vectors(encoder, theirs, prompt_name=name)
        assert_equal_vectors(encoder, ours_read_by_them, prompt_name=name)


@pytest.mark.parametrize("prompts", [{}, {"query": "find: "}, {"document": "text: "}])
@pytest.mark.parametrize("default", [None, "title", "document"])
def test_queries_and_documents_get_the_prompts_that_sentence_transformers_gives_them(
    tiny_model, tmp_path, prompts, default
):
    modules = [Transformer(str(tiny_model)), Pooling(32)]
    prompts = {"title": "early: ", **prompts}
    theirs = SentenceTransformer(modules=modules, device="cpu", prompts=prompts, default_prompt_name=default)
    theirs.save(str(tmp_path / "model"))
    encoder = TorchEncoder.load(tmp_path / "model", device="cpu")
    assert_equal_vectors(encoder, theirs)
    np.testing.assert_allclose(encoder.encode_query(TEXTS), theirs.encode_query(TEXTS), rtol=0, atol=1e-6)
    np.testing.assert_allclose(encoder.encode_document(TEXTS), theirs.encode_document(TEXTS), rtol=0, atol=1e-6)


def test_lower_casing_reaches_a_tokenizer_that_keeps_case_through_both_libraries(make_tiny_model, tmp_path):
    cased = make_tiny_model("bert", lower_case=False)
    texts = ["THE OLD CAT", "the old cat"]
    upper, lower = TorchEncoder.load(cased, device="cpu").encode(texts)
    assert np.abs(upper - lower).max() > 0.01

    theirs = SentenceTransformer(modules=[Transformer(str(cased), do_lower_case=True), Pooling(32)], device="cpu")
    theirs.save(str(tmp_path / "theirs"))
    encoder = TorchEncoder.load(tmp_path / "theirs", device="cpu")
    assert_equal_vectors(encoder, theirs)
    upper, lower = encoder.encode(texts)
    np.testing.assert_allclose(upper, lower, atol=1e-5)  # two rows of one batch may differ in the last bits

    tokenizer = AutoTokenizer.from_pretrained(cased)
    ours = TorchEncoder(encoder.transformer, tokenizer, replace(encoder.layout, lower_case=True)).eval()
    ours.save(tmp_path / "ours")
    assert_equal_vectors(ours, theirs)
    assert_equal_vectors(ours, peer(tmp_path / "ours"))
    assert_equal_vectors(TorchEncoder.load(tmp_path / "ours", device="cpu"), theirs)


def test_long_texts_are_cut_at_the_same_token(tiny_model, tmp_path):
    encoder = TorchEncoder.load(tiny_model, device="cpu", max_seq_length=12)
    encoder.save(tmp_path / "model")
    texts = [f"cat {'dog ' * words} bird" for words in range(6, 14)]
    with pytest.warns(UserWarning, match="5 of 8 texts were longer than 12 tokens"):
        assert_equal_vectors(encoder, peer(tmp_path / "model"), texts)


@pytest.mark.parametrize("architecture", ["roberta", "distilbert"])
def test_other_architectures_have_equal_vectors(make_tiny_model, tmp_path, architecture):
    encoder = TorchEncoder.load(make_tiny_model(architecture), device="cpu", normalize=True)
    encoder.save(tmp_path / "model")
    assert_equal_vectors(encoder, peer(tmp_path / "model"))


def test_a_roberta_reads_two_tokens_less_than_it_has_positions(make_tiny_model):
    encoder = TorchEncoder.load(make_tiny_model("roberta"), device="cpu")
    assert encoder.layout.max_seq_length == 126
    with pytest.warns(UserWarning, match="126 tokens"):
        assert np.isfinite(encoder.encode(["cat " * 200])).all()


@pytest.fixture(scope="module")
def mixed_texts():
    """500 texts of 1 to 400 words, most of them short, as texts are."""
    chance = random.Random(0)
    lengths = [1, 400, *(1 + int(400 * chance.random() ** 12) for _ in range(498))]
    return [" ".join(chance.choices(WORDS.split(), k=length)) for length in lengths]


@pytest.mark.weights
@pytest.mark.filterwarnings("ignore:.* texts were longer than 256 tokens")
def test_minilm_has_the_vectors_of_sentence_transformers_through_every_folder(mixed_texts, tmp_path):
    encoder = TorchEncoder.load("all-MiniLM-L6-v2", device="cpu")
    theirs = peer(encoder.resolved.folder)
    assert_equal_vectors(encoder, theirs, mixed_texts, tolerance=1e-5)
    encoder.save(tmp_path / "ours")
    theirs.save(str(tmp_path / "theirs"))
    assert_equal_vectors(encoder, peer(tmp_path / "ours"), TEXTS, tolerance=1e-5)
    assert_equal_vectors(TorchEncoder.load(tmp_path / "theirs", device="cpu"), theirs, TEXTS, tolerance=1e-5)
