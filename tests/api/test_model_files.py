"""Which files are a model's, in a folder of ours and of others, and which of an earlier model must go."""

import shutil

import numpy as np
import pytest

from siamese_text.api.model_files import files_of_model, metadata, stale_files
from siamese_text.errors import BadModel, MissingInput


@pytest.fixture
def model(tiny_sentence_model, tmp_path):
    return shutil.copytree(tiny_sentence_model, tmp_path / "model")


def add(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


def test_what_a_model_is_made_of(model):
    mine = ("README.md", "LICENSE", "report.json", "curves.png", "vocab.txt", "spiece.model", "2_Normalize/config.json")
    others = ("data.csv", "notes.txt", "runs/model.safetensors", ".git/config", "pytorch_model.bin", "onnx/graph.json")
    before = set(files_of_model(model).names)
    assert {"config.json", "model.safetensors", "modules.json", "1_Pooling/config.json"} <= before
    add(model, *mine, *others)
    found = files_of_model(model)
    assert set(found.names) == before | set(mine)
    assert found.others == (".git/", "data.csv", "notes.txt", "onnx/", "pytorch_model.bin", "runs/")
    assert "onnx/graph.json" in files_of_model(model, graphs=True).names


def test_a_transformer_in_a_folder_of_its_own(tiny_model, model, tmp_path):
    """As sentence-transformers wrote models before 2.0."""
    import json

    folder = tmp_path / "old"
    shutil.copytree(tiny_model, folder / "0_Transformer")
    shutil.copytree(model / "1_Pooling", folder / "1_Pooling")
    chain = json.loads((model / "modules.json").read_text())
    chain[0]["path"] = "0_Transformer"
    (folder / "modules.json").write_text(json.dumps(chain))
    assert "0_Transformer/model.safetensors" in files_of_model(folder).names


def test_what_is_no_model(tmp_path):
    with pytest.raises(MissingInput, match="nowhere was not found"):
        files_of_model(tmp_path / "nowhere")
    with pytest.raises(BadModel, match=r"no config\.json"):
        files_of_model(tmp_path)


def test_graphs_go_only_where_they_are_ours():
    assert stale_files(["onnx/model.onnx", "onnx/config.json"], []) == []
    ours = ["onnx/model.onnx", "onnx/graph.json", "onnx/tokenizer.json"]
    assert stale_files(ours, []) == ours
    assert stale_files(ours, ours) == []


def test_words_beside_weights(tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "a.safetensors"
    save_file({"a": np.zeros(3, dtype=np.float32)}, path, metadata={"format": "np"})
    assert metadata(path) == b'{"format": "np"}'
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(BadModel, match="no whole file of safetensors"):
        metadata(path)
