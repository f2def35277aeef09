"""The command that sweeps: what it prints, says and refuses."""

import json

import pytest

from siamese_text.cli.sweep import _duration, _values


@pytest.fixture
def sweep(command, write_rows, good_rows, tiny_sentence_model):
    """Sweep over a few pairs, with a training that takes moments."""
    for split, when in (("train", "in winter"), ("validation", "after the rain")):
        rows = [
            {name: f"{when} {text}" if name != "label" else text for name, text in row.items()} for row in good_rows
        ]
        write_rows(f"own/{split}.jsonl", rows)

    def call(*options):
        shared = [f"model={tiny_sentence_model}", "max_steps=1"]
        settings = [part for each in shared for part in ("--set", each)]
        return command("sweep", "--dataset", "own", "--data-dir", ".", *settings, *options)

    return call


def test_tables_words_and_going_on(sweep, tmp_path):
    code, out, lines = sweep("--set", "loss=bce,mse", "--seeds", "2", "--no-models")
    assert code == 0
    assert "means over seeds" in out and "paired bootstrap" in out and "p (Holm)" in out
    runs = [line for line in lines if line.startswith("run ")]
    assert runs[0] == "run 1 of 4: loss-bce-seed-0"
    assert runs[3].startswith("run 4 of 4: loss-mse-seed-1, about ") and runs[3].endswith(" left")
    assert lines[-1] == "wrote runs: sweep.csv, sweep.md, sweep.tex, sweep.json, sweep.png"
    assert not any(path.is_dir() for path in (tmp_path / "runs").iterdir())
    code, out, lines = sweep("--set", "loss=bce,mse", "--seeds", "0,1", "--no-models", "--json")
    assert (code, lines) == (0, [])
    assert json.loads(out) == json.loads((tmp_path / "runs" / "sweep.json").read_text())


def test_what_was_done_before_is_said(sweep):
    sweep("--seeds", "1", "--no-models")
    code, _, lines = sweep("--seeds", "2", "--no-models")
    assert code == 0
    assert "1 of 2 runs were done before and were not done again" in lines


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "los=bce"), "did you mean loss"),
        (("--set", "loss=bce", "--set", "loss=mse"), "given twice"),
        (("--set", 'columns=["a'), "which is no JSON list"),
        (("--set", "loss"), "is no assignment"),
        (("--seeds", "few"), "give how many, such as 3"),
        (("--seeds", "0"), "seeds is 0"),
        (("--set", "head_hidden=1,none"), "head_hidden is"),
    ],
)
def test_bad_options_are_one_line(sweep, options, words, tmp_path):
    code, out, lines = sweep(*options)
    assert (code, out, len(lines)) == (2, "", 1)
    assert words in lines[0]
    assert not (tmp_path / "runs").exists()


def test_values_with_commas_are_a_json_list():
    assert _values("loss", "bce, align") == ["bce", "align"]
    assert _values("columns", '["a=b,c=d", "e=f"]') == ["a=b,c=d", "e=f"]
    assert _values("epochs", "[1, 2]") == [1, 2]


def test_durations():
    assert [_duration(seconds) for seconds in (3, 89, 600, 7200)] == ["3 s", "89 s", "10 min", "2.0 h"]
