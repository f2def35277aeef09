"""``siamese-text index remove``: documents out of an index."""

from __future__ import annotations

from typing import Annotated

import typer

from siamese_text.cli.console import Json
from siamese_text.cli.index_changes import IndexFolder, Where, tell_changes
from siamese_text.errors import UsageError


def index_remove(
    index: IndexFolder,
    names: Annotated[list[str] | None, typer.Argument(help="Documents, by their names in search results.")] = None,
    where: Where = None,
    json: Json = False,
) -> int:
    """Remove documents from an index; a file that still lies in its folder comes back when that is refreshed."""
    from siamese_text.api import remove_documents

    if not names and where is None:
        raise UsageError("say what to remove: names of documents, or --where CONDITION")
    return tell_changes(index, remove_documents(index, names or (), where=where), as_json=json)
