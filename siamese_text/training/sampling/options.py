"""How batches are to be composed, checked, and what is asked of the labels of a training set for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError

Integers = NDArray[np.int64]
Floats = NDArray[np.floating]
WAYS = {
    "balance": "balance",
    "distinct_texts": "in-batch negatives",
    "per_class": "texts of each class (per_class)",
    "episode": "few-shot episodes (ways)",
}


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How batches are to be composed; of ``balance``, ``distinct_texts``, ``per_class`` and ``episode`` at most one.

    Attributes:
        batch_size: Rows a batch, of all processes together.
        batch_tokens: Instead of ``batch_size``: the distinct texts of a batch times the tokens of its longest one are
            at most this. A batch goes above it only to hold a single row that is too long, or as many rows as
            there are processes, or the two that in-batch negatives need.
        shared_texts: Keep rows that share a text together, so that a batch has fewer texts to encode.
        balance: Repeat rows of the rarer label until both are as many, and make every batch half and half.
        distinct_texts: Let no text stand in two rows of a batch, as losses with in-batch negatives need.
        per_class: Texts of each class of a batch.
        episode: Classes of a few-shot batch, support texts a class, and query texts a class. Each batch is one episode.
        epoch_rows: How many rows an epoch takes, each epoch the next ones of one shuffled order; None takes all.
        processes: How many processes share a batch.
        seed: The seed of the order.
    """

    batch_size: int = 32
    batch_tokens: int | None = None
    shared_texts: bool = True
    balance: bool = False
    distinct_texts: bool = False
    per_class: int | None = None
    episode: tuple[int, int, int] | None = None
    epoch_rows: int | None = None
    processes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("batch_size", 1), ("batch_tokens", 1), ("epoch_rows", 1), ("processes", 1), ("seed", 0)):
            _at_least(name, getattr(self, name), least)
        chosen = [words for name, words in WAYS.items() if getattr(self, name) not in (None, False)]
        if len(chosen) > 1:
            raise UsageError(f"{' and '.join(chosen)} each compose batches in their own way; choose one")
        if self.batch_tokens is not None and (self.per_class or self.episode):
            raise UsageError(f"batch_tokens does not go with {chosen[0]}, which fix the rows of a batch; drop one")
        if self.batch_tokens is None and self.episode is None:
            least = max(self.processes, 2 if self.distinct_texts else 1)
            reason = "one for each process" if self.processes >= least else "so that there are in-batch negatives"
            _at_least("batch_size", self.batch_size, least, reason)
        self._check_classes()

    def _check_classes(self) -> None:
        _at_least("per_class", self.per_class, 2, "so that each text has another of its class")
        per_class = self.per_class
        if per_class is not None and (self.batch_size % per_class or self.batch_size < 2 * per_class):
            raise UsageError(
                f"batch_size is {self.batch_size} with per_class {per_class}; it must be a multiple of per_class that "
                f"holds at least 2 classes, such as {2 * per_class}"
            )
        if self.episode is not None:
            ways, shots, queries = self.episode
            if ways < 2 or shots < 1 or queries < 1:
                raise UsageError(
                    f"episode is {self.episode}; it must be (classes, support texts a class, query texts a class) with "
                    f"at least 2 classes and 1 text each, such as (5, 1, 5)"
                )
            _at_least("the number of texts of an episode", ways * (shots + queries), self.processes)


def checked_labels(columns: Integers, labels: Floats | None, width: int, needs: str) -> Floats:
    """Return the labels of rows with so many texts."""
    if labels is None or columns.shape[1] != width:
        seen = "no labels" if labels is None else f"rows of {columns.shape[1]} texts"
        raise UsageError(f"{needs}; this training set has {seen}")
    return labels


def _at_least(name: str, value: int | None, least: int, reason: str = "") -> None:
    if value is not None and value < least:
        raise UsageError(f"{name} is {value}; it must be at least {least}{reason and f', {reason}'}")
