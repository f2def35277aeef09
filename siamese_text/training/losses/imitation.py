"""Imitation of a teacher: the student's vector of a text is to point where the teacher's does."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import cosine_similarity


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
    return 1 - cosine_similarity(student, teacher, dim=-1).mean()


class ImitationLoss(nn.Module):
    """``imitation`` of one column of texts, whose labels are the teacher's embeddings."""

    def forward(self, embeddings: tuple[Tensor, ...], labels: Tensor) -> Tensor:
        """Return the loss of ((B, D),) embeddings whose (B, D) labels are the teacher's."""
        return imitation(embeddings[0], labels)
