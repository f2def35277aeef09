"""Losses of two columns and a label, without weights of their own: contrastive, regression and CoSENT.

Label 1 = same, 0 = different. The classic contrastive formula writes Y = 1 for dissimilar pairs; ours is that formula
with y = 1 − Y.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import (
    DISTANCES,
    Distance,
    checked_margin,
    checked_temperature,
    cosine_rows,
)

DEFAULT_MARGINS = {"cosine": 0.5, "euclidean": 1.0}


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


def online_contrastive(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Sum the contrastive terms, without their ½, over the hard pairs of the batch (sentence-transformers).

        Σ d²                   over same pairs      with d > the smallest d of a different pair
      + Σ max(0, margin − d)²  over different pairs with d < the largest d of a same pair

    A batch with one kind of pair has no other kind to compare with: then d is compared with the batch's mean.
    It is a **sum**, as in sentence-transformers, so that it grows with the batch where a mean would not.

    Args:
        distances: (B,) not negative.
        labels: (B,) 0 or 1.
        margin: The distance from which a different pair is left alone.

    Returns:
        A scalar, 0 where no pair is hard.

    Example:
        >>> distances = torch.tensor([0.1, 0.3, 0.2, 0.6])
        >>> online_contrastive(distances, torch.tensor([1.0, 1.0, 0.0, 0.0]), margin=0.5)  # 0.3² + (0.5 − 0.2)²
        tensor(0.1800)
    """
    same, different = distances[labels == 1], distances[labels == 0]
    hard_same = same[same > (different.min() if len(different) else same.mean())]
    hard_different = different[different < (same.max() if len(same) else different.mean())]
    return hard_same.square().sum() + (margin - hard_different).clamp(min=0).square().sum()


def cosent(scores: Tensor, labels: Tensor) -> Tensor:
    """Rank pairs by their labels: each pair above all pairs with a smaller label (Su 2022; Huang et al. 2024).

        log(1 + Σ exp(s_i − s_j))  over all pairs i, j of rows with y_i < y_j

    Args:
        scores: (B,) similarities, divided by a temperature.
        labels: (B,) of any scale: only their order counts.

    Returns:
        A scalar; 0 where all labels are alike.

    Example:
        >>> cosent(torch.tensor([2.0, 2.0]), torch.tensor([0.0, 1.0]))  # log(1 + e⁰)
        tensor(0.6931)
    """
    wrong_order = scores.unsqueeze(1) - scores.unsqueeze(0)  # (B, B) s_i − s_j
    counted = labels.unsqueeze(1) < labels.unsqueeze(0)  # (B, B) y_i < y_j
    exponents = wrong_order.masked_fill(~counted, -torch.inf).flatten()  # (B²,)
    return torch.cat([scores.new_zeros(1), exponents]).logsumexp(dim=0)  # the 1 in the logarithm is exp(0)


class ContrastiveLoss(Loss):
    """``contrastive`` on a distance of the two columns (Hadsell, Chopra and LeCun 2006).

        mean of ½ · (y · d² + (1 − y) · max(0, margin − d)²)

    Accepts pairs labelled 0 or 1.

    Args:
        distance: ``cosine`` or ``euclidean``.
        margin: The distance from which a different pair is left alone, by default 0.5 for the cosine distance and 1 for
            the Euclidean one.
        normalized: Whether the embeddings have unit length, which bounds the Euclidean distance.

    Raises:
        UsageError: The distance is unknown, or no pair could ever reach the margin.
    """

    name = "contrastive"
    description = "same pairs together, different ones out to a margin"
    accepts = frozenset({"pairs"})
    reads = ("distance", "margin")

    def __init__(self, distance: Distance = "cosine", margin: float | None = None, *, normalized: bool = True) -> None:
        super().__init__()
        self.margin = checked_margin(distance, margin, DEFAULT_MARGINS, normalized=normalized)
        self.distance = distance

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        return contrastive(DISTANCES[self.distance](*columns.embeddings), targets, self.margin)


class OnlineContrastiveLoss(Loss):
    """``online_contrastive`` on a distance of the two columns: the hard pairs of the batch alone, as a sum.

    Accepts pairs labelled 0 or 1. Its source is sentence-transformers, which it equals; it has no paper.

    Args:
        distance: ``cosine`` or ``euclidean``.
        margin: The distance from which a different pair is left alone, by default 0.5 for the cosine distance and 1 for
            the Euclidean one.
        normalized: Whether the embeddings have unit length, which bounds the Euclidean distance.

    Raises:
        UsageError: The distance is unknown, or no pair could ever reach the margin.
    """

    name = "online-contrastive"
    description = "the same on a batch's hard pairs alone"
    accepts = frozenset({"pairs"})
    reads = ("distance", "margin")

    def __init__(self, distance: Distance = "cosine", margin: float | None = None, *, normalized: bool = True) -> None:
        super().__init__()
        self.margin = checked_margin(distance, margin, DEFAULT_MARGINS, normalized=normalized)
        self.distance = distance

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        return online_contrastive(DISTANCES[self.distance](*columns.embeddings), targets, self.margin)


class CosineMseLoss(Loss):
    """Cosine regression: the cosine of a pair should be its label (Reimers and Gurevych 2019).

        mean of (cos(u, v) − y)²

    Accepts graded pairs, labels in [0, 1], and pairs labelled 0 or 1. It has nothing to set.

    Example:
        >>> u, v = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        >>> CosineMseLoss()(Columns((u, v)), torch.tensor([1.0, 0.5]))  # (0² + 0.5²) / 2
        tensor(0.1250)
    """

    name = "mse"
    description = "the cosine is the label"
    accepts = frozenset({"pairs", "graded"})

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        cosines = cosine_rows(*columns.embeddings)  # (B,)
        return functional.mse_loss(cosines, targets.to(cosines.dtype))


class CosentLoss(Loss):
    """``cosent`` on the cosine of the two columns over a temperature (Su 2022; Huang et al. 2024).

        log(1 + Σ exp((cos_i − cos_j) / temperature))  over all pairs i, j of rows with y_i < y_j

    Accepts graded pairs and pairs labelled 0 or 1. A row is compared with every other, so large batches help; a batch
    whose labels are all alike gives 0.

    Args:
        temperature: A number from 0.001 to 1, by default 0.05 (a scale of 20).

    Raises:
        UsageError: The temperature is out of its range.
    """

    name = "cosent"
    description = "pairs ranked by their labels"
    accepts = frozenset({"pairs", "graded"})
    default_for = frozenset({"graded"})
    reads = ("temperature",)

    def __init__(self, temperature: float | None = None) -> None:
        super().__init__()
        self.temperature = checked_temperature(temperature, 0.05)

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of two columns and (B,) labels."""
        return cosent(cosine_rows(*columns.embeddings) / self.temperature, targets)
