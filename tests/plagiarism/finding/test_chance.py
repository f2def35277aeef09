"""The evidence that is needed: what a folder's own pairs teach, and what they must not."""

import numpy as np
import pytest

from siamese_text.plagiarism.finding.chance import least_evidence

PAIRS = 435  # of 30 documents


def innocent(seed, share=0.4):
    """The strongest evidence of the pairs that have any, with the exponential tail of chance."""
    rng = np.random.default_rng(seed)
    return rng.exponential(7.0, size=round(share * PAIRS)).tolist()


def test_chance_seldom_reaches_what_is_needed():
    folders = [innocent(seed) for seed in range(200)]
    alarms = [max(pairs) >= least_evidence(pairs, 30, PAIRS, alarm=0.02) for pairs in folders]
    assert np.mean(alarms) <= 0.05


def test_more_alarms_need_less_evidence():
    strict, lenient = (least_evidence(innocent(1), 30, PAIRS, alarm) for alarm in (0.01, 1.0))
    assert strict > lenient + 20


@pytest.mark.parametrize("copies", [1, 10, 40])
def test_copies_teach_nothing(copies):
    alone = least_evidence(innocent(2), 30, PAIRS, alarm=0.02)
    beside = least_evidence(innocent(2) + [400.0] * copies, 30, PAIRS, alarm=0.02)
    assert beside == pytest.approx(alone, rel=0.15)


def test_a_folder_in_which_everyone_copied_still_counts_long_copies():
    assert least_evidence([600.0] * PAIRS, 30, PAIRS, alarm=0.02) == 200


def test_a_class_on_one_task_may_quote_one_sentence_that_is_not_in_the_folder():
    assert least_evidence(innocent(3, share=0.9), 30, PAIRS, alarm=0.02) == 160


def test_few_documents_are_taken_to_be_like_others():
    assert least_evidence([500.0] * 6, 4, 6, alarm=0.02) == least_evidence([], 4, 6, alarm=0.02)
    assert least_evidence([], 4, 6, alarm=0.02) > least_evidence([], 2, 1, alarm=0.02)
