"""The same by meaning: what the decision says of near texts, and no more of them than are near."""

import numpy as np
import pytest

from siamese_text.duplicates import all_pairs, meaning
from siamese_text.duplicates.meaning import Compared, meaning_pairs
from siamese_text.errors import BadModel
from siamese_text.records import Predictions

VECTORS = np.float32([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0.8, 0.3, 0], [0, 0, 1]])
TEXTS = ["a", "b", "c", "d", "e"]


class Decides:
    """Says yes from 0.5 on, by a table of probabilities; unsure from 0.4 on."""

    def __init__(self, probabilities, fitted=True):
        self.probabilities, self.fitted, self.asked = probabilities, fitted, []

    def predict(self, pairs, *, vectors=None):
        self.asked += pairs
        assert all(text in vectors for pair in pairs for text in pair)
        found = np.array([self.probabilities.get(pair, 0.0) for pair in pairs])
        if not self.fitted:
            return Predictions(np.zeros(len(pairs), np.float32))
        return Predictions(np.zeros(len(pairs), np.float32), found, found >= 0.5, (found >= 0.4) & (found < 0.5))


def test_sure_pairs_are_found_and_the_rest_is_counted():
    decides, compared = Decides({("a", "b"): 0.95, ("a", "d"): 0.6, ("b", "d"): 0.45}), Compared()
    [(one, other, probability, cosine)] = meaning_pairs(TEXTS, VECTORS, 0, decides, 0.9, compared)
    assert (one, other, probability) == (0, 1, 0.95)
    assert cosine == pytest.approx(0.9 / (0.81 + 0.01) ** 0.5)
    assert sorted(decides.asked) == [("a", "b"), ("a", "d"), ("b", "d")]  # the others are not near
    assert (compared.pairs, compared.unsure, compared.crowded) == (3, 2, 0)


def test_texts_before_the_first_are_not_compared_with_each_other(monkeypatch):
    monkeypatch.setattr(all_pairs, "LATER", 2)
    decides = Decides({})
    calls = []
    assert not list(meaning_pairs(TEXTS, VECTORS, 2, decides, 0.9, Compared(), lambda *done: calls.append(done)))
    assert sorted(decides.asked) == [("a", "d"), ("b", "d")]
    assert calls == [(2, 3), (3, 3)]


def test_texts_with_too_many_neighbours_are_counted(monkeypatch):
    monkeypatch.setattr(meaning, "NEIGHBOURS", 1)
    compared = Compared()
    list(meaning_pairs(list("abcde"), np.ones((5, 2), np.float32), 0, Decides({}), 0.9, compared))
    assert compared.crowded == 3  # c, d and e have two or more before them
    assert compared.pairs == 4


def test_without_a_decision_nothing_can_be_said():
    with pytest.raises(BadModel, match="no fitted decision; calibrate it"):
        list(meaning_pairs(TEXTS, VECTORS, 0, Decides({}, fitted=False), 0.9, Compared()))
