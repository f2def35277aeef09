"""``siamese-text search``: the passages of an index that answer a query."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from siamese_text.cli.console import Backend, Json, figure, print_json, print_table, say
from siamese_text.cli.index_changes import IndexFolder, Where
from siamese_text.errors import EXIT_OK

if TYPE_CHECKING:
    from siamese_text.api import Hit


def search(
    index: IndexFolder,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--top", "-k", help="How many hits.")] = 5,
    mode: Annotated[
        Literal["hybrid", "dense", "words"],
        typer.Option(help="What ranks: meaning (dense), the words themselves (BM25), or both."),
    ] = "hybrid",
    where: Where = None,
    rerank: Annotated[bool, typer.Option("--rerank", help="Order the hits by the model's pair decision.")] = False,
    rerank_model: Annotated[
        str | None, typer.Option(help="Order the hits by the decision of this model: a name or a folder.")
    ] = None,
    backend: Backend = "auto",
    json: Json = False,
) -> int:
    """Find the passages that answer a query, by their meaning and by their words.

    The sentence of a passage that is nearest to the query stands between » and «.
    """
    from siamese_text.api import Index

    hits = Index.open(index, backend=backend).search(
        query, k, mode=mode, where=where, rerank=rerank_model or rerank, mark=True
    )
    if json:
        print_json({"query": query, "hits": [asdict(hit) for hit in hits]})
        return EXIT_OK
    if not hits:
        say("nothing was found" + (" among the documents that fulfil the filter" if where else ""))
        return EXIT_OK
    reranked = bool(rerank or rerank_model)
    rows = [
        [
            _place(hit),
            _marked(hit),
            hit.found_by or "",
            figure(hit.similarity),
            *([figure(hit.probability), hit.verdict or "–"] if reranked else []),
        ]
        for hit in hits
    ]
    more = ("probability", "same?") if reranked else ()
    print_table("place", "passage", "found by", "similarity", *more, rows=rows, right=1 + len(more))
    return EXIT_OK


def _place(hit: Hit) -> str:
    """Return the document and the page, slide or chapter; where it has none the character with which it begins."""
    place = hit.metadata.get("place")
    return f"{hit.passage.document}, {place}" if place else f"{hit.passage.document}:{hit.passage.start}"


def _marked(hit: Hit) -> str:
    """Return the text of a passage on one line, with its best sentence between » and «, unless that is all of it."""
    text, best = hit.passage.text, hit.best
    if best is not None and len(best) < len(text):
        start, end = best.start - hit.passage.start, best.end - hit.passage.start
        text = f"{text[:start]}»{text[start:end]}«{text[end:]}"
    return " ".join(text.split())
