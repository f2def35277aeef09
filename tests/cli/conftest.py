"""What the tests of the commands share: a way to run one, and inputs that are good."""

import json
import shutil

import pytest

from siamese_text.cli import run

LONG = "The small library near the river opens early in the morning and closes late at night all week. "
GOOD_ROWS = [
    {"sentence1": "the cat sat in the garden", "sentence2": "in the garden sat the cat", "label": 1},
    {"sentence1": "the dog runs in the field", "sentence2": "the dog sleeps in the field", "label": 0},
    {"sentence1": "she reads a long book", "sentence2": "a long book is read by her", "label": 1},
    {"sentence1": "snow was on the road", "sentence2": "no snow was on the road", "label": 0},
    {"sentence1": "we cycle along the canal", "sentence2": "along the canal we cycle", "label": 1},
    {"sentence1": "two bees on a flower", "sentence2": "three bees on a flower", "label": 0},
]


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; returns exit code, stdout and the lines of stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIAMESE_TEXT_DATA", raising=False)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err.strip().splitlines()

    return call


@pytest.fixture
def good_rows():
    return [dict(row) for row in GOOD_ROWS]


@pytest.fixture
def write_rows(tmp_path):
    """Write rows as JSON lines into a file of the test's folder."""

    def write(name, rows):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_documents(tmp_path):
    """Make a folder of short documents."""

    def make(count=3):
        folder = tmp_path / "documents"
        folder.mkdir()
        for number in range(count):
            text = f"Number {number} is here. " + LONG * (number + 2)
            (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def writing_command(command, write_rows, good_rows, make_documents, tiny_sentence_model):
    """Run one of the commands that write an output, with good input."""

    def call(name, *options):
        file, documents = write_rows("pairs.jsonl", good_rows), make_documents()
        arguments = {"train": ["--dataset", file], "plagiarism": [documents], "index": [documents]}[name]
        return command(name, *arguments, "--model", tiny_sentence_model, *options)

    return call


@pytest.fixture
def good_command(command):
    """Run a command that must succeed; returns stdout and stderr."""

    def call(*arguments):
        code, out, lines = command(*arguments)
        assert code == 0, lines
        return out, "\n".join(lines)

    return call


@pytest.fixture
def trained(trained_model, tmp_path):
    """A copy of a trained model, which a command may write into."""
    return shutil.copytree(trained_model, tmp_path / "model")
