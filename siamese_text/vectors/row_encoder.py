"""The texts of consecutive rows to vectors as they are stored, with what there is to tell of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.protocols import Encodes
from siamese_text.records import EncodeReport, FloatArray
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.storage import Storage, clipped, int8_scale

NAMED_EMPTY = 1000  # rows without text that are listed by number; all are counted


@dataclass(frozen=True, slots=True)
class KeyedEncoder:
    """An encoder, and what has to be known of it.

    Attributes:
        encoder: Turns texts into vectors.
        name: What it was loaded as.
        key: The hash in hex of all that its vectors depend on.
        embedding_dimension: Their dimensions.
        normalize: Whether they have unit length.
        report: Where the encoder counts the texts that it cut, and those that it does not know.
    """

    encoder: Encodes
    name: str
    key: str
    embedding_dimension: int
    normalize: bool
    report: EncodeReport = field(default_factory=EncodeReport)

    def storage(self, dtype: str, dimensions: int | None) -> Storage:
        """Return how vectors of this encoder are stored, in all of its dimensions or the first ones.

        Raises:
            UsageError: It has fewer dimensions, or these cannot be stored so.
        """
        if dimensions is None:
            dimensions = self.embedding_dimension
        if dimensions > self.embedding_dimension:
            raise UsageError(
                f"dimensions is {dimensions}; {self.name} gives {self.embedding_dimension}, keep as many or fewer"
            )
        return Storage(dtype, dimensions, self.normalize)


@dataclass(slots=True)
class Tally:
    """What is counted of rows; ``scale`` is what one step of an int8 stands for, once it is known."""

    rows: int = 0
    empty: int = 0
    empty_rows: list[int] = field(default_factory=list)
    cut: int = 0
    unknown: int = 0
    clipped: int = 0
    scale: float | None = None


class RowEncoder:
    """Turns rows of texts into rows of a file.

    Args:
        model: The encoder.
        storage: How vectors are stored.
        cache: Where vectors are looked up and kept.

    Attributes:
        encoded: How many texts were encoded.
        cached: How many came from the cache.
    """

    def __init__(self, model: KeyedEncoder, storage: Storage, cache: VectorCache | None = None) -> None:
        self.model, self.storage, self.cache = model, storage, cache
        self.encoded = self.cached = 0

    def rows(self, texts: list[str], tally: Tally) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Encode the texts of the next rows, and count them.

        Args:
            texts: B texts, blank where a row has none.
            tally: What was counted before; its ``rows`` is the number of the first row.

        Returns:
            (B, columns) of the stored type, and (B,) whether a row has a text.
        """
        filled = np.array([bool(text.strip()) for text in texts])
        stored = self.storage.nothing(len(filled))
        if filled.any():
            reduced = self.storage.reduced(self._vectors([text for text in texts if text.strip()], tally))
            if self.storage.dtype == "int8":
                tally.scale = tally.scale or int8_scale(reduced)
                tally.clipped += clipped(reduced, tally.scale)
            stored[filled] = self.storage.stored(reduced, tally.scale)
        empty = tally.rows + np.flatnonzero(~filled)
        tally.rows += len(filled)
        tally.empty += len(empty)
        tally.empty_rows += empty[: NAMED_EMPTY - len(tally.empty_rows)].tolist()
        return stored, filled

    def _vectors(self, texts: list[str], tally: Tally) -> FloatArray:
        """Return the (N, D) vectors of N texts: from the cache, or from the encoder and into the cache."""
        distinct = list(dict.fromkeys(texts))
        known = self.cache.get(distinct) if self.cache else {}
        new = [text for text in distinct if text not in known]
        if new:
            report = self.model.report
            cut, unknown = report.truncated, report.unknown
            vectors = self.model.encoder.encode(new)
            tally.cut += report.truncated - cut
            tally.unknown += report.unknown - unknown
            if self.cache:
                self.cache.put(new, vectors)
            known |= zip(new, vectors, strict=True)
        self.encoded += len(new)
        self.cached += len(distinct) - len(new)
        return np.stack([known[text] for text in texts])
