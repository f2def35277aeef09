"""A zip archive is one document of several files."""

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from tests.text.formats.test_archive import packed


def test_the_files_of_an_archive_are_one_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = packed(
        {
            "b/notes.md": "# Notes",
            "a.html": "<p>Amber.</p><p>Salt.</p>",
            "../../evil.txt": "Up.",
            "__MACOSX/a.html": "junk",
            "inner.zip": packed({"c.txt": "deep"}),
            "two\nlines.png": "x",
        }
    )
    reading = readers.read(data, "zip")
    assert reading.text == "Up.\n\nAmber.\n\nSalt.\n\n# Notes"
    assert [place.name for place in reading.places] == ["../../evil.txt", "a.html", "b/notes.md"]
    assert [note.message.partition(";")[0] for note in reading.notes] == [
        "inner.zip: an archive in an archive is not supported",
        "two\\nlines.png: format .png is not supported",
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_archive_without_a_readable_file_is_a_problem():
    with pytest.raises(Unreadable, match=r"no file in it could be read \(a\.txt: no text; leave it out\)"):
        readers.read(packed({"a.txt": " "}), "zip")
    with pytest.raises(Unreadable, match=r"no file in it could be read \(it is empty\)"):
        readers.read(packed({}) + b"", "zip")
