"""The mixture: sums, rivals and levels by hand; matches that it finds without a label."""

import math

import numpy as np
import pytest

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.columns import Column
from siamese_text.matching.comparisons import ALL, LEAD, Comparer, Likeness
from siamese_text.matching.mixture import Mixture, Scale, fit_mixture, nearest_pairs, partners, rivals

COLUMNS = [Column("name", "short"), Column("town", "short"), Column("born", "date")]


def square():
    """All four pairs of two rows and two."""
    return Candidates(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), (2, 2), np.ones(4, np.uint8), False)


def test_a_value_is_worth_its_level_and_a_missing_one_nothing():
    scale = Scale("name", "spelling", 0.5, (0.3, 0.8), (-2.0, 1.0, 4.0))
    assert scale.worth(np.float32([0.1, 0.3, 0.9, np.nan])).tolist() == [-1, 0.5, 2, 0]
    mixture = Mixture((scale,), -3.0, True, True)
    assert mixture.log_odds([Likeness("name", "spelling", np.float32([0.9]), 0.5)]).tolist() == [-1]


def test_rivals_take_what_they_are_worth():
    log_odds = np.array([2.0, 1.0, 0.0, -1.0])
    lost = rivals(square(), log_odds, (True, False))
    assert lost == pytest.approx([-math.log1p(math.exp(other)) for other in (1, 2, -1, 0)])
    both = rivals(square(), log_odds, (True, True))
    assert both[0] == pytest.approx(-math.log1p(math.exp(1) + math.exp(0)))
    assert rivals(square(), log_odds, (False, False)).tolist() == [0] * 4
    assert np.isfinite(rivals(square(), log_odds * 1e6, (True, True))).all()


def test_a_row_has_one_nearest_partner_even_where_several_are_as_good():
    assert nearest_pairs(square(), np.array([1.0, 1, 1, 1])).tolist() == [True, False, False, False]
    assert nearest_pairs(square(), np.array([3.0, 1, 2, 2.5]), (True, False)).tolist() == [True, False, False, True]


def test_matches_are_found_without_a_label(two_tables):
    pairs, likenesses = Comparer(*two_tables, COLUMNS, None).between(5)
    mixture = fit_mixture(pairs, likenesses)
    assert mixture.sides == (True, True) and mixture.scales[-1].column == LEAD
    known = mixture.known(pairs, likenesses)
    assert known.rivalled == pytest.approx(known.alone + rivals(pairs, known.alone, mixture.sides))
    log_odds = known.rivalled
    found = set(zip(pairs.left[log_odds > 0].tolist(), pairs.right[log_odds > 0].tolist(), strict=True))
    true = {(row, row) for row in range(30)}
    assert len(found & true) >= 28 and len(found - true) <= 1


def test_a_more_alike_level_never_weighs_less(two_tables):
    mixture = fit_mixture(*Comparer(*two_tables, COLUMNS, None).between(5))
    for scale in mixture.scales:
        assert list(scale.weights) == sorted(scale.weights)
        assert len(scale.weights) == len(scale.edges) + 1


def test_a_table_with_duplicates_is_told(two_tables):
    left, right = two_tables
    twice = type(right)(
        "twice.csv",
        [*right.ids, *(f"{name}b" for name in right.ids)],
        {name: [*cells, *cells] for name, cells in right.cells.items()},
    )
    found = Comparer(left, twice, COLUMNS, None).between(5)
    assert partners(*found) == (False, True)
    found = Comparer(left, right, COLUMNS, None).between(5)
    assert partners(*found) == (True, True)


def test_within_one_table_rows_may_have_several_partners(two_tables):
    left, _ = two_tables
    assert fit_mixture(*Comparer(left, left, COLUMNS, None).between(5), (True, True)).sides == (False, False)


def test_a_column_that_is_missing_everywhere_says_nothing():
    values = np.float32([0.9, 0.1, 0.1, 0.9])
    known = [Likeness(ALL, "words", values, 1.0), Likeness("town", "spelling", np.full(4, np.nan, np.float32), 1.0)]
    mixture = fit_mixture(square(), known, (True, True))
    assert mixture.scales[1].worth(np.float32([np.nan])).tolist() == [0]
