"""Caches on disk: what was computed once, such as the vector of a text by a model, is not computed again.

One SQLite file for all that depends on one thing, such as a model, named by its hash; a text is known by its own.
SQLite lets several processes read and write at once and loses nothing that was committed when one of them is killed.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np

from siamese_text.errors import BadData, BadOutput
from siamese_text.records import FloatArray
from siamese_text.warn import warn_user

PATIENCE_S = 60  # for another process that is writing
_CHECKSUM_BYTES = 4


class BlobCache:
    """Bytes by the text that they were made from, with a checksum each.

    Args:
        path: The file; it is made, and its folder.
        forgiving: Whether a damaged file is left aside with a warning: then it holds nothing and keeps nothing.

    Raises:
        BadOutput: The folder cannot be written.
        BadData: The file is damaged.
    """

    def __init__(self, path: Path, *, forgiving: bool = False) -> None:
        self.path, self._forgiving = path, forgiving
        self._rows: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        with self._reporting():
            # Transactions are opened by hand below; Python's own would also wrap what only reads.
            self._rows = sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
            self._rows.execute("PRAGMA synchronous = NORMAL")
            self._rows.execute("CREATE TABLE IF NOT EXISTS blobs (text BLOB PRIMARY KEY, blob BLOB NOT NULL)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._rows:
            self._rows.close()

    def get_blobs(self, texts: Iterable[str]) -> dict[str, bytes]:
        """Look texts up, in any order; return the bytes of each that is known."""
        found: dict[str, bytes] = {}
        with self._reporting():
            if not self._rows:
                return found
            for text in texts:
                row = self._rows.execute("SELECT blob FROM blobs WHERE text = ?", (_key(text),)).fetchone()
                if row is not None:
                    blob, checksum = row[0][:-_CHECKSUM_BYTES], row[0][-_CHECKSUM_BYTES:]
                    if _checksum(blob) != checksum:
                        raise sqlite3.DatabaseError("a row is not what was written")
                    found[text] = blob
        return found

    def put_blobs(self, blobs: Mapping[str, bytes]) -> None:
        """Keep bytes by their texts, all or none; what is known already stays."""
        rows = [(_key(text), blob + _checksum(blob)) for text, blob in blobs.items()]
        with self._reporting():
            if not self._rows:
                return
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                self._rows.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", rows)
                self._rows.execute("COMMIT")
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise

    def keep_only(self, texts: Iterable[str]) -> None:
        """Delete the bytes of all other texts."""
        with self._reporting():
            if not self._rows:
                return
            self._rows.execute("CREATE TEMP TABLE IF NOT EXISTS kept (text BLOB PRIMARY KEY)")
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("DELETE FROM kept")
            self._rows.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((_key(text),) for text in texts))
            self._rows.execute("DELETE FROM blobs WHERE text NOT IN (SELECT text FROM kept)")
            self._rows.execute("COMMIT")

    def size(self) -> int:
        """Return the bytes on disk."""
        files = self.path.parent.glob(f"{self.path.name}*")
        return sum(file.stat().st_size for file in files)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # read-only, full, or locked for too long
            raise self._unwritable(error) from error
        except sqlite3.DatabaseError as error:
            if not self._forgiving:
                raise BadData(f"the cache {self.path} is damaged ({error}); delete it or use --no-cache") from error
            if self._rows:
                self._rows.close()
            self._rows = None
            warn_user(f"the cache {self.path} is damaged ({error}) and left aside; delete it")

    def _unwritable(self, error: Exception) -> BadOutput:
        reason = getattr(error, "strerror", None) or error
        return BadOutput(f"the cache {self.path} cannot be used: {reason}; give --cache DIR or --no-cache")


class VectorCache(BlobCache):
    """The vectors that a model gave to texts.

    Args:
        folder: Where the caches of all models are; it is made.
        model: The hash in hex of what the vectors depend on.
        forgiving: Whether a damaged file is left aside with a warning.

    Raises:
        BadOutput: The folder cannot be written.
        BadData: The file is damaged.
    """

    def __init__(self, folder: Path, model: str, *, forgiving: bool = False) -> None:
        super().__init__(folder / "vectors" / f"{model[:32]}.sqlite", forgiving=forgiving)

    def get(self, texts: Iterable[str]) -> dict[str, FloatArray]:
        """Look texts up.

        Args:
            texts: Texts of any length, in any order.

        Returns:
            For each text that is known its (D,) float32 vector, to the last bit as it was encoded.
        """
        return {text: np.frombuffer(blob, dtype="<f4") for text, blob in self.get_blobs(texts).items()}

    def put(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep the (N, D) vectors of N texts, all or none; what is known already stays."""
        self.put_blobs({text: vector.astype("<f4").tobytes() for text, vector in zip(texts, vectors, strict=True)})


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _checksum(blob: bytes) -> bytes:
    return zlib.crc32(blob).to_bytes(_CHECKSUM_BYTES, "little")
