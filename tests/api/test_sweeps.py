"""Sweeps of a tiny model: which runs they make, what they find, and what they do again and what not."""

import csv
import json
import shutil
import signal

import numpy as np
import pytest

from siamese_text import train
from siamese_text.api import sweep
from siamese_text.errors import BadOutput, Interrupted, MissingInput, SiameseTextError, UsageError
from siamese_text.evaluation.comparison import compare_all

FILES = {"sweep.csv", "sweep.md", "sweep.tex", "sweep.json", "sweep.png"}


@pytest.fixture(scope="module")
def fixed(tiny_sentence_model, tmp_path_factory):
    """What all runs share: a data set of a few pairs, and a training that takes moments."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "own").mkdir()
    for split, opening in (("train", "in winter"), ("validation", "after the rain"), ("test", "early in the day")):
        rows = [
            {"sentence1": f"{opening} {who} runs", "sentence2": f"{who} {does} {opening}", "label": int(does == "runs")}
            for who in ("the cat", "a young dog", "two birds", "her teacher", "one woman", "the old fish")
            for does in ("runs", "sleeps")
        ]
        (folder / "own" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"model": str(tiny_sentence_model), "max_steps": 2, "data_dir": folder, "device": "cpu"}


class Log:
    """An observer that notes which runs began, and can press Ctrl-C in one of them."""

    def __init__(self, stop_in=""):
        self.begun, self.stop_in, self.done, self.left = [], stop_in, {}, []

    def run_started(self, number, total, name, seconds_left):
        self.begun.append((number, total, name))
        self.left.append(seconds_left)

    def started(self, _steps, done):
        self.done[self.begun[-1][2]] = done

    def stepped(self, record):
        if self.begun[-1][2] == self.stop_in and record.step == 1:
            self.stop_in = ""
            signal.raise_signal(signal.SIGINT)

    def loaded(self, _data):
        pass

    evaluated_before = validated = loaded


@pytest.fixture(scope="module")
def swept(fixed, tmp_path_factory):
    """The report of a sweep of two losses with two seeds, its output and its log."""
    output, log = tmp_path_factory.mktemp("sweep") / "runs", Log()
    return sweep("own", {"loss": ["bce", "contrastive"]}, output, seeds=2, observer=log, **fixed), output, log


@pytest.fixture
def again(swept, tmp_path):
    """A copy of the output of that sweep, which a test may change."""
    return shutil.copytree(swept[1], tmp_path / "runs")


def test_every_combination_and_seed_is_a_model_folder(swept):
    report, output, log = swept
    names = [f"loss-{loss}-seed-{seed}" for loss in ("bce", "contrastive") for seed in (0, 1)]
    assert [run.name for run in report.runs] == names
    assert log.begun == [(number, 4, name) for number, name in enumerate(names, start=1)]
    assert log.left[0] is None and all(left > 0 for left in log.left[1:])
    assert all((output / name / "modules.json").is_file() for name in names)
    assert {path.name for path in output.iterdir()} == FILES | set(names) | {f"{name}.json" for name in names}


def test_a_run_is_what_train_makes_of_its_settings(swept, fixed, tmp_path):
    report, output, _ = swept
    alone = train("own", tmp_path / "alone", loss="contrastive", seed=1, **fixed)
    assert report.runs[3].after == alone.after and report.runs[3].before == alone.before
    assert (output / "loss-contrastive-seed-1" / "model.safetensors").read_bytes() == (
        tmp_path / "alone" / "model.safetensors"
    ).read_bytes()


def test_what_a_run_said_of_the_pairs_gives_its_figures(swept):
    for run in swept[0].runs:
        assert np.mean(run.predictions.right) == pytest.approx(run.after["validation"].accuracy)
        assert len(run.predictions.labels) == run.after["validation"].pairs


def test_means_deviations_and_comparisons(swept):
    report, _, _ = swept
    values = [run.after["test"].ap for run in report.runs[:2]]
    spread = report.spread("loss=bce", "test", "ap")
    assert (spread.mean, spread.deviation, spread.runs) == (np.mean(values), pytest.approx(np.std(values, ddof=1)), 2)
    assert report.by_setting.keys() == {"loss=bce", "loss=contrastive"}
    groups = [("loss=bce", [run.predictions for run in report.runs[:2]])]
    groups += [("loss=contrastive", [run.predictions for run in report.runs[2:]])]
    assert report.comparisons == compare_all(groups)


def test_the_tables(swept):
    report, output, _ = swept
    with (output / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["loss"], row["seed"]) for row in rows] == [
        (run.name, run.setting["loss"], str(run.seed)) for run in report.runs
    ]
    assert float(rows[2]["test_ap"]) == report.runs[2].after["test"].ap
    values = json.loads((output / "sweep.json").read_text())
    assert (
        values["settings"][0]["figures"]["validation"]["ap"]["mean"]
        == report.spread("loss=bce", "validation", "ap").mean
    )
    assert values["fixed"]["max_steps"] == 2
    markdown, latex = ((output / f"sweep.{ending}").read_text() for ending in ("md", "tex"))
    for title in report.by_setting:
        cell = str(report.spread(title, "validation", "ap"))
        assert cell in markdown and cell.replace("±", r"$\pm$") in latex
    assert markdown.count("| loss=contrastive | loss=bce |") == latex.count("loss=contrastive & loss=bce &") == 2
    assert (output / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_done_is_not_done_again(swept, again, fixed):
    log = Log()
    report = sweep("own", {"loss": ["bce", "contrastive"]}, again, seeds=2, observer=log, **fixed)
    assert (log.begun, report.done_before) == ([], 4)
    assert report.to_json() == swept[0].to_json()


def test_further_values_and_seeds_join_what_is_done(again, fixed):
    log = Log()
    report = sweep("own", {"loss": ["contrastive", "mse"]}, again, seeds=[1, 5], observer=log, **fixed)
    assert [name for _, _, name in log.begun] == ["loss-contrastive-seed-5", "loss-mse-seed-1", "loss-mse-seed-5"]
    assert report.done_before == 1


def test_a_stopped_run_goes_on_by_its_checkpoint(swept, again, fixed):
    shutil.rmtree(again / "loss-bce-seed-1")
    (again / "loss-bce-seed-1.json").unlink()
    call = {"grid": {"loss": ["bce", "contrastive"]}, "output": again, "seeds": 2, **fixed}
    with pytest.raises(Interrupted, match="stopped in run loss-bce-seed-1; the same command goes on from there"):
        sweep("own", observer=Log(stop_in="loss-bce-seed-1"), **call)
    assert (again / "loss-bce-seed-1.checkpoints").is_dir()
    log = Log()
    report = sweep("own", observer=log, **call)
    assert log.done == {"loss-bce-seed-1": 1}
    assert report.runs[1].after == swept[0].runs[1].after


def test_a_model_that_was_saved_but_not_recorded_is_not_trained_again(swept, again, fixed):
    (again / "loss-bce-seed-0.json").unlink()
    log = Log()
    report = sweep("own", {"loss": ["bce", "contrastive"]}, again, seeds=2, observer=log, **fixed)
    assert log.done == {}  # nothing was trained
    assert report.to_json() == swept[0].to_json()


def test_the_figures_stay_where_the_models_go(swept, again, fixed):
    report = sweep("own", {"loss": ["bce", "contrastive"]}, again, seeds=2, keep_models=False, **fixed)
    assert not any(path.is_dir() for path in again.iterdir())
    assert report.to_json() == swept[0].to_json()


def test_a_run_of_other_settings_is_not_taken_for_this_one(again, fixed):
    before = {path.name for path in again.iterdir()}
    with pytest.raises(BadOutput, match=r"loss-bce-seed-0.json is of a run with weight_decay 0.01, now it"):
        sweep("own", {"loss": ["bce", "contrastive"]}, again, seeds=2, **fixed | {"weight_decay": 0.5})
    assert {path.name for path in again.iterdir()} == before
    log = Log()
    sweep(
        "own", {"loss": ["bce", "mse"]}, again, seeds=1, overwrite=True, observer=log, **fixed | {"weight_decay": 0.5}
    )
    assert len(log.begun) == 2


def test_one_value_is_shared_and_no_grid_is_a_sweep_of_seeds(fixed, tmp_path):
    report = sweep("own", {"loss": "mse"}, tmp_path / "runs", seeds=[4], **fixed)
    assert [(run.name, run.title) for run in report.runs] == [("seed-4", "as given")]
    assert (report.fixed["loss"], report.comparisons) == ("mse", [])
    assert str(report.spread("as given", "validation", "ap")).count("±") == 0


@pytest.mark.parametrize(
    ("grid", "options", "words"),
    [
        ({"los": ["bce"]}, {}, "did you mean loss"),
        ({"loss": ["bce", "mse"], "max_steps": [1, 0]}, {}, "max_steps is 0"),
        ({"seed": [1, 2]}, {}, "give seeds"),
        ({"loss": []}, {}, "loss has no values"),
        ({}, {"seeds": 0}, "seeds is 0"),
        ({}, {"seeds": [-1]}, "seed is -1"),
    ],
)
def test_bad_settings_are_refused_before_any_work(grid, options, words, fixed, tmp_path):
    with pytest.raises(UsageError, match=words):
        sweep("own", grid, tmp_path / "runs", **fixed | options)
    assert not (tmp_path / "runs").exists()


def test_a_run_that_cannot_be_done_is_named(fixed, tmp_path):
    with pytest.raises(SiameseTextError, match="run loss-triplet-seed-0: "):
        sweep("own", {"loss": ["triplet", "bce"]}, tmp_path / "runs", seeds=1, **fixed)
    with pytest.raises(MissingInput):
        sweep("nowhere.csv", {}, tmp_path / "runs", **fixed)


def test_a_launcher_of_several_processes_is_refused(fixed, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="start it without a launcher"):
        sweep("own", {}, tmp_path / "runs", **fixed)
