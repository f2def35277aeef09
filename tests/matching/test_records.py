"""Rows of a table: their ids and cells, and what cannot be compared."""

import pytest

from siamese_text.data.given import table_of
from siamese_text.errors import BadData, NothingToDo
from siamese_text.matching.records import Records, decide_kinds, read_records, shared_columns


def test_rows_are_named_by_their_id_or_numbered():
    table = table_of({"id": [7, 8], "name": ["a", None], "code": ["x", "y"]})
    assert read_records(table, ["name"], None).ids == ["7", "8"]
    assert read_records(table, ["name"], "code").ids == ["x", "y"]
    assert read_records(table_of({"name": ["a", "b"]}), ["name"], None).ids == ["1", "2"]
    assert read_records(table, ["name"], None).cells == {"name": ["a", ""]}


@pytest.mark.parametrize(
    ("columns", "on", "words"),
    [
        ({"name": ["a"]}, "title", "no column 'title'; its columns: name"),
        ({"id": [1, 1], "name": ["a", "b"]}, "name", "the id '1' stands twice .row 2"),
        ({"id": [1, None], "name": ["a", "b"]}, "name", "a row has no id .row 2"),
    ],
)
def test_what_cannot_be_compared_is_named(columns, on, words):
    with pytest.raises(BadData, match=words):
        read_records(table_of(columns), [on], None)


def test_a_column_of_nothing_is_nothing_to_do():
    with pytest.raises(NothingToDo, match="nothing in name"):
        read_records(table_of({"name": ["", None]}), ["name"], None)


def test_the_columns_in_common_are_compared_but_for_the_id():
    one, other = table_of({"id": [1], "b": [1], "a": [1]}), table_of({"a": [1], "b": [1], "c": [1], "id": [1]})
    assert shared_columns([one, other], None) == [("b", None), ("a", None)]
    with pytest.raises(BadData, match="no column in common"):
        shared_columns([one, table_of({"id": [1], "z": [1]})], None)


def test_numbers_that_are_none_are_counted_or_refused():
    table = Records("t.csv", ["1", "2", "3"], {"price": ["1", "2.5", "soon"]})
    with pytest.warns(UserWarning, match="1 cells are no number, such as 'soon'"):
        assert decide_kinds([("price", "number")], [table])[0].kind == "number"
    worse = Records("t.csv", ["1", "2", "3"], {"price": ["1", "soon", "later"]})
    with pytest.raises(BadData, match="'price' holds 'soon', and 2 of 3 cells are no number"):
        decide_kinds([("price", "number")], [worse])
