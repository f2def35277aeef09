"""Data that is given in memory: lists, generators, DataFrames, data sets and columns, each as a table like a file's.

No library is imported to recognise what is of it: who gives a DataFrame has pandas loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from reprlib import repr as short
from typing import Any

from siamese_text.data.cells import HALF_CHARACTER, cell_text, text_problem
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.records import Example, Pair

WRITTEN_OUT = ("to_pylist", "to_dicts")  # the methods that give the rows of Arrow's and Polars' tables as mappings
PAIR_COLUMNS = ("sentence1", "sentence2", "label", "kind")
ROWS = "pairs (text, text), with a label (text, text, 1), or mappings {column: value}"
TAKEN = f"a path, a known name, a pandas DataFrame, a datasets.Dataset, a mapping of columns, or rows: {ROWS}"


class GivenTable:
    """Columns in memory, as a table.

    Attributes:
        name: What messages call it.
        columns: The names of its columns, without white space around them.
    """

    def __init__(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        self.name = name
        self._cells: dict[str, Sequence[Any]] = {}
        for spelled, cells in columns.items():
            column = str(spelled).strip()
            if column in self._cells:
                raise BadData(f"{name} has two columns '{column}'; rename one of them")
            if column:
                self._cells[column] = cells
        self.columns = tuple(self._cells)
        lengths = {column: len(cells) for column, cells in self._cells.items()}
        if len(set(lengths.values())) > 1:
            raise UsageError(f"the columns of {name} differ in length: {lengths}; give each row all of them")
        self.size = max(lengths.values(), default=0)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of some columns for each row, from the first."""
        for number, cells in enumerate(zip(*(self._cells[column] for column in columns), strict=True), start=1):
            if any(isinstance(cell, str) and HALF_CHARACTER.search(cell) for cell in cells):
                raise BadData(f"row {number} of {self.name} holds half a character (\\ud800 to \\udfff); repair it")
            yield cells


class GivenData(str):
    """The name of data given in memory, which carries its tables and goes wherever the name of a data set does.

    Attributes:
        tables: The table of each split; ``train`` where there are no splits.
    """

    tables: Mapping[str, Any]

    def __new__(cls, name: str, tables: Mapping[str, Any]) -> GivenData:
        """Make a string that carries tables."""
        made = super().__new__(cls, name)
        made.tables = tables
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Return what a copy and a pickle are made of: the name alone, so that no rows are written with settings."""
        return str, (str(self),)


def as_source(data: Any) -> str | Path:
    """Return what loads data: a path or a name as it is, and anything else as a name that carries its rows.

    Args:
        data: A path, a name, or data in memory as ``table_of`` takes it; a ``DatasetDict`` gives a split each.

    Returns:
        The path or name, or ``GivenData``.

    Raises:
        UsageError: It is nothing of this kind; the message says what is taken.
        NothingToDo: There are no rows.
    """
    if isinstance(data, str | Path):
        return data
    name = type(data).__name__
    if _is_of(data, "datasets", "DatasetDict"):
        return GivenData(name, {split: table_of(part) for split, part in data.items()})
    return GivenData(name, {"train": table_of(data)})


def is_table(data: Any) -> bool:
    """Return whether data has named columns: a DataFrame, a data set, a mapping, a list of mappings, Arrow, Polars."""
    if isinstance(data, list | tuple):
        return bool(data) and isinstance(data[0], Mapping)
    if isinstance(data, Mapping) or any(hasattr(data, method) for method in WRITTEN_OUT):
        return True
    return _is_of(data, "pandas", "DataFrame") or _is_of(data, "datasets", "Dataset")


def table_of(data: Any) -> Any:
    """Return data in memory as a table.

    Args:
        data: A pandas DataFrame, a ``datasets.Dataset``, a mapping of columns, what has ``to_pylist`` or ``to_dicts``
            (Arrow and Polars), or rows of any number: a list, a Series, an array or a generator of ``Pair`` or
            ``Example`` records, of tuples of two texts with or without a label, or of mappings.

    Returns:
        The table, under the name of the type.

    Raises:
        UsageError: It is nothing of this kind; the message says what is taken.
        NothingToDo: There are no rows.
    """
    name = type(data).__name__
    if _is_of(data, "pandas", "DataFrame"):
        table: Any = _of_frame(data)
    elif _is_of(data, "datasets", "Dataset"):
        from siamese_text.data.hub import HubTable

        table = HubTable(data, name)
        if not len(data):
            raise NothingToDo(f"{name} holds no rows; give one or more")
        return table
    elif isinstance(data, Mapping):
        table = GivenTable(name, {column: list_of(cells) for column, cells in data.items()})
    else:
        table = GivenTable(name, _columns_of(_listed_rows(data), name))
    if not table.size:
        raise NothingToDo(f"{name} holds no rows; give one or more")
    return table


def sides_of(pairs: Any) -> list[tuple[str, str]]:
    """Return the two texts of pairs given row by row, each of which is to be answered.

    Args:
        pairs: ``Pair`` records, or tuples of two texts; a third value is a label, which is not read.

    Returns:
        The texts of each row, none of them empty.

    Raises:
        UsageError: It is no pair, or a text is empty, missing or none that can be written; the message names the row.
        NothingToDo: There are no pairs.
    """
    rows = _listed_rows(pairs)
    if not rows:
        raise NothingToDo("there are no pairs; give one or more")
    return [checked_sides(_cells_of(row, number, type(pairs).__name__), number) for number, row in enumerate(rows, 1)]


def checked_sides(cells: Sequence[Any], number: int) -> tuple[str, str]:
    """Return the two texts that begin a row, if both can be read.

    Raises:
        UsageError: One is empty, missing or none that can be written; the message names the row.
    """
    try:
        left, right = cell_text(cells[0]), cell_text(cells[1])
    except TypeError as error:
        raise UsageError(f"{error} (pair {number})") from None
    problem = text_problem(left) or text_problem(right)
    if problem:
        raise UsageError(f"a text {problem} (pair {number})")
    return left, right


def texts_of(data: Any, what: str = "texts") -> list[str]:
    """Return texts given in memory: a list, a Series, an array, a column of a data set or a generator.

    Args:
        data: The texts.
        what: What they are, for messages.

    Returns:
        The texts, the missing ones as empty texts.

    Raises:
        UsageError: It is a single text or holds what is none.
    """
    try:
        return [cell_text(value) for value in listed_values(data, what)]
    except TypeError as error:
        raise UsageError(f"{what} hold no text: {error}") from None


def listed_values(data: Any, what: str = "texts") -> list[Any]:
    """Return what holds texts as a list, whatever its values are.

    Raises:
        UsageError: It is a single text, has named columns or holds nothing that could be listed.
    """
    if isinstance(data, str | bytes | Path) or is_table(data) or not isinstance(data, Iterable):
        raise UsageError(f"{what} are {short(data)}; give a list, a Series or a generator of texts")
    return list_of(data)


def list_of(data: Any) -> list[Any]:
    """Return a column or a row of rows as a list of Python's own values; those of pandas and numpy know how."""
    return list(data.tolist() if hasattr(data, "tolist") else data)


def _is_of(data: Any, library: str, name: str) -> bool:
    """Return whether data is of a library's class, by the names of its classes, without importing the library."""
    return any(each.__module__.partition(".")[0] == library and each.__name__ == name for each in type(data).__mro__)


def _of_frame(frame: Any) -> GivenTable:
    """Return a DataFrame's columns with Python's own values, None where one is missing; its index is not read."""
    names = [str(name).strip() for name in frame.columns]
    twice = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
    if twice is not None:
        raise BadData(f"DataFrame has two columns '{twice}'; rename one of them")
    columns = {}
    for place, name in enumerate(names):
        column = frame.iloc[:, place]
        columns[name] = column.astype(object).where(column.notna(), None).tolist()
    return GivenTable(type(frame).__name__, columns)


def _listed_rows(data: Any) -> list[Any]:
    """Return rows as a list, however they are given."""
    for method in WRITTEN_OUT:
        if hasattr(data, method):
            return list(getattr(data, method)())
    if isinstance(data, str | bytes | Path) or not isinstance(data, Iterable):
        raise UsageError(f"rows are {short(data)}, of type {type(data).__name__}; give {TAKEN}")
    return list_of(data)


def _columns_of(rows: Sequence[Any], name: str) -> dict[str, list[Any]]:
    """Turn rows into columns; a label that no row has is no column."""
    if rows and isinstance(rows[0], Mapping):
        if not all(isinstance(row, Mapping) for row in rows):
            raise UsageError(f"the rows of {name} are mappings and others; give all of them in one form: {ROWS}")
        names = list(dict.fromkeys(column for row in rows for column in row))
        return {column: [row.get(column) for row in rows] for column in names}
    cells = [_cells_of(row, number, name) for number, row in enumerate(rows, start=1)]
    columns = dict(zip(PAIR_COLUMNS, map(list, zip(*cells, strict=True)), strict=True)) if cells else {}
    if not any(columns.get("kind", ())):
        columns.pop("kind", None)
    if all(len(row) == 2 for row in map(_label_or_none, rows)):
        columns.pop("label", None)
    return columns


def _label_or_none(row: Any) -> tuple[Any, ...]:
    """Return a row as a tuple that has two values where it has no label."""
    if isinstance(row, Pair | Example):
        return (1, 2) if row.label is None else (1, 2, row.label)
    return tuple(list_of(row))


def _cells_of(row: Any, number: int, name: str) -> tuple[Any, Any, Any, str]:
    """Return both texts, the label and the kind of a row."""
    if isinstance(row, Pair):
        return row.sentence1, row.sentence2, row.label, row.kind
    if isinstance(row, Example) and len(row.texts) == 2:
        return row.texts[0], row.texts[1], row.label, ""
    cells = row.tolist() if hasattr(row, "tolist") else row
    if not isinstance(cells, tuple | list) or len(cells) not in (2, 3):
        raise UsageError(f"row {number} of {name} is {short(row)}, of type {type(row).__name__}; give rows as {ROWS}")
    return cells[0], cells[1], cells[2] if len(cells) == 3 else None, ""
