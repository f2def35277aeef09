"""``siamese-text distill``: a teacher and plain sentences in, a smaller and faster model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import (
    DataDir,
    Json,
    MaxSteps,
    Overwrite,
    Recipe,
    Resume,
    Seed,
    Settings,
    Verbose,
    figure,
    print_json,
    print_table,
    say,
    tell_place,
)
from siamese_text.cli.training_progress import TrainingProgress
from siamese_text.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Corpus, DistillReport


def distill(
    output: Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")],
    teacher: Annotated[str | None, typer.Option(help="Model to imitate: a name or a folder.")] = None,
    layers: Annotated[
        str | None, typer.Option(help="How many of its layers to keep, or which: 3, or 0,2,5; by default 3.")
    ] = None,
    static: Annotated[bool, typer.Option("--static", help="Make a table of token vectors, without layers.")] = False,
    sentences: Annotated[
        list[str] | None,
        typer.Option(help="Text file with a sentence a line, or a data set, whose training rows are read; repeatable."),
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="Data set on whose held-out pairs both are evaluated; repeatable.")
    ] = None,
    recipe: Recipe = None,
    settings: Settings = None,
    epochs: Annotated[int | None, typer.Option(help="Passes through the sentences.")] = None,
    max_steps: MaxSteps = None,
    limit: Annotated[int | None, typer.Option(help="Learn from only this many sentences, drawn at random.")] = None,
    seed: Seed = None,
    data_dir: DataDir = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Train a smaller model to give the vectors of a teacher."""
    from siamese_text import api

    if static and layers:
        raise UsageError(f"layers is {layers}, and a static model has none; leave out one of both")
    options = {
        "teacher": teacher,
        "layers": layers,
        "static": static or None,
        "sentences": _listed(sentences),
        "dataset": _listed(dataset),
        "num_train_epochs": epochs,
        "max_steps": max_steps,
        "max_train_samples": limit,
        "seed": seed,
    }
    overrides: Any = api.read_assignments(settings or []) | {
        name: value for name, value in options.items() if value is not None
    }
    with _Watcher() as watcher:
        report = api.distill(
            output,
            recipe=recipe,
            data_dir=data_dir,
            overwrite=overwrite,
            resume=resume,
            observer=watcher,
            **overrides,
        )
    if api.is_main_process():
        print_json(report.to_json()) if json else _render(report)
        if verbose:
            tell_place(report.settings.teacher)
    return EXIT_OK


def _listed(names: list[str] | None) -> str | None:
    """Return names as the settings hold them: separated by commas, so that no one of several may have a comma."""
    for name in names or []:
        if len(names or []) > 1 and "," in name and Path(name).is_file():
            raise UsageError(f"{name} has a comma, which separates sources; rename it, or give it alone")
    return ",".join(names or []) or None


class _Watcher(TrainingProgress):
    """Also tells of the sentences, and of the teacher as it encodes them."""

    unit = "sentences"

    def loaded(self, corpus: Corpus) -> None:
        left_out = f" ({corpus.left_out:,} more are in held-out pairs)" if corpus.left_out else ""
        say(f"learns from {len(corpus.training):,} sentences{left_out}, {len(corpus.held_out):,} are held out")
        self.open(len(corpus.training), "teacher")

    def teaching(self, done: int, total: int) -> None:
        self.move(done, f"teacher, {total:,} sentences")

    def taught(self, before: float) -> None:
        self.close()
        say(f"untrained student: cosine with the teacher {before:.3f}")


def _render(report: DistillReport) -> None:
    rows = [["cosine with the teacher", "held-out sentences", "1.000", figure(report.after)]]
    for name, (teacher, student) in report.evaluations.items():
        if teacher.ap is None:
            rows.append(["Spearman", name, figure(teacher.spearman), figure(student.spearman)])
        else:
            rows.append(["AP", name, figure(teacher.ap), figure(student.ap)])
    print_table("", "on", "teacher", "student", rows=rows, right=2)
    teaching, training = report.seconds
    say(
        f"wrote {report.output} ({teaching:.0f} s of the teacher, {training:.0f} s of training): model, report.json, "
        f"history.jsonl, curves.png, README.md"
    )
