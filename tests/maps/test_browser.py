"""The map in a browser: a point shows its text, a box selects, a selection is saved."""

import csv

import pytest

from siamese_text.maps.page import map_page
from siamese_text.pages import write_page
from tests.browsing import playwright_or_skip, started_chromium, watched
from tests.maps.conftest import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture
def page(text_map, tmp_path):
    """The page, opened; afterwards nothing may have failed or left the machine."""
    write_page(tmp_path / "map.html", map_page(text_map))
    with started_chromium() as browser, watched(browser) as open_at:
        yield open_at(tmp_path / "map.html")


def test_texts_are_shown_selected_and_saved(page, tmp_path):
    expect = playwright_or_skip().expect
    shown, count = page.locator("#shown"), page.locator("#count")
    box = page.locator("#map").bounding_box()
    unit = min(box["width"], box["height"]) - 48  # the map is a square between margins of 24
    left, top = box["x"] + (box["width"] - unit) / 2, box["y"] + (box["height"] - unit) / 2

    page.mouse.move(left, top + unit)  # the first text lies at the lower left
    expect(shown).to_have_text("text 0 of class 0row 0 · class: <b>0</b>")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    expect(shown).to_contain_text("text 1 of class 0")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(shown).to_contain_text("text 7 of class 2")
    page.keyboard.press("Space")
    expect(count).to_have_text("1 text selected")
    page.keyboard.press("Escape")
    expect(count).to_have_text("Nothing is selected")

    page.mouse.move(left - 15, top - 15)  # a box over the upper two rows
    page.mouse.down()
    page.mouse.move(left + unit + 15, top + unit / 2 + 15, steps=3)
    page.mouse.up()
    expect(count).to_have_text("6 texts selected")
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "selected.csv")
    with (tmp_path / "selected.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"row {number}" for number in range(3, 9)]
    assert rows[0] == {"id": "row 3", "text": "text 3 of class 1", "class": "<b>1</b>"}
    assert rows[-1]["text"] == HOSTILE and page.title() == "Map of texts & more.csv"

    page.click('[data-group="0"]')
    expect(count).to_have_text("3 texts selected")
    page.click("#closer")
    page.mouse.move(left + unit / 2, top + unit / 2)
    expect(shown).to_contain_text("text 1 of class 0")
    page.fill("#find", "TEXT 7")
    expect(count).to_have_text("1 text selected")
