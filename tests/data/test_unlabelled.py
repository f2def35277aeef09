"""Pairs to be scored: of files, of standard input in every form that files have, and given with named columns."""

import io
import json
import sys

import pytest

from siamese_text.data.unlabelled import given_sides, load_piped, load_unlabelled
from siamese_text.errors import BadData, MissingInput, NothingToDo, UsageError
from siamese_text.records import Pair

SIDES = [("the lamp is on", "the lamp burns"), ('he said "go"', "he\tleft\nsoon")]


@pytest.fixture
def piped(monkeypatch):
    def call(data, **options):
        monkeypatch.setattr(
            sys, "stdin", io.TextIOWrapper(io.BytesIO(data if isinstance(data, bytes) else data.encode()))
        )
        return load_piped(**options)

    return call


def sides(found):
    return [pair.sides for pair in found.pairs]


def test_piped_lines_lose_their_mark_and_windows_line_ends(piped):
    found = piped("\ufeffa b\tc d\r\n\r\nsingle\r\ne\tf\tmore\r\n")
    assert found.pairs == (Pair("a b", "c d"), Pair("e", "f"))
    assert (found.rows, found.ids, found.dropped) == ((1, 3), (), {"empty text": 1})


def test_piped_bytes_that_are_no_utf8_are_one_line(piped):
    with pytest.raises(BadData, match=r"standard input cannot be read .*; give it as UTF-8"):
        piped(b"caf\xe9\tcafe\n")
    with pytest.raises(NothingToDo, match="none of the 1 lines"):
        piped("a single text\n")
    with pytest.raises(NothingToDo, match="none of the 1 rows of standard input holds two texts"):
        piped("a text\t\n")
    with pytest.raises(NothingToDo, match="holds no rows"):
        piped("\n")


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("header", [["sentence1", "sentence2"], ["Question1", "question2"], ["a", "sentence2"], None])
def test_rows_with_quotes_are_read_with_a_header_or_without(piped, separator, header):
    from csv import writer

    text = io.StringIO()
    writer(text, delimiter=separator).writerows([header] * bool(header) + SIDES)
    assert sides(piped(text.getvalue(), columns="a=sentence1" if header and "a" in header else None)) == SIDES


def test_what_pandas_writes_is_read_as_from_a_file(piped, tmp_path):
    import pandas as pd

    frame = pd.DataFrame(SIDES, columns=["sentence1", "sentence2"]).assign(id=["x1", "x2"])
    for name, written in {
        "own.csv": frame.to_csv(),
        "own.tsv": frame.to_csv(sep="\t", index=False),
        "own.jsonl": frame.to_json(orient="records", lines=True),
    }.items():
        (tmp_path / name).write_text(written, encoding="utf-8", newline="")
        assert piped(written) == load_unlabelled(tmp_path / name)
        assert (sides(piped(written)), piped(written).ids) == (SIDES, ("x1", "x2"))


def test_lines_with_quotes_that_quote_nothing_stay_as_they_are(piped):
    assert sides(piped('"no" he said\tnever\n6" wide\ttwo\n')) == [('"no" he said', "never"), ('6" wide', "two")]


def test_commas_alone_are_said_to_be_taken_as_separators(piped):
    with pytest.warns(UserWarning, match="no header and no tab"):
        assert sides(piped("a cat,a dog\n")) == [("a cat", "a dog")]


def test_the_first_line_of_excel_names_the_separator(piped, write):
    text = "sep=;\r\nsentence1;sentence2\r\na, b;c\r\n"
    assert sides(piped(text)) == sides(load_unlabelled(write("own.csv", text))) == [("a, b", "c")]
    assert sides(load_unlabelled(write("bars.csv", '"sep=|"\nsentence1|sentence2\na;b|c,d\n'))) == [("a;b", "c,d")]


def test_rows_keep_their_numbers_and_ids_and_labels_are_not_read(write):
    rows = [{"key": 7, "label": "?"}, {"sentence2": " "}, {"key": 9}]
    text = "".join(json.dumps({"sentence1": "a", "sentence2": "b"} | row) + "\n" for row in rows)
    found = load_unlabelled(write("own.jsonl", text), columns="key=id")
    assert (found.rows, found.ids, found.dropped) == ((1, 3), (7, 9), {"empty text": 1})


def test_a_table_in_memory_is_read_as_a_file_is():
    found = load_unlabelled({"sentence1": ["a", None], "sentence2": ["b", "c"], "id": [1, 2]})
    assert (sides(found), found.ids, found.dropped) == ([("a", "b")], (1,), {"empty text": 1})


def test_rows_that_are_each_to_be_answered_have_two_texts():
    assert given_sides({"question1": ["a", 7], "question2": ["b", "c"]}) == [("a", "b"), ("7", "c")]
    with pytest.raises(UsageError, match=r"a text is empty; .* \(pair 2\)"):
        given_sides({"sentence1": ["a", "b"], "sentence2": ["c", float("nan")]})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingInput, match="is a folder"):
        load_unlabelled(tmp_path)


def test_a_file_of_two_texts_a_line_needs_no_header_but_names_of_columns_are_no_texts(piped, write):
    text = "A dog barks.\tA dog is barking.\nIt rained.\tIt snowed.\n"
    assert sides(load_unlabelled(write("bare.tsv", text))) == sides(piped(text))
    assert sides(piped(text)) == [("A dog barks.", "A dog is barking."), ("It rained.", "It snowed.")]
    with pytest.raises(BadData, match="columns found: question 1, question 2"):
        load_unlabelled(write("named.csv", "question 1,question 2\nIs it?,It is.\n"))
