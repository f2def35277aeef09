"""Where reworded text ends: passages grow, and shrink, to the words that both sides have in common in any order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from siamese_text.records import Span

IdArray = NDArray[np.int64]

_KEPT = 0.5  # the share of words that is left of a copy, whatever was done to it
_UNSEEN, _ELSEWHERE = 0.5, 2000  # as if other texts of 2000 words held each word half a time: two documents say little
_DROP = 12.0  # nats that a stretch without common words may cost before the passage ends
_GAIN = 3.0  # nats that it must bring to go on
_MARGIN = 40  # words beside a passage in which its other side may go on
_ROUNDS = 4
_SURE = 40.0  # nats by which the words alone decide where a passage ends; with fewer, its meaning made it one

Sides = tuple[Span, Span]
Words = Sequence[str] | NDArray[np.integer]


class PairWords:
    """The words of two documents, and what each says for a common origin of two passages that hold it.

    A word that both passages hold speaks for one by the logarithm of its chance: how often a copy keeps a word, to how
    likely a stretch of that length holds it anyway, as the rest of both documents shows. A word that only one passage
    holds speaks against it. Each word of a passage has one partner in the other: a term that a text says again and
    again is no copy of its one mention.

    Args:
        left: Folded words of a document, or their numbers.
        right: Folded words of the other.
    """

    def __init__(self, left: Words, right: Words) -> None:
        known, numbers = np.unique(np.concatenate([left, right]), return_inverse=True)
        one, other = numbers[: len(left)], numbers[len(left) :]
        self._words, self._vocabulary = (one, other), len(known)
        self._counts = self._counted(one) + self._counted(other)

    def grown(self, passages: Sides, limits: Sides) -> Sides:
        """Take in the words beside two passages that have a partner, and cut off the ends that have none.

        Args:
            passages: A span of words in each document.
            limits: How far each may grow.

        Returns:
            The new spans; the old ones where the words in common say too little to end a passage by.

        Example:
            >>> left = "nobody had told them why the old mill at Brack stood still all summer".split()
            >>> right = "still all summer stood the old mill at Brack and the wheel turned green".split()
            >>> PairWords(left, right).grown((Span(6, 8), Span(5, 7)), (Span(0, 14), Span(0, 14)))
            (Span(start=5, end=14), Span(start=0, end=9))
        """
        kept = passages
        for _ in range(_ROUNDS):
            before = passages
            passages = self._reached(0, passages, limits[0]), passages[1]
            passages = passages[0], self._reached(1, passages, limits[1])
            if passages == before:
                break
        left, _ = self._heaviest(0, passages)
        right, nats = self._heaviest(1, (left, passages[1]))
        return (left, right) if nats >= _SURE else kept

    def _reached(self, side: int, passages: Sides, limit: Span) -> Span:
        """Grow one side over words with a partner in or beside the other one that is not taken."""
        own, others, span = self._words[side], self._words[1 - side], passages[side]
        partner = passages[1 - side]
        around = Span(max(0, partner.start - _MARGIN), min(len(others), partner.end + _MARGIN))
        shared, alone = self._nats(passages, len(around))
        free = self._counted(others[around.start : around.end]) - self._counted(own[span.start : span.end])
        steps = []
        for words in (own[limit.start : span.start][::-1], own[span.end : limit.end]):
            steps.append(_farthest(np.where(_occurrence(words) < free[words], shared[words], alone[words])))
        return Span(span.start - steps[0], span.end + steps[1])

    def _heaviest(self, side: int, passages: Sides) -> tuple[Span, float]:
        """Cut one side to the stretch that says most for a common origin; return what it says, too."""
        span, partner = passages[side], passages[1 - side]
        shared, alone = self._nats(passages, len(partner))
        words = self._words[side][span.start : span.end]
        others = self._words[1 - side][partner.start : partner.end]
        sums = np.concatenate([[0.0], np.cumsum(np.where(self._partnered(words, others), shared[words], alone[words]))])
        end = int(np.argmax(sums - np.minimum.accumulate(sums)))
        start = int(np.argmin(sums[: end + 1]))
        return Span(span.start + start, span.start + end), float(sums[end] - sums[start])

    def _partnered(self, words: IdArray, others: IdArray) -> NDArray[np.bool_]:
        """Give words a partner among others: first those in the same order, then what is left in any."""
        found = np.zeros(len(words), dtype=np.bool_)
        for block in Indel.opcodes(words.tolist(), others.tolist()):
            if block.tag == "equal":
                found[block.src_start : block.src_end] = True
        free = self._counted(others) - self._counted(words[found])
        found[~found] = _occurrence(words[~found]) < free[words[~found]]
        return found

    def _nats(self, passages: Sides, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what each word says where a stretch of some words of the other side holds it, and where not: (V,)."""
        inside = [words[span.start : span.end] for words, span in zip(self._words, passages, strict=True)]
        outside = self._counts - self._counted(inside[0]) - self._counted(inside[1])
        total = sum(map(len, self._words)) - sum(map(len, inside)) + _ELSEWHERE
        absent = np.exp(-(outside + _UNSEEN) / total * size)
        shared, alone = np.log(_KEPT / np.maximum(1 - absent, 1e-9)), np.log((1 - _KEPT) / np.maximum(absent, 1e-9))
        return np.maximum(shared, 0), np.minimum(alone, 0)

    def _counted(self, words: IdArray) -> IdArray:
        return np.bincount(words, minlength=self._vocabulary)


def _occurrence(words: IdArray) -> IdArray:
    """Number the occurrences of each word, from 0: (W,)."""
    order = np.argsort(words, kind="stable")
    places = np.arange(len(words))
    sorted_words = words[order]
    starts = np.zeros(len(words), dtype=np.int64)
    starts[1:] = np.where(sorted_words[1:] != sorted_words[:-1], places[1:], 0)
    numbers = np.empty(len(words), dtype=np.int64)
    numbers[order] = places - np.maximum.accumulate(starts)
    return numbers


def _farthest(nats: NDArray[np.float64]) -> int:
    """Count the words up to the largest sum that stands before a drop; 0 where it gains too little."""
    sums = np.cumsum(nats)
    dropped = np.flatnonzero(np.maximum.accumulate(np.maximum(sums, 0)) - sums > _DROP)
    sums = sums[: dropped[0]] if len(dropped) else sums
    return int(sums.argmax()) + 1 if sums.max(initial=0) > _GAIN else 0
