"""A blend that is to serve several data sets, and the score that is chosen for all of them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.scoring.calibration import folds
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.fit_decision import choose_decision, cross_fit, score_aps
from siamese_text.scoring.metrics import average_precision
from siamese_text.scoring.scores import BlendWeights, Scores, fit_blend_weights

HERE = FittedOn("validation", 100, 0.5, "00ff")
LABELS = np.tile([0, 1, 0], 100)


def drawn(similarity, alignment, *, seed, common=(0.0, 1.0)):
    """Labels, and scores of which each follows them so much, with noise; the words in common lie between two shares."""
    chance = np.random.default_rng(seed)
    noise = chance.standard_normal((2, len(LABELS)))
    overlap = chance.uniform(*common, len(LABELS))
    moved = chance.uniform(size=len(LABELS)) < 0.5
    lexical = np.stack([overlap, moved, np.zeros(len(LABELS))], axis=1).astype(np.float32)
    columns = (similarity * LABELS + noise[0] + overlap, 5 * (alignment * LABELS + noise[1]))
    values = [column.astype(np.float32) for column in columns]
    return LABELS, Scores(values[0], alignment=values[1], lexical=lexical)


ORDER = drawn(0.2, 2.0, seed=1, common=(0.8, 1.0))  # where the similarity says little
SENSE = drawn(2.0, 0.1, seed=2, common=(0.0, 0.4))  # where the alignment does
BOTH = fit_blend_weights([ORDER, SENSE])


def aps_of(blend):
    return [score_aps(labels, scores, blend) for labels, scores in (ORDER, SENSE)]


def test_a_mix_takes_of_each_set_the_score_that_knows_it():
    for aps, best in zip(aps_of(BOTH), ("alignment", "similarity"), strict=True):
        assert aps["blend"] > aps[best] - 0.01
    assert aps_of(fit_blend_weights([ORDER]))[1]["blend"] < aps_of(BOTH)[1]["blend"] - 0.02


def test_one_threshold_serves_sets_of_other_levels():
    labels, order = ORDER
    higher = replace(order, similarity=order.similarity + 5)  # as look-alikes are alike, the same or not
    decision = choose_decision(labels, higher, HERE, extra=[SENSE], resamples=0)
    for scores in (higher, SENSE[1]):
        assert np.mean(decision.predict(scores).same == labels) > 0.8


def one_pair(similarity, alignment, overlap, *, moved=0, same=0):
    lexical = np.float32([[overlap, moved, same]])
    return Scores(*np.float32([[similarity]]), alignment=np.float32([alignment]), lexical=lexical)


@given(similarity=st.floats(-3, 3), alignment=st.floats(-9, 9), overlap=st.floats(0, 1), more=st.floats(0, 2))
def test_a_higher_score_never_lowers_the_mix(similarity, alignment, overlap, more):
    before = BOTH.apply(one_pair(similarity, alignment, overlap))
    assert BOTH.apply(one_pair(similarity + more, alignment, overlap)) >= before
    assert BOTH.apply(one_pair(similarity, alignment + more, overlap)) >= before


def test_beyond_the_overlaps_that_were_seen_the_nearest_counts():
    blend = fit_blend_weights([ORDER])
    low, high = blend.seen
    assert 0.8 <= low < high <= 1
    assert blend.apply(one_pair(1, 1, 0)) == blend.apply(one_pair(1, 1, 0.5)) == blend.apply(one_pair(1, 1, 0.8))


def test_a_mix_is_its_formula():
    blend = BlendWeights((1.0, 0.2, 0.3, 0.4, 7.0, 5.0, -2.0, -1.5), (0.1, 0.9))
    for overlap, seen in ((0.0, 0.1), (0.5, 0.5), (1.0, 0.9)):
        by_hand = (1.0 * (1 - seen) + 0.3 * seen) * 0.75 + (0.2 * (1 - seen) + 0.4 * seen) * -4 + 5 * seen - 2 * seen**2
        assert blend.apply(one_pair(0.75, -4, overlap))[0] == pytest.approx(by_hand)
        assert blend.apply(one_pair(0.75, -4, overlap, moved=1))[0] == pytest.approx(by_hand - 1.5 * seen**2)
        assert blend.apply(one_pair(0.75, -4, overlap, same=1))[0] == pytest.approx(by_hand + 7)


@pytest.mark.parametrize("place", [1, 2])
def test_a_mix_learns_what_the_order_of_words_says(place):
    """Words in another order may speak against a pair, as here, or for it; the same text twice never against it."""
    labels, scores = ORDER
    lexical = scores.lexical.copy()
    lexical[:, place] = np.where(np.random.default_rng(4).uniform(size=len(labels)) < 0.3, labels, 1 - labels)
    against = fit_blend_weights([(labels, replace(scores, lexical=lexical))]).factors
    assert against[-1] < -0.5 if place == 1 else against[4] == 0
    lexical[:, place] = 1 - lexical[:, place]
    assert fit_blend_weights([(labels, replace(scores, lexical=lexical))]).factors[-1 if place == 1 else 4] > 0.5


def test_each_set_weighs_the_same_however_many_pairs_it_has():
    labels, scores = SENSE
    rows = np.tile(np.arange(len(labels)), 5)
    five = fit_blend_weights([ORDER, (labels[rows], scores.take(rows))])
    np.testing.assert_allclose(five.apply(ORDER[1]), BOTH.apply(ORDER[1]), atol=0.3)


def test_where_all_scores_mislead_all_weigh_the_same():
    labels, scores = drawn(-4.0, -4.0, seed=3)
    *factors, _, common, squared, moved = fit_blend_weights([(labels, scores)]).factors
    assert factors == [factors[0]] * 4
    assert factors[0] > 0
    assert (common, squared, moved) == (0, 0, 0)


def test_the_score_is_chosen_for_all_sets_and_the_threshold_fitted_on_the_first():
    alone = choose_decision(*ORDER, HERE, resamples=0)
    together = choose_decision(*ORDER, HERE, extra=[SENSE], resamples=0)
    assert (alone.score, alone.blend) == ("alignment", None)
    assert together.score == "blend"
    assert together.blend == BOTH
    labels, scores = ORDER
    probability = together.probability(scores)
    assert np.mean(probability) == pytest.approx(labels.mean(), abs=0.02)
    assert average_precision(labels, probability) == pytest.approx(score_aps(labels, scores, together.blend)["blend"])


def test_a_mix_is_not_fitted_again_where_pairs_are_measured_by_others():
    labels, scores = ORDER
    probability = cross_fit(labels, scores, "blend", calibration="platt", blend=BOTH).probability
    mixed = BOTH.apply(scores)
    for _, fold in folds(labels, seed=0):
        np.testing.assert_array_equal(np.argsort(probability[fold]), np.argsort(mixed[fold]))


def test_a_mix_is_kept_with_the_decision():
    decision = choose_decision(*ORDER, HERE, extra=[SENSE], resamples=0)
    again = Decision.from_json(json.loads(json.dumps(decision.to_json())))
    assert again == decision
    np.testing.assert_array_equal(again.probability(SENSE[1]), decision.probability(SENSE[1]))


def test_details_are_weighed_beside_every_single_score_and_speak_against_a_pair():
    details = np.zeros((2, 7), dtype=np.float32)
    details[1, 3] = 0.5
    scores = Scores(np.float32([0.1, 0.2]), head=np.float32([3, 4]), details=details)
    assert scores.names == ("similarity", "head", "details", "blend")
    expected = [[0.1, 3, 0, 0, 0, 0, 0, 0, 0], [0.2, 4, 0, 0, 0, -0.5, 0, 0, 0]]
    np.testing.assert_allclose(scores.columns("details"), expected, rtol=1e-6)
