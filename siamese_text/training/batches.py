"""Pairs to batches: tokenised once for all epochs, of similar length, each distinct sentence of a batch once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from siamese_text.encoder.tokens import TextTokenizer, TokenBatch
from siamese_text.errors import UsageError
from siamese_text.records import Pair

POOL = 50  # batches that are sorted by length together: enough to fill them evenly, few enough to stay random


@dataclass(frozen=True, slots=True)
class Batch:
    """B labelled pairs, ready for the encoder.

    Attributes:
        tokens: The distinct sentences of the batch.
        columns: For each side, (B,) int64: which of the sentences it is.
        labels: (B,) float32.
    """

    tokens: TokenBatch
    columns: tuple[Tensor, Tensor]
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device) -> Batch:
        """Return the batch on ``device``."""
        left, right = self.columns
        return Batch(self.tokens.to(device), (left.to(device), right.to(device)), self.labels.to(device))


class TokenisedPairs(Dataset[int]):
    """Labelled pairs whose distinct sentences are tokenised once.

    Args:
        pairs: N labelled pairs.
        tokenizer: The encoder's.

    Attributes:
        sides: (N, 2) int64: which sentence stands on which side.
        labels: (N,) float32.
        lengths: (N,) int64: the tokens of the longer side.
        truncated: How many distinct sentences were cut.
    """

    def __init__(self, pairs: Sequence[Pair], tokenizer: TextTokenizer) -> None:
        distinct = list(dict.fromkeys(text for pair in pairs for text in (pair.sentence1, pair.sentence2)))
        row = {text: index for index, text in enumerate(distinct)}
        tokenised = tokenizer(distinct)
        self.tokenizer = tokenizer
        self.ids = tokenised.ids
        self.truncated = tokenised.truncated
        self.sides = np.array([[row[pair.sentence1], row[pair.sentence2]] for pair in pairs], dtype=np.int64)
        self.labels = np.array([pair.label for pair in pairs], dtype=np.float32)
        sentence_lengths = np.array([len(ids) for ids in self.ids], dtype=np.int64)
        self.lengths: NDArray[np.int64] = sentence_lengths[self.sides].max(axis=1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> int:
        return row  # the batch, not the pair, is what can be padded and freed of repetitions: see ``collate``

    def collate(self, rows: Sequence[int]) -> Batch:
        """Build the batch of some rows."""
        sentences, places = np.unique(self.sides[list(rows)], return_inverse=True)
        columns = torch.from_numpy(places.reshape(len(rows), 2))  # (B, 2)
        tokens = self.tokenizer.pad([self.ids[sentence] for sentence in sentences])
        return Batch(tokens, (columns[:, 0], columns[:, 1]), torch.from_numpy(self.labels[list(rows)]))


class LengthBuckets(Sampler[list[int]]):
    """Batches of rows of similar length, in random order, the same for the same seed and epoch.

    Args:
        pairs: The rows to draw from.
        batch_size: Rows a batch; one of an epoch may be smaller.
        seed: Of the order.
        balance: Repeat rows of the rarer class until both are as many.
        processes: Drop the last batches that would leave one of several processes without work.

    Raises:
        UsageError: There are fewer batches than processes.
    """

    def __init__(
        self, pairs: TokenisedPairs, batch_size: int, *, seed: int = 0, balance: bool = False, processes: int = 1
    ) -> None:
        self.lengths = pairs.lengths
        self.labels = pairs.labels
        self.rows = batch_size  # under the name batch_size, Accelerate would drop the batches beside a smaller one
        self.seed = seed
        self.balance = balance
        self.processes = processes
        self.epoch = 0
        if not len(self):
            raise UsageError(
                f"batch_size is {batch_size}, too large to share {len(self.labels)} pairs among {processes} processes; "
                f"lower batch_size"
            )

    def __len__(self) -> int:
        rows = 2 * max(self._class_sizes()) if self.balance else len(self.labels)
        batches = -(-rows // self.rows)
        return batches // self.processes * self.processes

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng([self.seed, self.epoch])
        rows = random.permutation(self._rows(random))
        batches: list[list[int]] = []
        for pool in np.array_split(rows, range(POOL * self.rows, len(rows), POOL * self.rows)):
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += [pool[i : i + self.rows].tolist() for i in range(0, len(pool), self.rows)]
        order = random.permutation(len(batches))[: len(self)]
        for index in order:
            yield batches[index]

    def _class_sizes(self) -> tuple[int, int]:
        positives = int(np.sum(self.labels >= 0.5))
        return positives, len(self.labels) - positives

    def _rows(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Return all rows and, to balance, as many repeated ones as the rarer class lacks."""
        rows = np.arange(len(self.labels))
        if not self.balance:
            return rows
        positives, negatives = self._class_sizes()
        rarer = np.flatnonzero((self.labels >= 0.5) == (positives < negatives))
        return np.concatenate([rows, random.choice(rarer, abs(positives - negatives))])


def pair_loader(
    pairs: TokenisedPairs, batch_size: int, *, seed: int = 0, balance: bool = False, processes: int = 1
) -> tuple[DataLoader[int], LengthBuckets]:
    """Return a loader of ``Batch`` objects and its sampler, whose ``epoch`` the training loop sets."""
    sampler = LengthBuckets(pairs, batch_size, seed=seed, balance=balance, processes=processes)
    return DataLoader(pairs, batch_sampler=sampler, collate_fn=pairs.collate), sampler
