"""``siamese-text evaluate``: figures of one or several models on labelled pairs, side by side, and a report of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.cli.console import (
    Backend,
    Columns,
    DataDir,
    Json,
    Neutral,
    Overwrite,
    PositiveFrom,
    Verbose,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_CHECK_FAILED, EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.data.examples import ExampleSet
    from siamese_text.data.pairs import PairSet
    from siamese_text.evaluation.evaluated_model import EvaluatedModel
    from siamese_text.evaluation.report.contents import EvaluationReport
    from siamese_text.evaluation.report.maps import MapSample


def evaluate(
    dataset: Annotated[str, typer.Option(help="Known name or file: pairs, or rows that pairs can be made of.")],
    model: Annotated[list[str] | None, typer.Option(help="Model: a name or a folder; repeat to compare.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Split; by default validation, and the whole of a single file.")
    ] = None,
    positive_from: PositiveFrom = None,
    neutral: Neutral = "drop",
    slices: Annotated[bool, typer.Option("--slices", help="Print figures by overlap, length, negation, ...")] = False,
    leaks: Annotated[
        list[str] | None, typer.Option(help="Training data to look for leaks from; repeat for more. Leaks: exit 1.")
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
    from siamese_text.data.leaks import find_leaks
    from siamese_text.data.loading import load_examples
    from siamese_text.evaluation.report.contents import EvaluationReport
    from siamese_text.evaluation.report.page import check_report_folder, write_report
    from siamese_text.settings import read_assignments

    if report:
        check_report_folder(report, overwrite=overwrite)
    folder = Path(data_dir) if data_dir else None
    [rows] = load_examples(
        dataset,
        (split or (None if Path(dataset).is_file() else "validation"),),
        data_dir=folder,
        columns=read_assignments(columns.split(",") if columns else []),
        neutral=neutral,
        positive_from=positive_from,
    )
    pairs = _pairs_of(rows)
    found = find_leaks(pairs.pairs, leaks, data_dir=folder) if leaks else None
    sample = _map_sample(rows) if report else None
    models = [_examine(name, backend, pairs, sample, verbose) for name in model or ["all-MiniLM-L6-v2"]]
    results = EvaluationReport(models, rows.origin, rows.dropped, found, sample)
    if json:
        print_json(results.figures_json(slices=slices))
    else:
        _render(results, slices=slices)
    _say_what_was_left_out(rows, results)
    if report:
        say("drawing the plots and explaining the worst errors")  # which takes a minute and more
        say(f"wrote {write_report(results, report, overwrite=overwrite)}")
    if found is not None and found.count:
        return EXIT_CHECK_FAILED
    return EXIT_PARTIAL if set(rows.dropped) - {"neutral"} else EXIT_OK


def _pairs_of(rows: ExampleSet) -> PairSet:
    """Return the pairs to evaluate on."""
    from siamese_text.data.pairs import PairSet
    from siamese_text.records import Pair

    pairs = rows.pairs
    if rows.kind == "positives":  # against pairs drawn by chance any model looks good, so one class is refused
        pairs = tuple(Pair(row.texts[0], row.texts[1], 1.0) for row in rows.examples)
    return PairSet(pairs, rows.name, rows.split, rows.kind == "graded", rows.origin, rows.dropped)


def _map_sample(rows: ExampleSet) -> MapSample:
    from siamese_text.evaluation.report.maps import sample_of_classes, sample_of_pairs

    return sample_of_classes(rows.examples) if rows.kind == "classes" else sample_of_pairs(rows.pairs)


def _examine(name: str, backend: str, pairs: PairSet, sample: MapSample | None, verbose: bool) -> EvaluatedModel:
    from siamese_text import api
    from siamese_text.api.scorer import load_to_predict
    from siamese_text.explain.page import as_html

    if verbose:
        tell_place(name)
    load = api.Scorer.load if pairs.graded else load_to_predict
    scorer = load(name, backend=backend)
    with progress_bar(f"encoding with {name}") as progress:
        evaluated = api.examine(scorer, pairs, progress=progress)
        if sample is None:
            return evaluated
        vectors = scorer.encoder.encode(sample.texts, progress=progress)
        return replace(evaluated, vectors=vectors, explain=lambda sides: as_html(scorer.explain(sides)))


def _render(results: EvaluationReport, *, slices: bool) -> None:
    from siamese_text.evaluation.report.contents import (
        comparison_rows,
        figure_rows,
        slice_columns,
        slice_row,
        threshold_words,
    )
    from siamese_text.evaluation.slices import FEWEST

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
    for name, figures in zip(names, results.slices if slices else (), strict=False):
        columns = slice_columns(figures)
        firsts = {part.rule: part for part in reversed(figures)}
        rows = [
            [part.rule if part is firsts[part.rule] else "", part.band, *slice_row(part, figures)] for part in figures
        ]
        print_table("rule", "slice", *columns, rows=rows, title=f"slices of {name}", right=len(columns))
    if slices and any(part.few for part in results.slices[0]):
        say(f"* fewer than {FEWEST} pairs: chance alone moves these figures by ten points and more")
    say(f"read from {results.origin}")
    for each in evaluations:
        if each.ap is not None:
            say(f"{each.model}: {threshold_words(each)}")


def _say_what_was_left_out(rows: ExampleSet, results: EvaluationReport) -> None:
    from siamese_text.records import DATA_KINDS

    if rows.kind not in ("pairs", "graded"):
        made = f"{len(rows.pairs):,} pairs were made of {len(rows.examples):,} rows"
        say(f"{rows.name} holds {DATA_KINDS[rows.kind]}: {made}")
    for reason, count in rows.dropped.items():
        say(f"{count} rows were left out: {reason}")
    if results.leaks is None:
        return
    for source, count in results.leaks.sources.items():
        say(f"{count:,} of {len(rows.pairs):,} pairs share a sentence with {source}")
    if results.leaks.count and results.without_leaks is None:
        say("without them there are no pairs of both labels left to measure")
