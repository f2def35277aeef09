"""A source as a stream of rows, and rows as chunks.

A row is a text and, where it comes from a document, its place there; a row of lines or of a table is known by its
number. A row without text keeps its number, so that row i of the vectors is row i of the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar, cast

from siamese_text.data.source import Row, Source
from siamese_text.errors import NothingToDo
from siamese_text.records import Passage

# A chunk is what is sorted by length, encoded and made sure together: on two cores, some twenty seconds of work.
CHUNK_TEXTS = 4096
CHUNK_CHARACTERS = 500_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows.

    Attributes:
        texts: The text of each row, blank where it has none.
        passages: The passage that each row is, None for rows that are known by number.
        read: How much of the source had been read when the chunk was full.
    """

    texts: list[str]
    passages: list[Passage] | None
    read: int

    def ids(self, first: int) -> list[Any]:
        """Return what each row is called: its number, of which the chunk's first is given, or its passage."""
        if self.passages is None:
            return list(range(first, first + len(self.texts)))
        return [f"{passage.document}:{passage.start}-{passage.end}" for passage in self.passages]


def chunks(source: Source, *, texts: int = CHUNK_TEXTS, characters: int = CHUNK_CHARACTERS) -> Iterator[Chunk]:
    """Cut a source into chunks, always the same ones.

    Args:
        source: The rows.
        texts: The number of texts at which a chunk is full.
        characters: The number of characters at which it is full.

    Yields:
        Chunks of at least one row.
    """
    chunk: list[Row] = []
    size = 0
    for row in source.rows():
        chunk.append(row)
        size += len(row[0])
        if len(chunk) == texts or size >= characters:
            yield _chunk(chunk, source.read)
            chunk, size = [], 0
    if chunk:
        yield _chunk(chunk, source.read)


def pieces(source: Source, sizes: Iterable[int]) -> Iterator[Chunk]:
    """Cut a source into chunks of as many rows as are asked for."""
    rows = source.rows()
    for size in sizes:
        yield _chunk(list(islice(rows, size)), source.read)


def prefetch(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, each made by another thread while the one before is worked on."""
    remaining, end = iter(items), object()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, remaining, end)
        while (item := coming.result()) is not end:
            coming = reader.submit(next, remaining, end)
            yield cast(T, item)


def no_text(source: Source, rows: int) -> NothingToDo:
    """Return the error that says that none of the rows of a source holds a text."""
    if not source.skipped:
        return NothingToDo(f"{source.name} holds no text in {rows:,} rows; give a file with texts")
    first = source.skipped[0]
    return NothingToDo(f"none of {len(source.skipped)} documents holds text, such as {first.name}: {first.problem}")


def _chunk(rows: list[Row], read: int) -> Chunk:
    passages = [passage for _, passage in rows if passage is not None]
    return Chunk([text for text, _ in rows], passages or None, read)
