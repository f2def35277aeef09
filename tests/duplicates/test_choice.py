"""Which text is kept: each that goes does so because of a kept one that it was itself found with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.duplicates.choice import choose
from siamese_text.errors import UsageError


def chosen(texts, pairs, known=0, keep="first"):
    found = [(one, other, "near", 0.8, None) for one, other in pairs]
    return {each.text: each.because_of for each in choose(texts, found, known, keep)}


@st.composite
def cases(draw):
    """Texts, pairs of their places, and how many of them are known."""
    count = draw(st.integers(1, 8))
    place = st.integers(0, count - 1)
    pairs = draw(st.sets(st.tuples(place, place).filter(lambda pair: pair[0] < pair[1])))
    return draw(st.lists(st.text("ab", max_size=5), min_size=count, max_size=count)), pairs, draw(st.integers(0, count))


@settings(max_examples=50)
@given(cases(), st.sampled_from(["first", "longest", "best"]))
def test_what_goes_duplicates_a_kept_one_and_no_two_new_ones_that_are_kept_are_duplicates(case, keep):
    texts, pairs, known = case
    gone = chosen(texts, pairs, known, keep)
    assert all(place >= known for place in gone)
    for place, because_of in gone.items():
        assert because_of not in gone
        assert (min(place, because_of), max(place, because_of)) in pairs
    for one, other in pairs:
        assert one in gone or other in gone or other < known


def test_a_chain_joins_no_strangers():
    assert chosen(["a", "b", "c"], [(0, 1), (1, 2)]) == {1: 0}


def test_first_longest_and_best_are_kept_and_known_ones_before_all():
    texts, pairs = ["a", "bbb", "cc", "dddd"], [(0, 1), (1, 2), (1, 3)]
    assert chosen(texts, pairs) == {1: 0}
    assert chosen(texts, pairs, keep="longest") == {1: 3}
    assert chosen(texts, pairs, keep="best") == {0: 1, 2: 1, 3: 1}
    assert chosen(texts, pairs, known=1, keep="best") == {1: 0}
    with pytest.raises(UsageError, match="keep is 'last'; choose from first, longest, best"):
        chosen(texts, pairs, keep="last")


def test_the_strongest_reason_is_told():
    pairs = [(0, 2, "meaning", 0.99, 0.9), (1, 2, "near", 0.8, None), (0, 2, "near", 0.7, None)]
    [gone] = choose(["a", "b", "c"], pairs, 0, "first")
    assert (gone.because_of, gone.kind, gone.score) == (1, "near", 0.8)
