"""Triplet margins: an anchor nearer to its positive than to its negative by a margin, given or mined from classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from siamese_text.errors import UsageError
from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import (
    DISTANCE_MATRICES,
    DISTANCES,
    Distance,
    checked_margin,
    mean_or_zero,
)

DEFAULT_MARGINS = {"cosine": 0.25, "euclidean": 0.5}


def batch_hard(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Compare each anchor's farthest positive with its nearest negative (Hermans, Beyer and Leibe 2017).

        mean of max(0, max_p d(a, p) − min_n d(a, n) + margin)  over anchors with a positive and a negative

    An anchor that lacks either makes no triplet and is left out, where sentence-transformers counts it as if it were
    its own positive; with two texts a class and two classes in the batch the values are equal.

    Args:
        distances: (B, B) of each text of the batch to each.
        labels: (B,) class numbers.
        margin: How much farther than the positive the negative should be.

    Returns:
        A scalar, 0 where no anchor counts.
    """
    positive, negative = _relations(labels)
    counted = positive.any(dim=1) & negative.any(dim=1)  # (B,)
    farthest_positive = distances.masked_fill(~positive, -torch.inf).max(dim=1).values[counted]
    nearest_negative = distances.masked_fill(~negative, torch.inf).min(dim=1).values[counted]
    return mean_or_zero((farthest_positive - nearest_negative + margin).clamp(min=0))


def batch_all(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Compare each anchor's every positive with its every negative (Hermans, Beyer and Leibe 2017).

        mean of d(a, p) − d(a, n) + margin  over the triplets where that is positive

    Easy triplets do not count, or the many of them would drown the few that teach something.

    Args:
        distances: (B, B) of each text of the batch to each.
        labels: (B,) class numbers.
        margin: How much farther than the positive the negative should be.

    Returns:
        A scalar, 0 where no triplet counts.
    """
    to_positive, to_others, negative = _by_positive(distances, labels)
    terms = to_positive.unsqueeze(1) - to_others + margin  # (P, B)
    return mean_or_zero(terms[negative & (terms > 0)])


def batch_semi_hard(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Compare each positive with the nearest negative beyond it (Schroff, Kalenichenko and Philbin 2015).

        mean of max(0, d(a, p) − d(a, n) + margin)  over all anchors and positives,
        n = the nearest negative with d(a, n) > d(a, p), or else the farthest negative

    An anchor whose batch has no other class makes no triplet and is left out.

    Args:
        distances: (B, B) of each text of the batch to each.
        labels: (B,) class numbers.
        margin: How much farther than the positive the negative should be.

    Returns:
        A scalar, 0 where no triplet counts.
    """
    to_positive, to_others, negative = _by_positive(distances, labels)
    beyond = negative & (to_others > to_positive.unsqueeze(1))  # (P, B)
    nearest_beyond = to_others.masked_fill(~beyond, torch.inf).amin(dim=1)
    farthest = to_others.masked_fill(~negative, -torch.inf).amax(dim=1)
    to_negative = torch.where(beyond.any(dim=1), nearest_beyond, farthest)  # (P,)
    return mean_or_zero((to_positive - to_negative + margin).clamp(min=0))


def _relations(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return (B, B) masks: whether a column is a positive of the row, and whether it is a negative."""
    same = labels.unsqueeze(1) == labels.unsqueeze(0)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    return same & ~itself, ~same


def _by_positive(distances: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lay the batch out by its P anchors with a positive, of those anchors that have a negative.

    Returns:
        (P,) distances to the positive, (P, B) distances of the anchor to all texts, (P, B) which are negatives.
    """
    positive, negative = _relations(labels)
    anchors, positives = (positive & negative.any(dim=1, keepdim=True)).nonzero(as_tuple=True)
    return distances[anchors, positives], distances[anchors], negative[anchors]


MINERS: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "hard": batch_hard,
    "all": batch_all,
    "semi-hard": batch_semi_hard,
}


class TripletLoss(Loss):
    """Each anchor nearer to its positive than to a negative, by a margin (Schroff, Kalenichenko and Philbin 2015).

        mean of max(0, d(a, p) − d(a, n) + margin)

    Accepts triplets, where each of several negatives of a row counts like one of a row of its own, and texts with
    classes, from which it mines triplets in the batch: see ``batch_hard``, ``batch_all`` and ``batch_semi_hard``.

    A margin of up to 2 is allowed, the most that two classes of unit vectors can reach; the nearest two of C classes
    are at most 1 + 1/(C − 1) apart by the cosine distance, so that many classes ask for less than 1.

    Args:
        distance: ``cosine`` or ``euclidean``.
        margin: How much nearer the positive should be, by default 0.25 for the cosine distance and 0.5 for the
            Euclidean one.
        mining: How triplets are found in texts with classes: ``hard`` (the default), ``all`` or ``semi-hard``.
        normalized: Whether the embeddings have unit length, which bounds the Euclidean distance.

    Raises:
        UsageError: The distance or the mining is unknown, or no triplet could ever reach the margin.

    Example:
        >>> a, p, n = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[-1.0, 0.0]])
        >>> columns = Columns((a, p, n))  # d(a, p) = 1, d(a, n) = 2
        >>> TripletLoss(margin=0.25)(columns, None), TripletLoss(margin=1.25)(columns, None)
        (tensor(0.), tensor(0.2500))
    """

    name = "triplet"
    description = "nearer to the positive by a margin, mined in classes"
    accepts = frozenset({"classes", "triplets"})
    default_for = frozenset({"classes"})
    reads = ("distance", "margin", "mining")
    by_class = True

    def __init__(
        self,
        distance: Distance = "cosine",
        margin: float | None = None,
        *,
        mining: Literal["hard", "all", "semi-hard"] = "hard",
        normalized: bool = True,
    ) -> None:
        super().__init__()
        self.margin = checked_margin(distance, margin, DEFAULT_MARGINS, normalized=normalized)
        if mining not in MINERS:
            raise UsageError(f"mining is '{mining}'; choose from {', '.join(MINERS)}")
        self.distance = distance
        self.mining = mining

    def forward(self, columns: Columns, targets: Tensor | None) -> Tensor:
        """Return the loss of one column with (B,) class numbers, or of three columns or more."""
        if targets is not None:
            (texts,) = columns.embeddings
            return MINERS[self.mining](DISTANCE_MATRICES[self.distance](texts, texts), targets, self.margin)
        anchors, positives, *negatives = columns.embeddings
        distance = DISTANCES[self.distance]
        to_negatives = torch.stack([distance(anchors, negative) for negative in negatives])  # (K, B)
        return (distance(anchors, positives) - to_negatives + self.margin).clamp(min=0).mean()
