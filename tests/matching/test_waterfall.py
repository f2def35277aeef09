"""Waterfalls: bars that follow each other, and a page that holds what it shows and nothing else."""

import re

import numpy as np
import pytest

from siamese_text.matching.labels import Label
from siamese_text.matching.waterfall import SHOWN, waterfalls, write_waterfalls
from tests.matching.test_matched import matched


def test_each_bar_begins_where_the_last_one_ends(two_tables):
    found = matched(*two_tables)
    places = np.flatnonzero(found.matches)[:5]
    for pair, place in zip(waterfalls(found, places), places.tolist(), strict=True):
        assert sum(step.weight for step in pair.steps) == pytest.approx(pair.log_odds) == found.log_odds[place]
        at = pair.zero
        for step in pair.steps:
            ends = sorted([at, at + step.width * np.sign(step.weight)])
            assert (step.left, step.left + step.width) == pytest.approx(ends, abs=1e-6)
            assert -1e-6 <= step.left <= step.left + step.width <= 100 + 1e-6
            at = at + step.width * np.sign(step.weight)
        names = {step.name: step.cells for step in pair.steps}
        assert names["name"] == (found.left.cells["name"][int(pair.left)], found.right.cells["name"][int(pair.right)])
        assert names["(start)"] == ()


def test_the_page_shows_the_least_sure_the_missed_and_the_surest(two_tables, tmp_path):
    left, right = two_tables
    left.cells["town"][0] = "<b>oslo</b>"
    found = matched(left, right, [Label("0", "0"), Label("1", "2", False)])
    shown = write_waterfalls(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert shown == 3 * SHOWN == page.count("<h3>")
    for title in ("The least sure matches", "The nearest misses", "The surest matches"):
        assert f"<h2>{title}</h2>" in page
    assert "<b>oslo</b>" not in page and "learned with 2 labels" in " ".join(page.split())
    assert not re.search(r"(src|href)\s*=", page) and "default-src 'none'" in page


def test_without_a_match_only_misses_are_shown(two_tables, tmp_path):
    found = matched(*two_tables)
    found.log_odds[:] = -5
    assert write_waterfalls(found, tmp_path / "page.html") == SHOWN
    assert "matches</h2>" not in (tmp_path / "page.html").read_text(encoding="utf-8")
