"""What a data set means by its labels: how they are read, and the scale that they are on."""

from __future__ import annotations

import math
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Literal

from siamese_text.errors import BadData, UsageError

_DECIMAL_COMMA = re.compile(r"^(\s*[+-]?\d+),(\d+\s*)$")  # as spreadsheets write it in many countries
Neutral = Literal["drop", "different"]


@dataclass(frozen=True, slots=True)
class LabelScale:
    """How labels are meant: same or different, a grade, or the three classes of natural-language inference.

    ``lowest`` and ``highest`` are the ends of the scale in the data set's own units.
    """

    kind: Literal["binary", "graded", "nli"]
    lowest: float
    highest: float

    def __str__(self) -> str:
        return {
            "binary": "0 different, 1 same",
            "graded": f"grades from {self.lowest:g} to {self.highest:g}",
            "nli": "0 entailment, 1 neutral, 2 contradiction",
        }[self.kind]

    def holds(self, label: float) -> bool:
        """Say whether a label can stand on this scale.

        Args:
            label: The label in the data set's own units.

        Returns:
            Whether it lies between the ends, and is a whole number where the scale has classes.
        """
        return self.lowest <= label <= self.highest and (self.kind == "graded" or label == int(label))


BINARY = LabelScale("binary", 0, 1)
INFERENCE = LabelScale("nli", 0, 2)


def read_label(value: Any) -> float | None:
    """Read a label: numbers, strings of them with a point or a comma, true and false; nothing and NaN are no label.

    Args:
        value: A cell of a table.

    Returns:
        The number, or None where the cell holds no label.

    Raises:
        TypeError: It is something else.
        ValueError: It is a text that says no number.

    Example:
        >>> [read_label(value) for value in ("True", "0.5", "0,5", 1, "", float("nan"))]
        [1.0, 0.5, 0.5, 1.0, None, None]
    """
    if isinstance(value, str):
        value = _DECIMAL_COMMA.sub(r"\1.\2", value)
        value = {"": None, "true": 1, "false": 0}.get(value.strip().casefold(), value)
    if value is None:
        return None
    number = float(value)
    return None if math.isnan(number) else number


def choose_scale(
    labels: Set[float], name: str, known: LabelScale | None, *, neutral: Neutral, positive_from: float | None
) -> LabelScale:
    """Choose the scale of a whole data set, and refuse labels and options that do not fit it.

    Args:
        labels: All that occur in it.
        name: The data set, for messages.
        known: Its scale where it is a known data set; else the labels tell it.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on.

    Returns:
        The scale.

    Raises:
        BadData: A label is not on the scale.
        UsageError: An option does not fit the scale.

    Example:
        >>> str(choose_scale({0.0, 0.4, 1.0}, "own.csv", None, neutral="drop", positive_from=None))
        'grades from 0 to 1'
    """
    if known is not None:
        scale = known
    elif labels <= {0.0, 1.0}:
        scale = BINARY
    elif positive_from is None:
        scale = LabelScale("graded", 0, 1)
    else:
        scale = LabelScale("graded", min(labels), max(labels))
    wrong = sorted(label for label in labels if not scale.holds(label))
    if wrong:
        cure = "scale them to [0, 1], add --positive-from X for same from X on, or ask for a known set by its name"
        if known is not None:
            cure = "correct the file"
        raise BadData(f"label {wrong[-1]:g} in {name}: allowed are {scale}; {cure}")
    if neutral not in ("drop", "different") or (neutral == "different" and scale.kind != "nli"):
        raise UsageError(f"--neutral {neutral}: allowed are drop and, for snli, different; {name} has labels {scale}")
    if positive_from is not None and (scale.kind == "nli" or not scale.lowest < positive_from <= scale.highest):
        raise UsageError(f"--positive-from {positive_from:g} does not cut the labels of {name} in two ({scale})")
    return scale
