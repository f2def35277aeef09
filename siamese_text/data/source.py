"""A stream of rows, whatever it is read from: a text each and, where it is a passage of a document, its place."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, cast

from siamese_text.errors import BadData, MissingInput
from siamese_text.records import Document, Passage

Row = tuple[str, Passage | None]


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
