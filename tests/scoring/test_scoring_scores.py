"""A blend that is to serve several data sets, and the score that is chosen for all of them."""

import json

import numpy as np
import pytest

from siamese_text.scoring.calibration import folds
from siamese_text.scoring.decision import Decision, FittedOn, choose_decision, cross_fit, score_aps
from siamese_text.scoring.metrics import average_precision
from siamese_text.scoring.scores import Scores, fit_mix

HERE = FittedOn("validation", 100, 0.5, "00ff")
LABELS = np.tile([0, 1, 0], 100)


def drawn(similarity, alignment, *, seed, shift=0.0, labels=LABELS):
    """Labels, and scores of which each follows them so much, with noise; the similarity of a set may be higher."""
    chance = np.random.default_rng(seed)
    noise = chance.standard_normal((2, len(labels)))
    columns = (shift + similarity * labels + noise[0], 5 * (alignment * labels + noise[1]))
    return labels, Scores(*(column.astype(np.float32) for column in columns[:1]), alignment=np.float32(columns[1]))


ORDER = drawn(0.2, 2.0, seed=1)  # where the similarity says little
SENSE = drawn(2.0, 0.1, seed=2, shift=7.0)  # where the alignment does


def aps_of(mix):
    return [score_aps(labels, scores, mix) for labels, scores in (ORDER, SENSE)]


def test_a_mix_serves_sets_that_need_different_scores():
    mean_of = {name: np.mean([aps[name] for aps in aps_of(fit_mix([ORDER, SENSE]))]) for name in ("blend", "alignment")}
    of_order_alone = np.mean([aps["blend"] for aps in aps_of(fit_mix([ORDER]))])
    assert mean_of["blend"] > max(mean_of["alignment"], of_order_alone) + 0.02


def test_the_level_of_a_set_moves_no_mix():
    higher = drawn(2.0, 0.1, seed=2, shift=70.0)
    spread = np.array([2.0, 5.0])  # of the scores about their own levels
    mixes = [np.array(fit_mix([ORDER, each])) * spread for each in (SENSE, higher)]
    np.testing.assert_allclose(*(mix / mix.sum() for mix in mixes), atol=0.05)


def test_each_set_weighs_the_same_however_many_pairs_it_has():
    labels, scores = SENSE
    rows = np.tile(np.arange(len(labels)), 5)
    np.testing.assert_allclose(fit_mix([ORDER, (labels[rows], scores.take(rows))]), fit_mix([ORDER, SENSE]), rtol=0.02)


def test_where_all_scores_mislead_all_weigh_the_same():
    labels, scores = drawn(-2.0, -2.0, seed=3)
    first, second = fit_mix([(labels, scores)])
    spreads = [float(np.std(values)) for values in (scores.similarity, scores.alignment)]
    assert first * spreads[0] == pytest.approx(second * spreads[1])


def test_the_score_is_chosen_for_all_sets_and_the_threshold_fitted_on_the_first():
    alone = choose_decision(*ORDER, HERE, resamples=0)
    together = choose_decision(*ORDER, HERE, also=[SENSE], resamples=0)
    assert (alone.score, alone.mix) == ("alignment", None)
    assert together.score == "blend"
    assert together.mix == fit_mix([ORDER, SENSE])
    labels, scores = ORDER
    probability = together.probability(scores)
    assert np.mean(probability) == pytest.approx(labels.mean(), abs=0.02)
    assert average_precision(labels, probability) == pytest.approx(score_aps(labels, scores, together.mix)["blend"])


def test_a_mix_is_not_fitted_again_where_pairs_are_judged_by_others():
    labels, scores = ORDER
    mix = fit_mix([ORDER, SENSE])
    probability, _ = cross_fit(labels, scores, "blend", calibration="platt", mix=mix)
    mixed = scores.columns("blend", mix)[:, 0]
    for _, fold in folds(labels, seed=0):
        np.testing.assert_array_equal(np.argsort(probability[fold]), np.argsort(mixed[fold]))


def test_a_mix_is_kept_with_the_decision():
    decision = choose_decision(*ORDER, HERE, also=[SENSE], resamples=0)
    again = Decision.from_json(json.loads(json.dumps(decision.to_json())))
    assert again == decision
    np.testing.assert_array_equal(again.probability(SENSE[1]), decision.probability(SENSE[1]))
