"""Duplicates of all three kinds among texts."""

import numpy as np
import pytest

from siamese_text.duplicates.run import find_duplicates
from siamese_text.errors import UsageError
from siamese_text.records import Predictions

LONG = "the ferry leaves the harbour at noon and carries bicycles for free"


class SaysYes:
    """Gives all texts one vector, and says that all pairs are the same."""

    def __init__(self):
        self.read = []

    def encode(self, texts):
        self.read += texts
        return np.ones((len(texts), 2), np.float32)

    def predict(self, pairs, *, vectors=None):
        return Predictions(np.ones(len(pairs), np.float32), np.full(len(pairs), 0.95), np.ones(len(pairs), bool))


def kinds(found):
    return [(each.text, each.because_of, each.kind) for each in found.duplicates]


def test_equal_texts_go_because_of_the_first_and_near_ones_because_of_what_is_kept():
    texts = [LONG, LONG.upper(), f"{LONG} , !", "rain", f"{LONG} , !"]
    assert kinds(find_duplicates(texts)) == [(1, 0, "exact"), (2, 0, "near"), (4, 0, "near")]
    assert kinds(find_duplicates(texts, keep="longest")) == [(0, 2, "near"), (1, 2, "near"), (4, 2, "exact")]


def test_known_texts_stay_and_are_no_reason_for_one_another():
    texts = [LONG, LONG, "rain", "Rain", LONG]
    assert kinds(find_duplicates(texts, known=3)) == [(3, 2, "exact"), (4, 0, "exact")]


def test_by_meaning_only_short_texts_that_differ_are_read():
    model = SaysYes()
    texts = ["tea", "milk", "Tea", "word " * 151]
    found = find_duplicates(texts, encode=model.encode, classifier=model)
    assert model.read == ["tea", "milk"]
    assert kinds(found) == [(1, 0, "meaning"), (2, 0, "exact")]
    assert (found.pairs, found.long, found.duplicates[0].score) == (1, 1, pytest.approx(0.95))
    assert kinds(find_duplicates(texts, at_least=0.96, encode=model.encode, classifier=model)) == [(2, 0, "exact")]


@pytest.mark.parametrize("option", ["near", "at_least"])
def test_shares_out_of_range_are_refused(option):
    for value in (0, 1.1, float("nan")):
        with pytest.raises(UsageError, match=f"{option} is .*; give a share above 0 and at most 1"):
            find_duplicates(["tea"], **{option: value})
