import json
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from siamese_text.encoder import torch_encoder as module
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadOutput

TEXTS = ["a dog barks", "the cat sleeps", ""]


@pytest.fixture
def encoder(tiny_model):
    return TorchEncoder.load(tiny_model, device="cpu", pooling=["cls", "max"], projection=8)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_saved_encoder_is_the_same_when_it_is_opened_again(encoder, tmp_path):
    encoder.save(tmp_path / "model")
    again = TorchEncoder.load(tmp_path / "model", device="cpu")
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))


def test_saving_twice_writes_the_same_bytes(encoder, tmp_path):
    encoder.save(tmp_path / "first")
    TorchEncoder.load(tmp_path / "first", device="cpu").save(tmp_path / "second")
    assert contents(tmp_path / "second") == contents(tmp_path / "first")


def test_an_encoder_can_replace_the_folder_that_it_was_opened_from(encoder, tmp_path):
    expected = encoder.encode(TEXTS)
    encoder.save(tmp_path / "model")
    again = TorchEncoder.load(tmp_path / "model", device="cpu")
    again.save(tmp_path / "model", overwrite=True)
    np.testing.assert_array_equal(again.encode(TEXTS), expected)
    np.testing.assert_array_equal(TorchEncoder.load(tmp_path / "model", device="cpu").encode(TEXTS), expected)


def test_the_folder_holds_no_pickle_and_no_path_of_this_machine(encoder, tmp_path):
    encoder.save(tmp_path / "model")
    files = contents(tmp_path / "model")
    assert {path.suffix for path in files} == {".json", ".safetensors"}
    assert not any(str(tmp_path).encode() in text for path, text in files.items() if path.suffix == ".json")
    chain = json.loads(files[Path("modules.json")])
    assert [module["path"] for module in chain] == ["", "1_Pooling", "2_Dense"]


def test_an_existing_folder_is_kept_unless_it_may_be_replaced(encoder, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("mine")
    with pytest.raises(BadOutput, match="--overwrite"):
        encoder.save(tmp_path / "model")
    assert contents(tmp_path) == {Path("model/notes.txt"): b"mine"}
    encoder.save(tmp_path / "model", overwrite=True)
    assert not (tmp_path / "model" / "notes.txt").exists()


def test_a_crash_in_the_middle_leaves_the_old_folder(encoder, tmp_path, monkeypatch):
    encoder.save(tmp_path / "model")
    before = contents(tmp_path)

    def crash(folder, layout):
        assert any(folder.glob("*.safetensors"))  # much is written already
        raise RuntimeError("power cut")

    monkeypatch.setattr(module, "write_layout", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        encoder.save(tmp_path / "model", overwrite=True)
    assert contents(tmp_path) == before


def test_a_file_in_the_place_of_the_parent_is_refused(encoder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadOutput, match="not a writable folder") as caught:
        encoder.save(tmp_path / "file" / "model")
    assert "\n" not in str(caught.value)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["save", "save onnx", "save static", "train", "calibrate", "distill", "export"])
def test_whoever_may_read_a_new_file_may_read_a_model(
    encoder,
    tiny_sentence_model,
    trained_model,
    static_folder,
    tmp_path,
    way,
):
    from siamese_text import api
    from siamese_text.encoder.loading import load_encoder

    (tmp_path / "plain").touch()
    output = tmp_path / "model"
    if way == "save":
        encoder.save(output)
    elif way == "save onnx":
        load_encoder(tiny_sentence_model, backend="onnx").save(output)
    elif way == "save static":
        load_encoder(static_folder).save(output)
    elif way == "train":
        api.train("sample", output, model=str(tiny_sentence_model), loss="bce", max_steps=1, limit=64, device="cpu")
    elif way == "calibrate":
        api.calibrate(trained_model, output, "sample")
    elif way == "distill":
        api.distill(output, teacher=str(tiny_sentence_model), static=True, max_steps=1, device="cpu")
    else:
        shutil.copytree(trained_model, output)
        load_encoder(output, backend="onnx")
    assert set(modes(output).values()) == {stat.S_IMODE((tmp_path / "plain").stat().st_mode)}
