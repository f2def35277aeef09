"""The check of a folder by one call."""

import json

import pytest

from siamese_text import BadOutput, Findings, Index, check_folder, distill, findings_as_dict


def test_check_folder_finds_a_shared_sentence(documents, scorer):
    findings = check_folder(documents, model=scorer)
    assert isinstance(findings, Findings)
    assert findings.options["model"] == scorer.name
    [pair] = findings.pairs
    assert {pair.left, pair.right} == {"a.txt", "b.md"}
    assert any("Seven herons" in match.left.text and "Seven herons" in match.right.text for match in pair.matches)


def test_a_student_searches_and_finds_candidates(documents, tiny_sentence_model, scorer, tmp_path, shared):
    student = tmp_path / "student"
    report = distill(student, teacher=str(tiny_sentence_model), static=True, max_steps=2, device="cpu")
    assert (report.output, report.layers, report.settings.sentences) == (student, None, "sample")
    index = Index.build(documents, model=student)
    index.save(tmp_path / "index")
    assert Index.open(tmp_path / "index").search(shared, k=2) == index.search(shared, k=2)
    findings = check_folder(documents, model=scorer, candidates_model=student)
    assert findings.options["candidates_model"] == str(student)
    assert any(shared.strip() in match.left.text for pair in findings.pairs for match in pair.matches)


def test_check_folder_against_another_folder(documents, scorer, tmp_path, shared):
    one = tmp_path / "one"
    one.mkdir()
    (one / "c.txt").write_text("They came back late. " + shared + "The library opens early in the morning all week. ")
    findings = check_folder(one, against=documents, model=scorer)
    assert {pair.left for pair in findings.pairs} | {pair.right for pair in findings.pairs} == {
        "c.txt",
        "a.txt",
        "b.md",
    }
    assert [document.name for document in findings.documents] == ["c.txt"]


def test_check_folder_writes_the_report(documents, scorer, tmp_path):
    findings = check_folder(documents, model=scorer, report=tmp_path / "report")
    written = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert written == findings_as_dict(findings)
    with pytest.raises(BadOutput, match="overwrite"):
        check_folder(documents, model=scorer, report=tmp_path / "report")
