"""Like sentences: all of them where they are few, and nearly all of them where lists are compared."""

import numpy as np
import pytest

from siamese_text.plagiarism.finding import neighbours
from siamese_text.plagiarism.finding.neighbours import similar_sentences
from siamese_text.unit_rows import unit_rows


def pairs_of(table, least):
    told = []
    every = np.full(len(table), least, dtype=np.float32)
    found = list(similar_sentences(table, every, lambda done, total: told.append((done, total))))
    assert told == sorted(told) and told[-1] == (2 * len(table), 2 * len(table))
    for left, right, cosines in found:
        np.testing.assert_allclose(cosines, np.einsum("hd,hd->h", table[left], table[right]), rtol=1e-4)
    return {frozenset(pair) for left, right, _ in found for pair in zip(left.tolist(), right.tolist(), strict=True)}


def planted(count, width=24):
    """Vectors of which each of the last ten is nearly one of the first ten."""
    rng = np.random.default_rng(3)
    table = rng.normal(size=(count, width)).astype(np.float32)
    table[-10:] = table[:10] + 0.2 * rng.normal(size=(10, width))
    return unit_rows(table)


def test_few_sentences_are_all_compared():
    table = planted(60)
    cosines = table @ table.T
    expected = {frozenset(pair) for pair in np.argwhere(cosines >= 0.5).tolist() if len(set(pair)) == 2}
    assert pairs_of(table, 0.5) == expected


def test_lists_of_like_ones_hold_the_nearest(monkeypatch):
    monkeypatch.setattr(neighbours, "_LIST", 20)
    table = planted(600)
    assert {frozenset((place, 590 + place)) for place in range(10)} <= pairs_of(table, 0.8)


def test_a_sentence_has_its_ten_best_at_most():
    [(left, _, _)] = list(similar_sentences(np.tile(np.float32([[0.6, 0.8]]), (30, 1)), np.zeros(30, np.float32)))
    assert np.bincount(left).tolist() == [10] * 30


@pytest.mark.parametrize("least", [[0.5, 0.9], [0.9, 0.5]])
def test_both_sentences_must_reach_what_they_need(least):
    table = unit_rows(np.float32([[1, 0], [1, 1]]))  # their cosine is .71
    assert not any(len(left) for left, _, _ in similar_sentences(table, np.float32(least)))
