"""What made a match, as a page: for some pairs each column with what it adds, from where a pair begins to its sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siamese_text._version import __version__
from siamese_text.atomic import atomic_file
from siamese_text.matching.candidates import Places
from siamese_text.matching.matched import Matched
from siamese_text.pages import environment, write_page

SHOWN = 8  # pairs of each kind


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall.

    Attributes:
        name: The column, or what no column says.
        cells: The cells of both rows; empty where it is no column.
        weight: The log-odds that it adds.
        left: Where the bar begins, in percent of the page's scale.
        width: How long it is, in percent.
    """

    name: str
    cells: Sequence[str]
    weight: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A pair of rows and what made its log-odds; ``zero`` is where log-odds of 0 are, in percent of the scale."""

    left: str
    right: str
    probability: float
    log_odds: float
    match: bool
    said: bool | None
    zero: float
    steps: Sequence[Step]


def waterfalls(matched: Matched, places: Places) -> list[Waterfall]:
    """Return the waterfalls of some candidates, on one scale.

    Args:
        matched: What was found.
        places: (N,) where the pairs stand.
    """
    weights = matched.weights(places)
    names, values = list(weights), np.array(list(weights.values())).T.reshape(len(places), len(weights))
    ends = np.cumsum(values, axis=1)
    begins = ends - values
    low, high = float(min(begins.min(initial=0), ends.min(initial=0))), float(max(ends.max(initial=0), 1.0))
    zero = -100 * low / (high - low)
    said = dict.fromkeys(places.tolist())
    if matched.labels is not None:
        said |= dict(zip(matched.labels.places.tolist(), matched.labels.same.tolist(), strict=True))
    matches, pairs = matched.matches, matched.pairs
    found = []
    for number, place in enumerate(places.tolist()):
        one, other = int(pairs.left[place]), int(pairs.right[place])
        steps = []
        for name, begin, end in zip(names, begins[number].tolist(), ends[number].tolist(), strict=True):
            cells = matched.left.cells.get(name), matched.right.cells.get(name)
            steps.append(
                Step(
                    name,
                    () if cells[0] is None or cells[1] is None else (cells[0][one], cells[1][other]),
                    end - begin,
                    100 * (min(begin, end) - low) / (high - low),
                    100 * abs(end - begin) / (high - low),
                )
            )
        ids = matched.left.ids[one], matched.right.ids[other]
        probability, log_odds = float(matched.probability[place]), float(matched.log_odds[place])
        found.append(Waterfall(*ids, probability, log_odds, bool(matches[place]), said[place], zero, steps))
    return found


def write_waterfalls(matched: Matched, path: Path) -> int:
    """Write a page of the least sure matches, the nearest misses and the surest matches; it loads no other file.

    Args:
        matched: What was found.
        path: The file to write; one that exists is replaced.

    Returns:
        How many pairs it shows.

    Raises:
        BadOutput: The system refused to write.
    """
    matches = matched.matches
    order = np.argsort(matched.log_odds, kind="stable")
    sure, missed = order[matches[order]], order[~matches[order]][::-1]
    kinds = {
        "The least sure matches": sure[:SHOWN],
        "The nearest misses": missed[:SHOWN],
        "The surest matches": sure[SHOWN:][-SHOWN:][::-1],
    }
    parts = [(title, waterfalls(matched, places)) for title, places in kinds.items() if len(places)]
    template = environment(__file__).get_template("waterfall.html.jinja")
    page = template.render(
        version=__version__,
        tables=list(dict.fromkeys([matched.left.name, matched.right.name])),
        matches=int(matches.sum()),
        labels=0 if matched.labels is None else len(matched.labels.places),
        parts=parts,
    )
    with atomic_file(path) as draft:
        write_page(draft, page)
    return sum(len(shown) for _, shown in parts)
