"""``siamese-text index``: documents to a searchable folder, made or brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from siamese_text.api import listed_formats
from siamese_text.cli.console import Backend, Json, Overwrite, Verbose, progress_bar, say, tell_place
from siamese_text.cli.index_changes import (
    Cache,
    Column,
    IdColumn,
    Lines,
    Metadata,
    NoCache,
    read_metadata,
    tell_changes,
)


def index(
    paths: Annotated[
        list[Path],
        typer.Argument(help=f"Folders, files ({listed_formats()}), tables (CSV, TSV, JSON lines, Parquet), shards."),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="Index to make or to refresh: a folder, or a URL (postgresql://...)."),
    ],
    model: Annotated[
        str | None, typer.Option(help="Model: a name or a folder; by default that of the index, or all-MiniLM-L6-v2.")
    ] = None,
    words: Annotated[
        int | None, typer.Option(help="Length of a passage in words; by default that of the index, or 120.")
    ] = None,
    precision: Annotated[
        Literal["float32", "float16", "int8"] | None,
        typer.Option(help="What is kept of each number of a vector; by default that of the index, or float32."),
    ] = None,
    approximate: Annotated[
        bool,
        typer.Option(
            "--approximate",
            help="A new index finds near vectors by graphs where it has 20,000 or more, quickly and nearly all; "
            "needs pip install 'siamese-text\\[faiss]'.",
        ),
    ] = False,
    lines: Lines = False,
    column: Column = None,
    id_column: IdColumn = None,
    metadata: Metadata = None,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Cut documents into passages, embed them and save an index to search; run it again to refresh the index.

    Files that are as before are skipped, those that are gone are removed. See also `siamese-text index add`,
    `index remove`, `index compact` and `index info`.
    """
    from siamese_text.api import DEFAULT_MODEL, has_index, index_documents, shown_place

    known = read_metadata(metadata)
    if verbose:
        tell_place(model or DEFAULT_MODEL)
    was_there = not overwrite and has_index(output)
    with progress_bar("encoding passages") as progress:
        changes = index_documents(
            paths,
            output,
            model=model,
            words=words,
            precision=precision,
            approximate=approximate,
            lines=lines,
            column=column,
            id_column=id_column,
            metadata=known,
            backend=backend,
            cache=False if no_cache else cache or True,
            overwrite=overwrite,
            progress=progress,
        )
    code = tell_changes(output, changes, as_json=json)
    say(f"{'refreshed' if was_there else 'wrote'} {shown_place(output)}: {changes.passages:,} passages")
    return code
