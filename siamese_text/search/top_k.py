"""Exact nearest neighbours: a matrix product in blocks, so that a corpus larger than memory can be searched."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, UsageError
from siamese_text.records import FloatArray

_QUERY_BLOCK = 256
_FIRST_BLOCK = 1024  # rows of the corpus


def top_k(
    queries: FloatArray,
    corpus: NDArray[Any],
    k: int,
    *,
    norms: FloatArray | None = None,
    allowed: NDArray[np.bool_] | None = None,
    block: int = 16384,
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Find the K rows of a corpus with the largest inner product with each query.

    At most 256 queries × ``block`` rows are compared at a time, so memory does not grow with the corpus.

    Args:
        queries: (Q, D) float32.
        corpus: (N, D) float32, float16 or int8, in memory or memory-mapped; compared in float32.
        k: How many rows to keep for each query; K = min(k, rows that may be found).
        norms: (N,) float32, positive. Each score is divided by the norm of its row: with the corpus's Euclidean
            norms and queries of unit length the scores are cosines, without a normalised copy of the corpus.
        allowed: (N,) bool, the rows that may be found; by default all. No other row is compared.
        block: How many rows of the corpus to compare at a time.

    Returns:
        The (Q, K) float32 scores, best first, and the (Q, K) int64 row numbers they belong to. Of equal scores
        the lower row number comes first.

    Raises:
        UsageError: ``k`` or ``block`` is below 1.
        BadData: The shapes do not fit together, or a score is not a number.

    Example:
        >>> corpus = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
        >>> scores, rows = top_k(corpus[:1], corpus, 2)
        >>> rows.tolist()
        [[0, 2]]
    """
    _check(queries, corpus, k, norms, allowed, block)
    shape = (len(queries), min(k, len(corpus) if allowed is None else int(allowed.sum())))
    scores, rows = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int64)
    for start in range(0, len(queries), _QUERY_BLOCK):
        chunk = slice(start, start + _QUERY_BLOCK)
        _scan(queries[chunk], corpus, norms, allowed, block, scores[chunk], rows[chunk])
    return scores, rows


def _check(
    queries: FloatArray,
    corpus: NDArray[Any],
    k: int,
    norms: FloatArray | None,
    allowed: NDArray[np.bool_] | None,
    block: int,
) -> None:
    """Refuse numbers below 1 and arrays that do not fit together."""
    for name, value in (("k", k), ("block", block)):
        if value < 1:
            raise UsageError(f"{name} is {value}; give 1 or more")
    if queries.ndim != 2 or corpus.ndim != 2 or queries.shape[1] != corpus.shape[1]:
        raise BadData(
            f"queries have shape {queries.shape} and the corpus {corpus.shape}; "
            "both must be (rows, width) with one width: encode both with the same model"
        )
    for name, array in (("norms", norms), ("allowed", allowed)):
        if array is not None and array.shape != corpus.shape[:1]:
            raise BadData(f"{name} have shape {array.shape}; a corpus of {len(corpus)} rows needs ({len(corpus)},)")


def _scan(
    queries: FloatArray,
    corpus: NDArray[Any],
    norms: FloatArray | None,
    allowed: NDArray[np.bool_] | None,
    block: int,
    best: FloatArray,
    best_rows: NDArray[np.int64],
) -> None:
    """Go through the corpus once and keep the best of q queries in ``best`` and ``best_rows``, both (q, K)."""
    if best.shape[1] == 0:
        return
    start, size = 0, min(block, _FIRST_BLOCK)
    while start < len(corpus):
        # Score one block of rows, or those of it that may be found ...
        end = min(start + size, len(corpus))
        places = np.arange(start, end)
        part = corpus[start:end]
        if allowed is not None and not allowed[start:end].all():
            places = places[allowed[start:end]]
            part = part[places - start]
        scores = queries @ np.asarray(part, np.float32).T  # (q, size)
        if norms is not None:
            scores /= norms[places]
        if not np.isfinite(scores).all():
            raise BadData("a score is not a finite number; look for NaN in the vectors and encode the texts again")
        # ... and choose the best K of each query anew, among those that were best so far and those above the worst of
        # them. An equal score further down loses its tie, so only a larger one can enter. With blocks that double only
        # the first gives many: each later one gives a query about as many as it keeps.
        _enter(scores, places, best, best_rows)
        start, size = end, min(block, 2 * size)


def _enter(scores: FloatArray, places: NDArray[np.int64], best: FloatArray, best_rows: NDArray[np.int64]) -> None:
    """Put into the best K of q queries those of (q, size) scores that are better; ``places`` are the rows of these."""
    query, column = np.nonzero(scores > best[:, -1:])
    counts = np.bincount(query, minlength=len(best))
    k, most = best.shape[1], int(counts.max(initial=0))
    if not most:
        return
    # Those of each query stand side by side behind its best, in their order; what is left is filled with the worst.
    every = np.full((len(best), k + most), -np.inf, np.float32)
    rows = np.full(every.shape, -1, np.int64)
    every[:, :k], rows[:, :k] = best, best_rows
    behind = k + np.arange(len(query)) - np.repeat(counts.cumsum() - counts, counts)
    every[query, behind], rows[query, behind] = scores[query, column], places[column]
    columns = _best_columns(every, k)
    best[:], best_rows[:] = np.take_along_axis(every, columns, axis=1), np.take_along_axis(rows, columns, axis=1)


def _best_columns(scores: FloatArray, k: int) -> NDArray[np.int64]:
    """Return the (q, K) columns of the K largest scores in each row, best first and ties from the left."""
    # What is above the K-th largest score is kept, and of those equal to it the leftmost, until there are K:
    # np.argpartition would take any of the scores that tie there.
    kth = np.partition(scores, -k, axis=1)[:, -k, None]  # (q, 1)
    above, tied = scores > kth, scores == kth
    missing = k - above.sum(axis=1, keepdims=True)
    kept = above | (tied & (tied.cumsum(axis=1, dtype=np.int32) <= missing))  # exactly K in each row
    columns = np.nonzero(kept)[1].reshape(len(scores), k)
    # The K of each row, which come from left to right, are put in the order of their scores.
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
