"""``siamese-text sweep``: trainings with every combination of some settings and several seeds, compared."""

from __future__ import annotations

import json as json_format
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import DataDir, Json, Recipe, print_json, print_table, say
from siamese_text.cli.training_progress import TrainingProgress
from siamese_text.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Evaluation, SweepReport, TrainingData, ValidationRecord

SET_HELP = (
    "A setting with the values to try, such as loss=contrastive,bce,align; repeatable. One value is shared by all "
    'runs; values that hold commas are a JSON list: columns=["a=sentence1,b=sentence2"].'
)


def sweep(
    dataset: Annotated[str | None, typer.Option(help="Known name or file of rows; by default the recipe's.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUES", help=SET_HELP)] = None,
    seeds: Annotated[str, typer.Option(help="How many seeds, from 0 on, or the seeds themselves: 3, or 7,8,9.")] = "3",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the runs and the tables.")] = Path("runs"),
    recipe: Recipe = None,
    keep_models: Annotated[
        bool, typer.Option("--keep-models/--no-models", help="Whether the model folder of each run stays.")
    ] = True,
    data_dir: DataDir = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin all runs anew.")] = False,
    json: Json = False,
) -> int:
    """Train with every combination of settings and each seed, and compare the settings on the validation pairs.

    The same command again goes on where it was stopped: finished runs are skipped, a stopped one is resumed.
    """
    from siamese_text import api

    assignments = api.read_assignments(settings or [])
    if len(assignments) < len(settings or []):
        raise UsageError("a setting is given twice; write all of its values into one, such as loss=bce,align")
    grid = {name: _values(name, value) for name, value in assignments.items()}
    with _Watcher() as watcher:
        report = api.sweep(
            dataset,
            grid,
            output,
            seeds=_seeds(seeds),
            recipe=recipe,
            data_dir=data_dir,
            keep_models=keep_models,
            overwrite=overwrite,
            observer=watcher,
        )
    print_json(report.to_json()) if json else _render(report)
    return EXIT_OK


def _values(name: str, given: str) -> list[Any]:
    """Return the values of ``KEY=V1,V2`` or ``KEY=[JSON, list]``."""
    if not given.startswith("["):
        return [value.strip() for value in given.split(",")]
    try:
        values = json_format.loads(given)
    except ValueError as error:
        raise UsageError(f'{name} is {given}, which is no JSON list ({error}); write {name}=["one", "two"]') from error
    return list(values)


def _seeds(given: str) -> int | list[int]:
    try:
        numbers = [int(seed) for seed in given.split(",")]
    except ValueError as error:
        raise UsageError(f"seeds is '{given}'; give how many, such as 3, or the seeds, such as 7,8,9") from error
    return numbers if "," in given else numbers[0]


class _Watcher(TrainingProgress):
    """Tells which run of how many begins, and how long the rest will take; a run itself shows its bar alone."""

    def run_started(self, number: int, total: int, name: str, seconds_left: float | None) -> None:
        self.close()
        left = "" if seconds_left is None else f", about {_duration(seconds_left)} left"
        say(f"run {number} of {total}: {name}{left}")

    def loaded(self, _data: TrainingData) -> None:
        """Say nothing: the rows are those of the first run."""

    def evaluated_before(self, _before: Mapping[str, Evaluation]) -> None:
        """Say nothing: the untrained encoder stands in the table."""

    def started(self, steps: int, done: int) -> None:
        if done:
            say(f"  goes on after step {done}")
        self.open(steps, done=done)

    def validated(self, _record: ValidationRecord) -> None:
        """Say nothing: there are too many."""


def _duration(seconds: float) -> str:
    """Return a time such as ``40 s``, ``12 min`` or ``3.5 h``.

    Example:
        >>> _duration(40), _duration(700), _duration(12600)
        ('40 s', '12 min', '3.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _render(report: SweepReport) -> None:
    columns, rows = report.table()
    title = f"{report.dataset}: means over seeds ± standard deviations"
    print_table(*columns, rows=rows, title=title, right=len(columns) - 3)
    if report.comparisons:
        columns, rows = report.comparison_table()
        print_table(*columns, rows=rows, title="paired bootstrap over the validation pairs", right=4)
    elif len(report.by_setting) > 1:
        say("the runs were validated on different pairs, so they are not compared")
    if report.done_before:
        say(f"{report.done_before} of {len(report.runs)} runs were done before and were not done again")
    if len(report.by_setting) > 1:
        say(f"best on the validation pairs: {report.best}; it was chosen by them, so quote its figures on others")
    say(f"wrote {report.output}: sweep.csv, sweep.md, sweep.tex, sweep.json, sweep.png")
