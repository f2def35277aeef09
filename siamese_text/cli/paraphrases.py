"""``siamese-text paraphrases``: all pairs of texts that are near in meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Backend, Json, Model, Overwrite, print_json, progress_bar, say
from siamese_text.cli.index_changes import Cache, Column, IdColumn, NoCache
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL


def paraphrases(
    source: Annotated[
        Path, typer.Argument(help="Table (CSV, TSV, JSON lines, Parquet), lines (.txt), folder of documents or shards.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: .jsonl, .csv or .tsv.")],
    cosine: Annotated[float, typer.Option(help="The least cosine of two texts.")] = 0.8,
    groups: Annotated[
        bool,
        typer.Option("--groups", help="Write each text with the centre of its group, near to all of it; not pairs."),
    ] = False,
    column: Column = None,
    id_column: IdColumn = None,
    model: Model = DEFAULT_MODEL,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Find all pairs of texts that are near in meaning, or groups of them: every text is compared with every other.

    Each pair has its cosine and what the model's decision says of it. In a group every text is near to the centre
    itself: a chain of near texts joins no strangers.
    """
    from siamese_text.api import paraphrases_file

    with progress_bar("comparing texts") as progress:
        done = paraphrases_file(
            source,
            output,
            cosine=cosine,
            groups=groups,
            column=column,
            id_column=id_column,
            model=model,
            backend=backend,
            cache=False if no_cache else cache or True,
            overwrite=overwrite,
            progress=progress,
        )
    if json:
        skipped = [{"document": document.name, "problem": document.problem} for document in done.skipped]
        found = {"groups": done.rows, "grouped": done.yes} if groups else {"pairs": done.rows, "yes": done.yes}
        print_json({"output": str(done.output), "texts": done.texts, **found, "skipped": skipped})
    for document in done.skipped:
        say(f"left out: {document.name}: {document.problem}")
    if groups:
        say(f"wrote {done.output}: {done.texts:,} texts, {done.yes:,} of them in {done.rows:,} groups")
    else:
        say(f"wrote {done.output}: {done.rows:,} pairs of {done.texts:,} texts; the decision says yes to {done.yes:,}")
    return EXIT_PARTIAL if done.skipped else EXIT_OK
