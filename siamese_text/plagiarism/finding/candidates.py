"""Sentence embeddings propose which passages of two documents say the same in other words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.protocols import Progress
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

_NEIGHBOURS = 3  # how many next-best sentences make the background of a sentence
_BLOCK = 4096  # windows compared at once
_ROUNDING = np.float32(1e-5)  # of the same value computed in two ways


@dataclass(frozen=True, slots=True)
class Seed:
    """One or two consecutive sentences on each side that stand out, as places in the lists of sentences."""

    left: range
    right: range
    excess: float


class PairSimilarity:
    """How much more alike passages of two documents are than the documents make one expect.

    The excess of two passages is the cosine of their pooled sentence embeddings less half their background: the
    mean cosine of a sentence with the next-best sentences of the other document, averaged over all sentences of
    both passages. Two essays that answer one question have a high background; a paraphrase stands out from it.

    Args:
        left: One document.
        right: The other.
        cosines: (W, V) float32, the cosines of the windows of the left with those of the right.

    Attributes:
        sentence_excess: (S, T) float32, the excess of each sentence of the left document with each of the right.
    """

    def __init__(self, left: Prepared, right: Prepared, cosines: FloatArray) -> None:
        self._left, self._right = left, right
        self._left_vectors, self._right_vectors = left.vectors, right.vectors
        of_sentences = cosines[: len(left.sentences), : len(right.sentences)]
        self._left_background, self._right_background = _background(of_sentences), _background(of_sentences.T)
        rows = self._left_background[left.windows].mean(axis=1)
        columns = self._right_background[right.windows].mean(axis=1)
        self._window_excess = cosines - (rows[:, None] + columns[None, :]) / 4
        self.sentence_excess = self._window_excess[: len(left.sentences), : len(right.sentences)]

    def excess(self, left: range, right: range) -> float:
        """Return the excess of two passages given as ranges of sentences, in [-1.5, 1]; 0 where one is empty."""
        if not left or not right:
            return 0.0
        rows, columns = slice(left.start, left.stop), slice(right.start, right.stop)
        pooled = unit_rows(np.stack([self._left_vectors[rows].sum(axis=0), self._right_vectors[columns].sum(axis=0)]))
        background = self._left_background[rows].mean() + self._right_background[columns].mean()
        return float(pooled[0] @ pooled[1] - background / 4)

    def seeds(self, threshold: float) -> list[Seed]:
        """Find the sentences, and pairs of consecutive ones, that are each other's best and reach a threshold."""
        # A pair of sentences that is no better than one of them alone has a stranger beside it.
        first, last = self._left.windows.T
        rows = np.maximum(self.sentence_excess[first], self.sentence_excess[last])
        first, last = self._right.windows.T
        best_within = np.maximum(rows[:, first], rows[:, last])
        excess = np.where(self._window_excess < best_within - _ROUNDING, -np.inf, self._window_excess)
        places = np.argwhere(excess >= threshold)
        best_of_row, best_of_column = excess.max(axis=1, initial=-np.inf), excess.max(axis=0, initial=-np.inf)
        row, column = places.T
        places = places[(excess[row, column] == best_of_row[row]) & (excess[row, column] == best_of_column[column])]
        return [
            Seed(_range(self._left.windows[row]), _range(self._right.windows[column]), float(excess[row, column]))
            for row, column in _one_each(places)
        ]


def _one_each(places: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Give each row one column and each column one row, of (P, 2) pairs that are equally good.

    A text that repeats itself has many: those are kept that stand at nearly the same place on both sides.
    """
    rows: set[int] = set()
    columns: set[int] = set()
    kept = []
    for row, column in places[np.argsort(np.abs(places[:, 0] - places[:, 1]), kind="stable")].tolist():
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            kept.append((row, column))
    return sorted(kept)


def similar_pairs(
    documents: Sequence[Prepared],
    threshold: float,
    *,
    wanted: Collection[tuple[int, int]] = (),
    references: int = 0,
    progress: Progress | None = None,
) -> Iterator[tuple[int, int, PairSimilarity]]:
    """Compare all pairs of documents, and hand out those that hold two similar windows.

    The product runs in blocks: memory grows with the sentences of one document, never with the square of the
    folder.

    Args:
        documents: The documents.
        threshold: The least cosine of two windows.
        wanted: Pairs of places that are handed out in any case.
        references: How many documents at the end of the list are not compared with one another.
        progress: Called with the number of pairs compared and to compare, when what was handed out is done with.

    Yields:
        The places of the two documents, the smaller first, in increasing order, and how similar they are.
    """
    of_documents = [document.window_vectors for document in documents]
    vectors = np.concatenate(of_documents)
    bounds = np.cumsum([0, *(len(document.windows) for document in documents)])
    compared = len(documents) - references
    done, total = 0, compared * (compared - 1) // 2 + compared * references
    for left, document in enumerate(documents[:compared]):
        start = left + 1
        while start < len(documents):
            stop = max(start + 1, int(np.searchsorted(bounds, bounds[start] + _BLOCK, side="right")) - 1)
            cosines = of_documents[left] @ vectors[bounds[start] : bounds[stop]].T
            for right in range(start, stop):
                ours = cosines[:, bounds[right] - bounds[start] : bounds[right + 1] - bounds[start]]
                if ours.max(initial=-1) >= threshold or (left, right) in wanted:
                    yield left, right, PairSimilarity(document, documents[right], ours)
            done += stop - start
            if progress:
                progress(done, total)
            start = stop


def listed_pairs(
    documents: Sequence[Prepared],
    pairs: Iterable[tuple[int, int]],
    threshold: float,
    *,
    wanted: Collection[tuple[int, int]] = (),
) -> Iterator[tuple[int, int, PairSimilarity]]:
    """Compare some pairs of documents alone, and hand out those that hold two similar windows.

    Args:
        documents: The documents.
        pairs: Pairs of their places.
        threshold: The least cosine of two windows.
        wanted: Pairs of places that are handed out in any case.

    Yields:
        As ``similar_pairs``, in the order of the pairs.
    """
    kept, ours = -1, np.zeros((0, 0), dtype=np.float32)
    for left, right in pairs:
        if left != kept:
            kept, ours = left, documents[left].window_vectors
        cosines = ours @ documents[right].window_vectors.T
        if cosines.max(initial=-1) >= threshold or (left, right) in wanted:
            yield left, right, PairSimilarity(documents[left], documents[right], cosines)


def _background(cosines: FloatArray) -> FloatArray:
    """Average the second to fourth best of each row, at least 0: (R,); 0 where there is no second."""
    count = cosines.shape[1]
    if count < 2:
        return np.zeros(len(cosines), dtype=np.float32)
    best = np.partition(cosines, range(max(0, count - _NEIGHBOURS - 1), count), axis=1)
    background: FloatArray = np.maximum(best[:, -_NEIGHBOURS - 1 : -1].mean(axis=1), 0)
    return background


def _range(window: NDArray[np.int64]) -> range:
    return range(int(window[0]), int(window[1]) + 1)
