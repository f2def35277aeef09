"""Pairs that are to be scored: of a file, of standard input, or given in memory; a label is not asked for."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from siamese_text.data.columns import OPTIONAL, REQUIRED, Columns, find_columns, read_columns, text_cells
from siamese_text.data.given import checked_sides, table_of
from siamese_text.data.known_columns import OURS, SIDES, known_columns
from siamese_text.data.tables import SEPARATORS, SUFFIXES, Table, open_table
from siamese_text.errors import BadData, MissingInput, NothingToDo
from siamese_text.process import allow_long_cells
from siamese_text.records import Pair, UnlabelledPairs
from siamese_text.text.decoding import marked_encoding
from siamese_text.warn import warn_user

STDIN = "standard input"
START = 2**16  # bytes of a file in which its first row ends
ID = "id"


def load_unlabelled(source: Any, *, columns: Columns = None) -> UnlabelledPairs:
    """Load the pairs of a table that are to be scored.

    Args:
        source: A file, or data in memory with named columns, as ``table_of`` takes it. A file of tab-separated lines,
            or of other rows of two cells, needs no header.
        columns: What a column is called there and what it is here.

    Returns:
        All rows with two texts; the others are counted.

    Raises:
        MissingInput: There is no such file.
        BadData: The file cannot be parsed, or has not the two columns.
        NothingToDo: There are no rows, or none is usable.
    """
    if isinstance(source, str | Path) and _lacks_header(Path(source), read_columns(columns)):
        return _load_text(_decode(Path(source).read_bytes(), str(source)), str(source), columns)
    return read_unlabelled(_open(source), columns)


def load_piped(*, columns: Columns = None) -> UnlabelledPairs:
    """Load the pairs of standard input that are to be scored.

    They may be what files hold: JSON lines, or rows with tabs, commas or semicolons between cells, quoted where needed.
    A header names the columns as in a file; without one, the first two cells of each row are the texts.

    Args:
        columns: What a column is called there and what it is here.

    Returns:
        All rows with two texts; the others, without the blank ones, are counted.

    Raises:
        BadData: The bytes are not UTF-8, nor UTF-16 with a mark, or cannot be parsed.
        NothingToDo: No row holds two texts.
    """
    text = sys.stdin.read() if not hasattr(sys.stdin, "buffer") else _decode(sys.stdin.buffer.read(), STDIN)
    return _load_text(text, STDIN, columns)


def _load_text(text: str, name: str, columns: Columns) -> UnlabelledPairs:
    suffix, text = _as_file(text.removeprefix("\ufeff"), name, read_columns(columns))
    with TemporaryDirectory(prefix="siamese-text-") as folder:  # the reader of files reads a table twice
        path = Path(folder) / f"piped{suffix}"
        path.write_text(text, encoding="utf-8", newline="")
        return read_unlabelled(open_table(path, all_columns=True, name=name), columns)


def read_unlabelled(table: Table, columns: Columns = None) -> UnlabelledPairs:
    """Read the rows of a table that hold two texts.

    Args:
        table: The table.
        columns: What a column is called there and what it is here.

    Returns:
        These rows; the others are counted.

    Raises:
        BadData: A row cannot be parsed, or a column is missing.
        NothingToDo: No row holds two texts.
    """
    renames = known_columns(table, read_columns(columns))
    found = find_columns(table, renames, (*REQUIRED[:2], ID, "label", *OPTIONAL), REQUIRED[:2])
    read = [column for column in (*REQUIRED[:2], ID) if column in found]
    kept: list[tuple[Pair, int, Any]] = []
    count = 0
    for count, (*sides, key) in enumerate(_with_key(table, [found[column] for column in read]), start=1):
        left, right = text_cells(sides, count, table.name)
        if left.strip() and right.strip():
            kept.append((Pair(left, right), count, _plain(key)))
    if not kept:
        raise NothingToDo(f"none of the {count} rows of {table.name} holds two texts")
    pairs, rows, ids = map(tuple, zip(*kept, strict=True))
    dropped = {"empty text": count - len(kept)} if len(kept) < count else {}
    return UnlabelledPairs(pairs, rows, ids if ID in found else (), dropped)


def given_sides(data: Any) -> list[tuple[str, str]]:
    """Return the two texts of every row of data in memory with named columns, each of which is to be answered.

    Args:
        data: What ``is_table`` says has named columns.

    Returns:
        The texts of each row, none of them empty.

    Raises:
        UsageError: A text is empty or missing; the message names the row.
        BadData: It has not the two columns.
        NothingToDo: There are no rows.
    """
    table = table_of(data)
    found = find_columns(table, known_columns(table, {}), REQUIRED[:2], REQUIRED[:2])
    return [checked_sides(cells, number) for number, cells in enumerate(table.rows(list(found.values())), start=1)]


def _open(source: Any) -> Table:
    """Open a file, or return data in memory as a table."""
    if not isinstance(source, str | Path):
        given: Table = table_of(source)
        return given
    path = Path(source)
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise MissingInput(f"{path} {problem}; give a file of pairs ({' '.join(SUFFIXES)}), or - for standard input")
    return open_table(path, all_columns=True)


def _with_key(table: Table, columns: Sequence[str]) -> Any:
    """Yield the cells of each row, with an empty id where there is none."""
    for cells in table.rows(columns):
        yield cells if len(columns) == 3 else (*cells, None)


def _plain(key: Any) -> Any:
    """Return an id as one of JSON's own values."""
    return key if key is None or isinstance(key, str | int | float) else str(key)


def _lacks_header(path: Path, renames: Mapping[str, str]) -> bool:
    """Say whether a file of rows begins with two texts, which no names of columns are taken for."""
    if path.suffix not in (".csv", ".tsv") or not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(START)
    lines = start.decode(marked_encoding(start) or "utf-8", "ignore").removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    rows = [next(csv.reader([first], delimiter=separator), []) for separator in ("\t", *SEPARATORS)]
    cells = max(rows, key=len)
    sentences = any(len(cell.split()) > 3 or cell.rstrip().endswith((".", "?", "!")) for cell in cells)
    return len(cells) == 2 and sentences and not _is_header(cells, renames)


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode(marked_encoding(data) or "utf-8")
    except UnicodeError as error:
        raise BadData(f"{name} cannot be read ({error}); give it as UTF-8") from error


def _as_file(text: str, name: str, renames: Mapping[str, str]) -> tuple[str, str]:
    """Return the ending of a file with such text, and the text with a header, so that the reader of files reads it."""
    allow_long_cells()
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise NothingToDo(f"{name} holds no rows; give two texts a line with a tab between")
    if _is_object(lines[0]):
        return ".jsonl", text
    first = lines[1] if lines[0].startswith("sep=") and lines[1:] else lines[0]
    for separator in ("\t", *SEPARATORS):
        if _is_header(next(csv.reader([first], delimiter=separator), []), renames):
            return ".tsv" if separator == "\t" and first is lines[0] else ".csv", text
    for separator in SEPARATORS if "\t" not in lines[0] else ():
        if all(len(row) == 2 for row in csv.reader(text.splitlines(keepends=True), delimiter=separator) if row):
            warn_user(f"{name} has no header and no tab; each row is read as two texts with a {separator} between")
            return ".csv", separator.join(REQUIRED[:2]) + "\n" + text
    if "\t" in text:
        width = max(line.count("\t") for line in lines)
        # Columns without a name are nobody's, so further cells are let pass.
        return ".tsv", "\t".join(REQUIRED[:2]) + "\t" * (width - 1) + "\n" + text
    raise NothingToDo(f"none of the {len(lines)} lines of {name} holds two texts with a tab between")


def _is_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_header(cells: Sequence[str], renames: Mapping[str, str]) -> bool:
    """Return whether cells are names of columns: both sides of pairs, or names that are renamed to them."""
    names = {renames.get(cell.strip(), cell.strip()).casefold() for cell in cells}
    return any(set(sides) <= names for sides in SIDES) or len(names & set(OURS)) > 1
