"""Sentence embeddings propose which passages of two documents say the same in other words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.prepared import Prepared, unit_length
from siamese_text.records import FloatArray

_NEIGHBOURS = 3  # how many next-best sentences make the background of a sentence
_BLOCK = 4096  # sentences compared at once


@dataclass(frozen=True, slots=True)
class Seed:
    """One or two consecutive sentences on each side that stand out, as places in the lists of sentences."""

    left: range
    right: range
    excess: float


class PairSimilarity:
    """How much more alike passages of two documents are than the two documents make one expect.

    The excess of two passages is the cosine of their pooled sentence embeddings less half the background, the
    mean cosine of their sentences with the next-best sentences of the other document. Two essays that answer the
    same question have a high background; a paraphrase stands out from it.
    """

    def __init__(self, left: Prepared, right: Prepared) -> None:
        self._left, self._right = left.vectors, right.vectors
        cosines = left.vectors @ right.vectors.T
        self._left_background = _background(cosines)
        self._right_background = _background(cosines.T)
        self._excess = cosines - (self._left_background[:, None] + self._right_background[None, :]) / 4

    def excess(self, left: range, right: range) -> float:
        """Return the excess of a passage given as ranges of sentences, in [-1.5, 1]."""
        if len(left) == 0 or len(right) == 0:
            return 0.0
        rows, columns = slice(left.start, left.stop), slice(right.start, right.stop)
        pooled = unit_length(np.stack([self._left[rows].sum(axis=0), self._right[columns].sum(axis=0)]))
        background = self._left_background[rows].mean() + self._right_background[columns].mean()
        return float(pooled[0] @ pooled[1] - background / 4)

    def grow(self, left: range, right: range, *, threshold: float, max_gap: int) -> tuple[range, range]:
        """Extend a passage, best first, by pairs of sentences that exceed the threshold in or beside it.

        At most ``max_gap`` sentences without a partner may lie between, both sides taken together.
        """
        while True:
            row_distance = _distances(len(self._excess), left)
            column_distance = _distances(self._excess.shape[1], right)
            gaps = np.maximum(row_distance - 1, 0)[:, None] + np.maximum(column_distance - 1, 0)[None, :]
            outside = (row_distance > 0)[:, None] | (column_distance > 0)[None, :]
            reachable = np.where(outside & (gaps <= max_gap), self._excess, -np.inf)
            row, column = divmod(int(reachable.argmax()), reachable.shape[1])
            if reachable[row, column] < threshold:
                return left, right
            left, right = _with(left, row), _with(right, column)

    def seeds(self, threshold: float) -> list[Seed]:
        """Find the sentences, and pairs of consecutive ones, that are each other's best and exceed the threshold."""
        if len(self._left) == 0 or len(self._right) == 0:
            return []
        left, right = _windows(self._left), _windows(self._right)
        background = (
            _windowed_mean(self._left_background)[:, None] + _windowed_mean(self._right_background)[None, :]
        )
        excess = left @ right.T - background / 4
        best = (excess >= excess.max(axis=1, keepdims=True)) & (excess >= excess.max(axis=0, keepdims=True))
        found = [
            Seed(_range(row, len(self._left)), _range(column, len(self._right)), float(excess[row, column]))
            for row, column in np.argwhere(best & (excess >= threshold)).tolist()
        ]
        # Two sentences are no better a seed than one of them if the other adds nothing.
        return [seed for seed in found if seed.excess >= self._excess[_slice(seed.left), _slice(seed.right)].max()-1e-6]


def promising_pairs(documents: Sequence[Prepared], threshold: float, *, compared: int) -> Iterator[tuple[int, int]]:
    """Name the pairs of documents that hold at least one similar pair of sentences.

    The product runs in blocks: memory grows with the sentences of one document times 4096, never with the square
    of the folder.

    Args:
        documents: The documents.
        threshold: The least cosine of two sentences.
        compared: Documents from this place on are not compared with one another.

    Yields:
        Pairs of places, the smaller first, in increasing order.
    """
    owners = np.repeat(np.arange(len(documents)), [len(document.vectors) for document in documents])
    starts = np.searchsorted(owners, np.arange(len(documents)))
    vectors = np.concatenate([document.vectors for document in documents])
    for left in range(compared):
        partners: set[int] = set()
        for start in range(starts[left] + len(documents[left].vectors), len(vectors), _BLOCK):
            if len(documents[left].vectors) == 0:
                continue
            best = (documents[left].vectors @ vectors[start : start + _BLOCK].T).max(axis=0)
            partners.update(owners[start : start + _BLOCK][best >= threshold].tolist())
        yield from ((left, right) for right in sorted(partners))


def _background(cosines: FloatArray) -> FloatArray:
    """Average the second to fourth best of each row, (R,); 0 where there is no second."""
    if 0 in cosines.shape:
        return np.zeros(len(cosines), dtype=np.float32)
    next_best = np.sort(cosines, axis=1)[:, -_NEIGHBOURS - 1 : -1]
    if next_best.shape[1] == 0:
        return np.zeros(len(cosines), dtype=np.float32)
    return np.maximum(next_best.mean(axis=1), 0.0)


def _windows(vectors: FloatArray) -> FloatArray:
    """Stack the S sentences and the S - 1 pairs of consecutive ones: (2 S - 1, D), unit length."""
    return np.concatenate([vectors, unit_length(vectors[:-1] + vectors[1:])])


def _windowed_mean(background: FloatArray) -> FloatArray:
    return np.concatenate([background, (background[:-1] + background[1:]) / 2])


def _with(places: range, place: int) -> range:
    return range(min(places.start, place), max(places.stop, place + 1))


def _slice(places: range) -> slice:
    return slice(places.start, places.stop)


def _distances(count: int, passage: range) -> NDArray[np.int64]:
    """Count how far each of the sentences is from a passage; 0 inside it."""
    places = np.arange(count)
    return np.maximum(np.maximum(passage.start - places, places - passage.stop + 1), 0)


def _range(place: int, sentences: int) -> range:
    """Turn a place among the windows into the range of sentences that it holds."""
    return range(place, place + 1) if place < sentences else range(place - sentences, place - sentences + 2)
