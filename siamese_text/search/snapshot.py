"""One state of an index, as a reader sees it: which row of the vectors belongs to which passage and document."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, MissingInput
from siamese_text.records import Passage
from siamese_text.search.index_folder import IndexFolder, IndexInfo, info_of, segments_of, stamp_of
from siamese_text.search.sources import PLACES, known_at, place_fields
from siamese_text.search.stores.base import VectorStore
from siamese_text.search.stores.segments import Segment, SegmentedStore, open_segment
from siamese_text.search.where import Where, check

IntArray = NDArray[np.int64]
REMEMBERED = 16  # conditions
# Passages with what is known of them. A LIMIT keeps SQLite from asking anew each time that a condition looks at it.
_KNOWN = """(
    SELECT passages.id AS id, known_at(metadata, start) AS metadata
    FROM documents CROSS JOIN passages ON document = documents.id LIMIT -1)
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an index holds at a moment.

    Attributes:
        stamp: Tells this state from others.
        info: How the index was made.
        stores: The vectors of each segment.
        store: The vectors of all segments, N rows.
        passages: (N,) int64, the number of the passage of each row; 0 where it was removed.
        documents: (N,) int64, the number of its document; 0 where it was removed.
        order: The rows in the order of the passages' numbers, those without one left out.
        allowed: The rows that fulfil the conditions that were asked for last.
    """

    stamp: tuple[str, ...]
    info: IndexInfo
    stores: dict[Segment, VectorStore]
    store: SegmentedStore
    passages: IntArray
    documents: IntArray
    order: IntArray
    allowed: dict[Where | None, NDArray[np.bool_]] = field(default_factory=dict)

    def rows_of(self, passages: Sequence[int]) -> IntArray:
        """Return the (K,) rows of passages, all of which are there."""
        if not passages:
            return np.zeros(0, np.int64)
        return self.order[np.searchsorted(self.passages[self.order], np.asarray(passages, np.int64))]


class Reader:
    """An index as any number of threads read it: each time as it is by then.

    Args:
        folder: The files of the index.

    Raises:
        MissingInput: A file is missing.
        BadData: A file is damaged, or the files do not fit together.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self.folder = folder
        self._snapshot: Snapshot | None = None
        with self.reading() as (_, snapshot):
            self._made = snapshot.info.encoder_name, snapshot.info.model_key, snapshot.info.compute_dtype

    @contextmanager
    def reading(self) -> Iterator[tuple[sqlite3.Connection, Snapshot]]:
        """Yield a connection, and the snapshot that belongs to what it sees.

        Raises:
            MissingInput: A file is missing.
            BadData: A file is damaged, or the index was made anew by another model.
        """
        with ExitStack() as opened:
            # Between a look at the database and one at the vectors a writer may delete those, or replace the whole
            # index: then the new state is looked at, by a new connection.
            for tries_left in (2, 1, 0):
                try:
                    rows = opened.enter_context(self.folder.reading())
                    snapshot = self._current(rows)
                    break
                except MissingInput:
                    opened.close()
                    self.folder.forget()
                    if not tries_left:
                        raise
            made = snapshot.info.encoder_name, snapshot.info.model_key, snapshot.info.compute_dtype
            if made != getattr(self, "_made", made):
                raise BadData(f"{self.folder.folder} was made anew with {made[0]} meanwhile; open it again")
            yield rows, snapshot

    def _current(self, rows: sqlite3.Connection) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is None or snapshot.stamp != stamp_of(rows):
            snapshot = self._snapshot = load_snapshot(self.folder, rows, snapshot.stores if snapshot else {})
        return snapshot


def load_snapshot(folder: IndexFolder, rows: sqlite3.Connection, known: dict[Segment, VectorStore]) -> Snapshot:
    """Read one state of an index; its vectors stay on disk.

    Args:
        folder: The files.
        rows: A connection to them.
        known: Segments that are open already.

    Returns:
        The state.

    Raises:
        MissingInput: A segment is not there.
        BadData: The files do not fit together, or a segment is damaged.
    """
    info = info_of(rows)
    segments = segments_of(rows)
    stores = {each: known.get(each) or open_segment(folder.folder, each, info.similarity) for each in segments}
    store = SegmentedStore(list(stores.values()))
    starts = {segment.number: start for segment, start in zip(segments, store.starts.tolist(), strict=False)}
    table = np.array(rows.execute("SELECT segment, row, id, document FROM passages").fetchall(), np.int64)
    segment, row, passage, document = table.reshape(-1, 4).T
    passages, documents = np.zeros(len(store), np.int64), np.zeros(len(store), np.int64)
    try:
        places = row + np.array([starts[number] for number in segment.tolist()], np.int64)
        passages[places], documents[places] = passage, document
    except (KeyError, IndexError) as error:
        raise BadData(f"{folder.path} does not fit its vectors ({error}); build the index again") from None
    order = np.argsort(passages, kind="stable")[int((passages == 0).sum()) :]
    return Snapshot(stamp_of(rows), info, stores, store, passages, documents, order)


def fields_of(rows: sqlite3.Connection) -> dict[str, set[str]]:
    """Return what is known of documents: for each key of the metadata the kinds of its values, as JSON calls them."""
    fields: dict[str, set[str]] = {}
    each = "SELECT DISTINCT field.key, field.type FROM documents, json_each(metadata) AS field WHERE problem IS NULL"
    for key, kind in rows.execute(each):
        fields.setdefault(key, set()).add(kind)
    fields.pop(PLACES, None)
    return fields


def passage_fields_of(rows: sqlite3.Connection) -> dict[str, set[str]]:
    """Return what is known of passages alone, such as their page, as ``fields_of`` does."""
    each = (
        "SELECT DISTINCT json_extract(place.value, '$[1]') FROM documents, json_each(metadata, ?) AS place "
        "WHERE problem IS NULL"
    )
    return place_fields(name for (name,) in rows.execute(each, (f'$."{PLACES}"',)))


def rows_where(rows: sqlite3.Connection, snapshot: Snapshot, where: Where | None) -> NDArray[np.bool_]:
    """Return which rows may be found, (N,) bool: those of passages that, or whose documents, fulfil a condition.

    The last conditions are remembered: a service asks the same ones over and over.

    Raises:
        UsageError: It names a field that no document has.
    """
    remembered = snapshot.allowed.get(where)
    if remembered is not None:
        return remembered
    allowed = snapshot.passages > 0
    if where is not None:
        of_documents, of_passages = fields_of(rows), passage_fields_of(rows)
        every = (*of_documents, *of_passages)
        check(where, {key: of_documents.get(key, set()) | of_passages.get(key, set()) for key in every})
        known, owners = "documents", snapshot.documents
        if where.keys & of_passages.keys():
            rows.create_function("known_at", 2, _known_at, deterministic=True)
            known, owners = _KNOWN, snapshot.passages
        found = rows.execute(f"SELECT id FROM {known} WHERE {where.sql}", where.values).fetchall()
        allowed &= np.isin(owners, np.array(found, np.int64).ravel())
    if len(snapshot.allowed) >= REMEMBERED:
        snapshot.allowed.clear()
    snapshot.allowed[where] = allowed
    return allowed


def _known_at(metadata: str, start: int) -> str:
    return json.dumps(known_at(_loaded(metadata), start))


@lru_cache(maxsize=1)  # passages of one document come one after the other
def _loaded(metadata: str) -> Any:
    return json.loads(metadata)


def best_by_words(rows: sqlite3.Connection, query: str, k: int, allowed: str | None = None) -> list[tuple[int, float]]:
    """Find the passages with the largest BM25 score: words in Porter's stems, any of them, k1 1.2 and b 0.75.

    Args:
        rows: A connection.
        query: A text; its words are looked for.
        k: How many passages to find.
        allowed: The numbers of those that may be found, as a list in JSON; by default all.

    Returns:
        The numbers of at most ``k`` passages that hold a word of the query, with their scores, best first.
    """
    words = dict.fromkeys(re.findall(r"\w+", query.lower()))
    if not words:
        return []
    match = " OR ".join(f'"{word}"' for word in words)
    # rank is the negative score; of equal ones the passage that was added first comes first
    sql, values = "SELECT rowid, -rank FROM texts WHERE texts MATCH ?", [match]
    if allowed is not None:
        sql += " AND rowid IN (SELECT value FROM json_each(?))"
        values.append(allowed)
    return rows.execute(f"{sql} ORDER BY rank, rowid LIMIT ?", [*values, k]).fetchall()


def read_passages(rows: sqlite3.Connection, numbers: Sequence[int]) -> list[tuple[Passage, dict[str, Any]]]:
    """Return passages by their numbers, in that order, each with what is known of its document and its page."""
    # All at once, in the order in which they lie, and texts from where FTS5 keeps them: a statement for each would take
    # most of the time of a search.
    asked = rows.execute(
        'SELECT value, name, start, "end", c0, metadata FROM json_each(?) '
        "CROSS JOIN passages ON passages.id = value CROSS JOIN documents ON documents.id = document "
        "CROSS JOIN texts_content ON texts_content.id = passages.id",
        (json.dumps(sorted(set(numbers))),),
    )
    found = {number: (Passage(name, start, end, text), metadata) for number, name, start, end, text, metadata in asked}
    ordered = [found[number] for number in numbers]
    known = json.loads(f"[{','.join([metadata for _, metadata in ordered])}]")  # a dictionary of its own for each
    return [
        (passage, known_at(mine, passage.start) if PLACES in mine else mine)
        for (passage, _), mine in zip(ordered, known, strict=True)
    ]
