"""The columns of a table: found by name, renamed where the user says so, and their cells read as texts and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.cells import cell_text
from siamese_text.data.known_columns import IGNORED
from siamese_text.data.labels import BINARY, LabelReader, label_names
from siamese_text.data.tables import Table
from siamese_text.errors import BadData
from siamese_text.records import Pair
from siamese_text.settings import read_assignments
from siamese_text.warn import warn_user

REQUIRED = ("sentence1", "sentence2", "label")
OPTIONAL = ("kind",)
LABEL_NAMES = ":"  # in label:SAME/DIFFERENT, the two labels as the table writes them
Columns = str | Mapping[str, str] | None  # what a column is called there and what it is here


def read_columns(columns: Columns) -> Mapping[str, str]:
    """Read renames of columns, as ``--columns`` and every function that loads data take them.

    Args:
        columns: Such as ``"a=sentence1,b=sentence2"``, or the same as a mapping; None or ``""`` for none. What follows
            ``label:`` is for ``read_label_names``.

    Returns:
        Our name of a column for each of the table's names that are given.

    Raises:
        UsageError: A part is no assignment.

    Example:
        >>> read_columns("a=sentence1, b=sentence2")
        {'a': 'sentence1', 'b': 'sentence2'}
    """
    return {theirs: ours.partition(LABEL_NAMES)[0] if _names_labels(ours) else ours for theirs, ours in _read(columns)}


def read_label_names(columns: Columns) -> Mapping[str, float] | None:
    """Read what renames of columns say of the labels: which of two words, or two numbers, is the same.

    Args:
        columns: As ``read_columns`` takes them.

    Returns:
        The number of each label, or None where nothing is said.

    Raises:
        UsageError: It is not two different labels.

    Example:
        >>> read_label_names("verdict=label:dup/new")
        {'dup': 1.0, 'new': 0.0}
    """
    named = [ours.partition(LABEL_NAMES)[2] for _, ours in _read(columns) if _names_labels(ours)]
    return label_names(named[0]) if named else None


def _read(columns: Columns) -> list[tuple[str, str]]:
    if isinstance(columns, str):
        return list(read_assignments(part for part in columns.split(",") if part.strip()).items())
    return list((columns or {}).items())


def _names_labels(ours: str) -> bool:
    return ours.startswith(f"label{LABEL_NAMES}")


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


def text_cells(cells: Sequence[object], number: int, table: str) -> tuple[str, ...]:
    """Return the texts of a row's cells.

    Raises:
        BadData: A cell holds bytes or several values; the message names the row.
    """
    try:
        return tuple(map(cell_text, cells))
    except TypeError as error:
        raise BadData(f"{error} (row {number} of {table})") from None


def pair_rows(
    table: Table, renames: Mapping[str, str], source: str = "", names: Mapping[str, float] | None = None
) -> list[Pair]:
    """Return the rows of a table as pairs, with the labels that they have there; words become 0 and 1, and it is said.

    Args:
        table: The table.
        renames: What a column is called there and what it is here.
        source: What the user asked for; published sets mark a missing label with -1.
        names: The number of each label, if the user said what they mean.

    Returns:
        Each row, also where a text is empty or the label is missing.

    Raises:
        BadData: A column is missing, or a label is neither a number nor a word that is known.
    """
    found = find_columns(table, renames, REQUIRED + OPTIONAL, REQUIRED)
    unlabelled = -1 if source in CATALOGUE else None
    labels = LabelReader(names)
    pairs = []
    for number, cells in enumerate(table.rows(list(found.values())), start=1):
        row = dict(zip(found, cells, strict=True))
        try:
            label = labels.read(row["label"])
        except (TypeError, ValueError):
            raise _unknown_label(row["label"], number, table, found["label"], names) from None
        texts = text_cells((row["sentence1"], row["sentence2"], row.get("kind")), number, table.name)
        pairs.append(Pair(texts[0], texts[1], None if label == unlabelled else label, texts[2]))
    if labels.became and names is None:
        warn_user(
            f"{table.name}: label {labels.told()}; --columns {found['label']}=label:SAME/DIFFERENT says otherwise"
        )
    return pairs


def _unknown_label(label: object, number: int, table: Table, column: str, names: Mapping[str, float] | None) -> BadData:
    where = f"label {label!r} in row {number} of {table.name}"
    if names is not None:
        return BadData(
            f"{where} is neither of those that --columns names: {' and '.join(names)}; name two or repair it"
        )
    return BadData(
        f"{where} is not a number; allowed: {BINARY}, and yes and no in usual words; --columns "
        f"{column}=label:SAME/DIFFERENT says what other words mean"
    )
