"""Passwords of files: tried in turn for each format that can have one, and shown nowhere."""

import base64
import io

import docx
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from siamese_text.errors import BadData, MissingInput
from siamese_text.text import Passwords, read_folder, read_passwords

SECRET = "naïve kestrel"  # a blank and a letter beyond ASCII
TEXT = "The old mill burned down in the spring of that year, and nobody saw it."
# Python packs no encrypted archives; this was made by `zip -P kestrel`.
ZIPPED = base64.b64decode(
    "UEsDBBQACQAIAOoAgV1fm2KfTQAAAEcAAAAIAAAAbWlsbC50eHSgHnRzTRR3NPfWWzZbWt/qaw6NW2TWQk571Kpkb7OagI0WhZuo"
    "ADW+aAuM85FOkDRs3w2zqjX5fSnoMfNTyq34nFMvry+jWtfglV6I41BLBwhfm2KfTQAAAEcAAABQSwECHgMUAAkACADqAIFdX5ti"
    "n00AAABHAAAACAAAAAAAAAABAAAApIEAAAAAbWlsbC50eHRQSwUGAAAAAAEAAQA2AAAAgwAAAAAA"
)


def pdf(password):
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(password, strength=128))
    canvas.drawString(72, 700, TEXT)
    canvas.save()
    return file.getvalue()


def word(password):
    plain, locked = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_paragraph(TEXT)
    document.save(plain)
    OOXMLFile(plain).encrypt(password, locked)
    return locked.getvalue()


@pytest.fixture(scope="module")
def office_file():
    return word(SECRET)


def texts(folder, *lines):
    documents = read_folder(folder, passwords=Passwords(list(lines)))
    return {document.name: document.text or f"! {document.problem}" for document in documents}


def test_each_format_opens_by_one_of_the_passwords(tmp_path, office_file):
    (tmp_path / "a.pdf").write_bytes(pdf("amber"))
    (tmp_path / "b.docx").write_bytes(office_file)
    (tmp_path / "c.zip").write_bytes(ZIPPED)
    assert texts(tmp_path, SECRET, "amber", "kestrel") == {
        "a.pdf": TEXT,
        "b.docx": TEXT,
        "c.zip": TEXT,
    }


def test_a_password_of_one_file_is_tried_for_no_other(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(pdf("amber"))
    found = texts(tmp_path, "a.pdf\tamber", "wrong")
    assert found["a.pdf"] == TEXT
    assert found["b.pdf"] == "! password needed, and none that is given for it opens it; correct --password-file"


def test_without_a_password_each_format_says_that_it_needs_one(tmp_path, office_file):
    (tmp_path / "a.pdf").write_bytes(pdf("amber"))
    (tmp_path / "b.docx").write_bytes(office_file)
    (tmp_path / "c.zip").write_bytes(ZIPPED)
    needed = "! password needed; save it without one, or give it by plagiarism --password-file"
    assert set(texts(tmp_path).values()) == {needed}
    wrong = "! password needed, and none that is given for it opens it; correct --password-file"
    assert set(texts(tmp_path, "one", "two").values()) == {wrong}


def test_an_archive_that_stands_for_a_folder_has_a_password_too(tmp_path):
    (tmp_path / "class.zip").write_bytes(ZIPPED)
    assert texts(tmp_path / "class.zip", "class.zip\tkestrel") == {"mill.txt": TEXT}
    [problem] = texts(tmp_path / "class.zip").values()
    assert problem.startswith("! password needed; save it without one")


def test_an_office_file_that_is_another_inside_is_told_so(tmp_path, office_file):
    (tmp_path / "a.odt").write_bytes(office_file)
    assert texts(tmp_path, SECRET) == {"a.odt": "! holds a Word document (docx), not odt; save it anew as odt"}


def test_a_file_of_passwords_that_cannot_be_used_is_said_without_its_words(tmp_path):
    file = tmp_path / "keys.txt"
    with pytest.raises(MissingInput, match="was not found; give a text file of passwords"):
        read_passwords(file)
    for content, message in (
        (b"\n\n", "holds no password"),
        ("schlüssel".encode("latin-1"), "is not in UTF-8"),
        (b"kestrel\na.pdf\t\n", "line 2 of the passwords has none behind its tab"),
    ):
        file.write_bytes(content)
        with pytest.raises(BadData, match=message) as raised:
            read_passwords(file)
        assert "kestrel" not in str(raised.value)
        assert "sch" not in str(raised.value)
    file.write_bytes("\ufeffkestrel\r\na.pdf\tamber\r\n".encode())
    assert read_passwords(file).of("a.pdf") == ("amber", "kestrel")
    assert "kestrel" not in repr(read_passwords(file))
