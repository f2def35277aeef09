"""An index of passages in PostgreSQL with pgvector, for many machines: the same verbs as of one in a folder.

facts      how the index was made: the model by name and checksum, so that no other model's queries are answered
sources    where documents come from
documents  what is known of each, as JSON
passages   their texts, the words of these, and their vectors

Every change is one transaction: whatever kills it leaves the old state. Readers see what was committed when they began.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from siamese_text.errors import BadData, BadOutput, NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import FloatArray, Hit
from siamese_text.search.changes import Changes, Encode
from siamese_text.search.database import Database
from siamese_text.search.fusion import fuse
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.inspection import IndexFacts
from siamese_text.search.postgres_rows import (
    FORMAT,
    answer_of,
    by_words,
    fact_in,
    fields_in,
    filter_of,
    info_in,
    nearest,
    number_in,
    passage_fields_in,
)
from siamese_text.search.postgres_writer import PostgresWriter
from siamese_text.search.ranking import DEPTH, Mode, check_search
from siamese_text.search.sources import SourceItem, TextSource

if TYPE_CHECKING:
    from psycopg import Connection

LONGEST_INDEXED = 2000  # dimensions that pgvector's graphs take
_SCHEMA = """
CREATE TABLE facts (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE sources (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, place text NOT NULL UNIQUE, settings text);
CREATE TABLE documents (
    id bigint PRIMARY KEY, source bigint NOT NULL, name text NOT NULL UNIQUE, digest text, format text, problem text,
    metadata jsonb NOT NULL);
CREATE TABLE passages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES documents ON DELETE CASCADE, start integer NOT NULL, "end" integer NOT NULL,
    text text NOT NULL, length integer NOT NULL,
    words tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.english', text)) STORED, vector vector);
CREATE INDEX ON documents (source);
CREATE INDEX ON documents USING gin (metadata jsonb_path_ops);
CREATE INDEX ON passages (document);
CREATE INDEX ON passages USING gin (words);
"""


class PostgresIndex:
    """Passages with their vectors, in a schema of a database.

    Any number of threads, processes and machines may search it while one changes it.

    Args:
        url: See ``search.database``.

    Attributes:
        folder: The URL without its password, for messages.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.folder = self.database.shown
        self._made: tuple[str, ...] | None = None

    @classmethod
    def build(
        cls,
        sources: Iterable[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        info: IndexInfo,
        *,
        output: str,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> tuple[Self, Changes]:
        """Cut documents into passages and encode them; see ``PassageIndex.build``.

        Raises:
            NothingToDo: No document holds any text.
            BadOutput: An index is there and ``overwrite`` is False, or the schema is another program's.
        """
        index = cls(output)
        with index.database.writing(new=True) as rows:
            index._check_room(rows, overwrite)
            # Readers go on with the old index until the new one takes its place: only then are its tables locked.
            draft = f"{index.database.schema[:57]}_draft"
            rows.execute(f"CREATE SCHEMA {draft}")
            index.database.use(rows, draft, locally=True)
            rows.execute(_SCHEMA)
            facts = {"format": FORMAT, "info": {**asdict(info), "skipped": ()}, "documents_ever": 0}
            for name, value in facts.items():
                rows.execute("INSERT INTO facts VALUES (%s, %s)", [name, json.dumps(value)])
            writer = PostgresWriter(rows, info)
            changes = writer.update(list(sources), encode, complete=True, progress=progress)
            if not changes.passages:
                raise NothingToDo(f"none of {len(changes.skipped)} documents holds text that can be indexed")
            if info.approximate:
                _make_graph(rows, info)
            rows.execute(f"DROP SCHEMA IF EXISTS {index.database.schema} CASCADE")
            rows.execute(f"ALTER SCHEMA {draft} RENAME TO {index.database.schema}")
        return index, changes

    @classmethod
    def open(cls, url: str) -> Self:
        """Open an index.

        Raises:
            MissingInput: The server does not answer, or holds no such index.
            BadData: It is of another format.
        """
        index = cls(url)
        index.info  # noqa: B018 it is read, and refused where it cannot be
        return index

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Return what a copy in another process is made of: the URL."""
        return type(self), (self.database.url,)

    def __len__(self) -> int:
        """Return the number of passages."""
        with self.database.reading() as rows:
            return number_in(rows, "SELECT count(*) FROM passages")

    @property
    def info(self) -> IndexInfo:
        """How the index was made, and which documents are not in it."""
        with self.database.reading() as rows:
            return self._info(rows)

    @property
    def sources(self) -> list[TextSource]:
        """Where the documents came from, in the order in which they were added."""
        with self.database.reading() as rows:
            found = rows.execute("SELECT settings FROM sources WHERE place <> '' ORDER BY id").fetchall()
            return [TextSource(**json.loads(settings)) for (settings,) in found]

    @property
    def documents_ever(self) -> int:
        """How many documents the index has had, each state of one counted."""
        with self.database.reading() as rows:
            return int(fact_in(rows, "documents_ever"))

    def save(self, folder: Path, **_: bool) -> None:
        """Refuse to copy the index into a folder.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"{self.folder} is kept by its server; to have an index in {folder}, build one there")

    # --- changes ------------------------------------------------------------------------------------------------------

    def update(
        self,
        sources: Iterable[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        *,
        complete: bool = True,
        progress: Progress | None = None,
    ) -> Changes:
        """Bring the documents of some sources to what these hold now; see ``PassageIndex.update``."""
        with self.database.writing() as rows:
            writer = PostgresWriter(rows, self._info(rows))
            return writer.update(list(sources), encode, complete=complete, progress=progress)

    def remove(self, names: Sequence[str] = (), *, where: str | None = None) -> Changes:
        """Remove documents by their names, and those that fulfil a condition; see ``PassageIndex.remove``.

        Raises:
            UsageError: There is no document of such a name, or the condition cannot be read; nothing is removed.
            NothingToDo: No document fulfils the condition.
        """
        with self.database.writing() as rows:
            self._info(rows)
            gone: dict[int, None] = {}
            for name in names:
                found = rows.execute("SELECT id FROM documents WHERE name = %s", [name]).fetchone()
                if found is None:
                    raise UsageError(f"{self.folder} has no document '{name}'; nothing was removed")
                gone[found[0]] = None
            if where is not None:
                matching = rows.execute(
                    "SELECT id FROM documents WHERE metadata @@ %s::jsonpath",
                    [filter_of(rows, where, documents=True).path],
                )
                gone |= dict.fromkeys(number for (number,) in matching)
            if not gone:
                raise NothingToDo(f"no document of {self.folder} is meant; give names or another filter")
            rows.execute("DELETE FROM documents WHERE id = ANY(%s)", [list(gone)])
            return Changes(removed=len(gone), passages=number_in(rows, "SELECT count(*) FROM passages"))

    def compact(self, *, approximate: bool | None = None) -> None:
        """Give back the space of what was removed.

        Args:
            approximate: Whether near vectors are found by a graph from now on; by default as before.
        """
        if approximate is not None:
            with self.database.writing() as rows:
                info = self._info(rows)
                rows.execute("DROP INDEX IF EXISTS graph")
                changed = {**asdict(info), "skipped": (), "approximate": approximate}
                rows.execute("UPDATE facts SET value = %s WHERE name = 'info'", [json.dumps(changed)])
                if approximate:
                    _make_graph(rows, info)
        with self.database.plain() as rows:
            rows.execute("VACUUM (ANALYZE) documents")
            rows.execute("VACUUM (ANALYZE) passages")

    def facts(self) -> IndexFacts:
        """Describe the index."""
        sources = self.sources
        with self.database.reading() as rows:
            return IndexFacts(
                self.folder,
                self._info(rows),
                documents=number_in(rows, "SELECT count(*) FROM documents WHERE problem IS NULL"),
                passages=number_in(rows, "SELECT count(*) FROM passages"),
                dimensions=number_in(rows, "SELECT coalesce(max(vector_dims(vector)), 0) FROM passages"),
                segments=0,
                graphs=number_in(rows, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('graph')"),
                unused=0,
                bytes=number_in(
                    rows, "SELECT pg_total_relation_size('passages') + pg_total_relation_size('documents')"
                ),
                sources=sources,
                fields={
                    key: sorted(kinds) for key, kinds in sorted((passage_fields_in(rows) | fields_in(rows)).items())
                },
            )

    def _info(self, rows: Connection[Any]) -> IndexInfo:
        """Return how the index was made, which may not change while it is open."""
        info = info_in(rows, self.folder)
        made = info.encoder_name, info.model_key, info.compute_dtype
        if made != (self._made or made):
            raise BadData(f"{self.folder} was made anew with {info.encoder_name} meanwhile; open it again")
        self._made = made
        return info

    def _check_room(self, rows: Connection[Any], overwrite: bool) -> None:
        """Refuse to replace the schema of another program, or an index that may not be replaced."""
        name = self.database.schema
        there = number_in(rows, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", [name])
        if there and not number_in(rows, "SELECT count(to_regclass(%s))", [f"{name}.facts"]):
            raise BadOutput(f"{self.folder} is another program's schema and will not be replaced; choose another #")
        if there and not overwrite:
            raise BadOutput(f"{self.folder} exists; choose another name after the #, or add --overwrite")

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
        """Find the passages that answer each query; see ``PassageIndex.search``."""
        return [hits for hits, _ in self.find(queries, vectors, k, mode=mode, where=where)]

    def find(
        self, queries: Sequence[str], vectors: FloatArray, k: int, *, mode: Mode = "hybrid", where: str | None = None
    ) -> list[tuple[list[Hit], FloatArray]]:
        """Find as ``search`` does, and give the (K, D) vectors of the hits of each query too."""
        check_search(k, mode)
        with self.database.reading() as rows:
            info = self._info(rows)
            condition = None if where is None else filter_of(rows, where)
            depth = k if mode != "hybrid" else max(k, DEPTH)
            answers = []
            for query, vector in zip(queries, vectors, strict=True):
                near = [] if mode == "words" else nearest(rows, info, vector, depth, condition)
                worded = {} if mode == "dense" else by_words(rows, query, depth, condition)
                best = [passage for passage, _ in fuse([near, list(worded)])[:k]]
                answers.append(answer_of(rows, info, vector, best, {*near}, worded))
            return answers


def _make_graph(rows: Connection[Any], info: IndexInfo) -> None:
    width = number_in(rows, "SELECT coalesce(max(vector_dims(vector)), 0) FROM passages")
    if width > LONGEST_INDEXED:
        raise UsageError(f"vectors have {width} dimensions, and a graph of pgvector takes 2,000; leave approximate out")
    kind = "vector_cosine_ops" if info.similarity == "cosine" else "vector_ip_ops"
    rows.execute(f"CREATE INDEX graph ON passages USING hnsw (vector {kind})")
