"""``siamese-text search``: the passages of an index that answer a query."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Backend, Json, figure, print_json, print_table
from siamese_text.errors import EXIT_OK


def search(
    index: Annotated[Path, typer.Argument(help="Index folder that `siamese-text index` made.")],
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--top", "-k", help="How many hits.")] = 5,
    rerank: Annotated[bool, typer.Option("--rerank", help="Order the hits by the model's pair decision.")] = False,
    rerank_model: Annotated[
        str | None, typer.Option(help="Order the hits by the decision of this model: a name or a folder.")
    ] = None,
    backend: Backend = "auto",
    json: Json = False,
) -> int:
    """Find the passages nearest in meaning to a query."""
    from siamese_text.api import Index

    hits = Index.open(index, backend=backend).search(query, k, rerank=rerank_model or rerank)
    if json:
        print_json({"query": query, "hits": [asdict(hit) for hit in hits]})
        return EXIT_OK
    rows = [
        [f"{hit.passage.document}:{hit.passage.start}", " ".join(hit.passage.text.split()), figure(hit.similarity)]
        for hit in hits
    ]
    if not (rerank or rerank_model):
        print_table("place", "passage", "similarity", rows=rows, right=1)
        return EXIT_OK
    rows = [[*row, figure(hit.probability), hit.verdict or "–"] for row, hit in zip(rows, hits, strict=True)]
    print_table("place", "passage", "similarity", "probability", "same?", rows=rows, right=3)
    return EXIT_OK
