"""Examples to batches: tokenised once for all epochs, each distinct text of a batch once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from siamese_text.encoder.tokens import TextTokenizer, TokenBatch
from siamese_text.records import Example, FloatArray


@dataclass(frozen=True, slots=True)
class Batch:
    """B training rows, ready for the encoder.

    Attributes:
        tokens: The distinct texts of the batch.
        columns: For each column, (B,) int64: which of the texts it is.
        targets: (B,) float32 labels, (B, D) vectors of a teacher, or None where rows have neither.
    """

    tokens: TokenBatch
    columns: tuple[Tensor, ...]
    targets: Tensor | None

    def __len__(self) -> int:
        return len(self.columns[0])

    def to(self, device: torch.device) -> Batch:
        """Return the batch on ``device``."""
        columns = tuple(column.to(device) for column in self.columns)
        return Batch(self.tokens.to(device), columns, None if self.targets is None else self.targets.to(device))


class TokenisedExamples:
    """Training rows whose distinct texts are tokenised once.

    Args:
        examples: N rows, all with the same number of texts, and either all with a label or none.
        tokenizer: The tokenizer of the encoder, whose own prompt goes before each text as it does in use.
        targets: (N, D) float32 vectors of a teacher, one for each row; by default the labels of the rows.
        views: Count a text of one column as another one than the same text of the next, so that each is encoded for
            itself and, in training, under a dropout of its own.

    Attributes:
        columns: (N, C) int64: which distinct text stands in which column.
        columns_by_tokens: (N, C) int64: the same, of texts that are the same tokens the first one for all.
        targets: (N,) float32 labels, (N, D) vectors, or None.
        text_lengths: (distinct texts,) int64, in tokens.
        skip: How many leading tokens of each text pooling leaves out, which are those of a prompt.
        truncated: How many distinct texts were cut.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        tokenizer: TextTokenizer,
        targets: FloatArray | None = None,
        *,
        views: bool = False,
    ) -> None:
        distinct = list(dict.fromkeys(text for example in examples for text in example.texts))
        row = {text: index for index, text in enumerate(distinct)}
        tokenised = tokenizer.with_prompt(distinct)
        self.tokenizer = tokenizer
        self.ids = tokenised.ids
        self.skip = tokenised.skip
        self.truncated = tokenised.truncated
        self.columns = np.array([[row[text] for text in example.texts] for example in examples], dtype=np.int64)
        if views:
            self.columns += len(distinct) * np.arange(self.columns.shape[1])
            self.ids = list(self.ids) * self.columns.shape[1]
        labels = [example.label for example in examples]
        self.targets = targets
        if targets is None and None not in labels:
            self.targets = np.array(labels, dtype=np.float32)
        self.text_lengths = np.array([len(ids) for ids in self.ids], dtype=np.int64)
        first: dict[tuple[int, ...], int] = {}
        alike = np.array([first.setdefault(tuple(ids), text) for text, ids in enumerate(self.ids)], dtype=np.int64)
        self.columns_by_tokens: NDArray[np.int64] = alike[self.columns]

    def __len__(self) -> int:
        return len(self.columns)

    def collate(self, rows: Sequence[int]) -> Batch:
        """Build the batch of some rows."""
        chosen = list(rows)
        texts, places = np.unique(self.columns[chosen], return_inverse=True)
        columns = torch.from_numpy(places.reshape(len(chosen), -1))  # (B, C)
        tokens = self.tokenizer.pad([self.ids[text] for text in texts], skip=self.skip)
        targets = None if self.targets is None else torch.from_numpy(self.targets[chosen])
        return Batch(tokens, columns.unbind(dim=1), targets)
