"""The columns of a table: found by name, renamed where the user says so, and their cells read as texts and labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.known_columns import IGNORED
from siamese_text.data.labels import BINARY, read_label
from siamese_text.data.tables import Table
from siamese_text.errors import BadData
from siamese_text.records import Pair
from siamese_text.settings import read_assignments

REQUIRED = ("sentence1", "sentence2", "label")
OPTIONAL = ("kind",)
Columns = str | Mapping[str, str] | None  # what a column is called there and what it is here


def read_columns(columns: Columns) -> Mapping[str, str]:
    """Read renames of columns, as ``--columns`` and every function that loads data take them.

    Args:
        columns: Such as ``"a=sentence1,b=sentence2"``, or the same as a mapping; None or ``""`` for none.

    Returns:
        Our name of a column for each of the table's names that are given.

    Raises:
        UsageError: A part is no assignment.

    Example:
        >>> read_columns("a=sentence1, b=sentence2")
        {'a': 'sentence1', 'b': 'sentence2'}
    """
    if isinstance(columns, str):
        return read_assignments(part for part in columns.split(",") if part.strip())
    return columns or {}


def find_columns(
    table: Table, renames: Mapping[str, str], allowed: Sequence[str], required: Sequence[str] = ()
) -> dict[str, str]:
    """Map each of our columns to a table's name for it.

    Args:
        table: The table.
        renames: What a column is called there and what it is here.
        allowed: Our columns.
        required: Those that have to be there.

    Returns:
        The table's column for each of ours that it has, in the order of ``allowed``.

    Raises:
        BadData: A rename names a column that is not there or none of ours, or a required one is missing.
    """
    listed = ", ".join(table.columns)
    found = {column: column for column in allowed if column in table.columns and column not in renames}
    for theirs, ours in renames.items():
        if theirs not in table.columns:
            raise BadData(f"{table.name} has no column {theirs} to read as {ours}; columns found: {listed}")
        if ours == IGNORED:
            continue
        if ours not in allowed:
            raise BadData(f"--columns {theirs}={ours}: there is no column {ours}; allowed: {', '.join(allowed)}")
        found[ours] = theirs
    missing = [column for column in required if column not in found]
    if missing:
        raise BadData(
            f"{table.name} has no column {' and no column '.join(missing)}; columns found: {listed}; name one with "
            f"--columns a={missing[0]}"
        )
    return {column: found[column] for column in allowed if column in found}


def cell_text(value: object) -> str:
    """Return the text of a cell; nothing at all and NaN are the empty text."""
    return "" if value is None or value != value else str(value)  # only NaN differs from itself


def pair_rows(
    table: Table, renames: Mapping[str, str], source: str = "", *, required: Sequence[str] = REQUIRED
) -> Iterator[Pair]:
    """Yield the rows of a table as pairs, with the labels that they have there.

    Args:
        table: The table.
        renames: What a column is called there and what it is here.
        source: What the user asked for; published sets mark a missing label with -1.
        required: The columns that have to be there.

    Yields:
        Each row, also where a text is empty or the label is missing.

    Raises:
        BadData: A column is missing, or a label is not a number.
    """
    found = find_columns(table, renames, REQUIRED + OPTIONAL, required)
    unlabelled = -1 if source in CATALOGUE else None
    for number, cells in enumerate(table.rows(list(found.values())), start=1):
        row = dict(zip(found, cells, strict=True))
        try:
            label = read_label(row.get("label"))
        except (TypeError, ValueError):
            raise BadData(
                f"label {row['label']!r} in row {number} of {table.name} is not a number; allowed: {BINARY}"
            ) from None
        yield Pair(
            cell_text(row["sentence1"]),
            cell_text(row["sentence2"]),
            None if label == unlabelled else label,
            cell_text(row.get("kind")),
        )
