"""The report: one folder that a teacher opens in a browser, a colleague in a spreadsheet and a program as JSON."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pytest

from siamese_text.errors import BadOutput
from siamese_text.plagiarism.report.files import write_report
from siamese_text.plagiarism.report.rows import findings_as_dict
from siamese_text.records import Document
from tests.plagiarism.report.kites import ANNA, BORIS, EDITED, KITES, NOTHING, findings_of, match


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_offsets_in_the_json_slice_the_texts(tmp_path):
    write_report(KITES, tmp_path / "out")
    stored = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    passages = stored["pairs"][0]["passages"] + stored["quotations"]
    assert len(passages) == 3
    for passage in passages:
        for side in ("left", "right"):
            text = KITES.texts[passage[side]].text
            assert text[passage[f"{side}_start"] : passage[f"{side}_end"]] == passage[f"{side}_text"] != ""


def test_the_json_is_what_findings_as_dict_gives(tmp_path):
    write_report(KITES, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8")) == findings_as_dict(KITES)


def test_each_table_has_one_row_for_each_thing_found(tmp_path):
    write_report(KITES, tmp_path / "out")
    counts = {table: len(rows_of(tmp_path / "out" / f"{table}.csv")) for table in ("documents", "pairs", "skipped")}
    assert counts == {"documents": 3, "pairs": 1, "skipped": 2}
    passages = rows_of(tmp_path / "out" / "passages.csv")
    assert [(row["pair"], row["number"], row["quotation"]) for row in passages] == [
        ("1", "1", "False"),
        ("1", "2", "False"),
        ("", "1", "True"),
    ]
    assert passages[0]["left_text"] == EDITED.left.text


def test_nothing_found_still_gives_every_file(tmp_path):
    page = write_report(NOTHING, tmp_path / "out")
    assert {file.name for file in page.parent.iterdir()} == {
        *("report.html", "report.json", "documents.csv", "pairs.csv", "passages.csv", "skipped.csv"),
        "citations.csv",
    }
    assert rows_of(page.parent / "passages.csv") == []
    assert "none needs a look" in page.read_text(encoding="utf-8")


def test_a_spreadsheet_runs_no_formula_from_a_name(tmp_path):
    hostile = Document("=HYPERLINK(0)", ANNA.text)
    copy = match(hostile, EDITED.left.text, BORIS, EDITED.right.text)
    write_report(findings_of(hostile, BORIS, copy), tmp_path / "out")
    assert rows_of(tmp_path / "out" / "pairs.csv")[0]["left"] == "'=HYPERLINK(0)"
    assert findings_as_dict(findings_of(hostile, BORIS, copy))["pairs"][0]["left"] == "=HYPERLINK(0)"


def test_a_name_that_is_not_utf8_is_kept_in_json_and_spelled_on_the_page(tmp_path):
    odd = Document("caf\udce9\u202e.txt", ANNA.text)
    page = write_report(
        findings_of(odd, BORIS, match(odd, EDITED.left.text, BORIS, EDITED.right.text)), tmp_path / "out"
    )
    stored = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert stored["documents"][0]["name"] == odd.name
    assert r"caf\udce9\u202e.txt" in page.read_text(encoding="utf-8")


def test_the_same_findings_give_the_same_bytes(tmp_path):
    first = write_report(KITES, tmp_path / "one").parent
    second = write_report(KITES, tmp_path / "two").parent
    assert {file.name: file.read_bytes() for file in first.iterdir()} == {
        file.name: file.read_bytes() for file in second.iterdir()
    }


def test_an_earlier_report_is_replaced_only_when_asked(tmp_path):
    page = write_report(NOTHING, tmp_path / "out")
    before = page.read_bytes()
    with pytest.raises(BadOutput, match="--overwrite"):
        write_report(KITES, tmp_path / "out")
    assert page.read_bytes() == before
    write_report(KITES, tmp_path / "out", overwrite=True)
    assert page.read_bytes() != before


def test_overwriting_spares_a_folder_that_is_not_a_report(tmp_path):
    essays = tmp_path / "essays"
    essays.mkdir()
    (essays / "anna.txt").write_text(ANNA.text, encoding="utf-8")
    with pytest.raises(BadOutput, match=r"anna\.txt"):
        write_report(KITES, essays, overwrite=True)
    with pytest.raises(BadOutput, match="is a file"):
        write_report(KITES, essays / "anna.txt", overwrite=True)
    assert [file.name for file in essays.iterdir()] == ["anna.txt"]


def test_a_failure_half_way_leaves_the_earlier_report(tmp_path):
    page = write_report(NOTHING, tmp_path / "out")
    before = page.read_bytes()
    without_texts = dataclasses.replace(KITES, documents=(), texts={})  # the tables can be written, the page cannot
    with pytest.raises(KeyError, match=r"anna\.txt"):
        write_report(without_texts, tmp_path / "out", overwrite=True)
    assert page.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
