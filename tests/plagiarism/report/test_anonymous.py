"""Findings under numbers instead of names."""

import dataclasses
import json

from siamese_text.plagiarism.findings import CitationFault, CitationFinding, Reason, Review
from siamese_text.plagiarism.report.anonymous import anonymized
from siamese_text.plagiarism.report.files import write_report
from siamese_text.plagiarism.report.rows import findings_as_dict
from siamese_text.records import Note, Place, Span
from siamese_text.text import FileFacts
from tests.plagiarism.report.kites import ANNA, EDITED, KITES

NAMES = ("anna", "boris", "clara", "scan", "empty.txt", "essays")


def test_no_name_is_left_in_any_file_and_all_figures_stay(tmp_path):
    review = Review(EDITED.fingerprint, "confirmed", "", "anna.txt", "class b/boris.md")
    named = dataclasses.replace(
        KITES,
        options={"model": "/home/anna/models/tiny"},
        verdicts=(review,),
        excluded={ANNA.name: {Reason.QUOTATION: (Span(0, 3),)}},
        files={ANNA.name: FileFacts("0" * 64, "2026-01-31T12:00:00+00:00")},
        run={"folder": "essays", "modified": {"anna.txt": "2026"}, "embedded": 3},
        citations=(CitationFinding(ANNA.name, CitationFault.UNLISTED, Span(2, 15)),),
    )
    write_report(named, tmp_path / "out", anonymous=True, with_text=False)
    for file in (tmp_path / "out").iterdir():
        said = file.read_text(encoding="utf-8").lower()
        assert [name for name in NAMES if name in said] == [], file.name
    stored, hidden = findings_as_dict(named), findings_as_dict(anonymized(named))
    assert hidden["summary"] == stored["summary"]
    assert [row["coverage"] for row in hidden["documents"]] == [row["coverage"] for row in stored["documents"]]
    assert (hidden["run"], hidden["options"]) == ({"embedded": 3}, {"model": "tiny", "anonymous": True})


def test_pages_stay_and_files_of_a_submission_do_not():
    note = Note("disguise", "anna.docx: 14 letters of another script")
    paged = dataclasses.replace(ANNA, places=(Place(0, "page 1"),), notes=(note,))
    filed = dataclasses.replace(ANNA, places=(Place(0, "anna.docx"),), notes=(note,))
    for document, places, message in ((paged, paged.places, note.message), (filed, (), "14 letters of another script")):
        found = anonymized(dataclasses.replace(KITES, texts={**KITES.texts, ANNA.name: document}))
        (shown,) = [one for one in found.texts.values() if one.text == ANNA.text]
        assert (shown.places, shown.notes[0].message) == (places, message)


def test_numbers_follow_the_texts_and_sources_are_called_so():
    names = [row.name for row in anonymized(KITES).documents]
    assert sorted(names) == ["document 1", "document 2", "document 3"]
    assert [row.name for row in anonymized(KITES).documents] == names
    with_source = anonymized(dataclasses.replace(KITES, documents=KITES.documents[:1]))
    assert (with_source.pairs[0].left, set(with_source.texts)) == ("document 1", {"document 1", "source 1", "source 2"})
    assert json.dumps(findings_as_dict(with_source))
