"""How batches are composed: which rows of a training set stand together, epoch by epoch.

``plan`` picks the sampler for some options. A sampler's ``batches(epoch)`` is the whole epoch as a list, the same for
the same seed and epoch, so that a run is resumed by leaving out the batches that it has seen. Its batches are those of
all processes together, and ``rank_rows`` gives one process its part: one process with 2B rows a batch and two processes
with B rows each learn from the same batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from siamese_text.errors import UsageError
from siamese_text.training.sampling.classes import ClassSampler
from siamese_text.training.sampling.options import BatchOptions, Floats, Integers
from siamese_text.training.sampling.rows import RowSampler

__all__ = [
    "BatchFigures",
    "BatchOptions",
    "ClassSampler",
    "RowSampler",
    "Sampler",
    "interleave",
    "measure",
    "plan",
    "rank_rows",
]


class Sampler(Protocol):
    """Composes the batches of an epoch."""

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        ...


def plan(columns: Integers, labels: Floats | None, text_lengths: Integers, options: BatchOptions) -> Sampler:
    """Return the sampler that composes batches as the options say.

    Args:
        columns: (N, C), which distinct text stands in each column of a row. Texts that count as equal, such as those
            that differ in case alone, may be given the same number.
        labels: (N,), or None: 0 to 1 for pairs, the number of the class for single texts.
        text_lengths: (distinct texts,), in tokens.
        options: How batches are to be composed.

    Returns:
        The sampler. Unless it repeats rows (``balance``, ``per_class``), an epoch holds a row at most once; what it
        leaves out is told by ``measure``.

    Raises:
        UsageError: The data cannot be composed like that.

    Example:
        >>> columns = np.array([[0, 1], [2, 3], [0, 4], [2, 5]])  # rows 0 and 2 share a text, and so do rows 1 and 3
        >>> sampler = plan(columns, None, np.full(6, 10), BatchOptions(batch_size=2))
        >>> sorted(sorted(batch) for batch in sampler.batches(epoch=0))
        [[0, 2], [1, 3]]
        >>> sampler = plan(columns, None, np.full(6, 10), BatchOptions(batch_size=2, distinct_texts=True))
        >>> all({0, 2} != set(batch) != {1, 3} for batch in sampler.batches(epoch=0))
        True
    """
    if options.epoch_rows is not None and options.epoch_rows < len(columns):
        return PartSampler(columns, labels, text_lengths, options)
    if options.per_class is not None or options.episode is not None:
        return ClassSampler(columns, labels, options)
    return RowSampler(columns, labels, text_lengths, options)


class PartSampler:
    """Batches of a part of the rows: each epoch the next ones of one shuffled order, which begins anew at its end.

    So a large set beside smaller ones takes the time of a part of it, and shows all of itself over the epochs.
    """

    def __init__(self, columns: Integers, labels: Floats | None, text_lengths: Integers, options: BatchOptions) -> None:
        self.columns, self.labels, self.text_lengths = columns, labels, text_lengths
        self.rows = options.epoch_rows or len(columns)
        self.options = replace(options, epoch_rows=None)
        self.order = np.random.default_rng(options.seed).permutation(len(columns))

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        # The next rows of the order, which goes round; sorted, so that the sampler meets them as in the whole set.
        rows = np.sort(self.order.take(range(epoch * self.rows, (epoch + 1) * self.rows), mode="wrap"))
        labels = None if self.labels is None else self.labels[rows]
        sampler = plan(self.columns[rows], labels, self.text_lengths, self.options)
        return [rows[batch].tolist() for batch in sampler.batches(epoch)]  # numbers of the part to those of the set


def rank_rows(batch: Sequence[int], rank: int, processes: int) -> list[int]:
    """Return the rows of a batch that one of n processes takes: every n-th, so that lengths are even.

    Example:
        >>> rank_rows([7, 3, 5, 4, 1], rank=1, processes=2)
        [3, 4]
    """
    return list(batch[rank::processes])


def interleave(
    sizes: Sequence[int], *, how: Literal["proportional", "round-robin"] = "proportional", seed: int = 0, epoch: int = 0
) -> list[int]:
    """Say which of several training sets gives each batch of an epoch.

    Args:
        sizes: The number of batches of each set in this epoch.
        how: ``proportional`` takes all batches of all sets, in random order. ``round-robin`` takes one of each in
            turn and ends with the shortest set, so that what the longer ones have beyond it is left out this epoch.
        seed: The seed of the random order.
        epoch: The number of the epoch, each of which has an order of its own.

    Returns:
        For each batch the position of its set in ``sizes``.

    Raises:
        UsageError: ``how`` is neither.

    Example:
        >>> interleave([3, 2], how="round-robin")
        [0, 1, 0, 1]
        >>> sorted(interleave([3, 2], how="proportional"))
        [0, 0, 0, 1, 1]
    """
    if how == "round-robin":
        return list(range(len(sizes))) * min(sizes, default=0)
    if how == "proportional":
        random = np.random.default_rng([seed, epoch])
        return random.permutation(np.repeat(np.arange(len(sizes)), sizes)).tolist()  # type: ignore[no-any-return]
    raise UsageError(f"how is '{how}'; choose proportional or round-robin")


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """What some batches cost and leave out.

    Attributes:
        batches: How many there are.
        left_out: Rows of the training set that stand in none of them.
        texts_per_row: Distinct texts to encode, by batch, over rows.
        padding: Share of padding among the tokens of the padded batches, in [0, 1].
    """

    batches: int
    left_out: int
    texts_per_row: float
    padding: float


def measure(batches: Sequence[Sequence[int]], columns: Integers, text_lengths: Integers) -> BatchFigures:
    """Count what batches cost and leave out.

    Example:
        >>> measure([[0, 1]], np.array([[0, 1], [0, 2], [3, 4]]), np.array([4, 3, 2, 9, 9]))
        BatchFigures(batches=1, left_out=1, texts_per_row=1.5, padding=0.25)
    """
    lengths = [text_lengths[np.unique(columns[list(batch)])] for batch in batches]
    rows = sum(map(len, batches))
    padded = sum(len(batch) * int(batch.max()) for batch in lengths)
    return BatchFigures(
        batches=len(batches),
        left_out=len(columns) - len({row for batch in batches for row in batch}),
        texts_per_row=sum(map(len, lengths)) / max(rows, 1),
        padding=1 - sum(int(batch.sum()) for batch in lengths) / max(padded, 1),
    )
