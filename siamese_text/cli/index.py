"""``siamese-text index``: documents to a searchable folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siamese_text.api import DEFAULT_MODEL, listed_formats
from siamese_text.cli.console import Backend, Json, Model, Overwrite, Verbose, print_json, progress_bar, say, tell_place
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL


def index(
    paths: Annotated[list[Path], typer.Argument(help=f"Files and folders: {listed_formats()}.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Index folder to make.")],
    model: Model = DEFAULT_MODEL,
    words: Annotated[int, typer.Option(help="Length of a passage in words.")] = 120,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Cut documents into passages, embed them and save an index to search."""
    from siamese_text.api import Index

    if verbose:
        tell_place(model)
    with progress_bar("encoding passages") as progress:
        built = Index.build(
            paths, output, model=model, words=words, backend=backend, overwrite=overwrite, progress=progress
        )
    count = len(built.passages.passages)
    if json:
        skipped = [{"document": document.name, "problem": document.problem} for document in built.skipped]
        print_json({"index": str(output), "passages": count, "model": model, "skipped": skipped})
    for document in built.skipped:
        say(f"not indexed: {document.name}: {document.problem}")
    say(f"wrote {output}: {count} passages")
    return EXIT_PARTIAL if built.skipped else EXIT_OK
