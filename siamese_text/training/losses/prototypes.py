"""Few-shot episodes: each text nearer to the mean of its class than to those of the others."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from siamese_text.errors import UsageError
from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import checked_temperature, full_precision, products

UNIT_TEMPERATURE = 0.1  # ‖x − c‖² of unit vectors is 2 − 2 · cos: as sharp as cosines over InfoNCE's 0.05
FREE_TEMPERATURE = 1.0  # the paper's


def prototypical(embeddings: Tensor, labels: Tensor, shots: int, temperature: float) -> Tensor:
    """Classify the queries of an episode by their distance to the prototypes (Snell, Swersky and Zemel 2017).

        mean of −log softmax(−‖x − c‖² / temperature) at x's own class  over the queries x,
        c = the mean of the support of a class: its first ``shots`` texts in the batch

    A class with no text beyond its support has no query, but its prototype still competes.

    Args:
        embeddings: (B, D).
        labels: (B,) class numbers.
        shots: Texts of a class that make its prototype, at least 1.
        temperature: More than 0.

    Returns:
        A scalar, 0 where there is no query.

    Example:
        >>> texts = torch.tensor([[0.0], [2.0], [0.5]])  # the third is 0.5 from its class, 1.5 from the other
        >>> prototypical(texts, torch.tensor([0.0, 1.0, 0.0]), shots=1, temperature=1.0)  # log(1 + exp(0.25 − 2.25))
        tensor(0.1269)
    """
    embeddings = full_precision(embeddings)
    # The first texts of each class are its support, those that follow are asked for.
    _, class_of = torch.unique(labels, return_inverse=True)  # (B,) 0..C-1
    member = functional.one_hot(class_of)  # (B, C)
    place = (member.cumsum(dim=0) * member).sum(dim=1)  # (B,) its place among the texts of its class, from 1
    support, query = place <= shots, place > shots
    # A prototype is the mean of its support: as a product, (C, S) weights 1/n times (S, D) embeddings.
    given = member[support].to(embeddings.dtype)  # (S, C)
    prototypes = products((given / given.sum(dim=0)).T, embeddings[support].T)  # (C, D)
    # −‖x − c‖² = 2 · x·c − ‖c‖² − ‖x‖², and the last, equal for all classes, is nothing to a softmax.
    logits = (2 * products(embeddings[query], prototypes) - prototypes.square().sum(dim=1)) / temperature  # (Q, C)
    return functional.cross_entropy(logits, class_of[query], reduction="sum") / max(len(logits), 1)


class PrototypicalLoss(Loss):
    """``prototypical`` on the texts of a batch (Snell, Swersky and Zemel 2017).

        mean of −log softmax(−‖x − c‖² / temperature) at x's own class  over the queries x

    Accepts texts with classes, in batches that hold more than ``shots`` texts of each of several classes.

    Args:
        shots: Texts of a class that make its prototype.
        temperature: The divisor of squared distances, by default 1, as in the paper; 0.1 for embeddings of unit
            length, whose squared distances do not exceed 4, and which allow 0.001 to 1.
        normalized: Whether the embeddings have unit length.

    Raises:
        UsageError: There are no shots, or the temperature is out of its range.
    """

    name = "prototypical"
    description = "nearest to the mean of the class"
    accepts = frozenset({"classes"})
    reads = ("temperature",)
    by_class = True
    by_shots = True

    def __init__(self, shots: int = 1, temperature: float | None = None, *, normalized: bool = True) -> None:
        super().__init__()
        if shots < 1:
            raise UsageError(f"shots is {shots}; a prototype is the mean of at least 1 text")
        self.shots = shots
        default = UNIT_TEMPERATURE if normalized else FREE_TEMPERATURE
        self.temperature = checked_temperature(temperature, default, bounded=normalized)

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of one column and (B,) class numbers."""
        (texts,) = columns.embeddings
        return prototypical(texts, targets, self.shots, self.temperature)
