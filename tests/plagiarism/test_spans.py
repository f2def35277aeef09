"""Sets of spans against sets of integers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from siamese_text.plagiarism.spans import intersection, subtract, total_length, union
from siamese_text.records import Span

spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda pair: Span(pair[0], sum(pair))))


def places(some):
    return {place for span in some for place in range(span.start, span.end)}


def is_tidy(some):
    return all(one.end < other.start for one, other in pairwise(some)) and all(map(len, some))


@given(spans)
def test_a_union_holds_the_same_places_in_fewest_spans(some):
    assert places(union(some)) == places(some)
    assert is_tidy(union(some))


@given(spans, spans)
def test_an_intersection_holds_what_both_hold(some, others):
    assert places(intersection(some, others)) == places(some) & places(others)
    assert is_tidy(intersection(some, others))


@given(st.integers(0, 20), st.integers(1, 20), spans)
def test_subtracting_leaves_what_no_hole_holds(start, length, holes):
    span = Span(start, start + length)
    assert places(subtract(span, holes)) == places([span]) - places(holes)
    assert is_tidy(subtract(span, holes))


@given(spans)
def test_the_total_length_counts_each_place_once(some):
    assert total_length(some) == len(places(some))
