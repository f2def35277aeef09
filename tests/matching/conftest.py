"""What the tests of matching share: two tables of people, invented by a seed, with slips of the pen."""

import numpy as np
import pytest

from siamese_text.matching.records import Records

FIRST = "anna berta clara doris edith frida greta hanna irma julia karla lotte".split()
LAST = "ahorn birke eiche erle esche fichte kiefer linde pappel tanne ulme weide".split()
TOWNS = "bergen oslo narvik tromso".split()


def slip(word, generator):
    """Swap two letters of a word."""
    place = int(generator.integers(0, len(word) - 1))
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def people(count, seed=0):
    """Return rows of invented people, each another one."""
    generator = np.random.default_rng(seed)
    numbers = generator.permutation(len(FIRST) * len(LAST))[:count].tolist()
    years, months, days = (generator.integers(low, high, count) for low, high in ((1920, 1999), (1, 13), (1, 29)))
    return [
        {
            "name": f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST)]}",
            "town": TOWNS[int(generator.integers(len(TOWNS)))],
            "born": f"{year}-{month:02}-{day:02}",
        }
        for number, year, month, day in zip(numbers, years, months, days, strict=True)
    ]


def records(rows, name="table.csv", ids=None):
    cells = {column: [row.get(column, "") for row in rows] for column in ("name", "town", "born")}
    return Records(name, ids or [str(number) for number in range(len(rows))], cells)


@pytest.fixture
def two_tables():
    """40 people and 40, of whom 30 are the same, row for row, with a slip in the name; one town is missing."""
    generator = np.random.default_rng(1)
    left = people(50)
    right = [row | {"name": slip(row["name"], generator)} for row in left[:30]] + left[40:]
    right[3] = right[3] | {"town": ""}
    return records(left[:40], "left.csv"), records(right, "right.csv")
