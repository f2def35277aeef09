"""Folders that are incomplete, damaged or unsafe: each is refused in one line before anything in it is run."""

import json
import shutil

import pytest

from siamese_text.encoder.model_folder import Layout, open_model, read_layout, write_layout
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadModel, UsageError

WEIGHTS = "model.safetensors"
POOLING = "1_Pooling/config.json"
DENSE = "2_Dense/config.json"


@pytest.fixture(scope="module")
def whole(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "whole"
    TorchEncoder.load(tiny_model, device="cpu", normalize=True, projection=8).save(folder)
    return folder


@pytest.fixture
def model(whole, tmp_path):
    """A copy of a whole folder with a dense layer, to be damaged."""
    return shutil.copytree(whole, tmp_path / "model")


def refusal(folder):
    """Return the one line with which a folder is refused."""
    with pytest.raises(BadModel) as caught:
        TorchEncoder.load(folder, device="cpu")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def reorder(folder, *order):
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([modules[index] for index in order]))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("config.json", "no config.json"),
        (WEIGHTS, "holds no weights"),
        ("tokenizer.json", "no tokenizer"),
        (POOLING, "1_Pooling has no config.json"),
        (DENSE, "2_Dense has no config.json"),
        ("2_Dense/model.safetensors", "2_Dense has no model.safetensors"),
    ],
)
def test_a_missing_file_is_named(model, name, seen):
    (model / name).unlink()
    assert seen in refusal(model)


@pytest.mark.parametrize("folder", ["", "2_Dense/"])
def test_a_pickle_is_never_loaded(model, folder):
    (model / f"{folder}model.safetensors").rename(model / f"{folder}pytorch_model.bin")
    assert "never loaded" in refusal(model)


@pytest.mark.parametrize("name", ["modules.json", "config_sentence_transformers.json", POOLING, DENSE])
def test_broken_json_is_named(model, name):
    path = model / name
    path.write_text(path.read_text()[:-4])
    assert f"{name} is not valid JSON" in refusal(model)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS])
@pytest.mark.parametrize("kept", [0.5, 0])
def test_a_file_cut_short_is_refused(model, name, kept):
    path = model / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert "cannot be loaded" in refusal(model)


def test_dense_weights_cut_short_are_refused(model):
    path = model / "2_Dense" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-8])
    assert "2_Dense cannot be loaded" in refusal(model)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("modules.json", '["Transformer"]'),
        ("modules.json", '[{"type": "sentence_transformers.models.Transformer"}]'),
        ("config_sentence_transformers.json", "[]"),
        ("config_sentence_transformers.json", '{"prompts": ["query"]}'),
        (DENSE, '{"activation_function": "torch.nn.modules.linear.Identity"}'),
        ("config.json", "[]"),
        ("tokenizer.json", '{"model": {"type": "unheard of"}}'),
    ],
)
def test_json_of_another_form_is_refused(model, name, text):
    (model / name).write_text(text)
    assert str(model) in refusal(model)


@pytest.mark.parametrize("order", [(0, 1, 3, 2), (0, 2, 1, 3), (1, 2, 3), (0, 3), (0, 1, 3, 3)])
def test_modules_in_an_order_that_we_would_compute_differently_are_refused(model, order):
    reorder(model, *order)
    assert "only Transformer Pooling [Dense …] [Normalize] is read" in refusal(model)


def test_an_unknown_module_is_named(model):
    text = (model / "modules.json").read_text()
    (model / "modules.json").write_text(text.replace("models.Pooling", "models.LSTM"))
    assert "Transformer LSTM Dense Normalize" in refusal(model)


@pytest.mark.parametrize(
    ("name", "values", "seen"),
    [
        (POOLING, {"pooling_mode": "median"}, "median"),
        (POOLING, {"pooling_mode_mean_tokens": False}, "[]"),
        (DENSE, {"activation_function": "torch.nn.modules.activation.Softmax"}, "Softmax"),
        (DENSE, {"activation_function": "os.system"}, "os.system"),
        (DENSE, {"use_residual": True}, "residual"),
        (DENSE, {"module_input_name": "token_embeddings"}, "token_embeddings"),
        (DENSE, {"out_features": 9}, "2_Dense cannot be loaded"),
        ("config.json", {"model_type": "unheard-of"}, "unheard-of"),
        ("config.json", {"hidden_size": 64}, "cannot be loaded"),
    ],
)
def test_a_value_that_we_do_not_know_is_named(model, name, values, seen):
    change(model / name, **values)
    assert seen in refusal(model)


def test_weights_that_the_file_lacks_are_not_made_up(model):
    change(model / "config.json", num_hidden_layers=3)
    assert "lacks 16 weights, such as encoder.layer.2." in refusal(model)


def test_code_in_the_folder_is_never_run_nor_offered_to_be_run(model):
    change(model / "config.json", model_type="own", auto_map={"AutoConfig": "own.Config", "AutoModel": "own.Model"})
    (model / "own.py").write_text("raise SystemExit('this was run')")
    assert "cannot be loaded" in refusal(model)


def test_a_pooling_that_a_saved_dense_layer_does_not_fit_is_refused(whole):
    with pytest.raises(UsageError, match="takes 32 dimensions, not 64"):
        TorchEncoder.load(whole, device="cpu", pooling=["cls", "mean"])


def test_a_plain_folder_gets_mean_pooling_and_no_normalisation(tiny_model):
    assert read_layout(tiny_model) == Layout(tiny_model)


def test_several_flags_of_older_releases_are_read_in_the_order_of_their_concatenation(model):
    flags = {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}
    (model / POOLING).write_text(json.dumps({"word_embedding_dimension": 32, **flags}))
    assert read_layout(model).pooling == ("cls", "max", "mean")


def test_modules_are_known_by_their_class_whatever_the_package(model):
    path = model / "modules.json"
    path.write_text(path.read_text().replace("sentence_transformers.models", "sentence_transformers.base.modules.any"))
    assert read_layout(model).normalize


def test_a_layout_is_read_as_it_was_written(model):
    layout = Layout(
        model,
        pooling=("max", "cls"),
        include_prompt=False,
        normalize=True,
        max_seq_length=64,
        lower_case=True,
        similarity_fn_name="dot",
        prompts={"query": "find: ", "document": "", "title": "of: "},
        default_prompt="title",
    )
    write_layout(model, layout)
    assert read_layout(model) == layout


@pytest.mark.parametrize("model", ["carried", "path"])
def test_a_model_is_found_and_read_once_whoever_needs_it(tiny_sentence_model, tmp_path, monkeypatch, model):
    import warnings

    from siamese_text import Scorer
    from siamese_text.api import calibrate
    from siamese_text.encoder import model_folder, resolve
    from siamese_text.encoder.loading import load_encoder

    read, found = [], []
    reading, resolving = model_folder._read_layout, resolve.resolve
    monkeypatch.setattr(model_folder, "_read_layout", lambda folder: (read.append(folder), reading(folder))[1])
    monkeypatch.setattr(model_folder, "resolve", lambda name: (found.append(name), resolving(name))[1])
    installed = resolve.Resolved(tiny_sentence_model, "installed package carrier")
    monkeypatch.setattr(resolve, "_installed", lambda name: installed if name == "carried" else None)
    name = "carried" if model == "carried" else tiny_sentence_model
    ways = [
        *(lambda backend=backend: Scorer.load(name, backend=backend).encoder for backend in ("torch", "onnx", "int8")),
        *(lambda backend=backend: load_encoder(name, backend=backend) for backend in ("auto", "torch", "onnx")),
        lambda: TorchEncoder.load(name),
        lambda: calibrate(name, tmp_path / "calibrated", "sample", backend="onnx"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for way in ways:
            read.clear(), found.clear()
            encoder = way()
            assert (len(read), len(found)) == (1, 1)
            if hasattr(encoder, "resolved"):
                assert encoder.resolved.source == ("installed package carrier" if model == "carried" else "path")


def test_what_is_open_is_not_opened_again(tiny_sentence_model):
    opened = open_model(tiny_sentence_model)
    assert open_model(opened) is opened
    assert opened.layout == read_layout(tiny_sentence_model)
