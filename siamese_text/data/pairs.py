"""Labelled pairs of sentences: rows of a data set, their columns found by name, their labels turned into [0, 1].

Every split that can be asked for is disjoint from the others: where a data set (or a single file) has no
validation split, ``validation`` is a tenth of its training rows that shares no sentence with the rest, and
``train`` is that rest, whichever of the two is asked for, by whichever command, and with whatever label options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from siamese_text.data.catalogue import CATALOGUE, Location, locate, tried
from siamese_text.data.hub import SUFFIXES, HubCopy, cached, download, read_table
from siamese_text.data.labels import BINARY, LabelScale, Neutral, choose_scale, read_label
from siamese_text.data.splits import split_by_sentence
from siamese_text.errors import BadData, MissingInput, NothingToDo
from siamese_text.records import Pair

REQUIRED = ("sentence1", "sentence2", "label")
OPTIONAL = ("kind",)
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
    """

    pairs: tuple[Pair, ...]
    name: str
    split: str
    graded: bool = False
    origin: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)

    def check_binary(self) -> None:
        """Refuse labels that a decision between same and different cannot be fitted or scored on.

        Raises:
            BadData: The labels are graded, or all of them are the same.
        """
        if self.graded:
            known = CATALOGUE[self.name].labels if self.name in CATALOGUE else None
            scale = known or LabelScale("graded", 0, 1)
            cut = scale.lowest + 0.8 * (scale.highest - scale.lowest)
            raise BadData(
                f"the labels of {self.name} are graded ({scale.lowest:g} to {scale.highest:g}); choose a loss for "
                f"graded labels or add --positive-from {cut:g}"
            )
        labels = {pair.label for pair in self.pairs}
        if len(labels) == 1:
            raise BadData(
                f"one class only: all {len(self.pairs)} labels of {self.name}, split {self.split} are "
                f"{labels.pop():g}; add pairs of the other class"
            )


def load_pairs(
    source: str,
    split: str | None = None,
    *,
    data_dir: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
) -> PairSet:
    """Load one split of a data set of sentence pairs.

    Args:
        source: A file, a folder with one file a split, or a name of the catalogue or of a folder in ``data_dir``.
        split: ``train``, ``validation`` or another split of the data set; ``None`` or ``all`` for every row of a
            single file. Without a validation split, ``train`` and ``validation`` share the training rows.
        data_dir: A folder with one folder a data set; without it, that of SIAMESE_TEXT_DATA.
        columns: What a column is called there and what it is here, such as ``{"a": "sentence1"}``.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on, in the data set's own units.

    Returns:
        The pairs with labels in [0, 1]: 1 = same, 0 = different; grades are scaled from their range.

    Raises:
        MissingInput: The data set or the split was found nowhere.
        BadData: The file cannot be parsed, or its columns or labels are not those of sentence pairs.
        NothingToDo: There are no rows, or none is usable.
        UsageError: An option does not fit the labels, or no split of several was named.
    """
    return next(_load(source, (split,), data_dir, columns or {}, neutral, positive_from))


def load_train_and_validation(
    source: str,
    *,
    data_dir: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
) -> tuple[PairSet, PairSet]:
    """Load what a training run needs, reading a file that holds both splits once.

    Args:
        source: As for ``load_pairs``, like all other arguments.
        data_dir: See there.
        columns: See there.
        neutral: See there.
        positive_from: See there.

    Returns:
        What ``load_pairs`` gives for ``train`` and for ``validation``.

    Raises:
        SiameseTextError: As ``load_pairs`` does.
    """
    train, validation = _load(source, ("train", "validation"), data_dir, columns or {}, neutral, positive_from)
    return train, validation


def load_unlabelled(path: Path, *, columns: Mapping[str, str] | None = None) -> PairSet:
    """Load pairs that are to be judged: as ``load_pairs`` does with a file, but a label is not asked for.

    Args:
        path: A file.
        columns: What a column is called there and what it is here.

    Returns:
        All rows with two texts, without labels; the others are counted in ``dropped``.

    Raises:
        MissingInput: There is no such file.
        BadData: The file cannot be parsed, or has not the two columns.
        NothingToDo: There are no rows, or none is usable.
    """
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise MissingInput(f"{path} {problem}; give a file of pairs ({' '.join(SUFFIXES)}), or - for standard input")
    rows = list(pair_rows(read_table(path), columns or {}, str(path), required=REQUIRED[:2]))
    pairs = tuple(row for row in rows if row.sentence1.strip() and row.sentence2.strip())
    if not pairs:
        raise NothingToDo(f"none of the {len(rows)} rows of {path} holds two texts")
    dropped = {"empty text": len(rows) - len(pairs)} if len(pairs) < len(rows) else {}
    return PairSet(pairs, str(path), "all", origin=str(path), dropped=dropped)


def _load(
    source: str,
    splits: Sequence[str | None],
    data_dir: str | Path | None,
    columns: Mapping[str, str],
    neutral: Neutral,
    positive_from: float | None,
) -> Iterator[PairSet]:
    read: dict[Location, tuple[list[Pair], str]] = {}
    for split in splits:
        location = locate(source, split, data_dir)
        if location not in read:
            table, renames, origin = read_source(source, location, data_dir, columns)
            read[location] = list(pair_rows(table, renames, origin, source)), origin
        rows, origin = read[location]
        yield pair_set(rows, source, split, origin, location.derived, neutral, positive_from)


def read_source(
    source: str, location: Location, data_dir: str | Path | None, columns: Mapping[str, str]
) -> tuple[Any, Mapping[str, str], str]:
    """Read all rows of a place.

    Args:
        source: As for ``load_pairs``, like ``data_dir`` and ``columns``.
        location: Where ``locate`` found its rows.
        data_dir: See ``source``.
        columns: See ``source``.

    Returns:
        A ``datasets.Dataset``, the renames of its columns with those of the hub, and its origin in words.

    Raises:
        SiameseTextError: As ``load_pairs`` does.
    """
    if isinstance(location.place, Path):
        return read_table(location.place), columns, str(location.place)
    table, origin = _from_hub(source, location.place, location.stored, data_dir)
    return table, {**location.place.columns, **columns}, origin


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
        source: As for ``load_pairs``, like ``split``, ``neutral`` and ``positive_from``.
        split: See ``source``.
        origin: Where the rows were read from, in words.
        derived: Whether training and validation share them.
        neutral: See ``source``.
        positive_from: See ``source``.

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
    if derived:
        # cut before labels are converted, so that no option of theirs moves a pair to the other side
        rows, origin = derived_part(rows, split, source, origin, split_by_sentence)
    pairs, dropped = _convert(rows, scale, neutral, positive_from)
    if not pairs:
        reasons = ", ".join(f"{reason} {count}" for reason, count in dropped.items())
        raise NothingToDo(f"none of the {len(rows)} rows of {origin} can be used: {reasons}")
    graded = scale.kind == "graded" and positive_from is None
    return PairSet(tuple(pairs), source, split or "all", graded, origin, dropped)


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
            f"no validation split can be cut off {source}: its pairs hang together by the sentences they share; "
            f"add a file validation.jsonl"
        )
    share = "a tenth" if split == "validation" else "nine tenths"
    return part, f"{share} of {origin}, no sentence shared with the rest"


def _from_hub(source: str, hub: HubCopy, split: str, data_dir: str | Path | None) -> tuple[Any, str]:
    table = cached(hub, split)
    if table is not None:
        return table, f"{hub} {split} in the hub's cache"
    try:
        return download(hub, split), f"{hub} {split} on the hub"
    except MissingInput as error:
        raise MissingInput(
            f"data set {source}, split {split} was not found: tried {tried(source, split, data_dir)}, the hub's cache, "
            f"and the hub as {hub} ({error}); connect once, or save it as DIR/{source}/{split}.jsonl and add "
            f"--data-dir DIR"
        ) from error


def pair_rows(
    table: Any, columns: Mapping[str, str], origin: str, source: str = "", *, required: Sequence[str] = REQUIRED
) -> Iterator[Pair]:
    """Yield the rows of a table as pairs, with the labels that they have there.

    Args:
        table: A ``datasets.Dataset``.
        columns: What a column is called there and what it is here.
        origin: Where the table was read from, for messages.
        source: As for ``load_pairs``; published sets mark a missing label with -1.
        required: The columns that have to be there.

    Yields:
        Each row, also where a text is empty or the label is missing.

    Raises:
        BadData: A column is missing, or a label is not a number.
    """
    found = find_columns(table.column_names, columns, origin, REQUIRED + OPTIONAL, required)
    cells = table.select_columns(list(found.values()))[:]
    unlabelled = -1 if source in CATALOGUE else None
    absent = [None] * len(table)
    rows = zip(*(cells[found[column]] if column in found else absent for column in REQUIRED + OPTIONAL), strict=True)
    for number, (sentence1, sentence2, value, kind) in enumerate(rows, start=1):
        try:
            label = read_label(value)
        except (TypeError, ValueError):
            raise BadData(f"label {value!r} in row {number} of {origin} is not a number; allowed: {BINARY}") from None
        yield Pair(cell_text(sentence1), cell_text(sentence2), None if label == unlabelled else label, cell_text(kind))


def find_columns(
    names: Sequence[str], renames: Mapping[str, str], origin: str, allowed: Sequence[str], required: Sequence[str] = ()
) -> dict[str, str]:
    """Map each of our columns to a table's name for it.

    Args:
        names: The columns of the table.
        renames: What a column is called there and what it is here.
        origin: Where the table was read from, for messages.
        allowed: Our columns.
        required: Those that have to be there.

    Returns:
        The table's column for each of ours that it has.

    Raises:
        BadData: A rename names a column that is not there or none of ours, or a required one is missing.
    """
    listed = ", ".join(names)
    found = {column: column for column in allowed if column in names and column not in renames}
    for theirs, ours in renames.items():
        if theirs not in names:
            raise BadData(f"{origin} has no column {theirs} to read as {ours}; columns found: {listed}")
        if ours not in allowed:
            raise BadData(f"--columns {theirs}={ours}: there is no column {ours}; allowed: {', '.join(allowed)}")
        found[ours] = theirs
    missing = [column for column in required if column not in found]
    if missing:
        raise BadData(
            f"{origin} has no column {' and no column '.join(missing)}; columns found: {listed}; name one with "
            f"--columns a={missing[0]}"
        )
    return found


def cell_text(value: object) -> str:
    """Return the text of a cell; nothing at all and NaN are the empty text."""
    return "" if value is None or value != value else str(value)  # only NaN differs from itself


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
