"""An encoder that asks its cache first, and counts what it had to encode."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray
from siamese_text.vectors.cache import VectorCache


class CachedEncoder:
    """An encoder with a cache: what it encodes is kept with every call, so that a killed run goes on.

    Args:
        encoder: Gives a text the same bits whatever texts come with it: else what is kept is not what it would give.
        cache: Holds vectors of this encoder; None for nowhere.
        fill: Puts vectors that lie elsewhere into the cache; called once, when there is first something to encode.

    Attributes:
        encoded: How many texts were encoded.
        cached: How many came from the cache.
    """

    def __init__(
        self, encoder: Encodes, cache: VectorCache | None = None, fill: Callable[[VectorCache], None] | None = None
    ) -> None:
        self._encoder, self._cache, self._fill = encoder, cache, fill
        self.encoded = self.cached = 0

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts, in their order."""
        distinct = list(dict.fromkeys(texts))
        if self._cache and self._fill:
            self._fill(self._cache)
            self._fill = None
        known = self._cache.get(distinct) if self._cache else {}
        new = [text for text in distinct if text not in known]
        if new:
            vectors = self._encoder.encode(new)
            if self._cache:
                self._cache.put(new, vectors)
            known |= zip(new, vectors, strict=True)
        self.encoded += len(new)
        self.cached += len(distinct) - len(new)
        return np.stack([known[text] for text in texts])
