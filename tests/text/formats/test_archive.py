"""Archives are looked through before they are unpacked."""

import io
import zipfile

import pytest
from lxml import etree

from siamese_text.errors import Unreadable
from siamese_text.text.formats.archive import Archive, archive_kind


def packed(parts, *, mode=zipfile.ZIP_DEFLATED):
    """Make a zip archive of parts by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", mode) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "parts",
    [
        {"a.xml": bytes(100_000_001)},  # too much
        {"a.xml": bytes(10_000_001)},  # too much for so few bytes
        dict.fromkeys(map(str, range(10_001)), ""),  # too many
    ],
)
def test_what_expands_beyond_measure_is_not_unpacked(parts):
    with pytest.raises(Unreadable, match=r"expands to \d+ MB in \d+ parts \(at most 100 MB, 100 times its size, are"):
        Archive(packed(parts), "docx")


def test_a_part_with_a_password_is_told():
    data = bytearray(packed({"a.xml": "x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable, match="password needed; save it without one"):
        Archive(bytes(data), "odt")


def test_parts_are_found_whatever_their_case_and_slashes():
    archive = Archive(packed({"Word\\Document.xml": "<a/>"}), "docx")
    assert archive.read("word/document.xml") == b"<a/>"
    assert archive.read("word/other.xml") is None


def test_entities_are_not_resolved(tmp_path):
    (tmp_path / "secret").write_text("secret")
    page = f'<!DOCTYPE a [<!ENTITY file SYSTEM "file://{tmp_path}/secret">]><a>&file;</a>'
    assert "".join(Archive(packed({"a.xml": page}), "docx").xml("a.xml").itertext()) == "&file;"


def test_entities_of_entities_end_the_parser():
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<!DOCTYPE a [<!ENTITY e0 "ha">{laughs}]><a b="&e11;">&e11;</a>'
    with pytest.raises(etree.XMLSyntaxError):
        Archive(packed({"a.xml": page}), "docx").xml("a.xml")


def test_relations_outside_the_archive_or_to_nothing_are_left_out():
    relations = """<r xmlns="x"><a Id="1" Type="t/styles" Target="styles.xml"/><a Id="2" Type="t/image" Target="NULL"/>
        <a Id="3" Type="t/image" Target="../../../etc/passwd"/><a Id="4" Type="t/notes" Target="/word/styles.xml"/>
        <a Id="5" Type="t/styles" Target="styles.xml" TargetMode="External"/></r>"""
    archive = Archive(packed({"word/_rels/document.xml.rels": relations, "word/styles.xml": "<s/>"}), "docx")
    assert list(archive.related("word/document.xml")) == [
        ("1", "styles", "word/styles.xml"),
        ("4", "notes", "word/styles.xml"),
    ]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"mimetype": "application/epub+zip"}, "epub"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "odt"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "docx"),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, "pptx"),
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, "xlsx"),
        ({"essay.txt": ""}, "zip"),
    ],
)
def test_the_kind_of_an_archive_is_told_by_its_parts(parts, kind):
    assert archive_kind(packed(parts)) == kind
    assert archive_kind(packed(parts)[:-10]) == ""
