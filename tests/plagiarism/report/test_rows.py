"""Findings as plain values."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from siamese_text.plagiarism.findings import (
    Background,
    ChanceFindings,
    CitationFault,
    CitationFinding,
    PairFinding,
    Review,
)
from siamese_text.plagiarism.report import rows
from siamese_text.plagiarism.report.rows import chance_sentence, findings_as_dict, source_groups, summary
from siamese_text.records import Span
from siamese_text.text import FileFacts
from tests.plagiarism.report.kites import ANNA, BORIS, KITES, NOTHING, PARAPHRASE, SKIPPED

SCHEMA = json.loads(Path(rows.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))


def test_the_json_holds_the_numbers_of_the_check():
    stored = findings_as_dict(KITES)
    assert stored["format"] == 2
    assert stored["options"] == {"model": "tiny", "threshold": 0.5, "exclude": [], "folder": "essays"}
    assert [document["name"] for document in stored["documents"]] == ["anna.txt", "class b/boris.md", "clara.txt"]
    assert stored["documents"][0]["paraphrase"] == 0.2
    assert stored["documents"][0]["identical"] == 0.0
    assert (stored["pairs"][0]["edited"], stored["pairs"][0]["identical"]) == (1, 0)
    assert stored["pairs"][0]["passages"][0]["similarity"] == 0.91
    assert [file["problem"] for file in stored["skipped"]] == [file.problem for file in SKIPPED]


def test_matches_are_numbered_in_the_order_of_the_left_text():
    passages = findings_as_dict(KITES)["pairs"][0]["passages"]
    assert [(passage["number"], passage["evidence"]) for passage in passages] == [(1, "edited"), (2, "paraphrase")]


def test_one_sentence_says_what_was_checked_and_what_was_not():
    assert summary(KITES) == "3 of 5 documents checked; 2 need a look, in 1 group; 2 files could not be checked."
    assert summary(NOTHING) == "0 of 0 documents checked; none needs a look."


@pytest.mark.parametrize(
    ("by_chance", "said"),
    [(1.2, "2 passages; about 1 of them by chance."), (0.3, "2 passages; fewer than one of them by chance.")],
)
def test_one_sentence_says_how_many_passages_are_chance(by_chance, said):
    chance = ChanceFindings(0.05, Background.FOLDER, 30, by_chance)
    assert chance_sentence(replace(KITES, chance=chance)) == said
    assert chance_sentence(replace(NOTHING, chance=chance)) == "Nothing found."
    stored = findings_as_dict(replace(KITES, chance=chance))["chance"]
    assert (stored["sentence"], stored["by_chance"], stored["background"]) == (said, by_chance, "folder")


def test_a_small_folder_states_no_error():
    shipped = replace(KITES, chance=ChanceFindings(0.05, Background.SHIPPED, 3))
    assert chance_sentence(shipped).startswith(
        "2 passages. From 3 documents it cannot be learned what chance alone gives"
    )
    assert findings_as_dict(shipped)["chance"]["by_chance"] is None
    assert findings_as_dict(KITES)["chance"] is None


def test_the_documents_of_a_named_source_are_one_group():
    pairs = [
        PairFinding("anna.txt", "class b/boris.md", (), 0.9, 0.9),
        PairFinding("anna.txt", "source.txt", (), 0.2, 0.1),
        PairFinding("clara.txt", "other.txt", (), 0.6, 0.3),
        PairFinding("clara.txt", "source.txt", (), 0.4, 0.2),
    ]
    findings = replace(KITES, pairs=tuple(pairs))
    groups = [(source, [pair.left for pair in shared]) for source, shared in source_groups(findings)]
    assert groups == [("source.txt", ["clara.txt", "anna.txt"]), ("other.txt", ["clara.txt"])]
    assert source_groups(KITES) == []
    assert findings_as_dict(replace(KITES, pairs=()))["sources"] == []
    stored = findings_as_dict(findings)["sources"][0]["documents"]
    assert stored == [{"name": "clara.txt", "coverage": 0.4}, {"name": "anna.txt", "coverage": 0.2}]


def test_what_is_written_is_what_the_published_schema_says():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    review = Review(PARAPHRASE.fingerprint, "dismissed", "the task")
    dismissed = replace(PARAPHRASE, review=review, p_value=0.001)
    full = replace(
        KITES,
        documents=KITES.documents[:1],
        dismissed=(dismissed,),
        citations=(CitationFinding(ANNA.name, CitationFault.UNCITED, Span(0, 6)),),
        verdicts=(review,),
        files={ANNA.name: FileFacts("0" * 64, "2026-01-31T12:00:00+00:00")},
        chance=ChanceFindings(0.05, Background.FOLDER, 30, 0.4),
    )
    for findings in (KITES, NOTHING, full):
        for with_text in (True, False):
            jsonschema.validate(findings_as_dict(findings, with_text=with_text), SCHEMA)
    assert findings_as_dict(KITES)["format"] == SCHEMA["properties"]["format"]["const"]
    broken = findings_as_dict(KITES)
    broken["pairs"][0]["passages"][0]["evidence"] = "guilty"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_a_citation_is_told_with_its_place_and_its_words_where_they_may_be_told():
    finding = CitationFinding(ANNA.name, CitationFault.UNLISTED, Span(2, 15))
    (row,) = findings_as_dict(replace(KITES, citations=(finding,)))["citations"]
    assert row == {
        "document": "anna.txt",
        "fault": "no entry",
        "place": "paragraph 1",
        "start": 2,
        "end": 15,
        "text": "note on kites",
    }
    assert findings_as_dict(replace(KITES, citations=(finding,)), with_text=False)["citations"] == [
        row | {"text": None}
    ]


def test_texts_are_named_by_their_hashes_and_left_out_where_they_are_not_to_be_told():
    files = {ANNA.name: FileFacts("f" * 64, "2026-01-31T12:00:00+00:00")}
    stored = findings_as_dict(replace(KITES, documents=KITES.documents[:1], files=files), with_text=False)
    (anna,), (boris, _) = stored["documents"], stored["references"]
    assert (anna["sha256"], anna["file_sha256"]) == (hashlib.sha256(ANNA.text.encode()).hexdigest(), "f" * 64)
    assert (boris["name"], boris["characters"], boris["file_sha256"]) == (BORIS.name, len(BORIS.text), None)
    assert "kite" not in json.dumps(stored)
