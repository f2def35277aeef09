"""Of folders in which nobody copied: how much evidence their pairs have, as numbers alone.

Printed by ``python recipes/bench/plagiarism_background.py`` from essays and articles; see there.
"""

from __future__ import annotations

from dataclasses import dataclass

SHAPE = 0.25  # of the generalised Pareto distribution: how heavy the tail is
LEAST_HIGH, MOST_HIGH = 6.0, 40.0  # nats that a tenth of the pairs of a folder reach, in the quietest and the loudest
LEAST_SCALE, MOST_SCALE = 2.0, 10.0
SOURCE_HIGH, SOURCE_SCALE = 40.0, 10.0  # of a text and a source on its task from which it was not copied
ENOUGH = 200.0  # nats that no innocent pair reached: about 40 words in a row that nobody else has


# The mean share of the pairs of a folder that have any evidence: articles on topics of their own, answers to one task.
ALIKE = (0.1, 0.85)


@dataclass(frozen=True, slots=True)
class Tail:
    """The tail of chance in folders of one size: of texts on several topics, and of answers to one task."""

    documents: int
    high: float
    scale: float
    high_on_one_task: float
    scale_on_one_task: float


TAILS = (
    Tail(2, 6.0, 2.5, 38.9, 9.9),
    Tail(5, 6.0, 2.5, 33.8, 11.5),
    Tail(10, 6.0, 2.0, 21.9, 8.6),
    Tail(20, 6.0, 2.0, 18.7, 7.5),
)
