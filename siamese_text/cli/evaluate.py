"""``siamese-text evaluate``: figures of one or several models on labelled pairs, side by side, and a report of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.cli.console import (
    WANTED,
    Backend,
    Columns,
    DataDir,
    Json,
    Neutral,
    Overwrite,
    PositiveFrom,
    Split,
    Verbose,
    print_json,
    print_table,
    say,
    staged_bar,
    tell_place,
)
from siamese_text.errors import EXIT_CHECK_FAILED, EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.api import EvaluationReport


def evaluate(
    dataset: Annotated[str, typer.Option(help="Known name or file: pairs, or rows that pairs can be made of.")],
    model: Annotated[list[str] | None, typer.Option(help="Model: a name or a folder; repeat to compare.")] = None,
    split: Split = None,
    positive_from: PositiveFrom = None,
    neutral: Neutral = "drop",
    slices: Annotated[bool, typer.Option("--slices", help="Print figures by overlap, length, negation, ...")] = False,
    leaks: Annotated[
        list[str] | None,
        typer.Option(help="Training data to look for leaks from; repeatable. Any leak ends in exit code 1."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Folder to make: a page with plots and the worst errors.")] = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    columns: Columns = "",
    data_dir: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Evaluate models on labelled pairs, at the threshold that each one saved."""
    from siamese_text import api

    models = model or [api.DECIDING_MODEL]
    for name in models if verbose else ():
        tell_place(name)
    with staged_bar(always=report is not None) as (stage, progress):
        results = api.evaluate(
            models,
            dataset,
            split,
            columns=columns,
            neutral=neutral,
            positive_from=positive_from,
            leaks=leaks,
            report=report,
            overwrite=overwrite,
            backend=backend,
            data_dir=data_dir,
            progress=progress,
            stage=stage,
        )
    if json:
        print_json(results.figures_json(slices=slices))
    else:
        _render(results, slices=slices)
    _say_what_was_left_out(results)
    if report:
        say(f"wrote {report / 'index.html'}")
    if results.leaks is not None and results.leaks.count:
        return EXIT_CHECK_FAILED
    return EXIT_PARTIAL if set(results.dropped) - WANTED else EXIT_OK


def _render(results: EvaluationReport, *, slices: bool) -> None:
    from siamese_text.api.rendering import FEWEST, comparison_rows, figure_rows, threshold_words

    evaluations = results.evaluations
    names = [each.model for each in evaluations]
    title = f"{evaluations[0].data}: {evaluations[0].pairs:,} pairs"
    print_table("", *names, rows=figure_rows(evaluations), title=title, right=len(names))
    if results.leaks is not None and results.leaks.count and results.without_leaks:
        title = f"without the {results.leaks.count:,} pairs that leak"
        print_table("", *names, rows=figure_rows(results.without_leaks), title=title, right=len(names))
    if results.comparisons:
        heads = ("model", "compared with", "figure", "difference", "95 % interval", "p")
        print_table(*heads, rows=comparison_rows(results.comparisons), title="paired bootstrap", right=3)
    if slices:
        _print_slices(results)
        if any(part.few for part in results.slices[0]):
            say(f"* fewer than {FEWEST} pairs: chance alone moves these figures by ten points and more")
    say(f"read from {results.origin}")
    for each in evaluations:
        if each.ap is not None:
            say(f"{each.model}: {threshold_words(each)}")


def _print_slices(results: EvaluationReport) -> None:
    """Print a table a model; each rule is named at the first of its slices."""
    from siamese_text.api.rendering import slice_columns, slice_row

    for evaluation, figures in zip(results.evaluations, results.slices, strict=True):
        columns = slice_columns(figures)
        firsts = {part.rule: part for part in reversed(figures)}
        rows = [
            [part.rule if part is firsts[part.rule] else "", part.band, *slice_row(part, figures)] for part in figures
        ]
        print_table("rule", "slice", *columns, rows=rows, title=f"slices of {evaluation.model}", right=len(columns))


def _say_what_was_left_out(results: EvaluationReport) -> None:
    from siamese_text.records import DATA_KINDS

    pairs, name = len(results.models[0].pairs), results.name
    if results.kind not in ("pairs", "graded"):
        say(f"{name} holds {DATA_KINDS[results.kind]}: {pairs:,} pairs were made of {results.rows:,} rows")
    for reason, count in results.dropped.items():
        say(f"{count} rows were left out: {reason}")
    if results.leaks is None:
        return
    for source, count in results.leaks.sources.items():
        say(f"{count:,} of {pairs:,} pairs share a sentence with {source}")
    if results.leaks.count and results.without_leaks is None:
        say("without them there are no pairs of both labels left to measure")
