"""How commands speak: data to stdout, words and progress to stderr, one line for an error."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import typer

from siamese_text.api.rendering import FIGURES as FIGURES
from siamese_text.api.rendering import figure as figure
from siamese_text.api.rendering import percent as percent

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say where models and data were found.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")]
Model = Annotated[str, typer.Option(help="Model: a name or a folder.")]
Encoder = Annotated[str, typer.Option(help="Encoder: a name or a folder.")]
Split = Annotated[
    str | None, typer.Option(help="Split of the data set; by default validation, and the whole of a single file.")
]
Backend = Annotated[
    str,
    typer.Option(help="Backend: auto, torch, onnx (the same vectors), or int8 (quicker, slightly other vectors)."),
]
Recipe = Annotated[str | None, typer.Option(help="TOML file of settings, or the name of a bundled one.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as epochs=4; repeatable.")
]
MaxSteps = Annotated[int | None, typer.Option(help="Stop after this many optimiser steps.")]
Seed = Annotated[int | None, typer.Option(help="Seed of everything random.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped or killed.")]
DataDir = Annotated[
    str | None, typer.Option("--data-dir", help="Folder with data sets as NAME/SPLIT.jsonl; also SIAMESE_TEXT_DATA.")
]
PositiveFrom = Annotated[float | None, typer.Option(help="Graded labels are 1 from this value on.")]
Neutral = Annotated[Literal["drop", "different"], typer.Option(help="What SNLI's neutral pairs become.")]
Columns = Annotated[
    str,
    typer.Option(
        "--columns",
        help="Names of columns in a file: a=sentence1,b=sentence2; same=label:SAME/DIFFERENT says what labels mean.",
    ),
]

WANTED = {"neutral"}  # rows that were left out because the user asked for it, not because they were unusable


_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]*(?=@)|(?<=postgresql:/)([^\s:/@]+):[^\s/@]*(?=@)")


def say(message: str) -> None:
    """Print a line of words to stderr; a URL in it loses its password, whoever put it there."""
    sys.stderr.write(_PASSWORD.sub(r"\1\2", message) + "\n")


def tell_place(model: str) -> None:
    """Say where a model was found."""
    from siamese_text.api import open_model

    found = open_model(model)
    say(f"model {model} from {found.source}: {found.folder}")


def print_json(value: Any) -> None:
    """Print a JSON object to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(*columns: str, rows: list[list[str]], title: str | None = None, right: int = 0) -> None:
    """Print a table to stdout; the last ``right`` columns are numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    table.min_width = len(title or "")  # a title is not wrapped for being longer than the rows are wide
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place >= len(columns) - right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    # A pipe has no width; cutting its lines at 80 columns would lose data.
    Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False).print(table)


@contextmanager
def progress_bar(description: str) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback of (done, total) that draws a bar; None where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def staged_bar(*, always: bool) -> Iterator[tuple[Callable[[str], None] | None, Callable[[int, int], None] | None]]:
    """Yield two callbacks: one is told what begins, the other (done, total) of it.

    On a terminal they draw one bar; elsewhere the first writes a line for each stage if it is ``always`` to speak.
    """
    if not sys.stderr.isatty():
        yield say if always else None, None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TimeElapsedColumn(), TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def begin(what: str) -> None:
            """Put a new task in the place of the one that is done with, so that the time left is that of its own."""
            for earlier in bar.task_ids:
                bar.remove_task(earlier)
            bar.add_task(what, total=None)

        begin("")
        yield begin, lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total)


@contextmanager
def warnings_as_words() -> Iterator[None]:
    """Show the library's warnings as lines of words instead of Python's two lines with a source location."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_args, **_kwargs: say(f"note: {message}")
        yield
