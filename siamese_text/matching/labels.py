"""What somebody said of pairs: read by the ids of rows, kept by the places of candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData
from siamese_text.matching.candidates import Candidates, Places
from siamese_text.matching.records import Records


class Label(NamedTuple):
    """The ids of two rows, and whether they match.

    Attributes:
        left: The row of the first table.
        right: The row of the second.
        same: Whether they match.
        stratum: The stratum that the pair was drawn from at random; -1 of one that was chosen otherwise.
        size: How many pairs that stratum has.
    """

    left: str
    right: str
    same: bool = True
    stratum: int = -1
    size: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """N labels of candidates.

    Attributes:
        places: (N,) where the pairs stand among the candidates.
        same: (N,) bool, whether they match.
        strata: (N,) the stratum that each was drawn from at random, -1 of one that was chosen otherwise.
        sizes: (N,) how many pairs its stratum has.
        found: How many of those that match were candidates without the labels.
    """

    places: Places
    same: NDArray[np.bool_]
    strata: NDArray[np.int64]
    sizes: NDArray[np.int64]
    found: int


def read_labels(given: Iterable[Sequence[Any]], left: Records, right: Records) -> list[Label]:
    """Check labels, and return each pair once.

    Args:
        given: Labels, or tuples that begin as they do.
        left: The rows of the first table.
        right: Those of the second, the same object within one table.

    Raises:
        BadData: A label names an unknown row or a row and itself, or a pair is said to match and not to.

    Example:
        >>> table = Records("t.csv", ["1", "2"], {})
        >>> [label[:3] for label in read_labels([("1", "2"), ("2", "1", 1)], table, table)]
        [('1', '2', True)]
    """
    known: dict[tuple[str, str], Label] = {}
    names = set(left.ids), set(right.ids)
    for number, row in enumerate(given, start=1):
        label = Label(*row)
        pair = str(label.left), str(label.right)
        for name, table, ids in zip(pair, (left, right), names, strict=True):
            if name not in ids:
                raise BadData(f"label {number} names the row '{name}', which {table.name} does not have; correct it")
        if left is right and pair[0] == pair[1]:
            raise BadData(f"label {number} names the row '{pair[0]}' twice; give two rows")
        if left is right and pair[::-1] in known:
            pair = pair[::-1]
        before = known.setdefault(pair, Label(*pair, bool(label.same), label.stratum, label.size))
        if before.same != bool(label.same):
            raise BadData(f"label {number} of '{pair[0]}' and '{pair[1]}' contradicts an earlier one; correct one")
    return list(known.values())


def rows_of(labels: Sequence[Label], left: Records, right: Records) -> tuple[Places, Places]:
    """Return the (N,) rows of labelled pairs on either side, within one table the earlier row first."""
    places = [{name: row for row, name in enumerate(table.ids)} for table in (left, right)]
    one = np.array([places[0][label.left] for label in labels], dtype=np.int64)
    other = np.array([places[1][label.right] for label in labels], dtype=np.int64)
    return (np.minimum(one, other), np.maximum(one, other)) if left is right else (one, other)


def among(labels: Sequence[Label], pairs: Candidates, rows: tuple[Places, Places]) -> Labels:
    """Return labels by where their pairs stand among the candidates, which they are among."""
    places = pairs.places(*rows)
    same = np.array([label.same for label in labels], dtype=bool)
    strata, sizes = (np.array([getattr(label, name) for label in labels]) for name in ("stratum", "size"))
    return Labels(places, same, strata, sizes, int((same & (pairs.found[places] > 0)).sum()))
