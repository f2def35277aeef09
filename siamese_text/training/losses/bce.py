"""Binary cross-entropy of two columns and a label: losses with weights of their own, which learn to decide.

Label 1 = same, 0 = different; a label between them is the probability that the two say the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.scoring.heads.twin import TwinHead, symmetric_features
from siamese_text.training.losses.base import Columns, Loss, check_head
from siamese_text.training.losses.distances import cosine_rows, full_precision


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean of −y · log p − (1 − y) · log(1 − p), where p = sigmoid(logits).

    Args:
        logits: (B,) log-odds that a pair says the same.
        labels: (B,) in [0, 1].

    Returns:
        A scalar, not negative.

    Example:
        >>> binary_cross_entropy(torch.zeros(2), torch.tensor([1.0, 0.0]))  # log 2
        tensor(0.6931)
    """
    logits = full_precision(logits)
    return functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))


class TwinHeadLoss(Loss):
    """BCE on the twin head: an MLP over symmetric features of the two embeddings.

        mean of −y · log p − (1 − y) · log(1 − p),  p = sigmoid(w · relu(W · [u + v, |u − v|, u · v, (u − v)²] + b) + c)

    with u and v times √D, so that features of unit vectors are of one order of magnitude at any width.
    Accepts pairs labelled 0 or 1 and graded pairs. Features in the manner of Conneau et al. 2017 (InferSent), made
    symmetric. The trained head is kept with the model.

    Args:
        embedding_dimension: D, of the embeddings.
        head_hidden: The number of hidden units, by default 256.
        head_dropout: The share of features and of hidden units that are dropped in training, by default 0.1.

    Raises:
        UsageError: There are no units, or the share is not at least 0 and less than 1.
    """

    name = "bce"
    description = "cross-entropy of a twin head, which is kept with the model"
    accepts = frozenset({"pairs", "graded"})
    default_for = frozenset({"pairs"})
    reads = ("head_hidden", "head_dropout")

    def __init__(self, embedding_dimension: int, head_hidden: int = 256, head_dropout: float = 0.1) -> None:
        super().__init__()
        check_head(head_hidden, head_dropout)
        self.hidden = nn.Linear(4 * embedding_dimension, head_hidden)
        self.output = nn.Linear(head_hidden, 1)
        self.dropout = nn.Dropout(head_dropout)

    def logits(self, u: Tensor, v: Tensor) -> Tensor:
        """Return (B,) log-odds that the rows of two (B, D) tensors say the same."""
        features = self.dropout(torch.cat(symmetric_features(u, v), dim=1))  # (B, 4 D)
        hidden = self.dropout(functional.relu(self.hidden(features)))  # (B, H)
        logits: Tensor = self.output(hidden).squeeze(1)  # (B,)
        return logits

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        return binary_cross_entropy(self.logits(*columns.embeddings), targets)

    def trained_head(self) -> TwinHead:
        """Return the head as it stands, for scoring without torch."""
        return TwinHead(
            {name: weight.detach().cpu().float().numpy().copy() for name, weight in self.named_parameters()}
        )


class CosineBceLoss(Loss):
    """BCE on a learned scale and bias of the cosine: log-odds = scale · cos(u, v) + bias.

        mean of −y · log p − (1 − y) · log(1 − p),  p = sigmoid(scale · cos(u, v) + bias)

    Accepts pairs labelled 0 or 1 and graded pairs. It is Platt's scaling (1999) learned with the encoder, and the
    pairwise sigmoid loss of Zhai et al. 2023 on given pairs. The scale is learned as its logarithm, so that it stays
    positive and a larger cosine always means more alike.

    Args:
        scale: Where the scale starts, by default 10; more than 0.
        bias: Where the bias starts, by default −7.5: −scale · 0.75 puts even odds at a cosine of 0.75.
    """

    name = "bce-cosine"
    description = "cross-entropy of a learned scale and bias of the cosine"
    accepts = frozenset({"pairs", "graded"})

    def __init__(self, scale: float = 10.0, bias: float = -7.5) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        return binary_cross_entropy(self.log_scale.exp() * cosine_rows(*columns.embeddings) + self.bias, targets)
