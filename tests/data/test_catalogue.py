import json
from pathlib import Path

import pytest

from siamese_text import bundled as bundled_module
from siamese_text.bundled import bundled
from siamese_text.data.catalogue import CATALOGUE, Location, locate, where
from siamese_text.data.labels import LabelScale
from siamese_text.errors import MissingInput, UsageError


@pytest.fixture(autouse=True)
def no_data_of_this_machine(monkeypatch, tmp_path):
    import datasets

    monkeypatch.delenv("SIAMESE_TEXT_DATA", raising=False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hub-cache")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def make(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(json.dumps({"sentence1": "a", "sentence2": "b", "label": 1}))
    return folder


def test_a_single_file_has_all_rows_and_a_shared_train_and_validation(tmp_path):
    path = make(tmp_path, "own.jsonl") / "own.jsonl"
    assert locate(str(path)) == locate(str(path), "all") == Location(path, "all")
    assert locate(str(path), "train") == locate(str(path), "validation") == Location(path, "train", derived=True)
    with pytest.raises(MissingInput, match="has no split test, it has train"):
        locate(str(path), "test")


def test_a_folder_with_a_validation_file_derives_nothing(tmp_path):
    folder = make(tmp_path / "own", "train.jsonl", "validation.jsonl", "test.jsonl")
    assert locate(str(folder), "train") == Location(folder / "train.jsonl", "train")
    assert locate(str(folder), "validation") == Location(folder / "validation.jsonl", "validation")
    assert locate(str(folder), "test") == Location(folder / "test.jsonl", "test")


def test_every_row_of_a_folder_is_refused_with_its_splits(tmp_path):
    folder = make(tmp_path / "own", "train.jsonl", "test.jsonl")
    with pytest.raises(UsageError, match="name one of its splits: test, train"):
        locate(str(folder))


def test_a_path_goes_before_the_data_folder(tmp_path):
    make(tmp_path / "data" / "paws", "train.jsonl")
    make(Path("paws"), "train.csv")
    assert locate("paws", "train", tmp_path / "data").place == Path("paws/train.csv")


def test_the_data_folder_goes_before_the_hub_and_is_taken_as_a_whole(tmp_path):
    folder = make(tmp_path / "data" / "mrpc", "train.jsonl")
    assert locate("mrpc", "train", tmp_path / "data") == Location(folder / "train.jsonl", "train", derived=True)
    # the hub has a validation split, but its rows may be among those of the near training file
    assert locate("mrpc", "validation", tmp_path / "data") == Location(folder / "train.jsonl", "train", derived=True)
    assert locate("mrpc", "test", tmp_path / "data").place == CATALOGUE["mrpc"].hub


def test_the_environment_names_the_data_folder_unless_the_option_does(tmp_path, monkeypatch):
    near = make(tmp_path / "near" / "mine", "train.jsonl") / "train.jsonl"
    far = make(tmp_path / "far" / "mine", "train.jsonl") / "train.jsonl"
    monkeypatch.setenv("SIAMESE_TEXT_DATA", str(tmp_path / "far"))
    assert locate("mine", "train").place == far
    assert locate("mine", "train", tmp_path / "near").place == near


def test_of_two_formats_json_lines_count(tmp_path):
    folder = make(tmp_path / "own", "train.csv", "train.jsonl.gz", "train.tsv")
    assert locate(str(folder), "train").place == folder / "train.jsonl.gz"


def test_a_data_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nowhere is not a folder"):
        locate("paws", "train", tmp_path / "nowhere")


def test_an_unknown_name_is_refused_with_the_closest_one(tmp_path):
    with pytest.raises(MissingInput, match=r"'pasw' .* did you mean paws\?"):
        locate("pasw", "train")
    with pytest.raises(MissingInput, match=r"known names: sample, paws"):
        locate("missing/file.csv")


def test_a_set_without_a_hub_copy_says_every_place_and_what_to_do(tmp_path):
    with pytest.raises(MissingInput) as caught:
        locate("paws_qqp", "train", tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    for words in ("the path paws_qqp", str(tmp_path / "paws_qqp" / "train.*"), "no copy", "github.com", "--data-dir"):
        assert words in message


def test_where_says_path_share_hub_and_what_is_missing(tmp_path):
    folder = make(tmp_path / "data" / "mrpc", "train.jsonl")
    assert where(CATALOGUE["mrpc"], "train", tmp_path / "data") == str(folder / "train.jsonl")
    assert where(CATALOGUE["mrpc"], "validation", tmp_path / "data") == f"{folder / 'train.jsonl'}, a tenth of it"
    assert where(CATALOGUE["mrpc"], "validation") == "hub (download)"
    assert where(CATALOGUE["paws_qqp"], "train").startswith("not available: needs --data-dir")
    assert where(CATALOGUE["stsb"], "test").startswith("not available: ")


def test_the_bundled_sample_is_found_without_any_option():
    for split, rows in CATALOGUE["sample"].splits.items():
        path = bundled("data", "pairs", f"{split}.jsonl")
        assert where(CATALOGUE["sample"], split) == str(path)
        assert len(path.read_text(encoding="utf-8").splitlines()) == rows


def test_bundled_files_lie_inside_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "siamese_text"
    package.mkdir(parents=True)
    monkeypatch.setattr(bundled_module, "__file__", str(package / "bundled.py"))
    assert bundled("data", "pairs") == tmp_path / "site-packages" / "data" / "pairs"  # a checkout
    (package / "bundled_files").mkdir()
    assert bundled("data", "pairs") == package / "bundled_files" / "data" / "pairs"


def test_catalogue_entries_agree_with_themselves():
    for name, spec in CATALOGUE.items():
        assert spec.name == name
        assert "train" in spec.splits
        if spec.hub is not None:
            assert set(spec.hub.columns.values()) <= {"sentence1", "sentence2", "label"}


def test_a_scale_holds_its_classes_or_its_range():
    assert [label for label in (-1, 0, 0.5, 1, 2) if LabelScale("binary", 0, 1).holds(label)] == [0, 1]
    assert [label for label in (0.9, 1, 2.5, 5, 5.1) if LabelScale("graded", 1, 5).holds(label)] == [1, 2.5, 5]
