"""What is like several documents of an index and unlike others, no two of it nearly the same.

How well a text x fits the liked texts L and the disliked ones T, by their cosines:

    fit(x) = max over l in L of cos(x, l) − 0.25 · max over t in T of cos(x, t)

Whoever likes two things wants either, not what lies between them: with the maximum 95 to 97 of the 20 nearest were of
two or three liked classes of Banking77, with the mean (Rocchio 1971) 62 to 78. A larger weight of the disliked texts
than a quarter costs more of those that are wanted than it keeps away. Of those that fit, the next is chosen by maximal
marginal relevance (Carbonell and Goldstein 1998), S being those chosen before:

    argmax over x of (1 − d) · fit(x) − d · max over s in S of cos(x, s)

With d = 0.2 the first ten held 98 % of two liked classes instead of 89 %, and two texts of other classes in a hundred
more; from 0.4 on they leave what is liked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import NothingToDo, UsageError
from siamese_text.records import FloatArray, Passage
from siamese_text.search import where as filters
from siamese_text.search.index import PassageIndex
from siamese_text.search.snapshot import Snapshot, read_passages, rows_where
from siamese_text.unit_rows import unit_rows

DISLIKE = 0.25
CANDIDATES = 100  # passages near each liked text, or five times as many as documents are asked for


@dataclass(frozen=True, slots=True)
class Similar:
    """A document that is like those that are liked.

    Attributes:
        passage: Its passage that fits best.
        fit: How well that fits, in [-1.25, 1.25].
        like: The name of the liked document nearest to it.
        similarity: The cosine with that one.
        metadata: What is known of the document.
    """

    passage: Passage
    fit: float
    like: str
    similarity: float
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)


def similar_documents(
    index: PassageIndex,
    like: Sequence[str],
    dislike: Sequence[str] = (),
    k: int = 10,
    *,
    diversity: float = 0.2,
    where: str | None = None,
) -> list[Similar]:
    """Find the documents of an index that are like some of it.

    A document of several passages is liked for the mean of them, and found for the one that fits best. What has the
    same text as a liked or disliked document is not found: it says nothing new.

    Args:
        index: The index.
        like: The names of the documents that are liked, one or more.
        dislike: Those of documents that are not.
        k: How many to find; fewer where there are no more.
        diversity: How much less a document counts for being like one chosen before, in [0, 1): 0 for not at all.
        where: What documents must fulfil, such as ``year >= 2020``; see ``search.where``.

    Returns:
        At most ``k`` documents, in the order in which they were chosen; the first is the one that fits best.

    Raises:
        UsageError: There is no document of such a name, one is both liked and disliked, nothing is liked, or a number
            or the filter cannot be used.
        NothingToDo: There is no other document.
    """
    _check(like, dislike, k, diversity)
    condition = None if where is None else filters.parse(where)
    with index.reader.reading() as (rows, snapshot):
        liked, disliked = (_document_numbers(rows, names) for names in (like, dislike))
        named = np.isin(snapshot.documents, [*liked, *disliked])
        wanted = rows_where(rows, snapshot, condition) & ~named
        likes, dislikes = _mean_vectors(snapshot, liked), _mean_vectors(snapshot, disliked)
        depth = max(CANDIDATES, 5 * k) + int(named.sum())  # copies of the named ones are left out afterwards
        near = np.unique(snapshot.store.search(likes, depth, wanted)[1])
        near = near[~_copies(rows, snapshot, near, np.flatnonzero(named))]
        if not len(near):
            raise NothingToDo("there is no other document that may be found; like fewer, or ask for others")
        vectors = unit_rows(snapshot.store.take(near))
        cosines = vectors @ likes.T
        fits = cosines.max(axis=1)
        if len(dislikes):
            fits = fits - DISLIKE * (vectors @ dislikes.T).max(axis=1)
        best = _best_of_each_document(fits, snapshot.documents[near])
        chosen = best[most_marginal(fits[best], vectors[best], k, diversity)]
        passages = read_passages(rows, snapshot.passages[near[chosen]].tolist())
        nearest = cosines[chosen].argmax(axis=1)
        return [
            Similar(passage, float(fits[place]), like[of], float(cosines[place, of]), metadata)
            for place, of, (passage, metadata) in zip(chosen, nearest, passages, strict=True)
        ]


def most_marginal(fits: FloatArray, vectors: FloatArray, k: int, diversity: float) -> NDArray[np.int64]:
    """Choose by maximal marginal relevance; the module has the formula.

    Args:
        fits: (N,) how well each fits.
        vectors: (N, D) of unit length.
        k: How many to choose.
        diversity: d, in [0, 1).

    Returns:
        (min(k, N),) int64, in the order of choice.

    Example:
        >>> vectors = np.float32([[1, 0], [1, 0], [0, 1]])
        >>> most_marginal(np.float32([0.9, 0.8, 0.3]), vectors, 2, diversity=0.5).tolist()
        [0, 2]
    """
    chosen: list[int] = []
    gain, nearest = (1 - diversity) * fits, np.full(len(fits), -1.0, np.float32)
    for _ in range(min(k, len(fits))):
        worth = gain - diversity * nearest
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return np.array(chosen, np.int64)


def _check(like: Sequence[str], dislike: Sequence[str], k: int, diversity: float) -> None:
    if not like:
        raise UsageError("no document is liked; name one or more")
    both = sorted(set(like) & set(dislike))
    if both:
        raise UsageError(f"'{both[0]}' is both liked and disliked; leave one of them out")
    if k < 1:
        raise UsageError(f"k is {k}; ask for 1 document or more")
    if not 0 <= diversity < 1:
        raise UsageError(f"diversity is {diversity}; give 0 or more, and less than 1")


def _document_numbers(rows: sqlite3.Connection, names: Sequence[str]) -> list[int]:
    numbers = []
    for name in names:
        found = rows.execute("SELECT id FROM documents WHERE name = ? AND problem IS NULL", (name,)).fetchone()
        if found is None:
            held = rows.execute("SELECT name FROM documents WHERE problem IS NULL ORDER BY id").fetchall()
            raise UsageError(f"there is no document '{name}'; there are {len(held):,}, such as '{held[0][0]}'")
        numbers.append(int(found[0]))
    return numbers


def _mean_vectors(snapshot: Snapshot, documents: Sequence[int]) -> FloatArray:
    """Return the (n, D) means of the passages of documents, of unit length."""
    means = [
        unit_rows(snapshot.store.take(np.flatnonzero(snapshot.documents == number))).mean(axis=0)
        for number in documents
    ]
    return unit_rows(np.stack(means)) if means else np.zeros((0, snapshot.store.width), np.float32)


def _copies(
    rows: sqlite3.Connection, snapshot: Snapshot, near: NDArray[np.int64], named: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which passages have the text of one that is named, but for case and white space."""

    def texts(places: NDArray[np.int64]) -> list[str]:
        passages = read_passages(rows, snapshot.passages[places].tolist())
        return [" ".join(passage.text.split()).casefold() for passage, _ in passages]

    known = set(texts(named))
    return np.array([text in known for text in texts(near)], bool)


def _best_of_each_document(fits: FloatArray, documents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of the passages that fit best, one a document, in their order."""
    order = np.argsort(-fits, kind="stable")
    _, first = np.unique(documents[order], return_index=True)
    return np.sort(order[first])
