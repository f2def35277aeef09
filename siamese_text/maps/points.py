"""The texts of a map, with their vectors and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.search.index import PassageIndex
from siamese_text.search.snapshot import read_passages
from siamese_text.unit_rows import unit_rows

SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The N texts of a map.

    Attributes:
        names: What each is called: its document, with the place in it where documents have several passages.
        texts: The texts.
        known: What is known of each: its ``document``, and the metadata of that.
        vectors: (N, D) float32 of unit length.
        total: How many texts they were drawn from.
    """

    names: Sequence[str]
    texts: Sequence[str]
    known: Sequence[Mapping[str, Any]]
    vectors: FloatArray
    total: int


def points_of(index: PassageIndex, most: int) -> Points:
    """Take the passages of an index, or a seeded draw of so many of them, in their order.

    Args:
        index: The index.
        most: How many passages to take at most.

    Returns:
        The passages as points.
    """
    with index.reader.reading() as (rows, snapshot):
        chosen = snapshot.order[drawn(len(snapshot.order), most)]
        vectors = unit_rows(snapshot.store.take(chosen))
        passages = read_passages(rows, snapshot.passages[chosen].tolist())
        several = len(np.unique(snapshot.documents[snapshot.order])) < len(snapshot.order)
        total = len(snapshot.order)
    names = [f"{passage.document}:{passage.start}" if several else passage.document for passage, _ in passages]
    known = [{**metadata, "document": passage.document} for passage, metadata in passages]
    return Points(names, [passage.text for passage, _ in passages], known, vectors, total)


def drawn(total: int, most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the sorted places of a seeded draw of at most ``most`` out of ``total``.

    Example:
        >>> drawn(3, 5).tolist(), len(drawn(100, 5))
        ([0, 1, 2], 5)
    """
    if total <= most:
        return np.arange(total)
    return np.sort(np.random.default_rng(SEED).permutation(total)[:most])
