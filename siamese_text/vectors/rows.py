"""A source as a stream of rows, and rows as chunks.

A row is a text and, where it comes from a document, its place there; a row of lines or of a table is known by its
number. A row without text keeps its number, so that row i of the vectors is row i of the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, cast

from siamese_text.data.source import Row, Source
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


def prefetch(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, each made by another thread while the one before is worked on."""
    remaining, end = iter(items), object()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, remaining, end)
        while (item := coming.result()) is not end:
            coming = reader.submit(next, remaining, end)
            yield cast(T, item)


def _chunk(rows: list[Row], read: int) -> Chunk:
    passages = [passage for _, passage in rows if passage is not None]
    return Chunk([text for text, _ in rows], passages or None, read)
