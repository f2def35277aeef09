"""Sentences of a large folder that say nearly the same, found without comparing each with each.

Sentences are put into lists of like ones by a few rounds of k-means, and each list is compared with the nearest lists
alone, as dense products (the inverted file of Sivic and Zisserman, "Video Google", 2003). With few sentences there is
one list, and nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from siamese_text.protocols import Progress
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

_LIST = 512  # sentences in a list, about
_PROBED = 16  # lists that one is compared with, itself among them
_TAUGHT, _ROUNDS = 32, 4  # sentences for each list that k-means sees, and how often
_BLOCK = 4096  # sentences that are compared with all lists at once
_ROWS = 512  # sentences of a list that are compared with others at once
_MOST = 10  # neighbours of a sentence: more would be a common turn of phrase

IndexArray = NDArray[np.int64]


def similar_sentences(
    table: FloatArray, least: FloatArray, progress: Progress | None = None
) -> Iterator[tuple[IndexArray, IndexArray, FloatArray]]:
    """Find the sentences whose cosine reaches what both of them need.

    Args:
        table: (N, D) float32 or float16, of unit length.
        least: (N,) float32, the least cosine of each sentence.
        progress: Called with the number of sentences put into lists and, again, compared, and of twice all.

    Yields:
        Places of some sentences, those of a like one each, and their cosines: (H,) each. A pair may come once from
        either side, and each sentence has its ten best at most.
    """
    done, told = 0, progress or (lambda _done, _total: None)
    members = _lists(table, lambda listed: told(listed, 2 * len(table)))
    middles = unit_rows(np.stack([table[rows].astype(np.float32).sum(axis=0) for rows in members]))
    for number, rows in enumerate(members):
        near = np.argsort(-(middles @ middles[number]), kind="stable")[:_PROBED]
        others = np.concatenate([members[one] for one in near])
        columns = table[others].astype(np.float32).T
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            cosines = table[some].astype(np.float32) @ columns
            at, across = np.nonzero(cosines >= least[some][:, None])
            left, right, found = some[at], others[across], cosines[at, across]
            kept = (found >= least[right]) & (left != right)
            yield _best(left[kept], right[kept], found[kept])
        done += len(rows)
        told(len(table) + done, 2 * len(table))


def _lists(table: FloatArray, listed: Callable[[int], None]) -> list[IndexArray]:
    """Put sentences into lists of like ones, none empty."""
    count = len(table) // _LIST
    if count <= _PROBED:
        return [np.arange(len(table))] if len(table) else []
    centres = _centres(table, count)
    nearest = np.empty(len(table), dtype=np.int64)
    for at in range(0, len(table), _BLOCK):
        nearest[at : at + _BLOCK] = _nearest(table[at : at + _BLOCK], centres)
        listed(min(at + _BLOCK, len(table)))
    order = np.argsort(nearest, kind="stable")
    return [rows for rows in np.split(order, np.flatnonzero(np.diff(nearest[order])) + 1) if len(rows)]


def _centres(table: FloatArray, count: int) -> FloatArray:
    rng = np.random.default_rng(0)
    taught = table[np.sort(rng.permutation(len(table))[: _TAUGHT * count])].astype(np.float32)
    centres = taught[rng.permutation(len(taught))[:count]]
    for _ in range(_ROUNDS):
        nearest = np.concatenate([_nearest(taught[at : at + _BLOCK], centres) for at in range(0, len(taught), _BLOCK)])
        order = np.argsort(nearest, kind="stable")
        met, starts = np.unique(nearest[order], return_index=True)
        centres[met] = unit_rows(np.add.reduceat(taught[order], starts, axis=0))
    return centres


def _nearest(vectors: FloatArray, centres: FloatArray) -> IndexArray:
    nearest: IndexArray = (vectors.astype(np.float32, copy=False) @ centres.T).argmax(axis=1)
    return nearest


def _best(left: IndexArray, right: IndexArray, cosines: FloatArray) -> tuple[IndexArray, IndexArray, FloatArray]:
    """Keep the best few of each left side."""
    order = np.lexsort((-cosines, left))
    left, right, cosines = left[order], right[order], cosines[order]
    starts = np.flatnonzero(np.r_[True, left[1:] != left[:-1]][: len(left)])
    ranks = np.arange(len(left)) - np.repeat(starts, np.diff(np.r_[starts, len(left)]))
    kept = ranks < _MOST
    return left[kept], right[kept], cosines[kept]
