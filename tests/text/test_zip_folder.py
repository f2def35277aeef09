"""A zip archive in the place of a folder: its files one by one, whatever their names and sizes."""

import stat
import zipfile
from pathlib import Path

import pytest

from siamese_text.errors import BadData, MissingInput
from siamese_text.text import file_facts, read_folder
from siamese_text.text import zip_folder as module


def packed(path: Path, files: dict[str, str | bytes]) -> Path:
    """Pack files under names as they are given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def named(path: Path, **options: bool) -> dict[str, str]:
    """Return the texts, or else the problems, of what is read."""
    return {one.name: one.text or f"! {one.problem}" for one in read_folder(path, **options)}


def test_an_archive_is_read_as_its_folder_is(tmp_path):
    files: dict[str, str | bytes] = {"ann/essay.txt": "One.", "ann/part/notes.md": "Two.", "bob.html": "<p>Three."}
    files["photo.png"] = b"x"
    for name, content in files.items():
        (tmp_path / "class" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "class" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    archive = packed(tmp_path / "class.zip", files)
    assert read_folder(archive) == read_folder(tmp_path / "class")
    assert read_folder(archive, submissions=True) == read_folder(tmp_path / "class", submissions=True)
    ours, theirs = file_facts(archive), file_facts(tmp_path / "class")
    assert {name: one.sha256 for name, one in ours.items()} == {name: one.sha256 for name, one in theirs.items()}


def test_the_folder_that_holds_everything_is_no_part_of_the_names(tmp_path):
    both = packed(tmp_path / "a.zip", {"class/ann/x.txt": "1", "class/bob/x.txt": "2", "__MACOSX/class/._x.txt": "-"})
    assert named(both) == {"ann/x.txt": "1", "bob/x.txt": "2"}
    assert set(named(both, submissions=True)) == {"ann", "bob"}
    one = packed(tmp_path / "b.zip", {"ann/x.txt": "1", "ann/y.txt": "2"})
    assert set(named(one, submissions=True)) == {"ann"}  # never compared with himself
    assert set(named(one)) == {"x.txt", "y.txt"}


def test_names_lead_nowhere_and_none_hides_another(tmp_path):
    files = {"../../a.txt": "1", "/etc/b.txt": "2", "c\\d.txt": "3", "two\nlines.txt": "4", "a.txt": "5"}
    assert named(packed(tmp_path / "a.zip", files)) == {
        "a.txt": "1",
        "a.txt (2)": "5",
        "c/d.txt": "3",
        "etc/b.txt": "2",
        "two\\nlines.txt": "4",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_names_in_utf8_that_do_not_say_so_are_understood(tmp_path):
    path = packed(tmp_path / "a.zip", {"k\u016f\u0148.txt": "1"})
    path.write_bytes(path.read_bytes().replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00"))  # the flag of UTF-8 names
    assert named(path) == {"k\u016f\u0148.txt": "1"}


def test_what_cannot_be_read_is_named(tmp_path):
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    secret = zipfile.ZipInfo("secret.txt")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.txt", b"a" * 10_000_001)
        archive.writestr("good.txt", "Fine.")
        archive.writestr(secret, "?")
        archive.writestr("torn.txt", "This was whole.", zipfile.ZIP_STORED)
    data = path.read_bytes().replace(b"was whole", b"is broken")
    at = data.rindex(b"secret.txt") - 46 + 8  # the flags of its entry in the list of files
    path.write_bytes(data[:at] + b"\x01" + data[at + 1 :])
    assert named(path) == {
        "bomb.txt": "! expands to 10 MB, more than 100 times its size; save it as txt",
        "good.txt": "Fine.",
        "link.txt": "! a symbolic link in an archive is not followed; pack the file itself",
        "secret.txt": "! password needed; save it without one, or give it by plagiarism --password-file",
        "torn.txt": "! damaged in its archive (Bad CRC-32 for file 'torn.txt'); pack it anew",
    }


def test_an_archive_inside_is_what_one_person_handed_in_and_no_deeper(tmp_path):
    deepest = packed(tmp_path / "deepest.zip", {"x.txt": "Deep."})
    inner = packed(tmp_path / "inner.zip", {"essay.txt": "Mine.", "deepest.zip": deepest.read_bytes()})
    [one] = read_folder(packed(tmp_path / "a.zip", {"ann.zip": inner.read_bytes()}))
    assert (one.name, one.text) == ("ann.zip", "Mine.")
    assert one.notes[0].message.startswith("deepest.zip: an archive in an archive is not supported")


def test_reports_of_earlier_runs_are_left_out(tmp_path):
    report = dict.fromkeys(["old/report.html", "old/report.json", "old/skipped.csv", "old/more/pairs.txt"], "x")
    assert named(packed(tmp_path / "a.zip", {"b.txt": "1", **report})) == {"b.txt": "1"}


def test_no_archive_and_one_beyond_all_measure_are_refused(tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(BadData, match=r"a\.zip is not a whole zip file, or a damaged one; pack it anew"):
        read_folder(tmp_path / "a.zip")
    with pytest.raises(MissingInput, match=r"b\.zip was not found"):
        read_folder(tmp_path / "b.zip")
    path = packed(tmp_path / "c.zip", {"a.txt": "1", "b.txt": "2"})
    for limit in ("_MAX_ENTRIES", "_MAX_EXPANDED"):
        with monkeypatch.context() as patched:
            patched.setattr(module, limit, 1)
            with pytest.raises(BadData, match=r"c\.zip holds 2 files of 0 MB \(at most .*; give the folder"):
                read_folder(path)
