"""Which words cannot both hold of one thing."""

from importlib.resources import files

import pytest

from siamese_text.scoring.opposites import opposites


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("landlord", "tenant"),
        ("must", "might"),
        ("weekly", "monthly"),
        ("kg", "pounds"),
        ("euros", "usd"),
        ("unlocked", "locked"),
        ("hypertension", "hypotension"),
        ("careful", "careless"),
        ("raises", "lowers"),
        ("tidiest", "messiest"),
        ("denied", "admitted"),
        ("opener", "closer"),
        ("stopped", "started"),
        ("cheaply", "expensively"),
    ],
)
def test_opposites_go_both_ways(one, other):
    assert other in opposites(one)
    assert one in opposites(other)


@pytest.mark.parametrize(("one", "other"), [("kg", "kilograms"), ("may", "might"), ("grey", "gray"), ("red", "house")])
def test_what_says_the_same_and_what_has_nothing_to_do_with_it_are_none(one, other):
    assert other not in opposites(one)
    assert one not in opposites(one)


def test_each_listed_pair_stands_in_the_list_once():
    listed = files("siamese_text.scoring").joinpath("opposites.txt").read_text(encoding="utf-8").splitlines()
    pairs = [frozenset((line.split(": ")[0], other)) for line in listed for other in line.split(": ")[1].split()]
    assert len(set(pairs)) == len(pairs)
    assert listed == sorted(listed)
