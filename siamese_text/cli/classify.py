"""``siamese-text classify``: the class of each text, from a handful of examples."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.classify_labels import tell_labels
from siamese_text.cli.console import (
    Encoder,
    Json,
    Overwrite,
    figure,
    percent,
    print_json,
    print_table,
    progress_bar,
    say,
)
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Classified

NAMES: dict[str, bool | str] = {"auto": "auto", "yes": True, "no": False}


def classify(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to classify.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="File of texts: lines, a table, or - for standard input.")
    ] = None,
    examples: Annotated[
        Path | None, typer.Option(help="Table with the columns text and label, or a folder that --save wrote.")
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="NAME[=DESCRIPTION]", help="A class without or beside examples; repeatable."),
    ] = None,
    method: Annotated[str, typer.Option(help="auto, logistic, prototype or nearest.")] = "auto",
    names: Annotated[
        str, typer.Option(help="Whether labels are words that describe their class: auto, yes or no.")
    ] = "auto",
    false_accepts: Annotated[
        float | None,
        typer.Option(help="Share of texts of no class that may get one, such as 0.05; by default each text gets one."),
    ] = None,
    none: Annotated[
        str, typer.Option(help="Label of texts of no class; examples with it set the threshold.")
    ] = "none of these",
    finetune: Annotated[
        bool, typer.Option("--finetune", help="Train the encoder on the examples (minutes); kept only if it helps.")
    ] = False,
    episodes: Annotated[
        bool, typer.Option("--episodes", help="With --finetune: train by few-shot episodes instead of pairs.")
    ] = False,
    multilabel: Annotated[
        str | None,
        typer.Option(metavar="CHARACTER", help="Texts have several labels, with this between them, such as ';'."),
    ] = None,
    columns: Annotated[str, typer.Option(help="Names of columns in the examples, such as body=text,topic=label.")] = "",
    column: Annotated[str | None, typer.Option(help="Column of a table of texts.")] = None,
    save: Annotated[Path | None, typer.Option(help="Folder to save what was learned to.")] = None,
    model: Encoder = DEFAULT_MODEL,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Give each text the class of the examples it is most like, or none of them."""
    from siamese_text import api

    if texts and file:
        raise UsageError("got both texts and --file; give one of them")
    if episodes and not finetune:
        raise UsageError("--episodes is a way of training; give --finetune with it")
    if multilabel is not None:
        changed = [method != "auto", names != "auto", classes, false_accepts is not None, finetune]
        if examples is None or any(changed):
            raise UsageError(
                "--multilabel goes with --examples, and without --class, --method, --names, --false-accepts, --finetune"
            )
        found = api.label_texts(
            file or texts or [],
            examples,
            multilabel,
            model=model,
            columns=columns,
            column=column,
            save=save,
            overwrite=overwrite,
        )
        return tell_labels(found, save, as_json=json)
    with progress_bar("training the encoder") if finetune else nullcontext() as progress:
        done = api.classify(
            file or texts or [],
            examples,
            model=model,
            method=method,
            names=_names(classes, names),
            false_accepts=false_accepts,
            none=none,
            finetune="episodes" if episodes else finetune,
            columns=columns,
            column=column,
            save=save,
            overwrite=overwrite,
            progress=progress,
        )
    if json:
        print_json(done.to_json())
    elif done.texts:
        _render(done)
    for reason, count in done.dropped.items():
        say(f"{count} rows of the examples were left out: {reason}")
    _tell(done)
    if save:
        say(f"wrote {save}")
    return EXIT_PARTIAL if done.dropped or None in done.labels else EXIT_OK


def _names(classes: list[str] | None, names: str) -> dict[str, str] | bool | str:
    """Return the descriptions of classes by their names, or whether labels are descriptions."""
    if names not in NAMES:
        raise UsageError(f"names is '{names}'; choose from {', '.join(NAMES)}")
    if not classes:
        return NAMES[names]
    named = [
        (name.strip(), text.strip() or name.strip()) for name, _, text in (each.partition("=") for each in classes)
    ]
    for name, _ in named:
        if not name:
            raise UsageError("a --class has no name; write NAME or NAME=DESCRIPTION")
    if len(dict(named)) < len(named):
        raise UsageError("two --class have one name; give each class once")
    return dict(named)


def _render(done: Classified) -> None:
    rows = []
    for row, (text, label) in enumerate(zip(done.texts, done.labels, strict=True)):
        if label is None:
            rows.append(["", "–", "–", "–"])
            continue
        (best, probability), (second, rest) = done.best(row, 2)
        shown = [label, figure(probability), f"{second} {figure(rest)}"]
        if label != best:  # none of these: what it was not far from enough to be taken for
            shown = [label, "–", f"nearest: {best}"]
        rows.append([" ".join(text.split()), *shown])
    print_table("text", "class", "probability", "next", rows=rows)


def _tell(done: Classified) -> None:
    """Say what decided, and what a threshold costs."""
    made = done.classifier
    empty = sum(label is None for label in done.labels)
    if empty:
        say(f"{empty} texts are empty and have no class")
    named = "names stand for classes, too" if made.named_ else "names of classes are not read"
    say(f"{len(made.classes_)} classes, method {made.method}; {named}")
    if made.tuning_ is not None:
        say(_of_tuning(made.tuning_))
    if made.threshold_ is None:
        say("each text gets a class, also one that belongs to none; --false-accepts 0.05 tells these")
    else:
        say(
            f"of texts of no class {percent(made.false_accepts)} may get one, by {made.outsiders_}; "
            + ("" if made.false_rejects_ is None else f"{percent(made.false_rejects_)} of the examples would get none")
        )


def _of_tuning(report: Mapping[str, Any]) -> str:
    """Say whether training the encoder has helped."""
    if not report["held_out"]:
        return "the encoder was not trained: no class has an example to spare by which to tell whether it helps"
    if "after" not in report:
        return (
            f"the encoder was not trained: of {report['held_out']} held-out examples "
            f"{percent(report['before']['accuracy'])} are right as it is, too few errors to tell whether it helps"
        )
    before, after = (
        (percent(report[when]["accuracy"]), figure(report[when]["log_loss"])) for when in ("before", "after")
    )
    ended = "helped and is kept" if report["kept"] == "after" else "did not help: it stays as it was"
    return (
        f"training the encoder {ended}: of {report['held_out']} held-out examples {before[0]} were right before and "
        f"{after[0]} after, log-loss {before[1]} and {after[1]} "
        f"(standard error of the difference {figure(report['standard_error'])})"
    )
