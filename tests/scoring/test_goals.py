"""Goals as they are written, what they look for, and what they say when they cannot be reached."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadData, UsageError
from siamese_text.scoring.goals import FEWEST_FOUND, Goal
from siamese_text.scoring.metrics import EVEN, balance_for

scores = st.integers(0, 8).map(lambda eighth: eighth / 8)
mixed_pairs = st.lists(st.tuples(st.integers(0, 1), scores), min_size=2, max_size=60).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


@pytest.mark.parametrize(
    ("text", "kind", "value", "written"),
    [
        ("accuracy", "accuracy", None, "accuracy"),
        ("f1", "f1", None, "f1"),
        ("precision=0.95", "precision", 0.95, "precision=0.95"),
        ("recall=1", "recall", 1.0, "recall=1"),
        ("cost=5", "cost", 5.0, "cost=5:1"),
        ("cost=5:1", "cost", 5.0, "cost=5:1"),
        ("cost=1:4", "cost", 0.25, "cost=0.25:1"),
        ("threshold=-3.5", "threshold", -3.5, "threshold=-3.5"),
        ("recall>=0.9", "guarantee", 0.95, "recall>=0.9, confidence=0.95"),
        ("fpr<=.01,recall>=.9, confidence=0.8", "guarantee", 0.8, "fpr<=0.01, recall>=0.9, confidence=0.8"),
    ],
)
def test_a_goal_is_read_and_written_again(text, kind, value, written):
    goal = Goal.read(text)
    assert (goal.kind, goal.value, str(goal)) == (kind, value, written)
    assert Goal.read(str(goal)) == goal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "best",
        "accuracy=0.9",
        "f1=",
        "precision",
        "precision=",
        "precision=0",
        "precision=95",
        "recall=nan",
        "recall=-0.1",
        "cost",
        "cost=0",
        "cost=1:0",
        "cost=1:",
        "cost=1:2:3",
        "cost=inf",
        "threshold=high",
        "precision>=1",
        "precision>=0.9; recall>=0.9",
        "precision<=0.9",
        "fpr>=0.1",
        "f1>=0.9",
        "recall>=0.9, recall>=0.8",
        "recall>=0.9, f1",
        "recall>=0.9, confidence=95",
        "recall>=0.9, confidence=0.9, confidence=0.8",
    ],
)
def test_what_is_no_goal_is_refused_in_one_line_with_all_that_are(text):
    with pytest.raises(UsageError) as caught:
        Goal.read(text)
    message = str(caught.value)
    assert f"'{text}'" in message
    assert "\n" not in message
    assert all(word in message for word in ("accuracy", "f1", "precision=0.95", "recall=0.95", "cost=FP:FN"))


def test_promises_share_what_the_confidence_leaves_and_both_sides_may_leave_pairs_unsure():
    one, two, same_side = (
        Goal.read(text) for text in ("recall>=0.9", "fpr<=0.1, recall>=0.9", "fpr<=0.1, precision>=0.9, confidence=0.9")
    )
    assert [goal.error for goal in (one, two, same_side)] == pytest.approx([0.05, 0.025, 0.05])
    assert [goal.may_be_unsure for goal in (one, two, same_side)] == [False, True, False]


def test_only_goals_that_probabilities_reach_have_a_cut():
    cuts = {text: Goal.read(text).cut for text in ("accuracy", "cost=3:1", "cost=1:3", "f1", "recall=0.5")}
    assert cuts == {"accuracy": 0.5, "cost=3:1": 0.75, "cost=1:3": 0.25, "f1": None, "recall=0.5": None}


def figures_by_hand(rows, threshold, weights=(1, 1)):
    """Number found, precision, recall and F1 of the decisions ``score >= threshold``, positives and others weighted."""
    found = [label for label, score in rows if score >= threshold]
    same, different = sum(found) * weights[1], (len(found) - sum(found)) * weights[0]
    positives = sum(label for label, _ in rows) * weights[1]
    precision = same / (same + different) if found else 0
    return len(found), precision, same / positives, 2 * same / (positives + same + different)


def tried_by_hand(rows, weights=(1, 1)):
    return [figures_by_hand(rows, threshold, weights) for threshold in [*sorted({score for _, score in rows}), 9]]


def searched(text, rows, balance=EVEN):
    labels, values = zip(*rows, strict=True)
    return Goal.read(text).search(np.array(labels), np.array(values), balance)


@settings(max_examples=200, deadline=None)
@given(rows=mixed_pairs, prior=st.sampled_from([None, 0.1, 0.8]))
def test_no_threshold_has_a_better_f1(rows, prior):
    balance = balance_for(np.mean([label for label, _ in rows]), prior)
    threshold, value = searched("f1", rows, balance)
    assert value == pytest.approx(max(f1 for *_, f1 in tried_by_hand(rows, balance)))
    assert value == pytest.approx(figures_by_hand(rows, threshold, balance)[3])


@settings(max_examples=200, deadline=None)
@given(rows=mixed_pairs, wanted=st.sampled_from([0.25, 0.5, 0.9, 1.0]), prior=st.sampled_from([None, 0.1, 0.8]))
def test_a_precision_is_searched_among_thresholds_that_find_enough(rows, wanted, prior):
    positives = sum(label for label, _ in rows)
    balance = balance_for(positives / len(rows), prior)
    threshold, value = searched(f"precision={wanted}", rows, balance)
    enough = [each for each in tried_by_hand(rows, balance) if each[0] >= min(FEWEST_FOUND, positives)]
    reached = [recall for _, precision, recall, _ in enough if precision >= wanted - 1e-9]
    _, precision, recall, _ = figures_by_hand(rows, threshold, balance)
    assert value == pytest.approx(precision)
    if reached:
        assert precision >= wanted - 1e-9
        assert recall == pytest.approx(max(reached))
    else:
        assert precision == pytest.approx(max(precision for _, precision, *_ in enough))


@settings(max_examples=200, deadline=None)
@given(rows=mixed_pairs, wanted=st.sampled_from([0.25, 0.5, 0.9, 1.0]))
def test_a_recall_is_always_reached_and_by_no_more_pairs_than_it_takes(rows, wanted):
    threshold, value = searched(f"recall={wanted}", rows)
    found, _, recall, _ = figures_by_hand(rows, threshold)
    assert value == pytest.approx(recall)
    assert recall >= wanted - 1e-9
    assert found == min(found for found, _, recall, _ in tried_by_hand(rows) if recall >= wanted - 1e-9)


def test_a_precision_of_a_few_lucky_pairs_does_not_count():
    rows = [(1, 0.99), (1, 0.98)] + [(index % 2, 0.5 - index / 100) for index in range(40)]
    threshold, value = searched("precision=0.9", rows)
    assert value < 0.9
    assert sum(score >= threshold for _, score in rows) >= FEWEST_FOUND


def test_a_precision_that_is_not_reached_names_the_best_in_a_form_that_can_be_asked_for():
    goal = Goal.read("precision=0.95")
    goal.check_reached(0.95)
    with pytest.raises(
        BadData, match=r"no threshold gives precision 0\.95 .* the best is 0\.876; ask for precision=0\.876"
    ):
        goal.check_reached(0.87699)
    Goal.read("recall=0.9").check_reached(0.9)


def test_each_goal_names_the_figure_that_measures_it():
    labels, same = np.array([1, 1, 0, 0, 0]), np.array([1, 0, 1, 0, 0])
    measured = {
        text: Goal.read(text).measure(EVEN)(labels, same)
        for text in ("accuracy", "f1", "precision=0.9", "recall=0.9", "cost=5:1", "threshold=0.7", "fpr<=0.1")
    }
    assert measured == {
        "accuracy": 0.6,
        "f1": 0.5,
        "precision=0.9": 0.5,
        "recall=0.9": 0.5,
        "cost=5:1": pytest.approx((5 + 1) / 5),
        "threshold=0.7": 0.6,
        "fpr<=0.1": pytest.approx(1 / 3),
    }
