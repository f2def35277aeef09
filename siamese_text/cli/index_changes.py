"""What the commands that change an index share: options, and how they say what became of it."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import print_json, say
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Changes

IndexFolder = Annotated[
    str, typer.Argument(metavar="INDEX", help="What `siamese-text index` made: a folder, or the URL of a database.")
]
Lines = Annotated[bool, typer.Option("--lines", help="Each line of a file is a text of its own.")]
Column = Annotated[
    str | None, typer.Option(help="Column of a table with the texts; by default text, or the only one with texts.")
]
IdColumn = Annotated[
    str | None, typer.Option(help="Column of a table with the names; by default id, or rows are numbered.")
]
Metadata = Annotated[
    str | None, typer.Option(metavar="JSON", help='What is known of all of these, such as {"year": 2020}.')
]
Where = Annotated[
    str | None,
    typer.Option(help='Only what fulfils this, such as "year >= 2020 and kind = \'pdf\'"; a search also "page = 3".'),
]
Cache = Annotated[Path | None, typer.Option(help="Cache folder; also SIAMESE_TEXT_CACHE.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither look up vectors nor keep them.")]


def read_metadata(given: str | None) -> dict[str, Any] | None:
    """Return the metadata that an option gives.

    Raises:
        UsageError: It is not a JSON object.
    """
    if given is None:
        return None
    try:
        known = json_format.loads(given)
    except ValueError as error:
        raise UsageError(
            f"--metadata {given!r:.60} is not JSON ({error}); write such as '{{\"year\": 2020}}'"
        ) from None
    if not isinstance(known, dict):
        raise UsageError(f"--metadata {given!r:.60} is no JSON object; write '{{\"year\": 2020}}'")
    return known


def tell_changes(index: str, changes: Changes, *, as_json: bool) -> int:
    """Say what became of an index, and return the exit code."""
    from siamese_text.api import shown_place

    if as_json:
        counts = {name: getattr(changes, name) for name in ("added", "changed", "removed", "unchanged")}
        skipped = [{"document": document.name, "problem": document.problem} for document in changes.skipped]
        sizes = {"passages": changes.passages, "encoded": changes.encoded}
        print_json({"index": shown_place(index), **counts, **sizes, "skipped": skipped})
    for document in changes.skipped:
        say(f"not indexed: {document.name}: {document.problem}")
    say(str(changes))
    return EXIT_PARTIAL if changes.skipped else EXIT_OK
