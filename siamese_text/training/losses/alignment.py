"""Binary cross-entropy of a head that lays the tokens of two columns beside each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.training.losses.bce import binary_cross_entropy


@dataclass(frozen=True, slots=True)
class Tokens:
    """The projected token embeddings of a column: (B, T, d), and (B, T) bool, which of them are real."""

    embeddings: Tensor
    real: Tensor

    def to(self, device: torch.device) -> Tokens:
        """Return the tokens on ``device``."""
        return Tokens(self.embeddings.to(device), self.real.to(device))

    def take(self, rows: Tensor) -> Tokens:
        """Return the texts of some rows."""
        return Tokens(self.embeddings.index_select(0, rows), self.real.index_select(0, rows))


class AlignmentLoss(nn.Module):
    """BCE on the alignment head (see ``scoring.alignment`` for its formula and source).

        mean of −y · log p − (1 − y) · log(1 − p),  p = sigmoid(log-odds of the head)

    Accepts pairs labelled 0 or 1 and graded pairs. The trained head is kept with the model.

    Args:
        width: D, of the token embeddings.
        projected: d, to which they are projected, by default 128.
        hidden: The number of units that compare, and of the hidden layer, by default 128.
        dropout: The share of each layer's inputs that is dropped in training, by default 0.2; a run gives it its
            ``head_dropout``.
    """

    def __init__(self, width: int, projected: int = 128, hidden: int = 128, dropout: float = 0.2) -> None:
        super().__init__()
        self.project = nn.Linear(width, projected)
        self.log_scale = nn.Parameter(torch.tensor(10.0).log())
        self.compare = nn.Linear(2 * projected, hidden)
        self.hidden = nn.Linear(4 * hidden, hidden)
        self.output = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def projected(self, tokens: Tensor) -> Tensor:
        """Return (B, T, D) token embeddings as the head compares them: (B, T, d) of unit length."""
        return functional.normalize(self.project(tokens), dim=-1)

    def logits(self, left: Tokens, right: Tokens) -> Tensor:
        """Return (B,) log-odds that the texts of two columns say the same."""
        a, b = left.embeddings, right.embeddings
        scores = self.log_scale.exp() * (a @ b.transpose(1, 2))  # (B, A, T)
        found_in_b = _attention_weights(scores, right.real) @ b  # (B, A, d)
        found_in_a = _attention_weights(scores.transpose(1, 2), left.real) @ a  # (B, T, d)
        mean, most = self._compared(a, found_in_b, left.real)
        other_mean, other_most = self._compared(b, found_in_a, right.real)
        features = (mean + other_mean, most + other_most, (mean - other_mean).abs(), (most - other_most).abs())
        hidden = functional.relu(self.hidden(self.dropout(torch.cat(features, dim=1))))
        logits: Tensor = self.output(self.dropout(hidden)).squeeze(1)  # (B,)
        return logits

    def _compared(self, tokens: Tensor, found: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        scale = math.sqrt(tokens.shape[2])
        pairs = torch.cat([scale * (tokens - found).abs(), scale * tokens * found], dim=2)  # (B, T, 2 d)
        fits = functional.relu(self.compare(self.dropout(pairs))) * real.unsqueeze(2)  # (B, T, C)
        return fits.sum(dim=1) / real.sum(dim=1, keepdim=True), fits.amax(dim=1)

    def forward(self, tokens: tuple[Tokens, Tokens], labels: Tensor) -> Tensor:
        """Return the loss of two columns of tokens and (B,) labels."""
        return binary_cross_entropy(self.logits(*tokens), labels)

    def trained_head(self) -> AlignmentHead:
        """Return the head as it stands, for scoring without torch."""
        weights = {name: weight.detach().cpu().float().numpy().copy() for name, weight in self.named_parameters()}
        return AlignmentHead(weights | {"scale": np.exp(weights.pop("log_scale"))})


def _attention_weights(scores: Tensor, real: Tensor) -> Tensor:
    return torch.softmax(scores.masked_fill(~real.unsqueeze(1), -torch.inf), dim=2)
