"""Promises: the exact bound in plain Python, how often they hold over draws, and what is said where they cannot."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadData, UsageError
from siamese_text.scoring.decision import FittedOn
from siamese_text.scoring.fit_decision import choose_decision, cross_fit
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.guarantees import check_guarantee, guaranteed_thresholds, independent_pairs
from siamese_text.scoring.scores import Scores
from tests.scoring.noisy_scores import noisy

HERE = FittedOn("validation", 100, 0.5, "00ff")
rows_of_pairs = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 30).map(lambda place: place / 30)), min_size=20, max_size=80
).filter(lambda rows: len({label for label, _ in rows}) == 2)


def too_good(right, number, share):
    """How probable so many right ones are where a share of them is right."""
    return sum(math.comb(number, k) * share**k * (1 - share) ** (number - k) for k in range(right, number + 1))


def right_by_hand(rows, threshold, figure):
    """How many are right, of how many, for a figure that is promised."""
    yes = [label for label, score in rows if score >= threshold]
    if figure == "precision":
        return sum(yes), len(yes)
    if figure == "recall":
        return sum(yes), sum(label for label, _ in rows)
    different = sum(1 - label for label, _ in rows)
    return different - (len(yes) - sum(yes)), different


def yes(rows, threshold):
    return [score >= threshold for _, score in rows]


def thresholds_of(goal, rows):
    labels, values = zip(*rows, strict=True)
    return guaranteed_thresholds(Goal.read(goal), np.array(labels), np.array(values))


@settings(max_examples=100, deadline=None)
@given(rows=rows_of_pairs, share=st.sampled_from([0.5, 0.8, 0.9]), confidence=st.sampled_from([0.8, 0.95]))
def test_a_recall_and_a_false_positive_rate_take_the_last_threshold_whose_bound_holds(rows, share, confidence):
    places = [*sorted({score for _, score in rows}), 9]
    for figure, promised, order in (
        ("recall", f"recall>={share}", places),
        ("fpr", f"fpr<={1 - share}", places[::-1]),
    ):
        found, _ = thresholds_of(f"{promised}, confidence={confidence}", rows)
        held = []
        for place in order:
            if too_good(*right_by_hand(rows, place, figure), share) > 1 - confidence:
                break
            held.append(place)
        assert yes(rows, found) == yes(rows, held[-1] if held else order[0])
        assert held or math.isinf(found)


@settings(max_examples=100, deadline=None)
@given(rows=rows_of_pairs, share=st.sampled_from([0.5, 0.7]))
def test_a_precision_is_tested_from_the_fewest_pairs_that_can_prove_it(rows, share):
    """Of 80 pairs or fewer a tenth is too few to begin with, so there is one sequence."""
    fewest = next(n for n in range(1, 99) if too_good(n, n, share) <= 0.05)
    found, unsure = thresholds_of(f"precision>={share}", rows)
    held = []
    for place in sorted({score for _, score in rows}, reverse=True):
        right, number = right_by_hand(rows, place, "precision")
        if number < fewest:
            continue
        if too_good(right, number, share) > 0.05:
            break
        held.append(place)
    assert unsure is None
    assert yes(rows, found) == yes(rows, held[-1] if held else 9)
    assert held or math.isinf(found)


def test_a_sequence_that_begins_badly_begins_anew_at_a_tenth_of_the_pairs():
    """Two wrong ones on top: 22 pairs, which could prove a precision of 0.85 at half the error, do not; 100 of 1,000
    do, and so do the 30 more that are right."""
    labels = np.zeros(1000, dtype=int)
    labels[-130:-2] = 1
    scores = np.arange(1000) / 1000
    threshold, _ = guaranteed_thresholds(Goal.read("precision>=0.85"), labels, scores)
    found = int(np.sum(scores >= threshold))
    # From the second start on only half of the error is left.
    assert too_good(128, found, 0.85) <= 0.025 < too_good(128, found + 1, 0.85)


def test_two_promises_share_the_error_and_leave_pairs_unsure_between_them():
    labels = np.tile([0, 1], 500)
    scores = labels + np.random.default_rng(0).normal(size=1000)
    threshold, unsure_from = guaranteed_thresholds(Goal.read("precision>=0.9, recall>=0.9"), labels, scores)
    assert threshold == guaranteed_thresholds(Goal.read("precision>=0.9, confidence=0.975"), labels, scores)[0]
    assert unsure_from == guaranteed_thresholds(Goal.read("recall>=0.9, confidence=0.975"), labels, scores)[0]
    assert unsure_from < threshold


def test_one_threshold_is_enough_where_it_keeps_both_promises():
    labels = np.tile([0, 1], 100)
    threshold, unsure_from = guaranteed_thresholds(Goal.read("precision>=0.9, recall>=0.9"), labels, labels * 1.0)
    assert (threshold, unsure_from) == (0.5, None)


@pytest.mark.parametrize("goal", ["precision>=0.8", "recall>=0.8", "fpr<=0.1", "precision>=0.8, recall>=0.8"])
def test_a_promise_is_broken_no_more_often_than_its_confidence_says(goal):
    """400 draws of 200 pairs whose figures are known: a pair's score is normal around its label."""
    from scipy.stats import binom, norm

    chance, draws, broken = np.random.default_rng(0), 400, 0
    for _ in range(draws):
        labels = chance.integers(0, 2, 200)
        scores = labels * 1.5 + chance.normal(size=200)
        threshold, unsure_from = guaranteed_thresholds(Goal.read(goal), labels, scores)
        lower = threshold if unsure_from is None else unsure_from
        found = norm.sf(threshold - 1.5), norm.sf(threshold)  # of the same pairs, and of the different ones
        true = {"precision": found[0] / (sum(found) or math.nan), "recall": norm.sf(lower - 1.5), "fpr": found[1]}
        kept = {"precision>=0.8": true["precision"] >= 0.8, "recall>=0.8": true["recall"] >= 0.8}
        kept["fpr<=0.1"] = true["fpr"] <= 0.1
        broken += not all(kept[promise] for promise in goal.split(", ")) and math.isfinite(threshold)
    assert broken <= binom.ppf(0.999, draws, 0.05)


def test_pairs_of_one_group_count_as_fewer():
    groups = np.array([3, 3, 5, 3, 8, 5])
    expected = []
    for count in range(1, 7):
        sizes = [groups[:count].tolist().count(group) for group in {3, 5, 8}]
        expected.append(sum(sizes) ** 2 / sum(size**2 for size in sizes))
    np.testing.assert_allclose(independent_pairs(groups), expected)
    np.testing.assert_array_equal(independent_pairs(np.arange(5)), [1, 2, 3, 4, 5])


@pytest.mark.parametrize("goal", ["precision>=0.6", "recall>=0.8", "fpr<=0.2"])
def test_each_pair_twice_in_its_group_proves_no_more_than_once(goal):
    labels = np.tile([0, 1], 100)
    scores = labels + np.random.default_rng(0).normal(size=200)
    once = guaranteed_thresholds(Goal.read(goal), labels, scores)
    groups = np.arange(200)
    assert guaranteed_thresholds(Goal.read(goal), *(np.tile(each, 2) for each in (labels, scores, groups))) == once
    assert guaranteed_thresholds(Goal.read(goal), np.tile(labels, 2), np.tile(scores, 2)) != once


def test_a_promise_holds_where_pairs_of_a_group_are_right_or_wrong_together():
    """Groups of one, two or ten pairs, of one score and one label each."""
    from scipy.stats import binom, norm

    chance, draws, broken, naive = np.random.default_rng(0), 400, 0, 0
    for _ in range(draws):
        sizes = chance.choice([1, 2, 10], 120)
        labels = np.repeat(chance.integers(0, 2, 120), sizes)
        scores = labels * 1.5 + np.repeat(chance.normal(size=120), sizes)
        groups = np.repeat(np.arange(120), sizes)
        grouped, single = (
            guaranteed_thresholds(Goal.read("recall>=0.8"), labels, scores, each)[0] for each in (groups, None)
        )
        broken += norm.sf(grouped - 1.5) < 0.8
        naive += norm.sf(single - 1.5) < 0.8
    assert broken <= binom.ppf(0.999, draws, 0.05) < naive


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ("recall>=0.95", r"takes 59 same ones and there are 50: about 18 more pairs like them would do"),
        ("fpr<=0.05", r"takes 59 different ones and there are 50: about 18 more pairs like them would do"),
        ("precision>=0.95", r"about \d+ more pairs like them would do"),
    ],
)
def test_what_is_not_proved_says_about_how_many_pairs_would_do(goal, words):
    labels = np.repeat([0, 1], 50)
    with pytest.raises(BadData, match=f"^{goal} cannot be promised with confidence 0.95 by these 100 pairs; .*{words}"):
        check_guarantee(Goal.read(goal), labels, labels * 1.0)


def test_as_many_pairs_as_are_asked_for_do():
    labels = np.repeat([0, 1], 59)
    check_guarantee(Goal.read("recall>=0.95"), labels, labels * 1.0)
    check_guarantee(Goal.read("precision>=0.95"), labels, labels * 1.0)


def test_a_precision_that_the_scores_do_not_have_is_no_matter_of_numbers():
    labels = np.tile([0, 1], 100)
    with pytest.raises(BadData, match=r"the best precision on them is 0\.\d+, so no number will do"):
        check_guarantee(Goal.read("precision>=0.99"), labels, np.random.default_rng(0).random(200))


def test_a_decision_says_as_how_many_pairs_those_count_that_prove_it():
    labels = np.tile([0, 1], 100)
    scores = Scores(noisy(labels, 0.2))
    decision = choose_decision(labels, scores, HERE, "recall>=0.9")
    assert (decision.proved_by, decision.decide_at) == (200, "recall>=0.9, confidence=0.95")
    assert choose_decision(labels, scores, HERE, "recall>=0.9", groups=np.arange(200) // 2).proved_by == 100
    words = r"200 pairs, which count as 20 since some share .*takes 29 same ones and there are 20: about 90 more pairs"
    with pytest.raises(BadData, match=words):
        choose_decision(labels, scores, HERE, "recall>=0.9", groups=np.arange(200) // 10)


def test_where_labels_choose_the_score_other_pairs_prove_the_promise():
    labels = np.tile([0, 1], 200)
    scores = Scores(noisy(labels, 1.0), noisy(labels, 0.3, seed=1))
    decision = choose_decision(labels, scores, HERE, "recall>=0.9", groups=np.arange(400) // 2)
    assert decision.proved_by == 100  # half of 200 groups of two pairs each
    assert decision.score in {"head", "blend"}


def test_a_promised_precision_takes_no_prior():
    labels = np.tile([0, 1], 100)
    scores = Scores(noisy(labels, 0.2))
    with pytest.raises(UsageError, match=r"prior is 0\.1 .* 'precision>=0\.8, confidence=0\.95'"):
        choose_decision(labels, scores, HERE, "precision>=0.8", prior=0.1)
    assert choose_decision(labels, scores, HERE, "fpr<=0.1", prior=0.1).prior == 0.1


def test_cross_fitting_fits_the_promise_anew_and_may_leave_pairs_unsure():
    labels = np.tile([0, 1], 200)
    scores = Scores(noisy(labels, 0.7))
    said = cross_fit(labels, scores, "similarity", "precision>=0.9, recall>=0.9")
    assert set(said.verdicts) == {"yes", "no", "unsure"}
    assert not (said.same & said.unsure).any()
    assert cross_fit(labels, scores, "similarity", "recall>=0.9").unsure is None
    few = cross_fit(labels, scores, "similarity", "precision>=0.9, recall>=0.9", groups=np.arange(400) // 40)
    assert set(few.verdicts) == {"unsure"}  # eight groups prove nothing
