"""Matches: weights that add up, labels that hold, clusters."""

import numpy as np
import pytest

from siamese_text.matching.columns import Column
from siamese_text.matching.comparisons import Comparer
from siamese_text.matching.labels import Label, among, rows_of
from siamese_text.matching.matched import cross_fitted, put_together
from siamese_text.matching.mixture import fit_mixture

COLUMNS = [Column("name", "short"), Column("town", "short"), Column("born", "date")]


def matched(left, right, labels=()):
    rows = rows_of(labels, left, right) if labels else None
    pairs, likenesses = Comparer(left, right, COLUMNS, None).between(5, rows)
    known = among(labels, pairs, rows) if labels else None
    return put_together(left, right, pairs, likenesses, fit_mixture(pairs, likenesses), known)


LABELS = [Label(str(row), str(row)) for row in range(8)] + [Label(str(row), str(row + 1), False) for row in range(8)]


@pytest.mark.parametrize("labels", [(), LABELS], ids=["without labels", "with labels"])
def test_the_weights_of_a_pair_add_up_to_its_log_odds(two_tables, labels):
    found = matched(*two_tables, labels)
    places = np.arange(len(found.pairs))
    weights = found.weights(places)
    assert {"name", "town", "born"} <= set(weights)
    assert sum(weights.values()) == pytest.approx(found.log_odds)
    assert found.probability == pytest.approx(1 / (1 + np.exp(-found.log_odds)))


def test_what_somebody_said_holds(two_tables):
    """Row 35 of the left table has no partner; whoever says that it is row 35 of the right one is believed."""
    free = matched(*two_tables)
    assert ("35", "35") not in free.matched_ids() and ("0", "0") in free.matched_ids()
    told = matched(*two_tables, [Label("35", "35"), Label("0", "0", False)])
    assert ("35", "35") in told.matched_ids() and ("0", "0") not in told.matched_ids()
    assert told.predicted.sum() != told.matches.sum() or (told.predicted != told.matches).any()


def test_a_row_has_one_partner_where_both_tables_have_no_duplicates(two_tables):
    found = matched(*two_tables).matched_ids()
    for side in (0, 1):
        rows = [pair[side] for pair in found]
        assert len(rows) == len(set(rows)) >= 28


def test_clusters_are_rows_that_matches_join(two_tables):
    found = matched(*two_tables)
    clusters = found.clusters()
    assert len(clusters) == 80
    for one, other in found.matched_ids():
        assert clusters[int(one)] == clusters[40 + int(other)]
    assert len(set(clusters.tolist())) == 80 - len(found.matched_ids())


def test_a_labelled_pair_is_predicted_by_a_fit_without_it(two_tables):
    """A wrong label is not believed by the fit of the others."""
    lie = Label("20", "20", False)
    found = matched(*two_tables, [*LABELS, lie])
    predicted, probability = cross_fitted(found)
    assert predicted[-1] and probability[-1] > 0.5 and not found.matches[found.labels.places[-1]]
