"""Each kind of source gives back the texts that were written into it, in order, and says what is wrong with it."""

import csv
import gzip
import io
import json
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from siamese_text.errors import BadData, MissingInput, NothingToDo, UsageError
from siamese_text.vectors.rows import chunks, prefetch
from siamese_text.vectors.sources import given_source, open_source

TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=20)
ONE_LINE = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r")), min_size=1, max_size=20)


def texts_of(name, **options):
    return [text for text, _ in open_source(str(name), **options).rows()]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


# --- round trips ---------------------------------------------------------------------------------------------------


@given(ONE_LINE, st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None)
def test_lines_come_back(scratch, texts, end):
    texts[0] = texts[0].removeprefix("\ufeff")  # a mark at the very beginning belongs to the file
    path = scratch / "lines.txt"
    path.write_bytes("".join(text + end for text in texts).encode())
    assert texts_of(path) == texts


@given(TEXTS)
@settings(deadline=None)
def test_csv_comes_back_quotes_and_line_ends_included(scratch, texts):
    path = scratch / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([["id", "text"], *enumerate(texts)])
    assert texts_of(path) == texts


@given(TEXTS)
@settings(deadline=None)
def test_json_lines_come_back(scratch, texts):
    path = scratch / "table.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts).encode()))
    assert texts_of(path) == texts


@given(TEXTS)
@settings(deadline=None)
def test_parquet_comes_back(scratch, texts):
    path = scratch / "table.parquet"
    parquet.write_table(pa.table({"n": range(len(texts)), "body": texts}), path, row_group_size=3)
    assert texts_of(path) == texts


# --- lines ---------------------------------------------------------------------------------------------------------


def test_a_blank_line_is_a_row_and_the_last_line_end_is_not(write):
    assert texts_of(write("a.txt", "one\n\n three \nfour")) == ["one", "", " three ", "four"]


def test_a_byte_order_mark_and_gzip_are_no_part_of_a_text(write):
    assert texts_of(write("a.txt.gz", gzip.compress(b"\xef\xbb\xbfone\r\ntwo\r\n"))) == ["one", "two"]


def test_standard_input_is_read_once(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    source = open_source("-")
    assert source.state() is None
    assert source.total is None
    assert [text for text, _ in source.rows()] == ["one", "two"]


def test_the_state_follows_the_file_that_a_link_points_to(write, tmp_path):
    path = write("a.txt", "one\n")
    (tmp_path / "link.txt").symlink_to(path)
    source = open_source(str(tmp_path / "link.txt"))
    before = source.state()
    assert source.state() == before
    write("a.txt", "one\ntwo\n")
    assert source.state() != before


def test_what_is_not_utf8_is_named_by_its_line(write):
    with pytest.raises(BadData, match=r"line 2 of .*a\.txt is not UTF-8"):
        texts_of(write("a.txt", b"one\n\xff\xfe\n"))


def test_a_damaged_gzip_file_is_said_so(write):
    whole = gzip.compress(b"one\n" * 100)
    for number, damaged in enumerate((b"plain", whole[: len(whole) // 2])):
        with pytest.raises(BadData, match="damaged gzip"):
            texts_of(write(f"{number}.txt.gz", damaged))


# --- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,text\n1,"a ""quoted"", cell"\n\n2,\n'),
        ("a.tsv", 'id\ttext\n1\ta "quoted", cell\n2\t\n'),
        ("a.jsonl", '{"id": 1, "text": "a \\"quoted\\", cell"}\n\n{"id": 2, "text": null}\n'),
    ],
)
def test_a_cell_keeps_its_text_and_an_empty_one_its_row(write, name, content):
    assert texts_of(write(name, content)) == ['a "quoted", cell', ""]
    assert texts_of(write(f"{name}.gz", gzip.compress(content.encode()))) == ['a "quoted", cell', ""]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "id,text\n1,one\n2\n"), ("a.jsonl", '{"text": "one"}\n{"body": "two"}\n')],
)
def test_a_row_that_lacks_the_column_keeps_its_place_without_a_text(write, name, content):
    assert texts_of(write(name, content)) == ["one", ""]


def test_a_null_in_parquet_is_an_empty_text(tmp_path):
    parquet.write_table(pa.table({"text": ["one", None]}), tmp_path / "a.parquet")
    assert texts_of(tmp_path / "a.parquet") == ["one", ""]


def test_text_is_the_column_unless_another_is_named(write):
    path = write("a.csv", "title,text\nhead,body\n")
    assert texts_of(path) == ["body"]
    assert texts_of(path, column="title") == ["head"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "title,body\na,b\n"), ("a.jsonl", '{"title": "a", "body": "b"}\n')],
)
def test_a_column_that_cannot_be_told_lists_those_found(write, name, content):
    path = write(name, content)
    with pytest.raises(BadData, match="title, body; say which one"):
        open_source(path)
    with pytest.raises(BadData, match="no column 'words'; its columns: title, body"):
        open_source(path, column="words")


def test_a_column_of_numbers_is_no_text(tmp_path, write):
    parquet.write_table(pa.table({"n": [1], "body": ["one"]}), tmp_path / "a.parquet")
    with pytest.raises(BadData, match=r"'n' in .* is int64, not text; columns with texts: body"):
        open_source(str(tmp_path / "a.parquet"), column="n")
    with pytest.raises(BadData, match=r"'n' in row 1 of .* is int"):
        texts_of(write("a.jsonl", '{"n": 1}\n'), column="n")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "id,text\n1,one\n2,two,three\n", "row 2 of .* has 3 cells, not 2"),
        ("a.csv", b"id,text\n1,\xff\n", "cannot be read"),
        ("a.jsonl", '{"text": "one"}\n{"text": \n', "line 2 of .* is not JSON"),
        ("a.jsonl", '{"text": "one"}\n["two"]\n', "line 2 of .* is not a JSON object"),
        ("a.jsonl", '{"text": "\\ud800"}\n', "line 1 of .* holds half a character"),
        ("a.parquet", "no table", "cannot be read as Parquet"),
        ("a.json", "[]", "save it as JSON lines"),
    ],
)
def test_a_damaged_table_is_named_with_the_place(write, name, content, words):
    path = write(name, content)
    with pytest.raises(BadData, match=words):
        texts_of(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv.gz"])
def test_a_table_without_rows_is_nothing_to_do(write, name):
    with pytest.raises(NothingToDo):
        open_source(write(name, gzip.compress(b"") if name.endswith("gz") else ""))


def test_what_has_no_columns_takes_none(write, tmp_path):
    for name in (write("a.txt", "one\n"), str(tmp_path), "-"):
        with pytest.raises(UsageError, match="no columns"):
            open_source(name, column="text")


def test_a_missing_file_is_named():
    with pytest.raises(MissingInput, match=r"nowhere\.txt does not exist"):
        open_source("nowhere.txt")


# --- documents -----------------------------------------------------------------------------------------------------


def test_a_folder_gives_passages_with_their_places_and_names_what_it_skipped(write, tmp_path):
    body = "The river is cold. The boat is new.\n\nSnow fell on the town."
    write("documents/sub/a.txt", body)
    write("documents/b.xyz", "?")
    source = open_source(str(tmp_path / "documents"), words=5)
    rows = list(source.rows())
    assert len(rows) >= 2
    assert all(text == passage.text == body[passage.start : passage.end] for text, passage in rows)
    assert {passage.document for _, passage in rows} == {"sub/a.txt"}
    assert [document.name for document in source.skipped] == ["b.xyz"]


def test_one_document_is_read_as_such(write):
    [(text, passage)] = open_source(write("a.md", "# Head\n\nBody text.\n")).rows()
    assert text.startswith("# Head")
    assert passage.document == "a.md"


# --- blocks --------------------------------------------------------------------------------------------------------


@given(TEXTS, st.integers(1, 7), st.integers(1, 30))
@settings(deadline=None)
def test_blocks_hold_all_rows_in_order_and_end_when_full(scratch, texts, most, characters):
    path = scratch / "blocks.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    found = [chunk.texts for chunk in chunks(open_source(str(path)), texts=most, characters=characters)]
    assert [text for chunk in found for text in chunk] == texts
    for chunk in found[:-1]:
        assert len(chunk) == most or sum(map(len, chunk)) >= characters
    assert all(len(chunk) <= most and sum(map(len, chunk[:-1])) < characters for chunk in found)


def test_what_was_read_grows_up_to_the_whole(write):
    source = open_source(write("a.txt", "some words\n" * 1000))
    read = [chunk.read for chunk in chunks(source, texts=100)]
    assert read == sorted(read)
    assert source.read == source.total


def test_reading_ahead_keeps_order_and_errors():
    def failing():
        yield from range(3)
        raise BadData("broken")

    seen = []
    with pytest.raises(BadData, match="broken"):
        for item in prefetch(failing()):
            seen.append(item)
    assert seen == [0, 1, 2]


def test_texts_in_memory_are_a_source():
    for texts in (["a", None, "b"], iter(["a", None, "b"]), {"text": ["a", None, "b"], "n": [1, 2, 3]}):
        source = given_source(texts)
        assert [text for text, _ in source.rows()] == ["a", "", "b"]
        assert (source.total, source.read) == (3, 3)
    assert given_source(["a", "b"]).state() != given_source(["ab"]).state()
    assert [text for text, _ in given_source({"x": ["1"], "y": ["2"]}, column="y").rows()] == ["2"]


@pytest.mark.parametrize(
    ("data", "column", "said"),
    [
        (7, None, "texts are 7; give a list, a Series or a generator of texts"),
        (["a"], "x", "list has no columns to take 'x' from"),
        ({"x": ["1"], "y": ["2"]}, None, "dict has the columns x, y; say which one holds the texts"),
        ({"x": [1, 2]}, "x", "'x' in dict holds no texts; columns with texts: none"),
    ],
)
def test_what_is_no_source_is_refused_in_one_line(data, column, said):
    with pytest.raises(UsageError, match=said):
        given_source(data, column=column)
