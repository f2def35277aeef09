"""``siamese-text similar``: what is like some texts of a file and unlike others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Backend, Encoder, Json, figure, print_json, print_table, progress_bar, say
from siamese_text.cli.index_changes import Cache, Column, IdColumn, NoCache, Where
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL


def similar(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Table, file of lines (.txt), folder of documents, or index folder."),
    ],
    like: Annotated[
        list[str],
        typer.Option(metavar="ID", help="A liked text: its id, its row or line from 1, or its path; repeatable."),
    ],
    dislike: Annotated[list[str] | None, typer.Option(metavar="ID", help="A text not liked; repeatable.")] = None,
    k: Annotated[int, typer.Option("--top", "-k", help="How many texts to find.")] = 10,
    diversity: Annotated[
        float, typer.Option(help="How much less a text counts for being like one above it: 0, or more and below 1.")
    ] = 0.2,
    where: Where = None,
    column: Column = None,
    id_column: IdColumn = None,
    model: Encoder = DEFAULT_MODEL,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    json: Json = False,
) -> int:
    """Find what is like the texts that are liked, less what is like those that are not, and nothing twice."""
    from siamese_text.api import find_similar

    with progress_bar("encoding") as progress:
        found = find_similar(
            source,
            like,
            dislike or (),
            k=k,
            diversity=diversity,
            where=where,
            column=column,
            id_column=id_column,
            model=model,
            backend=backend,
            cache=False if no_cache else cache or True,
            progress=progress,
        )
    if json:
        skipped = [{"document": document.name, "problem": document.problem} for document in found.skipped]
        texts = [asdict(text) for text in found.texts]
        print_json({"like": like, "dislike": dislike or [], "texts": texts, "skipped": skipped})
    else:
        rows = [
            [
                text.passage.document,
                " ".join(text.passage.text.split()),
                text.like,
                figure(text.similarity),
                figure(text.fit),
            ]
            for text in found.texts
        ]
        print_table("id", "text", "like", "similarity", "fit", rows=rows, right=2)
    for document in found.skipped:
        say(f"left out: {document.name}: {document.problem}")
    if len(found.texts) < k:
        say(f"no more than {len(found.texts)} can be found")
    return EXIT_PARTIAL if found.skipped else EXIT_OK
