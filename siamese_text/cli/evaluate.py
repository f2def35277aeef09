"""``siamese-text evaluate``: figures of one or several models on labelled pairs, side by side."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.cli.console import (
    Columns,
    DataDir,
    Json,
    Verbose,
    figure,
    percent,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.scoring.evaluation import Evaluation

# name in the table, attribute, how it is written
FIGURES = (
    ("AP", "ap", figure),
    ("ROC-AUC", "roc_auc", figure),
    ("accuracy", "accuracy", percent),
    ("F1", "f1", figure),
    ("MCC", "mcc", figure),
    ("Brier", "brier", figure),
    ("ECE", "ece", figure),
    ("threshold", "threshold", figure),
    ("oracle accuracy", "oracle_accuracy", percent),
    ("majority baseline", "majority_accuracy", percent),
    ("Spearman", "spearman", figure),
    ("Pearson", "pearson", figure),
)


def evaluate(
    dataset: Annotated[str, typer.Option(help="Known name or file of pairs.")],
    model: Annotated[list[str] | None, typer.Option(help="Model: a name or a folder; repeat to compare.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Split; by default validation, and the whole of a single file.")
    ] = None,
    positive_from: Annotated[float | None, typer.Option(help="Graded labels are 1 from this value on.")] = None,
    neutral: Annotated[str, typer.Option(help="SNLI's neutral pairs: drop or different.")] = "drop",
    columns: Columns = "",
    data_dir: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Evaluate models on labelled pairs, at the threshold that each one saved."""
    from siamese_text import api
    from siamese_text.training.pairs import load_pairs
    from siamese_text.training.settings import read_assignments

    pairs = load_pairs(
        dataset,
        split or (None if Path(dataset).is_file() else "validation"),
        data_dir=Path(data_dir) if data_dir else None,
        columns=read_assignments(columns.split(",") if columns else []),
        neutral="different" if neutral == "different" else "drop",
        positive_from=positive_from,
    )
    evaluations = []
    for name in model or ["all-MiniLM-L6-v2"]:
        if verbose:
            tell_place(name)
        with progress_bar(f"encoding with {name}") as progress:
            evaluations.append(api.evaluate(name, pairs, progress=progress))
    if json:
        print_json({"dropped": dict(pairs.dropped), "evaluations": [asdict(each) for each in evaluations]})
    else:
        _render(evaluations, pairs.origin)
    for reason, count in pairs.dropped.items():
        say(f"{count} rows were left out: {reason}")
    return EXIT_PARTIAL if set(pairs.dropped) - {"neutral"} else EXIT_OK


def _render(evaluations: list[Evaluation], origin: str) -> None:
    rows = []
    for title, name, written in FIGURES:
        cells = [_cell(evaluation, name, written(getattr(evaluation, name))) for evaluation in evaluations]
        if any(getattr(evaluation, name) is not None for evaluation in evaluations):
            rows.append([title, *cells])
    rows.append(["decides by", *(evaluation.score for evaluation in evaluations)])
    first = evaluations[0]
    title = f"{first.data}: {first.pairs:,} pairs"
    print_table("", *(each.model for each in evaluations), rows=rows, title=title, right=len(evaluations))
    say(f"read from {origin}")
    for evaluation in evaluations:
        if evaluation.threshold_source:
            how = "; cross-fitted, since these are the same pairs" if evaluation.cross_fitted else ""
            say(f"{evaluation.model}: threshold fitted on {evaluation.threshold_source}{how}")
        elif evaluation.ap is not None:
            say(f"{evaluation.model}: no fitted decision; train it on labelled pairs for accuracy and probabilities")


def _cell(evaluation: Evaluation, name: str, value: str) -> str:
    """Return a figure with its interval, where there is one."""
    if name not in evaluation.intervals:
        return value
    low, high = evaluation.intervals[name]
    return f"{value} [{low:.3f}, {high:.3f}]"
