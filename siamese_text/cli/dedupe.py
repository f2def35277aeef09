"""``siamese-text dedupe``: texts in, those without duplicates out, and why the others went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Backend, Json, Model, Overwrite, print_json, progress_bar, say
from siamese_text.cli.index_changes import Cache, Column, IdColumn, NoCache
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError


def _rows_are_for_match(given: str | None) -> None:
    if given is not None:
        raise UsageError(
            "dedupe reads one text of each row; rows that are compared column by column are for match: "
            "siamese-text match FILE -o matches.csv --on title,price"
        )


def dedupe(
    source: Annotated[
        Path, typer.Argument(help="Table (CSV, TSV, JSON lines, Parquet), lines (.txt), folder of documents or shards.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File for what is kept: .jsonl, .csv or .tsv.")],
    against: Annotated[
        list[Path] | None, typer.Option(help="File or folder of texts that were kept earlier; repeatable.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="File (.jsonl) of all that earlier runs kept: compared against, then added to."),
    ] = None,
    keep: Annotated[
        Literal["first", "longest", "best"],
        typer.Option(help="Which of several is kept; best is the one with most duplicates."),
    ] = "first",
    near: Annotated[
        float, typer.Option(help="Share of the runs of three words from which on two texts are nearly the same.")
    ] = 0.7,
    at_least: Annotated[
        float, typer.Option(help="Probability from which on two texts that are called the same say the same.")
    ] = 0.9,
    by_words: Annotated[
        bool, typer.Option("--by-words", help="Only texts that are the same or nearly so: no model is loaded.")
    ] = False,
    column: Column = None,
    id_column: IdColumn = None,
    model: Model = DEFAULT_MODEL,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    overwrite: Overwrite = False,
    json: Json = False,
    _table: Annotated[
        str | None, typer.Option("--table", hidden=True, is_eager=True, callback=_rows_are_for_match)
    ] = None,
    _on: Annotated[str | None, typer.Option("--on", hidden=True, is_eager=True, callback=_rows_are_for_match)] = None,
) -> int:
    """Remove duplicates: texts that are the same, nearly the same, or say the same by the model's decision.

    What goes stands in OUTPUT.removed.jsonl, with the kept text because of which. Where the decision is unsure, or
    texts that are nearly the same differ in a number, both are kept. Rows of a table that are compared column by column
    are for match FILE.
    """
    from siamese_text.api import deduplicate_file

    with progress_bar("comparing texts") as progress:
        done = deduplicate_file(
            source,
            output,
            against=against or (),
            state=state,
            keep=keep,
            near=near,
            at_least=at_least,
            meaning=not by_words,
            column=column,
            id_column=id_column,
            model=model,
            backend=backend,
            cache=False if no_cache else cache or True,
            overwrite=overwrite,
            progress=progress,
        )
    counts = {kind: done.count(kind) for kind in ("exact", "near", "meaning")}
    if json:
        numbers = {"texts": done.texts, "kept": done.kept, **counts, "known": done.known, "unsure": done.found.unsure}
        files = {"output": str(done.output), "removed": str(done.removed)}
        skipped = [{"document": document.name, "problem": document.problem} for document in done.skipped]
        print_json({**files, **numbers, "long": done.found.long, "crowded": done.found.crowded, "skipped": skipped})
    for document in done.skipped:
        say(f"left out: {document.name}: {document.problem}")
    if done.found.long:
        say(f"{done.found.long:,} texts are long: they were compared by their words, not by their meaning")
    if done.found.crowded:
        say(f"{done.found.crowded:,} texts have more than 50 near neighbours, of which the nearest 50 were compared")
    if done.found.unsure:
        say(f"{done.found.unsure:,} pairs may say the same, below --at-least {at_least:g}: they are no duplicates")
    gone = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    say(f"wrote {done.output}: {done.kept:,} of {done.texts:,} texts; gone: {gone}, see {done.removed}")
    return EXIT_PARTIAL if done.skipped else EXIT_OK
