"""Loading a data set: where a split lies, its table read, and its rows as pairs or as examples of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from siamese_text.data.catalogue import Location, locate, tried
from siamese_text.data.columns import Columns, pair_rows, read_columns, read_label_names
from siamese_text.data.examples import ExampleRows, ExampleSet, example_rows, example_set
from siamese_text.data.given import GivenData, as_source
from siamese_text.data.hub import HubCopy, HubTable, cached, download
from siamese_text.data.known_columns import known_columns
from siamese_text.data.labels import Neutral
from siamese_text.data.pairs import PairSet, pair_set
from siamese_text.data.tables import Table, open_table
from siamese_text.errors import MissingInput
from siamese_text.records import Pair

Rows = TypeVar("Rows")


def default_split(source: str | Path, otherwise: str = "validation") -> str | None:
    """Return the split that is read where none was named.

    Args:
        source: What is to be loaded.
        otherwise: The split of what is not a single file.

    Returns:
        None, which stands for every row, for a single file or a table in memory; else ``otherwise``.
    """
    if isinstance(source, GivenData):
        return None if len(source.tables) == 1 else otherwise
    return None if Path(source).is_file() else otherwise


def load_pairs(
    source: Any,
    split: str | None = None,
    *,
    data_dir: str | Path | None = None,
    columns: Columns = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
) -> PairSet:
    """Load one split of a data set of sentence pairs.

    Args:
        source: A file, a folder with one file a split, or a name of the catalogue or of a folder in ``data_dir``; or
            data in memory: a DataFrame, a ``datasets.Dataset``, a mapping of columns, or rows.
        split: ``train``, ``validation`` or another split of the data set; ``None`` or ``all`` for every row of a
            single file. Without a validation split, ``train`` and ``validation`` share the training rows.
        data_dir: A folder with one folder a data set; without it, that of SIAMESE_TEXT_DATA.
        columns: What a column is called there and what it is here: ``{"a": "sentence1"}`` or ``"a=sentence1"``. A
            label may be followed by the two that it takes, ``"verdict=label:dup/new"``, that for the same first.
        neutral: What becomes of the neutral pairs of natural-language inference: ``drop`` or ``different``.
        positive_from: Turns grades into 0 and 1: same from this label on, in the data set's own units.

    Returns:
        The pairs with labels in [0, 1]: 1 = same, 0 = different; grades are scaled from their range, and usual words
        such as yes and no, and 1 and -1, become 1 and 0, which is said.

    Raises:
        MissingInput: The data set or the split was found nowhere.
        BadData: The file cannot be parsed, or its columns or labels are not those of sentence pairs.
        NothingToDo: There are no rows, or none is usable.
        UsageError: An option does not fit the labels, or no split of several was named.

    Example:
        >>> found = load_pairs("sample", "validation")
        >>> len(found.pairs), sorted({pair.label for pair in found.pairs})
        (258, [0.0, 1.0])
    """
    return next(_load_pairs(source, (split,), data_dir, columns, neutral, positive_from))


def load_train_and_validation(
    source: Any,
    *,
    data_dir: str | Path | None = None,
    columns: Columns = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
) -> tuple[PairSet, PairSet]:
    """Load what a training run needs, reading a file that holds both splits once.

    Args:
        source: A file, a folder with one file a split, or a name, as for ``load_pairs``.
        data_dir: A folder with one folder a data set.
        columns: What a column is called there and what it is here.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on.

    Returns:
        What ``load_pairs`` gives for ``train`` and for ``validation``.

    Raises:
        SiameseTextError: The same errors as those of ``load_pairs``.
    """
    splits = ("train", "validation")
    train, validation = _load_pairs(source, splits, data_dir, columns, neutral, positive_from)
    return train, validation


def load_examples(
    source: Any,
    splits: Sequence[str | None] = ("train",),
    *,
    data_dir: str | Path | None = None,
    columns: Columns = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
) -> Iterator[ExampleSet]:
    """Load splits of a data set of any kind, reading a file that holds several of them once.

    The columns tell the kind: ``sentence1, sentence2, label`` are labelled pairs, and ``positives`` if every label of
    the file is 1; ``sentence1, sentence2`` or ``anchor, positive`` are positives; ``anchor, positive, negative`` (or
    ``negative_1``, ``negative_2`` ...) are triplets; ``text, label`` are texts with classes. Names of columns in
    published sets are known too, and said; a column that may hold labels and that nothing reads is refused.

    Args:
        source: A file, a folder with one file a split, or a name, as for ``load_pairs``.
        splits: The splits to load; ``None`` or ``all`` for every row of a single file.
        data_dir: A folder with one folder a data set.
        columns: What a column is called there and what it is here.
        neutral: What becomes of the neutral pairs of natural-language inference.
        positive_from: Turns grades into 0 and 1: same from this label on.

    Yields:
        The usable rows of each split.

    Raises:
        SiameseTextError: The same errors as those of ``load_pairs``, and where the columns are of no kind.
    """
    names = read_label_names(columns)
    source = as_source(source)

    def read(table: Table, renames: Mapping[str, str], source: str) -> ExampleRows:
        return example_rows(table, renames, source, names)

    for split, location, rows in _by_place(source, splits, data_dir, columns, read):
        yield example_set(rows, str(source), split, location.derived, neutral, positive_from)


def _load_pairs(
    source: Any,
    splits: Sequence[str | None],
    data_dir: str | Path | None,
    columns: Columns,
    neutral: Neutral,
    positive_from: float | None,
) -> Iterator[PairSet]:
    names = read_label_names(columns)
    source = as_source(source)

    def read(table: Table, renames: Mapping[str, str], source: str) -> tuple[list[Pair], str]:
        return pair_rows(table, renames, source, names), table.name

    for split, location, (rows, origin) in _by_place(source, splits, data_dir, columns, read):
        yield pair_set(rows, str(source), split, origin, location.derived, neutral, positive_from)


def _by_place(
    source: str | Path,
    splits: Sequence[str | None],
    data_dir: str | Path | None,
    columns: Columns,
    read: Callable[[Table, Mapping[str, str], str], Rows],
) -> Iterator[tuple[str | None, Location, Rows]]:
    """Yield each split with its place and the rows there; a place that holds several of them is read once."""
    held: dict[Location, Rows] = {}
    for split in splits:
        location = locate(source, split, data_dir)
        if location not in held:
            table, renames = read_source(source, location, data_dir, columns)
            held[location] = read(table, renames, str(source))
        yield split, location, held[location]


def read_source(
    source: str | Path, location: Location, data_dir: str | Path | None = None, columns: Columns = None
) -> tuple[Table, Mapping[str, str]]:
    """Open the table of a place.

    Args:
        source: What the user asked for, for messages.
        location: Where ``locate`` found its rows.
        data_dir: A folder with one folder a data set, for messages.
        columns: What a column is called there and what it is here.

    Returns:
        The table, and the renames of its columns, with those of the hub.

    Raises:
        SiameseTextError: The same errors as those of ``load_pairs``.
    """
    renames = read_columns(columns)
    if isinstance(location.place, GivenData):
        given: Table = location.place.tables[location.stored]
        return given, known_columns(given, renames)
    if isinstance(location.place, Path):
        table = open_table(location.place, all_columns=True)
        return table, known_columns(table, renames)
    on_hub = _from_hub(str(source), location.place, location.stored, data_dir)
    return on_hub, {**location.place.columns, **renames}


def _from_hub(source: str, hub: HubCopy, split: str, data_dir: str | Path | None) -> HubTable:
    try:
        return cached(hub, split) or download(hub, split)
    except MissingInput as error:
        raise MissingInput(
            f"data set {source}, split {split} was not found: tried {tried(source, split, data_dir)}, the hub's cache, "
            f"and the hub as {hub} ({error}); connect once, or save it as DIR/{source}/{split}.jsonl and add "
            f"--data-dir DIR"
        ) from error
