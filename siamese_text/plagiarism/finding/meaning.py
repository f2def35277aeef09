"""What a folder's own sentences say of similar ones: how many nats of chance it takes to be so much alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.records import FloatArray, Span
from siamese_text.unit_rows import unit_rows

# The best cosine that a sentence has in a document that has nothing to do with it, as centred embeddings of
# all-MiniLM-L6-v2 show it: what a folder of few documents is taken to look like.
_USUAL_COSINE, USUAL_SPREAD, _USUAL_DOCUMENTS = 0.14, 0.08, 8
_SAMPLE = 60  # documents that the background of a sentence is learned from
_REMEMBERED = 2000  # documents whose backgrounds are kept at a time: some 100 MB
_FEWEST_NATS = 3.0  # below this, similar sentences are not told from chance


class FolderMeaning:
    """How far the similarity of passages stands above what documents of their folder have with each other.

    The background of a sentence is its best cosine in each other document of a sample. The cosine of two sentences
    is measured from the higher of their mean backgrounds, in units of the spread of all backgrounds, so that what
    the whole class writes about is no evidence. Sentences may be merged or split: pairs of consecutive sentences
    are compared as well.

    Args:
        documents: All documents of the folder.
    """

    def __init__(self, documents: Sequence[Prepared]) -> None:
        self._documents = documents
        step = max(1, len(documents) // _SAMPLE)
        self._sample = list(range(0, len(documents), step))
        self._bounds = np.cumsum([0, *(len(documents[place].windows) for place in self._sample)])
        self._vectors = np.concatenate([documents[place].window_vectors for place in self._sample])
        self._backgrounds: dict[int, FloatArray] = {}
        self._spread = self._learn_spread()

    def surprise(self, left: tuple[int, Span], right: tuple[int, Span]) -> float:
        """Return the evidence that two passages say the same, beyond what their topic explains.

        Args:
            left: The place of a document in the folder, and a span of its characters.
            right: The same of the other passage.

        Returns:
            Nats, 0 or more, added up over the best pairs of sentences that share none.
        """
        rows, columns = self._windows(*left), self._windows(*right)
        if not len(rows) or not len(columns):
            return 0.0
        (one, _), (other, _) = left, right
        cosines = self._vectors_of(one, rows) @ self._vectors_of(other, columns).T
        usual = np.maximum(self._mean(one, rows, other)[:, None], self._mean(other, columns, one)[None, :])
        nats = -log_ndtr(-(cosines - usual) / self._spread)
        taken_left: set[int] = set()
        taken_right: set[int] = set()
        total = 0.0
        places = np.argwhere(nats >= _FEWEST_NATS)
        for row, column in places[np.argsort(-nats[tuple(places.T)], kind="stable")].tolist():
            ours = set(self._documents[one].windows[rows[row]].tolist())
            theirs = set(self._documents[other].windows[columns[column]].tolist())
            if not ours & taken_left and not theirs & taken_right:
                taken_left |= ours
                taken_right |= theirs
                total += max(0.0, float(nats[row, column]) - float(np.log(max(nats.shape))))
        return total

    def _windows(self, place: int, span: Span) -> NDArray[np.int64]:
        """Return the places of the windows of a document that lie in a span."""
        document = self._documents[place]
        sentences = document.sentences_of(span)
        inside = (document.windows[:, 0] >= sentences.start) & (document.windows[:, 1] < sentences.stop)
        return np.flatnonzero(inside)

    def _vectors_of(self, place: int, windows: NDArray[np.int64]) -> FloatArray:
        document = self._documents[place]
        first, last = document.rows[document.windows[windows]].T
        vectors = document.table[first].astype(np.float32) + document.table[last]
        return unit_rows(vectors)

    def _background(self, place: int) -> FloatArray:
        """Return the best cosine of each window in each document of the sample: (W, sample), nan where it has none."""
        if place not in self._backgrounds:
            if len(self._backgrounds) >= _REMEMBERED:
                self._backgrounds.clear()
            windows = self._documents[place].window_vectors
            best = np.full((len(windows), len(self._sample)), np.nan, dtype=np.float32)
            filled = np.flatnonzero(np.diff(self._bounds))
            if len(windows) and len(filled):
                cosines = windows @ self._vectors.T
                best[:, filled] = np.maximum.reduceat(cosines, self._bounds[filled], axis=1)
            self._backgrounds[place] = best
        return self._backgrounds[place]

    def _mean(self, place: int, windows: NDArray[np.int64], partner: int) -> FloatArray:
        """Return the mean background of some windows in documents other than the two, drawn to the usual: (W,)."""
        others = [column for column, other in enumerate(self._sample) if other not in (place, partner)]
        best = self._background(place)[windows][:, others]
        known = (~np.isnan(best)).sum(axis=1)
        mean: FloatArray = (np.nansum(best, axis=1) + _USUAL_DOCUMENTS * _USUAL_COSINE) / (known + _USUAL_DOCUMENTS)
        return mean

    def _learn_spread(self) -> float:
        """Measure how far backgrounds lie from the mean of their sentence, by the median that copies cannot move."""
        distances = [np.zeros(0, dtype=np.float32)]
        for column, place in enumerate(self._sample):
            best = np.delete(self._background(place), column, axis=1)
            best = best[:, ~np.isnan(best).all(axis=0)]
            if best.shape[1] > 2:
                distances.append(np.abs(best - np.median(best, axis=1, keepdims=True)).ravel())
        known = np.concatenate(distances)
        if not len(known):
            return USUAL_SPREAD
        return max(USUAL_SPREAD / 2, 1.4826 * float(np.median(known)))
