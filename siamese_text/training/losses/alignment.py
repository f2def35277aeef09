"""Binary cross-entropy of a head that lays the tokens of two columns beside each other."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.training.losses.base import Columns, Loss, Tokens, check_head
from siamese_text.training.losses.bce import binary_cross_entropy


class AlignmentLoss(Loss):
    """BCE on the alignment head (see ``scoring.heads.alignment`` for its formula and source).

        mean of −y · log p − (1 − y) · log(1 − p),  p = sigmoid(log-odds of the head)

    Accepts pairs labelled 0 or 1 and graded pairs. The trained head is kept with the model.

    Args:
        hidden_size: D, the width of the embeddings of tokens.
        projected: d, to which they are projected, by default 128.
        hidden: The number of units that compare, and of the hidden layer, by default 128.
        head_dropout: The share of each layer's inputs that is dropped in training, by default 0.1.

    Raises:
        UsageError: The share is not at least 0 and less than 1.
    """

    name = "align"
    description = "cross-entropy of a head that lays the tokens of both sides beside each other"
    accepts = frozenset({"pairs", "graded"})
    reads = ("head_dropout",)
    needs_tokens = True

    def __init__(self, hidden_size: int, projected: int = 128, hidden: int = 128, head_dropout: float = 0.1) -> None:
        super().__init__()
        check_head(hidden, head_dropout)
        self.project = nn.Linear(hidden_size, projected)
        self.log_scale = nn.Parameter(torch.tensor(10.0).log())
        self.compare = nn.Linear(2 * projected, hidden)
        self.hidden = nn.Linear(4 * hidden, hidden)
        self.output = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(head_dropout)

    def projected(self, tokens: Tensor) -> Tensor:
        """Return (B, T, D) token embeddings as the head compares them: (B, T, d) of unit length."""
        return functional.normalize(self.project(tokens), dim=-1)

    def logits(self, left: Tokens, right: Tokens) -> Tensor:
        """Return (B,) log-odds that the texts of two columns say the same."""
        a, b = left.embeddings, right.embeddings

        # 1. Each token looks for its like on the other side: the mean of the tokens there, weighted by a softmax of
        #    their cosines with it. The learned scale says how sharply it looks.
        scores = self.log_scale.exp() * (a @ b.transpose(1, 2))  # (B, A, T)
        found_in_b = _attention_weights(scores, right.real) @ b  # (B, A, d)
        found_in_a = _attention_weights(scores.transpose(1, 2), left.real) @ a  # (B, T, d)

        # 2. Each token is compared with what it found, by the same weights on both sides, and the tokens of a text
        #    are summed up: how well they fit on average, and how strongly each unit answered at most.
        mean, most = self._compared(a, found_in_b, left.real)  # (B, C) each
        other_mean, other_most = self._compared(b, found_in_a, right.real)

        # 3. Sums and absolute differences of both sides stay the same when the sides change places, and so does the
        #    answer of the layers above them.
        features = (mean + other_mean, most + other_most, (mean - other_mean).abs(), (most - other_most).abs())
        hidden = functional.relu(self.hidden(self.dropout(torch.cat(features, dim=1))))
        logits: Tensor = self.output(self.dropout(hidden)).squeeze(1)  # (B,)
        return logits

    def _compared(self, tokens: Tensor, found: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean and the maximum, each (B, C), of how (B, T, d) tokens fit what each of them found."""
        # The coordinates of unit vectors are about 1 / √d; √d brings them to about 1 at any d.
        scale = math.sqrt(tokens.shape[2])
        pairs = torch.cat([scale * (tokens - found).abs(), scale * tokens * found], dim=2)  # (B, T, 2 d)
        # After relu no unit is below 0, so padding, set to 0, neither adds to the sum nor becomes the maximum.
        fits = functional.relu(self.compare(self.dropout(pairs))) * real.unsqueeze(2)  # (B, T, C)
        return fits.sum(dim=1) / real.sum(dim=1, keepdim=True), fits.amax(dim=1)

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of the tokens of two columns and (B,) labels."""
        left, right = columns.tokens
        return binary_cross_entropy(self.logits(left, right), targets)

    def trained_head(self) -> AlignmentHead:
        """Return the head as it stands, for scoring without torch."""
        weights = {name: weight.detach().cpu().float().numpy().copy() for name, weight in self.named_parameters()}
        return AlignmentHead(weights | {"scale": np.exp(weights.pop("log_scale"))})


def _attention_weights(scores: Tensor, real: Tensor) -> Tensor:
    """Return the softmax of (B, A, T) scores over the T tokens that are real; padding gets 0."""
    return torch.softmax(scores.masked_fill(~real.unsqueeze(1), -torch.inf), dim=2)
