"""An encoder that remembers, so that the folds of a cross-validation and the steps of a search encode a text once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any, Self

import numpy as np

from siamese_text.errors import UsageError
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray

MOST_BYTES = 2**28  # 256 MiB: 170,000 texts of 384 dimensions


class CachedEncoder:
    """An encoder that keeps the vectors of the texts it saw last, known by their hashes, in bounded memory.

    A copy is the same encoder: ``clone`` of scikit-learn copies what an estimator holds, and neither weights nor
    vectors are wanted twice.

    Args:
        encoder: What encodes the texts that are not known yet.
        most_bytes: How much memory the vectors may take; those that were not asked for longest are dropped.

    Attributes:
        encoded: How many texts the encoder was asked for.

    Example:
        >>> class Lengths:
        ...     def encode(self, texts):
        ...         return np.array([[len(text)] for text in texts], dtype=np.float32)
        >>> cached = CachedEncoder(Lengths())
        >>> cached.encode(["tea", "milk", "tea"]).ravel().tolist(), cached.encode(["milk"]).ravel().tolist()
        ([3.0, 4.0, 3.0], [4.0])
        >>> cached.encoded
        2
    """

    def __init__(self, encoder: Encodes, *, most_bytes: int = MOST_BYTES) -> None:
        if most_bytes < 0:
            raise UsageError(f"most_bytes is {most_bytes}; give 0, which keeps nothing, or more")
        self.encoder = encoder
        self.most_bytes = most_bytes
        self.encoded = 0
        self._vectors: OrderedDict[bytes, FloatArray] = OrderedDict()  # the last asked for at the end
        self._bytes = 0
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts, in their order; those that are not known are encoded."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        with self._lock:
            known = {key: self._vectors[key] for key in keys if key in self._vectors}
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if missing or not keys:
                vectors = np.array(self.encoder.encode(list(missing.values())), dtype=np.float32)
                self.encoded += len(missing)
                known.update(zip(missing, vectors, strict=True))
            for key in dict.fromkeys(keys):
                self._keep(key, known[key])
        return np.stack([known[key] for key in keys]) if keys else vectors

    def _keep(self, key: bytes, vector: FloatArray) -> None:
        """Move a vector to the end, and drop from the front what no longer fits."""
        if self._vectors.pop(key, None) is None:
            vector = vector.copy()  # a row of a batch would keep the whole batch in memory
            self._bytes += vector.nbytes
        self._vectors[key] = vector
        while self._bytes > self.most_bytes:
            self._bytes -= self._vectors.popitem(last=False)[1].nbytes

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a process of its own gets: the encoder, without the vectors and the lock."""
        return _make, (self.encoder, self.most_bytes)


def _make(encoder: Encodes, most_bytes: int) -> CachedEncoder:
    return CachedEncoder(encoder, most_bytes=most_bytes)
