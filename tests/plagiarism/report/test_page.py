"""The page that a teacher opens in a browser, as it is written; test_browser.py opens it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re

import lxml.html

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import CitationFault, CitationFinding, Evidence, Findings, PairFinding, Review
from siamese_text.plagiarism.report import page as pages
from siamese_text.plagiarism.report.page import report_page
from siamese_text.plagiarism.report.rows import summary
from siamese_text.plagiarism.report.words import OPTIONS
from siamese_text.records import Document, Note, Place, Span
from siamese_text.text import FileFacts
from tests.plagiarism.report.kites import ANNA, CLARA, KITES, PARAPHRASE, QUOTATION, findings_of, match


def page_of(findings: Findings) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(report_page(findings)[0])


def rows_of(page: lxml.html.HtmlElement, section: str) -> list[list[str]]:
    rows = page.get_element_by_id(section).findall(".//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_the_page_begins_with_one_sentence_and_says_once_that_similarity_is_no_proof():
    page = page_of(KITES)
    sentence = "3 of 5 documents checked; 2 need a look, in 1 group; 2 files could not be checked."
    assert summary(KITES) == sentence
    assert " ".join(page.find(".//h1").text_content().split()) == sentence
    said = page.find_class("caution")
    assert [one.text_content() for one in said] == ["Similarity is not proof: read the passages before you conclude."]
    assert not re.search("plagiar|cheat|guilt|stole", page.body.find(".//main").text_content().lower())


def test_files_that_were_not_checked_come_first_with_what_to_do():
    page = page_of(KITES)
    assert page.findall(".//main/section")[0].get("id") == "skipped"
    assert rows_of(page, "skipped") == [
        ["scan.pdf", "3 pages and no text layer", "run OCR first"],
        ["empty.txt", "no text at all", "read it yourself"],
    ]


def test_the_page_needs_no_network():
    html, parts = report_page(KITES)
    page = lxml.html.document_fromstring(html)
    references = page.xpath("//@href | //@src | //@srcset | //@action | //@poster")
    assert references
    assert all(reference.startswith("#") for reference in references)
    assert page.xpath("//link | //script[@src] | //img | //iframe | //object | //base | //@style") == []
    drawn = html.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|import\(|innerHTML|eval\(", drawn) is None
    assert parts == []


def test_the_policy_lets_the_page_run_its_own_script_and_style_and_nothing_else():
    page = page_of(KITES)
    policy = page.xpath("//meta[@http-equiv = 'Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")
    assert not re.search("unsafe|self|file:", policy)
    for source in (page.find(".//style").text, page.xpath("//script[not(@type)]/text()")[0]):
        assert base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() in policy


def test_every_link_leads_to_a_place_on_the_page():
    page = page_of(KITES)
    assert {link[1:] for link in page.xpath("//a/@href")} <= set(page.xpath("//@id"))


def test_markup_in_names_and_texts_stays_text():
    script = "<script>alert('&amp;')</script> </div> {{ 7 * 7 }} <!-- the kite rose above the barn \u2028 at dawn"
    one = Document('"><script>alert(1)</script>" onclick="x', script)
    two = Document("<img src=x onerror=alert(2)>", f"Also: {script} -->")
    hostile = findings_of(
        one,
        two,
        match(one, script, two, script, Evidence.IDENTICAL),
        skipped=(Document("<b>bold</b>", problem="<i>slanted</i>; <u>underline</u>"),),
        options={"<s>key</s>": "</dd><script>"},
    )
    page = page_of(hostile)
    assert len(page.xpath("//script")) == 2
    assert page.xpath("//img | //s | //u | //b[text() = 'bold'] | //@onclick | //@onerror") == []
    data = json.loads(page.get_element_by_id("report-data").text)
    assert data["texts"] == [one.text, two.text]
    assert data["documents"][0]["name"] == one.name


def test_without_its_script_the_page_still_lists_the_documents():
    (table,) = page_of(KITES).xpath("//noscript//table")
    rows = [[cell.text_content() for cell in row] for row in table.findall(".//tbody/tr")]
    assert [row[:2] for row in rows] == [["anna.txt", "50%"], ["class b/boris.md", "<1%"]]
    assert rows[0][2:] == ["12 words", "class b/boris.md"]


def test_what_does_not_count_stands_with_its_reason():
    review = Review(PARAPHRASE.fingerprint, "dismissed", "the task")
    dismissed = dataclasses.replace(PARAPHRASE, review=review)
    common = dataclasses.replace(QUOTATION, shared_by=22)
    page = page_of(dataclasses.replace(KITES, dismissed=(dismissed,), quotations=(QUOTATION, common)))
    assert [(row[0], row[2]) for row in rows_of(page, "not-counted")] == [
        (PARAPHRASE.left.text, "dismissed: the task"),
        (QUOTATION.left.text, "from one named source"),
        (QUOTATION.left.text, "in 22 documents"),
    ]


def test_citations_without_a_partner_stand_in_a_section_of_their_own():
    faults = [
        CitationFinding(ANNA.name, CitationFault.UNLISTED, Span(2, 15)),
        CitationFinding(ANNA.name, CitationFault.UNCITED, Span(10, 20)),
    ]
    findings = dataclasses.replace(KITES, citations=tuple(faults))
    assert rows_of(page_of(findings), "citations") == [
        ["anna.txt", "cited, without an entry in the list of references", "note on kites", "paragraph 1"],
        ["anna.txt", "in the list of references, cited nowhere", "kites. Th", "paragraph 1"],
    ]
    assert "note on kites" not in report_page(findings, with_text=False)[0]
    assert 'id="citations"' not in report_page(KITES)[0]


def test_what_the_page_leaves_out_it_names(monkeypatch):
    monkeypatch.setattr(pages, "TABLE_ROWS", 1)
    monkeypatch.setattr("siamese_text.plagiarism.report.contents.MOST_PAIRS", 1)
    second = PairFinding(ANNA.name, CLARA.name, (), 0.1, 0.1)
    page = page_of(dataclasses.replace(KITES, pairs=(*KITES.pairs, second), quotations=(QUOTATION, QUOTATION)))
    notes = [" ".join(note.text_content().split()) for note in page.find_class("note")]
    assert [re.search(r"first 1 of (\d);.* in (\w+\.csv)", note).groups() for note in notes if "first 1" in note] == [
        ("2", "skipped.csv"),
        ("2", "passages.csv"),
    ]
    assert any("1 further pair: see pairs.csv" in note for note in notes)


def test_named_sources_stand_with_their_documents():
    assert 'id="sources"' not in report_page(KITES)[0]
    page = page_of(dataclasses.replace(KITES, documents=KITES.documents[:1]))  # the other side is a named source
    assert rows_of(page, "sources") == [["class b/boris.md", "anna.txt 50%"]]


def test_what_the_texts_do_not_show_stands_with_its_place():
    note = Note("hidden", "3 words in white", text="as of late", spans=(Span(20, 25),))
    paged = dataclasses.replace(ANNA, places=(Place(0, "page 1"),), notes=(note,))
    noted = dataclasses.replace(KITES, texts={**KITES.texts, ANNA.name: paged})
    ((document, kind, seen, place),) = rows_of(page_of(noted), "notes")
    assert (document, kind, place) == ("anna.txt", "hidden words", "page 1")
    assert seen.replace("white", "white ").split() == ["3", "words", "in", "white", "as", "of", "late"]
    assert "as of late" not in report_page(noted, with_text=False)[0]


def test_when_and_where_it_was_made_stands_with_the_hash_of_each_file():
    run = {"started": "2026-01-31T12:00:00+00:00", "seconds": 3.5, "folder": "essays/<1b>", "against": None}
    files = {ANNA.name: FileFacts("ab" * 32, "2026-01-30T09:00:00+00:00")}
    page = page_of(dataclasses.replace(KITES, run=run, files=files))
    said = page.get_element_by_id("method").text_content()
    assert "2026-01-31T12:00:00+00:00, for 3.5 seconds" in said
    assert "essays/<1b>" in said
    assert rows_of(page, "method") == [["anna.txt", "2026-01-30T09:00:00+00:00", "ab" * 32]]


def test_every_threshold_stands_in_words():
    page = page_of(dataclasses.replace(KITES, options={"seed_excess": 0.3, "model": "tiny", "of_mine": (1, 2)}))
    said = page.get_element_by_id("method").text_content()
    assert "seed excess" not in said
    assert "beyond that of their topic" in said
    documents = [Document(name, f"{name} went to the river and saw nobody there. " * 5) for name in "ab"]
    assert check_documents(documents, None).options.keys() <= OPTIONS.keys()
    assert "of mine" in said
