"""The rows of a table as they are compared: their ids, and the cells of some columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siamese_text.data.cells import cell_text
from siamese_text.data.tables import Table
from siamese_text.errors import BadData, NothingToDo
from siamese_text.matching.columns import Column, Kind, date_in, kind_of, number_in, plain_cell
from siamese_text.warn import warn_user

ID = "id"  # the column that names rows, where there is one


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """N rows of a table.

    Attributes:
        name: What the table is called in messages.
        ids: The N names of the rows, each once.
        cells: For each column its N cells, empty where there is nothing.
    """

    name: str
    ids: Sequence[str]
    cells: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.ids)


def read_records(table: Table, columns: Sequence[str], id_column: str | None, side: int = 0) -> Records:
    """Read the rows of a table.

    Args:
        table: The table.
        columns: The columns that are compared; what two tables call differently is ``title=name``.
        id_column: The one that names rows; by default ``id``, and where there is none they are numbered from 1.
        side: Whether it is the first or the second table, 0 or 1.

    Raises:
        BadData: A column is missing, or a name of a row stands twice or is missing.
        NothingToDo: No row holds anything in these columns.
    """
    called = [_called(column, table, side) for column in columns]
    for column in [*called, *([id_column] if id_column else [])]:
        if column not in table.columns:
            raise BadData(f"{table.name} has no column '{column}'; its columns: {', '.join(table.columns)}")
    names = id_column or (ID if ID in table.columns else None)
    rows = list(table.rows([*called, *([names] if names else [])]))
    try:
        cells = {name: [plain_cell(cell_text(row[place])) for row in rows] for place, name in enumerate(columns)}
        ids = [cell_text(row[-1]).strip() if names else str(number) for number, row in enumerate(rows, start=1)]
    except TypeError as error:
        raise BadData(f"{table.name} cannot be compared: {error}") from None
    seen: set[str] = set()
    for number, name in enumerate(ids, start=1):
        if not name or name in seen:
            problem = f"the id '{name}' stands twice" if name else "a row has no id"
            raise BadData(f"{problem} (row {number} of {table.name}); give each row one of its own, or no id column")
        seen.add(name)
    if not any(any(column) for column in cells.values()):
        raise NothingToDo(f"{table.name} holds nothing in {', '.join(called)}; give other columns")
    return Records(table.name, ids, cells)


def decide_kinds(named: Sequence[tuple[str, Kind | None]], tables: Sequence[Records]) -> list[Column]:
    """Return the columns with their kinds: as named, or else as their cells look.

    Raises:
        BadData: A column is named a number or a date, and most of its cells are none.

    Warns:
        UserWarning: Some of its cells are none: they count as missing.
    """
    columns = []
    for name, kind in named:
        filled = [cell for table in tables for cell in table.cells[name] if cell]
        if kind in ("number", "date"):
            wrong = [cell for cell in filled if not _is_of(cell, kind)]
            if 2 * len(wrong) > len(filled):
                raise BadData(
                    f"column '{name}' holds '{wrong[0]:.40}', and {len(wrong):,} of {len(filled):,} cells are no "
                    f"{kind}; compare it as {name}:short or {name}:text"
                )
            if wrong:
                warn_user(f"column '{name}': {len(wrong):,} cells are no {kind}, such as '{wrong[0]:.40}': left out")
        columns.append(Column(name, kind or kind_of(filled)))
    return columns


def shared_columns(tables: Sequence[Table], id_column: str | None) -> list[tuple[str, Kind | None]]:
    """Return the columns that all tables have, but for the one that names rows.

    Raises:
        BadData: They have none in common.
    """
    first, last = tables[0], tables[-1]
    names = [name for name in first.columns if name in last.columns and name != (id_column or ID)]
    if not names:
        raise BadData(
            f"{first.name} and {last.name} have no column in common; their columns: {', '.join(first.columns)}; "
            f"{', '.join(last.columns)}; name what they call differently as title=name"
        )
    return [(name, None) for name in names]


def _called(column: str, table: Table, side: int) -> str:
    """Return what a table calls a column that is named ``title=name`` where the tables differ."""
    names = column.split("=")
    return names[side].strip() if len(names) == 2 and column not in table.columns else column


def _is_of(cell: str, kind: Kind) -> bool:
    return date_in(cell) is not None if kind == "date" else not math.isnan(number_in(cell))
