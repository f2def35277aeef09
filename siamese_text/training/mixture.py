"""What a run learns from and is judged by: its data sets with their losses, kept apart from the held-out rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.examples import ExampleSet
from siamese_text.data.loading import load_examples
from siamese_text.data.splits import sentences_of, sharing
from siamese_text.errors import BadData, MissingInput, NothingToDo, OneClass, UsageError
from siamese_text.records import DataKind, Example, Pair
from siamese_text.training.losses import check_kind, default_loss
from siamese_text.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class TrainSet:
    """Rows of one data set, the loss that learns from them, and how many of them an epoch takes (None: all)."""

    name: str
    examples: Sequence[Example]
    kind: DataKind
    loss: str
    weight: float = 1.0
    epoch_rows: int | None = None


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows of a run, and all that has to be said about them.

    Attributes:
        sets: What is trained on: the main set, then the further ones.
        held_out: The pairs that judge: ``validation``, and ``test`` where the data set has one on this machine.
        validation: The rows behind the validation pairs, in the kind of the main set.
        origins: Where each split was read from; those of further sets are called ``name/split``.
        dropped: For each split, likewise, the rows left out by reason.
        also: Held-out pairs of the further sets that have any of their own: the general sense is measured by them.
        leaked: For each training set, how many rows were left out since they share a sentence with held-out ones.
    """

    sets: tuple[TrainSet, ...]
    held_out: Mapping[str, tuple[Pair, ...]]
    validation: tuple[Example, ...]
    origins: Mapping[str, str]
    dropped: Mapping[str, Mapping[str, int]]
    leaked: Mapping[str, int]
    also: Mapping[str, ExampleSet] = field(default_factory=dict)

    @property
    def graded(self) -> bool:
        """Whether the held-out pairs have grades, so that no decision between same and different can be fitted."""
        return self.sets[0].kind == "graded"


def load_training_data(settings: TrainSettings, data_dir: Path | None) -> TrainingData:
    """Load the splits of the data sets of a run, and leave out of training what the held-out ones hold.

    Args:
        settings: Names of the data sets, and how their labels and columns are read.
        data_dir: A folder with data sets by name.

    Returns:
        The rows, with counts of what was dropped.

    Raises:
        BadData: The labels do not fit the loss, or are of one class only.
        MissingInput: A data set was not found.
        UsageError: A loss does not take the kind of its rows.
    """
    options: dict[str, Any] = {
        "data_dir": data_dir,
        "columns": settings.column_names,
        "neutral": settings.neutral,
        "positive_from": settings.positive_from,
    }
    train, validation = load_examples(settings.dataset, ("train", "validation"), **options)
    parts = {"train": train, "validation": validation}
    with suppress(MissingInput, NothingToDo):  # no test split, or one whose labels are withheld
        parts["test"] = next(load_examples(settings.dataset, ("test",), **options))
    held_out = {name: part for name, part in parts.items() if name != "train"}
    for part in held_out.values():
        _check_alike(train, part)
    terms = [_read_also(term) for term in filter(None, map(str.strip, settings.also.split(";")))]
    loaded = {term.name: list(_load_further(term.name, data_dir)) for term in terms}
    also = {name: further[1] for name, further in loaded.items() if further[1:]}
    taken = [row for part in (*held_out.values(), *also.values()) for row in sentences_of(part.examples)]
    main = MixtureEntry(settings.dataset, settings.loss)
    leaked = {}
    sets = []
    for term, found in ((main, train), *((term, loaded[term.name][0]) for term in terms)):
        rows, leaked[term.name] = _apart(found.examples, taken, term.name)
        if term is main:
            rows = _draw(rows, settings.limit, settings.seed)
        _check_both_classes(found, rows)
        made = as_train_set(term.name, rows, found.kind, term.loss, term.weight)
        sets.append(replace(made, epoch_rows=min(term.epoch_rows, len(rows)) if term.epoch_rows else None))
    read = parts | {f"{name}/{part.split}": part for name, further in loaded.items() for part in further}
    return TrainingData(
        sets=tuple(sets),
        held_out={name: part.pairs for name, part in held_out.items()},
        validation=_in_kind(validation, train.kind),
        origins={name: part.origin for name, part in read.items()},
        dropped={name: part.dropped for name, part in read.items() if part.dropped},
        leaked={name: count for name, count in leaked.items() if count},
        also=also,
    )


def as_train_set(name: str, examples: Sequence[Example], kind: DataKind, loss: str, weight: float = 1.0) -> TrainSet:
    """Return rows as a training set, with the loss that suits their kind where the loss is ``auto``.

    Raises:
        UsageError: The loss does not take the kind.
    """
    named = default_loss(kind) if loss == "auto" else loss
    check_kind(named, kind)
    return TrainSet(name, examples, kind, named, weight)


@dataclass(frozen=True, slots=True)
class MixtureEntry:
    """A data set to learn from, as the setting ``also`` names it."""

    name: str
    loss: str = "auto"
    weight: float = 1.0
    epoch_rows: int | None = None


def _read_also(term: str) -> MixtureEntry:
    """Read a further data set, ``name[:loss[:weight[:rows]]]``."""
    name, loss, weight, rows = (*(part.strip() for part in term.split(":")), "", "", "")[:4]
    try:
        factor = float(weight or 1)
        if not 0 < factor < float("inf"):
            raise ValueError
    except ValueError:
        raise UsageError(f"weight is '{weight}' in also '{term}'; write a positive number") from None
    if rows and not (rows.isdecimal() and int(rows)):
        raise UsageError(f"the number of rows is '{rows}' in also '{term}'; write a whole number above 0")
    return MixtureEntry(name, loss or "auto", factor, int(rows) if rows else None)


def _load_further(name: str, data_dir: Path | None) -> Iterator[ExampleSet]:
    """Load the training rows of a further set and, of a known one, its validation rows."""
    splits = ("train", "validation") if name in CATALOGUE else ("train",)
    return load_examples(name, splits, data_dir=data_dir)


def _apart(examples: Sequence[Example], taken: Sequence[str], name: str) -> tuple[tuple[Example, ...], int]:
    """Leave out the rows that hold a sentence of the held-out rows, and count them."""
    shared = sharing([row.texts for row in examples], taken)
    kept = tuple(row for row, leave in zip(examples, shared, strict=True) if not leave)
    if not kept:
        raise NothingToDo(f"all {len(examples)} training rows of {name} share a sentence with the held-out rows")
    return kept, int(shared.sum())


def _draw(rows: tuple[Example, ...], limit: int | None, seed: int) -> tuple[Example, ...]:
    """Return the training rows that the limit leaves, in their order."""
    if limit is None or limit >= len(rows):
        return rows
    chosen = np.random.default_rng(seed).permutation(len(rows))[:limit]
    return tuple(rows[row] for row in sorted(chosen))


def _check_alike(train: ExampleSet, held_out: ExampleSet) -> None:
    """Refuse held-out rows that cannot judge what the training rows teach."""
    if held_out.kind == "positives" and train.kind == "pairs":
        raise _one_class(held_out, held_out.examples, 1)
    if held_out.kind != train.kind and (train.kind, held_out.kind) != ("positives", "pairs"):
        raise BadData(
            f"the training rows of {train.name} are {train.kind}, those of {held_out.split} are {held_out.kind}; "
            f"give both the same columns"
        )
    if held_out.kind != "graded" and len({pair.label for pair in held_out.pairs}) < 2:
        raise _one_class(held_out, held_out.pairs, held_out.pairs[0].label if held_out.pairs else None)


def _check_both_classes(found: ExampleSet, rows: Sequence[Example]) -> None:
    labels = {row.label for row in rows}
    if found.kind in ("pairs", "classes") and len(labels) < 2:
        raise _one_class(found, rows, labels.pop())


def _one_class(part: ExampleSet, rows: Sequence[Any], label: float | None) -> OneClass:
    return OneClass(len(rows), label, f" of {part.name}, split {part.split}")


def _in_kind(part: ExampleSet, kind: DataKind) -> tuple[Example, ...]:
    """Return rows as the loss of the main set takes them: of labelled pairs beside positives only the positive ones."""
    if part.kind == kind:
        return part.examples
    return tuple(replace(row, label=None) for row in part.examples if row.label == 1)
