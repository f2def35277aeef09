"""The module that is trained: a batch's distinct texts to embeddings to columns to the loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from siamese_text.encoder.cpu.layers import packs
from siamese_text.encoder.tokens import TokenBatch, batches_by_tokens
from siamese_text.encoder.torch_encoder import BATCH_TOKENS, TorchEncoder
from siamese_text.training.batches import Batch
from siamese_text.training.losses import Columns, Loss, Tokens
from siamese_text.training.processes import gather_rows, largest_of_processes, several_processes


class SiameseModule(nn.Module):
    """Encoder and losses as one module, so that a single wrapped forward sees every weight of all."""

    def __init__(self, encoder: TorchEncoder, losses: Sequence[Loss]) -> None:
        super().__init__()
        self.encoder = encoder
        self.losses = nn.ModuleList(losses)

    def forward(self, batch: Batch, task: int = 0, chunk_tokens: int | None = None) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, over the rows of all processes, and the spread of its embeddings."""
        loss = cast("Loss", self.losses[task])
        # 1. Embed the distinct texts of this process's rows, each once.
        texts, projected = self._embed(batch.tokens, loss.projected, chunk_tokens)
        # 2. Lay them out as columns, and gather those of all processes: the loss sees every row of the batch.
        columns = tuple(gather_rows(texts.index_select(0, column)) for column in batch.columns)
        targets = None if batch.targets is None else gather_rows(batch.targets)
        tokens: tuple[Tokens, ...] = ()
        if loss.needs_tokens:
            distinct = Tokens(projected, batch.tokens.attention_mask.bool())
            tokens = tuple(_gathered(distinct.take(column)) for column in batch.columns)
        # 3. The loss reads of them what it needs.
        return loss(Columns(columns, tokens), targets), spread(columns[0].detach())

    def _embed(
        self, tokens: TokenBatch, project: Callable[[Tensor], Tensor], chunk_tokens: int | None
    ) -> tuple[Tensor, Tensor]:
        """Embed a batch, and its tokens as ``project`` makes them: packed, or in chunks.

        With ``chunk_tokens`` the activations of a chunk are computed again for the gradient (GradCache, Gao et al.
        2021), which is exact, dropout included, because each chunk's random state is replayed.
        """

        def embed(part: TokenBatch) -> tuple[Tensor, Tensor]:
            hidden = self.encoder.token_embeddings(part)  # (B, T, D)
            return self.encoder.pooled(hidden, part), project(hidden)

        # Layers that leave padding out take the whole batch at once.
        if packs(self.encoder.transformer) and not chunk_tokens:
            return embed(tokens)
        # Others take it in chunks of texts of similar length, so that little is padding.
        lengths = tokens.attention_mask.sum(dim=1).tolist()
        chunks = list(batches_by_tokens(lengths, chunk_tokens or BATCH_TOKENS[tokens.input_ids.device.type]))
        parts = [_cut(tokens, rows, lengths[rows[0]]) for rows in chunks]
        embedded = [checkpoint(embed, part, use_reentrant=False) if chunk_tokens else embed(part) for part in parts]
        # The texts go back to the order of the batch, their tokens to its width.
        order = torch.tensor([row for rows in chunks for row in rows], device=tokens.input_ids.device).argsort()
        width = tokens.input_ids.shape[1]
        padded = [functional.pad(each, (0, 0, 0, width - each.shape[1])) for _, each in embedded]
        texts = torch.cat([each for each, _ in embedded])
        return texts.index_select(0, order), torch.cat(padded).index_select(0, order)


def _cut(tokens: TokenBatch, rows: Sequence[int], width: int) -> TokenBatch:
    """Return some rows of a padded batch without the columns that are padding in all of them."""
    chosen = list(rows)
    masks = (tokens.input_ids, tokens.attention_mask, tokens.pooling_mask)
    return TokenBatch(*(values[chosen, :width] for values in masks))


def _gathered(tokens: Tokens) -> Tokens:
    """Return the tokens of a column over the rows of all processes, whose longest texts differ."""
    if not several_processes():
        return tokens
    width = largest_of_processes(tokens.real.shape[1], tokens.real.device)
    missing = width - tokens.real.shape[1]
    embeddings = gather_rows(functional.pad(tokens.embeddings, (0, 0, 0, missing)))
    return Tokens(embeddings, gather_rows(functional.pad(tokens.real.to(embeddings), (0, missing))).bool())


def spread(embeddings: Tensor) -> Tensor:
    """Return the mean standard deviation of the dimensions of (B, D) embeddings, times √D: 0 when all are alike."""
    deviations = embeddings.std(dim=0, correction=0)  # (D,)
    return deviations.mean() * math.sqrt(embeddings.shape[1])
