"""What a folder's own language says of shared words: how many nats of chance it takes to share them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.records import Span

_CONTINUATION = 30.0  # how often a word must have been seen before the folder decides what follows it
_UNSEEN = 0.5  # as if every word of the folder had been seen this often elsewhere
_NOWHERE = -1  # stands for a word that is excluded

IdArray = NDArray[np.int64]


class FolderLanguage:
    """How surprising the words are that two passages share, in the language of their folder.

    Words and pairs of consecutive words are counted in the whole folder but the two passages: what everyone says
    because everyone answers one question surprises little; copies of one text are counted once, since the folder would
    foretell whatever is copied often enough. The more documents hold a phrase, the better the folder
    foretells it, so that what several documents share is weaker evidence of two of them.

    Args:
        documents: All documents of the folder.
    """

    def __init__(self, documents: Sequence[Prepared]) -> None:
        self._documents = documents
        self._vocabulary = max(1, *(len(document.words.vocabulary) for document in documents))
        texts = list({document.text_number: document for document in documents}.values())
        self._total = sum(len(text.words) for text in texts)
        self._singles = np.zeros(self._vocabulary, dtype=np.int64)
        for text in texts:
            self._singles += np.bincount(text.words.ids, minlength=self._vocabulary)
        self._pairs, self._pair_counts = _repeated(_joined([self._keys(text.words.ids) for text in texts]))

    def surprise(self, left: tuple[int, Span], right: tuple[int, Span], *, named: bool = False) -> float:
        """Return the evidence that two passages have their common words from one text.

        The passages are cut into the runs that both hold. A run has the negative logarithm of its probability, word
        by word, less the logarithm of the places where it could stand; what remains below 0 is no evidence. Excluded
        words are in no run, and a run that stands on a side twice counts once.

        Args:
            left: The place of a document in the folder, and a span of its characters.
            right: The same of the other passage.
            named: Whether one document is a source that somebody named: then it does not matter how many others took
                the same from it, and only single words are known from the folder.

        Returns:
            Nats, 0 or more; the same whichever passage comes first.
        """
        one, other = self._within(*left), self._within(*right)
        held = [one[0], other[0]]
        if left[1] == right[1] and self._documents[left[0]].text_number == self._documents[right[0]].text_number:
            held = held[:1]  # of a text that was counted once
        own, own_pairs = np.sort(np.concatenate(held)), np.sort(np.concatenate([self._keys(words) for words in held]))
        sides = np.where(one[1], one[0], _NOWHERE), np.where(other[1], other[0], _NOWHERE)
        return min(self._evidence(first, second, own, own_pairs, named=named) for first, second in (sides, sides[::-1]))

    def _within(self, place: int, span: Span) -> tuple[IdArray, NDArray[np.bool_]]:
        """Return the words that begin inside a span, and which of them count."""
        document = self._documents[place]
        within = document.words.within(span)
        starts = document.words.starts[within.start : within.end]
        return document.words.ids[within.start : within.end].astype(np.int64), _outside(starts, document)

    def _keys(self, words: NDArray[np.integer]) -> IdArray:
        """Number the pairs of consecutive words; those with an excluded word get a negative number."""
        words = words.astype(np.int64, copy=False)
        keys: IdArray = np.where(
            np.minimum(words[:-1], words[1:]) >= 0, words[:-1] * self._vocabulary + words[1:], _NOWHERE
        )
        return keys

    def _evidence(self, left: IdArray, right: IdArray, own: IdArray, own_pairs: IdArray, *, named: bool) -> float:
        """Add up the runs of the right side that stand on the left one too."""
        if not len(left) or not len(right):
            return 0.0
        counts = np.maximum(0, self._singles[right] - _occurrences(own, right))
        chance = (counts + _UNSEEN) / (self._total - len(own) + _UNSEEN * self._vocabulary)
        keys = self._keys(right)
        seen = np.zeros(len(keys)) if named else np.maximum(0, self._seen(keys) - _occurrences(own_pairs, keys))
        weight = 0.0 if named else counts[:-1]
        follows = (seen + _CONTINUATION * chance[1:]) / (weight + _CONTINUATION)
        goes_on = np.r_[False, _held(np.sort(self._keys(left)), keys) & (keys >= 0)]
        shared = _held(np.sort(left), right) & (right >= 0)
        nats = np.where(shared, -np.log(np.where(goes_on, np.r_[1.0, follows], chance)), 0.0)
        starts = np.flatnonzero(~goes_on)
        runs = np.add.reduceat(nats, starts) - np.log(max(len(left), len(right)))
        ends = np.r_[starts[1:], len(right)]
        distinct = {right[start:end].tobytes(): run for start, end, run in zip(starts, ends, runs, strict=True)}
        return float(sum(run for run in distinct.values() if run > 0))

    def _seen(self, keys: IdArray) -> IdArray:
        if not len(self._pairs):
            return np.zeros(len(keys), dtype=np.int64)
        places = np.minimum(np.searchsorted(self._pairs, keys), len(self._pairs) - 1)
        return np.where(self._pairs[places] == keys, self._pair_counts[places], 0)


def _held(sorted_values: IdArray, keys: IdArray) -> NDArray[np.bool_]:
    """Tell which keys stand in a sorted array: of a few hundred values, several times as fast as ``np.isin``."""
    if not len(sorted_values):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(sorted_values, keys), len(sorted_values) - 1)
    held: NDArray[np.bool_] = sorted_values[places] == keys
    return held


def _occurrences(sorted_values: IdArray, keys: IdArray) -> IdArray:
    """Count how often each key stands in a sorted array."""
    counts: IdArray = np.searchsorted(sorted_values, keys, "right") - np.searchsorted(sorted_values, keys, "left")
    return counts


def _repeated(keys: IdArray) -> tuple[IdArray, IdArray]:
    """Return what occurs more than once, in increasing order, and how often; the keys are sorted in place.

    A pair of words that occurs once does so in the passage that is asked about: nothing is seen elsewhere.
    """
    keys.sort()
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]][: len(keys)])
    counts = np.diff(np.r_[starts, len(keys)])
    return keys[starts[counts > 1]], counts[counts > 1]


def _outside(starts: NDArray[np.int32], document: Prepared) -> NDArray[np.bool_]:
    """Tell which words stand outside what is excluded."""
    counted = np.ones(len(starts), dtype=np.bool_)
    for span in document.excluded:
        counted[slice(*np.searchsorted(starts, (span.start, span.end)))] = False
    return counted


def _joined(arrays: Sequence[IdArray]) -> IdArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *arrays])
