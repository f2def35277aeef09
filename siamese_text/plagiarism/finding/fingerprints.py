"""Runs of words that two documents share: hashed word n-grams, winnowed, joined by sorting, extended word by word.

Robust against spelling that the eye does not see, because the words are compared in their folded form. Blind to
any change of words: what was rewritten is found by ``candidates``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from siamese_text.records import Span

HashArray = NDArray[np.uint64]
IndexArray = NDArray[np.int64]

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


def hash_words(documents: Sequence[Sequence[str]]) -> list[HashArray]:
    """Give every word a 64-bit hash that is the same in every run and on every machine.

    Args:
        documents: The words of each document.

    Returns:
        One (W,) uint64 array for each document of W words.
    """
    known: dict[str, int] = {}
    for word in {word for words in documents for word in words}:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        known[word] = int.from_bytes(digest, "little")
    return [np.array([known[word] for word in words], dtype=np.uint64) for words in documents]


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


def shared_runs(
    documents: Sequence[Sequence[str]], *, ngram: int, min_words: int, common: int, references: int = 0
) -> list[SharedRun]:
    """Find every run of at least ``min_words`` words that two documents share.

    An n-gram that stands in more than ``common`` different texts, or more than ``common`` times in one, starts no
    run: it is part of a form or a template. Runs may still reach over it. What a reference holds is no template
    for it, however many copied it: such runs are found with the reference alone.

    Args:
        documents: The folded words of each document.
        ngram: How many words are hashed together; shorter than ``min_words``.
        min_words: The shortest run that counts.
        common: The largest number of different texts that an n-gram may stand in.
        references: How many documents at the end of the list are not compared with one another.

    Returns:
        The runs, sorted by document and place, left < right; overlapping ones where a text repeats itself.
    """
    words = hash_words(documents)
    ngrams = [hash_ngrams(document, ngram) for document in words]
    found = _fingerprints(ngrams, min_words - ngram + 1)
    texts, repeats = _spread(found.hashes, ngrams)
    compared = len(documents) - references
    rare = found.where((texts <= common) & (repeats <= common))
    frequent = found.where((texts > common) & (repeats <= common))
    anchors = np.concatenate([_anchors(rare, compared), _anchors_of_references(frequent, compared)])
    return [run for run in _maximal_runs(anchors, words) if len(run.left_words) >= min_words]


@dataclass(frozen=True, slots=True)
class CommonRun:
    """A run that more than a few texts share: between the first two of them, and how many different ones hold it."""

    run: SharedRun
    texts: int


def common_runs(documents: Sequence[Sequence[str]], *, ngram: int, min_words: int, common: int) -> list[CommonRun]:
    """Find what too many texts share for two of them to have it from each other, each stretch once.

    Args:
        documents: The folded words of each document.
        ngram: How many words are hashed together; shorter than ``min_words``.
        min_words: The shortest run that is listed.
        common: The largest number of different texts that an n-gram may stand in and be no template.

    Returns:
        The runs, sorted by document and place.
    """
    if len(documents) <= common:
        return []
    words = hash_words(documents)
    ngrams = [hash_ngrams(document, ngram) for document in words]
    found = _fingerprints(ngrams, min_words - ngram + 1)
    texts, _ = _spread(found.hashes, ngrams)
    frequent, counts = found.where(texts > common), texts[texts > common]
    starts = np.flatnonzero(np.r_[True, frequent.hashes[1:] != frequent.hashes[:-1]][: len(frequent.hashes)])
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(frequent.hashes)]))
    # The first place of each n-gram, and its first place in another document.
    others = np.flatnonzero(frequent.documents != frequent.documents[starts][group])
    groups, second = np.unique(group[others], return_index=True)
    first, second = starts[groups], others[second]
    anchors = np.column_stack(
        [frequent.documents[first], frequent.documents[second], frequent.places[first], frequent.places[second]]
    )
    places = zip(anchors[:, 0].tolist(), anchors[:, 2].tolist(), strict=True)
    held = dict(zip(places, counts[first].tolist(), strict=True))
    listed: dict[bytes, CommonRun] = {}
    for run in _maximal_runs(anchors, words):
        span = run.left_words
        if len(span) >= min_words:
            most = max(held.get((run.left, place), 0) for place in range(span.start, span.end))
            listed.setdefault(words[run.left][span.start : span.end].tobytes(), CommonRun(run, most))
    return list(listed.values())


@dataclass(frozen=True, slots=True)
class _Fingerprints:
    """Chosen n-grams of all documents: (F,) each, sorted by hash, then document, then place."""

    hashes: HashArray
    documents: IndexArray
    places: IndexArray

    def where(self, kept: NDArray[np.bool_]) -> _Fingerprints:
        return _Fingerprints(self.hashes[kept], self.documents[kept], self.places[kept])


def _fingerprints(ngrams: Sequence[HashArray], window: int) -> _Fingerprints:
    places = [winnow(hashes, window) for hashes in ngrams]
    flat = np.concatenate([hashes[chosen] for hashes, chosen in zip(ngrams, places, strict=True)])
    documents = np.repeat(np.arange(len(ngrams)), [len(chosen) for chosen in places])
    order = np.argsort(flat, kind="stable")
    return _Fingerprints(flat[order], documents[order], np.concatenate(places)[order])


def _spread(hashes: HashArray, ngrams: Sequence[HashArray]) -> tuple[IndexArray, IndexArray]:
    """Count in how many texts each hash stands, and how often at most in one: (F,) each.

    Equal texts count once: a class that copies one text has no template.
    """
    distinct = np.unique(hashes)
    texts, repeats = np.zeros(len(distinct), dtype=np.int64), np.zeros(len(distinct), dtype=np.int64)
    for document in {document.tobytes(): document for document in ngrams}.values():
        values, counts = np.unique(document, return_counts=True)
        places = np.searchsorted(distinct, values) % len(distinct)
        chosen = distinct[places] == values
        texts[places[chosen]] += 1
        repeats[places[chosen]] = np.maximum(repeats[places[chosen]], counts[chosen])
    places = np.searchsorted(distinct, hashes)
    return texts[places], repeats[places]


def _anchors(found: _Fingerprints, compared: int) -> IndexArray:
    """Pair the places of equal n-grams: (A, 4) rows of left document, right document, left place, right place."""
    bounds = np.flatnonzero(np.r_[True, found.hashes[1:] != found.hashes[:-1], True])
    rows = [np.zeros((0, 4), dtype=np.int64)]
    for distance in range(1, int(np.diff(bounds).max(initial=0))):
        same = found.hashes[distance:] == found.hashes[:-distance]
        left, right = found.documents[:-distance], found.documents[distance:]
        at = np.flatnonzero(same & (left != right) & (left < compared))
        rows.append(np.column_stack([left[at], right[at], found.places[at], found.places[at + distance]]))
    return np.concatenate(rows)


def _anchors_of_references(found: _Fingerprints, compared: int) -> IndexArray:
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
