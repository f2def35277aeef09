"""What scikit-learn hands to an estimator as X, read as texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from siamese_text.data.cells import text_problem
from siamese_text.data.given import is_table, table_of, texts_of
from siamese_text.errors import BadData, NothingToDo, UsageError


def texts_from(given: Any, column: str | None = None) -> list[str]:
    """Return the texts of X: a list, a Series, an array, or one column of a DataFrame.

    Args:
        given: N texts: a list, a Series, an array of shape (N,) or (N, 1), a generator, or a table with named columns.
        column: The column of a table that holds the texts; by default its only one.

    Returns:
        N texts, none of them empty.

    Raises:
        BadData: The table has no such column, or several and none was named.
        UsageError: It is one text, or a text is empty or none that can be written; the message names the row.
        NothingToDo: There are no texts.

    Example:
        >>> texts_from({"id": [1, 2], "text": ["tea", "coffee"]}, "text")
        ['tea', 'coffee']
    """
    if is_table(given):
        given = _column(given, column)
    elif getattr(given, "ndim", 1) == 2 and given.shape[1] == 1:
        given = given.ravel()
    elif getattr(given, "ndim", 1) > 1:
        raise UsageError(f"X has shape {given.shape}; give texts: a list, or an array of shape (N,) or (N, 1)")
    texts = texts_of(given, "X")
    check_texts(texts)
    return texts


def check_texts(texts: Sequence[str], what: str = "text") -> None:
    """Refuse no texts at all, and a text that says nothing.

    Raises:
        UsageError: A text is empty or none that can be written; the message says which.
        NothingToDo: There are none.
    """
    if not texts:
        raise NothingToDo(f"there is no {what}; give one or more")
    for number, text in enumerate(texts, start=1):
        problem = text_problem(text)
        if problem:
            raise UsageError(f"{what} {number} is empty; leave it out" if not text.strip() else f"{what} {problem}")


def _column(given: Any, wanted: str | None) -> list[Any]:
    table = table_of(given)
    found = ", ".join(table.columns)
    if wanted is None and len(table.columns) > 1:
        raise BadData(f"X has the columns {found}; say which one holds the texts: column='{table.columns[0]}'")
    if wanted is not None and wanted not in table.columns:
        raise BadData(f"X has no column '{wanted}'; its columns: {found}")
    return [cell for (cell,) in table.rows([wanted or table.columns[0]])]
