"""The page in a browser: what a mouse, a keyboard and a printer do with it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.report.files import write_report
from siamese_text.plagiarism.verdicts import read_verdicts
from siamese_text.records import Document
from siamese_text.text import FileFacts
from tests.browsing import playwright_or_skip, started_chromium, watched
from tests.plagiarism.conftest import BagOfWords

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("AXE_CORE", "build/npm/node_modules/axe-core/axe.min.js"))
QUOTED = "“A lighthouse keeps no secrets from the sea, and the sea keeps none from the lighthouse,”"
COPIED = (
    "Every lamp in the harbour was put out because the pilots steered by the moon that night. Nobody on the quay "
    "spoke until the last of the seven barges had passed the broken mole. 😀 Only then did the harbour master write."
)
EDITED = COPIED.replace("pilots", "captains").replace("barges", "boats").replace("spoke", "said a word")
HOSTILE = "<script>document.title = 'hacked'</script> <img src=x onerror=alert(1)>"


def essay(number: int, *parts: str) -> str:
    """Parts among words that no other essay has."""
    own = [
        " ".join(f"{word}{number}x{line}" for word in "the river took a long way through old towns".split()) + "."
        for line in range(8)
    ]
    return "\n\n".join([*own[:4], *parts, *own[4:]])


def documents() -> list[Document]:
    """Four that share a passage, two that share an edited one, a quotation in two, and one of its own."""
    return [
        Document("anna <b>.txt", essay(1, HOSTILE, COPIED, QUOTED)),
        *(Document(f"copy {number}.txt", essay(number, COPIED)) for number in (2, 3)),
        Document("class b/dora.txt", essay(4, EDITED)),
        Document("quoting.txt", essay(5, QUOTED)),
        Document("alone.txt", essay(6)),
        Document("scan.pdf", problem="3 pages and no text layer; run OCR first"),
    ]


@pytest.fixture(scope="module")
def findings():
    return check_documents(documents(), BagOfWords())


@pytest.fixture(scope="module")
def report(findings, tmp_path_factory):
    return write_report(findings, tmp_path_factory.mktemp("browser") / "report")


@pytest.fixture
def expect():
    """Playwright's assertions, which wait until what they say is so."""
    return playwright_or_skip().expect


@pytest.fixture(scope="module")
def chromium():
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def opened(chromium, report):
    """Open the page, or another file, at an address; afterwards nothing may have failed or left the machine."""
    with watched(chromium, reduced_motion="reduce") as open_at:
        yield lambda address="", file=report: open_at(file, address)


def cells(page, column: int) -> list[str]:
    return [
        " ".join(text.split())
        for text in page.locator(f"#document-table tbody td:nth-child({column})").all_inner_texts()
    ]


def test_shares_on_the_page_are_those_of_the_check(opened, findings):
    page = opened()
    expected = {one.name: f"{one.coverage:.0%}" for one in findings.documents if one.coverage > 0}
    assert len(expected) == 4
    shown = {name: share.split()[0] for name, share in zip(cells(page, 1), cells(page, 2), strict=True)}
    assert shown == expected
    assert page.locator(".group").count() == 1
    assert page.locator(".graph .dot").count() == 4
    assert page.locator(".heatmap .cell").count() == 2 * len(findings.pairs)
    assert page.title() == "Similarity report"


def test_the_mark_and_the_boxes_change_what_is_listed(opened, findings):
    page = opened()
    page.locator("#least").fill("99")
    assert page.locator("#listed").inner_text() == "At least 99 %: 0 documents in 0 groups, 0 pairs."
    assert "No document has a counted passage" in page.locator("#document-table").inner_text()
    page.locator("#least").fill("0")
    assert page.locator("#document-table tbody tr").count() == 4
    page.get_by_label("in quotation marks").check()
    (quoted,) = [match.right for match in findings.quotations if match.right.document == "quoting.txt"]
    ink = [len("".join(text.split())) for text in (quoted.text, findings.texts["quoting.txt"].text)]
    share = dict(zip(cells(page, 1), cells(page, 2), strict=True))[
        "quoting.txt"
    ]  # the quotation counts above and below
    assert share.split()[0] == f"{ink[0] / ink[1]:.0%}"
    page.get_by_label("in quotation marks").uncheck()
    page.locator("#evidence").get_by_label("edited").uncheck()
    assert "class b/dora.txt" not in cells(page, 1)
    page.locator("#least-words").fill("500")
    assert page.locator("#document-table tbody tr").count() == 0


def test_documents_are_sorted_and_found_by_their_names(opened):
    page = opened()
    page.locator("[data-sort=name]").click()
    names = cells(page, 1)
    assert names == sorted(names)
    page.locator("[data-sort=name]").press("Enter")
    assert cells(page, 1) == names[::-1]
    page.get_by_label("Find a document").fill("DORA")
    assert cells(page, 1) == ["class b/dora.txt"]


def open_first_pair(page):
    page.get_by_role("link", name=re.compile("^Read both")).first.click()
    page.locator("#reader .sides").wait_for()


def test_both_sides_carry_the_number_and_the_colour_and_a_click_scrolls_the_other_side(opened):
    page = opened()
    open_first_pair(page)
    for side in page.locator(".side").all():
        assert side.locator(".number").first.inner_text() == "1"
        assert "c0" in side.locator("mark").first.get_attribute("class")
        assert side.locator(".map .c0").count() == 1
    texts = page.locator(".text")
    texts.nth(1).evaluate("text => { text.style.maxHeight = '120px'; text.scrollTop = 0; }")
    texts.nth(0).locator("mark").first.click()
    page.wait_for_function("document.querySelectorAll('.text')[1].scrollTop > 0")
    assert texts.nth(1).locator("mark.current").count() > 0


def test_the_text_is_shown_as_it_is_with_all_its_code_points(opened, findings):
    page = opened()
    open_first_pair(page)
    for side in page.locator(".side").all():
        name = side.get_attribute("aria-label")
        shown = side.locator(".text").evaluate(
            "text => { const copy = text.cloneNode(true); copy.querySelectorAll('button').forEach(one => one.remove());"
            "return copy.textContent; }"
        )
        assert shown == findings.texts[name].text
        marked = side.locator("mark").evaluate_all("marks => marks.map(mark => mark.textContent).join('')")
        assert marked.rstrip(".") in (COPIED.rstrip("."), EDITED.rstrip("."))
    assert page.title() == "Similarity report"


def test_an_edited_passage_shows_its_changes_word_by_word(opened, findings):
    (number,) = [
        number
        for number, pair in enumerate(findings.pairs)
        if (pair.left, pair.right) == ("anna <b>.txt", "class b/dora.txt")
    ]
    page = opened(f"#pair-{number}")
    assert page.locator("#passage .differences del").all_inner_texts() == ["pilots", "spoke", "barges"]
    assert page.locator("#passage .differences ins").all_inner_texts() == ["captains", "said a word", "boats"]
    assert "words are the same, in the same order" in page.locator("#passage .why").inner_text()


def test_a_document_is_shown_with_all_its_sources_and_each_can_be_left_out(opened):
    page = opened()
    page.locator("#document-table a").first.click()
    page.locator("#reader .sides").wait_for()
    status = page.locator("#reader [role=status]")
    assert "3 texts that are ticked" in status.inner_text()
    for box in page.locator("#reader input[type=checkbox]").all():
        box.uncheck()
    assert status.inner_text().startswith("0%")


def test_a_verdict_is_saved_and_the_next_run_reads_it(opened, findings, tmp_path):
    page = opened()
    open_first_pair(page)
    page.get_by_label("Note").fill("set by me")
    page.keyboard.press("Tab")
    page.locator("h2").last.click()
    page.keyboard.press("d")
    page.locator("[data-verdict=dismissed][aria-pressed=true]").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save verdicts").click()
    download.value.save_as(tmp_path / "verdicts.jsonl")
    (verdict,) = read_verdicts(tmp_path / "verdicts.jsonl")
    assert (verdict.verdict, verdict.note) == ("dismissed", "set by me")
    again = check_documents(documents(), BagOfWords(), verdicts=[verdict])
    assert len(again.pairs) < len(findings.pairs)
    page.keyboard.press("Escape")
    page.locator("#documents").wait_for()
    assert page.locator("#document-table tbody tr").count() == sum(one.coverage > 0 for one in again.documents)
    reopened = opened(file=write_report(again, tmp_path / "again"))
    assert "dismissed: set by me" in reopened.locator("#not-counted").inner_text()


def test_the_keyboard_opens_steps_and_goes_back(opened, expect):
    page = opened()
    page.get_by_role("link", name=re.compile("^Read both")).first.press("Enter")
    heading, first = page.locator("#reader h2"), page.url
    expect(heading).to_be_focused()
    names = heading.inner_text()
    page.keyboard.press("p")  # nothing comes before
    assert page.url == first
    page.keyboard.press("n")  # from its only passage to the next pair
    expect(heading).not_to_have_text(names)  # the address changes before the page does
    page.keyboard.press("p")
    expect(heading).to_have_text(names)
    assert page.url == first
    page.keyboard.press("Escape")
    page.locator("#documents").wait_for()
    assert page.locator("#reader").is_hidden()


def test_the_page_and_one_pair_can_be_printed(opened):
    pypdfium2 = pytest.importorskip("pypdfium2")
    page = opened()

    def printed() -> str:
        with pypdfium2.PdfDocument(page.pdf()) as pdf:
            return " ".join(" ".join(sheet.get_textpage().get_text_range().split()) for sheet in pdf)

    overview = printed()
    assert "Similarity is not proof" in overview
    assert "Not checked" in overview
    assert "Find a document" not in overview
    open_first_pair(page)
    pair = printed()
    assert pair.count("Only then did the harbour master write") >= 2
    assert "Documents that need a look" not in pair
    assert "words are the same, in the same order" in pair


def test_long_stretches_without_a_passage_are_folded_where_asked(opened, expect, tmp_path):
    far = [" ".join(f"{letter}{number}" for number in range(300)) for letter in "ab"]
    texts = [Document(f"{place}.txt", essay(place, far[place], COPIED)) for place in (0, 1)]
    page = opened("#pair-0", write_report(check_documents(texts, BagOfWords()), tmp_path / "long"))
    text = page.locator(".text").first
    expect(text).to_contain_text("a150")
    page.locator("#only-passages").check()
    expect(text.locator(".far")).to_be_hidden()
    assert "a150" not in text.inner_text()
    assert re.search(r"\[… [\d,]+ characters …\]", text.inner_text())
    assert COPIED in text.inner_text().replace("1Every", "Every")
    page.locator("#only-passages").uncheck()
    assert "a150" in text.inner_text()


def test_several_chosen_pairs_are_printed_each_from_a_new_page_on(opened, expect):
    pypdfium2 = pytest.importorskip("pypdfium2")
    page = opened()
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    boxes = page.locator("#group-list [data-print]")
    boxes.nth(0).check()
    boxes.nth(2).press("Space")
    expect(page.locator("#chosen")).to_contain_text("2 pairs chosen")
    page.locator("#least").fill("1")  # whatever is listed, what was chosen stays so
    expect(boxes.nth(0)).to_be_checked()
    page.locator("#print-chosen").click()
    page.wait_for_function("window.printed")
    with pypdfium2.PdfDocument(page.pdf()) as pdf:
        sheets = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in pdf]
    starts = [sheet for sheet in sheets if "Similarity is not proof" in sheet]
    assert len(starts) == 2
    assert all(re.match(r"\S.* and .*Similarity is not proof", start) for start in starts)
    assert " ".join(sheets).count("Only then did the harbour master write") >= 4
    assert "Documents that need a look" not in " ".join(sheets)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#printed article").count() == 0
    page.get_by_role("button", name="Choose none").click()
    assert page.locator("#chosen").is_hidden()


def test_a_group_is_shown_in_the_order_of_given_dates(opened, expect, findings, tmp_path):
    dates = {"copy 2.txt": "2026-05-02T10:00:00", "anna <b>.txt": "2026-05-03T09:30:00", "copy 3.txt": "2026-05-01"}
    dated = opened(file=write_report(replace(findings, dates=dates), tmp_path / "dated"))
    line = dated.locator("#group-1 details", has_text="In the order of their dates (3 of 4 have one)")
    line.locator("summary").click()
    expect(line.locator("li")).to_have_text(
        ["copy 3.txt 2026-05-01", "copy 2.txt 2026-05-02 10:00", "anna <b>.txt 2026-05-03 09:30"]
    )
    expect(line.locator("p")).to_have_text("Dates as they were given with --dates.")
    facts = {name: FileFacts("0" * 64, f"{date[:10]}T10:00:00+00:00") for name, date in dates.items()}
    hinted = opened(file=write_report(replace(findings, files=facts), tmp_path / "hinted"))
    expect(hinted.locator("#group-1 .note", has_text="a hint, and no evidence")).to_have_count(1)
    same = {name: FileFacts("0" * 64, "2026-05-01T10:00:00+00:00") for name in dates}
    copied = opened(file=write_report(replace(findings, files=same), tmp_path / "copied"))
    expect(copied.locator(".timeline")).to_have_count(0)


def test_texts_beside_the_page_are_fetched_from_the_disk_when_they_are_opened(opened, findings, tmp_path, monkeypatch):
    monkeypatch.setattr("siamese_text.plagiarism.report.contents.INLINE", 0)
    file = write_report(findings, tmp_path / "large")
    assert [part.name for part in (file.parent / "texts").iterdir()] == ["1.js"]
    page = opened(file=file)
    open_first_pair(page)
    assert page.locator("mark").count() > 0


def test_without_texts_the_places_of_the_passages_are_shown(opened, expect, findings, tmp_path):
    page = opened(file=write_report(findings, tmp_path / "bare", with_text=False, anonymous=True))
    assert "harbour" not in page.content()
    assert "anna" not in page.content()
    open_first_pair(page)
    assert page.locator(".places li").count() == 2 * page.locator(".chip").count()
    assert re.search(r"characters [\d,]+ to [\d,]+ of [\d,]+", page.locator(".places").first.inner_text())
    page.keyboard.press("Escape")
    page.locator("#document-table a").first.click()
    expect(page.locator("#reader .places")).to_have_count(1)  # of one text, where the pair had two


def test_where_nothing_is_shared_the_page_says_so(opened, tmp_path):
    own = check_documents([Document("a.txt", essay(1)), Document("b.txt", essay(2))], BagOfWords())
    page = opened(file=write_report(own, tmp_path / "nothing"))
    assert "none needs a look" in page.locator("h1").inner_text()
    assert "No document has a counted passage" in page.locator("#document-table").inner_text()
    assert page.locator("#filters").is_hidden()
    assert page.locator("#clean li").count() == 2


@pytest.mark.parametrize("width", [1300, 400])
def test_nothing_is_wider_than_the_screen_and_every_section_is_reachable(opened, width):
    page = opened()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    open_first_pair(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.skipif(not AXE.is_file(), reason=f"needs axe-core at {AXE}: .ci/run fetches it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "#pair-0", "#document-0"])
def test_axe_finds_no_serious_fault(opened, address, scheme):
    page = opened(address)
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run()")["violations"]
    serious = [one for one in violations if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"][:3]]) for one in serious] == [], json.dumps(serious)[
        :2000
    ]
