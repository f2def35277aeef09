"""Imitation of a teacher: the student's vector of a text is to point where the teacher's does."""

from __future__ import annotations

from torch import Tensor

from siamese_text.training.losses.base import Columns, Loss
from siamese_text.training.losses.distances import cosine_rows


def imitation(student: Tensor, teacher: Tensor) -> Tensor:
    """Return how far a student's embeddings are from a teacher's, of the same texts: mean(1 − cos(sᵢ, tᵢ)).

    It is half the squared distance of the unit vectors (Reimers and Gurevych 2020, "Making Monolingual Sentence
    Embeddings Multilingual using Knowledge Distillation").

    Args:
        student: (B, D) embeddings of any length.
        teacher: (B, D), likewise.

    Returns:
        A scalar in [0, 2]; 0 where all directions agree.

    Example:
        >>> import torch
        >>> student, teacher = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 0.0], [3.0, 0.0]])
        >>> float(imitation(student, teacher))
        0.5
    """
    return 1 - cosine_rows(student, teacher).mean()


class ImitationLoss(Loss):
    """``imitation`` of one column of texts (Reimers and Gurevych 2020).

        mean of 1 − cos(s, t)

    No data set has a teacher's vectors: ``distill`` makes them, and alone takes this loss.
    """

    name = "imitation"
    description = "the direction of a teacher's vector"

    def forward(self, columns: Columns, targets: Tensor) -> Tensor:
        """Return the loss of one column of (B, D) embeddings whose targets are (B, D) vectors of the teacher."""
        (texts,) = columns.embeddings
        return imitation(texts, targets)
