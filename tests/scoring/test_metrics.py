"""Each figure twice: in plain Python, from its definition, and with scikit-learn or SciPy."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from siamese_text.evaluation.report.contents import calibration_bins
from siamese_text.scoring import metrics

# A few values only, so that there are ties; eighths are exact in binary, so that midpoints are too.
scores = st.integers(0, 8).map(lambda eighth: eighth / 8)
pairs = st.lists(st.tuples(st.integers(0, 1), scores), min_size=2, max_size=40)
mixed_pairs = pairs.filter(lambda rows: len({label for label, _ in rows}) == 2)


def arrays(rows):
    labels, values = zip(*rows, strict=True)
    return np.array(labels), np.array(values, dtype=np.float64)


def average_precision_by_hand(rows):
    """The sum of precision times gain in recall over falling thresholds, equal scores together."""
    positives = sum(label for label, _ in rows)
    area = recall = 0.0
    for threshold in sorted({score for _, score in rows}, reverse=True):
        above = [label for label, score in rows if score >= threshold]
        area += (sum(above) / positives - recall) * sum(above) / len(above)
        recall = sum(above) / positives
    return area


def roc_auc_by_hand(rows):
    same = [score for label, score in rows if label]
    different = [score for label, score in rows if not label]
    return sum((s > d) + (s == d) / 2 for s in same for d in different) / (len(same) * len(different))


def ranks_by_hand(values):
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]


def correlation_by_hand(left, right):
    mean_left, mean_right = sum(left) / len(left), sum(right) / len(right)
    covariance = sum((a - mean_left) * (b - mean_right) for a, b in zip(left, right, strict=True))
    return covariance / math.sqrt(sum((a - mean_left) ** 2 for a in left) * sum((b - mean_right) ** 2 for b in right))


@pytest.mark.parametrize("steps", [None, 4, 1])  # at 4 steps most scores are equal to others, at 1 almost all
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [2, 7, 100, 1000])
def test_average_precision_is_that_of_scikit_learn_to_the_bit(size, kind, steps):
    random = np.random.default_rng(size)
    for _ in range(20):
        labels = random.permutation(np.arange(size) < random.integers(1, size))
        values = (labels + random.standard_normal(size)).astype(kind)
        values = values if steps is None else np.round(values * steps) / kind(steps)
        for these in (labels.astype(np.int64), labels.astype(np.float64)):
            assert metrics.average_precision(these, values) == peer.average_precision_score(these, values)


def test_average_precision_of_one_class_and_of_what_is_no_number():
    assert metrics.average_precision(np.zeros(3, dtype=int), np.arange(3.0)) == 0
    assert metrics.average_precision(np.ones(3, dtype=int), np.arange(3.0)) == 1
    with pytest.raises(ValueError, match="not all finite"):
        metrics.average_precision(np.array([0, 1]), np.array([0.5, np.nan]))


@settings(max_examples=100, deadline=None)
@given(rows=mixed_pairs)
def test_ranking_figures_are_their_definitions_with_ties_taken_together(rows):
    labels, values = arrays(rows)
    assert metrics.average_precision(labels, values) == pytest.approx(average_precision_by_hand(rows), abs=1e-12)
    assert metrics.roc_auc(labels, values) == pytest.approx(roc_auc_by_hand(rows), abs=1e-12)


@pytest.mark.filterwarnings("ignore:A single label was found")
@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_decision_figures_are_their_definitions(rows):
    labels, decisions = (np.array(column) for column in zip(*rows, strict=True))
    tp, tn, fp, fn = (rows.count(outcome) for outcome in ((1, 1), (0, 0), (0, 1), (1, 0)))
    assert metrics.accuracy(labels, decisions) == (tp + tn) / len(rows)
    f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0
    assert metrics.f1(labels, decisions) == pytest.approx(f1, abs=1e-12)
    assert metrics.f1(labels, decisions) == pytest.approx(peer.f1_score(labels, decisions, zero_division=0), abs=1e-12)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    mcc = (tp * tn - fp * fn) / math.sqrt(product) if product else 0
    assert metrics.matthews(labels, decisions) == pytest.approx(mcc, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(rows=pairs)
def test_the_brier_score_is_the_mean_squared_error(rows):
    labels, values = arrays(rows)
    expected = sum((value - label) ** 2 for label, value in rows) / len(rows)
    assert metrics.brier(labels, values) == pytest.approx(expected, abs=1e-12)
    assert metrics.brier(labels, values) == pytest.approx(peer.brier_score_loss(labels, values, pos_label=1), abs=1e-12)


def shared(values):
    """What pairs of equal probabilities have on average, which each of them stands for."""
    return sum(values) / len(values)


@settings(max_examples=100, deadline=None)
@given(rows=pairs, bins=st.integers(1, 12), seed=st.integers(0, 9))
def test_the_calibration_error_does_not_depend_on_the_order_of_the_pairs(rows, bins, seed):
    labels, values = arrays(rows)
    other = np.random.default_rng(seed).permutation(len(rows))
    error = metrics.expected_calibration_error(labels, values, bins)
    assert metrics.expected_calibration_error(labels[other], values[other], bins) == pytest.approx(error, abs=1e-9)


def test_one_probability_for_all_is_compared_with_the_share_of_all():
    labels = np.repeat([0, 1], 50)  # sorted by label, as files often are
    assert metrics.expected_calibration_error(labels, np.full(100, 0.5)) == 0
    assert metrics.expected_calibration_error(labels, np.full(100, 0.7)) == pytest.approx(0.2)


@settings(max_examples=100, deadline=None)
@given(rows=pairs, bins=st.integers(1, 12))
def test_the_calibration_error_is_the_weighted_gap_of_bins_of_equal_mass(rows, bins):
    labels, values = arrays(rows)
    ranked = [(shared([y for y, p in rows if p == value]), value) for value in sorted(p for _, p in rows)]
    bins = min(bins, len(ranked))
    size, larger = divmod(len(ranked), bins)
    total = start = 0
    for index in range(bins):
        end = start + size + (index < larger)
        total += abs(sum(value - label for label, value in ranked[start:end]))
        start = end
    assert metrics.expected_calibration_error(labels, values, bins) == pytest.approx(total / len(rows), abs=1e-9)


def test_what_is_all_the_same_correlates_with_nothing():
    for metric in (metrics.spearman, metrics.pearson):
        assert metric(np.array([0.1, 0.9]), np.array([0.5, 0.5])) == 0
        assert metric(np.array([0.5, 0.5]), np.array([0.1, 0.9])) == 0


def test_probabilities_that_come_true_have_no_calibration_error():
    probabilities = np.repeat([0.0, 0.25, 0.5, 1.0], 4)
    labels = np.array([0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1])
    assert metrics.expected_calibration_error(labels, probabilities, bins=4) == 0
    assert metrics.expected_calibration_error(1 - labels, probabilities, bins=4) == (1 + 0.5 + 0 + 1) / 4


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(scores, scores), min_size=3, max_size=30))
def test_correlations_are_their_definitions_with_mean_ranks_for_ties(rows):
    gold, values = (list(column) for column in zip(*rows, strict=True))
    if len(set(gold)) == 1 or len(set(values)) == 1:
        return  # there is no correlation with a constant
    assert metrics.pearson(np.array(gold), np.array(values)) == pytest.approx(
        correlation_by_hand(gold, values), abs=1e-9
    )
    assert metrics.spearman(np.array(gold), np.array(values)) == pytest.approx(
        correlation_by_hand(ranks_by_hand(gold), ranks_by_hand(values)), abs=1e-9
    )


@settings(max_examples=200, deadline=None)
@given(rows=pairs)
def test_no_other_threshold_is_right_more_often(rows):
    labels, values = arrays(rows)
    threshold, accuracy = metrics.best_threshold(labels, values)
    assert accuracy == metrics.accuracy(labels, (values >= threshold).astype(int))  # ties are never split
    steps = sorted({score for _, score in rows})
    midpoints = [(low + high) / 2 for low, high in pairwise(steps)]
    tried = [steps[0] - 1, *midpoints, steps[-1] + 1]
    assert accuracy == max(sum((score >= t) == label for label, score in rows) for t in tried) / len(rows)


def test_equal_scores_leave_no_place_between_them():
    threshold, accuracy = metrics.best_threshold(np.array([0, 1, 1]), np.array([0.5, 0.5, 0.5]))
    assert threshold < 0.5
    assert accuracy == 2 / 3


def test_among_equally_good_thresholds_the_middle_one_is_taken():
    labels, values = np.array([0, 1, 0, 1, 0, 1]), np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    # 1.5, 3.5 and 5.5 are right four times of six
    assert metrics.best_threshold(labels, values) == (3.5, 4 / 6)


def test_an_interval_depends_on_its_seed_alone():
    labels, values = np.tile([0, 1], 20), np.linspace(0, 1, 40)
    first = metrics.bootstrap_interval(metrics.brier, labels, values, resamples=50)
    assert metrics.bootstrap_interval(metrics.brier, labels, values, resamples=50) == first
    assert metrics.bootstrap_interval(metrics.brier, labels, values, resamples=50, seed=1) != first


def test_about_95_of_100_intervals_cover_the_true_figure():
    random = np.random.default_rng(0)
    covered = 0
    for seed in range(100):
        labels = random.integers(0, 2, 200)
        decisions = np.where(random.random(200) < 0.8, labels, 1 - labels)  # right with a probability of 0.8
        low, high = metrics.bootstrap_interval(metrics.accuracy, labels, decisions, resamples=200, seed=seed)
        covered += low <= 0.8 <= high
    assert 88 <= covered <= 99


def test_rare_positives_are_in_every_draw():
    labels, values = np.array([1] + [0] * 9), np.linspace(1, 0, 10)
    assert metrics.bootstrap_interval(metrics.average_precision, labels, values, resamples=200) == (1, 1)


# --- pairs that count as if there were another share of positives -----------------------------------------------------

priors = st.sampled_from([0.05, 0.3, 0.9])


def weighted(rows, prior):
    share = sum(label for label, _ in rows) / len(rows)
    balance = metrics.balance_for(share, prior)
    return balance, [balance[label] for label, _ in rows]


@settings(max_examples=100, deadline=None)
@given(rows=mixed_pairs, prior=priors)
def test_a_balance_gives_the_pairs_the_share_that_was_asked_for(rows, prior):
    labels, _ = arrays(rows)
    _, weights = weighted(rows, prior)
    assert sum(weights) == pytest.approx(len(rows))
    assert np.average(labels, weights=weights) == pytest.approx(prior)
    assert metrics.balance_for(0.4, None) == metrics.EVEN


@settings(max_examples=100, deadline=None)
@given(rows=mixed_pairs, prior=priors)
def test_balanced_figures_are_those_of_weighted_pairs(rows, prior):
    labels, values = arrays(rows)
    decisions = (values >= 0.5).astype(int)
    balance, weights = weighted(rows, prior)
    options = {"sample_weight": weights}
    assert metrics.accuracy(labels, decisions, balance) == pytest.approx(
        peer.accuracy_score(labels, decisions, **options)
    )
    assert metrics.precision(labels, decisions, balance) == pytest.approx(
        peer.precision_score(labels, decisions, zero_division=0, **options)
    )
    assert metrics.recall(labels, decisions) == pytest.approx(peer.recall_score(labels, decisions, **options))
    assert metrics.f1(labels, decisions, balance) == pytest.approx(peer.f1_score(labels, decisions, **options))
    assert metrics.brier(labels, values, balance) == pytest.approx(peer.brier_score_loss(labels, values, **options))
    costs = [
        weight * ((not label) * 3 + label) * (label != decided)
        for (label, _), weight, decided in zip(rows, weights, decisions, strict=True)
    ]
    assert metrics.error_cost(labels, decisions, balance, false_positive=3) == pytest.approx(sum(costs) / len(rows))


@settings(max_examples=100, deadline=None)
@given(rows=mixed_pairs, prior=priors, bins=st.integers(1, 12))
def test_the_balanced_calibration_error_is_the_weighted_gap(rows, prior, bins):
    labels, values = arrays(rows)
    balance, weights = weighted(rows, prior)
    each = [(value, weight * (value - label)) for (label, value), weight in zip(rows, weights, strict=True)]
    ranked = [shared([gap for p, gap in each if p == value]) for value in sorted(p for p, _ in each)]
    parts = np.array_split(np.arange(len(ranked)), min(bins, len(ranked)))
    gaps = [abs(sum(ranked[i] for i in part)) for part in parts]
    error = metrics.expected_calibration_error(labels, values, bins, balance)
    assert error == pytest.approx(sum(gaps) / len(rows), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(rows=mixed_pairs, prior=priors)
def test_no_other_threshold_is_right_more_often_where_positives_are_rarer(rows, prior):
    labels, values = arrays(rows)
    balance, _ = weighted(rows, prior)
    threshold, accuracy = metrics.best_threshold(labels, values, balance)
    assert accuracy == pytest.approx(metrics.accuracy(labels, (values >= threshold).astype(int), balance))
    tried = [*sorted(set(values.tolist())), 9]
    assert accuracy == pytest.approx(max(metrics.accuracy(labels, (values >= t).astype(int), balance) for t in tried))


def test_a_threshold_between_neighbouring_floats_still_splits_them():
    low, high = 0.5, np.nextafter(0.5, 1)
    threshold, accuracy = metrics.best_threshold(np.array([0, 1]), np.array([low, high]))
    assert accuracy == 1
    assert low < threshold <= high


def test_the_error_of_perfect_calibration_is_the_mean_over_labels_that_were_drawn():
    probabilities = np.random.default_rng(3).random(300)
    drawn = [np.random.default_rng(seed).random(300) < probabilities for seed in range(400)]
    errors = [metrics.expected_calibration_error(labels.astype(int), probabilities) for labels in drawn]
    expected = metrics.perfect_calibration_error(probabilities, draws=400)
    assert expected == pytest.approx(np.mean(errors), abs=4 * np.std(errors) / math.sqrt(200))
    assert metrics.perfect_calibration_error(np.tile(probabilities, 16)) == pytest.approx(expected / 4, rel=0.1)


def test_the_error_of_perfect_calibration_holds_for_pairs_that_are_weighted():
    chance = np.random.default_rng(5)
    share, prior = 0.5, 0.1
    balance = metrics.balance_for(share, prior)
    odds = np.exp(2 * chance.standard_normal(2000))
    at_hand, in_use = odds / (1 + odds), odds / 9 / (1 + odds / 9)
    errors = [
        metrics.expected_calibration_error((chance.random(2000) < at_hand).astype(int), in_use, balance=balance)
        for _ in range(100)
    ]
    expected = metrics.perfect_calibration_error(in_use, balance=balance)
    assert expected == pytest.approx(np.mean(errors), rel=0.1)


def test_the_bins_of_a_report_are_those_of_the_calibration_error_also_at_another_prior():
    random = np.random.default_rng(0)
    probability = random.random(400)
    labels = (random.random(400) < probability).astype(float)
    for prior in (None, 0.1):
        balance = metrics.balance_for(float(labels.mean()), prior)
        weights = np.where(labels == 1, balance[1], balance[0])[np.argsort(probability)].reshape(10, 40).sum(axis=1)
        gaps = [abs(mean - share) for mean, share, _ in calibration_bins(labels, probability, prior)]
        error = metrics.expected_calibration_error(labels, probability, balance=balance)
        assert np.dot(weights, gaps) / weights.sum() == pytest.approx(error)


def test_wilsons_interval_is_where_the_normal_test_of_a_share_turns():
    low, high = metrics.wilson_interval(np.array([0.2, 0.0, 1.0]), np.array([50, 10, 10]))
    for end in (low[0], high[0]):
        assert abs(0.2 - end) == pytest.approx(1.96 * math.sqrt(end * (1 - end) / 50))
    assert (low[1], high[2]) == (0, 1)
