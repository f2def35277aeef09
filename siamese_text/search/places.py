"""Where an index is: in a folder, or in a database, if its place is a URL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from siamese_text.atomic import check_output
from siamese_text.errors import UsageError
from siamese_text.protocols import Progress
from siamese_text.search.changes import Changes, Encode
from siamese_text.search.database import Database, is_url
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo, read_info
from siamese_text.search.inspection import IndexFacts, inspect
from siamese_text.search.postgres import PostgresIndex
from siamese_text.search.sources import HEADER, SourceItem, TextSource
from siamese_text.search.stores.approximate import check_approximate
from siamese_text.search.stores.precision import Precision, check_precision

AnyIndex: TypeAlias = PassageIndex | PostgresIndex


def shown_place(place: str | Path) -> str:
    """Return a place as messages have it: of a URL without its password.

    Example:
        >>> shown_place("idx")
        'idx'
    """
    return Database(str(place)).shown if is_url(place) else str(place)


def check_place(place: str | Path | None, *, precision: Precision, approximate: bool, overwrite: bool) -> None:
    """Refuse a place where no index can be made, before any work is done for it.

    Raises:
        BadOutput: A folder exists and ``overwrite`` is False, or it cannot be written.
        UsageError: The place cannot keep vectors so.
    """
    check_precision(precision)
    if is_url(place or ""):
        if precision != "float32":
            raise UsageError(f"precision is {precision}; PostgreSQL keeps float32, leave precision out")
        if has_index(str(place)) and not overwrite:
            raise UsageError(f"{shown_place(str(place))} exists; choose another name after the #, or add --overwrite")
        return
    check_approximate(approximate)
    if place is not None:
        check_output(Path(place), overwrite=overwrite)


def has_index(place: str | Path) -> bool:
    """Tell whether there is an index at a place."""
    return Database(str(place)).exists() if is_url(place) else (Path(place) / HEADER).is_file()


def build_index(
    sources: Iterable[tuple[TextSource, Iterable[SourceItem]]],
    encode: Encode,
    info: IndexInfo,
    *,
    output: str | Path | None,
    overwrite: bool,
    progress: Progress | None,
) -> tuple[AnyIndex, Changes]:
    """Make an index at a place; see ``PassageIndex.build``."""
    if is_url(output or ""):
        return PostgresIndex.build(sources, encode, info, output=str(output), overwrite=overwrite, progress=progress)
    target = None if output is None else Path(output)
    return PassageIndex.build(sources, encode, info, output=target, overwrite=overwrite, progress=progress)


def open_index(place: str | Path) -> AnyIndex:
    """Open the index at a place.

    Raises:
        MissingInput: There is none.
        BadData: It is damaged, or of another format.
    """
    return PostgresIndex.open(str(place)) if is_url(place) else PassageIndex.open(Path(place))


def info_of(place: str | Path) -> IndexInfo:
    """Return how the index at a place was made; see ``read_info``."""
    return PostgresIndex.open(str(place)).info if is_url(place) else read_info(Path(place))


def facts_of(index: AnyIndex, *, recall: bool = False) -> IndexFacts:
    """Describe an index.

    Raises:
        BadData: A file is damaged; the message names it.
        UsageError: Recall is asked of a database.
    """
    if isinstance(index, PassageIndex):
        return inspect(index, recall=recall)
    if recall:
        raise UsageError(f"recall is measured of an index in a folder, and {index.folder} is a database; leave it out")
    return index.facts()
