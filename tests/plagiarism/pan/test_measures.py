"""The PAN measures against examples worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.plagiarism.pan.measures import PanMeasures, Reuse, macro_measures, micro_measures
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
