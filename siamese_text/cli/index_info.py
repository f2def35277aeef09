"""``siamese-text index info``: what an index holds."""

from __future__ import annotations

from typing import Annotated

import typer

from siamese_text.cli.console import Json, figure, print_json, print_table, say
from siamese_text.cli.index_changes import IndexFolder
from siamese_text.errors import EXIT_OK


def index_info(
    index: IndexFolder,
    recall: Annotated[
        bool, typer.Option("--recall", help="Measure which share of the ten nearest passages a search finds.")
    ] = False,
    json: Json = False,
) -> int:
    """Say what an index holds and what filters may name, and check the bytes of all of its files."""
    from siamese_text.api import describe_index, shown_place

    facts = describe_index(index, recall=recall)
    info = facts.info
    said: dict[str, object] = {
        "model": info.encoder_name,
        "computes in": info.compute_dtype,
        "similarity": info.similarity,
        "words": info.words,
        "documents": facts.documents,
        "passages": facts.passages,
        "not indexed": len(info.skipped),
        "dimensions": facts.dimensions,
        "precision": info.precision,
        "files of vectors": facts.segments,
        "approximate": info.approximate,
        "files with a graph": facts.graphs,
        "unused vectors": facts.unused,
        "bytes": facts.bytes,
    } | ({} if facts.recall is None else {"recall at 10": facts.recall})
    sources = [{"kind": source.kind, "place": source.place} for source in facts.sources]
    if json:
        skipped = [{"document": document.name, "problem": document.problem} for document in info.skipped]
        named = {name.replace(" ", "_"): value for name, value in said.items()} | {"not_indexed": skipped}
        print_json({"index": shown_place(index), **named, "sources": sources, "fields": facts.fields})
        return EXIT_OK
    rows = [[name, _shown(value)] for name, value in said.items()]
    rows += [[source["kind"], source["place"]] for source in sources]
    rows += [["fields", ", ".join(f"{name} ({', '.join(kinds)})" for name, kinds in facts.fields.items()) or "none"]]
    print_table(shown_place(index), "", rows=rows)
    for document in info.skipped:
        say(f"not indexed: {document.name}: {document.problem}")
    return EXIT_OK


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
