import json
import os
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from siamese_text.cache import file_sha256
from siamese_text.encoder import change_folder as module
from siamese_text.encoder import resolve as resolve_module
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.low_rank import low_rank_change, with_change
from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve
from siamese_text.errors import BadModel


@pytest.fixture
def carried(tmp_path, monkeypatch, tiny_sentence_model):
    """Ship a changed tiny model under the name ``changed``; returns its folder in the package, and the base."""
    base = tmp_path / "base"
    shutil.copytree(tiny_sentence_model, base)
    weights = load_file(base / "model.safetensors")
    chance = np.random.default_rng(0)
    tuned = {
        name: values + 0.02 * chance.standard_normal(values.shape).astype("f4") for name, values in weights.items()
    }
    folder = tmp_path / "shipped_models" / "changed"
    folder.mkdir(parents=True)
    save_file(low_rank_change(weights, tuned, rank=3), folder / "change.safetensors")
    stands_on = {"model": str(base), "sha256": file_sha256(base / "model.safetensors")}
    (folder / "base.json").write_text(json.dumps(stands_on), encoding="utf-8")
    (folder / "README.md").write_text("the card of the changed model", encoding="utf-8")
    monkeypatch.setattr(module, "SHIPPED", folder.parent)
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    return folder, base


def test_a_shipped_model_is_merged_once_into_a_folder_like_any_other(carried):
    folder, base = carried
    found = resolve("changed")
    assert found.source == f"shipped, a change of {base} (path)"
    expected = with_change(load_file(base / "model.safetensors"), load_file(folder / "change.safetensors"))
    merged = load_file(found.folder / "model.safetensors")
    assert merged.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(merged[name], values)
    assert (found.folder / "README.md").read_text(encoding="utf-8") == "the card of the changed model"
    assert not (found.folder / "base.json").exists()
    stamp = (found.folder / "model.safetensors").stat().st_mtime_ns
    assert resolve("changed") == found
    assert (found.folder / "model.safetensors").stat().st_mtime_ns == stamp
    assert not np.array_equal(*(load_encoder(each, backend="torch").encode(["a cat"]) for each in ("changed", base)))


def test_another_change_is_another_folder(carried):
    before = resolve("changed").folder
    (carried[0] / "README.md").write_text("another card", encoding="utf-8")
    assert resolve("changed").folder != before


def test_a_merge_that_nobody_used_for_a_month_goes_when_the_next_one_comes(carried):
    unused = resolve("changed").folder
    os.utime(unused, (0, 0))
    (carried[0] / "README.md").write_text("another card", encoding="utf-8")
    used = resolve("changed").folder
    assert used.exists() and not unused.exists()
    os.utime(used, (0, 0))
    resolve("changed")  # is a use
    (carried[0] / "README.md").write_text("a third card", encoding="utf-8")
    resolve("changed")
    assert used.exists()


def test_a_base_with_other_weights_is_refused(carried):
    weights = load_file(carried[1] / "model.safetensors")
    save_file({name: values + 1 for name, values in weights.items()}, carried[1] / "model.safetensors")
    with pytest.raises(BadModel, match="changed changes weights with SHA-256"):
        resolve("changed")


def test_a_folder_of_the_same_name_is_meant_by_its_path(carried, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "changed").mkdir()
    with pytest.warns(UserWarning, match=r"for the folder of this name write \./changed"):
        assert resolve("changed").source.startswith("shipped")
    assert resolve("./changed").source == "path"


def test_a_change_anywhere_is_opened_by_its_path(carried, tmp_path):
    shutil.copytree(carried[0], tmp_path / "elsewhere" / "changed")
    found = resolve(tmp_path / "elsewhere" / "changed")
    assert found.source == f"path, a change of {carried[1]} (path)"
    assert found.folder == resolve("changed").folder


def test_without_a_cache_folder_it_is_merged_for_the_process(carried, tmp_path, monkeypatch):
    (tmp_path / "no-folder").write_text("", encoding="utf-8")
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "no-folder"))
    with pytest.warns(UserWarning, match="changed is merged for this process alone"):
        found = resolve("changed").folder
    expected = with_change(load_file(carried[1] / "model.safetensors"), load_file(carried[0] / "change.safetensors"))
    for name, values in load_file(found / "model.safetensors").items():
        np.testing.assert_array_equal(values, expected[name])
    with pytest.warns(UserWarning):
        assert resolve("changed").folder == found


@pytest.mark.parametrize("text", ["{", "[]", '{"model": "all-MiniLM-L6-v2"}'])
def test_a_change_that_does_not_say_of_what_is_refused(carried, text):
    (carried[0] / "base.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadModel, match=r"base\.json cannot be read"):
        resolve("changed")


def test_a_change_without_its_weights_is_refused(carried):
    (carried[0] / "change.safetensors").unlink()
    with pytest.raises(BadModel, match=r"changed lacks change\.safetensors"):
        resolve("changed")


def test_no_path_is_taken_for_the_name_of_a_shipped_model():
    assert not any(map(module.shipped_folder, ("../changed", ".", "", "no-such-model", DEFAULT_MODEL)))


@pytest.mark.weights
def test_the_default_model_stands_on_the_published_weights():
    shipped = module.shipped_folder(resolve_module.DECIDING_MODEL)
    assert module.base_of(shipped) == DEFAULT_MODEL
    assert sum(part.stat().st_size for part in shipped.iterdir()) < 4e6
