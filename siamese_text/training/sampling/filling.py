"""Putting rows into batches, in one pass and nearly linear time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """How much a batch holds: rows or tokens, and the rows it may always hold."""

    rows: int | None
    tokens: int | None
    least: int


class _Filling:
    """A batch that is being filled."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.keys: set[int] = set()
        self.longest = 0

    def admits(self, keys: frozenset[int], length: int, limit: Limit) -> bool:
        if len(self.rows) < limit.least:
            return True
        if limit.tokens is None:
            return limit.rows is None or len(self.rows) < limit.rows
        return len(self.keys | keys) * max(self.longest, length) <= limit.tokens

    def add(self, row: int, keys: frozenset[int], length: int) -> None:
        self.rows.append(row)
        self.keys |= keys
        self.longest = max(self.longest, length)


def fill(
    order: Iterable[int], keys: Sequence[frozenset[int]], lengths: Sequence[int], limit: Limit, *, apart: bool
) -> list[list[int]]:
    """Put each row into the first batch that has room for it.

    With ``apart``, that is the first one after every batch that holds one of its keys: a row that would meet its like
    waits for a later batch. Full batches are skipped by a chain of pointers that is shortened on the way (as in
    union-find), so the time is nearly linear in the number of rows.
    """
    batches: list[_Filling] = []
    following = [0]  # following[i] is i while batch i has room or is not begun, and a later batch after that
    after: dict[int, int] = {}  # the first batch that a key may stand in
    for row in order:
        own, length = keys[row], lengths[row]
        # The first batch that the row may stand in, and from there on the first that has room for it.
        place = _with_room(following, max(after.get(key, 0) for key in own) if apart else 0)
        while place < len(batches) and not batches[place].admits(own, length, limit):
            following[place] = place + 1  # full: whoever comes here later is sent on
            place = _with_room(following, place)
        if place == len(batches):
            batches.append(_Filling())
            following.append(place + 1)
        batches[place].add(row, own, length)
        if apart:  # its like may stand in later batches only
            after.update(dict.fromkeys(own, place + 1))
    return [batch.rows for batch in batches]


def _with_room(following: list[int], place: int) -> int:
    """Return the first batch from ``place`` on that has room, and shorten the way there for those who come later."""
    while following[place] != place:
        following[place] = following[following[place]]
        place = following[place]
    return place
