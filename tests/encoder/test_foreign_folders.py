"""Folders of sentence-transformers and Hugging Face: each key and each architecture holds as there, or is refused.

What is opened gives the vectors of sentence-transformers, and what we save of it gives them there again.
"""

import json
import logging
import shutil

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, StaticEmbedding, Transformer

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import read_layout
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadModel, UsageError

TEXTS = ["the old cat sleeps", "", "A Dog Barks at the [SEP] white bird, again and again", "ΟΔΟΣ", "bread " * 9]
MODEL, TEXT = "config_sentence_transformers.json", "sentence_bert_config.json"
DENSE, POOLING, NORMALIZE = "2_Dense/config.json", "1_Pooling/config.json", "3_Normalize/config.json"
# Beyond the sizes that all share; None takes one of them away.
ENCODERS = {
    "albert": {"embedding_size": 16},
    "bart": {"encoder_layers": 1, "decoder_layers": 1, "d_model": 32, "encoder_attention_heads": 2},
    "big_bird": {"attention_type": "original_full"},
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 16},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64},
    "electra": {"embedding_size": 16},
    "fnet": {},
    "longformer": {"attention_window": 16},
    "modernbert": {"local_attention": 16, "cls_token_id": 0, "sep_token_id": 2, "bos_token_id": 0, "eos_token_id": 2},
    "mpnet": {},
    "rembert": {"input_embedding_size": 16, "output_embedding_size": 16},
    "roformer": {"embedding_size": 32},
    "squeezebert": {"embedding_size": 32, "q_groups": 1, "k_groups": 1, "v_groups": 1, "post_attention_groups": 1},
    "xlm-roberta": {},
}
DECODERS = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 128},
    "gpt_neox": {},
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 1},
    "qwen3": {"num_key_value_heads": 1, "head_dim": 16},
}
BOTH_HALVES = {
    "longt5": {"d_kv": 16, "num_layers": 2, "num_heads": 2, "d_ff": 64, "d_model": 32},
    "t5": {"d_kv": 16, "num_layers": 2, "num_heads": 2, "d_ff": 64, "d_model": 32},
    "umt5": {"d_kv": 16, "num_layers": 2, "num_heads": 2, "d_ff": 64, "d_model": 32},
}
XLNET = {"max_position_embeddings": None, "d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64}
MARIAN = {
    "d_model": 32,
    **dict.fromkeys(("encoder_layers", "decoder_layers"), 1),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 32),
}

pytestmark = pytest.mark.filterwarnings("ignore:.*half or more of tokens", "ignore:.*were longer than")


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def whole(tiny_model, tmp_path_factory):
    """A folder with a module of each kind that both read, as sentence-transformers writes it."""
    torch.manual_seed(0)
    chain = [Transformer(str(tiny_model)), Pooling(32), modules.Dense(32, 8), Normalize()]
    folder = tmp_path_factory.mktemp("foreign") / "whole"
    SentenceTransformer(modules=chain, device="cpu").save(str(folder))
    return folder


@pytest.fixture
def model(whole, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(whole, tmp_path / "model")


def theirs(folder, texts=TEXTS):
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True).encode(texts)


def assert_same(folder, tmp_path, texts=TEXTS):
    """Theirs, ours, theirs of what we saved, and ours of that: four times the same vectors."""
    encoder = load_encoder(folder, backend="torch", device="cpu")
    vectors = encoder.encode(texts)
    encoder.save(tmp_path / "saved")
    again = load_encoder(tmp_path / "saved", backend="torch", device="cpu")
    for others in (theirs(folder, texts), theirs(tmp_path / "saved", texts), again.encode(texts)):
        np.testing.assert_allclose(vectors, others, rtol=1e-5, atol=2e-6)
    assert vectors.shape == (len(texts), encoder.embedding_dimension)
    return encoder


def change(path, *, without=(), **values):
    old = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({key: value for key, value in (old | values).items() if key not in without}))


def change_module(folder, place, **values):
    path = folder / "modules.json"
    chain = json.loads(path.read_text())
    chain[place] |= values
    path.write_text(json.dumps(chain))


def refusal(folder):
    with pytest.raises(UsageError) as caught:
        load_encoder(folder, backend="torch", device="cpu")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def make(make_tokenizer, folder, kind, sizes, *, cls="AutoModel", **special):
    """Write a tiny model of some architecture, and a tokenizer with or without a padding token."""
    import transformers

    tokenizer = make_tokenizer(lower_case=True)
    if special:
        for name in ("pad_token", "cls_token", "sep_token"):
            setattr(tokenizer, name, None)
        tokenizer.eos_token = special["eos_token"]
    values = {
        **{"vocab_size": len(tokenizer), "pad_token_id": 1, "hidden_size": 32, "num_hidden_layers": 2},
        **{"num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 128},
        **{"initializer_range": 0.2, "decoder_start_token_id": 1, "eos_token_id": 2, "bos_token_id": 0},
        **sizes,
    }
    config = transformers.AutoConfig.for_model(
        kind, **{key: value for key, value in values.items() if value is not None}
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        getattr(transformers, cls).from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def make_model(make_tokenizer_function):
    def of(folder, kind, sizes, **options):
        return make(make_tokenizer_function, folder, kind, sizes, **options)

    return of


@pytest.mark.parametrize("kind", [*ENCODERS, *BOTH_HALVES])
def test_each_architecture_has_the_vectors_of_sentence_transformers(make_model, tmp_path, kind):
    assert_same(make_model(tmp_path / kind, kind, (ENCODERS | BOTH_HALVES)[kind]), tmp_path)


@pytest.mark.parametrize("kind", DECODERS)
def test_a_decoder_without_a_padding_token_is_saved_with_one(make_model, tmp_path, kind):
    folder = make_model(tmp_path / kind, kind, DECODERS[kind], eos_token="[SEP]")
    encoder = load_encoder(folder, backend="torch", device="cpu")
    encoder.save(tmp_path / "saved")
    np.testing.assert_allclose(theirs(tmp_path / "saved"), encoder.encode(TEXTS), rtol=1e-5, atol=2e-6)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])  # where nothing is padded
    np.testing.assert_allclose(alone, encoder.encode(TEXTS), rtol=1e-5, atol=2e-6)


@pytest.mark.filterwarnings("ignore:the model is exported")
def test_an_onnx_encoder_saves_a_padding_token_too(make_model, tmp_path):
    folder = make_model(tmp_path / "gpt2", "gpt2", DECODERS["gpt2"], eos_token="[SEP]")
    encoder = load_encoder(folder, backend="onnx")
    encoder.save(tmp_path / "saved")
    np.testing.assert_allclose(theirs(tmp_path / "saved"), encoder.encode(TEXTS), rtol=1e-4, atol=1e-5)


def test_a_plain_decoder_is_pooled_by_its_last_token(make_model, tmp_path):
    folder = make_model(tmp_path / "llama", "llama", DECODERS["llama"], cls="AutoModelForCausalLM")
    assert read_layout(folder).pooling == ("lasttoken",)
    assert_same(folder, tmp_path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_of_half_precision_are_read_in_float32(make_tiny_model, tmp_path, dtype):
    folder = make_tiny_model("bert", dtype=dtype)
    encoder = TorchEncoder.load(folder, device="cpu")
    exact = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
    np.testing.assert_allclose(encoder.encode(TEXTS), exact.encode(TEXTS), rtol=1e-5, atol=2e-6)


def test_of_a_translator_the_half_that_reads_is_found_in_the_whole(make_model, tmp_path):
    folder = make_model(tmp_path / "marian", "marian", MARIAN | {"pad_token_id": 1})
    encoder = load_encoder(folder, backend="torch", device="cpu")
    encoder.save(tmp_path / "saved")
    np.testing.assert_allclose(theirs(tmp_path / "saved"), encoder.encode(TEXTS), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("kind", "sizes", "seen"),
    [
        (
            "xlnet",
            {"max_position_embeddings": None, "d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64},
            "xlnet, which reads which segment",
        ),
        ("vit", {"image_size": 16, "patch_size": 8}, "reads no texts"),
        ("bros", {}, "bros gives no states of the tokens of a text"),
    ],
)
def test_an_architecture_that_reads_more_than_a_text_is_refused(make_model, tmp_path, kind, sizes, seen):
    assert seen in refusal(make_model(tmp_path / kind, kind, sizes))


@pytest.mark.parametrize(
    ("file", "values"),
    [
        (MODEL, {"truncate_dim": 5}),
        (MODEL, {"prompts": {"query": "find: "}, "default_prompt_name": "query"}),
        (MODEL, {"similarity_fn_name": None, "model_type": "SentenceTransformer"}),
        (
            MODEL,
            {"requirements": {"sentence_transformers": ">=3", "transformers": {"specifier": ">=4", "reason": "x"}}},
        ),
        (TEXT, {"max_seq_length": 6}),
        (TEXT, {"do_lower_case": True}),
        (TEXT, {"unpad_inputs": False, "query_length": None}),
        (TEXT, {"processing_kwargs": {}}),
        (TEXT, {"model_args": {"attn_implementation": "eager", "trust_remote_code": True}}),
        (TEXT, {"model_kwargs": {"torch_dtype": "float32"}}),
        (TEXT, {"tokenizer_args": {"model_max_length": 7}, "max_seq_length": 9}),
        (TEXT, {"processor_kwargs": {"model_max_length": 9, "truncation_side": "left"}}),
        (TEXT, {"config_args": {"num_hidden_layers": 1}}),
        (TEXT, {"config_kwargs": {"hidden_act": "relu"}}),
        (POOLING, {"pooling_mode": ["max", "cls"]}),
        (POOLING, {"pooling_mode": "weightedmean", "include_prompt": False}),
        (DENSE, {"activation_function": "torch.nn.modules.activation.Sigmoid"}),
        (DENSE, {"activation_function": "torch.nn.modules.activation.SiLU", "use_residual": False}),
        (NORMALIZE, {"module_output_name": "sentence_embedding"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
@pytest.mark.filterwarnings("ignore")
def test_a_key_holds_as_in_sentence_transformers(whole, model, tmp_path, file, values):
    change(model / file, **values)
    if values.get("pooling_mode") == ["max", "cls"]:  # twice as wide, so without the dense layer
        chain = json.loads((model / "modules.json").read_text())
        (model / "modules.json").write_text(json.dumps([chain[0], chain[1], chain[3]]))
    vectors = assert_same(model, tmp_path).encode(TEXTS)
    changes = {"truncate_dim", "default_prompt_name", "max_seq_length", "config_args", "config_kwargs", "pooling_mode"}
    if changes & values.keys():  # it does hold
        before = load_encoder(whole, backend="torch", device="cpu").encode(TEXTS)
        assert vectors.shape != before.shape or np.abs(vectors - before).max() > 1e-3


@pytest.mark.parametrize(
    ("file", "values", "seen"),
    [
        (MODEL, {"model_type": "SparseEncoder"}, 'model_type to "SparseEncoder"'),
        (MODEL, {"default_prompt_name": "title"}, "the default prompt title, but only the prompts query, document"),
        (MODEL, {"similarity_fn_name": "maxsim"}, "the similarity maxsim"),
        (MODEL, {"truncate_dim": 0}, "truncate_dim 0"),
        (MODEL, {"requirements": {"sentence_transformers": ">=99"}}, "requires sentence_transformers >=99"),
        (MODEL, {"requirements": {"a-package-that-is-nowhere": ">=1"}}, "there is none"),
        (MODEL, {"query_prefix": "[Q] "}, "the key query_prefix"),
        (TEXT, {"transformer_task": "fill-mask"}, 'transformer_task to "fill-mask"'),
        (TEXT, {"module_output_name": "sentence_embedding"}, "module_output_name"),
        (TEXT, {"modality_config": {"text": {"method": "get_text_features", "method_output_name": None}}}, "get_text"),
        (TEXT, {"modality_config": {"message": {"method": "forward"}}}, "chat template"),
        (TEXT, {"processing_kwargs": {"text": {"max_length": 3}}}, "processing_kwargs"),
        (TEXT, {"query_length": 32}, "query_length"),
        (TEXT, {"document_length": 32}, "document_length"),
        (TEXT, {"query_expansion": {"strategy": "fixed", "length": 32}}, "query_expansion"),
        (TEXT, {"tokenizer_name_or_path": "bert-base"}, "tokenizer_name_or_path"),
        (TEXT, {"model_args": {"gguf_file": "model.gguf"}}, "gguf_file"),
        (TEXT, {"stride": 4}, "the key stride"),
        (TEXT, {"max_seq_length": 129}, "at most 128 tokens"),
        (POOLING, {"pooling_mode": "median"}, "median"),
        (POOLING, {"embedding_dimension": 64}, "states of 32 dimensions, but its pooling is of 64"),
        (POOLING, {"attention_heads": 4}, "the key attention_heads"),
        (DENSE, {"module_input_name": "token_embeddings"}, "module_input_name"),
        (DENSE, {"module_output_name": "logits"}, "module_output_name"),
        (DENSE, {"use_residual": True}, "use_residual"),
        (DENSE, {"activation_function": "own.Activation"}, "own.Activation"),
        (DENSE, {"dropout": 0.1}, "the key dropout"),
        (NORMALIZE, {"module_input_name": "token_embeddings"}, "module_input_name"),
        ("config.json", {"quantization_config": {"quant_method": "bitsandbytes"}}, "quantization_config"),
        ("adapter_config.json", {"peft_type": "LORA"}, "adapter_config.json"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_key_that_would_change_vectors_is_refused_by_name(model, file, values, seen):
    change(model / file, **values)
    assert seen in refusal(model)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"kwargs": ["task"]}, 'kwargs to ["task"]'),
        ({"type": "own_code.Pooling"}, "own_code.Pooling, code of its own"),
        ({"path": "../elsewhere"}, "outside the model folder"),
        ({"path": "/elsewhere"}, "outside the model folder"),
        ({"revision": "main"}, "the key revision"),
    ],
)
def test_an_entry_of_modules_is_refused_by_name(model, values, seen):
    change_module(model, 1, **values)
    assert seen in refusal(model)


READ = {"Transformer", "Pooling", "Dense", "Dropout", "Normalize", "StaticEmbedding"}  # each has its own test here
OTHERS = {name for name, kind in vars(modules).items() if isinstance(kind, type) and name.isidentifier()} - READ


@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_every_other_module_of_sentence_transformers_is_named(model, kind):
    for place in range(3):
        change_module(model, place, type=f"sentence_transformers.sentence_transformer.modules.{kind}")
    assert kind in refusal(model)


def test_the_modules_that_are_not_read_are_known():
    assert {"LayerNorm", "WeightedLayerPooling", "Router", "BoW", "WordEmbeddings", "CNN", "LSTM"} <= OTHERS


def test_dropout_changes_no_vector(tiny_model, tmp_path):
    chain = [Transformer(str(tiny_model)), Pooling(32), modules.Dropout(0.5), Normalize()]
    SentenceTransformer(modules=chain, device="cpu").save(str(tmp_path / "model"))
    assert_same(tmp_path / "model", tmp_path)


@pytest.mark.parametrize("name", ["sentence_roberta_config.json", "sentence_xlm-roberta_config.json"])
def test_settings_under_the_name_of_an_older_release_are_read(model, tmp_path, name):
    (model / TEXT).unlink()
    (model / name).write_text(json.dumps({"max_seq_length": 6, "do_lower_case": False}))
    assert assert_same(model, tmp_path).layout.max_seq_length == 6


def test_a_pooling_that_says_no_mode_is_the_mean(model, tmp_path):
    (model / POOLING).write_text(json.dumps({"word_embedding_dimension": 32}))
    assert assert_same(model, tmp_path).layout.pooling == ("mean",)


def test_a_chat_template_of_a_plain_folder_is_said_to_be_left_out(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    with pytest.warns(UserWarning, match="chat template, which is not used"):
        load_encoder(folder, backend="torch", device="cpu")


def test_lower_case_leaves_special_tokens_as_they_are(make_tiny_model, tmp_path):
    chain = [Transformer(str(make_tiny_model("bert", lower_case=False)), do_lower_case=True), Pooling(32)]
    SentenceTransformer(modules=chain, device="cpu").save(str(tmp_path / "model"))
    change(tmp_path / "model" / TEXT, do_lower_case=True)
    texts = ["THE OLD [SEP] CAT", "ΟΔΟΣ", "İt Is A Dog"]
    encoder = assert_same(tmp_path / "model", tmp_path, texts)
    ids, places = encoder.tokenizer.places("THE OLD CAT")
    assert [("THE OLD CAT")[start:end] for start, end in places] == ["", "THE", "OLD", "CAT", ""]
    assert ids == encoder.tokenizer(["the old cat"]).ids[0]


@pytest.mark.parametrize("truncation", [None, 4])
@pytest.mark.parametrize("width", [None, 3])
def test_a_static_model_cuts_texts_and_vectors_as_its_folder_says(tmp_path, make_tokenizer_function, truncation, width):
    tokenizer = make_tokenizer_function(lower_case=True)
    torch.manual_seed(0)
    chain = [StaticEmbedding(tokenizer, embedding_dim=8), Normalize()]
    if truncation:
        chain[0].tokenizer.enable_truncation(truncation)
    SentenceTransformer(modules=chain, device="cpu", truncate_dim=width).save(str(tmp_path / "model"))
    encoder = assert_same(tmp_path / "model", tmp_path)
    assert encoder.embedding_dimension == (width or 8)


@pytest.mark.filterwarnings("ignore:the model is exported")
@pytest.mark.parametrize("values", [{"tokenizer_args": {"truncation_side": "left"}, "max_seq_length": 6}, {}])
def test_an_onnx_encoder_keeps_what_the_folder_says(model, tmp_path, values):
    change(model / TEXT, do_lower_case=True, **values)
    change(model / MODEL, truncate_dim=5)
    encoder = load_encoder(model, backend="onnx")
    encoder.save(tmp_path / "saved")
    for others in (theirs(model), theirs(tmp_path / "saved")):
        np.testing.assert_allclose(encoder.encode(TEXTS), others, rtol=1e-4, atol=1e-5)


def test_a_refused_folder_is_a_bad_model(model):
    change(model / TEXT, stride=4)
    with pytest.raises(BadModel):
        read_layout(model)
