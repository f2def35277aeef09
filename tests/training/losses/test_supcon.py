"""Supervised contrast, in plain loops."""

import math

import numpy as np
import pytest
import torch

from siamese_text.training.losses.supcon import SupConLoss, supervised_contrast


def by_hand(rows, labels, temperature):
    """The mean over texts of the mean over those of their class; a text is neither its own positive nor a candidate."""

    def cosine(a, b):
        return float(np.dot(a, b) / math.sqrt(np.dot(a, a) * np.dot(b, b)))

    terms = []
    for i, row in enumerate(rows):
        others = [j for j in range(len(rows)) if rows[j] != row]
        positives = [j for j in others if labels[j] == labels[i]]
        if positives:
            total = sum(math.exp(cosine(row, rows[j]) / temperature) for j in others)
            terms.append(np.mean([-math.log(math.exp(cosine(row, rows[j]) / temperature) / total) for j in positives]))
    return np.mean(terms)


def test_it_is_the_formula():
    rows = np.random.default_rng(0).normal(size=(7, 3)).tolist()
    labels = [0, 1, 0, 2, 1, 0, 3]
    for temperature in (0.05, 0.5):
        found = supervised_contrast(torch.tensor(rows, dtype=torch.float64), torch.tensor(labels), temperature)
        assert float(found) == pytest.approx(by_hand(rows, labels, temperature))


def test_a_text_that_stands_twice_is_no_pair_with_itself():
    rows = [[1.0, 0.2], [0.1, 1.0], [1.0, 0.2], [0.4, 0.6]]
    labels = [0, 0, 0, 1]
    found = supervised_contrast(torch.tensor(rows, dtype=torch.float64), torch.tensor(labels), 0.3)
    assert float(found) == pytest.approx(by_hand(rows, labels, 0.3))
    alone = torch.tensor([[1.0, 0.2], [1.0, 0.2], [0.4, 0.6]], requires_grad=True)
    nothing = supervised_contrast(alone, torch.tensor([0, 0, 1]), 0.3)
    nothing.backward()
    assert nothing.item() == 0 and not alone.grad.any()


def test_it_falls_as_classes_come_together():
    apart = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1], [0.1, 0.9]])
    loss = SupConLoss()
    assert loss.temperature == 0.05
    assert (
        supervised_contrast(apart, torch.tensor([0, 1, 0, 1]), 0.1)
        < 0.01
        < 5
        < supervised_contrast(apart, torch.tensor([0, 0, 1, 1]), 0.1)
    )
