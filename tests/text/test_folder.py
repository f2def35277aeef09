import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from siamese_text.errors import MissingInput, UsageError
from siamese_text.records import Document, Span
from siamese_text.text import list_files, read_file, read_folder


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
    (tmp_path / "essay.pages").write_bytes(b"anything")
    (tmp_path / "README").write_text("no suffix")
    problems = {document.name: document.problem for document in read_folder(tmp_path)}
    formats = "txt, md, rst, tex, html, pdf, docx, odt, rtf, epub, pptx or zip"
    assert problems == {
        "essay.pages": f"format .pages is not supported; convert it to {formats}",
        "README": f"a file without a suffix is not supported; convert it to {formats}",
    }


def test_symbolic_links_are_named_but_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real.txt").write_text("Real")
    (tmp_path / "folder" / "loop").symlink_to(tmp_path / "folder")
    (tmp_path / "copy.txt").symlink_to(tmp_path / "folder" / "real.txt")
    documents = read_folder(tmp_path)
    assert [document.name for document in documents] == ["copy.txt", "folder/loop", "folder/real.txt"]
    assert [document.problem for document in documents[:2]] == [
        "a symbolic link is not followed; give --follow, or put the file itself in its place"
    ] * 2


def test_symbolic_links_are_followed_where_asked_and_nothing_is_read_twice(tmp_path: Path) -> None:
    essays, elsewhere = tmp_path / "essays", tmp_path / "elsewhere"
    for folder in (essays / "ann", elsewhere / "deep"):
        folder.mkdir(parents=True)
    (essays / "ann" / "real.txt").write_text("Real")
    (elsewhere / "deep" / "far.txt").write_text("Far")
    (elsewhere / "deep" / "up").symlink_to(elsewhere)
    (essays / "a-link.txt").symlink_to(essays / "ann" / "real.txt")
    (essays / "bob").symlink_to(elsewhere)
    (essays / "ann" / "loop").symlink_to(essays)
    (essays / "cut.txt").symlink_to(essays / "nowhere.txt")
    (essays / "self.txt").symlink_to(essays / "self.txt")
    documents = {document.name: document for document in read_folder(essays, follow=True)}
    assert {name: one.text for name, one in documents.items() if not one.problem} == {
        "ann/real.txt": "Real",
        "bob/deep/far.txt": "Far",
    }
    assert {name: one.problem.partition(";")[0] for name, one in documents.items() if one.problem} == {
        "a-link.txt": "a symbolic link to what is read already (ann/real.txt)",
        "ann/loop": "a symbolic link to what is read already (the folder itself)",
        "bob/deep/up": "a symbolic link to what is read already (bob)",
        "cut.txt": "a symbolic link to what cannot be read (No such file or directory)",
        "self.txt": "a symbolic link to what cannot be read (Too many levels of symbolic links)",
    }


def test_the_encoding_of_a_folder_reaches_every_reader(tmp_path: Path) -> None:
    word = "žluťoučký kůň".encode("cp1250")
    (tmp_path / "a.txt").write_bytes(word)
    (tmp_path / "b.html").write_bytes(b'<meta charset="koi8-r"><p>' + word)
    (tmp_path / "c.tex").write_bytes(word)
    (tmp_path / "d.txt").write_text("žluťoučký kůň", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("inner.txt", word)
    documents = read_folder(tmp_path, encoding="windows-1250")
    assert {one.text for one in documents} == {"žluťoučký kůň"}
    assert [[note.message for note in one.notes] for one in documents] == [
        *([], [], []),
        ["it is not in cp1250, as was said: read as utf-8; look whether it is right"],
        [],
    ]
    with pytest.raises(UsageError, match="'klingon' is no encoding that Python knows; give one such as cp1250"):
        read_folder(tmp_path, encoding="klingon")


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert [document.problem for document in read_folder(tmp_path)] == ["not a regular file; replace it by one"]


def test_large_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("x" * 2_000_001)
    (document,) = read_folder(tmp_path, max_bytes=2_000_000)
    assert document.text == ""
    assert document.problem == "too large (2.0 MB, at most 2.0 MB are read); split it, or allow more (--max-mb)"
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
        ("a.txt", b"PK\x03\x04" + bytes(40), "holds a zip archive, not txt"),
        ("a.md", b"%PDF-1.7\n", "holds a PDF, not md"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(40), "holds an old office document or one with a password, not docx"),
        ("a.pdf", b"{\\rtf1 text}", "holds rich text (RTF), not pdf"),
        ("a.docx", b"Just words.", "not a whole docx file, or a damaged one"),
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


def test_litter_lock_files_and_earlier_reports_are_left_out(tmp_path: Path) -> None:
    for name in ("Thumbs.db", "desktop.ini", "~$essay.docx", ".~lock.essay.odt#", ".DS_Store"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "essay.txt").write_text("x")
    (tmp_path / "report").mkdir()
    for name in ("report.html", "report.json", "skipped.csv"):
        (tmp_path / "report" / name).write_text("x")
    (tmp_path / "report.html").write_text("<p>An essay may be called so.")
    assert [document.name for document in read_folder(tmp_path)] == ["report.html"]


def test_names_that_would_print_alike_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "two\nlines.txt").write_text("a")
    (tmp_path / "two\\nlines.txt").write_text("b")
    (tmp_path / "other\\name.txt").write_text("c")
    assert {document.name: document.text for document in read_folder(tmp_path)} == {
        "two\\nlines.txt": "a",
        "two\\\\nlines.txt": "b",
        "other\\name.txt": "c",
    }


def test_folders_however_deep_are_read_or_named(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for level in range(300):
            Path("twenty letters there").mkdir()
            os.chdir("twenty letters there")
            if level == 100:
                Path("essay.txt").write_text("Far down.")
    finally:
        os.chdir(here)
    documents = read_folder(tmp_path)
    subprocess.run(["rm", "-rf", "twenty letters there"], cwd=tmp_path, check=True)  # too deep for pytest's own cleanup
    assert [document.text for document in documents] == ["Far down.", ""]
    assert "it lies too deep in folders, move it nearer to the top" in documents[1].problem


def test_a_file_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    [(name, path)] = list_files(tmp_path)
    path.unlink()
    path.mkdir()
    assert read_file(path, name=name).problem == "a folder, not a file; read it as a folder"
    path.rmdir()
    path.symlink_to(tmp_path / "nowhere")
    assert read_file(path).problem == "a symbolic link is not followed; put the file itself in its place"


def test_files_with_a_parser_are_read_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<h1>Amber</h1><p>It floats.")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 cut off")
    first, second = read_folder(tmp_path)
    assert (first.text, first.headings) == ("Amber\n\nIt floats.", (Span(0, 5),))
    assert second.problem == "broken pdf; open it and save it anew"


def test_subfolders_are_what_one_person_handed_in(tmp_path: Path) -> None:
    for name, content in {
        "ann/essay.txt": "The essay.",
        "ann/part two/notes.md": "# Notes",
        "ann/photo.png": "x",
        "bob/photo.png": "x",
        "cy.txt": "Alone.",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    ann, bob, cy = read_folder(tmp_path, submissions=True)
    assert (ann.name, ann.format, ann.text) == ("ann", "folder", "The essay.\n\n# Notes")
    assert [place.name for place in ann.places] == ["essay.txt", "part two/notes.md"]
    assert [note.kind for note in ann.notes] == ["unread"]
    assert ann.notes[0].message.startswith("photo.png: format .png is not supported; convert it to txt")
    assert bob.problem.startswith("no file in it could be read (photo.png: format .png is not supported")
    assert cy == Document("cy.txt", "Alone.")
