"""Columns: how they are named, and what their cells look like."""

import math

import pytest

from siamese_text.errors import UsageError
from siamese_text.matching.columns import date_in, kind_of, number_in, plain_cell, read_columns


def test_a_name_may_hold_what_is_no_kind_only_with_a_kind_behind_it():
    assert read_columns(["title", " price : number "]) == [("title", None), ("price", "number")]
    assert read_columns("dc:title:text") == [("dc:title", "text")]


@pytest.mark.parametrize("on", ["price:money", "a,a", "a,,b", ""])
def test_what_cannot_be_read_is_refused(on):
    with pytest.raises(UsageError, match="column"):
        read_columns(on)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["12.50", "3.00", "$4", ""], "number"),
        (["4223", "7", "5304218"], "short"),  # ids and postcodes: how far apart two are says nothing
        (["2001-02-03", "20010203", "3.2.2001"], "date"),
        (["1999", "2004"], "short"),
        (["anna ahorn", "berta birke"], "short"),
        (["a long title of a paper on trees", "another title of many words indeed"], "text"),
        (["", ""], "short"),
        (["3:45", "12:01", "225 sec"], "number"),
        (["21-Jun-13", "June 21, 2013", "1. May 1987"], "date"),
    ],
)
def test_the_kind_is_told_by_the_cells(cells, kind):
    assert kind_of(cells) == kind


@pytest.mark.parametrize("cell", ["", "none", "12-34", "1.2.3", "1,2,3", "AB12", "."])
def test_what_is_no_number_is_none(cell):
    assert math.isnan(number_in(cell))


@pytest.mark.parametrize("cell", ["", "2001-13-01", "31.02.2001", "0000-01-01", "1/2/03", "21-Foo-13", "31 Feb 2013"])
def test_what_is_no_date_is_none(cell):
    assert date_in(cell) is None


def test_two_digits_of_a_year_are_of_the_nearer_century():
    assert str(date_in("3 Mar 69")) == "1969-03-03" and str(date_in("3 Mar 68")) == "2068-03-03"


def test_characters_that_html_spells_are_read():
    assert plain_cell("  M&#252;ller &amp;\n Co ") == "Müller & Co"
