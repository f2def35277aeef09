"""``siamese-text index add``: more documents into an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Backend, Json, progress_bar
from siamese_text.cli.index_changes import (
    Cache,
    Column,
    IdColumn,
    IndexFolder,
    Lines,
    Metadata,
    NoCache,
    read_metadata,
    tell_changes,
)


def index_add(
    index: IndexFolder,
    paths: Annotated[list[Path], typer.Argument(help="Folders, files and tables, as `siamese-text index` takes them.")],
    lines: Lines = False,
    column: Column = None,
    id_column: IdColumn = None,
    metadata: Metadata = None,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    json: Json = False,
) -> int:
    """Add documents to an index; those that it has already are refreshed."""
    from siamese_text.api import add_documents

    known = read_metadata(metadata)
    with progress_bar("encoding passages") as progress:
        changes = add_documents(
            index,
            paths,
            lines=lines,
            column=column,
            id_column=id_column,
            metadata=known,
            backend=backend,
            cache=False if no_cache else cache or True,
            progress=progress,
        )
    return tell_changes(index, changes, as_json=json)
