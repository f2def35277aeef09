"""Texts given in memory, with their names and what is known of them, as items of an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from siamese_text.data.cells import cell_text, is_missing
from siamese_text.data.given import is_table, list_of, table_of, texts_of
from siamese_text.errors import UsageError
from siamese_text.search.sources import SourceItem, given_item, table_items


def given_items(
    texts: Any,
    ids: Any = None,
    metadata: Any = None,
    *,
    column: str | None = None,
    id_column: str | None = None,
    first: int = 0,
) -> Iterator[SourceItem]:
    """Yield texts in memory as documents.

    Args:
        texts: A list, a Series, an array or a generator of N texts; or a DataFrame, a data set, a mapping of columns or
            a list of mappings, whose other columns are metadata.
        ids: N names; by default those of ``id_column``, or the texts are numbered.
        metadata: N mappings, a table of N rows, or one mapping of a field to its value in all of them.
        column: The column of a table with the texts; by default ``text``, or the only one with texts.
        id_column: The column of a table with the names; by default ``id`` where there is one.
        first: The number of the first text.

    Raises:
        UsageError: There are not as many names or metadata as texts, or texts are none.
        BadData: A column is missing or cannot be told, or metadata are no JSON.

    Example:
        >>> [item.name for item in given_items(["tea", "milk"], metadata={"year": 2020})]
        ['0', '1']
    """
    if is_table(texts):
        table = table_of(texts)
        holding = [name for name in table.columns if any(isinstance(cell, str) for (cell,) in table.rows([name]))]
        rows = list(table_items(table, holding, column, id_column, "", typed=True))
        named = [name for name, _, _ in rows] if id_column or "id" in table.columns else None
        contents = [content for _, content, _ in rows]
        known: list[dict[str, Any]] = [{key: cell for key, cell in cells.items() if key != "row"} for *_, cells in rows]
    else:
        if column or id_column:
            raise UsageError(f"a list of texts has no column '{column or id_column}'; give a table, or leave it out")
        contents, named = texts_of(texts), None
        known = [{} for _ in contents]
    if ids is not None:
        named = [cell_text(name) for name in list_of(ids)]
    names = named if named is not None else [str(number) for number in range(first, first + len(contents))]
    more = _metadata(metadata, len(contents))
    for what, values in (("ids", names), ("metadata", more)):
        if len(values) != len(contents):
            raise UsageError(f"there are {len(contents)} texts and {len(values)} {what}; give one for each text")
    for name, content, cells, others in zip(names, contents, known, more, strict=True):
        if not name.strip():
            raise UsageError("an id is empty; give each text one")
        yield given_item(name, content, cells | others)


def _metadata(given: Any, count: int) -> list[dict[str, Any]]:
    """Return what is known of each text, the missing cells of a table left out."""
    if given is None:
        return [{}] * count
    if isinstance(given, Mapping):
        return [dict(given)] * count
    if is_table(given) and not isinstance(given, list | tuple):
        table = table_of(given)
        rows = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows(list(table.columns))]
        return [{key: cell for key, cell in row.items() if not is_missing(cell)} for row in rows]
    listed = [{} if row is None else row for row in list_of(given)]
    if not all(isinstance(row, Mapping) for row in listed):
        raise UsageError("metadata are no mappings; give one for each text, such as {'year': 2020}")
    return [dict(row) for row in listed]
