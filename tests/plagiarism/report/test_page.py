"""The page that a teacher opens in a browser."""

from __future__ import annotations

import dataclasses
import re

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.plagiarism.findings import Evidence, Findings, Match, PairFinding
from siamese_text.plagiarism.report import page as pages
from siamese_text.plagiarism.report.page import report_html
from siamese_text.plagiarism.report.rows import findings_as_dict, summary
from siamese_text.records import Document, Passage
from tests.plagiarism.report.kites import ANNA, BORIS, CLARA, KITES, QUOTATION, findings_of, match


def page_of(findings: Findings) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(report_html(findings))


def sides_of(page: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    return page.find_class("text")


def text_of(side: lxml.html.HtmlElement) -> str:
    """The text of a document as the page shows it, without the numbers of the matches."""
    return "".join(side.xpath(".//text()[not(parent::a)]"))


def test_the_page_begins_with_one_sentence_and_a_caution():
    page = page_of(KITES)
    sentence = "3 of 5 documents checked; 1 pair needs a look; 2 files could not be checked."
    assert summary(KITES) == sentence
    assert " ".join(page.find(".//h1").text_content().split()) == sentence
    assert "Similarity is not proof: read the passages before you judge." in page.find(".//header").text_content()


def test_files_that_were_not_checked_come_first_with_what_to_do():
    page = page_of(KITES)
    assert page.findall(".//main/section")[0].get("id") == "skipped"
    cells = [[cell.text_content() for cell in row] for row in page.get_element_by_id("skipped").findall(".//tbody/tr")]
    assert cells == [
        ["scan.pdf", "3 pages and no text layer", "run OCR first"],
        ["empty.txt", "no text at all", "read it yourself"],
    ]


def test_the_page_needs_no_network():
    html = report_html(KITES)
    page = lxml.html.document_fromstring(html)
    references = page.xpath("//@href | //@src | //@srcset | //@action | //@data | //@poster")
    assert references
    assert all(reference.startswith("#") for reference in references)
    assert page.xpath("//link | //script[@src] | //img | //iframe | //object | //base") == []
    assert re.search(r"https?:|//\w|url\(|@import|fetch\(|XMLHttp|import\(", html) is None


def test_every_link_leads_to_a_place_on_the_page():
    page = page_of(KITES)
    assert {link[1:] for link in page.xpath("//a/@href")} <= set(page.xpath("//@id"))


def test_markup_in_names_and_texts_stays_text():
    script = "<script>alert('&amp;')</script> </div> {{ 7 * 7 }} <!-- the kite rose above the barn at dawn"
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
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//img | //s | //u | //b[text() = 'bold'] | //@onclick | //@onerror") == []
    assert [text_of(side) for side in sides_of(page)] == [one.text, two.text]
    assert one.name in page.find(".//main").text_content()


def test_both_sides_and_the_strip_carry_the_number_of_a_match():
    page = page_of(KITES)
    for side in sides_of(page):
        assert sorted(side.xpath("./a/text()")) == ["1", "2"]
        assert {mark.get("data-match") for mark in side.findall("mark")} == {"1", "2"}
    left, right = sides_of(page)
    for number in ("1", "2"):
        here, there = left.xpath(f"./a[text() = {number}]")[0], right.xpath(f"./a[text() = {number}]")[0]
        assert (here.get("href"), there.get("href")) == (f"#{there.get('id')}", f"#{here.get('id')}")
        assert here.get("class") == there.get("class")
    assert [" ".join(chip.text_content().split()) for chip in page.find_class("chip")] == [
        "1 13 words · edited · 0.91",
        "2 11 words · paraphrase · 0.91",
    ]


def test_both_texts_are_shown_in_full():
    assert [text_of(side) for side in sides_of(page_of(KITES))] == [ANNA.text, BORIS.text]


def test_words_that_both_sides_share_are_tinted_and_changed_words_are_not():
    left, right = sides_of(page_of(KITES))
    tinted = [
        [mark.text for mark in side.xpath("./mark[@data-match = '1'][contains(@class, 'shared')]")]
        for side in (left, right)
    ]
    assert tinted == [["The kite rose above the old", "and it stayed there until"]] * 2
    plain = left.xpath("./mark[@data-match = '1'][not(contains(@class, 'shared'))]/text()")
    assert plain == [" barn, ", " dusk."]


def test_overlapping_matches_keep_both_numbers_and_the_text_whole():
    text = "one two three four five six seven"
    left, right = Document("left.txt", text), Document("right.txt", f"zero {text}")
    overlapping = findings_of(
        left,
        right,
        match(left, "one two three four", right, "one two three four", Evidence.IDENTICAL),
        match(left, "three four five six", right, "three four five six", Evidence.IDENTICAL),
    )
    for side in sides_of(page_of(overlapping)):
        assert [(part.tag, part.get("data-match"), part.text) for part in side] == [
            ("a", "1", "1"),
            ("mark", "1", "one two "),
            ("a", "2", "2"),
            ("mark", "1 2", "three four"),
            ("mark", "2", " five six"),
        ]
        assert text_of(side).endswith(text)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_set_of_matches_leaves_the_texts_as_they_are(data):
    alphabet = st.sampled_from("ab <>&\"'\n\té漢\u05d0😀")
    documents = [
        Document(f"{name}.txt", data.draw(st.text(alphabet, min_size=1, max_size=40))) for name in ("left", "right")
    ]

    def passage(document: Document) -> Passage:
        start = data.draw(st.integers(0, len(document.text) - 1))
        end = data.draw(st.integers(start + 1, len(document.text)))
        return Passage(document.name, start, end, document.text[start:end])

    matches = [
        Match(passage(documents[0]), passage(documents[1]), data.draw(st.sampled_from(Evidence)), 0.5, 0.8)
        for _ in range(data.draw(st.integers(0, 4)))
    ]
    page = page_of(findings_of(*documents, *matches, quotations=tuple(matches[:1])))
    for side, document in zip(sides_of(page), documents, strict=True):
        assert text_of(side) == document.text
        assert sorted(side.xpath("./a/text()")) == [str(number + 1) for number in range(len(matches))]


def test_quotations_are_listed_and_dotted_but_carry_no_number():
    page = page_of(KITES)
    assert [quote.text for quote in page.findall(".//blockquote")] == [QUOTATION.left.text]
    for side in sides_of(page):
        (quoted,) = side.find_class("quoted")
        assert quoted.text == QUOTATION.left.text
        assert "not counted" in quoted.get("title")


def test_only_the_most_severe_pair_is_open():
    second = PairFinding(ANNA.name, CLARA.name, (), 0.1, 0.1)
    page = page_of(dataclasses.replace(KITES, pairs=(*KITES.pairs, second)))
    assert [pair.get("open") is not None for pair in page.find_class("pair")] == [True, False]


def test_small_shares_are_not_rounded_to_nothing():
    assert "<1%" in page_of(KITES).get_element_by_id("pairs").text_content()


def test_what_the_page_leaves_out_it_names(monkeypatch):
    monkeypatch.setattr(pages, "SIDE_BY_SIDE", 10)
    monkeypatch.setattr(pages, "TABLE_ROWS", 1)
    second = PairFinding(ANNA.name, CLARA.name, (), 0.1, 0.1)
    many = dataclasses.replace(KITES, pairs=(*KITES.pairs, second))
    page = page_of(many)
    assert len(page.find_class("pair")) == 1
    notes = [" ".join(note.text_content().split()) for note in page.find_class("note")]
    assert any("first 1 of 2 pairs are shown" in note and "passages.csv" in note for note in notes)
    assert [
        re.search(r"first 1 of (\d);.* in (\w+\.csv)", note).groups() for note in notes if "first 1 of 2;" in note
    ] == [
        ("2", "skipped.csv"),
        ("2", "documents.csv"),
        ("2", "pairs.csv"),
    ]
    assert len(findings_as_dict(many)["pairs"]) == 2


def test_named_sources_stand_with_their_documents():
    assert 'id="sources"' not in report_html(KITES)
    documents = KITES.documents[:1]  # so that the other side of the pair is a named source
    page = report_html(dataclasses.replace(KITES, documents=documents))
    section = page[page.index('id="sources"') : page.index('id="pairs"')]
    assert "class b/boris.md" in section
    assert "anna.txt</bdi> 50%" in section
