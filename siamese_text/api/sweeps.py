"""Trainings with every combination of some settings and several seeds, compared on the same held-out pairs.

    runs/
      loss-bce-seed-0/               the model folder of a run
      loss-bce-seed-0.json           its settings, its figures and what it said of each validation pair
      loss-bce-seed-0.checkpoints/   of a run that was stopped
      sweep.csv  sweep.md  sweep.tex  sweep.json  sweep.png

A run is done when its JSON file is there. The same call again skips what is done and goes on with the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from siamese_text.api.scorer import Scorer
from siamese_text.atomic import atomic_file, check_output
from siamese_text.errors import BadOutput, Interrupted, SiameseTextError, UsageError
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.sweep import VALIDATION, SweepReport
from siamese_text.evaluation.sweep_files import write_sweep
from siamese_text.evaluation.sweep_run import SweepRun
from siamese_text.records import Pair
from siamese_text.training.run import RunObserver

if TYPE_CHECKING:
    from siamese_text.training.settings import TrainSettings

FORMAT = 1
LONGEST_VALUE = 40  # characters of a setting in the name of a run


class SweepObserver(RunObserver, Protocol):
    """Who wants to follow a sweep, and the training of each of its runs."""

    def run_started(self, number: int, total: int, name: str, seconds_left: float | None) -> None:
        """A run begins: the how many of how many, its name, and about how long all that is left will take."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A run that is to be done."""

    name: str
    setting: Mapping[str, Any]
    settings: TrainSettings


def sweep(
    dataset: str | Path | None,
    grid: Mapping[str, Any],
    output: str | Path = "runs",
    *,
    seeds: int | Sequence[int] = 3,
    recipe: str | Path | None = None,
    data_dir: str | Path | None = None,
    keep_models: bool = True,
    overwrite: bool = False,
    device: str | None = None,
    observer: SweepObserver | None = None,
    **fixed: Any,
) -> SweepReport:
    """Train with every combination of some settings and each seed, and compare the settings with each other.

    Settings are compared by a paired bootstrap over the validation pairs, where the figure of a setting is the mean
    over its seeds (``compare_all``). What was finished is kept: the same call again goes on where it was stopped.

    Args:
        dataset: A known name or a file of pairs; None for the recipe's.
        grid: The values to try of each setting, such as ``{"loss": ["bce", "align"]}``; one value stands for itself.
        output: The folder for the runs and the tables.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        recipe: A TOML file or the name of a bundled recipe, which the grid and the fixed settings change.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        keep_models: Whether the model folder of each run stays; its figures do in any case.
        overwrite: Begin all runs anew.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.
        fixed: Settings that all runs share.

    Returns:
        The report, whose tables and plot lie in the output.

    Raises:
        UsageError: A setting is unknown, or has a value that cannot be.
        BadOutput: The output holds a run of the same name with other settings, or cannot be written.
        Interrupted: The user stopped a run, whose state was saved.
        SiameseTextError: A run cannot be done, as ``train`` says.

    Example:
        >>> sweep("sample", {"loss": ["bce", "align"], "seed": [1, 2]})  # seeds=[1, 2] instead
        Traceback (most recent call last):
        siamese_text.errors.UsageError: seed is no setting of a sweep; give seeds, how many or which
    """
    output = Path(output)
    check_output(output / "sweep.json", overwrite=True)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UsageError("a sweep trains in one process; start it without a launcher")
    planned = _plan(dataset, grid, _seeds(seeds), str(recipe) if recipe else None, fixed)
    done = {} if overwrite else {run.name: found for run in planned if (found := _read(output, run))}
    done_before, taken = len(done), list[float]()
    for number, run in enumerate(planned, start=1):
        if run.name not in done:
            began = time.perf_counter()
            if observer:
                left = sum(taken) / len(taken) * (len(planned) - len(done)) if taken else None
                observer.run_started(number, len(planned), run.name, left)
            done[run.name] = _do(run, output, data_dir, device, observer, overwrite=overwrite)
            taken.append(time.perf_counter() - began)
        if not keep_models:
            shutil.rmtree(output / run.name, ignore_errors=True)
    runs = [done[run.name] for run in planned]
    report = SweepReport(planned[0].settings.dataset, output, runs, _shared(planned), done_before)
    write_sweep(report)
    return report


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    found = list(range(seeds)) if isinstance(seeds, int) else list(dict.fromkeys(seeds))
    if not found:
        raise UsageError(f"seeds is {seeds!r}; give a number of seeds above 0, or the seeds")
    return found


def _plan(
    dataset: str | Path | None,
    grid: Mapping[str, Any],
    seeds: Sequence[int],
    recipe: str | None,
    fixed: Mapping[str, Any],
) -> list[_Planned]:
    """Return all runs, each with settings that were looked at, so that no bad value shows after hours."""
    from siamese_text.training.settings import TrainSettings, read_recipe

    if "seed" in grid or "seed" in fixed:
        raise UsageError("seed is no setting of a sweep; give seeds, how many or which")
    values = {
        name: list({repr(value): value for value in each}.values()) if isinstance(each, list | tuple) else [each]
        for name, each in grid.items()
    }
    empty = [name for name, each in values.items() if not each]
    if empty:
        raise UsageError(f"{empty[0]} has no values to try; give one or more")
    varied = [name for name, each in values.items() if len(each) > 1]
    base = (read_recipe(recipe) if recipe else TrainSettings()).changed(
        ({"dataset": str(dataset)} if dataset else {}) | dict(fixed)
    )
    planned: dict[str, _Planned] = {}
    for combination in product(*values.values()):
        chosen = dict(zip(values, combination, strict=True))
        for seed in seeds:
            settings = base.changed(chosen | {"seed": seed})
            setting = {name: chosen[name] for name in varied}
            name = _name(setting, seed)
            if name in planned:  # of values that differ in what a file name cannot hold
                name += "-" + hashlib.sha256(repr(setting).encode()).hexdigest()[:6]
            planned[name] = _Planned(name, setting, settings)
    return list(planned.values())


def _name(setting: Mapping[str, Any], seed: int) -> str:
    """Return the name of a run, such as ``loss-bce-0.5-cosent-seed-0``."""

    def written(value: Any) -> str:
        return re.sub(r"[^\w.]+", "-", Path(str(value)).name).strip("-")[:LONGEST_VALUE]

    return "-".join(f"{key}-{written(value)}" for key, value in (*setting.items(), ("seed", seed)))


def _shared(planned: Sequence[_Planned]) -> dict[str, Any]:
    """Return the settings that all runs share and that are not the defaults."""
    from siamese_text.training.settings import TrainSettings

    defaults, first = TrainSettings().values(), planned[0].settings.values()
    others = [run.settings.values() for run in planned]
    return {
        name: value
        for name, value in first.items()
        if value != defaults.get(name) and name != "dataset" and all(each.get(name) == value for each in others)
    }


def _do(
    run: _Planned,
    output: Path,
    data_dir: str | Path | None,
    device: str | None,
    observer: SweepObserver | None,
    *,
    overwrite: bool,
) -> SweepRun:
    """Train a model, or take the one that an earlier call had saved just before it was stopped, and record it."""
    from siamese_text.training.checkpoints import checkpoint_folder, newest_checkpoint
    from siamese_text.training.mixture import load_training_data
    from siamese_text.training.run import run_training

    folder = output / run.name
    if overwrite or not _is_model_of(folder, run):
        resume = not overwrite and newest_checkpoint(checkpoint_folder(folder)) is not None
        try:
            data = run_training(
                run.settings,
                folder,
                data_dir=data_dir,
                overwrite=overwrite,
                resume=resume,
                device=device,
                observer=observer,
            ).data
        except Interrupted as error:
            raise Interrupted(f"stopped in run {run.name}; the same command goes on from there") from error
        except SiameseTextError as error:
            raise type(error)(f"run {run.name}: {error}") from error
    else:
        data = load_training_data(run.settings, Path(data_dir) if data_dir else None)
    pairs = data.held_out[VALIDATION]
    scorer = Scorer.load(folder, device=device, backend="torch")
    predictions = evaluate_scores(
        pairs,
        scorer.scores(pairs),
        scorer.decision,
        model=run.name,
        data=f"{run.settings.dataset}/{VALIDATION}",
        graded=data.graded,
    ).predictions
    return _record(output, run, predictions, pairs)


def _is_model_of(folder: Path, run: _Planned) -> bool:
    """Say whether a folder is the model of a run; one that is something else is refused by who would write there."""
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        return bool(report["settings"] == run.settings.values())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _record(output: Path, run: _Planned, predictions: LabelledPredictions, pairs: Sequence[Pair]) -> SweepRun:
    """Keep a run, from the report in its folder and what it said of the validation pairs."""
    report = json.loads((output / run.name / "report.json").read_text(encoding="utf-8"))
    before, after = (
        {split: Evaluation(**figures) for split, figures in report[name].items()} for name in ("before", "after")
    )
    steps, seconds = report["best_step"], report["seconds"]
    seed, digest = run.settings.seed, _digest(pairs)
    done = SweepRun(run.name, run.setting, seed, before, after, predictions, digest, steps, seconds)
    with atomic_file(output / f"{run.name}.json") as draft:
        record = {"format": FORMAT, "settings": run.settings.values(), **done.to_json()}
        draft.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return SweepRun.from_json(record)  # as a later call will read it


def _read(output: Path, run: _Planned) -> SweepRun | None:
    """Return a run that an earlier call had finished, None where there is none.

    Raises:
        BadOutput: A run of that name had other settings, or its record cannot be read.
    """
    path = output / f"{run.name}.json"
    if not path.is_file():
        return None
    now = run.settings.values()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        then = record["settings"]
        differing = [name for name in now if then.get(name) != now[name]]
        if not differing:
            return replace(SweepRun.from_json(record), name=run.name, setting=run.setting)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadOutput(f"{path} cannot be read ({error!r}); remove it, or add --overwrite") from error
    name = differing[0]
    raise BadOutput(
        f"{path} is of a run with {name} {then.get(name)!r}, now it is {now[name]!r}; choose another output or add "
        f"--overwrite"
    )


def _digest(pairs: Sequence[Pair]) -> str:
    """Return the SHA-256 of pairs in their order."""
    lines = (json.dumps([pair.sentence1, pair.sentence2, pair.label]) for pair in pairs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
