"""The folder of an index: who reads it, who writes it, and what stands in its files.

index.json       the number of the format, for versions that read another one
passages.sqlite  sources, documents, passages with their texts, and which vectors are theirs
vectors-7.npy    segments of vectors, none of which ever changes (``stores/segments.py``)
graph-7.faiss    how those of a large segment are found quickly, if that was asked for (``stores/approximate.py``)
lock             held by the process that writes

A writer writes new vectors first, then commits one transaction, then deletes vectors that nobody needs: whatever it is
killed at, the index is the old one or the new one. Readers see what was committed when they began.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.errors import BadData, BadOutput, MissingInput
from siamese_text.records import ComputeDtype, Document
from siamese_text.search.sources import DATABASE, HEADER
from siamese_text.search.stores.base import Similarity, check_similarity
from siamese_text.search.stores.precision import Precision, check_precision
from siamese_text.search.stores.segments import DRAFTS, GRAPHS, SEGMENTS, Segment

LOCK = "lock"
FORMAT = 3
PATIENCE_S = 60  # for SQLite in another process
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sources (id INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE, settings TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, name TEXT NOT NULL UNIQUE, digest TEXT, format TEXT,
    problem TEXT, metadata TEXT NOT NULL);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    segment INTEGER NOT NULL, row INTEGER NOT NULL);
CREATE TABLE segments (id INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, sha256 TEXT NOT NULL,
    graph_sha256 TEXT NOT NULL DEFAULT '', effort INTEGER NOT NULL DEFAULT 0);
CREATE INDEX documents_of_source ON documents (source);
CREATE INDEX passages_of_document ON passages (document);
CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'porter unicode61 remove_diacritics 2');
"""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """How an index was made: what has to be known before the encoder for its queries can be loaded.

    Attributes:
        encoder_name: The model that encoded the passages, as it was named then.
        similarity: What ``Hit.similarity`` is: ``cosine`` or ``dot``.
        words: The length asked of a passage, in words.
        skipped: The documents that are not in the index, each with its problem.
        compute_dtype: The number format in which the encoder multiplied; queries are encoded in the same.
        model_key: A hash of all that the vectors of the encoder depend on; empty where nobody knows it.
        precision: What is kept of each number of a vector: ``float32``, ``float16`` or ``int8``.
        approximate: Whether large segments have a graph, by which near vectors are found quickly and nearly all.
    """

    encoder_name: str
    similarity: Similarity = "cosine"
    words: int = 120
    skipped: tuple[Document, ...] = ()
    compute_dtype: ComputeDtype = "fp32"
    model_key: str = ""
    precision: Precision = "float32"
    approximate: bool = False

    def __post_init__(self) -> None:
        check_similarity(self.similarity)
        check_precision(self.precision)


class IndexFolder:
    """The files of an index, for any number of threads.

    Args:
        folder: Where they are.

    Raises:
        MissingInput: It is no index.
        BadData: It is of another format, or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder.absolute() / DATABASE
        self._mine = threading.local()
        _check_format(folder)

    def __reduce__(self) -> tuple[type[IndexFolder], tuple[Path]]:
        """Return what a copy in another process is made of: the path."""
        return IndexFolder, (self.folder,)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the index until the block ends.

        Raises:
            MissingInput: The file is not there.
            BadData: The file is damaged.
        """
        with self._reporting():
            if getattr(self._mine, "process", None) != os.getpid():  # SQLite's connections do not survive a fork
                self._mine.rows, self._mine.process = _connect_to_read(self.path), os.getpid()
            rows: sqlite3.Connection = self._mine.rows
            rows.execute("BEGIN")
            try:
                yield rows
            finally:
                with suppress(sqlite3.Error):
                    rows.execute("ROLLBACK")

    def forget(self) -> None:
        """Open the files anew at the next reading: another index has taken their place."""
        self._mine = threading.local()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection to write by, outside of any transaction, that no other process has meanwhile.

        Raises:
            BadOutput: Another process writes, or the system refuses to.
            BadData: The file is damaged.
        """
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / LOCK, timeout=0), self._reporting():
                rows = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", PATIENCE_S, isolation_level=None, uri=True)
                try:
                    self._clean(rows)
                    try:
                        yield rows
                    finally:  # of a change that failed nothing is left, which counts on a full disk
                        self._clean(rows)
                    # Everything into the one file, as far as nobody reads: what is copied by then is whole.
                    rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                finally:
                    rows.close()
        except Timeout as error:
            raise BadOutput(f"another process writes to {self.folder}; wait for it") from error
        except OSError as error:
            raise BadOutput(f"{self.folder} cannot be written: {error.strerror or error}; it is as it was") from error

    def _clean(self, rows: sqlite3.Connection) -> None:
        """Delete vectors that the index does not know, which a writer that was killed or the last change left."""
        known = {name for segment in segments_of(rows) for name in segment.files}
        for pattern in (SEGMENTS, GRAPHS, *DRAFTS):
            for path in self.folder.glob(pattern):
                if path.name not in known:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn what SQLite says into a line that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if not self.path.exists():
                raise MissingInput(f"{self.path} is missing, so the index is not whole; build it again") from error
            if not str(error).startswith("no such"):  # table: it is another program's, or empty
                raise BadOutput(f"{self.folder} cannot be used: {error}; it is as it was") from error
            raise self._damaged(error) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> BadData:
        return BadData(f"{self.path} is damaged ({error}); build the index again")


@contextmanager
def replacing(folder: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield an empty folder for an index, which takes its place when the block ends without an error.

    Args:
        folder: Where it is to be.
        overwrite: Whether an index that is there may be replaced.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it is not an index, or it cannot be written.
    """
    check_output(folder, overwrite=overwrite)
    if folder.exists() and not (folder / HEADER).is_file():
        raise BadOutput(f"{folder} is not an index and will not be replaced; choose another output")
    with atomic_folder(folder) as draft:
        try:
            yield draft
        except BadOutput as error:  # nobody has heard of the draft
            raise BadOutput(str(error).replace(str(draft), str(folder))) from error


def write_header(folder: Path) -> None:
    """Write the file that says which format this is."""
    (folder / HEADER).write_text(json.dumps({"format": FORMAT}) + "\n", encoding="utf-8")


def make(folder: Path, info: IndexInfo) -> None:
    """Write the files of an index without passages into an empty folder.

    Raises:
        BadOutput: The system refused to write.
    """
    try:
        write_header(folder)
        with closing(sqlite3.connect(folder / DATABASE)) as rows:
            rows.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
            rows.executescript(_SCHEMA)
            rows.executemany("INSERT INTO facts VALUES (?, ?)", [("maker", json.dumps(token_hex(8))), ("change", "0")])
            write_info(rows, info)
            rows.commit()
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadOutput(f"{folder} cannot be written: {reason}; choose another output") from error


def read_info(folder: Path) -> IndexInfo:
    """Read how a saved index was made, without its passages and vectors.

    Args:
        folder: The folder of an index.

    Returns:
        The description; its ``encoder_name`` says which encoder queries are encoded with.

    Raises:
        MissingInput: The folder is not an index.
        BadData: It is damaged or of another format.
    """
    with IndexFolder(folder).reading() as rows:
        return info_of(rows)


def write_info(rows: sqlite3.Connection, info: IndexInfo) -> None:
    """Write how an index is made, without what is not in it, which stands with its documents."""
    rows.execute("INSERT OR REPLACE INTO facts VALUES ('info', ?)", (json.dumps({**asdict(info), "skipped": ()}),))


def info_of(rows: sqlite3.Connection) -> IndexInfo:
    """Return how an index was made, and what is not in it."""
    info = json.loads(rows.execute("SELECT value FROM facts WHERE name = 'info'").fetchone()[0])
    skipped = rows.execute("SELECT name, format, problem FROM documents WHERE problem IS NOT NULL ORDER BY name")
    documents = tuple(Document(name, format=kind, problem=problem) for name, kind, problem in skipped)
    return IndexInfo(**info | {"skipped": documents})


def segments_of(rows: sqlite3.Connection) -> list[Segment]:
    """Return the segments of an index, by their numbers."""
    return [
        Segment(*row) for row in rows.execute("SELECT id, rows, sha256, graph_sha256, effort FROM segments ORDER BY id")
    ]


def stamp_of(rows: sqlite3.Connection) -> tuple[str, ...]:
    """Return what differs from every other state of this index, and of any other index."""
    return tuple(value for (value,) in rows.execute("SELECT value FROM facts WHERE name <> 'info' ORDER BY name"))


def _check_format(folder: Path) -> None:
    path = folder / HEADER
    try:
        number = json.loads(path.read_text(encoding="utf-8"))["format"] + 0
    except FileNotFoundError as error:
        raise MissingInput(f"{path} is missing, so {folder} is not an index; build the index first") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadData(f"{path} is not a file of an index or is damaged ({error}); build the index again") from error
    if number > FORMAT:
        raise BadData(
            f"{folder} has index format {number}, this version reads format {FORMAT}; "
            "update siamese-text or build the index again"
        )
    if number < FORMAT:
        raise BadData(
            f"{folder} has index format {number} of an earlier version; build the index again: "
            f"siamese-text index DOCUMENTS -o {folder} --overwrite"
        )


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the file to read; where the folder may not be written, as one that nobody else writes either."""
    if not path.exists():
        raise MissingInput(f"{path} is missing, so the index is not whole; build the index again")
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        try:
            rows = sqlite3.connect(f"{path.as_uri()}?{mode}", PATIENCE_S, isolation_level=None, uri=True)
            rows.execute("SELECT value FROM facts").fetchall()
            return rows
        except sqlite3.OperationalError as error:
            log = path.with_name(f"{path.name}-wal")
            if "unable to open" not in str(error) or mode.endswith("immutable=1") or _holds_something(log):
                raise
    raise AssertionError("the second mode returned or raised")


def _holds_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
