"""Labelled pairs of sentences: the usable rows of a split, their labels turned into [0, 1].

Every split that can be asked for is disjoint from the others: where a data set (or a single file) has no
validation split, ``validation`` is a tenth of its training rows that shares no sentence with the rest, and
``train`` is that rest, whichever of the two is asked for, by whichever command, and with whatever label options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.labels import SIGNED, LabelScale, Neutral, choose_scale
from siamese_text.data.splits import split_by_sentence
from siamese_text.errors import BadData, NothingToDo, OneClass
from siamese_text.records import Pair
from siamese_text.warn import warn_user

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PairSet:
    """The usable pairs of one split, with what was left out.

    Attributes:
        pairs: The pairs in their order, each with a label in [0, 1].
        name: The data set, as it was asked for: a name or a path.
        split: The split, or ``all`` for every row of a file.
        graded: Whether labels between 0 and 1 stand for grades.
        origin: Where the rows were read from, and whether they are a part of it.
        dropped: How many rows of the split were left out, by reason.
        scale: The scale of grades in a file of one's own, in its own units; None where it is from 0 to 1.
    """

    pairs: tuple[Pair, ...]
    name: str
    split: str
    graded: bool = False
    origin: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)
    scale: LabelScale | None = None

    def check_binary(self) -> None:
        """Refuse labels that a decision between same and different cannot be fitted or scored on.

        Raises:
            BadData: The labels are graded, or all of them are the same.
        """
        if self.graded:
            known = CATALOGUE[self.name].labels if self.name in CATALOGUE else None
            scale = known or self.scale or LabelScale("graded", 0, 1)
            cut = scale.lowest + 0.8 * (scale.highest - scale.lowest)
            raise BadData(
                f"the labels of {self.name} are graded ({scale.lowest:g} to {scale.highest:g}); choose a loss for "
                f"graded labels or add --positive-from {cut:g}"
            )
        labels = {pair.label for pair in self.pairs}
        if len(labels) == 1:
            raise OneClass(len(self.pairs), labels.pop(), f" of {self.name}, split {self.split}")


def pair_set(
    rows: Sequence[Pair],
    source: str,
    split: str | None,
    origin: str,
    derived: bool,
    neutral: Neutral,
    positive_from: float | None,
) -> PairSet:
    """Make the split of a data set out of the rows of a place.

    Args:
        rows: All rows, as ``pair_rows`` gives them.
        source: What the user asked for.
        split: The split that was asked for, None for every row.
        origin: Where the rows were read from, in words.
        derived: Whether training and validation share them.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on.

    Returns:
        The usable pairs, their labels in [0, 1].

    Raises:
        BadData: The labels are on no known scale, or no validation split can be cut off.
        NothingToDo: No row is usable.
        UsageError: An option does not fit the labels.
    """
    labels = {row.label for row in rows if row.label is not None}
    known = CATALOGUE[source].labels if source in CATALOGUE else None
    scale = choose_scale(labels, source, known, neutral=neutral, positive_from=positive_from)
    if known is None and positive_from is None:
        _tell_scale(rows, scale, origin)
    if derived:
        # cut before labels are converted, so that no option of theirs moves a pair to the other side
        rows, origin = derived_part(rows, split, source, origin, split_by_sentence)
    pairs, dropped = _convert(rows, scale, neutral, positive_from)
    if not pairs:
        reasons = ", ".join(f"{reason} {count}" for reason, count in dropped.items())
        raise NothingToDo(f"none of the {len(rows)} rows of {origin} can be used: {reasons}")
    graded = scale.kind == "graded" and positive_from is None
    own = scale if graded and known is None and scale.highest > 1 else None
    return PairSet(tuple(pairs), source, split or "all", graded, origin, dropped, own)


def _tell_scale(rows: Sequence[Pair], scale: LabelScale, origin: str) -> None:
    """Say what becomes of labels that are neither 0 and 1 nor grades between them."""
    if scale == SIGNED:
        counts = Counter(row.label for row in rows)
        warn_user(f"{origin}: label -1 as 0 ({counts[-1]:,} rows), 1 as 1 ({counts[1]:,} rows)")
    elif scale.highest > 1:
        warn_user(
            f"{origin}: labels are taken as {scale} and scaled to 0 to 1; --positive-from X makes them 1 from X on"
        )


def derived_part(
    rows: Sequence[Row],
    split: str | None,
    source: str,
    origin: str,
    cut: Callable[[Sequence[Row]], tuple[list[Row], list[Row]]],
) -> tuple[list[Row], str]:
    """Take one of the two parts of rows that training and validation share.

    Args:
        rows: All rows of the place.
        split: ``validation`` for the tenth, ``train`` for the rest.
        source: The data set, for messages.
        origin: Where the rows were read from, in words.
        cut: Parts rows into training and validation.

    Returns:
        The rows of the part, and its origin in words.

    Raises:
        BadData: The part is empty.
    """
    rest, tenth = cut(rows)
    part = tenth if split == "validation" else rest
    if not part:
        raise BadData(
            f"no validation split can be cut off {source}: all its rows are linked by the sentences they share; "
            f"add a file validation.jsonl"
        )
    share = "a tenth" if split == "validation" else "nine tenths"
    if len(tenth) > 0.2 * len(rows):
        share = f"{len(part)} rows"
    return part, f"{share} of {origin}, no sentence shared with the rest"


def _convert(
    rows: Sequence[Pair], scale: LabelScale, neutral: Neutral, positive_from: float | None
) -> tuple[list[Pair], dict[str, int]]:
    """Turn labels into [0, 1] and leave out, with a count, the rows that have no text or no label."""
    pairs: list[Pair] = []
    dropped: Counter[str] = Counter()
    for row in rows:
        if not row.sentence1.strip() or not row.sentence2.strip():
            dropped["empty text"] += 1
        elif row.label is None:
            dropped["no label"] += 1
        elif scale.kind == "nli" and row.label == 1 and neutral == "drop":
            dropped["neutral"] += 1
        elif scale.kind == "nli":
            pairs.append(replace(row, label=float(row.label == 0)))
        elif positive_from is not None:
            pairs.append(replace(row, label=float(row.label >= positive_from)))
        else:
            pairs.append(replace(row, label=(row.label - scale.lowest) / (scale.highest - scale.lowest)))
    return pairs, dict(dropped)
