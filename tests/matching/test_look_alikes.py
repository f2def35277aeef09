"""The threshold above look-alikes: by hand where all is known, and in tables whose columns hang together."""

import numpy as np
import pytest

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.columns import Column
from siamese_text.matching.comparisons import Comparer
from siamese_text.matching.look_alikes import LOWEST, learn, threshold_between, with_threshold
from siamese_text.matching.matched import put_together
from siamese_text.matching.mixture import Mixture, fit_mixture
from siamese_text.matching.records import Records

COLUMNS = [Column(name, "short") for name in ("song", "artist", "album")]


def songs(count, seed, artists=12):
    """Return rows of songs, whose artist and album agree in many of them."""
    generator = np.random.default_rng(seed)
    letters = np.array(list("abcdefghiklmnoprstuw"))
    rows = [("".join(generator.choice(letters, 9)), int(generator.integers(artists))) for _ in range(count)]
    return [(song, f"artist number {by:03}", f"greatest hits {by:03}") for song, by in rows]


def table(rows):
    cells = dict(zip(("song", "artist", "album"), zip(*rows, strict=True), strict=True))
    return Records("t.csv", [str(row) for row in range(len(rows))], cells)


def test_the_threshold_stands_where_half_of_the_pairs_are_look_alikes():
    # 300 rows with a partner score 10; 700 without one score 0 to 6.99, as rows within a table do
    alike = np.arange(700) / 100
    assert threshold_between(np.append(alike, np.full(300, 10.0)), [alike]) == pytest.approx(10)
    # all rows have a partner, and those within a table score as well but lower: nearly nothing is a look-alike
    assert threshold_between(np.arange(700) / 100 + 8, [alike]) == pytest.approx(8, abs=0.1)


def test_where_nothing_is_likelier_a_match_nothing_is_one():
    alike = np.arange(1000) / 100
    assert threshold_between(alike, [alike]) > alike.max()


def test_a_threshold_is_never_very_low():
    assert threshold_between(np.full(500, -20.0), [np.full(500, -30.0)]) == LOWEST


def test_songs_of_one_album_are_no_matches():
    both, mine, theirs = songs(40, 0), songs(220, 1), songs(260, 2)
    comparer = Comparer(table(both + mine), table(both + theirs), COLUMNS, None)
    pairs, likenesses = comparer.between(5)
    mixture = fit_mixture(pairs, likenesses)
    right = {}
    for name, learned in (
        ("weights", mixture),
        ("threshold", learn(pairs, likenesses, lambda side: comparer.within(side, 5))),
    ):
        found = put_together(comparer.left, comparer.right, pairs, likenesses, learned).matched_ids()

        right[name] = sum(one == other and int(one) < len(both) for one, other in found), len(found)
    assert right["threshold"][0] >= 38 and right["threshold"][1] <= 52
    assert right["weights"][1] > 80  # what the threshold is for


@pytest.mark.parametrize("rows", [(9, 9), (500, 500)])
def test_few_rows_or_one_table_tell_nothing(rows):
    alone = rows[0] > 9
    pairs = Candidates(np.array([0]), np.array([1]), rows, np.ones(1, np.uint8), alone)
    mixture = Mixture((), 0.0, not alone, not alone)
    assert with_threshold(mixture, pairs, [], pytest.fail) is mixture
