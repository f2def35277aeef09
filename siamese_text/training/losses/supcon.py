"""Classes by contrast: each text nearer to those of its class than to all others of the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import checked_temperature, cosine_matrix


def supervised_contrast(embeddings: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Find the texts of each text's class among the others of the batch (Khosla et al. 2020, their L_out).

        mean over i of mean over p ≠ i of i's class of −log(exp(cos(i, p) / t) / Σ_c exp(cos(i, c) / t)),  c ≠ i

    A text that stands twice in a batch, which has one embedding, is neither its own positive nor one of the c.

    Args:
        embeddings: (B, D).
        labels: (B,) class numbers.
        temperature: t, more than 0.

    Returns:
        A scalar, the mean over the texts that have a positive; 0 where none has.

    Example:
        >>> texts = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # log 2 for the first, log(1 + 1/e) next
        >>> supervised_contrast(texts, torch.tensor([0.0, 0.0, 1.0]), temperature=1.0)
        tensor(0.5032)
    """
    _, text_of = torch.unique(embeddings.detach(), dim=0, return_inverse=True)
    other = text_of.unsqueeze(1) != text_of.unsqueeze(0)  # (B, B)
    positive = other & (labels.unsqueeze(1) == labels.unsqueeze(0))
    counted = positive.any(dim=1)  # (B,)
    logits = cosine_matrix(embeddings, embeddings)[counted] / temperature
    found = logits - logits.masked_fill(~other[counted], -torch.inf).logsumexp(dim=1, keepdim=True)
    of_class = (found * positive[counted]).sum(dim=1) / positive[counted].sum(dim=1)
    value: Tensor = -of_class.sum() / max(len(of_class), 1)
    return value


class SupConLoss(Loss):
    """``supervised_contrast`` on the texts of a batch (Khosla et al. 2020).

        mean over i of mean over p ≠ i of i's class of −log(exp(cos(i, p) / t) / Σ_c exp(cos(i, c) / t)),  c ≠ i

    Accepts texts with classes. All pairs of a batch are learned from, and none is ever listed.

    Args:
        temperature: t, from 0.001 to 1, by default 0.05.

    Raises:
        UsageError: The temperature is out of its range.
    """

    name = "supcon"
    description = "nearer to its class than to the rest of the batch"
    accepts = frozenset({"classes"})
    reads = ("temperature",)
    by_class = True

    def __init__(self, temperature: float | None = None) -> None:
        super().__init__()
        self.temperature = checked_temperature(temperature, 0.05)

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of one column and (B,) class numbers."""
        (texts,) = columns.embeddings
        return supervised_contrast(texts, targets, self.temperature)
