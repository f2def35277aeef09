"""``siamese-text train``: pairs in, a model folder with its decision out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import (
    WANTED,
    Columns,
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
    percent,
    print_json,
    print_table,
    say,
    tell_place,
)
from siamese_text.cli.training_progress import TrainingProgress
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.api import Decision, Evaluation, TrainingData, TrainingReport

GOAL_HELP = "Goal of the threshold: accuracy, f1, precision=0.95, recall=0.95, cost=FP:FN or threshold=0.7."


def train(
    dataset: Annotated[str | None, typer.Option(help="Known name or file of rows; by default the recipe's.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Model folder; by default DATASET-LOSS.")
    ] = None,
    recipe: Recipe = None,
    settings: Settings = None,
    model: Annotated[str | None, typer.Option(help="Encoder to start from: a name or a folder.")] = None,
    loss: Annotated[str | None, typer.Option(help="A loss, or a weighted sum such as bce+0.5*cosent.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes through the training pairs.")] = None,
    max_steps: MaxSteps = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows in a batch.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Learning rate of the encoder.")] = None,
    mixed_precision: Annotated[str | None, typer.Option(help="Precision of training: no, bf16 or fp16.")] = None,
    precision: Annotated[str | None, typer.Option(hidden=True)] = None,  # what 0.1 called it
    decide_at: Annotated[str | None, typer.Option(help=GOAL_HELP)] = None,
    prior: Annotated[float | None, typer.Option(help="Share of same pairs where the model will be used.")] = None,
    unlabelled: Annotated[
        str | None, typer.Option(help="File of sentences to learn from, alone or beside the data set: needs no labels.")
    ] = None,
    positive_from: Annotated[float | None, typer.Option(help="Graded labels are 1 from this value on.")] = None,
    neutral: Annotated[str | None, typer.Option(help="What SNLI's neutral pairs become: drop or different.")] = None,
    seed: Seed = None,
    columns: Columns = "",
    data_dir: DataDir = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Train an encoder on pairs, triplets or classes and save it with its threshold and calibration."""
    from siamese_text import api

    options = {
        "dataset": dataset,
        "model": model,
        "loss": loss,
        "num_train_epochs": epochs,
        "max_steps": max_steps,
        "per_device_train_batch_size": batch_size,
        "learning_rate": learning_rate,
        "precision": precision,
        "mixed_precision": mixed_precision,
        "decide_at": decide_at,
        "prior": prior,
        "positive_from": positive_from,
        "neutral": neutral,
        "unlabelled": unlabelled,
        "seed": seed,
        "columns": columns or None,
    }
    overrides: Any = api.read_assignments(settings or []) | {
        name: value for name, value in options.items() if value is not None
    }
    with _Watcher() as watcher:
        report = api.train(
            output=output,
            recipe=recipe,
            data_dir=data_dir,
            overwrite=overwrite,
            resume=resume,
            observer=watcher,
            **overrides,
        )
    if not api.is_main_process():  # under a launcher of several processes only one speaks
        return EXIT_OK
    print_json(report.to_json()) if json else _render(report)
    if verbose:
        tell_place(report.settings.model)
    return EXIT_PARTIAL if _lost_rows(report) else EXIT_OK


def _lost_rows(report: TrainingReport) -> bool:
    """Say whether rows were left out that the user did not ask to leave out."""
    return any(set(reasons) - WANTED for reasons in report.data.dropped.values())


class _Watcher(TrainingProgress):
    """Also tells what is trained on, and how the untrained encoder does."""

    def loaded(self, data: TrainingData) -> None:
        from siamese_text.records import DATA_KINDS

        for each in data.sets:
            left_out = data.leaked.get(each.name)
            why = f" ({left_out:,} more share a sentence with held-out rows)" if left_out else ""
            part = f"{each.epoch_rows:,} an epoch of " if each.epoch_rows else ""
            what = "sentences, each in two views," if each.views else DATA_KINDS[each.kind]
            say(f"trains on {part}{len(each.examples):,} {what} of {each.name} by {each.loss}{why}")
        say("evaluated on " + ", ".join(f"{len(pairs):,} {split} pairs" for split, pairs in data.held_out.items()))
        for split, origin in data.origins.items():
            say(f"  {split} from {origin}")
        for split, reasons in data.dropped.items():
            say(f"  {split}: dropped " + ", ".join(f"{count} rows ({reason})" for reason, count in reasons.items()))

    def evaluated_before(self, before: Mapping[str, Evaluation]) -> None:
        for split, figures in before.items():
            if figures.ap is None:
                say(f"untrained encoder on {split}: Spearman {figure(figures.spearman)}")
                continue
            say(
                f"untrained encoder on {split}: AP {figure(figures.ap)}, accuracy {percent(figures.accuracy)} "
                f"(always the commoner class: {percent(figures.majority_accuracy)})"
            )


def _render(report: TrainingReport) -> None:
    decision = report.decision
    if decision:
        _print_decided(report)
        _say_decision(decision, report.after["validation"])
    else:
        _print_graded(report)
        say("grades give no threshold: score prints similarities, without a yes or no")
    if report.extra:
        _print_extra(report)
    if report.truncated:
        say(f"note: {report.truncated} training sentences were longer than the model reads and were cut")
    say(f"wrote {report.output} ({report.seconds:.0f} s): model, report.json, history.jsonl, curves.png, README.md")


def _say_decision(decision: Decision, figures: Evaluation) -> None:
    low, high = decision.interval or (decision.threshold, decision.threshold)
    between = f" [{low:.3f}, {high:.3f}]" if low < high else ""
    if len(figures.ap_by_score) > 1:
        by_score = ", ".join(f"{name} {ap:.3f}" for name, ap in figures.ap_by_score.items())
        say(f"AP by score: {by_score}")
    say(f"decides by {decision.score} at {decision.threshold:.3f}{between} for {decision.decide_at}, {decision.source}")
    say(
        f"probabilities: ECE {figure(figures.ece)}, {figure(figures.ece_expected)} if they were perfectly calibrated; "
        f"Brier {figure(figures.brier)}"
    )


def _print_decided(report: TrainingReport) -> None:
    rows = []
    for split in report.after:
        before, after = report.before[split], report.after[split]
        rows.append(_row("majority", split, None, before.majority_accuracy))
        rows.append(_row("untrained", split, before))
        rows.append(_row("trained", split, after))
    print_table("", "split", "AP", "ROC-AUC", "accuracy", "95 %", "F1", "oracle acc.", rows=rows, right=6)


def _print_graded(report: TrainingReport) -> None:
    rows = [
        [name, split, figure(figures.spearman), figure(figures.pearson)]
        for split in report.after
        for name, figures in (("untrained", report.before[split]), ("trained", report.after[split]))
    ]
    print_table("", "split", "Spearman", "Pearson", rows=rows, right=2)


def _print_extra(report: TrainingReport) -> None:
    """Print how the trained model does on the further sets, so that what it forgot is seen."""
    rows = []
    for name, (before, after) in report.extra.items():
        metric = "Spearman" if after.ap is None else "AP"
        first, last = ((each.spearman if each.ap is None else each.ap) or 0.0 for each in (before, after))
        rows.append([name, metric, figure(first), figure(last), f"{last - first:+.3f}"])
    title = "held-out pairs of the further sets"
    print_table("", "", "untrained", "trained", "change", rows=rows, title=title, right=3)


def _row(name: str, split: str, figures: Evaluation | None, accuracy: float | None = None) -> list[str]:
    if figures is None:
        return [name, split, "–", "–", percent(accuracy), "", "–", "–"]
    low, high = figures.intervals["accuracy"]
    return [
        name,
        split,
        figure(figures.ap),
        figure(figures.roc_auc),
        percent(figures.accuracy),
        f"{low:.1%}–{high:.1%}".replace("%", ""),
        figure(figures.f1),
        percent(figures.oracle_accuracy),
    ]
