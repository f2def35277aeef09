"""The threshold above look-alikes: by hand where all is known, and in tables whose columns hang together."""

import numpy as np
import pytest

from siamese_text.matching.candidates import Candidates
from siamese_text.matching.columns import Column
from siamese_text.matching.comparisons import Comparer
from siamese_text.matching.look_alikes import LOWEST, has_duplicates, learn, threshold_between, with_threshold
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


def look_alikes(rows, seed=0):
    """Return the scores of the best three look-alikes of each row."""
    return np.sort(np.random.default_rng(seed).uniform(0, 7, (3, rows)), axis=0)[::-1]


def test_the_threshold_stands_where_half_of_the_pairs_are_look_alikes():
    # 300 rows have a partner, which scores 10; what is left of them is their best look-alike
    first, second, third = look_alikes(1000)
    best = np.append(first[:700], np.full(300, 10.0))
    once, twice = np.append(second[:700], first[700:]), np.append(third[:700], second[700:])
    assert 6.9 < threshold_between(best, once, twice, 1.0, [first]) <= 10
    # all have one, and the table within itself is far more alike than the two are: nearly nothing is a look-alike
    assert threshold_between(np.linspace(5, 9, 1000), first, second, 1.0, [first + 5]) < 6


def test_where_nothing_is_likelier_a_match_nothing_is_one():
    first, second, third = look_alikes(1000)
    assert threshold_between(first, second, third, 1.0, [look_alikes(1000, seed=1)[0]]) > first.max()


def test_a_threshold_is_never_very_low():
    best, others = np.full(500, -20.0), np.full(500, -30.0)
    assert threshold_between(best, others, others, 1.0, [others]) == LOWEST


@pytest.mark.parametrize(("same", "several"), [((True, True, True), True), ((False, True, True), False)])
def test_rows_have_duplicates_where_no_column_tells_them_apart(same, several):
    rows = songs(60, 0, artists=60)
    again = [tuple(cells if kept else cells[::-1] for cells, kept in zip(row, same, strict=True)) for row in rows]
    comparer = Comparer(table(rows + again), table(rows), COLUMNS, None)
    assert has_duplicates(*comparer.within(0, 3)) is several
    if several:  # so a row of the other table has two partners, and each of them one
        learned = learn(*comparer.between(3), lambda side: comparer.within(side, 3))
        assert learned.sides == (True, False)


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
