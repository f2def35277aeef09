"""The commands that send a model to the hub and fetch one: what they write, say and refuse."""

import json
import shutil

import pytest

from siamese_text.scoring.decision import Decision
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier


@pytest.fixture
def model(tiny_sentence_model, tmp_path):
    """The folder of a model that decides, and remembers a path of this machine."""
    shutil.copytree(tiny_sentence_model, tmp_path / "model")
    trained = {"settings": {"model": str(tiny_sentence_model)}}
    write_classifier(PairClassifier(decision=Decision.by_hand(0.5), trained=trained), tmp_path / "model")
    return tmp_path / "model"


def test_there_and_back(command, hub, model):
    (model / "notes.txt").write_text("mine")
    code, out, lines = command("push", "model", "ann/para", "--strip-paths")
    assert (code, out) == (0, "")
    assert any(line.startswith("shortened in what was sent: ") for line in lines)
    assert "not sent, no files of a model: notes.txt" in lines
    assert "there is no README.md: the page of the model will be empty" in lines
    revision = hub.repositories["ann/para"].commits[-1]
    assert lines[-1].endswith(f"files to {hub.url}/ann/para (private) as commit {revision}")
    code, out, lines = command("pull", "ann/para", "-o", "back")
    assert (code, out, lines[-1]) == (0, "", "the model lies in back")
    assert lines[-2].endswith(f"of ann/para, commit {revision}")
    code, out, _ = command("score", "the cat runs", "the dog sleeps", "--model", "back", "--json")
    assert (code, json.loads(out)["pairs"][0]["same"] is not None) == (0, True)


def test_json_says_what_travelled(command, hub, model):
    code, out, _ = command("push", "model", "ann/para", "--strip-paths", "--public", "--json")
    said = json.loads(out)
    assert (code, said["private"], said["repository"]) == (0, False, "ann/para")
    assert {"file", "place", "kind", "shown"} < set(said["stripped"][0])
    code, out, _ = command("pull", "ann/para", "--json")
    assert (code, json.loads(out)["revision"], json.loads(out)["folder"][-40:]) == (0, *[said["revision"]] * 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("push", "model", "ann/para"), "add --strip-paths"),
        (("push", "nowhere", "ann/para"), "nowhere was not found"),
        (("push", "model", "para"), "write OWNER/NAME"),
        (("pull", "para"), "write OWNER/NAME"),
        (("pull", "ann/none"), "there is no such repository"),
    ],
)
def test_what_cannot_be_done_is_one_line(command, hub, model, arguments, words):
    code, out, lines = command(*arguments)
    assert (code, out, len(lines)) == (2, "", 1)
    assert words in lines[0]
