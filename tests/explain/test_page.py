"""Explanations as HTML."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from siamese_text.errors import BadOutput
from siamese_text.explain.occlusion import explain_pair
from siamese_text.explain.page import as_html, explanations_html, write_explanations
from tests.explain.shared_words import PAIR, TEXTS, SharedWords


def visible(page):
    """The two texts as a browser shows them."""
    page = re.sub(r"<sup.*?</sup>", "", page, flags=re.S)
    sides = re.findall(r'<p class="side".*?>(.*?)</p>', page, flags=re.S)
    return tuple(html.unescape(re.sub(r"<[^>]*>", "", side)) for side in sides)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_html_shows_the_very_texts(left, right):
    assert visible(as_html(explain_pair((left, right), SharedWords()))) == (left, right)


def test_html_says_without_colour_what_raises_and_what_decides():
    explained = explain_pair(PAIR, SharedWords())
    fragment = as_html(explained)
    shown = dict(re.findall(r'data-word="(\d-\d)" title="([^"]*)"', fragment))
    assert len(shown) == 12
    assert shown["0-5"].startswith("-") and shown["0-1"].startswith("+")
    assert "log-odds" in shown["0-1"] and "probability" in shown["0-1"]
    assert fragment.count("dashed") == 2 and fragment.count("solid") == 10
    assert fragment.count("<sup") == len(explained.deciding)


def test_the_page_says_how_it_was_decided():
    explained = explain_pair(PAIR, SharedWords())
    for verdict, title in {"yes": "The same", "no": "Different", "unsure": "Unsure", None: "No decision"}.items():
        page = explanations_html([replace(explained, verdict=verdict)], model="m", threshold="t")
        assert f"<h2>{title}</h2>" in page


def test_the_page_escapes_and_loads_nothing(tmp_path):
    pair = ("<script>alert(1)</script> one", 'two "quoted" & <b>bold</b>')
    explained = explain_pair(pair, SharedWords())
    page = explanations_html([explained, explained], model="<i>m</i>", threshold="a & b")
    assert "<script>alert" not in page and "<b>bold" not in page and "<i>m" not in page
    assert not re.search(r"(?:src|href)=|url\(|https?://(?!www\.w3\.org/2000/svg)", page)
    assert "default-src 'none'" in page
    path = write_explanations([explained], tmp_path / "why.html", model="m", threshold="t")
    assert path.read_text(encoding="utf-8") == explanations_html([explained], model="m", threshold="t")
    with pytest.raises(BadOutput, match="exists"):
        write_explanations([explained], path, model="m", threshold="t")
    assert [file.name for file in tmp_path.iterdir()] == ["why.html"]
