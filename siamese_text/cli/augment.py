"""``siamese-text augment``: plain sentences in, labelled look-alikes and rewordings out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import (
    Columns,
    DataDir,
    Json,
    Overwrite,
    print_json,
    print_table,
    progress_bar,
    say,
)
from siamese_text.errors import EXIT_OK, UsageError


def augment(
    source: Annotated[
        str | None,
        typer.Argument(help="Text file with a sentence a line, or a data set, whose training rows are read."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON lines to write.")] = None,
    rules: Annotated[
        str,
        typer.Option(help="Rules by name, with commas; default, negatives, positives, all; -NAME leaves one out."),
    ] = "default",
    per_sentence: Annotated[int, typer.Option(help="Make at most this many pairs of a sentence.")] = 2,
    limit: Annotated[int | None, typer.Option(help="Make at most this many pairs in all.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all choices.")] = 0,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the rules with their error rates, and do nothing.")
    ] = False,
    columns: Columns = "",
    data_dir: DataDir = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Make training pairs by rule: the same words to another meaning, and other words to the same."""
    from siamese_text import api

    if listed:
        _list_rules(as_json=json)
        return EXIT_OK
    if source is None or output is None:
        raise UsageError("augment needs a source and -o OUTPUT, such as: augment sentences.txt -o pairs.jsonl")
    with progress_bar("sentences") as progress:
        done = api.augment_file(
            source,
            output,
            rules=rules,
            per_sentence=per_sentence,
            limit=limit,
            seed=seed,
            columns=columns,
            data_dir=data_dir,
            overwrite=overwrite,
            progress=progress,
        )
    if json:
        print_json({"sentences": done.sentences, "pairs": dict(done.pairs)})
    else:
        made = [rule for rule in api.RULES.values() if rule.name in done.pairs]
        shown = [[rule.name, _says(rule.label), f"{done.pairs[rule.name]:,}"] for rule in made]
        print_table("rule", "result says", "pairs", rows=shown, right=1)
    say(f"wrote {output}: {sum(done.pairs.values()):,} pairs of {done.sentences:,} sentences")
    return EXIT_OK


def _list_rules(*, as_json: bool) -> None:
    from siamese_text.api import RULES

    if as_json:
        keys = ("name", "label", "errors", "read", "default", "description")
        print_json({"rules": [{key: getattr(rule, key) for key in keys} for rule in RULES.values()]})
        return
    rows = [
        [
            rule.name,
            _says(rule.label),
            rule.description,
            "on" if rule.default else "off",
            f"{rule.errors} of {rule.read}",
        ]
        for rule in RULES.values()
    ]
    print_table("rule", "result says", "what it does", "default", "wrong", rows=rows, right=1)


def _says(label: int) -> str:
    return "the same" if label else "something else"
