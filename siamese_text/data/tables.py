"""Tables in files, read row by row: CSV, TSV, JSON lines and Parquet, in one way for every command.

A cell keeps its text: ``None``, ``007`` and dates stay what they were written as. A cell that is not there, since its
row is shorter than the header or its object has no such key, is None. Columns without a name are nobody's.
"""

from __future__ import annotations

import csv
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from siamese_text.data.cells import HALF_CHARACTER
from siamese_text.data.shard_layout import VECTOR_COLUMN, is_shard_folder, whole_parts
from siamese_text.data.source import opened
from siamese_text.errors import BadData, NothingToDo
from siamese_text.process import allow_long_cells
from siamese_text.text.decoding import marked_encoding

SUFFIXES = (".jsonl.gz", ".jsonl", ".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz")
SEPARATORS = (",", ";", "\t")  # of a CSV file, the likeliest first
PARQUET_ROWS = 1024  # decoded at a time
LONGEST_QUOTED = 2**24  # characters of a row in quotes; what is longer began with a quote that was not one
INDEX_COLUMN = re.compile(r"__index_level_\d+__")  # what pandas calls the nameless index in Parquet

# A row of tab-separated cells as csv.writer, pandas and spreadsheets write it: what holds a quote, a tab or a line end
# stands in quotes, and quotes in it are doubled. Text with quotes that was written plainly hardly ever looks like this.
_QUOTED_CELL = r'(?:"(?:[^"]|"")*+"|[^"\t\r\n]*+)'
_QUOTED_ROW = re.compile(rf"{_QUOTED_CELL}(?:\t{_QUOTED_CELL})*+[\r\n]*")
_SEPARATOR_LINE = re.compile(r'(?P<quote>"?)sep=(?P<separator>[^\w"])(?P=quote)\s*')  # what Excel writes, and reads


class Table(Protocol):
    """Rows with named columns.

    Attributes:
        name: Where the rows are read from, for messages.
        columns: The names of the columns, without white space around them.
    """

    name: str
    columns: Sequence[str]

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of some columns for each row, from the first."""
        ...


class FileTable(ABC):
    """A table in a file, of which only the head is read before its rows are asked for.

    Attributes:
        path: The file.
        name: The path, or what it is called in messages.
        columns: The names of its columns, without white space around them.
        texts: Those of them that hold texts, as far as the head tells.
        total: How much there is to read: bytes, or rows of Parquet.
        read: How much of it was read.
    """

    columns: Sequence[str]
    texts: Sequence[str]

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.name = name or str(path)
        self.total = path.stat().st_size
        self.read = 0

    @abstractmethod
    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of some columns for each row, from the first.

        Raises:
            BadData: The file is damaged; the message names the place.
        """


def open_table(path: Path, *, all_columns: bool = False, name: str | None = None) -> FileTable:
    """Open a table and read the names of its columns.

    Args:
        path: A file with one of ``SUFFIXES``, or a folder of shards that ``embed`` wrote.
        all_columns: Whether to look for columns that the first row lacks, for which JSON lines are read twice.
        name: What messages call it; by default the path.

    Returns:
        The table.

    Raises:
        BadData: The ending is another one, or the file is damaged.
        MissingInput: The file cannot be read.
        NothingToDo: There are no rows.
    """
    if is_shard_folder(path):
        return Shards(path, name)
    ending = path.name.lower()
    if ending.endswith(".parquet"):
        return Parquet(path, name)
    if ending.endswith((".jsonl", ".jsonl.gz")):
        return JsonLines(path, name, all_columns=all_columns)
    if ending.endswith(SUFFIXES):
        return Separated(path, name)
    if ending.endswith(".parquet.gz"):
        raise BadData(f"{path} is a compressed Parquet file; unpack it, Parquet is compressed by itself")
    raise BadData(f"{path} cannot be read as a data set; endings allowed: {' '.join(SUFFIXES)}")


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the cells of a file are written; ``quoting`` is ``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``.

    ``declared`` says that the first line tells the separator, as spreadsheets write it, and is no row.
    """

    encoding: str
    separator: str
    quoting: Literal[0, 3]
    declared: bool


class Separated(FileTable):
    """CSV or TSV in UTF-8, or in UTF-16 with a mark; with commas, or as some countries write it with semicolons."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        super().__init__(path, name)
        allow_long_cells()
        self._dialect = self._find_dialect()
        self._width = 0
        with opened(path) as (file, _):
            cells = self._cells(file)
            header = next(cells, [])
            self._width = len(header)
            if next(cells, None) is None:
                raise NothingToDo(f"{self.name} holds no rows")
        self._places = _places(self.name, header)
        self.columns = self.texts = tuple(self._places)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of each row that is not a blank line."""
        places = [self._places[column] for column in columns]
        with opened(self.path) as (file, raw):
            cells = self._cells(file)
            next(cells)
            for number, row in enumerate(cells, start=1):
                if any(row[self._width :]):  # spreadsheets end rows with separators too many, or too few
                    raise BadData(
                        f"row {number} of {self.name} has {len(row)} cells, not {self._width}; put cells that hold "
                        f"a {_SEPARATOR_NAMES.get(self._dialect.separator, self._dialect.separator)} in quotes"
                    )
                self.read = raw.tell()
                yield tuple(row[place] if place < len(row) else None for place in places)

    def _cells(self, file: IO[bytes]) -> Iterator[list[str]]:
        """Yield the cells of the header and of each row."""
        lines = io.TextIOWrapper(file, encoding=self._dialect.encoding, newline="")
        if self._dialect.declared:
            next(lines)
        # The blank line at the end is a row without cells, unless a quote that is still open swallows it.
        reader = csv.reader(chain(lines, ["\n"]), delimiter=self._dialect.separator, quoting=self._dialect.quoting)
        number = -1
        row: list[str] = []
        try:
            for row in reader:
                if row and (len(row) > 1 or row[0].strip() or self._width == 1):
                    number += 1
                    yield row
        except UnicodeError as error:
            raise self._undecodable(error) from error
        except csv.Error as error:
            raise BadData(f"line {reader.line_num + 1} of {self.name} cannot be read ({error}); repair it") from error
        if row:
            raise BadData(f"the quote that opens in row {number} of {self.name} is never closed; repair it")

    def _find_dialect(self) -> _Dialect:
        """Tell encoding, separator and quotes by the file's name and head, and the quotes of TSV by all of it."""
        with opened(self.path) as (file, _):
            encoding = marked_encoding(file.read(4)) or "utf-8"
        with opened(self.path) as (file, _):
            lines = io.TextIOWrapper(file, encoding=encoding, newline="")
            try:
                header = next(lines, "")
                declared = _SEPARATOR_LINE.fullmatch(header)
                separator = declared["separator"] if declared else _find_separator(self.path, header)
                plain = separator == "\t" and not _is_quoted(chain([header], lines))
            except UnicodeError as error:
                raise self._undecodable(error) from error
        return _Dialect(encoding, separator, csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL, bool(declared))

    def _undecodable(self, error: UnicodeError) -> BadData:
        return BadData(f"{self.name} cannot be read ({error}); save it as UTF-8")


_SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}


def _find_separator(path: Path, header: str) -> str:
    """Return what stands between cells: a tab in TSV, and in CSV the first of ``SEPARATORS`` that cuts the header."""
    if path.name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    cutting = (mark for mark in SEPARATORS if len(next(csv.reader([header], delimiter=mark), [])) > 1)
    return next(cutting, SEPARATORS[0])


def _is_quoted(lines: Iterable[str]) -> bool:
    """Tell whether tab-separated cells with quotes, tabs and line ends in them were put in quotes.

    The media type of TSV knows no quotes, and the published paraphrase sets are written so; pandas and spreadsheets
    do write them. Every row of the file has to look like theirs.
    """
    row: list[str] = []
    size = 0
    is_open = False
    for line in lines:
        if not row and '"' not in line:
            continue
        row.append(line)
        size += len(line)
        is_open ^= line.count('"') % 2 == 1  # an odd number so far: a line end in quotes, the row goes on
        if is_open and size <= LONGEST_QUOTED:
            continue
        if is_open or not _QUOTED_ROW.fullmatch("".join(row)):
            return False
        row, size = [], 0
    return not is_open


class JsonLines(FileTable):
    """A JSON object a line, in UTF-8."""

    def __init__(self, path: Path, name: str | None = None, *, all_columns: bool = False) -> None:
        super().__init__(path, name)
        with opened(path) as (file, _):
            objects = self._objects(file)
            _, first = next(objects, (0, None))
            if first is None:
                raise NothingToDo(f"{self.name} holds no rows")
            keys = dict.fromkeys(first)
            if all_columns:
                for _, row in objects:
                    keys.update(dict.fromkeys(row))
        spelled = list(keys)
        self._keys = {name: spelled[place] for name, place in _places(self.name, spelled).items()}
        self.columns = tuple(self._keys)
        self.texts = tuple(name for name, key in self._keys.items() if isinstance(first.get(key), str))

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the values of each object."""
        keys = [self._keys[column] for column in columns]
        with opened(self.path) as (file, raw):
            for number, row in self._objects(file):
                cells = tuple(map(row.get, keys))
                if any(isinstance(cell, str) and HALF_CHARACTER.search(cell) for cell in cells):
                    raise BadData(
                        f"line {number} of {self.name} holds half a character (\\ud800 to \\udfff); repair it"
                    )
                self.read = raw.tell()
                yield cells

    def _objects(self, file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except ValueError as error:
                raise BadData(f"line {number} of {self.name} is not JSON in UTF-8 ({error}); repair it") from error
            if not isinstance(row, dict):
                raise BadData(f"line {number} of {self.name} is not a JSON object; write one a line")
            yield number, row


class Parquet(FileTable):
    """A Parquet file, of which the columns that are asked for are read a thousand rows at a time."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        from pyarrow import types

        super().__init__(path, name)
        with self._file() as file:
            schema, self.total = file.schema_arrow, file.metadata.num_rows
        names = ["" if INDEX_COLUMN.fullmatch(name) else name for name in schema.names]
        self._names = {name: names[place] for name, place in _places(self.name, names).items()}
        self.columns = tuple(self._names)
        self.kinds = {name: schema.field(spelled).type for name, spelled in self._names.items()}
        self.texts = tuple(name for name, kind in self.kinds.items() if _holds_texts(kind, types))
        if not self.total:
            raise NothingToDo(f"{self.name} holds no rows")

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of each row."""
        names = [self._names[column] for column in columns]
        self.read = 0
        with self._file() as file:
            for batch in file.iter_batches(PARQUET_ROWS, columns=names):
                self.read += batch.num_rows
                yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)

    @contextmanager
    def _file(self) -> Iterator[Any]:
        import pyarrow
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                yield file
        except (pyarrow.ArrowException, OSError) as error:
            reason = str(error).partition("\n")[0]
            raise BadData(f"{self.name} cannot be read as Parquet ({reason}); save it anew") from error


class Shards(FileTable):
    """A folder of shards as one table of ids and texts; its vectors are no column of it."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        super().__init__(path, name)
        self._parts = [Parquet(part) for part in whole_parts(path)]
        self.columns = tuple(column for column in self._parts[0].columns if column != VECTOR_COLUMN)
        self.texts = tuple(column for column in self._parts[0].texts if column != VECTOR_COLUMN)
        self.total = sum(part.total for part in self._parts)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of each row of one shard after the other."""
        self.read = 0
        for part in self._parts:
            for row in part.rows(columns):
                self.read += 1
                yield row


def _places(table: str, names: Sequence[str]) -> dict[str, int]:
    """Map the names of columns, without white space around them, to their places; leave out those without a name.

    Raises:
        BadData: Two columns have the same name.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(map(str.strip, names)):
        if name in places:
            raise BadData(f"{table} has two columns '{name}'; rename one of them")
        if name:
            places[name] = place
    return places


def _holds_texts(kind: Any, types: Any) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))
