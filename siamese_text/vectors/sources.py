"""Where the texts that become vectors come from: lines, documents, and the columns of tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from siamese_text import text
from siamese_text.data.given import is_table, table_of, texts_of
from siamese_text.data.source import Row, Source, file_state, opened
from siamese_text.data.tables import SUFFIXES, FileTable, Parquet, open_table
from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.records import Document
from siamese_text.text.readers import find_reader

STDIN = "-"
DEFAULT_COLUMN = "text"
LINES = ".txt"  # the one format of documents whose lines are texts of their own


def open_source(name: str, *, column: str | None = None, words: int = 120) -> Source:
    """Find out what a source holds, without reading more than its head.

    Args:
        name: A file of lines or rows, a document, a folder of documents, or ``-`` for lines from standard input.
            Lines and rows may be compressed (``.gz``).
        column: The column with the texts; by default ``text``, or the only one with texts.
        words: The length of a passage of a document, in words.

    Returns:
        The source.

    Raises:
        MissingInput: There is no such file.
        BadData: Its format is not known, or no column can be told to be the one with the texts.
        NothingToDo: It is a table without rows.
        UsageError: A column was named for what has no columns.
    """
    path = Path(name)
    if name != STDIN and not path.exists():
        raise MissingInput(f"{name} does not exist; give a file, a folder, or - for lines from standard input")
    ending = path.name.lower()
    if name != STDIN and not path.is_dir() and ending.endswith((*SUFFIXES, ".parquet.gz")):
        return Column(open_table(path), column)
    if column is not None:
        raise UsageError(f"{name} has no columns to take '{column}' from; leave --column out")
    if name == STDIN:
        return Lines(name)
    if path.is_dir() or (find_reader(path.suffix) and path.suffix.lower() != LINES):
        return Documents(path, words)
    if ending.endswith((".json", ".json.gz")):
        raise BadData(f"{name} is one JSON value; save it as JSON lines (.jsonl), one object a line")
    return Lines(name)


def given_source(data: Any, *, column: str | None = None) -> Source:
    """Return texts in memory as a source, or what ``open_source`` returns of a path.

    Args:
        data: A path; texts (a list, a Series, an array, a generator); or a table (a DataFrame, a ``datasets.Dataset``,
            a mapping of columns, mappings, what Arrow or Polars give).
        column: The column of a table; by default ``text``, or the only one with texts.

    Raises:
        UsageError: It is nothing of these, or a column was named for what has no columns.
        BadData: A column cannot be told.
        NothingToDo: There are no rows.
    """
    if not is_table(data):
        if column is not None:
            raise UsageError(f"{type(data).__name__} has no columns to take '{column}' from; leave column out")
        return Given(type(data).__name__, texts_of(data))
    table = table_of(data)
    texts = [
        name
        for name in table.columns
        if isinstance(next((cell for (cell,) in table.rows([name]) if cell is not None), None), str)
    ]
    chosen = choose_column(table.name, table.columns, texts, column)
    if chosen not in texts:
        raise BadData(f"'{chosen}' in {table.name} holds no texts; columns with texts: {', '.join(texts) or 'none'}")
    return Given(table.name, texts_of([cell for (cell,) in table.rows([chosen])], f"'{chosen}' in {table.name}"))


class Given:
    """Texts in memory; a missing one is the empty one."""

    def __init__(self, name: str, texts: Sequence[str]) -> None:
        self.name = name
        self.total: int | None = len(texts)
        self.read = 0
        self.skipped: list[Document] = []
        self._texts = texts

    def state(self) -> Mapping[str, Any]:
        """Return the number of texts, and a hash of them."""
        written = json.dumps(self._texts).encode()
        return {"texts": len(self._texts), "blake2b": blake2b(written).hexdigest()}

    def rows(self) -> Iterator[Row]:
        """Yield the texts."""
        for number, given in enumerate(self._texts, start=1):
            self.read = number
            yield given, None


class Lines:
    """A text on each line of a UTF-8 file, or of standard input."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.total = None if name == STDIN else Path(name).stat().st_size
        self.read = 0
        self.skipped: list[Document] = []

    def state(self) -> Mapping[str, Any] | None:
        """Return the file's size and time of change; None for standard input."""
        return None if self.name == STDIN else file_state(Path(self.name))

    def rows(self) -> Iterator[Row]:
        r"""Yield one text a line, without its line end, which is ``\n`` or ``\r\n``."""
        with _standard_input() if self.name == STDIN else opened(Path(self.name)) as (file, raw):
            for number, line in enumerate(file, start=1):
                try:
                    decoded = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise BadData(
                        f"line {number} of {self.name} is not UTF-8 ({error.reason}); save it as UTF-8"
                    ) from None
                if self.total is not None:
                    self.read = raw.tell()
                yield decoded.removesuffix("\n").removesuffix("\r"), None


class Column:
    """The texts in a column of a table; a cell without a text is the empty one.

    Args:
        table: The table.
        wanted: The column; by default ``text``, or the only one with texts.
    """

    def __init__(self, table: FileTable, wanted: str | None) -> None:
        self.name = table.name
        self.total: int | None = table.total
        self.read = 0
        self.skipped: list[Document] = []
        self.table = table
        self.column = choose_column(table.name, table.columns, table.texts, wanted)
        if isinstance(table, Parquet) and self.column not in table.texts:
            raise BadData(
                f"'{self.column}' in {table.name} is {table.kinds[self.column]}, not text; "
                f"columns with texts: {', '.join(table.texts) or 'none'}"
            )

    def state(self) -> Mapping[str, Any]:
        """Return the column, and the file's size and time of change."""
        return {"column": self.column, **file_state(self.table.path)}

    def rows(self) -> Iterator[Row]:
        """Yield the text of each row."""
        for number, (cell,) in enumerate(self.table.rows([self.column]), start=1):
            if not isinstance(cell, str | None):
                kind = type(cell).__name__
                raise BadData(f"'{self.column}' in row {number} of {self.name} is {kind}; give a text or null")
            self.read = self.table.read
            yield cell or "", None


def choose_column(table: str, columns: Sequence[str], texts: Sequence[str], wanted: str | None) -> str:
    """Return the column to read.

    Args:
        table: The name of the table, for messages.
        columns: All its columns.
        texts: Those that hold texts.
        wanted: The one that the user named.

    Returns:
        One of ``columns``.

    Raises:
        BadData: None can be chosen; the message lists those found.

    Example:
        >>> choose_column("a.csv", ["id", "body"], ["body"], None)
        'body'
    """
    found = ", ".join(columns) or "none"
    if wanted is not None:
        if wanted not in columns:
            raise BadData(f"{table} has no column '{wanted}'; its columns: {found}")
        return wanted
    if DEFAULT_COLUMN in texts:
        return DEFAULT_COLUMN
    if len(texts) == 1:
        return texts[0]
    raise BadData(f"{table} has the columns {found}; say which one holds the texts: --column NAME")


class Documents:
    """The passages of a document, or of all documents of a folder, one document in memory at a time."""

    def __init__(self, path: Path, words: int) -> None:
        if words < 1:
            raise UsageError(f"a passage of {words} words holds nothing; give 1 or more")
        self.name = str(path)
        self.words = words
        self.files = text.list_files(path) if path.is_dir() else [(path.name, path)]
        self.total: int | None = len(self.files)
        self.read = 0
        self.skipped: list[Document] = []

    def state(self) -> Mapping[str, Any]:
        """Return the number of files, and a hash of their names, sizes and times of change."""
        states = json.dumps([(name, file_state(path)) for name, path in self.files])
        return {"words": self.words, "files": len(self.files), "blake2b": blake2b(states.encode()).hexdigest()}

    def rows(self) -> Iterator[Row]:
        """Yield the passages of one document after the other; note those that cannot be read."""
        self.skipped.clear()
        for number, (name, path) in enumerate(self.files, start=1):
            document = text.read_file(path, name=name)
            self.read = number
            if document.problem is not None:
                self.skipped.append(document)
            for passage in text.stripped(text.passages(document, words=self.words)):
                yield passage.text, passage


@contextmanager
def _standard_input() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    yield sys.stdin.buffer, sys.stdin.buffer
