"""Slices by simple rules: which band a pair falls in, and the figures of a band recomputed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.slices import RULES, Slice, measure_slice, slice_pairs
from siamese_text.records import Pair
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.metrics import balance_for


def band_of(rule, left, right):
    [found] = [each.band for each in slice_pairs([Pair(left, right)]) if each.rule == rule]
    return found


@pytest.mark.parametrize(
    ("rule", "left", "right", "band"),
    [
        ("words in common", "a red boat", "the old town", "below 25 %"),
        ("words in common", "a b c d", "a e f g", "below 25 %"),  # 1 of 7
        ("words in common", "a b", "a c d", "25 to 50 %"),  # 1 of 4
        ("words in common", "a b c", "a b d", "50 to 75 %"),  # 2 of 4
        ("words in common", "a b c", "A, B: c d!", "75 % and more"),  # 3 of 4
        ("words of the longer text", "one two", "one two three four five six seven eight", "up to 8"),
        ("words of the longer text", "one two", "one two three four five six seven eight nine", "9 to 16"),
        ("words of the longer text", "word " * 33, "word", "33 and more"),
        ("negation", "It is hot.", "It is warm.", "on no side"),
        ("negation", "It isn’t hot.", "It is hot.", "on one side"),
        ("negation", "He left without her.", "He did n't wait for her.", "on both sides"),
        ("negation", "A knot is tied.", "The note is here.", "on no side"),
        ("numbers", "It rained.", "One rained.", "none"),
        ("numbers", "two bees", "2 bees", "the same"),
        ("numbers", "1,500 bees", "1,600 bees", "different"),
        ("numbers", "3 bees and 3 dogs", "3 bees and dogs", "different"),
        ("order of words", "Ann owes Bo.", "Bo owes Ann.", "the same words, swapped"),
        ("order of words", "Ann owes Bo.", "ann owes bo!", "the same words, in order"),
        ("order of words", "Ann owes Bo, Bo.", "Ann owes Bo, Ann.", "other words"),
        ("names", "The dog sat. He slept.", "A cat sat. It slept.", "none"),
        ("names", "I think I know.", "so I said", "none"),
        ("names", "We saw Ann.", "Ann was seen by us.", "the same"),
        ("names", "We saw Ann.", "We saw Bo.", "different"),
        ("names", "Bo saw Ann.", "Ann saw Bo.", "the same"),
    ],
)
def test_each_rule_puts_a_pair_into_its_band(rule, left, right, band):
    assert band_of(rule, left, right) == band
    assert band_of(rule, right, left) == band


TEXTS = st.text(alphabet="aAbB n't.,!1 2éß\n", max_size=40)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_the_bands_of_a_rule_hold_each_pair_once(sides):
    slices = slice_pairs([Pair(*each) for each in sides])
    for rule in RULES:
        held = np.sum([each.rows for each in slices if each.rule == rule.name], axis=0)
        np.testing.assert_array_equal(held, 1)
    assert all(each.band in rule.bands for rule in RULES for each in slices if each.rule == rule.name)


def make_predictions(size=80, *, seed=0):
    random = np.random.default_rng(seed)
    labels = (random.random(size) < 0.4).astype(np.float64)
    probability = np.clip(labels * 0.3 + random.random(size) * 0.7, 0, 1)
    return LabelledPredictions(
        labels, probability, probability, "probability", probability, probability >= 0.6, Decision.by_hand(0.6)
    )


def test_figures_of_a_slice_are_those_of_its_pairs_alone():
    predictions = make_predictions()
    rows = np.arange(80) % 2 == 0
    found = measure_slice(Slice("rule", "band", rows), predictions)
    labels, probability = predictions.labels[::2], predictions.probability[::2]
    right = sum((p >= 0.6) == (label == 1) for p, label in zip(probability, labels, strict=True))
    assert (found.pairs, found.few) == (40, False)
    assert found.accuracy == pytest.approx(right / 40)
    assert found.ap == pytest.approx(average_precision_score(labels, probability))
    assert found.positives == pytest.approx(sum(labels) / 40)
    assert found.gap == pytest.approx(sum(probability) / 40 - sum(labels) / 40)
    assert found.spearman is None


def test_a_small_slice_is_marked_and_one_label_has_no_ap():
    predictions = make_predictions()
    rows = np.flatnonzero(predictions.labels == 1)[:29]
    found = measure_slice(Slice("rule", "band", np.isin(np.arange(80), rows)), predictions)
    assert found.few and found.ap is None and found.positives == 1


def test_what_a_model_does_not_say_is_not_measured():
    predictions = make_predictions()
    everything = Slice("rule", "band", np.ones(80, dtype=bool))
    bare = measure_slice(everything, LabelledPredictions(predictions.labels, predictions.ranking, predictions.compared))
    assert (bare.accuracy, bare.probability, bare.gap) == (None, None, None)
    by_hand = LabelledPredictions(
        predictions.labels,
        predictions.ranking,
        predictions.compared,
        same=predictions.same,
        decision=Decision.by_hand(0.6),
    )
    assert measure_slice(everything, by_hand).accuracy is not None
    assert measure_slice(everything, by_hand).gap is None


def test_grades_are_correlated_in_each_slice():
    grades, similarity = np.linspace(0, 1, 9), np.array([0.1, 0.3, 0.2, 0.4, 0.5, 0.8, 0.6, 0.7, 0.9])
    rows = np.arange(9) < 6
    found = measure_slice(Slice("rule", "band", rows), LabelledPredictions(grades, similarity, similarity))
    assert found.spearman == pytest.approx(spearmanr(grades[:6], similarity[:6]).statistic)
    assert found.ap is None


def test_a_slice_of_pairs_that_count_for_a_prior():
    labels = np.array([0.0, 0, 0, 0, 0, 1, 1, 1, 1, 1])  # as if a tenth were the same: a 0 counts 1.8, a 1 counts 0.2
    same = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1], dtype=bool)
    probability = np.where(same, 0.6, 0.05)
    predictions = LabelledPredictions(
        labels, probability, probability, "", probability, same, Decision.by_hand(0.5), balance_for(0.5, 0.1)
    )
    figures = measure_slice(Slice("rule", "band", np.arange(10) >= 3), predictions)  # two 0s and five 1s: 4.6 pairs
    assert figures.positives == pytest.approx(5 * 0.2 / 4.6)
    assert figures.accuracy == pytest.approx((1.8 + 4 * 0.2) / 4.6)
    assert figures.probability == pytest.approx((0.05 * (1.8 + 0.2) + 0.6 * (1.8 + 4 * 0.2)) / 4.6)
    assert figures.ap == pytest.approx(average_precision_score(labels[3:], probability[3:]))  # of the pairs as they are
