"""A source as a stream of rows, and rows as blocks.

A row is a text and, where it comes from a document, its place there; a row of lines or of a table is known by its
number. A row without text keeps its number, so that row i of the vectors is row i of the source.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar, cast

from siamese_text.errors import BadData, MissingInput
from siamese_text.records import Document, Passage

# A block is what is sorted by length, encoded and made sure together: on two cores, some twenty seconds of work.
BLOCK_TEXTS = 4096
BLOCK_CHARACTERS = 500_000

Row = tuple[str, Passage | None]
T = TypeVar("T")


class Source(Protocol):
    """A stream of rows.

    Attributes:
        name: What the user called it.
        total: How much there is to read: bytes, rows or files; None where nobody knows.
        read: How much of it was read.
        skipped: The documents that gave no rows, each with its problem.
    """

    name: str
    total: int | None
    read: int
    skipped: list[Document]

    def state(self) -> Mapping[str, Any] | None:
        """Return what changes when the source does, as JSON values; None where the source can be read only once."""
        ...

    def rows(self) -> Iterator[Row]:
        """Yield the rows, from the first."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows.

    Attributes:
        texts: The text of each row, blank where it has none.
        passages: The passage that each row is, None for rows that are known by number.
        read: How much of the source had been read when the block was full.
    """

    texts: list[str]
    passages: list[Passage] | None
    read: int


def blocks(source: Source, *, texts: int = BLOCK_TEXTS, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
    """Cut a source into blocks, always the same ones.

    Args:
        source: The rows.
        texts: A block is full with so many texts,
        characters: or with so many characters.

    Yields:
        Blocks of at least one row.
    """
    block: list[Row] = []
    size = 0
    for row in source.rows():
        block.append(row)
        size += len(row[0])
        if len(block) == texts or size >= characters:
            yield _block(block, source.read)
            block, size = [], 0
    if block:
        yield _block(block, source.read)


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, each made by another thread while the one before is worked on."""
    remaining, end = iter(items), object()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, remaining, end)
        while (item := coming.result()) is not end:
            coming = reader.submit(next, remaining, end)
            yield cast(T, item)


def file_state(path: Path) -> Mapping[str, Any]:
    """Return a file's place, size in bytes and time of change in nanoseconds; the place alone where it is gone."""
    place = {"path": str(path.absolute())}
    try:
        status = path.stat()  # of what a link points to
    except OSError:
        return place
    return place | {"bytes": status.st_size, "changed_ns": status.st_mtime_ns}


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Yield a file's bytes, unpacked, and the file itself, which knows how far it was read.

    Raises:
        BadData: The bytes cannot be unpacked.
        MissingInput: The file cannot be read.
    """
    try:
        with path.open("rb") as raw:
            if path.suffix.lower() == ".gz":
                with gzip.GzipFile(fileobj=raw) as file:
                    yield cast(IO[bytes], file), raw
            else:
                yield raw, raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadData(f"{path} is a damaged gzip file ({error}); make it anew") from error
    except OSError as error:
        raise MissingInput(f"{path} cannot be read: {error.strerror or error}; check the file") from error


def _block(rows: list[Row], read: int) -> Block:
    passages = [passage for _, passage in rows if passage is not None]
    return Block([text for text, _ in rows], passages or None, read)
