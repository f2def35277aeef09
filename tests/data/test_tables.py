"""Tables as pandas, spreadsheets and databases write them: the cells are what was written."""

import codecs
import csv
import gzip
import io
import json

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from siamese_text.data.tables import open_table
from siamese_text.errors import BadData, NothingToDo

# What is easily mistaken for something else: nothing, numbers, dates, truth, and what csv gives a meaning.
PITFALLS = [
    "None",
    "null",
    "NA",
    "nan",
    "007",
    "1e5",
    "2020-01-02",
    "TRUE",
    'say "no"',
    '"',
    "a\tb",
    "a\nb",
    "a,b",
    "a;b",
    " x ",
]
CELLS = st.sampled_from(PITFALLS) | st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"))
ROWS = st.lists(st.tuples(CELLS, CELLS, st.sampled_from("01")), min_size=1, max_size=8)
COLUMNS = ("sentence1", "sentence2", "label")


def rows_of(path):
    return list(open_table(path).rows(COLUMNS))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@given(
    ROWS,
    st.sampled_from([("csv", ","), ("csv", ";"), ("tsv", "\t"), ("csv", "\t")]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_what_pandas_writes_and_reads_is_what_we_read(scratch, rows, kind, quoting, line_end, encoding, index):
    ending, separator = kind
    path = scratch / f"table.{ending}"
    frame = pd.DataFrame(rows, columns=COLUMNS)
    options = {"sep": separator, "encoding": encoding}
    frame.to_csv(path, index=index, quoting=quoting, lineterminator=line_end, **options)
    theirs = pd.read_csv(path, dtype=str, keep_default_na=False, **options)[list(COLUMNS)]
    assert rows_of(path) == list(theirs.itertuples(index=False, name=None)) == rows
    assert open_table(path).columns == COLUMNS  # the index has no name and is nobody's


@given(ROWS)
@settings(deadline=None)
def test_json_lines_and_parquet_give_the_same(scratch, rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.to_json(scratch / "table.jsonl", orient="records", lines=True)
    frame.iloc[::-1].to_parquet(scratch / "table.parquet")  # an index that is no range becomes a column
    assert rows_of(scratch / "table.jsonl") == rows == rows_of(scratch / "table.parquet")[::-1]
    assert open_table(scratch / "table.parquet").columns == COLUMNS


def test_tab_separated_text_with_its_own_quotes_is_read_plainly(write):
    lines = ['"Stop" he said\t"Stop!\t1', 'He said "no"\t"Yes"\t0', '5" pipe\tpipe of 5"\t1']
    path = write("own.tsv", "\t".join(COLUMNS) + "\n" + "\n".join(lines) + "\n")
    assert rows_of(path) == [tuple(line.split("\t")) for line in lines]


def test_a_quote_that_opens_a_long_file_is_given_up_soon(write, monkeypatch):
    monkeypatch.setattr("siamese_text.data.tables.LONGEST_QUOTED", 100)
    path = write("own.tsv", "text\n" + '"Stop!\n' + "more\n" * 100)
    assert len(list(open_table(path).rows(["text"]))) == 101


def test_cells_too_few_are_none_and_empty_ones_too_many_are_nothing(write):
    path = write("own.csv", "sentence1,sentence2,label\na,b\nc,d,1,,\n\n  \ne\n")
    assert rows_of(path) == [("a", "b", None), ("c", "d", "1"), ("e", None, None)]


def test_names_of_columns_lose_white_space_and_a_nameless_one_is_left_out(write):
    path = write("own.csv", ",sentence1 , sentence2,label ,\n0,a,b,1,\n")
    assert open_table(path).columns == COLUMNS
    assert rows_of(path) == [("a", "b", "1")]
    path = write("own.jsonl", json.dumps({"sentence1 ": "a", "": 0, "sentence2": "b", "label": 1}))
    assert rows_of(path) == [("a", "b", 1)]


def test_a_column_that_the_first_object_lacks_is_found_when_asked_for(write):
    path = write("own.jsonl", '{"sentence1": "a"}\n{"sentence1": "b", "label": 1}\n')
    assert open_table(path).columns == ("sentence1",)
    table = open_table(path, all_columns=True)
    assert table.columns == ("sentence1", "label")
    assert list(table.rows(["label", "sentence1"])) == [(None, "a"), (1, "b")]


@pytest.mark.parametrize("name", ["own.csv.gz", "own.tsv.gz", "own.jsonl.gz", "OWN.CSV"])
def test_packed_files_and_endings_in_capitals_are_read(write, name):
    content = "text\none\n" if "sv" in name.lower() else '{"text": "one"}\n'
    path = write(name, gzip.compress(content.encode()) if name.endswith("gz") else content)
    assert list(open_table(path).rows(["text"])) == [("one",)]


def test_a_cell_of_many_characters_is_read(write):
    long = "x" * 300_000
    assert list(open_table(write("own.csv", f"text\n{long}\n")).rows(["text"])) == [(long,)]


def test_a_header_alone_is_nothing_to_do(write):
    with pytest.raises(NothingToDo, match="holds no rows"):
        open_table(write("own.csv", "text\n"))


def test_utf16_without_a_row_end_and_damaged_parquet_are_named(write, tmp_path):
    with pytest.raises(BadData, match=r"cannot be read .*; save it as UTF-8"):
        rows_of(write("own.csv", codecs.BOM_UTF16_LE + "sentence1".encode("utf-16-le") + b"\n"))
    buffer = io.BytesIO()
    parquet.write_table(pa.table({name: [str(n) for n in range(5000)] for name in COLUMNS}), buffer)
    data = bytearray(buffer.getvalue())
    data[20:2000] = bytes(1980)
    (tmp_path / "own.parquet").write_bytes(data)
    with pytest.raises(BadData, match="cannot be read as Parquet"):
        rows_of(tmp_path / "own.parquet")
