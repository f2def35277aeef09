"""Batches of rows, by the texts and labels that stand in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.errors import UsageError
from siamese_text.training.sampling.filling import Limit, fill
from siamese_text.training.sampling.options import BatchOptions, Floats, Integers, checked_labels

TOGETHER = 3  # rows of a text that stand in one batch: all of them would make batches of few topics, which costs AP
POOL = 50  # batches that are sorted by length together: enough to fill them evenly, few enough to stay random


class RowSampler:
    """Batches of rows of similar length: with shared texts together, or with none twice, or half and half.

    Every row stands in an epoch exactly once, and one that ``balance`` repeats more often, except for those of batches
    with fewer rows than processes or, with ``distinct_texts``, of a single row. Such a batch is dropped: the last one
    of an epoch, with ``distinct_texts`` the last few, and many where a text stands in more rows than there are batches.
    """

    def __init__(self, columns: Integers, labels: Floats | None, text_lengths: Integers, options: BatchOptions) -> None:
        self.options = options
        self.least = max(options.processes, 2 if options.distinct_texts else 1)  # rows of a batch
        if len(columns) < self.least:
            raise UsageError(f"there are {len(columns)} rows; a batch needs at least {self.least}; add rows")
        self.keys = [frozenset(texts) for texts in columns.tolist()]
        self.lengths: Integers = text_lengths[columns].max(axis=1)  # (N,)
        self.positive = _positives(columns, labels) if options.balance else None  # (N,)
        self.groups = np.arange(len(columns))
        if options.shared_texts and not options.distinct_texts:
            self.groups = _sharing(columns)
        self.room = options.batch_size
        if options.batch_tokens is not None:  # about as many rows as the budget holds
            self.room = max(self.least, int(options.batch_tokens / (columns.shape[1] * max(self.lengths.mean(), 1))))

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        random = np.random.default_rng([self.options.seed, epoch])
        # 1. An order in which neighbours are of similar length and share texts.
        rows, copies = self._rows(random)
        rows = rows[self._order(rows, copies, random)]
        # 2. With balance, one positive and one negative in turn, each kind in that order.
        if self.positive is not None:
            same = self.positive[rows]
            rows = np.stack([rows[same], rows[~same]], axis=1).ravel()
        # 3. Cut it into batches of so many rows or tokens; with distinct_texts a row may have to wait for a later one.
        tokens = self.options.batch_tokens
        limit = Limit(self.options.batch_size if tokens is None else None, tokens, self.least)
        filled = fill(rows.tolist(), self.keys, self.lengths.tolist(), limit, apart=self.options.distinct_texts)
        # 4. Drop what is too small to teach, and show short and long batches in random order.
        kept = [batch for batch in filled if len(batch) >= self.least]
        return [kept[index] for index in random.permutation(len(kept))]

    def _rows(self, random: np.random.Generator) -> tuple[Integers, Integers]:
        """Return the rows of an epoch and, for each, how many times it has been there before."""
        rows = np.arange(len(self.lengths))
        if self.positive is None:
            return rows, np.zeros_like(rows)
        positives, negatives = np.flatnonzero(self.positive), np.flatnonzero(~self.positive)
        rarer, lacking = min(positives, negatives, key=len), abs(len(positives) - len(negatives))
        repeated = np.resize(random.permutation(rarer), lacking)  # as evenly often as can be
        times = 1 + np.arange(lacking) // len(rarer)
        return np.concatenate([rows, repeated]), np.concatenate([np.zeros_like(rows), times])

    def _order(self, rows: Integers, copies: Integers, random: np.random.Generator) -> Integers:
        """Return an order in which neighbours are of similar length and, where wanted, share texts.

        Groups of rows that share texts are shuffled and sorted by length within pools of ``POOL`` batches, upwards
        and downwards in turn so that one pool ends at the length where the next begins.
        """
        # 1. Pieces of up to TOGETHER rows that share texts stay together from here on: (M,) the piece of each row.
        pieces = _pieces(self.groups[rows], copies, self.lengths[rows], min(self.room, TOGETHER), random)
        count = int(pieces.max()) + 1
        longest = np.zeros(count, dtype=np.int64)  # (P,) tokens of the longest text of each piece
        np.maximum.at(longest, pieces, self.lengths[rows])
        # 2. Shuffle the pieces, and deal them into pools of about POOL batches: a piece is in the pool that is being
        #    filled when as many rows stand before it.
        shuffled = random.permutation(count)
        before = np.empty(count, dtype=np.int64)  # (P,) rows of the pieces before, in the shuffled order
        sizes = np.bincount(pieces)[shuffled]
        before[shuffled] = np.cumsum(sizes) - sizes
        pool = before // (POOL * self.room)
        # 3. Within a pool, from short to long or from long to short in turn.
        upwards = (pool + random.integers(2)) % 2 == 0
        rank = np.empty(count, dtype=np.int64)
        blurred = longest * random.uniform(0.95, 1.05, count)  # or small sets had the same batches each epoch
        rank[np.lexsort((np.where(upwards, blurred, -blurred), pool))] = np.arange(count)
        # 4. Each row stands where its piece does; a stable sort keeps the rows of a piece beside each other.
        return np.argsort(rank[pieces], kind="stable")


def _sharing(columns: Integers) -> Integers:
    """Number the rows so that two have the same number if they share a text, directly or through other rows."""
    rows, width = columns.shape
    # The nodes of the graph are the rows and, behind them, the texts; each row is linked to its texts.
    nodes = rows + int(columns.max(initial=0)) + 1
    return connected_components(np.repeat(np.arange(rows), width), rows + columns.ravel(), nodes)[:rows]


def _pieces(groups: Integers, copies: Integers, lengths: Integers, room: int, random: np.random.Generator) -> Integers:
    """Number the rows by group, a repeated row apart from its first time, and cut groups above ``room``.

    They are cut into rows of similar length, by lengths that are blurred so that each epoch cuts elsewhere.
    """
    # Sorted by group, then by how often a row has been there, then by length: pieces are now runs of neighbours.
    order = np.lexsort((lengths * random.uniform(0.8, 1.2, len(groups)), copies, groups))
    begins = np.diff(groups[order], prepend=-1) != 0
    begins |= np.diff(copies[order], prepend=-1) != 0
    # A piece begins where a group does, and after every ``room`` rows of it.
    starts = np.flatnonzero(begins)
    place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    pieces = np.empty_like(groups)
    pieces[order] = np.cumsum(place % room == 0) - 1
    return pieces


def _positives(columns: Integers, labels: Floats | None) -> NDArray[np.bool_]:
    """Say which rows are positives, (N,) bool, where there are both kinds."""
    labels = checked_labels(columns, labels, 2, "balance needs pairs labelled 0 and 1")
    positive = labels >= 0.5
    if positive.all() or not positive.any():
        seen = ", ".join(f"{label:g}" for label in np.unique(labels)[:5])
        raise UsageError(f"balance needs pairs of label 1 and pairs of label 0; the labels seen are {seen or 'none'}")
    return positive
