"""What is loaded where no split was named, and from standard input."""

import io
import sys

import pytest

from siamese_text.data.loading import default_split, load_examples, load_pairs, load_piped
from siamese_text.errors import BadData, NothingToDo
from siamese_text.records import Pair


def pipe(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_every_row_of_a_file_is_read_and_a_split_of_all_else(write):
    path = write("own.csv", "sentence1,sentence2,label\na,b,1\n")
    assert default_split(path) is default_split(str(path), "train") is None
    assert (default_split("sample"), default_split("sample", "train")) == ("validation", "train")


def test_sources_and_columns_are_strings_or_objects(write, tmp_path):
    path = write("own/test.csv", "a,b,same\none,two,1\nthree,four,0\n")
    columns = {"a": "sentence1", "b": "sentence2", "same": "label"}
    written = "a=sentence1, b=sentence2,same=label"
    assert load_pairs(path, columns=columns).pairs == load_pairs(str(path), columns=written).pairs
    [found] = load_examples("own", ("test",), data_dir=str(tmp_path), columns=written)
    assert found == next(load_examples("own", ("test",), data_dir=tmp_path, columns=columns))


def test_piped_lines_lose_their_mark_and_windows_line_ends(monkeypatch):
    pipe(monkeypatch, "\ufeffa b\tc d\r\n\r\nsingle\r\ne\tf\tmore\r\n".encode())
    found = load_piped()
    assert found.pairs == (Pair("a b", "c d"), Pair("e", "f"))
    assert found.dropped == {"empty text": 1}


def test_piped_bytes_that_are_no_utf8_are_one_line(monkeypatch):
    pipe(monkeypatch, b"caf\xe9\tcafe\n")
    with pytest.raises(BadData, match=r"standard input cannot be read .*; give it as UTF-8"):
        load_piped()
    pipe(monkeypatch, b"a single text\n")
    with pytest.raises(NothingToDo, match="none of the 1 lines"):
        load_piped()
