"""Two rankings become one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

RANK_OFFSET = 60


def fuse(rankings: Sequence[Sequence[Key]]) -> list[tuple[Key, float]]:
    """Fuse rankings by reciprocal rank: what stands high in several of them stands highest.

    The score is Σ 1 / (60 + rank), over the rankings that hold it (Cormack, Clarke and Büttcher, "Reciprocal rank
    fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009). What the searches score by, which
    has no common unit, is not compared.

    Args:
        rankings: Keys, best first, none twice in a ranking.

    Returns:
        Every key with its score in (0, rankings / 61], best first; of equal ones the one that was seen first.

    Example:
        >>> [key for key, _ in fuse([["a", "b", "c"], ["c", "b", "d"]])]
        ['c', 'b', 'a', 'd']
    """
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
