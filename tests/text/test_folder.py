import os
from pathlib import Path

import pytest

from siamese_text.errors import MissingInput
from siamese_text.records import Document
from siamese_text.text import read_file, read_folder


def test_folder_is_read_with_its_subfolders_sorted_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "inner.md").write_text("# Inner")
    (tmp_path / "c.txt").write_text("Third")
    (tmp_path / "a.TXT").write_text("First")
    assert read_folder(tmp_path) == [
        Document("a.TXT", "First", "txt"),
        Document("b/inner.md", "# Inner", "md"),
        Document("c.txt", "Third", "txt"),
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "note.txt").write_text("hidden folder")
    (tmp_path / ".draft.txt").write_text("hidden file")
    assert read_folder(tmp_path) == []


def test_unsupported_formats_are_named(tmp_path: Path) -> None:
    (tmp_path / "essay.odt").write_bytes(b"anything")
    (tmp_path / "README").write_text("no suffix")
    problems = {document.name: document.problem for document in read_folder(tmp_path)}
    assert problems == {
        "essay.odt": "format .odt is not supported; convert it to txt, md, html, docx or pdf",
        "README": "a file without a suffix is not supported; convert it to txt, md, html, docx or pdf",
    }


def test_symbolic_links_are_named_but_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real.txt").write_text("Real")
    (tmp_path / "folder" / "loop").symlink_to(tmp_path / "folder")
    (tmp_path / "copy.txt").symlink_to(tmp_path / "folder" / "real.txt")
    documents = read_folder(tmp_path)
    assert [document.name for document in documents] == ["copy.txt", "folder/loop", "folder/real.txt"]
    assert [document.problem for document in documents[:2]] == [
        "a symbolic link is not followed; put the file itself in its place"
    ] * 2


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert [document.problem for document in read_folder(tmp_path)] == ["not a regular file; replace it by one"]


def test_large_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("x" * 2_000_001)
    (document,) = read_folder(tmp_path, max_bytes=2_000_000)
    assert document.text == ""
    assert document.problem == "too large (2.0 MB, at most 2.0 MB are read); split it"
    assert read_folder(tmp_path, max_bytes=2_000_001)[0].problem is None


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_files_and_folders_without_permission_are_named(tmp_path: Path) -> None:
    (tmp_path / "closed.txt").write_text("secret")
    (tmp_path / "closed.txt").chmod(0)
    (tmp_path / "vault").mkdir(mode=0)
    try:
        problems = {document.name: document.problem for document in read_folder(tmp_path)}
    finally:
        (tmp_path / "vault").chmod(0o700)
    assert problems == dict.fromkeys(["closed.txt", "vault"], "Permission denied; check the file and its permissions")


def test_names_are_printable(tmp_path: Path) -> None:
    (tmp_path / "two\nlines.txt").write_text("a")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin\xe9.txt")).write_text("b")
    assert [document.name for document in read_folder(tmp_path)] == ["latin\\udce9.txt", "two\\nlines.txt"]


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="nowhere was not found"):
        read_folder(tmp_path / "nowhere")


def test_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(MissingInput, match=r"a\.txt is not a folder"):
        read_folder(tmp_path / "a.txt")


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"a\.txt was not found"):
        read_file(tmp_path / "a.txt")


def test_file_takes_the_name_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    assert read_file(tmp_path / "a.txt").name == "a.txt"
    assert read_file(tmp_path / "a.txt", name="sources/a.txt").name == "sources/a.txt"


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_file_without_text_is_a_problem(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert read_file(tmp_path / "a.txt") == Document("a.txt", problem="no text; leave it out")


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("a.txt", b"PK\x03\x04" + bytes(40), "holds a zip archive or an office document, not txt"),
        ("a.md", b"%PDF-1.7\n", "holds a PDF, not md"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(40), "holds an old Word document or one with a password, not docx"),
        ("a.pdf", b"{\\rtf1 text}", "holds rich text (RTF), not pdf"),
        ("a.docx", b"Just words.", "not a Word document, or a damaged one"),
        ("a.pdf", b"Just words.", "broken pdf"),
        ("a.pdf", b"%PDF-1.4 cut off", "broken pdf"),
        ("a.html", bytes(range(256)) * 4, "no text in any known encoding"),
        ("a.html", b"<!-- nothing to see -->", "no text"),
    ],
)
def test_wrong_content_is_named(tmp_path: Path, name: str, data: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(data)
    document = read_file(tmp_path / name)
    assert document.text == ""
    assert document.problem is not None
    assert document.problem.startswith(problem)
    assert "\n" not in document.problem and "; " in document.problem


def test_one_bad_file_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "bad.docx").write_bytes(b"PK\x03\x04 truncated")
    (tmp_path / "good.txt").write_text("Fine.")
    bad, good = read_folder(tmp_path)
    assert bad.problem is not None
    assert good == Document("good.txt", "Fine.", "txt")
