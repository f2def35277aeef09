"""Means, deviations and comparisons over the runs of a sweep, its files, and the runs as they are kept."""

import json
from dataclasses import replace

import numpy as np
import pytest

from siamese_text.evaluation.comparison import compare_all
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.sweep import Spread, SweepReport, holm
from siamese_text.evaluation.sweep_files import write_sweep
from siamese_text.evaluation.sweep_run import SweepRun
from siamese_text.scoring.metrics import average_precision

LABELS = (np.arange(60) % 3 == 0).astype(np.float64)


def make_run(setting, seed, noise, *, graded=False, digest="a"):
    ranking = LABELS + noise * np.random.default_rng(seed).standard_normal(len(LABELS))
    predictions = LabelledPredictions(LABELS, ranking, ranking, same=ranking >= 0.5)
    name = {"spearman": 0.5 + seed / 10} if graded else {"ap": average_precision(LABELS, ranking), "accuracy": 0.5}
    if graded:
        predictions = LabelledPredictions(LABELS / 2, ranking, ranking)
    after = {split: Evaluation("m", split, 60, **name) for split in ("validation", "test")}
    title = "-".join(map(str, setting.values()))
    return SweepRun(f"{title}-seed-{seed}", setting, seed, after, after, predictions, digest, 3, 1.5)


@pytest.fixture
def report(tmp_path):
    runs = [make_run({"loss": loss}, seed, noise) for loss, noise in (("bce", 0.9), ("a_b|c$", 0.4)) for seed in (0, 1)]
    return SweepReport("own", tmp_path / "runs", runs, {"epochs": 2})


def test_spread_is_that_of_a_sample():
    values = [0.2, 0.5, 0.9]
    spread = Spread.of(values)
    assert (spread.mean, spread.low, spread.high, spread.runs) == (pytest.approx(np.mean(values)), 0.2, 0.9, 3)
    assert spread.deviation == pytest.approx(np.std(values, ddof=1))
    assert (Spread.of([0.5]).deviation, str(Spread.of([0.5]))) == (None, "0.500")


def test_holm_by_its_definition():
    ps = np.random.default_rng(0).uniform(0, 0.4, 7)
    order = np.argsort(ps)
    expected = np.minimum(1, np.maximum.accumulate(ps[order] * np.arange(7, 0, -1)))
    np.testing.assert_allclose(np.array(holm(list(ps)))[order], expected)
    assert holm([]) == []


def test_settings_are_compared_by_the_mean_of_their_seeds(report):
    groups = [(title, [run.predictions for run in runs]) for title, runs in report.by_setting.items()]
    assert list(report.by_setting) == ["loss=bce", "loss=a_b|c$"]
    assert report.comparisons == compare_all(groups)
    assert report.best == "loss=a_b|c$"
    values = [run.after["test"].ap for run in report.runs[:2]]
    assert report.spread("loss=bce", "test", "ap") == Spread.of(values)
    assert report.spread("loss=bce", "test", "spearman") is None


def test_runs_on_other_pairs_are_not_compared(report):
    others = [replace(run, digest="b") if run.seed else run for run in report.runs]
    assert SweepReport("own", report.output, others).comparisons == []


def test_grades_are_ranked_by_correlation(tmp_path):
    runs = [make_run({"loss": loss}, seed, 0.5, graded=True) for loss in ("mse", "cosent") for seed in (0, 1)]
    report = SweepReport("own", tmp_path, runs)
    assert (report.metric, report.table()[0][3:]) == ("spearman", ["untrained Spearman", "Spearman"])
    assert [set(each.differences) for each in report.comparisons] == [{"spearman"}]


def test_names_are_escaped_in_every_table(report):
    paths = {path.suffix: path for path in write_sweep(report)}
    assert set(paths) == {".csv", ".md", ".tex", ".json", ".png"}
    assert "| loss=a_b\\|c$ |" in paths[".md"].read_text()
    assert r"loss=a\_b|c\$ &" in paths[".tex"].read_text()
    assert json.loads(paths[".json"].read_text()) == json.loads(json.dumps(report.to_json()))
    assert {path.name for path in report.output.iterdir()} == {path.name for path in paths.values()}


@pytest.mark.parametrize("graded", [False, True])
def test_a_run_is_kept_to_the_bit(graded):
    run = make_run({"loss": "bce", "epochs": 2}, 1, 0.7, graded=graded)
    again = SweepRun.from_json(json.loads(json.dumps(run.to_json())))
    assert again.to_json() == run.to_json()
    assert again.after == run.after and again.title == "loss=bce, epochs=2"
    np.testing.assert_array_equal(again.predictions.ranking, run.predictions.ranking)
    assert again.predictions.same is None if graded else (again.predictions.same == run.predictions.same).all()
