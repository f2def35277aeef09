"""What a data set means by its labels: how they are read, and the scale that they are on."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from siamese_text.data.cells import is_missing
from siamese_text.errors import BadData, UsageError

_DECIMAL_COMMA = re.compile(r"^(\s*[+-]?\d+),(\d+\s*)$")  # as spreadsheets write it in many countries
Neutral = Literal["drop", "different"]
_SAME = ("duplicate", "paraphrase", "equivalent", "match", "same", "the same", "a duplicate", "a paraphrase")
_YES = ("yes", "y", "true", "t", *_SAME)
_NO = (
    "no",
    "n",
    "false",
    "f",
    "different",
    "mismatch",
    *(f"{no} {word}" for no in ("not", "non", "no") for word in _SAME),
)
# Words that cannot be mistaken, without capitals and with a space for each hyphen and underscore.
WORDS: Mapping[str, float | None] = {
    **dict.fromkeys(_YES, 1.0),
    **dict.fromkeys(_NO, 0.0),
    **{"entailment": 1.0, "neutral": None, "contradiction": 0.0},  # as of SNLI: what is neutral is left out
}
FEWEST_GRADES = 4  # distinct whole numbers; two or three may as well be classes, such as those of inference
HIGHEST_GRADE = 100


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
            "binary": f"{self.lowest:g} different, {self.highest:g} same",
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
SIGNED = LabelScale("binary", -1, 1)
INFERENCE = LabelScale("nli", 0, 2)


class LabelReader:
    """Reads the labels of one table, and counts which words became which numbers.

    Args:
        names: The two labels of this table as they are written there, if the user said what they mean.

    Attributes:
        became: How many cells held a word, by the word and its number, None for no label.
    """

    def __init__(self, names: Mapping[str, float] | None = None) -> None:
        self.names = names
        self.became: Counter[tuple[str, float | None]] = Counter()

    def read(self, value: Any) -> float | None:
        """Read a label: a number with a point or a comma, a truth value, or a word; nothing and NaN are no label.

        Args:
            value: A cell of a table.

        Returns:
            The number, or None where the cell holds no label.

        Raises:
            TypeError: It is something else.
            ValueError: It is a text that says no number, or none of the two that the user named.

        Example:
            >>> [LabelReader().read(value) for value in ("True", "0.5", "0,5", 1, "", float("nan"), "not duplicate")]
            [1.0, 0.5, 0.5, 1.0, None, None, 0.0]
        """
        if is_missing(value) or (isinstance(value, str) and not value.strip()):
            return None
        word = _as_word(value)
        names: Mapping[str, float | None] = self.names or (WORDS if isinstance(value, str) else {})
        if word in names:
            self.became[word, names[word]] += 1
            return names[word]
        if self.names is not None:
            raise ValueError(word)
        number = float(_DECIMAL_COMMA.sub(r"\1.\2", value) if isinstance(value, str) else value)
        return None if math.isnan(number) else number

    def told(self) -> str:
        """Say which words became which numbers, and how many; the empty text where there were none."""
        return ", ".join(
            f"'{word}' as {'no label' if label is None else f'{label:g}'} ({count:,} rows)"
            for (word, label), count in sorted(self.became.items())
        )


def label_names(written: str) -> Mapping[str, float]:
    """Read the two labels of a table, as a column's new name gives them after ``label:``.

    Args:
        written: The label that says the same and the one that says different, with a slash between.

    Returns:
        The number of each.

    Raises:
        UsageError: It is not two different labels.

    Example:
        >>> label_names("2/1")
        {'2': 1.0, '1': 0.0}
    """
    same, slash, different = (_as_word(part) for part in written.partition("/"))
    if not (slash and same and different) or same == different or "/" in different:
        raise UsageError(
            f"--columns NAME=label:{written}: write label:SAME/DIFFERENT, such as label:2/1 or label:dup/new"
        )
    return {same: 1.0, different: 0.0}


def _as_word(value: Any) -> str:
    """Return a label as words are compared: without capitals, hyphens and underscores; a whole number without ".0"."""
    text = str(value).strip().casefold()
    if re.fullmatch(r"[+-]?\d+\.0*", text):
        return text.partition(".")[0]
    return " ".join(re.split(r"[\s_]+|(?<=\w)-(?=\w)", text))


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
    scale = known or _own_scale(labels, name, positive_from)
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


def _own_scale(labels: Set[float], name: str, positive_from: float | None) -> LabelScale:
    """Tell the scale of a file of one's own by its labels; refuse 1 and 2, which may be meant either way."""
    if labels <= {0.0, 1.0}:
        return BINARY
    if labels == {-1.0, 1.0}:
        return SIGNED
    if positive_from is not None:
        return LabelScale("graded", min(labels), max(labels))
    if are_grades(labels):
        return LabelScale("graded", math.floor(min(labels)), math.ceil(max(labels)))
    if labels == {1.0, 2.0}:
        raise BadData(
            f"labels in {name} are 1 and 2, which do not say which of them is the same; add --columns LABEL=label:1/2 "
            f"if 1 is (LABEL: the column's name in the file), or label:2/1 if 2 is"
        )
    return LabelScale("graded", 0, 1)


def are_grades(labels: Set[float]) -> bool:
    """Return whether numbers beyond 1 can be nothing but grades: too many for classes, or with fractions among them.

    Example:
        >>> are_grades({0.0, 2.5, 5.0}), are_grades({0.0, 1.0, 2.0}), are_grades({0.0, 0.5, 1.0, 7.0})
        (True, False, False)
    """
    beyond = sum(label > 1 for label in labels)  # one alone may be a slip of the pen
    if beyond < 2 or min(labels) < 0 or max(labels) > HIGHEST_GRADE:
        return False
    return len(labels) >= FEWEST_GRADES or any(label != int(label) for label in labels)
