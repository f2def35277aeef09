"""Runs of words that two documents share: hashed word n-grams, winnowed, joined by sorting, extended word by word.

Robust against spelling that the eye does not see, because the words are compared in their folded form. Blind to
any change of words: what was rewritten is found by ``candidates``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from siamese_text.records import Span

HashArray = NDArray[np.uint64]
IndexArray = NDArray[np.int64]

_NONE = np.zeros(0, dtype=np.int32)
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses no bit modulo 2**64


@dataclass(frozen=True, slots=True)
class SharedRun:
    """The same words in the same order in two documents, which cannot be extended on either side.

    ``left`` and ``right`` are places in the list of documents; the spans count words, not characters.
    """

    left: int
    right: int
    left_words: Span
    right_words: Span


@dataclass(frozen=True, slots=True)
class CommonRun:
    """A run that more than a few texts share: between the first two of them, and how many different ones hold it."""

    run: SharedRun
    texts: int


def hash_words(forms: Iterable[str]) -> HashArray:
    """Give every word a 64-bit hash that is the same in every run and on every machine.

    Args:
        forms: Words.

    Returns:
        (W,) uint64, in their order.
    """
    digests = b"".join(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest() for word in forms)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def hash_ngrams(words: HashArray, n: int) -> HashArray:
    """Combine the hashes of every n consecutive words into one, as a polynomial modulo 2**64.

    Args:
        words: (W,) hashes of the words of a document.
        n: How many words an n-gram holds.

    Returns:
        (W - n + 1,) uint64 hashes, none for a document of fewer than n words.
    """
    count = max(0, len(words) - n + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(n):
        hashes = hashes * _BASE + words[offset : offset + count]
    return hashes


def winnow(hashes: HashArray, window: int) -> IndexArray:
    """Choose the hashes that stand for a document: the smallest of every window, the rightmost where several are.

    Two documents that share ``window`` consecutive hashes are sure to share a chosen one at the same place of the
    shared stretch (Schleimer, Wilkerson and Aiken, "Winnowing", 2003).

    Args:
        hashes: (H,) hashes of the n-grams of a document.
        window: How many consecutive hashes a window holds.

    Returns:
        The places of the chosen hashes, int64, increasing.

    Example:
        >>> winnow(np.array([77, 74, 42, 17, 98, 50, 17, 98, 8], dtype=np.uint64), 4).tolist()
        [3, 6, 8]
    """
    if len(hashes) == 0:
        return np.zeros(0, dtype=np.int64)
    window = min(window, len(hashes))
    reversed_windows = sliding_window_view(hashes, window)[:, ::-1]
    starts = np.arange(len(reversed_windows))
    return np.unique(starts + window - 1 - reversed_windows.argmin(axis=1))


class Fingerprints:
    """The winnowed n-grams of all documents, sorted, so that one that several hold stands together.

    Those of one document alone are dropped at once: nearly all of a large folder.

    Args:
        words: For each document the hashes of its words, (W,) uint64.
        ngram: How many words are hashed together; shorter than ``min_words``.
        min_words: The shortest run that is found.
    """

    def __init__(self, words: Sequence[HashArray], *, ngram: int, min_words: int) -> None:
        self._words, self._min_words = words, min_words
        chosen = [_chosen(hash_ngrams(document, ngram), min_words - ngram + 1) for document in words]
        hashes = np.concatenate([np.zeros(0, dtype=np.uint64), *(hashes for hashes, _ in chosen)])
        order = np.argsort(hashes, kind="stable")
        owners = np.repeat(np.arange(len(words), dtype=np.int32), [len(places) for _, places in chosen])
        found = _Sorted(hashes[order], owners[order], np.concatenate([_NONE, *(places for _, places in chosen)])[order])
        del chosen, hashes, order, owners
        self._found = found.where(_in_several(found))
        self._texts, self._repeats = _spread(self._found.hashes, words, ngram)

    def shared_runs(self, *, common: int, references: int = 0, partners: int | None = None) -> list[SharedRun]:
        """Find every run of at least ``min_words`` words that two documents share.

        An n-gram that stands in more than ``common`` different texts, or more than ``common`` times in one, starts no
        run: it is part of a form or a template. Runs may still reach over it. What a reference holds is no template
        for it, however many copied it: such runs are found with the reference alone.

        Args:
            common: The largest number of different texts that an n-gram may stand in.
            references: How many documents at the end of the list are not compared with one another.
            partners: Of the many documents that hold an n-gram each is paired with so many next ones; None for all.

        Returns:
            The runs, sorted by document and place, left < right; overlapping ones where a text repeats itself.
        """
        compared = len(self._words) - references
        few = self._repeats <= common
        rare, frequent = (self._found.where(few & kept) for kept in (self._texts <= common, self._texts > common))
        anchors = np.concatenate([_anchors(rare, compared, partners), _anchors_of_references(frequent, compared)])
        return [run for run in _maximal_runs(anchors, self._words) if len(run.left_words) >= self._min_words]

    def common_runs(self, *, common: int) -> list[CommonRun]:
        """Find what too many texts share for two of them to have it from each other, each stretch once.

        Args:
            common: The largest number of different texts that an n-gram may stand in and be no template.

        Returns:
            The runs, sorted by document and place.
        """
        words = self._words
        if len(words) <= common:
            return []
        frequent, counts = self._found.where(self._texts > common), self._texts[self._texts > common]
        starts = np.flatnonzero(np.r_[True, frequent.hashes[1:] != frequent.hashes[:-1]][: len(frequent.hashes)])
        group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(frequent.hashes)]))
        # The first place of each n-gram, and its first place in another document.
        others = np.flatnonzero(frequent.documents != frequent.documents[starts][group])
        groups, second = np.unique(group[others], return_index=True)
        first, second = starts[groups], others[second]
        columns = frequent.documents[first], frequent.documents[second], frequent.places[first], frequent.places[second]
        anchors = np.column_stack(columns).astype(np.int64)
        places = zip(anchors[:, 0].tolist(), anchors[:, 2].tolist(), strict=True)
        held = dict(zip(places, counts[first].tolist(), strict=True))
        listed: dict[bytes, CommonRun] = {}
        for run in _maximal_runs(anchors, words):
            span = run.left_words
            if len(span) >= self._min_words:
                most = max(held.get((run.left, place), 0) for place in range(span.start, span.end))
                listed.setdefault(words[run.left][span.start : span.end].tobytes(), CommonRun(run, most))
        return list(listed.values())


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Chosen n-grams of all documents: (F,) each, sorted by hash, then document, then place."""

    hashes: HashArray
    documents: NDArray[np.int32]
    places: NDArray[np.int32]

    def where(self, kept: NDArray[np.bool_]) -> _Sorted:
        return _Sorted(self.hashes[kept], self.documents[kept], self.places[kept])


def _chosen(hashes: HashArray, window: int) -> tuple[HashArray, NDArray[np.int32]]:
    """Return the chosen n-grams of a document and their places."""
    places = winnow(hashes, window).astype(np.int32)
    return hashes[places], places


def _in_several(found: _Sorted) -> NDArray[np.bool_]:
    """Tell which n-grams stand in more than one document."""
    starts = np.flatnonzero(np.r_[True, found.hashes[1:] != found.hashes[:-1]][: len(found.hashes)])
    if not len(starts):
        return np.zeros(0, dtype=np.bool_)
    several = np.minimum.reduceat(found.documents, starts) != np.maximum.reduceat(found.documents, starts)
    return np.repeat(several, np.diff(np.r_[starts, len(found.hashes)]))


def _spread(hashes: HashArray, words: Sequence[HashArray], ngram: int) -> tuple[IndexArray, IndexArray]:
    """Count in how many texts each hash stands, and how often at most in one: (F,) each.

    Equal texts count once: a class that copies one text has no template.
    """
    distinct = np.unique(hashes)
    texts, repeats = np.zeros(len(distinct), dtype=np.int64), np.zeros(len(distinct), dtype=np.int64)
    if not len(distinct):
        return texts, repeats
    for document in {hashlib.blake2b(document.tobytes()).digest(): document for document in words}.values():
        ngrams = hash_ngrams(document, ngram)
        places = np.searchsorted(distinct, ngrams) % len(distinct)
        chosen, counts = np.unique(places[distinct[places] == ngrams], return_counts=True)
        texts[chosen] += 1
        repeats[chosen] = np.maximum(repeats[chosen], counts)
    places = np.searchsorted(distinct, hashes)
    return texts[places], repeats[places]


def _anchors(found: _Sorted, compared: int, partners: int | None) -> IndexArray:
    """Pair the places of equal n-grams: (A, 4) rows of left document, right document, left place, right place."""
    bounds = np.flatnonzero(np.r_[True, found.hashes[1:] != found.hashes[:-1], True])
    rows = [np.zeros((0, 4), dtype=np.int64)]
    farthest = int(np.diff(bounds).max(initial=0)) - 1
    for distance in range(1, min(farthest, partners or farthest) + 1):
        same = found.hashes[distance:] == found.hashes[:-distance]
        left, right = found.documents[:-distance], found.documents[distance:]
        at = np.flatnonzero(same & (left != right) & (left < compared))
        rows.append(np.column_stack([left[at], right[at], found.places[at], found.places[at + distance]]))
    return np.concatenate(rows)


def _anchors_of_references(found: _Sorted, compared: int) -> IndexArray:
    """Pair the places of equal n-grams of documents with those of references alone: (A, 4)."""
    documents, references = found.where(found.documents < compared), found.where(found.documents >= compared)
    first = np.searchsorted(documents.hashes, references.hashes, "left")
    counts = np.searchsorted(documents.hashes, references.hashes, "right") - first
    # Number the documents of each reference's n-gram: 0 to count - 1, counted from the first of them.
    across = np.repeat(np.arange(len(counts)), counts)
    at = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]][: len(counts)], counts) + np.arange(len(across))
    return np.column_stack(
        [documents.documents[at], references.documents[across], documents.places[at], references.places[across]]
    )


def _maximal_runs(anchors: IndexArray, words: Sequence[HashArray]) -> Iterator[SharedRun]:
    """Extend each anchor on both sides as far as the words agree; the anchors inside one run give it once."""
    diagonals = anchors[:, 2] - anchors[:, 3]
    order = np.lexsort((anchors[:, 2], diagonals, anchors[:, 1], anchors[:, 0]))
    last, reach = (-1, -1, 0), 0
    for left, right, at, across in anchors[order].tolist():
        line = (left, right, at - across)
        if line == last and at < reach:
            continue
        before = _agreement(words[left][:at][::-1], words[right][:across][::-1])
        after = _agreement(words[left][at:], words[right][across:])
        last, reach = line, at + after
        yield SharedRun(left, right, Span(at - before, at + after), Span(across - before, across + after))


def _agreement(first: HashArray, second: HashArray) -> int:
    """Count the leading words that two documents share."""
    length = min(len(first), len(second))
    different = np.flatnonzero(first[:length] != second[:length])
    return int(different[0]) if len(different) else length
