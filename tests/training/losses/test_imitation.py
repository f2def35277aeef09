"""The loss of a student: where its vectors and its teacher's point, recomputed in plain Python."""

import math

import numpy as np
import pytest
import torch

from siamese_text.training.losses import Columns
from siamese_text.training.losses.imitation import ImitationLoss, imitation


def test_the_loss_is_one_less_the_mean_cosine_in_plain_python():
    random = np.random.default_rng(0)
    student, teacher = random.normal(size=(2, 5, 3))
    expected = 0.0
    for left, right in zip(student.tolist(), teacher.tolist(), strict=True):
        dot = math.fsum(x * y for x, y in zip(left, right, strict=True))
        expected += 1 - dot / math.hypot(*left) / math.hypot(*right)
    assert float(imitation(torch.tensor(student), torch.tensor(teacher))) == pytest.approx(expected / 5, abs=1e-12)
    assert float(imitation(torch.tensor(3 * teacher), torch.tensor(teacher))) == pytest.approx(0, abs=1e-12)


def test_it_is_half_the_squared_distance_of_unit_vectors():
    texts, vectors = torch.randn(2, 6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    unit = [torch.nn.functional.normalize(each) for each in (texts, vectors)]
    expected = (unit[0] - unit[1]).square().sum(dim=1).mean() / 2
    assert ImitationLoss()(Columns((texts,)), vectors).item() == pytest.approx(expected.item(), rel=1e-12)
