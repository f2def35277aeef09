"""What an index holds, and whether all of its bytes are those that were written."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siamese_text.errors import BadData
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.snapshot import Snapshot, fields_of, passage_fields_of
from siamese_text.search.sources import TextSource
from siamese_text.search.stores.approximate import NEAREST, SAMPLE
from siamese_text.search.stores.approximate import recall as recall_of


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What an index holds.

    Attributes:
        folder: Where it is: of a database the URL without its password.
        info: How it was made, and which documents are not in it.
        documents: How many documents it has.
        passages: How many passages these have.
        dimensions: The width of a vector.
        segments: The number of files of vectors.
        graphs: How many of them have a graph, by which they are searched.
        unused: Vectors in them that belong to no passage any more; ``compact`` drops them.
        bytes: The size of all files.
        sources: Where documents come from.
        fields: What filters may name, each with the kinds of its values as JSON calls them.
        recall: Which share of the ten nearest passages a search by vectors finds, where that was measured.
    """

    folder: Path | str
    info: IndexInfo
    documents: int
    passages: int
    dimensions: int
    segments: int
    graphs: int
    unused: int
    bytes: int
    sources: list[TextSource]
    fields: dict[str, list[str]]
    recall: float | None = None


def inspect(index: PassageIndex, *, recall: bool = False) -> IndexFacts:
    """Describe an index, after every byte of it has been read.

    Args:
        index: The index.
        recall: Whether it is measured what a search finds, beside comparing all vectors.

    Raises:
        BadData: A file is damaged; the message names it.
    """
    sources = index.sources
    with index.reader.reading() as (rows, snapshot):
        for name, sha256 in (file for segment in snapshot.stores for file in segment.files.items()):
            path = index.folder / name
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise BadData(f"{path} is damaged: its checksum is not that of the index; build the index again")
        _check_database(rows)
        return IndexFacts(
            index.folder,
            snapshot.info,
            documents=int(rows.execute("SELECT count(*) FROM documents WHERE problem IS NULL").fetchone()[0]),
            passages=len(snapshot.order),
            dimensions=snapshot.store.width,
            segments=len(snapshot.stores),
            graphs=sum(segment.effort > 0 for segment in snapshot.stores),
            unused=len(snapshot.store) - len(snapshot.order),
            bytes=sum(file.stat().st_size for file in index.folder.iterdir() if file.is_file()),
            sources=sources,
            fields={key: sorted(kinds) for key, kinds in sorted((passage_fields_of(rows) | fields_of(rows)).items())},
            recall=_recall(snapshot) if recall else None,
        )


def _recall(snapshot: Snapshot) -> float:
    """Measure which share of the passages nearest to some passages is found; that each finds itself does not count."""
    allowed = snapshot.passages > 0
    sample = np.random.default_rng(0).permutation(snapshot.order)[:SAMPLE]
    queries = snapshot.store.take(sample)
    expected = snapshot.store.exact.search(queries, NEAREST + 1, allowed)[0]
    others = expected.shape[1] - 1
    share = recall_of(snapshot.store, queries, expected, allowed)
    return (share * (others + 1) - 1) / others if others > 0 else 1.0


def _check_database(rows: sqlite3.Connection) -> None:
    """Read the whole database, and each passage's text beside its words."""
    [(said,), *_] = rows.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        raise sqlite3.DatabaseError(said)
