"""Pairs above a threshold: exactly those that two plain loops find."""

import numpy as np
import pytest

from siamese_text.duplicates import all_pairs
from siamese_text.duplicates.all_pairs import nearest_pairs, pairs_above
from siamese_text.errors import BadData
from siamese_text.unit_rows import unit_rows

RANDOM = np.random.default_rng(0)
UNITS = unit_rows(RANDOM.standard_normal((90, 4), dtype=np.float32))
UNITS[50:55] = UNITS[3]  # copies


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr(all_pairs, "LATER", 7)
    monkeypatch.setattr(all_pairs, "EARLIER", 16)


def brute_force(least, first):
    return {
        (later, earlier): float(UNITS[later].astype(float) @ UNITS[earlier])
        for later in range(first, 90)
        for earlier in range(later)
        if float(UNITS[later].astype(float) @ UNITS[earlier]) >= least
    }


@pytest.mark.parametrize("least", [0.123, 0.8, 0.99])
@pytest.mark.parametrize("first", [0, 40, 90])
def test_all_pairs_are_found_and_no_others(least, first):
    found = {}
    for _, (later, earlier, cosines) in pairs_above(UNITS, least, first):
        found |= dict(zip(zip(later.tolist(), earlier.tolist(), strict=True), cosines.tolist(), strict=True))
    assert found == pytest.approx(brute_force(least, first), abs=1e-6)


@pytest.mark.parametrize("spare", [10, 10**6])
def test_of_many_the_nearest_are_kept_in_order_and_the_rows_with_more_are_counted(monkeypatch, spare):
    monkeypatch.setattr(all_pairs, "SPARE", spare)
    every = brute_force(0.3, 20)
    expected, more = [], 0
    for row in range(20, 90):
        mine = sorted((-cosine, earlier) for (later, earlier), cosine in every.items() if later == row)
        expected += [(row, earlier) for _, earlier in mine[:5]]
        more += len(mine) > 5
    found, crowded, ends = [], 0, []
    for end, (later, earlier, _), some in nearest_pairs(UNITS, 0.3, 20, 5):
        found += zip(later.tolist(), earlier.tolist(), strict=True)
        crowded += some
        ends.append(end)
    assert (found, crowded) == (expected, more)
    assert ends == [27, 34, 41, 48, 55, 62, 69, 76, 83, 90]


def test_a_number_that_is_none_is_refused():
    with pytest.raises(BadData, match="not finite; look for NaN"):
        list(pairs_above(np.float32([[1, np.nan]]), 0.5))
