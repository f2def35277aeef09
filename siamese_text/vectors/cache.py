"""A cache on disk of the vectors of texts: what was encoded once by a model is not encoded again.

One SQLite file a model, named by the hash of all that its vectors depend on; a text is known by its own hash. SQLite
lets several processes read and write at once and loses nothing that was committed when one of them is killed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from siamese_text.errors import BadData, BadOutput
from siamese_text.records import FloatArray

PATIENCE_S = 60  # for another process that is writing


class VectorCache:
    """The vectors that a model gave to texts.

    Args:
        folder: Where the caches of all models are; it is made.
        model: The hash in hex of what the vectors depend on.

    Raises:
        BadOutput: The folder cannot be written.
        BadData: The file is damaged.
    """

    def __init__(self, folder: Path, model: str) -> None:
        self.path = folder / "vectors" / f"{model[:32]}.sqlite"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        with self._reporting():
            # Transactions are opened by hand below; Python's own would also wrap what only reads.
            self._rows = sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode = WAL")  # readers and a writer do not wait for each other
            self._rows.execute("PRAGMA synchronous = NORMAL")
            self._rows.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL)")

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()

    def get(self, texts: Iterable[str]) -> dict[str, FloatArray]:
        """Look texts up.

        Args:
            texts: Texts of any length, in any order.

        Returns:
            For each text that is known its (D,) float32 vector, to the last bit as it was encoded.
        """
        found = {}
        with self._reporting():
            for text in texts:
                row = self._rows.execute("SELECT vector FROM vectors WHERE text = ?", (_key(text),)).fetchone()
                if row is not None:
                    found[text] = np.frombuffer(row[0], dtype="<f4")
        return found

    def put(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Keep the (N, D) vectors of N texts, all or none; what is known already stays."""
        rows = [(_key(text), vector.astype("<f4").tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with self._reporting():
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                self._rows.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
                self._rows.execute("COMMIT")
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise

    def size(self) -> int:
        """Return the bytes on disk of this model's vectors."""
        files = self.path.parent.glob(f"{self.path.name}*")
        return sum(file.stat().st_size for file in files)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # read-only, full, or locked for too long
            raise self._unwritable(error) from error
        except sqlite3.DatabaseError as error:
            raise BadData(f"the cache {self.path} is damaged ({error}); delete it or use --no-cache") from error

    def _unwritable(self, error: Exception) -> BadOutput:
        reason = getattr(error, "strerror", None) or error
        return BadOutput(f"the cache {self.path} cannot be used: {reason}; give --cache DIR or --no-cache")


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
