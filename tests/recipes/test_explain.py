"""The deletion test of recipes/bench/explain.py, recomputed by hand."""

import numpy as np
import pytest

from siamese_text import text
from siamese_text.errors import BadModel, NothingToDo
from siamese_text.explain.occlusion import explain_pair
from siamese_text.records import Predictions

PAIRS = [("a b c d e", "a b c d e"), ("a b c d f g", "c d f g h"), ("k l m", "n o p"), ("a", "a")]


@pytest.fixture(scope="module")
def bench(load_bench):
    return load_bench("explain")


def shared(sides):
    left, right = ({word.form for word in text.words(side)} for side in sides)
    return 0.05 + 0.9 * len(left & right) / max(len(left | right), 1)


class FakeScorer:
    name = "fake"

    def __init__(self, decides=True):
        self.decides = decides

    def predict(self, pairs):
        p = np.array([shared(pair) for pair in pairs])
        return Predictions(p.astype(np.float32), p, p >= 0.5) if self.decides else Predictions(p.astype(np.float32))

    def explain(self, pair):
        return explain_pair(pair, self.predict)


def test_effects_are_those_of_taking_the_words_away(bench):
    found = bench.measure(FakeScorer(), PAIRS, draws=40)
    # Five shared words, two of ten taken: from one side 3 of 5 stay shared, from both sides (b, then b) 4 of 4.
    # Four of seven, two of eleven: c and d of one side leave 2 of 7. Of the other two pairs nothing can be said:
    # no removal makes the third alike, so its best is 0, and one word of two leaves 0 of 1 in the fourth.
    expected = [0.9 * 2 / 5, 0.9 * 2 / 7, 0.0, 0.9]
    assert found.pairs == 4
    assert found.deciding == pytest.approx(np.mean(expected))
    assert found.words == pytest.approx((10 + 11 + 6 + 2) / 4)
    assert 0 < found.chance < found.deciding
    assert found.ratio == pytest.approx(found.deciding / found.chance)


def test_what_decides_moves_more_than_chance_and_what_does_not_does_not(bench):
    pairs = [(f"a b c d e f{n} g", f"a b c d e f{n} h") for n in range(12)]
    found = bench.measure(FakeScorer(), pairs, draws=40)
    assert found.p < 0.01
    assert found.chance < found.largest <= found.deciding
    assert found.turned_by_chance <= found.turned == 1  # 0.05 + 0.9 · 6/8 is the same, and 0.9 · 3/8 is not
    assert bench.measure(FakeScorer(), [("k", "n")] * 12, draws=40).p > 0.5  # no removal makes them alike


def test_the_draws_are_seeded(bench):
    assert bench.measure(FakeScorer(), PAIRS, seed=1) == bench.measure(FakeScorer(), PAIRS, seed=1)
    assert bench.measure(FakeScorer(), PAIRS, seed=1).chance != bench.measure(FakeScorer(), PAIRS, seed=2).chance


def test_a_model_without_probabilities_or_texts_without_words_are_refused(bench):
    with pytest.raises(BadModel, match="calibrate"):
        bench.measure(FakeScorer(decides=False), PAIRS)
    with pytest.raises(NothingToDo):
        bench.measure(FakeScorer(), [("!", "?")])
