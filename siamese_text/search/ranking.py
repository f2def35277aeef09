"""What a search in one state of an index finds: rows in the order in which they answer, and hits made of these."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from siamese_text.errors import BadData, UsageError
from siamese_text.records import FloatArray, Hit
from siamese_text.search import where as filters
from siamese_text.search.fusion import fuse
from siamese_text.search.snapshot import Snapshot, best_by_words, read_passages, rows_where
from siamese_text.search.stores.exact import similarity_to

Mode = Literal["hybrid", "dense", "words"]
DEPTH = 100  # passages that either search gives to the fusion, or as many as hits are asked for


def check_search(k: int, mode: str) -> None:
    """Refuse a search for nothing, or in a way that there is not.

    Raises:
        UsageError: ``k`` is below 1, or there is no such mode.
    """
    if k < 1:
        raise UsageError(f"k is {k}; ask for 1 hit or more")
    if mode not in get_args(Mode):
        raise UsageError(f"mode is {mode!r}; choose from {', '.join(get_args(Mode))}")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows that answer a query, best first; those near to it; and those with its words, each with its score."""

    best: list[int]
    near: set[int]
    by_words: dict[int, tuple[int, float]]


def ranked(
    rows: sqlite3.Connection,
    snapshot: Snapshot,
    queries: Sequence[str],
    vectors: FloatArray,
    k: int,
    mode: Mode,
    where: str | None,
) -> list[Ranking]:
    """Rank the rows of a snapshot for each query; see ``PassageIndex.search``."""
    condition = None if where is None else filters.parse(where)
    if vectors.shape[1] != snapshot.store.width and len(snapshot.store):
        raise BadData(
            f"the index holds vectors of width {snapshot.store.width} and the queries have {vectors.shape[1]}; "
            f"encode them by the encoder of the index, {snapshot.info.encoder_name}"
        )
    depth = k if mode != "hybrid" else max(k, DEPTH)
    allowed = rows_where(rows, snapshot, condition)
    if mode == "words":
        nearest = np.zeros((len(queries), 0), np.int64)
    else:
        nearest = snapshot.store.search(vectors, depth, allowed)[1]
    if mode == "dense":
        return [Ranking(near, set(near), {}) for near in nearest.tolist()]
    numbers = None if condition is None else json.dumps(snapshot.passages[allowed].tolist())
    rankings = []
    for query, near in zip(queries, nearest.tolist(), strict=True):
        worded = best_by_words(rows, query, depth, numbers)
        by_words = dict(zip(snapshot.rows_of([passage for passage, _ in worded]).tolist(), worded, strict=True))
        rankings.append(Ranking([row for row, _ in fuse([near, list(by_words)])[:k]], set(near), by_words))
    return rankings


def answers_of(
    rows: sqlite3.Connection, snapshot: Snapshot, queries: FloatArray, rankings: Sequence[Ranking]
) -> list[tuple[list[Hit], FloatArray]]:
    """Return the hits of each query, and their vectors.

    Args:
        rows: A connection.
        snapshot: What it sees.
        queries: (Q, D) float32.
        rankings: What was found for each.
    """
    places = np.array([row for ranking in rankings for row in ranking.best], np.int64)
    vectors = snapshot.store.take(places).reshape(len(places), queries.shape[1])  # an empty index knows no width
    asked = queries.repeat([len(ranking.best) for ranking in rankings], axis=0)
    # Anew, as the scores of a search differ in their last digits with the number of queries.
    similarities = similarity_to(asked, vectors[:, None], snapshot.info.similarity).ravel().tolist()
    found = iter(zip(similarities, read_passages(rows, snapshot.passages[places].tolist()), strict=True))
    answers, start = [], 0
    for ranking in rankings:
        near, worded = ranking.near, ranking.by_words
        hits = [
            Hit(
                passage,
                similarity,
                found_by="words" if row not in near else "both" if row in worded else "meaning",
                words=worded[row][1] if row in worded else None,
                metadata=metadata,
            )
            for row, (similarity, (passage, metadata)) in zip(ranking.best, found, strict=False)
        ]
        answers.append((hits, vectors[start : start + len(hits)]))
        start += len(hits)
    return answers
