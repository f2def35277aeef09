"""The report: one folder that a teacher opens in a browser, a colleague in a spreadsheet and a program as JSON."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from pathlib import Path

import lxml.html
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadOutput
from siamese_text.plagiarism.findings import DocumentFinding, Evidence, Findings, Match, PairFinding
from siamese_text.plagiarism.report import files
from siamese_text.plagiarism.report.files import findings_as_dict, report_html, summary, write_report
from siamese_text.records import Document, Passage

ANNA = Document(
    "anna.txt",
    "A note on kites.\n\nThe kite rose above the old barn, and it stayed there until dusk. My uncle held the string.\n"
    "“Wind is only weather in a hurry,” he said. A kite needs a tail so that it does not spin.\n",
)
BORIS = Document(
    "class b/boris.md",
    "# Wind\n\nWithout a tail it would turn round and round. The kite rose above the old shed, and it stayed there "
    "until dark.\nAs they say: “Wind is only weather in a hurry,” and that is all.\n",
)
CLARA = Document("clara.txt", "Clara wrote about ships and about nothing else.\n")
SKIPPED = (
    Document("scan.pdf", format="pdf", problem="3 pages and no text layer; run OCR first"),
    Document("empty.txt", problem="no text at all"),
)


def match(
    left: Document,
    left_text: str,
    right: Document,
    right_text: str,
    evidence: Evidence = Evidence.EDITED,
    *,
    quotation: bool = False,
) -> Match:
    passages = []
    for document, text in ((left, left_text), (right, right_text)):
        start = document.text.index(text)
        passages.append(Passage(document.name, start, start + len(text), text))
    return Match(*passages, evidence, 0.75, np.float32(0.91), 0.88, quotation)


EDITED = match(
    ANNA,
    "The kite rose above the old barn, and it stayed there until dusk.",
    BORIS,
    "The kite rose above the old shed, and it stayed there until dark.",
)
PARAPHRASE = match(
    ANNA,
    "A kite needs a tail so that it does not spin.",
    BORIS,
    "Without a tail it would turn round and round.",
    Evidence.PARAPHRASE,
)
QUOTATION = match(
    ANNA,
    "“Wind is only weather in a hurry,”",
    BORIS,
    "“Wind is only weather in a hurry,”",
    Evidence.IDENTICAL,
    quotation=True,
)


def findings_of(
    left: Document, right: Document, *matches: Match, quotations: tuple[Match, ...] = (), **changes: object
) -> Findings:
    """Two documents that share some matches, and a third one that shares nothing."""
    documents = (
        DocumentFinding(left.name, 40, 0.5, {Evidence.EDITED: 0.3, Evidence.PARAPHRASE: 0.2}, 12, right.name),
        DocumentFinding(right.name, 41, 0.004, {Evidence.EDITED: 0.004}, 12, left.name),
        DocumentFinding(CLARA.name, 8, 0.0, {}, 0, None),
    )
    texts = {document.name: document for document in (left, right, CLARA)}
    pair = PairFinding(left.name, right.name, matches, 0.5, 0.004)
    options = {"model": "tiny", "threshold": 0.5, "exclude": (), "folder": Path("essays")}
    return dataclasses.replace(Findings(documents, (pair,), quotations, SKIPPED, texts, options), **changes)


KITES = findings_of(ANNA, BORIS, PARAPHRASE, EDITED, quotations=(QUOTATION,))
NOTHING = Findings((), (), (), (), {})


def page_of(findings: Findings) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(report_html(findings))


def sides_of(page: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    return page.find_class("text")


def text_of(side: lxml.html.HtmlElement) -> str:
    """The text of a document as the page shows it, without the numbers of the matches."""
    return "".join(side.xpath(".//text()[not(parent::a)]"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


# What the files hold


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


def test_the_json_holds_the_numbers_of_the_check():
    stored = findings_as_dict(KITES)
    assert stored["format"] == 1
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
        *("report.html", "report.json", "documents.csv", "pairs.csv", "passages.csv", "skipped.csv")
    }
    assert rows_of(page.parent / "passages.csv") == []
    assert "no pair needs a look" in page.read_text(encoding="utf-8")


def test_a_spreadsheet_runs_no_formula_from_a_name(tmp_path):
    hostile = Document("=HYPERLINK(0)", ANNA.text)
    copy = match(hostile, EDITED.left.text, BORIS, EDITED.right.text)
    write_report(findings_of(hostile, BORIS, copy), tmp_path / "out")
    assert rows_of(tmp_path / "out" / "pairs.csv")[0]["left"] == "'=HYPERLINK(0)"
    assert findings_as_dict(findings_of(hostile, BORIS, copy))["pairs"][0]["left"] == "=HYPERLINK(0)"


def test_a_name_that_is_not_utf8_is_kept_in_the_json_and_spelled_out_in_the_page(tmp_path):
    odd = Document("caf\udce9\u202e.txt", ANNA.text)
    page = write_report(
        findings_of(odd, BORIS, match(odd, EDITED.left.text, BORIS, EDITED.right.text)), tmp_path / "out"
    )
    stored = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert stored["documents"][0]["name"] == odd.name
    assert r"caf\udce9\u202e.txt" in page.read_text(encoding="utf-8")


# How the folder is written


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


# What the page shows


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


def test_only_the_gravest_pair_is_open():
    second = PairFinding(ANNA.name, CLARA.name, (), 0.1, 0.1)
    page = page_of(dataclasses.replace(KITES, pairs=(*KITES.pairs, second)))
    assert [pair.get("open") is not None for pair in page.find_class("pair")] == [True, False]


def test_small_shares_are_not_rounded_to_nothing():
    assert "<1%" in page_of(KITES).get_element_by_id("pairs").text_content()


def test_what_the_page_leaves_out_it_names(monkeypatch):
    monkeypatch.setattr(files, "_SIDE_BY_SIDE", 10)
    monkeypatch.setattr(files, "_TABLE_ROWS", 1)
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
