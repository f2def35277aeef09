"""All pairs of vectors whose cosine is large enough, found by comparing every one with every other, tile by tile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData
from siamese_text.records import FloatArray

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]  # the later rows, the earlier rows, their cosines
LATER, EARLIER = 1024, 8192  # rows and columns of a tile: its products fit the cache of a processor, or nearly
SPARE = 4_000_000  # pairs that are held before all but the nearest are dropped


def pairs_above(units: FloatArray, least: float, first: int = 0) -> Iterator[tuple[int, Pairs]]:
    """Find the pairs of vectors with at least some cosine.

    Args:
        units: (N, D) float32 of unit length.
        least: The cosine, in [-1, 1].
        first: The row from which on rows are compared with each other and with all before.

    Yields:
        Tile by tile the row up to which pairs have been found but for further tiles, and the pairs: the later rows, the
        earlier rows, (P,) int64 each, and their cosines, (P,) float32.

    Raises:
        BadData: A number is not finite.

    Example:
        >>> [(later.tolist(), earlier.tolist()) for _, (later, earlier, _) in pairs_above(np.eye(3)[[0, 1, 0]], 0.9)]
        [([2], [0])]
    """
    if not np.isfinite(units).all():
        raise BadData(
            "a vector has a number that is not finite; look for NaN in the vectors and encode the texts again"
        )
    for start in range(first, len(units), LATER):
        end = min(start + LATER, len(units))
        rows = np.arange(start, end)[:, None]
        for left in range(0, end, EARLIER):
            right = min(left + EARLIER, end)
            cosines = units[start:end] @ units[left:right].T
            near = cosines >= least
            if right > start:
                near &= np.arange(left, right) < rows
            places = np.flatnonzero(near)
            later, earlier = np.divmod(places, right - left)
            yield end, (later + start, earlier + left, cosines.ravel()[places])


def nearest_pairs(units: FloatArray, least: float, first: int, most: int) -> Iterator[tuple[int, Pairs, int]]:
    """Find for each vector those of the vectors before it that are nearest to it.

    Args:
        units: (N, D) float32 of unit length.
        least: The cosine that a pair has at least.
        first: The row from which on rows are compared; see ``pairs_above``.
        most: How many pairs a row has at most, the nearest ones.

    Yields:
        Block by block the row up to which all is found; the later rows, in order; the earlier rows, the nearest first;
        their cosines; and how many of the rows would have had more.
    """
    held: list[Pairs] = []
    done, count = 0, 0
    for end, pairs in pairs_above(units, least, first):
        if held and end != done:
            yield done, *_nearest(held, most)
            held, count = [], 0
        done = end
        held.append(pairs)
        count += len(pairs[0])
        if count > SPARE:
            kept, _ = _nearest(held, most + 1)
            held, count = [kept], len(kept[0])
    if held:
        yield done, *_nearest(held, most)


def _nearest(held: list[Pairs], most: int) -> tuple[Pairs, int]:
    """Return the pairs with the largest cosines of each later row, and how many rows have more than ``most``."""
    later, earlier, cosines = (np.concatenate(parts) for parts in zip(*held, strict=True))
    order = np.lexsort((earlier, -cosines, later))
    begins = np.flatnonzero(np.diff(later[order], prepend=-1))
    counts = np.diff(begins, append=len(later))
    kept = order[np.arange(len(later)) - np.repeat(begins, counts) < most]
    return (later[kept], earlier[kept], cosines[kept]), int((counts > most).sum())
