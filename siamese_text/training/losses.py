"""Losses: functions of embeddings and labels, never of text, tokens or a model.

Label 1 = same, 0 = different. The classic contrastive formula writes Y = 1 for dissimilar pairs; ours is that formula
with y = 1 − Y.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.errors import UsageError
from siamese_text.scoring.head import TwinHead, symmetric_features

LARGEST_COSINE_DISTANCE = 2.0  # 1 − cos of opposite vectors
LARGEST_UNIT_EUCLIDEAN = 2.0  # between opposite unit vectors
DEFAULT_MARGINS = {"cosine": 0.5, "euclidean": 1.0}
SMALLEST_SQUARE = 1e-12  # the gradient of a square root at 0 is infinite


def cosine_distance(u: Tensor, v: Tensor) -> Tensor:
    """Return (B,) 1 − cos(u, v), in [0, 2]."""
    return 1 - functional.cosine_similarity(u, v)


def euclidean_distance(u: Tensor, v: Tensor) -> Tensor:
    """Return (B,) Euclidean distances of the rows of two (B, D) tensors."""
    return (u - v).square().sum(dim=1).clamp(min=SMALLEST_SQUARE).sqrt()


DISTANCES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cosine": cosine_distance,
    "euclidean": euclidean_distance,
}


def contrastive(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Pull same pairs together and push different ones out to a margin (Hadsell, Chopra and LeCun 2006).

        mean of ½ · (y · d² + (1 − y) · max(0, margin − d)²)

    Args:
        distances: (B,) not negative.
        labels: (B,) 0 or 1.
        margin: The distance from which a different pair is left alone.

    Returns:
        A scalar.

    Example:
        >>> contrastive(torch.tensor([0.2, 0.1]), torch.tensor([1.0, 0.0]), margin=0.5)
        tensor(0.0500)
    """
    pull = labels * distances.square()
    push = (1 - labels) * (margin - distances).clamp(min=0).square()
    return (pull + push).mean() / 2


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean of −y · log p − (1 − y) · log(1 − p), where p = sigmoid(logits).

    Args:
        logits: (B,) log-odds that a pair says the same.
        labels: (B,) 0 or 1.
    """
    return functional.binary_cross_entropy_with_logits(logits, labels)


class ContrastiveLoss(nn.Module):
    """``contrastive`` on a distance of the two columns.

    Args:
        distance: ``cosine`` or ``euclidean``.
        margin: By default 0.5 for the cosine distance and 1 for the Euclidean one.
        normalized: Whether the embeddings have unit length, which bounds the Euclidean distance.

    Raises:
        UsageError: The distance is unknown, or no pair could ever reach the margin.
    """

    def __init__(self, distance: str = "cosine", margin: float | None = None, *, normalized: bool = True) -> None:
        super().__init__()
        if distance not in DISTANCES:
            raise UsageError(f"distance is '{distance}'; choose from {', '.join(DISTANCES)}")
        self.distance = distance
        self.margin = DEFAULT_MARGINS[distance] if margin is None else margin
        largest = LARGEST_COSINE_DISTANCE if distance == "cosine" else LARGEST_UNIT_EUCLIDEAN
        bounded = distance == "cosine" or normalized
        if self.margin <= 0 or (bounded and self.margin > largest):
            limit = f"at most {largest:g}" if bounded else "any positive number"
            raise UsageError(f"margin is {self.margin:g}; the {distance} distance here allows more than 0, {limit}")

    def forward(self, embeddings: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
        """Return the loss of two (B, D) columns and (B,) labels."""
        return contrastive(DISTANCES[self.distance](*embeddings), labels, self.margin)


class TwinHeadLoss(nn.Module):
    """BCE on the twin head: an MLP over symmetric features of the two embeddings.

    Args:
        width: D, of the embeddings.
        hidden: The number of hidden units.
        dropout: The share of features and of hidden units that are dropped in training.
    """

    def __init__(self, width: int, hidden: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.hidden = nn.Linear(4 * width, hidden)
        self.output = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def logits(self, u: Tensor, v: Tensor) -> Tensor:
        """Return (B,) log-odds that the rows of two (B, D) tensors say the same."""
        features = self.dropout(torch.cat(symmetric_features(u, v), dim=1))  # (B, 4 D)
        hidden = self.dropout(functional.relu(self.hidden(features)))  # (B, H)
        logits: Tensor = self.output(hidden).squeeze(1)  # (B,)
        return logits

    def forward(self, embeddings: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
        """Return the loss of two (B, D) columns and (B,) labels."""
        return binary_cross_entropy(self.logits(*embeddings), labels)

    def trained_head(self) -> TwinHead:
        """Return the head as it stands, for scoring without torch."""
        return TwinHead(
            {name: weight.detach().cpu().float().numpy().copy() for name, weight in self.named_parameters()}
        )


class CosineBceLoss(nn.Module):
    """BCE on a learned scale and bias of the cosine: log-odds = scale · cos(u, v) + bias.

    The scale is learned as its logarithm, so that it stays positive and a larger cosine always means more alike.

    Args:
        scale: Where the scale starts.
        bias: Where the bias starts; −scale · 0.75 puts even odds at a cosine of 0.75.
    """

    def __init__(self, scale: float = 10.0, bias: float = -7.5) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(scale).log())
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(self, embeddings: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
        """Return the loss of two (B, D) columns and (B,) labels."""
        cosine = functional.cosine_similarity(*embeddings)  # (B,)
        return binary_cross_entropy(self.log_scale.exp() * cosine + self.bias, labels)
