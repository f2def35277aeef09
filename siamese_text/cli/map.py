"""``siamese-text map``: texts as points on a page or a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Backend, Encoder, Json, Overwrite, print_json, print_table, progress_bar, say
from siamese_text.cli.index_changes import Cache, Column, IdColumn, NoCache
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL


def map(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Table, file of lines (.txt), folder of documents, or index folder."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: .html (a page) or .png.")],
    method: Annotated[
        Literal["tsne", "pca", "umap"], typer.Option(help="What lays the texts out; umap needs the extra umap.")
    ] = "tsne",
    colour: Annotated[
        str | None,
        typer.Option(
            metavar="cluster|anomaly|COLUMN",
            help="What colours say; by default the column label if there is one, else cluster.",
        ),
    ] = None,
    clusters: Annotated[
        int | None, typer.Option(help="How many clusters, 2 to 12; by default those told best.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many texts to show at most: of more, a draw by chance.")] = 3000,
    column: Column = None,
    id_column: IdColumn = None,
    model: Encoder = DEFAULT_MODEL,
    backend: Backend = "auto",
    cache: Cache = None,
    no_cache: NoCache = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Draw texts as points, like ones near each other, on a page that shows their texts or as a picture.

    On the page a point shows its text, and a box drawn over points selects texts to save as CSV.
    """
    from siamese_text.api import draw_texts

    with progress_bar("encoding") as progress:
        done = draw_texts(
            source,
            output,
            method=method,
            colour=colour,
            clusters=clusters,
            limit=limit,
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
        shown = {"texts": done.texts, "total": done.total, "method": done.method}
        print_json(
            {"output": str(done.output), **shown, "colour": done.colour, "groups": done.groups, "skipped": skipped}
        )
    else:
        rows = [[name, f"{size:,}"] for name, size in done.groups.items()]
        rest = done.texts - sum(done.groups.values())
        print_table(done.colour, "texts", rows=rows + ([["others and none", f"{rest:,}"]] if rest else []), right=1)
    for document in done.skipped:
        say(f"left out: {document.name}: {document.problem}")
    if done.texts < done.total:
        say(f"shown are {done.texts:,} of {done.total:,} texts, drawn by chance; --limit shows more")
    say(f"wrote {done.output}")
    return EXIT_PARTIAL if done.skipped else EXIT_OK
