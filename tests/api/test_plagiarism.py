"""The check of a folder by one call."""

import json
import shutil

import pytest

from siamese_text import BadData, BadOutput, Findings, Index, check_folder, distill, findings_as_dict
from siamese_text.errors import UsageError
from tests.text.formats.test_aes_zip import LOCKED as AES_LOCKED
from tests.text.formats.test_aes_zip import TEXT as AES_TEXT


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


def test_template_and_phrases_may_need_a_password(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, own in {"a": "We walked for an hour. ", "b": "The river was calm for long. "}.items():
        (folder / f"{name}.txt").write_text(own + AES_TEXT)
    (tmp_path / "sheet.zip").write_bytes(AES_LOCKED)
    (tmp_path / "keys.txt").write_text("kestrel")
    assert check_folder(folder, words_only=True).pairs
    for given in ("template", "ignore"):
        known = {given: tmp_path / "sheet.zip"}
        assert not check_folder(folder, words_only=True, password_file=tmp_path / "keys.txt", **known).pairs
        with pytest.raises(BadData, match="password needed"):
            check_folder(folder, words_only=True, **known)


def report_of(folder, scorer, **options):
    """The report without its ``run``, and what the ``run`` counts."""
    report = findings_as_dict(check_folder(folder, model=scorer, **options))
    run = report.pop("run")
    return report, {name: run[name] for name in ("embedded", "embedded_before", "aligned", "aligned_before")}


@pytest.fixture
def folder(documents, shared):
    """Documents of which two share a sentence, and two more of their own."""
    for number, animal in enumerate(("badger", "kingfisher")):
        lines = (f"The {animal} of note {number}{line} came to the river at hour {line}." for line in range(6))
        (documents / f"{animal}.txt").write_text(" ".join(lines))
    return documents


def test_a_run_after_a_change_embeds_what_is_new_alone_and_reports_the_same(folder, scorer, tmp_path, shared):
    cache = tmp_path / "cache"
    whole, run = report_of(folder, scorer, cache=cache)
    assert (whole, run) == report_of(folder, scorer)
    assert run["embedded"] > 12
    assert (run["aligned"], run["aligned_before"]) == (6, 0)
    again, rerun = report_of(folder, scorer, cache=cache)
    assert (again, rerun["embedded"], rerun["embedded_before"]) == (whole, 0, run["embedded"] + run["embedded_before"])
    assert (rerun["aligned"], rerun["aligned_before"]) == (0, 6)

    changed = "Nobody had told the miller that the herons would come back in the spring of that year."
    (folder / "badger.txt").write_text((folder / "badger.txt").read_text() + " " + changed)
    report, run = report_of(folder, scorer, cache=cache)
    assert report == report_of(folder, scorer)[0]
    assert 1 <= run["embedded"] <= 6  # the sentence, and passages that it made longer
    (folder / "kingfisher.txt").unlink()
    report, run = report_of(folder, scorer, cache=cache)
    assert report == report_of(folder, scorer)[0]
    assert run["embedded"] <= 4
    (folder / "new.txt").write_text(shared + "The heron is a bird that stands in the water for hours without moving.")
    report, run = report_of(folder, scorer, cache=cache)
    assert report == report_of(folder, scorer)[0]
    assert run["embedded"] >= 1
    assert "new.txt" in {pair["right"] for pair in report["pairs"]}


def test_a_damaged_cache_is_left_aside_with_a_line(folder, scorer, tmp_path):
    cache = tmp_path / "cache"
    report, run = report_of(folder, scorer, cache=cache)
    for file in cache.rglob("*.sqlite"):
        file.write_bytes(b"not a database " * 100)
    with pytest.warns(UserWarning, match="is damaged .* and left aside"):
        assert report_of(folder, scorer, cache=cache) == (report, run)
    for file in cache.rglob("*.sqlite*"):
        file.write_bytes(b"")
    assert report_of(folder, scorer, cache=cache) == (report, run)
    shutil.rmtree(cache)
    cache.write_text("a file")
    with pytest.raises(BadOutput, match="cannot be used"):
        report_of(folder, scorer, cache=cache)


def test_every_stage_says_how_far_it_is_until_it_ends(folder, scorer):
    told = []
    check_folder(folder, model=scorer, stage=told.append, progress=lambda *done: told.append(done))
    stages = ["reading files", "finding sentences", "embedding sentences", "comparing words", "comparing pairs"]
    assert [what for what in told if isinstance(what, str)] == [*stages, "embedding passages"]
    ends = {before for before, what in zip(told, [*told[1:], "end"], strict=True) if isinstance(what, str)}
    assert {done for done, total in ends - {"comparing words"}} == {total for done, total in ends - {"comparing words"}}
    assert (6, 6) in ends


def test_documents_of_one_author_are_not_compared(documents, scorer, tmp_path):
    table = tmp_path / "authors.csv"
    table.write_text("File,Author\na.txt,Ann\nb.md,Ann\n")
    assert check_folder(documents, authors=table, words_only=True).pairs == ()
    table.write_text("a.txt,Ann\nb.md,Ben\n")
    assert len(check_folder(documents, authors=table, words_only=True).pairs) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"authors": "a.txt,Ann\nz.txt,Ben\n"}, r"1 files that are not in the folder \(z.txt\)"),
        ({"authors": "a.txt\n"}, "give a file and its author"),
        ({"count": ["quotes"]}, "quotation, references"),
        ({"candidates_model": "static"}, "words alone"),
    ],
)
def test_what_cannot_be_asked_is_refused(documents, tmp_path, options, said):
    if "authors" in options:
        table = tmp_path / "authors.csv"
        table.write_text(options["authors"])
        options = {"authors": table}
    with pytest.raises((BadData, UsageError), match=said):
        check_folder(documents, words_only=True, **options)
