"""The figures of a probe, recomputed in plain Python."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.probe import ProbeFigures, probe_figures

LABELS = {"negation": 0, "number": 0, "voice": 1, "form": 1}
rows = st.lists(
    st.tuples(st.sampled_from(sorted(LABELS)), st.sampled_from("abc"), st.integers(0, 4)), min_size=1, max_size=12
)


def predictions_of(pairs, threshold=None):
    labels = np.array([float(LABELS[family]) for family, _, _ in pairs])
    scores = np.array([float(score) for _, _, score in pairs])
    same = None if threshold is None else scores >= threshold
    return LabelledPredictions(labels, scores, scores, same=same)


def figures_of(pairs, threshold=None, **options):
    families, sentences, _ = zip(*pairs, strict=True)
    found = probe_figures(predictions_of(pairs, threshold), families, sentences, resamples=20, **options)
    return {each.family: each for each in found}


def misranked_by_hand(pairs, family):
    """For each pair of the family the share of the other label's pairs that lie on the wrong side, ties half."""
    label = LABELS.get(family, 0)
    own = [pair for pair in pairs if family in (pair[0], "all") and LABELS[pair[0]] == label]
    others = [pair for pair in pairs if LABELS[pair[0]] != label]
    shares = []
    for _, sentence, score in own:
        compared = [other for other in others if other[1] == sentence] or others
        sign = 1 if label == 0 else -1
        wrong = [0.5 if other[2] == score else float(sign * (score - other[2]) > 0) for other in compared]
        shares.append(sum(wrong) / len(wrong))
    return sum(shares) / len(shares)


def best_by_hand(pairs, family):
    """The largest mean of the two labels' shares of right decisions, over every threshold."""
    label = LABELS.get(family)
    kept = [pair for pair in pairs if label is None or pair[0] == family or LABELS[pair[0]] != label]
    best = 0.0
    for threshold in range(6):
        right = {0: [], 1: []}
        for name, _, score in kept:
            right[LABELS[name]].append((score >= threshold) == (LABELS[name] == 1))
        best = max(best, sum(sum(each) / len(each) for each in right.values()) / 2)
    return best


@given(rows)
def test_figures_are_those_of_plain_loops(pairs):
    found = figures_of(pairs, threshold=2)
    assert list(found) == [*dict.fromkeys(family for family, _, _ in pairs), "all"]
    both = len({LABELS[family] for family, _, _ in pairs}) == 2
    for family, figures in found.items():
        own = [pair for pair in pairs if family in (pair[0], "all")]
        assert figures.pairs == len(own)
        assert figures.wrong == sum((score >= 2) != (LABELS[name] == 1) for name, _, score in own)
        if both:
            assert figures.misranked == pytest.approx(misranked_by_hand(pairs, family))
            assert figures.best_accuracy == pytest.approx(best_by_hand(pairs, family))
        else:
            assert figures.misranked is figures.best_accuracy is None


PAIRS = [
    (family, str(number), 2 * label + number % 2) for number, (family, label) in enumerate(product(LABELS, (0, 1)))
]


def test_a_model_without_a_decision_has_nothing_wrong_at_a_threshold():
    figures = figures_of(PAIRS)["negation"]
    assert (figures.wrong, figures.wrong_share) == (None, None)
    assert "wrong" not in figures.intervals


def test_intervals_hold_the_figure_and_narrow_with_more_sentences():
    more = [(family, f"{sentence} {copy}", score) for family, sentence, score in PAIRS for copy in range(40)]
    for name in ("misranked", "best_accuracy"):
        (low, high), (lower, higher) = (figures_of(each)["voice"].intervals[name] for each in (PAIRS, more))
        assert low <= lower <= getattr(figures_of(more)["voice"], name) <= higher <= high
        assert higher - lower < high - low


def test_pairs_of_one_sentence_are_drawn_together():
    copies = [(family, "a", score) for family, _, score in PAIRS for _ in range(40)]
    assert figures_of(copies)["voice"].intervals["best_accuracy"] == pytest.approx(
        (figures_of(copies)["voice"].best_accuracy,) * 2
    )


def test_two_runs_are_equal_and_few_pairs_say_so():
    assert figures_of(PAIRS, seed=3) == figures_of(PAIRS, seed=3)
    assert ProbeFigures("name", 0, 19).few
    assert not replace(ProbeFigures("name", 0, 19), pairs=20).few
