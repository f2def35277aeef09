"""What people really hand in: for each kind of bad input what the check of a folder says, and that it goes on.

The readers' own tests lie in ``tests/text``; here each kind goes through the command.
"""

import json
import os
import random
import zipfile

import pytest

from siamese_text.text.files import DiskFile
from siamese_text.text.folder import MAX_BYTES

SHARED = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "


def own(seed):
    """Twenty-four words that no other seed has."""
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("bcdfghjklmnpqrstvwz", k=7)) for _ in range(24)).capitalize() + ". "


@pytest.fixture
def folder(tmp_path):
    """Two documents that share a passage; what is bad is put beside them."""
    (tmp_path / "essays").mkdir()
    for name in ("ann.txt", "bob.txt"):
        (tmp_path / "essays" / name).write_text(own(name) + SHARED + own(name + "end"), encoding="utf-8")
    return tmp_path / "essays"


@pytest.fixture
def check(command, folder):
    """Check the folder by words alone; returns the exit code, the findings and the lines of stderr."""

    def call(*options, place=folder):
        code, out, err = command("plagiarism", place, "--words-only", "--json", "--overwrite", *options)
        return code, json.loads(out) if out else {}, err

    return call


def skipped(found):
    return {row["name"]: row["problem"] for row in found["skipped"]}


def shares_the_passage(found, *names):
    return any(
        {pair["left"], pair["right"]} == set(names) and any("herons" in one["left_text"] for one in pair["passages"])
        for pair in found["pairs"]
    )


def test_a_missing_folder_and_one_of_unknown_formats_are_named(check, tmp_path):
    code, _, err = check(place=tmp_path / "nowhere")
    assert (code, len(err)) == (2, 1)
    assert f"{tmp_path / 'nowhere'} was not found; give a folder of documents" in err[0]
    (tmp_path / "pages").mkdir()
    for number in range(12):
        (tmp_path / "pages" / f"{number}.pages").write_bytes(b"x")
    code, _, err = check(place=tmp_path / "pages")
    assert code == 4
    assert "0 documents could be read" in err[-1]
    assert "format .pages is not supported" in err[-1]


def test_one_document_alone_needs_another_or_a_source(check, folder):
    (folder / "bob.txt").unlink()
    code, _, err = check()
    assert code == 4
    assert "1 document could be read; a check needs two, or --against DIR" in err[-1]


def pdf(path, draw, **options):
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), **options)
    draw(canvas)
    canvas.save()


def test_pdfs_with_a_password_or_without_text_are_named(check, folder):
    from reportlab.lib.pdfencrypt import StandardEncryption

    def text(canvas):
        canvas.drawString(40, 700, own("pdf"))
        canvas.drawString(40, 680, SHARED)

    def scan(canvas):
        for _ in range(14):
            canvas.rect(40, 40, 400, 600, fill=1)
            canvas.showPage()

    pdf(folder / "open.pdf", text, encrypt=StandardEncryption("", ownerPassword="owner"), pagesize=(900, 800))
    pdf(folder / "closed.pdf", text, encrypt=StandardEncryption("secret", ownerPassword="owner"))
    pdf(folder / "scan.pdf", scan)
    code, found, err = check()
    assert code == 3
    assert shares_the_passage(found, "ann.txt", "open.pdf")
    assert skipped(found) == {
        "closed.pdf": "password needed; save it without one, or give it by plagiarism --password-file",
        "scan.pdf": "14 pages and no text layer: run OCR first",
    }
    assert "not checked: scan.pdf: 14 pages and no text layer: run OCR first" in err


def test_a_password_opens_its_file_and_is_written_nowhere(check, command, folder, tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption

    closed = StandardEncryption("osprey-42", ownerPassword="owner")

    def text(canvas):
        canvas.drawString(40, 700, own("pdf"))
        canvas.drawString(40, 680, SHARED)

    pdf(folder / "closed.pdf", text, encrypt=closed, pagesize=(900, 800))
    keys = tmp_path / "keys.txt"
    keys.write_text("closed.pdf\tosprey-42\n", encoding="utf-8")
    made = ("--password-file", keys, "--cache", tmp_path / "cache", "-o", tmp_path / "report")
    code, found, err = check(*made)
    assert (code, skipped(found)) == (0, {})
    assert shares_the_passage(found, "ann.txt", "closed.pdf")
    kept = [file for name in ("report", "cache") for file in (tmp_path / name).rglob("*") if file.is_file()]
    assert kept
    assert not any(b"osprey" in file.read_bytes() for file in kept)
    assert "osprey" not in "".join(err)

    assert command("plagiarism", "verify", tmp_path / "report", "--password-file", keys)[0] == 0
    code, out, _ = command("plagiarism", "verify", tmp_path / "report", "--json")
    name, fault = json.loads(out)["faults"][0]
    assert (code, name) == (1, "closed.pdf")
    assert fault.startswith("it cannot be read: password needed;")


def test_what_is_empty_or_short_is_listed_and_never_clean(check, folder):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.md").write_text(" \n\t\n")
    (folder / "short.txt").write_text("Seven words are not enough for this.")
    code, found, _ = check()
    assert code == 3
    assert skipped(found) == {
        "blank.md": "no text; leave it out",
        "empty.txt": "no text; leave it out",
        "short.txt": "too short (7 words)",
    }
    assert {one["name"] for one in found["documents"]} == {"ann.txt", "bob.txt"}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"PK\x03\x04" + bytes(40), "holds a zip archive, not txt"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(40), "holds an old office document or one with a password, not docx"),
        ("a.docx", b"<html><body>Hello", "holds a web page (html), not docx"),
        ("a.doc", b"\xd0\xcf\x11\xe0" + bytes(40), "format .doc is not supported"),
        ("a.txt", bytes(range(256)) * 9, "no text in any known encoding"),
    ],
)
def test_what_a_wrong_name_hides_is_named(check, folder, name, data, said):
    (folder / name).write_bytes(data)
    code, found, _ = check()
    assert code == 3
    assert skipped(found)[name].startswith(said)


def test_a_huge_file_is_not_opened(check, folder, monkeypatch):
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    code, found, _ = check()
    assert code == 3
    assert (
        skipped(found)["huge.txt"]
        == "too large (50.0 MB, at most 50.0 MB are read); split it, or allow more (--max-mb)"
    )
    (folder / "huge.txt").write_text(own("huge") + SHARED * 10)
    _, found, _ = check("--max-mb", "0.0005")
    assert skipped(found)["huge.txt"].startswith("too large (0.0 MB, at most 0.0 MB are read)")


def test_a_bomb_an_outside_name_and_an_archive_within_one_do_no_harm(check, folder):
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * 20_000_000)
    with zipfile.ZipFile(folder / "outside.zip", "w") as archive:
        archive.writestr("../../outside.txt", own("zip") + SHARED)
        archive.write(folder / "bomb.zip", "bomb.zip")
    (folder / "entity.html").write_text(
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>{own("html")} &x; {SHARED}', encoding="utf-8"
    )
    code, found, _ = check()
    assert code == 3
    assert skipped(found)["bomb.zip"].startswith("expands to 20 MB in 1 parts")
    assert shares_the_passage(found, "ann.txt", "outside.zip")
    assert shares_the_passage(found, "ann.txt", "entity.html")
    assert not (folder.parent / "outside.txt").exists()
    assert "root:" not in json.dumps(found)
    assert any("bomb.zip: an archive in an archive" in note["message"] for note in found["notes"])


def test_encodings_are_read_and_a_guess_is_told(check, folder):
    czech = "Příliš žluťoučký kůň úpěl ďábelské ódy a nikdo z pocestných se tomu na cestě k řece nedivil. "
    (folder / "guess.txt").write_bytes((czech + own("cz")).encode("cp1250"))
    (folder / "utf16.txt").write_bytes((czech + own("16")).encode("utf-16"))
    (folder / "bare16.txt").write_bytes((SHARED + own("bare")).encode("utf-16-le"))
    code, found, err = check()
    assert code == 0
    assert any(czech[:40] in one["left_text"] for pair in found["pairs"] for one in pair["passages"])
    assert shares_the_passage(found, "ann.txt", "bare16.txt")
    [line] = [line for line in err if line.startswith("encoding")]
    assert line.startswith("encoding: guess.txt: its encoding is not said: read as cp1250; if letters look wrong, name")


def test_what_only_looks_alike_is_matched_and_reported_as_it_stands(check, folder):
    odd = (
        SHARED.replace("fi", "ﬁ").replace("ow", "o\u00adw").replace(" ", "\u00a0", 4).replace("mill and", "mill\r\nand")
    )
    swapped = SHARED.replace("e", "\u0435")
    (folder / "odd.txt").write_bytes((own("odd") + odd + own("o")).encode())
    (folder / "swapped.txt").write_bytes((own("swapped") + swapped + own("s")).encode())
    code, found, _ = check()
    assert code == 0
    assert shares_the_passage(found, "ann.txt", "odd.txt")
    texts = [one["right_text"] for pair in found["pairs"] for one in pair["passages"] if pair["right"] == "swapped.txt"]
    assert texts and all("h\u0435rons" in text for text in texts)
    [note] = [note for note in found["notes"] if note["kind"] == "disguise"]
    assert note["document"] == "swapped.txt"
    assert "of another script" in note["message"]


def test_links_pipes_and_closed_doors_are_named_and_never_waited_for(check, folder):
    (folder / "link.txt").symlink_to(folder / "ann.txt")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    code, found, _ = check()
    assert code == 3
    assert {name: problem.partition(";")[0] for name, problem in skipped(found).items()} == {
        "link.txt": "a symbolic link is not followed",
        "loop": "a symbolic link is not followed",
        "pipe.txt": "not a regular file",
    }
    code, found, _ = check("--follow")
    assert skipped(found)["loop"].startswith("a symbolic link to what is read already (the folder itself)")


def test_a_file_that_cannot_be_opened_does_not_end_the_run(check, folder, monkeypatch):
    read = DiskFile.content

    def content(self):
        if self.name == "lost.txt":
            self.path.unlink()
        if self.name == "torn.txt":
            raise OSError(5, "Input/output error")
        return read(self)

    monkeypatch.setattr(DiskFile, "content", content)
    for name in ("lost.txt", "torn.txt"):
        (folder / name).write_text(own(name))
    code, found, _ = check()
    assert code == 3
    assert skipped(found) == {
        "lost.txt": "No such file or directory; check the file and its permissions",
        "torn.txt": "Input/output error; check the file and its permissions",
    }


def test_files_with_the_same_text_are_said_first(check, command, folder):
    (folder / "copy.txt").write_bytes((folder / "ann.txt").read_bytes())
    os.link(folder / "ann.txt", folder / "hard.txt")
    code, found, _ = check()
    assert code == 0
    assert found["identical"] == [["ann.txt", "copy.txt", "hard.txt"]]
    assert "; 3 hold the same text as another one" in found["summary"]
    _, _, err = command("plagiarism", folder, "--words-only", "--overwrite")
    assert err[1] == "3 files with the same text: ann.txt, copy.txt, hard.txt"
    page = (folder.parent / "report" / "report.html").read_text(encoding="utf-8")
    assert "3 files with the same text:" in page


def test_where_most_hold_one_text_they_are_one_group(check, folder):
    for number in range(20):
        (folder / f"{number:03}.txt").write_bytes((folder / "ann.txt").read_bytes())
    code, found, _ = check()
    assert code == 0
    assert [len(group["documents"]) for group in found["groups"]] == [22]
    assert found["documents"][-1]["coverage"] > 0  # where most copied, that is no chance


def test_names_are_shown_and_never_obeyed(check, folder):
    for name in ("two\nlines.txt", "<b>bold<script>.txt", "b/ann.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(own(name) + SHARED)
    code, found, err = check()
    assert code == 0
    names = {one["name"] for one in found["documents"]}
    assert names == {"ann.txt", "b/ann.txt", "bob.txt", "two\\nlines.txt", "<b>bold<script>.txt"}
    page = (folder.parent / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script>.txt" not in page
    assert all("\n" not in line for line in err)


def test_a_template_too_short_to_be_found_is_told(check, folder, tmp_path):
    (tmp_path / "sheet.txt").write_text("Your name:")
    code, found, err = check("--template", tmp_path / "sheet.txt")
    assert code == 0
    assert any("sheet.txt holds 2 words, too few to be found in a document (6 or more)" in line for line in err)
    assert shares_the_passage(found, "ann.txt", "bob.txt")


@pytest.mark.parametrize(
    "copied",
    [
        "البلشون يقف في الماء الضحل تحت الطاحونة القديمة ولا يتحرك حتى يتوقف المطر عن الهطول",
        "七只苍鹭站在老磨坊下面的浅水里，直到雨停了才动。没有人看见它们那天离开河边的草地。",
        "นกกระสาเจ็ดตัวยืนอยู่ในน้ำตื้นใต้โรงสีเก่าและไม่ขยับจนกว่าฝนจะหยุดตก",
    ],
)
def test_other_scripts_are_compared_and_shown_in_their_direction(check, folder, copied):
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text(f"{own(name)}\n\n{copied}\n\n{own(name + 'end')}", encoding="utf-8")
    code, found, _ = check()
    assert code == 0
    assert any(copied[:20] in one["left_text"] for pair in found["pairs"] for one in pair["passages"])
    assert "<bdi>" in (folder.parent / "report" / "report.html").read_text(encoding="utf-8")


def test_a_run_that_is_stopped_leaves_nothing_and_goes_on(check, command, folder, monkeypatch):
    from siamese_text.plagiarism.report import files

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(files, "report_page", stop)
        code, _, err = command("plagiarism", folder, "--words-only", "--cache", "cache")
    assert code == 130
    assert not (folder.parent / "report").exists()
    code, _, err = check("--cache", "cache")
    assert code == 0
    assert any("already" in line for line in err)


def test_a_report_is_not_replaced_unless_asked(command, folder):
    command("plagiarism", folder, "--words-only")
    code, _, err = command("plagiarism", folder, "--words-only")
    assert code == 2
    assert "--overwrite" in err[-1]
