"""Whether the evidence of a report still stands in the files."""

import dataclasses
import json

import pytest

from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.plagiarism.report.files import write_report
from siamese_text.plagiarism.report.verify import original_name, verify_report
from siamese_text.text import file_facts
from tests.plagiarism.report.kites import ANNA, BORIS, CLARA, KITES


@pytest.fixture
def folder(tmp_path):
    """The files that the findings on kites are about, under their names."""
    for document in (ANNA, BORIS, CLARA):
        path = tmp_path / "essays" / document.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, encoding="utf-8")
    return tmp_path / "essays"


@pytest.fixture
def report(folder, tmp_path):
    found = dataclasses.replace(KITES, files=file_facts(folder), run={"folder": str(folder)})
    return write_report(found, tmp_path / "report").with_name("report.json")


def change(file, old, new):
    said = file.read_bytes()
    assert old in said
    file.write_bytes(said.replace(old, new))


def test_what_is_as_it_was_is_found_again(report, folder):
    found = verify_report(report.parent)
    assert (found.documents, found.passages, found.faults) == (3, 3, ())


def test_one_byte_of_a_passage_is_named_with_its_document(report, folder):
    change(folder / ANNA.name, b"old barn", b"odd barn")
    faults = dict(verify_report(report).faults)
    assert faults["anna.txt"] == "its text is not what it was"
    assert faults["anna.txt and class b/boris.md, passage 1"] == "its left side does not stand in anna.txt any more"
    assert len(faults) == 2


def test_a_change_beside_the_passages_and_a_lost_file_are_named_too(report, folder):
    change(folder / CLARA.name, b"ships", b"boats")
    change(folder / ANNA.name, b"\n", b"\r\n")
    (folder / BORIS.name).unlink()
    faults = dict(verify_report(report).faults)
    assert faults["clara.txt"] == "its text is not what it was"
    assert faults["class b/boris.md"] == "the file is not there"
    assert faults["anna.txt"] in ("its text is what it was, but not its file", "its text is not what it was")


def test_a_report_that_was_changed_itself_is_found_out(report, folder):
    change(report, b"old shed", b"old barn")
    change(report, b'"number": 2', b'"number": 7')
    assert len(verify_report(report).faults) == 1


def test_without_texts_the_fingerprints_are_compared(folder, tmp_path):
    found = dataclasses.replace(KITES, files={}, run={"folder": str(folder)})
    report = write_report(found, tmp_path / "bare", with_text=False)
    assert verify_report(report.parent).faults == ()
    change(folder / BORIS.name, b"round and round", b"round and found")
    assert (
        "anna.txt and class b/boris.md, passage 2",
        "its fingerprint is not that of its two sides",
    ) in verify_report(report.parent).faults


def test_named_sources_are_looked_up_where_they_are(folder, tmp_path):
    one = dataclasses.replace(KITES, documents=KITES.documents[:1], run={"folder": str(folder)})
    report = write_report(one, tmp_path / "sources").parent
    with pytest.raises(UsageError, match="--against DIR"):
        verify_report(report)
    assert verify_report(report, against=folder).faults == ()
    assert original_name("against/against/a.txt", {"against/a.txt"}) == "against/a.txt"


def test_what_cannot_be_verified_says_why(folder, tmp_path):
    with pytest.raises(MissingInput, match="was not found"):
        verify_report(tmp_path / "none.json")
    (tmp_path / "old.json").write_text(json.dumps({"format": 1}))
    with pytest.raises(BadData, match="has format 1, and format 2 is read"):
        verify_report(tmp_path / "old.json")
    (tmp_path / "half.json").write_text(json.dumps({"format": 2, "pairs": []}))
    with pytest.raises(BadData, match="lacks dismissed, documents, "):
        verify_report(tmp_path / "half.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(BadData, match="has format None"):
        verify_report(tmp_path / "list.json")
    (tmp_path / "page.json").write_text("<html>")
    with pytest.raises(BadData, match="is no report"):
        verify_report(tmp_path / "page.json")
    with pytest.raises(UsageError, match="numbers instead of names"):
        verify_report(write_report(KITES, tmp_path / "anonymous", anonymous=True).parent)
    with pytest.raises(UsageError, match="--documents DIR"):
        verify_report(write_report(KITES, tmp_path / "nowhere").parent)
