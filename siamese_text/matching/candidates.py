"""Which pairs of rows are compared at all: the nearest ones by words, by letters and by meaning, never all pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.matching.terms import Sparse
from siamese_text.records import FloatArray
from siamese_text.search.top_k import top_k

MOST_PRODUCTS = 2e9  # multiplications of terms: where there are more, the commonest terms find no candidates
BLOCK = 256  # rows whose products with all others are in memory
WAYS = ("words", "letters", "meaning")

Places = NDArray[np.int64]
Nearest = Callable[[int], tuple[Places, Places]]  # k -> the rows of pairs, on either side


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """P pairs of rows.

    Attributes:
        left: (P,) the rows of the first table.
        right: (P,) the rows of the second; of one table alone always later rows than ``left``.
        rows: How many rows either table has.
        found: (P,) the sum of 2^w over the ways w of ``WAYS`` by which a pair was found; 0 of one that was given.
        alone: Whether there is one table, whose rows are compared with each other.
    """

    left: Places
    right: Places
    rows: tuple[int, int]
    found: NDArray[np.uint8]
    alone: bool

    def __len__(self) -> int:
        return len(self.left)

    def places(self, left: Places, right: Places) -> Places:
        """Return where pairs stand among the candidates, -1 for one that is not there."""
        keys, asked = self.left * self.rows[1] + self.right, left * self.rows[1] + right
        place = np.searchsorted(keys, asked)
        there = (place < len(keys)) & (keys[np.minimum(place, len(keys) - 1)] == asked)
        return np.where(there, place, -1)


def nearest_by_terms(left: Sparse, right: Sparse, k: int) -> tuple[Places, Places]:
    """Find for each row of one table the K rows of another with the largest product of their terms.

    Where all products would be more than ``MOST_PRODUCTS``, the commonest terms are left out.

    Args:
        left: Sparse (N, T).
        right: Sparse (M, T).
        k: How many to find; fewer where fewer share a term.

    Returns:
        The rows of the pairs in either table.
    """
    products = np.bincount(left.indices, minlength=left.shape[1]).astype(np.float64)
    products *= np.bincount(right.indices, minlength=left.shape[1])
    rarest = np.argsort(products, kind="stable")
    kept = np.zeros(len(products), np.float32)
    kept[rarest[np.cumsum(products[rarest]) <= MOST_PRODUCTS]] = 1
    left = left.copy()
    left.data = left.data * kept[left.indices]
    left.eliminate_zeros()
    turned = right.T.tocsr()
    ones, others = [], []
    for start in range(0, left.shape[0], BLOCK):
        scores = left[start : start + BLOCK] @ turned
        for row, (begin, end) in enumerate(zip(scores.indptr[:-1], scores.indptr[1:], strict=True), start=start):
            best = slice(None) if end - begin <= k else np.argpartition(-scores.data[begin:end], k - 1)[:k]
            found = scores.indices[begin:end][best]
            ones.append(np.full(len(found), row))
            others.append(found)
    return np.concatenate(ones).astype(np.int64), np.concatenate(others).astype(np.int64)


def nearest_by_meaning(left: FloatArray, right: FloatArray, k: int) -> tuple[Places, Places]:
    """Find for each of (N, D) unit vectors the K of (M, D) with the largest cosine; a vector of zeros finds none."""
    scores, rows = top_k(left, right, k)
    real = scores > 0
    return np.nonzero(real)[0], rows[real]


def find_candidates(
    ways: Sequence[tuple[str, Sparse | FloatArray, Sparse | FloatArray]],
    rows: tuple[int, int],
    k: int,
    *,
    alone: bool,
    given: tuple[Places, Places] | None = None,
) -> Candidates:
    """Find the pairs that are nearest to each other in any way, seen from either side.

    Args:
        ways: The name of each, of ``WAYS``, and the vectors of both tables; sparse by terms, dense by meaning.
        rows: How many rows either table has.
        k: How many neighbours of a row are candidates, in each way.
        alone: Whether both tables are one.
        given: Pairs that are candidates whether they were found or not.

    Returns:
        The candidates, ordered by the rows of the first table and then of the second.
    """
    keys, flags = [], []
    for name, left, right in ways:
        nearest = nearest_by_meaning if name == "meaning" else nearest_by_terms
        pairs = [nearest(left, right, k + alone)]
        if not alone:
            pairs.append(nearest(right, left, k)[::-1])
        for one, other in pairs:
            if alone:
                differ = one != other
                one, other = np.minimum(one, other)[differ], np.maximum(one, other)[differ]
            keys.append(one * rows[1] + other)
            flags.append(np.full(len(one), 1 << WAYS.index(name), np.uint8))
    if given is not None:
        keys.append(given[0] * rows[1] + given[1])
        flags.append(np.zeros(len(given[0]), np.uint8))
    distinct, which = np.unique(np.concatenate(keys), return_inverse=True)
    found = np.zeros(len(distinct), np.uint8)
    np.bitwise_or.at(found, which, np.concatenate(flags))
    return Candidates(distinct // rows[1], distinct % rows[1], rows, found, alone)


def missed_share(candidates: Candidates, probability: NDArray[np.float64]) -> float:
    """Estimate the share of matches that no way found, from how many were found by words, otherwise, and by both.

    With a found by words alone, b otherwise alone and c by both, a·b / c were missed if the ways are independent
    (Lincoln and Petersen); as they find the same easy pairs, it is at least about that.

    Args:
        candidates: P pairs.
        probability: (P,) that each is a match.

    Returns:
        The share in [0, 1).
    """
    words = (candidates.found & 1) > 0
    otherwise = candidates.found > 1
    only_words, only_other = probability[words & ~otherwise].sum(), probability[~words & otherwise].sum()
    both = probability[words & otherwise].sum()
    missed = only_words * only_other / (both + 1)  # Chapman's correction: there may be none found by both
    return float(missed / max(missed + only_words + only_other + both, 1e-9))
