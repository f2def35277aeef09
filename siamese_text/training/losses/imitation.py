"""Imitation of a teacher: each text's own vector, and how alike the texts of a batch are."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize


def imitation(student: Tensor, teacher: Tensor, *, similarity_weight: float = 0.0) -> Tensor:
    """Return how far a student's embeddings are from a teacher's, of the same texts.

    mean(1 − cos(sᵢ, tᵢ)) + w · mean((cos(sᵢ, sⱼ) − cos(tᵢ, tⱼ))²). The first term is half the squared distance of unit
    vectors (Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual"); the second matches the
    similarities within the batch (Tung and Mori 2019, "Similarity-Preserving Knowledge Distillation").

    Args:
        student: (B, D) embeddings of any length.
        teacher: (B, D), likewise.
        similarity_weight: w, at least 0.

    Returns:
        A scalar; 0 where all directions agree.

    Example:
        >>> student, teacher = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 0.0], [3.0, 0.0]])
        >>> float(imitation(student, teacher)), float(imitation(student, teacher, similarity_weight=1))
        (0.5, 1.0)
    """
    student, teacher = normalize(student, dim=-1), normalize(teacher, dim=-1)
    loss = 1 - (student * teacher).sum(dim=-1).mean()
    if similarity_weight:
        differences = student @ student.T - teacher @ teacher.T  # (B, B)
        loss = loss + similarity_weight * differences.square().mean()
    return loss


class ImitationLoss(nn.Module):
    """``imitation`` of one column of texts, whose labels are the teacher's embeddings."""

    def __init__(self, similarity_weight: float = 0.0) -> None:
        super().__init__()
        self.similarity_weight = similarity_weight

    def forward(self, embeddings: tuple[Tensor, ...], labels: Tensor) -> Tensor:
        """Return the loss of ((B, D),) embeddings whose (B, D) labels are the teacher's."""
        return imitation(embeddings[0], labels, similarity_weight=self.similarity_weight)
