"""What is found in the files of a model before they leave the machine, and what is made of the paths in them."""

import json
from pathlib import Path

import pytest

from siamese_text.api.disclosures import find_disclosures, strip_paths

SECRETS = {
    "hf_" + "aB3" * 12: "a Hugging Face token",
    "sk-proj-" + "aB3-" * 12: "an API key",
    "AIza" + "aB3_x" * 7: "an API key",
    "AKIA" + "ABCD" * 4: "an AWS key",
    "ghp_" + "aB3" * 12: "a GitHub token",
    "github_pat_" + "aB3_" * 12: "a GitHub token",
    "glpat-" + "aB3-" * 6: "a GitLab token",
    "pypi-" + "aB3" * 20: "a PyPI token",
    "xoxb-" + "123-" * 5: "a Slack token",
    "-----BEGIN OPENSSH PRIVATE KEY-----": "a private key",
    "https://ann:secret@example.org/data": "a password in an address",
}
PATHS = [
    "/home/ann/models/base",
    "/Users/Ann Smith/models/base",
    "/gpu7/scratch/base",  # of no folder that this machine has
    r"C:\Users\ann\base",
    "D:/models/base",
    r"\\server\share\base",
]


def as_json(value):
    return json.dumps({"trained": {"settings": [1, value]}}).encode()


@pytest.mark.parametrize(("secret", "what"), SECRETS.items(), ids=SECRETS.values())
@pytest.mark.parametrize("name", ["README.md", "siamese_text.json", "tokenizer.json", "history.jsonl"])
def test_a_token_is_found_in_any_file_and_never_shown(name, secret, what):
    content = as_json(f"see {secret}") if name.endswith(".json") else f"one\ntwo: {secret}\n".encode()
    [found] = [each for each in find_disclosures({name: content}) if each.kind == "token"]
    assert (found.file, found.what) == (name, what)
    assert secret not in str(found)


@pytest.mark.parametrize("path", PATHS)
def test_a_setting_that_is_a_path_is_found_and_shortened_blanks_and_all(path):
    files = {"siamese_text.json": as_json(path)}
    [found] = find_disclosures(files)
    assert (found.kind, found.shown, found.place) == ("path", path, "trained.settings[1]")
    stripped = strip_paths(files)
    assert json.loads(stripped["siamese_text.json"]) == {"trained": {"settings": [1, "base"]}}
    assert find_disclosures(stripped) == []


def test_a_path_of_the_settings_is_found_in_the_card_too():
    files = {"report.json": as_json("/gpu7/scratch/my base"), "README.md": b"---\nbase_model: /gpu7/scratch/my base\n"}
    assert [str(found) for found in find_disclosures(files)] == [
        "report.json holds a path of this machine (/gpu7/scratch/my base) at trained.settings[1]",
        "README.md holds a path of this machine (/gpu7/scratch/my base) at line 2",
    ]
    assert strip_paths(files)["README.md"] == b"---\nbase_model: my base\n"


def test_a_path_within_words_is_found():
    here = Path(__file__).resolve()
    files = {"report.json": as_json(f"read from {here}, and file:///home/ann/x.csv.")}
    assert {found.shown for found in find_disclosures(files)} == {str(here), "/home/ann/x.csv"}
    assert json.loads(strip_paths(files)["report.json"])["trained"]["settings"][1] == (
        f"read from {here.name}, and file://x.csv."
    )


@pytest.mark.parametrize(
    "text",
    [
        "sentence-transformers/all-MiniLM-L6-v2",
        "https://huggingface.co/home/ann and/or http://example.org:80/root/x",
        "data/pairs.csv, ../models/base, ~/models, ./a/b",
        "1/2/3 of 4/5, at precision=0.9, cost=2:1",
        "</s> /no_think sk-learn hf_hub",
        "An endpoint such as /v1/embeddings.",
    ],
)
def test_what_gives_nothing_away_is_left_alone(text):
    files = {"README.md": text.encode(), "config.json": as_json(text)}
    assert find_disclosures(files) == []
    assert strip_paths(files) == files


def test_pieces_of_a_vocabulary_are_no_paths():
    files = {"tokenizer.json": json.dumps({"/home/ann": 1, "/usr/bin": 2}).encode(), "vocab.txt": b"/home/ann/x\n"}
    assert find_disclosures(files) == []


def test_broken_json_and_bytes_that_are_no_text_are_read_by_lines():
    files = {"report.json": b'{"a": \n"/home/ann/x"', "curves.png": b"\x89PNG\n\xff/home/ann/x\x00"}
    assert [found.place for found in find_disclosures(files)] == ["line 2", "line 2"]
    assert strip_paths(files) == {"report.json": b'{"a": \n"x"', "curves.png": b"\x89PNG\n\xffx\x00"}
