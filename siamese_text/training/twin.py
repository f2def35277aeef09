"""The module that is trained: a batch's distinct texts to embeddings to columns to the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from siamese_text.encoder.encoder import BATCH_TOKENS, Encoder
from siamese_text.encoder.speed import packs
from siamese_text.encoder.tokens import TokenBatch, batches_by_tokens
from siamese_text.training.batches import Batch
from siamese_text.training.processes import gather_rows


class Twin(nn.Module):
    """Encoder and losses as one module, so that a single wrapped forward sees every weight of all."""

    def __init__(self, encoder: Encoder, losses: Sequence[nn.Module]) -> None:
        super().__init__()
        self.encoder = encoder
        self.losses = nn.ModuleList(losses)

    def forward(self, batch: Batch, task: int = 0, chunk_tokens: int | None = None) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, over the rows of all processes, and the spread of its embeddings."""
        distinct = self._embed(batch.tokens, chunk_tokens)
        columns = tuple(gather_rows(distinct.index_select(0, column)) for column in batch.columns)
        labels = None if batch.labels is None else gather_rows(batch.labels)
        loss: Tensor = self.losses[task](columns, labels)
        return loss, _spread(columns[0].detach())

    def _embed(self, tokens: TokenBatch, chunk_tokens: int | None) -> Tensor:
        """Embed a batch: packed in one piece, else in chunks of similar length.

        With ``chunk_tokens`` the activations of a chunk are computed again for the gradient (GradCache, Gao et al.
        2021), which is exact, dropout included, because each chunk's random state is replayed.
        """
        if packs(self.encoder.transformer) and not chunk_tokens:
            embeddings: Tensor = self.encoder(tokens)
            return embeddings
        lengths = tokens.attention_mask.sum(dim=1).tolist()
        chunks = list(batches_by_tokens(lengths, chunk_tokens or BATCH_TOKENS[tokens.input_ids.device.type]))
        parts = [_cut(tokens, rows, lengths[rows[0]]) for rows in chunks]
        if chunk_tokens:
            embedded = [checkpoint(self.encoder, part, use_reentrant=False) for part in parts]
        else:
            embedded = [self.encoder(part) for part in parts]
        order = torch.tensor([row for rows in chunks for row in rows], device=tokens.input_ids.device)
        return torch.cat(embedded).index_select(0, order.argsort())


def _cut(tokens: TokenBatch, rows: Sequence[int], width: int) -> TokenBatch:
    """Return some rows of a padded batch without the columns that are padding in all of them."""
    chosen = list(rows)
    masks = (tokens.input_ids, tokens.attention_mask, tokens.pooling_mask)
    return TokenBatch(*(values[chosen, :width] for values in masks))


def _spread(embeddings: Tensor) -> Tensor:
    """Return the mean standard deviation of the dimensions of (B, D) embeddings, times √D: 0 when all are alike."""
    deviations = embeddings.std(dim=0, correction=0)  # (D,)
    return deviations.mean() * math.sqrt(embeddings.shape[1])
