"""An index of passages: built, changed, searched by the words and the vectors of queries.

An index knows no model. Whoever asks it encodes the queries, by the encoder that ``IndexInfo.encoder_name`` names.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from siamese_text.errors import NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import FloatArray, Hit
from siamese_text.search import where as filters
from siamese_text.search.changes import Changes, Encode
from siamese_text.search.index_folder import IndexFolder, IndexInfo, make, replacing, write_header
from siamese_text.search.ranking import Mode, answers_of, check_search, ranked
from siamese_text.search.snapshot import Reader, fields_of, passage_fields_of
from siamese_text.search.sources import DATABASE, SourceItem, TextSource
from siamese_text.search.stores.approximate import check_approximate
from siamese_text.search.writer import Writer


class PassageIndex:
    """Passages with their vectors, in a folder.

    Any number of threads and processes may search it while one changes it; a search sees what was there when it began.

    Attributes:
        folder: Where the files are.
        reader: Gives the state that it has at a moment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = IndexFolder(folder)
        self.reader = Reader(self._files)
        self._temporary: TemporaryDirectory[str] | None = None

    @classmethod
    def build(
        cls,
        sources: Iterable[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        info: IndexInfo,
        *,
        output: Path | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> tuple[Self, Changes]:
        """Cut documents into passages and encode them.

        Args:
            sources: Where the documents come from, with them.
            encode: Returns the (N, D) float32 vectors of N passages, such as ``encoder.encode_document``.
            info: How passages are made and compared, and by which encoder.
            output: The folder of the index; by default one that is deleted with the index.
            overwrite: Whether an index that is there may be replaced.
            progress: Called with the number of encoded passages and of all passages.

        Returns:
            The index, and what is in it and what is not.

        Raises:
            NothingToDo: No document holds any text.
            UsageError: Graphs are asked for, and faiss is not installed.
            BadOutput: The output exists and ``overwrite`` is False, it is not an index, or it cannot be written.
        """
        check_approximate(info.approximate)
        if output is None:
            temporary = TemporaryDirectory(prefix="siamese-text-index-")
            make(Path(temporary.name), info)
            index = cls(Path(temporary.name))
            index._temporary = temporary
            return index, index._fill(sources, encode, progress)
        with replacing(output, overwrite=overwrite) as draft:
            make(draft, info)
            changes = cls(draft)._fill(sources, encode, progress)
        return cls(output), changes

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a saved index without reading its vectors into memory.

        Args:
            folder: The folder of an index.

        Returns:
            The index; its vectors are read-only memory maps.

        Raises:
            MissingInput: The folder or one of its files is missing.
            BadData: A file is damaged, of another format or does not fit the others.
        """
        return cls(folder)

    def save(self, folder: Path, *, overwrite: bool = False) -> None:
        """Write a copy of the index to a folder, all or nothing.

        Args:
            folder: The folder to write.
            overwrite: Whether an index that is there may be replaced.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, it is not an index, or it cannot be written.
        """
        with replacing(folder, overwrite=overwrite) as draft, self.reader.reading() as (rows, snapshot):
            write_header(draft)
            with closing(sqlite3.connect(draft / DATABASE)) as copy:
                rows.backup(copy)
            for name in (name for segment in snapshot.stores for name in segment.files):
                shutil.copyfile(self.folder / name, draft / name)

    def __reduce__(self) -> tuple[type[PassageIndex], tuple[Path]]:
        """Return what a copy in another process is made of: the path."""
        return type(self), (self.folder.absolute(),)

    def __len__(self) -> int:
        """Return the number of passages."""
        with self.reader.reading() as (_, snapshot):
            return len(snapshot.order)

    @property
    def info(self) -> IndexInfo:
        """How the index was made, and which documents are not in it."""
        with self.reader.reading() as (_, snapshot):
            return snapshot.info

    # --- changes ------------------------------------------------------------------------------------------------------

    @property
    def sources(self) -> list[TextSource]:
        """Where the documents came from, in the order in which they were added."""
        with self.reader.reading() as (rows, _):
            return [
                TextSource(**json.loads(settings))
                for (settings,) in rows.execute("SELECT settings FROM sources WHERE place <> '' ORDER BY id")
            ]

    @property
    def documents_ever(self) -> int:
        """How many documents the index has had, each state of one counted."""
        with self.reader.reading() as (rows, _):
            return int((rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'documents'").fetchone() or [0])[0])

    def update(
        self,
        sources: Iterable[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        *,
        complete: bool = True,
        progress: Progress | None = None,
    ) -> Changes:
        """Bring the documents of some sources to what these hold now; a kill leaves the old state or the new one.

        What has not changed is not read again, and passages of a changed document that are as before are not encoded
        again.

        Args:
            sources: Where documents come from, with those that are there now.
            encode: Returns the (N, D) float32 vectors of N passages.
            complete: Whether documents that a source no longer has are removed.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            What became of the documents of these sources.

        Raises:
            BadData: Two documents have one name, or a file of the index is damaged.
            BadOutput: Another process writes to the index, or the system refuses to.
            NothingToDo: A source that had documents has none.
        """
        with self._writing() as writer:
            return writer.update(list(sources), encode, complete=complete, progress=progress)

    def remove(self, names: Sequence[str] = (), *, where: str | None = None) -> Changes:
        """Remove documents by their names, and those that fulfil a condition.

        Args:
            names: Names of documents, as hits and ``skipped`` have them.
            where: A condition, such as ``year < 2000``.

        Returns:
            How many were removed, and how many passages are left.

        Raises:
            UsageError: There is no document of such a name, or the condition cannot be read; nothing is removed.
            NothingToDo: No document fulfils the condition.
        """
        with self._writing() as writer:
            gone: dict[int, None] = {}
            for name in names:
                found = writer.rows.execute("SELECT id FROM documents WHERE name = ?", (name,)).fetchone()
                if found is None:
                    raise UsageError(f"{self.folder} has no document '{name}'; nothing was removed")
                gone[found[0]] = None
            if where is not None:
                condition = filters.parse(where)
                filters.check(condition, fields_of(writer.rows), passage_fields_of(writer.rows))
                found = writer.rows.execute(f"SELECT id FROM documents WHERE {condition.sql}", condition.values)
                gone |= dict.fromkeys(number for (number,) in found)
            if not gone:
                raise NothingToDo(f"no document of {self.folder} is meant; give names or another filter")
            return writer.remove(list(gone))

    def compact(self, *, approximate: bool | None = None) -> None:
        """Pack the vectors into one file and give back the space of what was removed.

        Args:
            approximate: Whether large files of vectors have graphs from now on; by default as before.

        Raises:
            UsageError: Graphs are asked for, and faiss is not installed.
            BadOutput: Another process writes to the index, or the system refuses to.
        """
        check_approximate(approximate)
        with self._writing() as writer:
            writer.compact(approximate)

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        with self._files.writing() as rows, self.reader.reading() as (_, snapshot):
            yield Writer(rows, snapshot, self.folder)

    def _fill(
        self, sources: Iterable[tuple[TextSource, Iterable[SourceItem]]], encode: Encode, progress: Progress | None
    ) -> Changes:
        changes = self.update(sources, encode, progress=progress)
        if not changes.passages:
            count = len(changes.skipped)
            raise NothingToDo(f"none of {count} documents holds text that can be indexed; name other files")
        return changes

    # --- search -------------------------------------------------------------------------------------------------------

    def search(
        self,
        queries: Sequence[str],
        vectors: FloatArray,
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        where: str | None = None,
    ) -> list[list[Hit]]:
        """Find the passages that answer each query.

        Args:
            queries: Q texts.
            vectors: (Q, D) float32, the queries as the encoder of the index encodes them.
            k: How many hits to return for each query; fewer where fewer passages may be found.
            mode: ``dense`` ranks by the similarity of vectors, ``words`` by BM25 (only passages with a word of the
                query), ``hybrid`` fuses both rankings by reciprocal rank.
            where: What documents or passages must fulfil, such as ``year >= 2020 and page = 3``; see ``search.where``.

        Returns:
            Q lists of hits, best first. ``similarity`` is in [-1, 1] for cosine and unbounded for dot.

        Raises:
            UsageError: ``k`` is below 1, there is no such mode, or the filter cannot be read.
            BadData: The vectors are of another width than those of the index.
        """
        return [hits for hits, _ in self.find(queries, vectors, k, mode=mode, where=where)]

    def find(
        self, queries: Sequence[str], vectors: FloatArray, k: int, *, mode: Mode = "hybrid", where: str | None = None
    ) -> list[tuple[list[Hit], FloatArray]]:
        """Find as ``search`` does, and give the (K, D) vectors of the hits of each query too."""
        check_search(k, mode)
        with self.reader.reading() as (rows, snapshot):
            return answers_of(rows, snapshot, vectors, ranked(rows, snapshot, queries, vectors, k, mode, where))
