"""Hits in the order of what a classifier of pairs predicts."""

import numpy as np
import pytest

from siamese_text.errors import BadModel
from siamese_text.records import Hit, Passage, Predictions
from siamese_text.search import rerank

HITS = [Hit(Passage(f"{words}.txt", 0, 5 * words, "pear " * words), 1 - words / 10) for words in (1, 2, 3, 4)]


class PrefersLong:
    """A classifier that can be followed by hand: the more words in the passage, the likelier."""

    def predict(self, pairs, *, vectors=None):
        self.pairs, self.vectors = pairs, vectors
        probability = np.array([len(passage.split()) / 5 for _, passage in pairs])
        return Predictions(np.ones(len(pairs), np.float32), probability, probability >= 0.5)


class Fixed:
    def __init__(self, probability=None, same=None, unsure=None):
        self.said = Predictions(np.ones(len(HITS), np.float32), probability, same, unsure)

    def predict(self, pairs, *, vectors=None):
        return self.said


def test_the_most_probable_comes_first_with_probability_and_yes_or_no():
    classifier = PrefersLong()
    hits = rerank("pear", HITS, classifier, vectors={"pear": np.ones(2)})
    assert classifier.pairs == [("pear", hit.passage.text) for hit in HITS]
    assert list(classifier.vectors) == ["pear"]
    assert [hit.passage.document for hit in hits] == ["4.txt", "3.txt", "2.txt", "1.txt"]
    assert [hit.probability for hit in hits] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    assert [hit.same for hit in hits] == [True, True, False, False]
    assert {hit.passage: hit.similarity for hit in hits} == {hit.passage: hit.similarity for hit in HITS}


def test_equal_probabilities_keep_the_order_of_similarity():
    hits = rerank("pear", HITS, Fixed(np.full(4, 0.5), np.full(4, True)))
    assert [hit.passage for hit in hits] == [hit.passage for hit in HITS]


def test_a_threshold_by_hand_says_yes_or_no_and_keeps_the_order_of_similarity():
    hits = rerank("pear", HITS, Fixed(same=np.array([True, True, False, False])))
    assert [hit.passage for hit in hits] == [hit.passage for hit in HITS]
    assert [(hit.probability, hit.same) for hit in hits] == [(None, True), (None, True), (None, False), (None, False)]


def test_an_unsure_hit_is_no_yes_and_says_so():
    same, unsure = np.array([True, False, False, False]), np.array([False, True, True, False])
    hits = rerank("pear", HITS, Fixed(np.array([0.9, 0.6, 0.5, 0.1]), same, unsure))
    assert [(hit.same, hit.verdict) for hit in hits] == [
        (True, "yes"),
        (False, "unsure"),
        (False, "unsure"),
        (False, "no"),
    ]


def test_a_classifier_without_a_decision_is_refused():
    with pytest.raises(BadModel, match="has no decision"):
        rerank("pear", HITS, Fixed())
