"""In-batch softmax: each anchor should find its positive among all that the batch holds."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import checked_temperature, cosine_matrix


def info_nce(anchors: Tensor, positives: Tensor, others: Tensor, temperature: float) -> Tensor:
    """Find each anchor's own positive among all positives and others (van den Oord, Li and Vinyals 2018).

        mean over i of −log(exp(cos(a_i, p_i) / t) / Σ_c exp(cos(a_i, c) / t)),  c over all positives and others

    Args:
        anchors: (P, D).
        positives: (P, D), the i-th of the i-th anchor.
        others: (M, D) candidates that are nobody's positive.
        temperature: t, more than 0.

    Returns:
        A scalar; 0 where there is no anchor.

    Example:
        >>> units = torch.eye(2)
        >>> info_nce(units, units, units[:0], temperature=1.0)  # log(1 + e⁻¹)
        tensor(0.3133)
    """
    candidates = torch.cat([positives, others])  # (P + M, D)
    logits = cosine_matrix(anchors, candidates) / temperature  # (P, P + M)
    own = torch.arange(len(anchors), device=anchors.device)
    return functional.cross_entropy(logits, own, reduction="sum") / max(len(anchors), 1)


class InfoNceLoss(Loss):
    """``info_nce`` on cosines: multiple negatives ranking (van den Oord et al. 2018; Henderson et al. 2017).

        mean over i of −log(exp(cos(a_i, p_i) / t) / Σ_c exp(cos(a_i, c) / t))

    Accepts positives, whose candidates c are all second sentences of the batch; triplets, whose negatives of all rows
    are candidates too; and pairs labelled 0 or 1. Of those, rows labelled 1 are anchors with their positives, and of
    rows labelled 0 the second sentence is one more candidate. A text that stands twice in a batch would be its own
    negative: batches must not repeat texts.

    Args:
        temperature: t, from 0.001 to 1, by default 0.05 (a scale of 20).
        symmetric: Take the mean with the loss in the other direction, where a second sentence looks for its first among
            all first sentences of the batch (Radford et al. 2021). Negatives of triplets take no part in that.

    Raises:
        UsageError: The temperature is out of its range.
    """

    name = "infonce"
    description = "the positive found among the batch"
    accepts = frozenset({"pairs", "positives", "triplets"})
    default_for = frozenset({"positives", "triplets"})
    reads = ("temperature", "symmetric")
    distinct_texts = True

    def __init__(self, temperature: float | None = None, *, symmetric: bool = False) -> None:
        super().__init__()
        self.temperature = checked_temperature(temperature, 0.05)
        self.symmetric = symmetric

    def forward(self, columns: Columns, targets: Tensor | None) -> Tensor:
        """Return the loss of two columns or more, and for pairs (B,) labels."""
        anchors, positives, *negatives = columns.embeddings
        other_anchors, others = anchors[:0], torch.cat([positives[:0], *negatives])
        if targets is not None:  # pairs: only rows labelled 1 are anchors with their positives
            same = targets == 1
            other_anchors, others = anchors[~same], positives[~same]
            anchors, positives = anchors[same], positives[same]
        loss = info_nce(anchors, positives, others, self.temperature)
        if self.symmetric:
            loss = (loss + info_nce(positives, anchors, other_anchors, self.temperature)) / 2
        return loss


class CachedInfoNceLoss(InfoNceLoss):
    """``InfoNceLoss`` whose embeddings are computed in small chunks (GradCache, Gao et al. 2021): the same values."""

    name = "cached-infonce"
    description = "infonce on batches of any size at bounded memory"
    default_for = frozenset()
    cached = True
