"""Training rows of every kind: what the columns of a table say it holds, and the pairs that measure what it teaches.

A model decides about pairs, whatever it learned from. So every split has ``pairs`` as well: those of the rows where
they are labelled pairs, and else pairs that follow from them, half of them positive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.columns import find_columns, pair_rows, text_cells
from siamese_text.data.known_columns import check_unread
from siamese_text.data.labels import Neutral
from siamese_text.data.pairs import PairSet, derived_part, pair_set
from siamese_text.data.splits import components, split_by_sentence, split_classes
from siamese_text.data.tables import Table
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.records import DATA_KINDS, DataKind, Example, Pair

_NEGATIVE = re.compile(r"negative(_\d+)?")
COLUMNS = (
    "sentence1, sentence2 and label; or sentence1 and sentence2; or anchor, positive and negative; or text and label"
)
SEED = 0  # of pairs that are drawn to validate by: every run on the same rows is validated by the same pairs


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """The usable rows of one split.

    Attributes:
        examples: The rows in their order.
        pairs: What a model is validated by on them; empty where no negative can be told from the rows.
        kind: What the rows are.
        name: The data set, as it was asked for.
        split: The split, or ``all`` for every row of a file.
        origin: Where the rows were read from, and whether they are a part of it.
        dropped: How many rows of the split were left out, by reason.
    """

    examples: tuple[Example, ...]
    pairs: tuple[Pair, ...]
    kind: DataKind
    name: str
    split: str
    origin: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExampleRows:
    """All rows of a place: labelled pairs as they are there, or examples of another kind."""

    origin: str
    pairs: Sequence[Pair] | None = None
    examples: Sequence[Example] = ()
    kind: DataKind = "pairs"


def example_rows(
    table: Table, renames: Mapping[str, str], source: str, names: Mapping[str, float] | None = None
) -> ExampleRows:
    """Read the rows of a table in the kind that its columns tell.

    Args:
        table: The table.
        renames: What a column is called there and what it is here.
        source: What the user asked for.
        names: The number of each label, if the user said what they mean.

    Returns:
        All its rows.

    Raises:
        BadData: The columns are of no kind, or a label is not a number.
    """
    ours = {renames.get(name, name) for name in table.columns}
    negatives = tuple(sorted(name for name in ours if _NEGATIVE.fullmatch(name)))
    if {"anchor", "positive", "label"} <= ours and not negatives:
        theirs = {renames.get(name, name): name for name in table.columns}
        renames = {**renames, theirs["anchor"]: "sentence1", theirs["positive"]: "sentence2"}
        return ExampleRows(table.name, pairs=pair_rows(table, renames, source, names))
    if {"anchor", "positive"} <= ours:
        wanted: tuple[str, ...] = ("anchor", "positive", *negatives)
        kind: DataKind = "triplets" if negatives else "positives"
    elif {"text", "label"} <= ours:
        wanted, kind = ("text", "label"), "classes"
    elif {"sentence1", "sentence2", "label"} <= ours:
        return ExampleRows(table.name, pairs=pair_rows(table, renames, source, names))
    elif {"sentence1", "sentence2"} <= ours and source not in CATALOGUE:
        wanted, kind = ("sentence1", "sentence2"), "positives"
    else:
        raise BadData(
            f"{table.name} has the columns {', '.join(table.columns)}; needed are {COLUMNS}; name yours with "
            f"--columns, such as theirs=sentence1"
        )
    found = find_columns(table, renames, wanted, wanted)
    if kind != "classes":
        check_unread(table, renames, wanted)
    if names is not None:
        raise UsageError(f"{table.name} holds {DATA_KINDS[kind]}; --columns LABEL=label:SAME/DIFFERENT is for pairs")
    rows = [
        text_cells(cells, number, table.name) for number, cells in enumerate(table.rows(list(found.values())), start=1)
    ]
    examples = _number_classes(rows) if kind == "classes" else [Example(row) for row in rows]
    return ExampleRows(table.name, None, examples, kind)


def example_set(
    rows: ExampleRows,
    source: str,
    split: str | None,
    derived: bool,
    neutral: Neutral,
    positive_from: float | None,
) -> ExampleSet:
    """Make the split of a data set out of the rows of a place.

    Args:
        rows: All rows, as ``example_rows`` gives them.
        source: What the user asked for.
        split: The split that was asked for, None for every row.
        derived: Whether training and validation share the rows.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on.

    Returns:
        The usable rows, and the pairs that measure what they teach.

    Raises:
        BadData: The labels are on no known scale, or no validation split can be cut off.
        NothingToDo: No row is usable.
        UsageError: An option does not fit the labels or the kind.
    """
    if rows.pairs is not None:
        part = pair_set(rows.pairs, source, split, rows.origin, derived, neutral, positive_from)
        return _of_pairs(part, all(row.label in (1, None) for row in rows.pairs))
    if neutral != "drop" or positive_from is not None:
        raise UsageError(f"{source} holds {rows.kind}; drop neutral and positive_from, they are for labelled pairs")
    return _of_examples(rows, source, split, derived=derived)


def evaluation_pairs(examples: Sequence[Example], kind: DataKind) -> tuple[Pair, ...]:
    """Make pairs labelled 0 or 1 out of rows that have no such labels.

    Args:
        examples: Rows of one kind: positives, triplets or classes.
        kind: Theirs.

    Returns:
        Of triplets each anchor with its positive and with its negatives. Of positives each row, and its first text
        with the second one of a random row that it shares no sentence with. Of classes each text with a random one of
        its class and with a random one of another. No pair twice; the same for the same rows.
    """
    random = np.random.default_rng(SEED)
    if kind == "triplets":
        made = [(row.texts[0], other, float(i == 0)) for row in examples for i, other in enumerate(row.texts[1:])]
    elif kind == "positives":
        part_of = components([row.texts for row in examples])
        others = random.permutation(len(examples))
        made = [(*row.texts, 1.0) for row in examples]  # type: ignore[misc]
        made += [
            (row.texts[0], examples[other].texts[1], 0.0)
            for index, (row, other) in enumerate(zip(examples, others, strict=True))
            if part_of[index] != part_of[other]
        ]
    else:
        made = list(_by_class(examples, random))
        if not any(label and left != right for left, right, label in made):  # each of few texts has drawn itself
            made += _neighbours(examples)
    kept = {(left, right): label for left, right, label in made if left != right}
    return tuple(Pair(left, right, label) for (left, right), label in kept.items())


def _by_class(examples: Sequence[Example], random: np.random.Generator) -> Iterator[tuple[str, str, float]]:
    classes = np.array([row.label for row in examples])
    for row in examples:
        for chosen, label in ((classes == row.label, 1.0), (classes != row.label, 0.0)):
            rows = np.flatnonzero(chosen)
            if len(rows):
                yield row.texts[0], examples[random.choice(rows)].texts[0], label


def _neighbours(examples: Sequence[Example]) -> Iterator[tuple[str, str, float]]:
    """Yield each text with the one before it in its class."""
    before: dict[float | None, str] = {}
    for row in examples:
        if row.label in before:
            yield before[row.label], row.texts[0], 1.0
        before[row.label] = row.texts[0]


def _of_pairs(part: PairSet, all_positive: bool) -> ExampleSet:
    kind: DataKind = "graded" if part.graded else "positives" if all_positive else "pairs"
    labelled = tuple(Example(pair.sides, None if kind == "positives" else pair.label) for pair in part.pairs)
    pairs = evaluation_pairs(labelled, kind) if kind == "positives" else part.pairs
    return ExampleSet(labelled, pairs, kind, part.name, part.split, part.origin, part.dropped)


def _of_examples(rows: ExampleRows, source: str, split: str | None, *, derived: bool) -> ExampleSet:
    origin, part = rows.origin, rows.examples
    if derived:
        cut = partial(split_classes, name=source) if rows.kind == "classes" else split_by_sentence
        part, origin = derived_part(part, split, source, origin, cut)
    problems = [_problem(row, rows.kind) for row in part]
    usable = tuple(row for row, problem in zip(part, problems, strict=True) if not problem)
    dropped = Counter(problem for problem in problems if problem)
    if not usable:
        reasons = ", ".join(f"{reason} {count}" for reason, count in dropped.items())
        raise NothingToDo(f"none of the {len(part)} rows of {origin} can be used: {reasons}")
    return ExampleSet(usable, evaluation_pairs(usable, rows.kind), rows.kind, source, split or "all", origin, dropped)


def _problem(row: Example, kind: DataKind) -> str:
    """Say why a row cannot be used, if it cannot."""
    if not all(text.strip() for text in row.texts):
        return "empty text"
    return "no label" if kind == "classes" and row.label is None else ""


def _number_classes(rows: Sequence[tuple[str, ...]]) -> list[Example]:
    """Number the classes by their names."""
    numbers = {name: float(number) for number, name in enumerate(sorted({name for _, name in rows if name}))}
    return [Example((text,), numbers.get(name)) for text, name in rows]
