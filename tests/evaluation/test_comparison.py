"""The paired bootstrap: its figures on every draw are scikit-learn's, and it finds what is there and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score

from siamese_text.evaluation import comparison
from siamese_text.evaluation.comparison import compare, compare_all
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.scoring import metrics
from siamese_text.scoring.decision import Decision

SIZE = 300


def make(noise, *, seed, size=SIZE, steps=None):
    labels = (np.arange(size) % 3 == 0).astype(np.float64)
    ranking = labels + noise * np.random.default_rng(seed).standard_normal(size)
    ranking = ranking if steps is None else np.round(ranking * steps) / steps
    return LabelledPredictions(labels, ranking, ranking, same=ranking >= 0.5, decision=Decision.by_hand(0.5))


@pytest.mark.parametrize("steps", [None, 2])  # at 2 steps a unit most scores are equal to others
def test_average_precision_of_each_draw_is_that_of_scikit_learn(steps):
    predictions = make(0.8, seed=0, steps=steps)
    draws = np.random.default_rng(1).integers(0, SIZE, (20, SIZE))
    expected = [average_precision_score(predictions.labels[rows], predictions.ranking[rows]) for rows in draws]
    np.testing.assert_allclose(comparison._aps(predictions, draws), expected, atol=1e-12)


def test_observed_differences_are_those_of_all_pairs():
    first, second = make(1.0, seed=0), make(0.5, seed=1)
    found = compare(("a", first), ("b", second), resamples=50)
    ap = [average_precision_score(each.labels, each.ranking) for each in (first, second)]
    assert (found.first, found.second) == ("a", "b")
    assert found.differences["ap"].value == pytest.approx(ap[1] - ap[0])
    assert found.differences["accuracy"].value == pytest.approx(second.right.mean() - first.right.mean())


def test_a_better_model_is_found_and_the_other_way_round_is_the_mirror():
    first, second = make(1.2, seed=0), make(0.4, seed=1)
    there, back = compare(("a", first), ("b", second)), compare(("b", second), ("a", first))
    for name in ("ap", "accuracy"):
        forth, mirrored = there.differences[name], back.differences[name]
        assert 0 < forth.low < forth.value < forth.high and forth.p < 0.01
        assert (mirrored.low, mirrored.high) == pytest.approx((-forth.high, -forth.low))
        assert mirrored.p == forth.p


def test_a_model_does_not_differ_from_itself():
    found = compare(("a", make(1.0, seed=0)), ("b", make(1.0, seed=0)), resamples=100)
    for difference in found.differences.values():
        assert (difference.value, difference.low, difference.high, difference.p) == (0, 0, 0, 1)


def test_chance_is_called_chance_about_as_often_as_p_says():
    small = [
        compare(("a", make(1.0, seed=2 * n, size=120)), ("b", make(1.0, seed=2 * n + 1, size=120)), resamples=200)
        for n in range(60)
    ]
    assert sum(found.differences["accuracy"].p < 0.05 for found in small) <= 9  # 3 expected; 10 happen once in 1,000


def test_p_agrees_with_the_interval_and_with_the_formula():
    found = comparison._difference(0.1, np.array([-0.1, 0.0, 0.1, 0.2, 0.3]))
    assert found.p == pytest.approx(min(1, 2 * (2 + 1) / 6))
    assert (found.low, found.high) == pytest.approx((-0.09, 0.29))


def test_the_same_seed_gives_the_same_and_blocks_change_nothing_but_memory(monkeypatch):
    first, second = ("a", make(1.0, seed=0)), ("b", make(0.8, seed=1))
    again = [compare(first, second, resamples=100, seed=3) for _ in range(2)]
    assert again[0] == again[1]
    assert compare(first, second, resamples=100, seed=4) != again[0]
    monkeypatch.setattr(comparison, "_CELLS", SIZE * 7)
    assert compare(first, second, resamples=100, seed=3) == again[0]


def test_draws_with_one_label_do_not_count():
    labels = np.array([1.0, 0.0, 0.0])
    blocks = list(comparison._draws(labels, 500, seed=0))
    draws = np.concatenate(blocks)
    assert draws.shape == (500, 3)
    assert all(0 < labels[rows].sum() < 3 for rows in draws)


def test_without_a_decision_only_the_ranking_is_compared():
    bare = make(1.0, seed=0)
    bare = LabelledPredictions(bare.labels, bare.ranking, bare.compared)
    assert compare(("a", bare), ("b", make(0.5, seed=1)), resamples=20).differences.keys() == {"ap"}


def test_grades_are_compared_by_rank_correlation():
    grades = np.linspace(0, 1, 60)
    random = np.random.default_rng(0)
    first, second = (
        LabelledPredictions(grades, values, values) for values in (random.random(60), grades + random.random(60))
    )
    found = compare(("a", first), ("b", second), resamples=100).differences
    assert found.keys() == {"spearman"}
    expected = spearmanr(grades, second.ranking).statistic - spearmanr(grades, first.ranking).statistic
    assert found["spearman"].value == pytest.approx(expected)
    assert found["spearman"].low > 0


def test_accuracies_are_compared_as_pairs_count():
    balance = metrics.balance_for(1 / 3, 0.05)
    first, second = (replace(make(noise, seed=seed), balance=balance) for noise, seed in ((1.0, 0), (0.5, 1)))
    found = compare(("a", first), ("b", second), resamples=50).differences["accuracy"]
    expected = [metrics.accuracy(each.labels.astype(int), each.same.astype(int), balance) for each in (second, first)]
    assert found.value == pytest.approx(expected[0] - expected[1])
    assert found.low < found.value < found.high
    elsewhere = replace(second, balance=metrics.EVEN)  # right of other pairs, in effect
    assert compare(("a", first), ("b", elsewhere), resamples=50).differences.keys() == {"ap"}


def test_every_two_models_are_compared_as_they_would_be_alone():
    models = [(name, make(noise, seed=seed)) for seed, (name, noise) in enumerate([("a", 1.2), ("b", 0.8), ("c", 0.4)])]
    found = compare_all([(name, [outcomes]) for name, outcomes in models], resamples=100)
    alone = [compare(models[at], models[other], resamples=100) for at, other in ((0, 1), (0, 2), (1, 2))]
    assert found == alone


def test_of_several_runs_the_mean_figure_is_compared():
    runs = [make(noise, seed=seed) for seed, noise in enumerate([0.6, 1.4, 0.9])]
    other = make(0.8, seed=7)
    [found] = compare_all([("other", [other]), ("runs", runs)], resamples=50)
    each = [compare(("other", other), ("run", run), resamples=50) for run in runs]
    for name in ("ap", "accuracy"):
        mean = np.mean([one.differences[name].value for one in each])
        assert found.differences[name].value == pytest.approx(mean)


def test_the_order_of_the_runs_of_a_model_says_nothing():
    runs = [make(noise, seed=seed) for seed, noise in enumerate([0.6, 1.4])]
    [there] = compare_all([("a", runs), ("b", [make(0.8, seed=7)])], resamples=50)
    [back] = compare_all([("a", runs[::-1]), ("b", [make(0.8, seed=7)])], resamples=50)
    assert there == back
