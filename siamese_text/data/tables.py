"""Tables read row by row: CSV, TSV, JSON lines, Parquet. The cells keep their text, as ``train`` reads them too."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from siamese_text.data.source import Row, Source, file_state, opened
from siamese_text.errors import BadData, NothingToDo
from siamese_text.records import Document
from siamese_text.text.separated import separator_and_quoting

ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
DEFAULT_COLUMN = "text"
PARQUET_ROWS = 1024  # decoded at a time
HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON can name them, no encoding can write them


def open_table(path: Path, column: str | None) -> Source:
    """Open a table and find the column with its texts.

    Args:
        path: A file with one of ``ENDINGS``; all but Parquet may be compressed (``.gz``).
        column: The column; by default ``text``, or the only one with texts.

    Returns:
        The source.

    Raises:
        BadData: The file is damaged, or the column cannot be found.
        NothingToDo: The table has no rows.
    """
    name = path.name.lower()
    if name.endswith(".parquet"):
        return Parquet(path, column)
    if name.endswith((".jsonl", ".jsonl.gz")):
        return JsonLines(path, column)
    if name.endswith(".parquet.gz"):
        raise BadData(f"{path} is a compressed Parquet file; unpack it, Parquet is compressed by itself")
    return Separated(path, column)


def choose_column(path: Path, columns: Sequence[str], texts: Sequence[str], wanted: str | None) -> str:
    """Return the column to read.

    Args:
        path: The table, for the message.
        columns: All its columns.
        texts: Those that hold texts.
        wanted: The one that the user named.

    Returns:
        One of ``columns``.

    Raises:
        BadData: None can be chosen; the message lists those found.

    Example:
        >>> choose_column(Path("a.csv"), ["id", "body"], ["body"], None)
        'body'
    """
    found = ", ".join(columns) or "none"
    if wanted is not None:
        if wanted not in columns:
            raise BadData(f"{path} has no column '{wanted}'; its columns: {found}")
        return wanted
    if DEFAULT_COLUMN in texts:
        return DEFAULT_COLUMN
    if len(texts) == 1:
        return texts[0]
    raise BadData(f"{path} has the columns {found}; say which one holds the texts: --column NAME")


class _Table:
    """What the tables have in common: a file, its size, the column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.total: int | None = path.stat().st_size
        self.read = 0
        self.skipped: list[Document] = []
        self.column = ""

    def state(self) -> Mapping[str, Any]:
        """Return the column, and the file's size and time of change."""
        return {"column": self.column, **file_state(self.path)}


class Separated(_Table):
    """CSV or TSV."""

    def __init__(self, path: Path, column: str | None) -> None:
        super().__init__(path)
        csv.field_size_limit(2**31 - 1)  # the library's own limit is 128 kB a cell
        with opened(path) as (file, _):
            columns = next(self._cells(file), [])
        if not columns:
            raise NothingToDo(f"{path} holds no rows")
        self.column = choose_column(path, columns, columns, column)
        self._place = columns.index(self.column)
        self._width = len(columns)

    def rows(self) -> Iterator[Row]:
        """Yield the cell of each row that is not a blank line."""
        with opened(self.path) as (file, raw):
            cells = self._cells(file)
            next(cells)
            for number, row in enumerate(cells, start=1):
                if len(row) != self._width:
                    raise BadData(f"row {number} of {self.path} has {len(row)} cells, not {self._width}; repair it")
                self.read = raw.tell()
                yield row[self._place], None

    def _cells(self, file: IO[bytes]) -> Iterator[list[str]]:
        separator, quoting = separator_and_quoting(self.path.name)
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        reader = csv.reader(lines, delimiter=separator, quoting=quoting)
        try:
            yield from filter(None, reader)
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadData(f"line {reader.line_num + 1} of {self.path} cannot be read ({error}); repair it") from error


class JsonLines(_Table):
    """A JSON object a line."""

    def __init__(self, path: Path, column: str | None) -> None:
        super().__init__(path)
        with opened(path) as (file, _):
            _, first = next(self._objects(file), (0, None))
        if first is None:
            raise NothingToDo(f"{path} holds no rows")
        texts = [name for name, value in first.items() if isinstance(value, str)]
        self.column = choose_column(path, list(first), texts, column)

    def rows(self) -> Iterator[Row]:
        """Yield the value of each object; null is no text."""
        with opened(self.path) as (file, raw):
            for number, row in self._objects(file):
                if self.column not in row:
                    found = ", ".join(row)
                    raise BadData(f"line {number} of {self.path} has no '{self.column}'; it has: {found or 'none'}")
                value = row[self.column]
                if not isinstance(value, str | None):
                    kind = type(value).__name__
                    raise BadData(f"'{self.column}' in line {number} of {self.path} is {kind}; give a text or null")
                if value and HALF_CHARACTER.search(value):
                    raise BadData(
                        f"line {number} of {self.path} holds half a character (\\ud800 to \\udfff); repair it"
                    )
                self.read = raw.tell()
                yield value or "", None

    def _objects(self, file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except ValueError as error:
                raise BadData(f"line {number} of {self.path} is not JSON in UTF-8 ({error}); repair it") from error
            if not isinstance(row, dict):
                raise BadData(f"line {number} of {self.path} is not a JSON object; write one a line")
            yield number, row


class Parquet(_Table):
    """A column of a Parquet file, read a thousand rows at a time."""

    def __init__(self, path: Path, column: str | None) -> None:
        from pyarrow import types

        super().__init__(path)
        with self._file() as file:
            schema, self.total = file.schema_arrow, file.metadata.num_rows
        texts = [field.name for field in schema if _holds_texts(field.type, types)]
        self.column = choose_column(path, schema.names, texts, column)
        if self.column not in texts:
            raise BadData(
                f"'{self.column}' in {path} is {schema.field(self.column).type}, not text; "
                f"columns with texts: {', '.join(texts) or 'none'}"
            )
        if not self.total:
            raise NothingToDo(f"{path} holds no rows")

    def rows(self) -> Iterator[Row]:
        """Yield the cell of each row; null is no text."""
        self.read = 0
        with self._file() as file:
            for batch in file.iter_batches(PARQUET_ROWS, columns=[self.column]):
                self.read += batch.num_rows
                for value in batch.column(0).to_pylist():
                    yield value or "", None

    def _file(self) -> Any:
        import pyarrow
        from pyarrow import parquet

        try:
            return parquet.ParquetFile(self.path)
        except (pyarrow.ArrowException, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise BadData(f"{self.path} cannot be read as Parquet ({reason}); save it anew") from error


def _holds_texts(kind: Any, types: Any) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))
