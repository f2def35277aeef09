"""The table of formats: what follows from its rows, and how a file under a wrong name is told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text.readers import READERS, Reader, find_reader, listed_formats, read
from siamese_text.text.reading import Reading

ROOT = Path(__file__).parents[2]


def test_the_readme_names_exactly_the_formats():
    named = re.search(r"It reads ((?:\w+, )*\w+ and \w+), finds", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert named is not None
    assert named[1] == listed_formats(" and")


@pytest.mark.parametrize("command", ["plagiarism", "index"])
def test_the_help_names_exactly_the_formats(command):
    done = subprocess.run(
        [sys.executable, "-m", "siamese_text", command, "--help"], capture_output=True, text=True, check=True
    )
    assert listed_formats() in " ".join(done.stdout.split())


def test_no_suffix_is_read_in_two_ways():
    suffixes = [suffix for reader in READERS for suffix in reader.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)
    assert find_reader(".HTM") is find_reader(".html")
    assert find_reader(".doc") is None


@pytest.mark.parametrize(
    ("data", "name", "contents"),
    [
        (b"%PDF-1.7", "txt", "a PDF"),
        (b"PK\x03\x04", "pdf", "a zip archive"),
        (b"\x89PNG", "docx", "a picture"),
        (b"{\\rtf1", "docx", "rich text"),
        (b"\n<!DOCTYPE HTML><p>Text", "docx", r"a web page \(html\)"),
    ],
)
def test_a_file_under_a_wrong_name_is_told_what_it_holds(data, name, contents):
    with pytest.raises(Unreadable, match=rf"holds {contents}.*, not {name}; save it anew as {name}"):
        read(data, name)


def test_formats_that_are_archives_share_their_first_bytes(monkeypatch):
    toy = Reader("toy", (".toy",), lambda data: Reading(str(data)), b"PK\x03\x04")
    monkeypatch.setattr("siamese_text.text.readers.READERS", [*READERS, toy])
    assert read(b"PK\x03\x04", "toy") == Reading(str(b"PK\x03\x04"))


def test_any_error_of_a_parser_is_a_reason(monkeypatch):
    monkeypatch.setattr("siamese_text.text.readers.READERS", [Reader("toy", (".toy",), lambda _: Reading(str(1 // 0)))])
    with pytest.raises(Unreadable, match=r"broken toy \(ZeroDivisionError\); open it and save it anew"):
        read(b"anything", "toy")
