"""What an index holds, and whether all of its bytes are those that were written."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from siamese_text.errors import BadData
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.snapshot import fields_of
from siamese_text.search.sources import TextSource


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What an index holds.

    Attributes:
        folder: Where it is.
        info: How it was made, and which documents are not in it.
        documents: How many documents it has.
        passages: How many passages these have.
        dimensions: The width of a vector.
        segments: The number of files of vectors.
        unused: Vectors in them that belong to no passage any more; ``compact`` drops them.
        bytes: The size of all files.
        sources: Where documents come from.
        fields: What filters may name, each with the kinds of its values as JSON calls them.
    """

    folder: Path
    info: IndexInfo
    documents: int
    passages: int
    dimensions: int
    segments: int
    unused: int
    bytes: int
    sources: list[TextSource]
    fields: dict[str, list[str]]


def inspect(index: PassageIndex) -> IndexFacts:
    """Describe an index, after every byte of it has been read.

    Raises:
        BadData: A file is damaged; the message names it.
    """
    sources = index.sources
    with index.reader.reading() as (rows, snapshot):
        for segment in snapshot.stores:
            path = index.folder / segment.name
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != segment.sha256:
                    raise BadData(f"{path} is damaged: its checksum is not that of the index; build the index again")
        _check_database(rows)
        return IndexFacts(
            index.folder,
            snapshot.info,
            documents=int(rows.execute("SELECT count(*) FROM documents WHERE problem IS NULL").fetchone()[0]),
            passages=len(snapshot.order),
            dimensions=snapshot.store.width,
            segments=len(snapshot.stores),
            unused=len(snapshot.store) - len(snapshot.order),
            bytes=sum(file.stat().st_size for file in index.folder.iterdir() if file.is_file()),
            sources=sources,
            fields={key: sorted(kinds) for key, kinds in sorted(fields_of(rows).items())},
        )


def _check_database(rows: sqlite3.Connection) -> None:
    """Read the whole database, and each passage's text beside its words."""
    [(said,), *_] = rows.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        raise sqlite3.DatabaseError(said)
