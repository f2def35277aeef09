"""Where a model is good and where it is not: figures over slices of the pairs, cut by simple rules over their texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamese_text import text as reading
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.records import Pair
from siamese_text.scoring import metrics
from siamese_text.scoring.lexical import jaccard

FEWEST = 30  # pairs: figures of a smaller slice move by ten points and more by chance
OVERLAPS = (0.25, 0.5, 0.75)
LENGTHS = (8, 16, 32)
NEGATIONS = frozenset(
    ["not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "nowhere", "cannot", "without"]
)
_SPELLED = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NUMBER_WORDS = {word: str(number) for number, word in enumerate(_SPELLED, start=2)}  # "one" is a pronoun, too
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"[.!?:][\"'”’)\]]*\s*$")


@dataclass(frozen=True)
class _Side:
    """One text of a pair, read once for all rules."""

    text: str

    @cached_property
    def found(self) -> list[reading.Word]:
        return reading.words(self.text)

    @cached_property
    def words(self) -> list[str]:
        return [word.form for word in self.found]

    @cached_property
    def negated(self) -> bool:
        return any(word in NEGATIONS or word.endswith("n't") for word in self.words)

    @cached_property
    def numbers(self) -> Counter[str]:
        spelled = [NUMBER_WORDS[word] for word in self.words if word in NUMBER_WORDS]
        return Counter([*_NUMBER.findall(self.text), *spelled])

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """The words with a capital, but for "I"."""
        capitals = (word.form for word in self.found if self.text[word.span.start].isupper())
        return frozenset(form for form in capitals if form != "i" and not form.startswith("i'"))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words with a capital inside a sentence, where grammar asks for none."""
        inside = (
            word.form
            for word in self.found
            if (before := self.text[: word.span.start].strip("\"'`“‘([ ")) and not _SENTENCE_END.search(before)
        )
        return self.capitalised & frozenset(inside)


def _overlap(left: _Side, right: _Side) -> int:
    return int(np.searchsorted(OVERLAPS, jaccard(left.words, right.words), side="right"))


def _length(left: _Side, right: _Side) -> int:
    return int(np.searchsorted(LENGTHS, max(len(left.words), len(right.words))))


def _negation(left: _Side, right: _Side) -> int:
    return left.negated + right.negated


def _numbers(left: _Side, right: _Side) -> int:
    return int(bool(left.numbers or right.numbers)) + int(left.numbers != right.numbers)


def _order(left: _Side, right: _Side) -> int:
    if left.words == right.words:
        return 2
    return int(sorted(left.words) == sorted(right.words))


def _names(left: _Side, right: _Side) -> int:
    # A name at the beginning of one side is known as one by where it stands in the other.
    names = left.names | right.names
    return int(bool(names)) + int(names & left.capitalised != names & right.capitalised)


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to cut pairs into bands: ``band`` says the place in ``bands`` that a pair belongs to."""

    name: str
    bands: tuple[str, ...]
    band: Callable[[_Side, _Side], int]


RULES = (
    Rule("words in common", ("below 25 %", "25 to 50 %", "50 to 75 %", "75 % and more"), _overlap),
    Rule("words of the longer text", ("up to 8", "9 to 16", "17 to 32", "33 and more"), _length),
    Rule("negation", ("on no side", "on one side", "on both sides"), _negation),
    Rule("numbers", ("none", "the same", "different"), _numbers),
    Rule("order of words", ("other words", "the same words, swapped", "the same words, in order"), _order),
    Rule("names", ("none", "the same", "different"), _names),
)


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """The pairs, (N,) bool, that a rule puts into one band."""

    rule: str
    band: str
    rows: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """The figures of one slice; those that its labels or its model do not allow are None.

    ``positives`` is the share of pairs labelled same, or the mean grade; ``probability`` the mean one that the model
    gave; ``spearman`` is for grades. Where the decision is made for a prior, all but ``ap`` are of weighted pairs, as
    in ``Evaluation``.
    """

    rule: str
    band: str
    pairs: int
    positives: float
    ap: float | None = None
    accuracy: float | None = None
    probability: float | None = None
    spearman: float | None = None

    @property
    def gap(self) -> float | None:
        """How much more probable than true it is that the pairs say the same; above 0 the model is too ready."""
        return None if self.probability is None else self.probability - self.positives

    @property
    def few(self) -> bool:
        """Whether the slice is too small for its figures to mean much."""
        return self.pairs < FEWEST


def slice_pairs(pairs: Sequence[Pair]) -> list[Slice]:
    """Cut pairs into slices by each of the rules.

    Words are compared in their folded form. Numbers are digits and the words from two to twelve; names are words with
    a capital inside a sentence; a negation is a word such as *not*, *never* or *without*, or ends in *n't*.

    Args:
        pairs: N pairs.

    Returns:
        The slices that hold any pair, in the order of rules and bands; those of one rule hold each pair once.

    Example:
        >>> cut = slice_pairs([Pair("Two bees hum.", "Three bees hum."), Pair("It is not hot.", "It is hot.")])
        >>> [(each.rule, each.band, each.rows.tolist()) for each in cut if each.rule == "numbers"]
        [('numbers', 'none', [False, True]), ('numbers', 'different', [True, False])]
    """
    sides = [(_Side(pair.sentence1), _Side(pair.sentence2)) for pair in pairs]
    slices = []
    for rule in RULES:
        places = np.array([rule.band(left, right) for left, right in sides])
        slices += [Slice(rule.name, band, places == place) for place, band in enumerate(rule.bands)]
    return [each for each in slices if each.rows.any()]


def measure_slice(part: Slice, predictions: LabelledPredictions) -> SliceFigures:
    """Measure a model on one slice.

    Args:
        part: A slice of N pairs.
        predictions: What the model said of all N.

    Returns:
        The figures, accuracy at the saved threshold.
    """
    inside = predictions.take(part.rows)
    several = len(np.unique(inside.labels)) > 1
    figures: dict[str, float] = {}
    if several and predictions.graded:
        figures["spearman"] = metrics.spearman(inside.labels, inside.ranking)
    elif several:
        figures["ap"] = metrics.average_precision(inside.labels.astype(np.int64), inside.ranking)
    if inside.right is not None:
        figures["accuracy"] = inside.mean(inside.right)
    if inside.probability is not None:
        figures["probability"] = inside.mean(inside.probability)
    return SliceFigures(part.rule, part.band, int(part.rows.sum()), inside.mean(inside.labels), **figures)
