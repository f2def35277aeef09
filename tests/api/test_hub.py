"""Push and pull against a stand-in of the hub: what travels, what is refused before it does, and what goes wrong."""

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from siamese_text import Scorer
from siamese_text.api import pull, push
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadModel, BadOutput, MissingInput, UsageError

from ..stand_ins.hub import TOKEN

PAIRS = [("the cat sleeps", "a dog runs"), ("the old boat", "the boat is old")]
SETTINGS = "siamese_text.json"


@pytest.fixture
def model(trained_model, tmp_path):
    """A copy of the trained model that a test may change, beside what is no part of a model."""
    folder = tmp_path / "model"
    shutil.copytree(trained_model, folder)
    for name in ("notes.txt", "checkpoints/step-1/run.safetensors", ".cache/x.json", "onnx/model.onnx", "train.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("not for the hub")
    return folder


def sent(hub):
    """The requests that could have changed something on the hub."""
    return [path for method, path, _ in hub.requests if method in ("POST", "PUT") and "validate" not in path]


def test_a_model_comes_back_with_its_vectors_and_its_decision(hub, model, tmp_path):
    done = push(model, "ann/para", strip_paths=True)
    came = pull("ann/para", tmp_path / "back")
    assert came.revision == done.revision == hub.repositories["ann/para"].commits[-1]
    assert set(came.files) == set(done.files) == set(hub.repositories["ann/para"].files)
    assert came.size == sum((came.folder / name).stat().st_size for name in came.files)
    before, after = (Scorer.load(folder, device="cpu") for folder in (model, came.folder))
    assert np.array_equal(before.encoder.encode(["the cat"]), after.encoder.encode(["the cat"]))
    assert after.decision == before.decision is not None
    assert (model / "model.safetensors").read_bytes() == (came.folder / "model.safetensors").read_bytes()


def test_only_the_files_of_a_model_travel_and_the_rest_is_named(hub, model):
    done = push(model, "ann/para", strip_paths=True)
    assert done.left_out == (".cache/", "checkpoints/", "notes.txt", "onnx/", "train.py")
    assert {"README.md", SETTINGS, "report.json", "twin_head.safetensors", "1_Pooling/config.json"} <= set(done.files)
    assert set(hub.repositories["ann/para"].files) == set(done.files)
    assert hub.repositories["ann/para"].messages == ["A model of siamese-text"]


def test_graphs_travel_when_asked_for(hub, model):
    assert "onnx/model.onnx" in push(model, "ann/para", strip_paths=True, graphs=True).files


def test_the_page_shows_the_card(hub, model):
    push(model, "ann/para", strip_paths=True)
    card = hub.repositories["ann/para"].files["README.md"].decode()
    assert "base_model: tiny-sentence\n" in card


@pytest.mark.parametrize("private", [True, False])
def test_a_new_repository_is_private_unless_asked_otherwise(hub, model, private):
    done = push(model, "ann/para", strip_paths=True, **({} if private else {"private": False}))
    assert done.private == hub.repositories["ann/para"].private == private
    assert done.url == f"{hub.url}/ann/para"


def test_a_public_repository_is_not_pushed_to_by_a_slip(hub, model):
    hub.add("ann/para", {"README.md": b"mine"})
    with pytest.raises(BadOutput, match="ann/para is public; add --public"):
        push(model, "ann/para", strip_paths=True)
    assert sent(hub) == []
    assert not push(model, "ann/para", strip_paths=True, private=False).private


def test_what_an_earlier_model_left_goes_and_the_rest_stays(hub, model):
    kept = {"LICENSE": b"", "notes/x.md": b"", ".gitattributes": b""}
    stale = {"alignment_head.safetensors": b"", "3_Dense/config.json": b"", "added_tokens.json": b""}
    hub.add("ann/para", kept | stale, private=True)
    assert set(push(model, "ann/para", strip_paths=True).removed) == set(stale)
    assert set(kept) < set(hub.repositories["ann/para"].files)
    assert not set(stale) & set(hub.repositories["ann/para"].files)


# --- what should not leave the machine ------------------------------------------------------------------------------


def test_a_path_of_this_machine_stops_a_push_before_it_begins(hub, model, tiny_sentence_model):
    with pytest.raises(UsageError) as caught:
        push(model, "ann/para")
    assert str(caught.value).startswith("nothing was sent: README.md holds a path of this machine")
    assert str(tiny_sentence_model) in str(caught.value)
    assert "--strip-paths" in str(caught.value)
    assert hub.requests == []


def test_stripped_paths_are_told_and_the_folder_stays_as_it_is(hub, model, tiny_sentence_model):
    before = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    done = push(model, "ann/para", strip_paths=True)
    assert {(each.file, each.shown) for each in done.stripped} >= {(SETTINGS, str(tiny_sentence_model))}
    assert before == {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    values = json.loads(hub.repositories["ann/para"].files[SETTINGS])
    assert values["trained"]["settings"]["model"] == tiny_sentence_model.name
    assert not any(b"/tmp" in content or b"/home" in content for content in hub.repositories["ann/para"].files.values())


@pytest.mark.parametrize("name", ["README.md", SETTINGS, "report.json", "tokenizer.json", "history.jsonl"])
def test_a_token_stops_a_push_whatever_is_stripped(hub, model, name):
    secret = "hf_" + "aB3" * 12
    text = (model / name).read_text(encoding="utf-8")
    marked = json.dumps(json.loads(text) | {"note": secret}) if name.endswith(".json") else f"{text}\n{secret}\n"
    (model / name).write_text(marked, encoding="utf-8")
    with pytest.raises(UsageError, match=f"{name} holds a Hugging Face token") as caught:
        push(model, "ann/para", strip_paths=True)
    assert secret not in str(caught.value)
    assert hub.requests == []


def test_words_beside_the_weights_are_read_too(hub, model):
    from safetensors.numpy import load_file, save_file

    head = model / "twin_head.safetensors"
    save_file(load_file(head), head, metadata={"from": "/home/ann/runs/3"})
    with pytest.raises(UsageError, match=r"twin_head.safetensors holds a path .* no path can be taken out of this"):
        push(model, "ann/para", strip_paths=True)
    assert hub.requests == []


# --- what is no model, and what goes wrong ---------------------------------------------------------------------------


def test_a_folder_that_is_no_model_is_refused(hub, tmp_path):
    (tmp_path / "config.txt").write_text("")
    with pytest.raises(BadModel, match=r"no config\.json"):
        push(tmp_path, "ann/para")
    with pytest.raises(MissingInput, match="nowhere was not found"):
        push(tmp_path / "nowhere", "ann/para")
    assert hub.requests == []


def test_weights_that_are_no_safetensors_are_refused_both_ways(hub, model, tmp_path):
    weights = pickle.dumps({"a": 1})
    (model / "model.safetensors").write_bytes(weights)
    with pytest.raises(BadModel, match="no whole file of safetensors"):
        push(model, "ann/para", strip_paths=True)
    files = {path.relative_to(model).as_posix(): path.read_bytes() for path in model.rglob("*") if path.is_file()}
    hub.add("ann/para", files)
    with pytest.raises(BadModel, match="no whole file of safetensors"):
        pull("ann/para", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_pickles_and_programs_are_not_fetched(hub, model, tmp_path):
    push(model, "ann/para", strip_paths=True)
    hub.repositories["ann/para"].files |= {"pytorch_model.bin": b"x", "modeling.py": b"x", "onnx/model.onnx": b"x"}
    came = pull("ann/para", tmp_path / "back")
    assert came.left_out == ("modeling.py", "onnx/", "pytorch_model.bin")
    assert not any(path.suffix in (".bin", ".py", ".onnx") for path in came.folder.rglob("*"))


def test_a_repository_of_pickles_is_refused_before_anything_is_fetched(hub):
    hub.add("ann/old", {"config.json": b"{}", "pytorch_model.bin": b"x"})
    with pytest.raises(BadModel, match=r"ann/old holds only pytorch_model.bin, which is never loaded"):
        pull("ann/old")
    assert not any("resolve" in path for _, path, _ in hub.requests)


def test_a_pulled_model_is_found_by_its_name(hub, model, monkeypatch):
    from huggingface_hub import constants

    push(model, "ann/para", strip_paths=True)
    came = pull("ann/para")
    assert came.folder.name == came.revision
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert TorchEncoder.load("ann/para", device="cpu").resolved.source == "hub cache"


def test_another_revision(hub, model, tmp_path):
    push(model, "ann/para", strip_paths=True)
    with pytest.raises(MissingInput, match="no such revision; give a branch, a tag or a commit"):
        pull("ann/para", tmp_path / "back", revision="v9")
    revision = hub.repositories["ann/para"].commits[-1]
    assert pull("ann/para", tmp_path / "back", revision=revision).revision == revision


def test_an_output_in_the_way(hub, model, tmp_path):
    push(model, "ann/para", strip_paths=True)
    with pytest.raises(BadOutput, match="exists; choose another output"):
        pull("ann/para", model)
    (tmp_path / "other").mkdir()
    with pytest.raises(BadOutput, match="is not a model folder"):
        pull("ann/para", tmp_path / "other", overwrite=True)
    pull("ann/para", model, overwrite=True)
    assert not (model / "notes.txt").exists()


@pytest.mark.parametrize("name", ["para", "ann/para/x", "ann para/x", "", "https://huggingface.co/ann/para"])
def test_a_bad_name_is_refused(hub, model, name):
    for call in (lambda: push(model, name), lambda: pull(name)):
        with pytest.raises(UsageError, match="write OWNER/NAME"):
            call()


def test_what_the_hub_says_becomes_one_line(hub, model, monkeypatch):
    with pytest.raises(MissingInput, match="cannot pull ann/none: there is no such repository"):
        pull("ann/none")
    hub.refuse["create"] = 403
    with pytest.raises(BadOutput, match="cannot push to ann/para: the hub refused with 403; log in") as caught:
        push(model, "ann/para", strip_paths=True)
    assert TOKEN not in str(caught.value)
    hub.refuse = {"api/models": 418}
    with pytest.raises(BadOutput, match="the hub answered 418"):
        push(model, "ann/para", strip_paths=True)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(BadOutput, match="no access token to push to ann/para with; run hf auth login"):
        push(model, "ann/para", strip_paths=True)


def test_a_machine_without_a_network_hears_so_at_once(hub, model, monkeypatch):
    from huggingface_hub import constants

    hub.close()
    began = time.perf_counter()
    for call in (lambda: push(model, "ann/para", strip_paths=True), lambda: pull("ann/para")):
        with pytest.raises((BadOutput, MissingInput), match=r"could not be reached \(Connect\w+\); check the network"):
            call()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MissingInput, match="HF_HUB_OFFLINE is set; unset it"):
        pull("ann/para")
    assert time.perf_counter() - began < 5


def test_a_hub_that_never_answers_is_given_up_within_seconds(model, monkeypatch):
    from huggingface_hub import constants

    from siamese_text.api import hub as module

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(module, "HUB_TIMEOUT_S", 0.2)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        for call in (lambda: push(model, "ann/para", strip_paths=True), lambda: pull("ann/para")):
            with pytest.raises((BadOutput, MissingInput), match=r"could not be reached \(\w*Timeout\)"):
                call()


def test_the_variables_of_the_hub_are_those_of_its_client(hub, model, tmp_path):
    """A process of its own, which reaches the stand-in by HF_ENDPOINT alone."""
    environment = os.environ | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
        "HF_TOKEN": TOKEN,
    }
    code = """
import sys
from siamese_text.cli import run
folder, back = sys.argv[1:]
sys.exit(run(["push", folder, "ann/para", "--strip-paths"]) or run(["pull", "ann/para", "-o", back]))
"""
    arguments = [sys.executable, "-c", code, model, tmp_path / "back"]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert hub.repositories["ann/para"].commits[-1] in done.stderr.splitlines()[-2]
    assert (tmp_path / "back" / SETTINGS).is_file()
