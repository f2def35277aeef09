"""What changes an index: documents that are added, changed or gone, and vectors that are packed together.

Everything that one change needs is planned and encoded first; then its vectors are written, and one transaction makes
it so.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadOutput
from siamese_text.protocols import Progress
from siamese_text.records import Document, FloatArray, Passage
from siamese_text.search.changes import Changes, Encode, Plan
from siamese_text.search.index_folder import write_info
from siamese_text.search.snapshot import IntArray, Snapshot
from siamese_text.search.sources import SourceItem, TextSource
from siamese_text.search.stores.segments import add_graph, wants_graph, write_segment

ENCODE_BLOCK = 1024  # texts between two calls of `progress`
COPY_BLOCK = 16384  # rows


class Writer:
    """Changes an index, of which a snapshot says what it holds.

    Args:
        rows: A connection that alone may write.
        snapshot: The state that is changed.
        folder: The folder of the index.
    """

    def __init__(self, rows: sqlite3.Connection, snapshot: Snapshot, folder: Path) -> None:
        self.rows, self.snapshot, self.folder = rows, snapshot, folder

    def update(
        self,
        sources: Sequence[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        *,
        complete: bool,
        progress: Progress | None = None,
    ) -> Changes:
        """Bring the documents of some sources to what these hold now.

        Args:
            sources: Each source with its items.
            encode: Returns the (N, D) float32 vectors of N passages.
            complete: Whether documents of a source that it no longer has are removed.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            What became of the documents of these sources.

        Raises:
            BadData: Two documents have one name.
            NothingToDo: A source that had documents has none; it is left as it was.
        """
        plan = Plan(self.snapshot.info.words)
        with self._transaction():
            for source, items in sources:
                number = self._number_of(source)
                known = self.rows.execute(
                    "SELECT name, id, digest, problem, format FROM documents WHERE source = ?", (number,)
                )
                plan.compare(source, number, items, known, self._has, complete=complete)
            encoded = self._carry_out(plan, encode, progress) if plan.gone or plan.new else 0
            passages = self._count()
        return Changes(**plan.counts, passages=passages, encoded=encoded, skipped=tuple(plan.skipped))

    def remove(self, documents: Sequence[int]) -> Changes:
        """Remove documents by their numbers."""
        with self._transaction():
            self._carry_out(Plan(gone=list(documents)), _encodes_nothing, None)
            return Changes(removed=len(documents), passages=self._count())

    def compact(self, approximate: bool | None = None) -> None:
        """Pack all vectors into one segment, without those of removed passages, and give unused space back.

        Args:
            approximate: Whether large segments have graphs from now on; by default as before.
        """
        info = self.snapshot.info
        if approximate is not None and approximate != info.approximate:
            self.snapshot = replace(self.snapshot, info=replace(info, approximate=approximate))
        with self._transaction():
            live = self.snapshot.passages > 0
            if len(self.snapshot.stores) > 1 or not live.all() or self._graphs_differ():
                self._write_segment(np.flatnonzero(live), [], (), np.ones(len(live), bool))
            write_info(self.rows, self.snapshot.info)
            self.rows.execute("INSERT INTO texts (texts) VALUES ('optimize')")
        self.rows.execute("VACUUM")

    def _graphs_differ(self) -> bool:
        """Say whether a segment has a graph and is to have none, or the other way round."""
        wanted = self.snapshot.info.approximate
        return any(wants_graph(segment) if wanted else segment.effort > 0 for segment in self.snapshot.stores)

    def _number_of(self, source: TextSource) -> int:
        """Note a source as it is now, and return its number."""
        self.rows.execute(
            "INSERT INTO sources (place, settings) VALUES (?, ?) "
            "ON CONFLICT (place) DO UPDATE SET settings = excluded.settings",
            (source.place, source.settings),
        )
        return int(self.rows.execute("SELECT id FROM sources WHERE place = ?", (source.place,)).fetchone()[0])

    # --- how it is done -----------------------------------------------------------------------------------------------

    def _carry_out(self, plan: Plan, encode: Encode, progress: Progress | None) -> int:
        """Delete and write what is planned; return how many texts were encoded."""
        at_hand = self._rows_of_texts(plan.gone)
        for document in plan.gone:
            mine = "(SELECT id FROM passages WHERE document = ?)"
            self.rows.execute(f"DELETE FROM texts WHERE rowid IN {mine}", (document,))
            self.rows.execute("DELETE FROM passages WHERE document = ?", (document,))
            self.rows.execute("DELETE FROM documents WHERE id = ?", (document,))
        passages = [passage for entry in plan.new for passage in self._insert(*entry)]
        texts = [text for _, text in passages]
        missing = sum(text not in at_hand for text in texts)
        live = (self.snapshot.passages > 0) & ~np.isin(self.snapshot.documents, plan.gone)
        absorbed = self._absorbed(live, len(texts))
        moved = np.flatnonzero(live & absorbed)
        vectors = self._vectors(texts, at_hand, encode, progress, missing)
        self._write_segment(moved, [number for number, _ in passages], vectors, absorbed)
        return missing

    def _insert(
        self, source: int, digest: str | None, document: Document, metadata: Mapping[str, Any], pieces: list[Passage]
    ) -> Iterator[tuple[int, str]]:
        """Write a document and its passages, whose vectors come later; yield the number and text of each."""
        number = self.rows.execute(
            "INSERT INTO documents (source, name, digest, format, problem, metadata) VALUES (?, ?, ?, ?, ?, ?)",
            (source, document.name, digest, document.format, document.problem, json.dumps(metadata)),
        ).lastrowid
        for piece in pieces:
            passage = self.rows.execute(
                'INSERT INTO passages (document, start, "end", segment, row) VALUES (?, ?, ?, 0, 0)',
                (number, piece.start, piece.end),
            ).lastrowid
            self.rows.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", (passage, piece.text))
            yield int(passage or 0), piece.text

    def _rows_of_texts(self, documents: Sequence[int]) -> dict[str, int]:
        """Return the row of the vector of each passage of documents that are about to be deleted, by its text.

        Of a document that has changed most passages have not: they are not encoded again.
        """
        passages: dict[str, int] = {}
        for document in documents:
            passages |= self.rows.execute(
                "SELECT text, passages.id FROM passages JOIN texts ON texts.rowid = passages.id WHERE document = ?",
                (document,),
            ).fetchall()
        return dict(zip(passages, self.snapshot.rows_of(list(passages.values())).tolist(), strict=True))

    def _vectors(
        self, texts: Sequence[str], at_hand: Mapping[str, int], encode: Encode, progress: Progress | None, missing: int
    ) -> Iterator[FloatArray]:
        """Yield the vectors of texts block by block: those at hand, and for the rest what the encoder gives."""
        done = 0
        for start in range(0, len(texts), ENCODE_BLOCK):
            block = texts[start : start + ENCODE_BLOCK]
            new = np.array([text not in at_hand for text in block])
            encoded = encode([text for text in block if text not in at_hand]) if new.any() else None
            if encoded is None or not new.all():
                old = self.snapshot.store.take(np.array([at_hand[text] for text in block if text in at_hand]))
                vectors = np.zeros((len(block), old.shape[1]), np.float32)
                vectors[~new] = old
                if encoded is not None:
                    vectors[new] = encoded
                yield vectors
            else:
                yield encoded
            done += int(new.sum())
            if progress is not None:
                progress(done, missing)

    def _absorbed(self, live: NDArray[np.bool_], new: int) -> NDArray[np.bool_]:
        """Return the rows of segments that are merged into the next one, (N,) bool.

        Those that are no larger than what is written anyway, so that there never are many (as many as a number has
        binary digits), and those of which most rows are of no use.
        """
        starts = self.snapshot.store.starts
        counted = [(int(live[start:end].sum()), start, end) for start, end in pairwise(starts.tolist())]
        merged = np.zeros(len(live), bool)
        for living, start, end in sorted(counted):
            if living <= new or living < (end - start) / 2:
                merged[start:end] = True
                new += living
        return merged

    def _write_segment(
        self, moved: IntArray, numbers: Sequence[int], vectors: Iterable[FloatArray], absorbed: NDArray[np.bool_]
    ) -> None:
        """Write rows that are moved and new vectors into one segment, and note whose they are.

        Args:
            moved: Rows of the snapshot.
            numbers: The passages of the new vectors.
            vectors: The new vectors, in blocks.
            absorbed: (N,) bool: the segments whose rows these are are given up.
        """
        starts = self.snapshot.store.starts.tolist()
        given_up = [
            (each.number,) for each, start in zip(self.snapshot.stores, starts, strict=False) if absorbed[start]
        ]
        self.rows.executemany("DELETE FROM segments WHERE id = ?", given_up)
        passages = [*self.snapshot.passages[moved].tolist(), *numbers]
        if passages:
            # SQLite gives a number out once, also where a writer was killed after it had written its file.
            segment = int(self.rows.execute("INSERT INTO segments (rows, sha256) VALUES (0, '')").lastrowid or 0)
            copies = (
                self.snapshot.store.take(moved[start : start + COPY_BLOCK])
                for start in range(0, len(moved), COPY_BLOCK)
            )
            info = self.snapshot.info
            try:
                written = write_segment(self.folder, segment, len(passages), chain(copies, vectors), info.precision)
                if info.approximate:
                    written = add_graph(self.folder, written, info.similarity)
            except BadOutput as error:
                reason = getattr(error.__cause__, "strerror", None) or error
                raise BadOutput(f"{self.folder} cannot be written: {reason}; it is as it was") from error
            self.rows.execute(
                "UPDATE segments SET rows = ?, sha256 = ?, graph_sha256 = ?, effort = ? WHERE id = ?",
                (written.rows, written.sha256, written.graph_sha256, written.effort, segment),
            )
            places = ((segment, row, passage) for row, passage in enumerate(passages))
            self.rows.executemany("UPDATE passages SET segment = ?, row = ? WHERE id = ?", places)
        self.rows.execute("UPDATE facts SET value = value + 1 WHERE name = 'change'")

    def _has(self, name: str) -> bool:
        return self.rows.execute("SELECT 1 FROM documents WHERE name = ?", (name,)).fetchone() is not None

    def _count(self) -> int:
        return int(self.rows.execute("SELECT count(*) FROM passages").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.rows.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.rows.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled it back already
                self.rows.execute("ROLLBACK")
            raise


def _encodes_nothing(texts: Sequence[str]) -> FloatArray:
    raise AssertionError(f"a change without new texts encodes {len(texts)}")
