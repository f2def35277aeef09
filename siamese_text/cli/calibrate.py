"""``siamese-text calibrate``: a decision for any encoder, fitted on pairs without training, or given by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.api import DECIDING_MODEL
from siamese_text.cli.console import (
    FIGURES,
    WANTED,
    Backend,
    Columns,
    DataDir,
    Encoder,
    Json,
    Neutral,
    Overwrite,
    PositiveFrom,
    Split,
    Verbose,
    figure,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Calibrated, Evaluation

SHOWN = (
    *("ap", "accuracy", "majority_accuracy", "precision", "recall", "f1", "cost", "fpr", "not_missed", "unsure"),
    *("ece", "ece_expected", "brier"),
)
CALIBRATIONS = {"platt": "Platt's scaling", "isotonic": "isotonic regression"}


def calibrate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")],
    dataset: Annotated[str | None, typer.Option(help="Known name or file of pairs to fit on.")] = None,
    model: Encoder = DECIDING_MODEL,
    split: Split = None,
    decide_at: Annotated[
        str | None,
        typer.Option(
            help="Goal of the threshold: accuracy (the default), f1, precision=0.95, recall=0.95, or cost=FP:FN, "
            "what a false positive and a false negative cost, such as cost=5:1. Or what is to hold for new pairs: "
            "'precision>=0.95', 'recall>=0.95' or 'fpr<=0.05'; two with a comma leave some pairs unsure."
        ),
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(help="How sure what --decide-at promises is to be; by default 0.95.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Threshold of the similarity, given by hand.")] = None,
    prior: Annotated[float | None, typer.Option(help="Share of same pairs where the model will be used.")] = None,
    positive_from: PositiveFrom = None,
    neutral: Neutral = "drop",
    columns: Columns = "",
    data_dir: DataDir = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Fit threshold and probability of any encoder on labelled pairs, and save them with it; nothing is trained."""
    goal = _goal(decide_at, threshold, dataset)
    from siamese_text import api

    if verbose:
        tell_place(model)
    with progress_bar("encoding") as progress:
        calibrated = api.calibrate(
            model,
            output,
            dataset,
            split,
            columns=columns,
            neutral=neutral,
            positive_from=positive_from,
            decide_at=goal,
            confidence=confidence,
            prior=prior,
            backend=backend,
            data_dir=data_dir,
            overwrite=overwrite,
            progress=progress,
        )
    if json:
        print_json({"output": str(output), **calibrated.to_json()})
    else:
        _render(calibrated)
    for reason, count in calibrated.dropped.items():
        say(f"{count} rows were left out: {reason}")
    say(f"wrote {output}")
    return EXIT_PARTIAL if set(calibrated.dropped) - WANTED else EXIT_OK


def _goal(decide_at: str | None, threshold: float | None, dataset: str | None) -> str:
    """Return the goal that the options ask for."""
    if threshold is None:
        if dataset is None:
            raise UsageError("there is nothing to fit on; give --dataset FILE, or a threshold by hand: --threshold 0.7")
        return decide_at or "accuracy"
    if not math.isfinite(threshold):
        raise UsageError(f"threshold is {threshold}; give a number, such as 0.7")
    if decide_at is not None:
        raise UsageError(f"got both --threshold {threshold:g} and --decide-at {decide_at}; give one of them")
    return f"threshold={threshold}"


def _render(calibrated: Calibrated) -> None:
    decision, evaluation = calibrated.decision, calibrated.evaluation
    rows = [["threshold", figure(decision.threshold), _between(decision.interval, figure)]]
    if decision.unsure_from is not None:
        rows += [["unsure from", figure(decision.unsure_from), ""]]
    if evaluation:
        rows += _figures(evaluation)
    print_table("figure", "value", "95 %", rows=rows, right=2)
    goal = f"for {decision.decide_at} " if decision.interval else ""
    say(f"decides by {decision.score}; threshold {goal}{decision.source}")
    if decision.calibration is None:
        say("a threshold without data gives yes or no, and no probability; add --dataset FILE to fit one")
        return
    say(f"calibrated by {CALIBRATIONS[decision.calibration]}; the figures are cross-fitted")
    if decision.prior is not None:
        say(f"probabilities and figures are for {decision.prior:.1%} same pairs in use")


def _figures(evaluation: Evaluation) -> list[list[str]]:
    """Return title, value and interval of each figure that applies."""
    return [
        [title, written(value), _between(evaluation.intervals.get(name), written)]
        for name, (title, written) in ((name, FIGURES[name]) for name in SHOWN)
        if (value := getattr(evaluation, name)) is not None
    ]


def _between(interval: tuple[float, float] | None, written: Callable[[float | None], str]) -> str:
    return "" if interval is None else " to ".join(map(written, interval))
