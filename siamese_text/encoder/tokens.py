"""Texts to token ids, once, and ids to padded batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """A padded batch of texts.

    Attributes:
        input_ids: (B, T) int64, padded on the right.
        attention_mask: (B, T) int64, 1 for a real token.
        pooling_mask: (B, T) int64, the attention mask less the tokens of a prompt that pooling leaves out.
    """

    input_ids: Tensor
    attention_mask: Tensor
    pooling_mask: Tensor

    def __len__(self) -> int:
        return len(self.input_ids)

    def to(self, device: torch.device) -> TokenBatch:
        """Return the batch on ``device``."""
        return TokenBatch(self.input_ids.to(device), self.attention_mask.to(device), self.pooling_mask.to(device))


@dataclass(frozen=True, slots=True)
class Tokenised:
    """N tokenised texts: their ids, and how many were longer than the model reads."""

    ids: list[list[int]]
    truncated: int


class TextTokenizer:
    """A Hugging Face tokenizer with the settings that belong to an encoder: length, case, padding on the right."""

    def __init__(self, tokenizer: Any, *, max_length: int, lower_case: bool = False) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.lower_case = lower_case

    def __call__(self, texts: Sequence[str]) -> Tokenised:
        """Tokenise texts, cut each at ``max_length`` tokens and count the cuts."""
        texts = [text.lower() for text in texts] if self.lower_case else list(texts)
        if not texts:
            return Tokenised([], 0)
        ids: list[list[int]] = self._ids(texts, truncation=True, max_length=self.max_length)
        # Only a text that fills the length can have been cut: tokenising those again is cheaper than all in full.
        full = [text for text, row in zip(texts, ids, strict=True) if len(row) >= self.max_length]
        cut = sum(len(row) > self.max_length for row in self._ids(full)) if full else 0
        return Tokenised(ids, cut)

    def _ids(self, texts: list[str], **options: Any) -> list[list[int]]:
        tokens = self.tokenizer(
            texts, padding=False, return_attention_mask=False, return_token_type_ids=False, verbose=False, **options
        )
        ids: list[list[int]] = tokens["input_ids"]
        return ids

    def prompt_length(self, prompt: str) -> int:
        """Count the tokens that a prompt puts before a text, the start token included."""
        [ids] = self([prompt]).ids
        closing = int(bool(ids) and ids[-1] in {self.tokenizer.sep_token_id, self.tokenizer.eos_token_id})
        return len(ids) - closing

    def pad(self, ids: Sequence[Sequence[int]], *, skip: int = 0) -> TokenBatch:
        """Pad B texts to their longest.

        Args:
            ids: B lists of token ids.
            skip: How many leading tokens pooling leaves out.

        Returns:
            The batch, with T the length of the longest text.
        """
        lengths = np.fromiter((len(row) for row in ids), dtype=np.int64, count=len(ids))  # (B,)
        width = int(lengths.max(initial=1))
        padded = np.full((len(ids), width), self.tokenizer.pad_token_id or 0, dtype=np.int64)  # (B, T)
        for row, values in zip(padded, ids, strict=True):
            row[: len(values)] = values
        mask = (np.arange(width) < lengths[:, None]).astype(np.int64)  # (B, T)
        pooled = mask.copy()
        pooled[:, :skip] = 0
        return TokenBatch(torch.from_numpy(padded), torch.from_numpy(mask), torch.from_numpy(pooled))


def batches_by_tokens(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Group texts of similar length so that a padded batch stays within a number of tokens.

    Big batches of mixed length waste most of their work on padding, and on a CPU they fall out of the cache.

    Args:
        lengths: The number of tokens of each text.
        budget: The largest number of tokens, padding counted, in a batch; a longer text is a batch of its own.

    Yields:
        Positions in ``lengths``, longest texts first.

    Example:
        >>> list(batches_by_tokens([3, 9, 4, 8], budget=18))
        [[1, 3], [2, 0]]
    """
    batch: list[int] = []
    for position in np.argsort(np.negative(lengths), kind="stable").tolist():
        longest = lengths[batch[0]] if batch else 0
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
