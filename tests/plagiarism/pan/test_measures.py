"""The PAN measures against examples worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.plagiarism.pan.measures import (
    FoundMeasures,
    PanMeasures,
    Reuse,
    case_measures,
    macro_measures,
    micro_measures,
    pair_measures,
)
from siamese_text.records import Span


def reuse(start, end, source_start, source_end, document="a.txt", source="b.txt"):
    return Reuse(document, Span(start, end), source, Span(source_start, source_end))


CASE = reuse(0, 100, 0, 100)
reuses = st.lists(
    st.builds(
        lambda start, length, source, source_length: reuse(start, start + length, source, source + source_length),
        st.integers(0, 40),
        st.integers(1, 20),
        st.integers(0, 40),
        st.integers(1, 20),
    ),
    min_size=1,
    max_size=6,
    unique=True,
)


@pytest.mark.parametrize(
    ("detections", "recall"),
    [
        ([reuse(0, 200, 0, 200)], 1.0),
        ([reuse(50, 150, 50, 150)], 0.5),
        ([reuse(50, 150, 50, 150), reuse(25, 100, 25, 100)], 0.75),
        ([reuse(0, 100, 100, 200)], 0.0),
        ([reuse(0, 100, 0, 100, source="c.txt")], 0.0),
        ([reuse(0, 100, 0, 1)], (100 + 1) / 200),
    ],
)
@pytest.mark.parametrize("measures", [macro_measures, micro_measures])
def test_recall_counts_characters_on_both_sides(measures, detections, recall):
    assert measures([CASE], detections).recall == pytest.approx(recall)


def test_precision_is_what_of_a_detection_is_true():
    assert macro_measures([CASE], [reuse(0, 200, 0, 100)]).precision == pytest.approx(200 / 300)


def test_granularity_counts_the_detections_of_a_case_that_was_found():
    halves = [reuse(0, 50, 0, 50), reuse(50, 100, 50, 100)]
    found = macro_measures([CASE, reuse(500, 600, 500, 600)], halves)
    assert found.granularity == 2
    assert found.recall == pytest.approx(0.5)
    assert found.precision == 1
    assert found.plagdet == pytest.approx((2 * 0.5 / 1.5) / math.log2(3))


def test_macro_weighs_cases_alike_and_micro_characters():
    long, short = reuse(0, 300, 0, 300), reuse(400, 500, 400, 500)
    assert macro_measures([long, short], [long]).recall == pytest.approx(1 / 2)
    assert micro_measures([long, short], [long]).recall == pytest.approx(600 / 800)


def test_micro_counts_overlapping_cases_once_in_each_document():
    # Two cases share 50 characters of a.txt; of c.txt and b.txt each has its own.
    cases = [reuse(0, 100, 0, 100), reuse(50, 150, 0, 100, source="c.txt")]
    assert micro_measures(cases, cases[:1]).recall == pytest.approx((100 + 100) / (150 + 100 + 100))


def test_a_repeated_detection_counts_once():
    assert macro_measures([CASE], [CASE, CASE]) == PanMeasures(1.0, 1.0, 1.0)


@pytest.mark.parametrize("measures", [macro_measures, micro_measures])
@pytest.mark.parametrize(("cases", "detections", "plagdet"), [([], [], 1.0), ([CASE], [], 0.0), ([], [CASE], 0.0)])
def test_nothing_to_find_and_nothing_found_is_right_and_everything_else_is_wrong(measures, cases, detections, plagdet):
    assert measures(cases, detections).plagdet == plagdet
    assert measures(cases, detections).granularity == 1.0


@given(reuses, reuses)
def test_swapping_cases_and_detections_swaps_precision_and_recall(cases, detections):
    for measures in (macro_measures, micro_measures):
        there, back = measures(cases, detections), measures(detections, cases)
        assert (there.precision, there.recall) == pytest.approx((back.recall, back.precision))


@given(reuses)
def test_detecting_every_case_as_it_is_gives_full_precision_and_recall(cases):
    found = macro_measures(cases, cases)
    assert (found.precision, found.recall) == pytest.approx((1, 1))


@pytest.mark.parametrize(
    ("detections", "precision", "recall"),
    [
        ([reuse(0, 100, 0, 100)], 1, 1),
        ([reuse(0, 50, 0, 50)], 1, 1),
        ([reuse(0, 49, 0, 49)], 0, 0),  # less than half of the case
        ([reuse(0, 200, 0, 200)], 1, 1),
        ([reuse(0, 220, 0, 220)], 0, 0),  # more than half of it lies elsewhere
        ([reuse(0, 25, 0, 25), reuse(50, 80, 50, 80)], 1, 1),  # half of it together
        ([reuse(0, 100, 0, 100), reuse(500, 600, 500, 600)], 0.5, 1),
        ([reuse(0, 100, 0, 100, source="c.txt")], 0, 0),
    ],
)
def test_a_case_is_found_by_half_and_a_detection_true_by_half(detections, precision, recall):
    assert case_measures([CASE], detections) == FoundMeasures(precision, recall)
    assert case_measures([CASE, CASE], [*detections, *detections]) == FoundMeasures(precision, recall)


def test_a_pair_is_found_by_one_of_its_cases():
    cases = [CASE, reuse(300, 400, 300, 400), reuse(0, 9, 0, 9, source="c.txt")]
    found = pair_measures(cases, [CASE, reuse(700, 800, 700, 800), reuse(0, 9, 0, 9, source="d.txt")])
    assert found == FoundMeasures(precision=0.5, recall=0.5)
    assert found.f1 == 0.5
    assert case_measures(cases, [CASE]).recall == pytest.approx(1 / 3)


@pytest.mark.parametrize("measures", [case_measures, pair_measures])
def test_without_cases_or_detections_it_is_all_or_nothing(measures):
    assert measures([], []) == FoundMeasures(1, 1)
    assert measures([CASE], []) == FoundMeasures(0, 0)
    assert measures([], [CASE]) == FoundMeasures(0, 0)
    assert measures([], [CASE]).f1 == 0


@given(cases=reuses, detections=reuses)
def test_found_cases_are_those_of_the_definition(cases, detections):
    def characters(one):
        own = {("document", place) for place in range(one.span.start, one.span.end)}
        return own | {("source", place) for place in range(one.source_span.start, one.source_span.end)}

    def met(one, others):
        return set().union(*(characters(one) & characters(other) for other in others if other.finds(one)))

    def half(one, others):
        return 2 * len(met(one, others)) >= len(characters(one))

    found = [c for c in cases if half(c, detections) and any(d.finds(c) and half(d, cases) for d in detections)]
    true = [d for d in detections if half(d, cases) and any(c.finds(d) and half(c, detections) for c in cases)]
    assert case_measures(cases, detections) == FoundMeasures(len(true) / len(detections), len(found) / len(cases))
