"""A recipe for contributors: a format in one file is one row of the table, and works through the command line.

In the package the row stands in ``text/readers.py``, where ``.github/CONTRIBUTING.md`` says how it is added.
"""

import json

import pytest

from siamese_text.cli import run
from siamese_text.errors import Unreadable
from siamese_text.text.readers import READERS, Reader, listed_formats
from siamese_text.text.reading import Draft

PAGES = ("The old mill burned down in the spring of that year. ", "Nobody in the village saw who had set it on fire. ")


def read_toy(data):
    """Pages of a toy format: ``TOY`` and a text backwards, page by page with a form feed between."""
    if not data.startswith(b"TOY"):
        raise Unreadable("no toy; wind it up and save it anew")
    draft = Draft()
    for number, page in enumerate(data.decode().removeprefix("TOY").split("\f"), start=1):
        draft.place(f"page {number}")
        draft.add(page[::-1])
    return draft.reading()


@pytest.fixture
def toys(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "siamese_text.text.readers.READERS", [*READERS, Reader("toy", (".toy",), read_toy, b"TOY", "a toy")]
    )
    text = "".join(PAGES) * 3
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "one.toy").write_text("TOY" + "\f".join(page[::-1] for page in (text, "It was a map.")))
    (tmp_path / "toys" / "two.txt").write_text(text)
    (tmp_path / "toys" / "broken.TOY").write_text("YOT")
    (tmp_path / "toys" / "three.doc").write_text("?")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("toys")
def test_a_format_in_one_file_works_through_the_command_line(tiny_sentence_model, capsys):
    assert listed_formats(" or").endswith("epub, pptx, zip or toy")
    model = ["--model", str(tiny_sentence_model)]

    assert run(["index", "toys", "-o", "idx", "--json", *model]) == 3
    made = json.loads(capsys.readouterr().out)
    assert made["skipped"] == [
        {"document": "broken.TOY", "problem": "no toy; wind it up and save it anew"},
        {"document": "three.doc", "problem": f"format .doc is not supported; convert it to {listed_formats(' or')}"},
    ]

    assert run(["plagiarism", "toys", "-o", "report", "--json", *model]) == 3
    [pair] = json.loads(capsys.readouterr().out)["pairs"]
    assert {pair["left"], pair["right"]} == {"one.toy", "two.txt"}

    assert run(["embed", "toys/one.toy", "-o", "toy.npy", "--json", *model]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] >= 1


def test_what_a_toy_holds_is_said_under_a_wrong_name(toys, tiny_sentence_model, tmp_path, capsys):
    (tmp_path / "toys" / "wrong.pdf").write_text("TOY")
    run(["index", "toys", "-o", "idx", "--model", str(tiny_sentence_model)])
    assert "wrong.pdf: holds a toy, not pdf; save it anew as pdf" in capsys.readouterr().err
