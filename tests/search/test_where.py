"""Filters: what they mean, beside the same condition in Python, and what is no filter."""

import json
import sqlite3

import pytest

from siamese_text.errors import UsageError
from siamese_text.search.where import check, parse

ROWS = [
    {"year": 2021, "kind": "pdf", "tags": ["bees", "birds"], "author": {"name": "Lund"}, "open": True},
    {"year": 2019.5, "kind": "md", "title": "It's 100% late", "open": False},
    {"year": "2022", "kind": "PDF", "tags": "bees"},
    {"kind": None, "two words": 1},
]


def fulfil(condition):
    where = parse(condition)
    rows = sqlite3.connect(":memory:")
    rows.execute("CREATE TABLE documents (id INTEGER, metadata TEXT)")
    rows.executemany("INSERT INTO documents VALUES (?, ?)", [(n, json.dumps(row)) for n, row in enumerate(ROWS)])
    return [n for (n,) in rows.execute(f"SELECT id FROM documents WHERE {where.sql} ORDER BY id", where.values)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("year >= 2020", [0]),  # to SQLite any text is larger than any number
        ("year < 2020", [1]),
        ("year >= '2020'", [2]),
        ("year = 2019.5 or year == 2021", [0, 1]),
        ("kind = 'pdf'", [0]),
        ('kind = "md"', [1]),
        ("kind != 'pdf'", [1, 2]),
        ("kind <> 'pdf' and not year = 2019.5", [2]),
        ("not kind = 'pdf'", [1, 2, 3]),
        ("kind in ('pdf', 'md')", [0, 1]),
        ("kind not in ('pdf', 'md')", [2]),
        ("title like '%100\\% late' or title like 'It''s%'", [1]),
        ("title not like '%early%'", [1]),
        ("kind is null", [3]),
        ("kind is not null and tags is null", [1]),
        ("tags contains 'bees'", [0, 2]),
        ("tags contains 'bee'", []),
        ("author.name = 'Lund'", [0]),
        ("open = true", [0]),
        ("open = FALSE", [1]),
        ("open = 1", []),
        ("`two words` = 1", [3]),
        ("year > 2000 AND kind = 'pdf' OR kind = 'md'", [0, 1]),
        ("year > 2000 and (kind = 'md' or kind = 'none')", [1]),
        ("not (year > 2000 or kind = 'PDF')", [3]),
        ("year < 99999999999999999999", [0, 1]),
    ],
)
def test_a_condition_means_what_it_says(condition, expected):
    assert fulfil(condition) == expected


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ("", "at its end"),
        ("year >", "at its end"),
        ("year > 2020 or", "at 'or'"),
        ("year = = 3", "at '= 3'"),
        ("1 = 1", "at '1 = 1'"),
        ("year = 3; drop table documents", "at '; drop table documen'"),
        ("year = 1) or (kind = 'x'", "at ') or (kind = 'x''"),
        ("year = 2020 -- ", "at '-- '"),
        ("kind = 'pdf", "at ''pdf'"),
        ("and = 3", "at 'and = 3'"),
        ("lower(kind) = 'pdf'", "at '(kind) = 'pdf''"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_place(condition, place):
    with pytest.raises(UsageError, match=r"the filter cannot be read at .*; write such as: year >= 2020") as caught:
        parse(condition)
    assert place in str(caught.value)


def test_a_filter_beyond_all_measure_is_refused():
    with pytest.raises(UsageError, match="the filter has 2,001 characters; give at most 2,000"):
        parse("a" * 2001)
    with pytest.raises(UsageError, match="too many parentheses"):
        parse("(" * 900 + "a = 1" + ")" * 900)


def test_fields_that_no_document_has_and_kinds_that_no_value_has_are_refused():
    known = {"year": {"integer", "null"}, "kind": {"text"}, "mixed": {"integer", "text"}, "nothing": {"null"}}
    for fine in ("year > 1 and kind = 'a'", "mixed = 1 or mixed = 'a'", "nothing = 1", "year is null"):
        check(parse(fine), known)
    with pytest.raises(UsageError, match="no document has the field 'yeer'; fields: kind, mixed, nothing, year"):
        check(parse("kind = 'a' or yeer.x = 1"), known)
    with pytest.raises(UsageError, match="'year' is number, and the filter compares it with text; write it as number"):
        check(parse("year >= '2020'"), known)
