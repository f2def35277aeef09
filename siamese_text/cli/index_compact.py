"""``siamese-text index compact``: an index without what is no longer used."""

from __future__ import annotations

from typing import Annotated

import typer

from siamese_text.cli.console import Json, print_json, say
from siamese_text.cli.index_changes import IndexFolder
from siamese_text.errors import EXIT_OK


def index_compact(
    index: IndexFolder,
    approximate: Annotated[
        bool | None,
        typer.Option(
            "--approximate/--exact",
            help="From now on near vectors are found by graphs, or all are compared; by default as before.",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Pack the vectors of an index into one file and give back the space of what was removed."""
    from siamese_text.api import compact_index, shown_place

    facts = compact_index(index, approximate=approximate)
    if json:
        print_json({"index": shown_place(index), "passages": facts.passages, "bytes": facts.bytes})
    files = f" in {facts.segments} file of vectors" if facts.segments else ""
    say(f"{shown_place(index)}: {facts.passages:,} passages{files}, {facts.bytes / 1e6:,.1f} MB")
    return EXIT_OK
