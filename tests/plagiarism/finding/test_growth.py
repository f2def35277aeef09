"""Where reworded passages end: at the words that both sides have in common, in whatever order."""

import random

import pytest

from siamese_text.plagiarism.finding.growth import PairWords
from siamese_text.records import Span


def own(count, seed):
    """Words that no other text has."""
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(count)]


COPIED = own(60, 0)
SHUFFLED = random.Random(1).sample(COPIED, len(COPIED))


def grown(left, right, passages):
    return PairWords(left, right).grown(passages, (Span(0, len(left)), Span(0, len(right))))


def test_a_shuffled_copy_grows_from_a_part_of_it_to_the_whole():
    left, right = own(80, 2) + COPIED + own(80, 3), own(50, 4) + SHUFFLED + own(90, 5)
    assert grown(left, right, (Span(95, 105), Span(70, 80))) == (Span(80, 140), Span(50, 110))


def test_a_passage_with_strangers_around_shrinks_to_what_both_sides_hold():
    left, right = own(80, 2) + COPIED + own(80, 3), own(50, 4) + SHUFFLED + own(90, 5)
    assert grown(left, right, (Span(20, 200), Span(10, 190))) == (Span(80, 140), Span(50, 110))


def test_a_term_that_one_side_repeats_has_one_partner():
    term = COPIED[7]
    repeated = [word for other in own(20, 4) for word in (other, term)]
    left, right = own(30, 2) + COPIED + own(30, 3), COPIED + repeated
    assert grown(left, right, (Span(30, 90), Span(0, 60))) == (Span(30, 90), Span(0, 60))


def test_every_third_word_may_be_changed():
    changed = [f"{word}x" if place % 3 == 1 else word for place, word in enumerate(SHUFFLED)]
    left, right = own(80, 2) + COPIED + own(80, 3), own(50, 4) + changed + own(90, 5)
    ours, theirs = grown(left, right, (Span(95, 105), Span(70, 80)))
    assert ours.overlap(Span(80, 140)) >= 55
    assert theirs.overlap(Span(50, 110)) >= 57
    assert len(ours) <= 62
    assert len(theirs) <= 62


def test_a_passage_stays_inside_its_limits():
    left, right = COPIED + own(10, 3), SHUFFLED + own(10, 5)
    limits = Span(10, 50), Span(0, 60)
    ours, _ = PairWords(left, right).grown((Span(20, 30), Span(20, 30)), limits)
    assert ours == Span(10, 50)


def test_what_only_its_meaning_makes_a_passage_keeps_its_ends():
    left, right = [*own(30, 2), "mill", *own(30, 3)], [*own(30, 4), "mill", *own(30, 5)]
    passages = Span(10, 50), Span(12, 48)
    assert grown(left, right, passages) == passages


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_are_treated_alike(seed):
    left, right = own(20, seed) + COPIED, SHUFFLED + own(20, seed + 9)
    ours, theirs = grown(left, right, (Span(30, 50), Span(10, 30)))
    assert grown(right, left, (Span(10, 30), Span(30, 50))) == (theirs, ours)
