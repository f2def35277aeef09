"""``plagiarism``: a folder to a report."""

import json
import zipfile

import pytest

from siamese_text.encoder.base import TextEncoder

LONG = "The small library near the river opens early in the morning and closes late at night all week. "


def test_plagiarism_writes_the_report(command, good_command, tiny_sentence_model, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    (folder / "a.txt").write_text(LONG + shared + "Nobody saw them leave that day.")
    (folder / "b.md").write_text("# Birds\n\nWe walked for an hour. " + shared + LONG.replace("library", "station"))
    out, err = good_command("plagiarism", folder, "--model", tiny_sentence_model, "-o", "report", "--json")
    findings = json.loads(out)
    (pair,) = findings["pairs"]
    assert {file.name for file in (tmp_path / "report").iterdir()} >= {"report.html", "report.json", "pairs.csv"}
    assert "report.html" in err
    assert findings["chance"]["background"] == "shipped"
    assert findings["chance"]["sentence"] in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    arguments = ["plagiarism", folder, "--model", tiny_sentence_model, "-o", "report", "--overwrite"]
    _, err = good_command(*arguments, "--template", folder / "a.txt", "--cache", tmp_path / "cache")
    assert "texts embedded, " in err
    assert "pairs of documents aligned, 0 in" in err
    assert "Nothing found. From 2 documents it cannot be learned what chance alone gives" in err
    reviewed = {"fingerprint": pair["passages"][0]["fingerprint"], "verdict": "dismissed", "note": "the task"}
    (tmp_path / "verdicts.jsonl").write_text(json.dumps(reviewed))
    out, _ = good_command(*arguments, "--verdicts", tmp_path / "verdicts.jsonl", "--json")
    findings = json.loads(out)
    assert (findings["pairs"], [row["note"] for row in findings["dismissed"]]) == ([], ["the task"])
    assert findings["verdicts"] == [reviewed | {"left": "", "right": ""}]
    _, err = good_command(*arguments, "--verdicts", tmp_path / "verdicts.jsonl")
    assert "1 verdict read, 1 passage dismissed" in err
    code, _, err = command(*arguments, "--innocent", folder)
    assert code == 2
    assert "2 innocent documents could be read; give 20 or more" in err[0]


def test_what_everyone_was_given_and_ones_own_files_do_not_count(command, good_command, tiny_sentence_model, tmp_path):
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    for name, other in (("ann", "library"), ("bob", "station")):
        (tmp_path / "documents" / name).mkdir(parents=True)
        (tmp_path / "documents" / name / "1.txt").write_text(
            f"{LONG.replace('library', other)} {shared} Words of {name}."
        )
    (tmp_path / "sheet.txt").write_text(shared)
    (tmp_path / "phrases.txt").write_text("opens early in the morning and closes late at night all week\nthe small\n")
    arguments = ["plagiarism", tmp_path / "documents", "--model", tiny_sentence_model, "-o", "report", "--overwrite"]
    out, _ = good_command(
        *arguments, "--template", tmp_path / "sheet.txt", "--ignore", tmp_path / "phrases.txt", "--json"
    )
    assert json.loads(out)["pairs"] == []
    out, _ = good_command(*arguments, "--author-level", "1", "--json")
    assert len(json.loads(out)["pairs"]) == 1
    for option, value, said in (
        ("--template", "none.txt", "was not found"),
        ("--author-level", "-1", "level of authors"),
    ):
        code, _, err = command(*arguments, option, value)
        assert code == 2
        assert said in err[0]


def test_a_pipeline_fails_over_a_share_and_the_evidence_is_looked_up_again(
    command, good_command, tiny_sentence_model, tmp_path
):
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    (tmp_path / "essays").mkdir()
    for name, other in (("ann", "library"), ("bob", "station")):
        (tmp_path / "essays" / f"{name}.txt").write_text(LONG.replace("library", other) + shared + f"Words of {name}.")
    arguments = ["plagiarism", "essays", "--model", tiny_sentence_model, "--overwrite"]
    good_command(*arguments, "--fail-over", "1")
    code, _, err = command(*arguments, "--fail-over", "0.1")
    assert code == 1
    assert any("2 documents over 10%" in line for line in err)
    assert "give a share from 0 to 1" in command(*arguments, "--fail-over", "30")[2][0]

    out, err = good_command("plagiarism", "verify", "report/report.json", "--json")
    assert json.loads(out) == {"documents": 2, "passages": 1, "faults": []}
    assert "1 passage in 2 documents looked up; all is as it was" in err
    ann = tmp_path / "essays" / "ann.txt"
    ann.write_text(ann.read_text().replace("herons", "horons"))
    code, out, _ = command("plagiarism", "verify", "report", "--documents", "essays")
    assert code == 1
    assert "its text is not what it was" in out
    assert "its left side does not stand in ann.txt any more" in out

    out, _ = good_command(*arguments, "--no-text", "--anonymize", "--json")
    for said in (out, *(file.read_text() for file in (tmp_path / "report").iterdir())):
        assert "herons" not in said
        assert "bob.txt" not in said


def test_an_archive_in_a_known_encoding_is_checked_and_verified(command, good_command, tmp_path):
    shared = "Sedm volavek stálo v mělké vodě pod starým mlýnem a nehnulo se, dokud nepřestalo pršet a nevyšlo slunce. "
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name, own in {"ann": "Šli jsme hodinu lesem. ", "bob": "Řeka byla dlouho klidná. "}.items():
            archive.writestr(f"class/{name}/essay.txt", (own + shared).encode("cp1250"))
        archive.writestr("class/cy/photo.png", b"x")
    arguments = ["plagiarism", tmp_path / "class.zip", "--words-only", "--json"]
    code, out, err = command(*arguments, "--encoding", "windows-1250", "-o", "known")
    assert code == 3  # the picture
    found = json.loads(out)
    assert {one["name"] for one in found["documents"]} == {"ann/essay.txt", "bob/essay.txt"}
    assert shared.strip(" .") in found["pairs"][0]["passages"][0]["left_text"]
    assert not any("encoding" in line for line in err)
    assert "1250, but for UTF-8" in (tmp_path / "known" / "report.html").read_text(encoding="utf-8")
    good_command("plagiarism", "verify", tmp_path / "known")
    (tmp_path / "sheet.txt").write_bytes(shared.encode("cp1250"))
    _, out, _ = command(*arguments, "--encoding", "cp1250", "--template", tmp_path / "sheet.txt", "-o", "given")
    assert json.loads(out)["pairs"] == []
    _, _, err = command(*arguments, "-o", "guessed")
    assert any("its encoding is not said: read as cp1250" in line for line in err)
    code, _, err = command(*arguments, "--encoding", "latin-99", "-o", "wrong")
    assert code == 2
    assert "'latin-99' is no encoding that Python knows" in err[0]


def test_dates_are_read_from_a_table_and_wrong_ones_named(command, good_command, make_documents, tmp_path):
    arguments = ["plagiarism", make_documents(), "--words-only", "--overwrite", "--json", "--dates", "dates.csv"]
    (tmp_path / "dates.csv").write_text("file,date\n0.txt,2026-05-31 23:59\n1.txt,2026-06-01\n")
    out, _ = good_command(*arguments)
    dates = {row["name"]: row["date"] for row in json.loads(out)["documents"]}
    assert dates == {"0.txt": "2026-05-31T23:59:00", "1.txt": "2026-06-01T00:00:00", "2.txt": None}
    for table, said in (
        ("0.txt,31.5.2026", "dates.csv dates 0.txt '31.5.2026'; write it as 2026-05-31 or 2026-05-31 23:59"),
        ("0.txt", "give a file and its date in each: file,date"),
        ("9.txt,2026-05-31", "names 1 files that are not in the folder (9.txt)"),
    ):
        (tmp_path / "dates.csv").write_text(table)
        code, _, err = command(*arguments)
        assert code == 2
        assert said in err[-1]


def test_links_are_followed_where_asked(command, good_command, tmp_path):
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    (tmp_path / "class").mkdir()
    (tmp_path / "elsewhere.txt").write_text(shared + LONG)
    (tmp_path / "class" / "a.txt").write_text(shared + "Nobody saw them leave that day, and nobody asked.")
    (tmp_path / "class" / "b.txt").symlink_to(tmp_path / "elsewhere.txt")
    code, _, err = command("plagiarism", tmp_path / "class", "--words-only", "-o", "told")
    assert code == 4
    assert any("b.txt: a symbolic link is not followed; give --follow, or" in line for line in err)
    out, _ = good_command("plagiarism", tmp_path / "class", "--words-only", "-o", "read", "--follow", "--json")
    assert len(json.loads(out)["pairs"]) == 1
    good_command("plagiarism", "verify", tmp_path / "read")


def test_a_corpus_of_the_competition_is_measured(command, good_command, tiny_sentence_model, tmp_path, monkeypatch):
    corpus = tmp_path / "corpus"
    for folder in ("susp", "src", "02-no-obfuscation"):
        (corpus / folder).mkdir(parents=True)
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    (corpus / "susp" / "a.txt").write_text(LONG + shared + "Nobody saw them leave that day.")
    (corpus / "src" / "x.txt").write_text("We walked for an hour. " + shared + "Then the road ended in a wet field.")
    (corpus / "pairs").write_text("a.txt x.txt\n")
    (corpus / "02-no-obfuscation" / "pairs").write_text("a.txt x.txt\n")
    (corpus / "02-no-obfuscation" / "a-x.xml").write_text(
        f'<document reference="a.txt"><feature name="plagiarism" this_offset="{len(LONG)}" this_length="{len(shared)}" '
        f'source_reference="x.txt" source_offset="23" source_length="{len(shared)}" /></document>'
    )
    arguments = ["plagiarism", "--pan", corpus, "--model", tiny_sentence_model, "-o", "found", "--cache", "kept"]
    out, err = good_command(*arguments, "--json")
    kind, everything = json.loads(out)
    assert (kind["kind"], everything["kind"], everything["cases"]) == ("02-no-obfuscation", "all", 1)
    assert everything["macro"]["plagdet"] > 0.9
    assert everything["found_pairs"] == {"precision": 1, "recall": 1, "f1": 1}
    assert "detected-plagiarism" in (tmp_path / "found" / "a-x.xml").read_text(encoding="utf-8")
    assert "comparing pairs" in err
    monkeypatch.setattr(TextEncoder, "encode", lambda *_, **__: pytest.fail("it is in the cache"))
    out, _ = good_command(*arguments, "--overwrite")
    assert "granularity" in out
    code, _, err = command("plagiarism")
    assert code == 2
    assert "give one folder of documents, or --pan DIR" in err[0]
