"""What a run learns from and is evaluated on: its data sets with their losses, kept apart from the held-out rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.data.catalogue import CATALOGUE
from siamese_text.data.examples import ExampleSet
from siamese_text.data.leaks import leave_out_leaks
from siamese_text.data.loading import load_examples
from siamese_text.data.splits import sentences_of
from siamese_text.errors import BadData, MissingInput, NothingToDo, OneClass
from siamese_text.records import DataKind, Example, Pair
from siamese_text.training.losses import check_kind, default_loss
from siamese_text.training.settings import DataSettings, MixtureEntry
from siamese_text.training.unlabelled import read_unlabelled

VIEWS_LOSS = "infonce"


@dataclass(frozen=True, slots=True)
class TrainSet:
    """Rows of one data set, and how they are learned.

    Attributes:
        name: What the set is called.
        examples: The rows.
        kind: Theirs.
        loss: What learns from them, a loss or a weighted sum.
        weight: The factor of the loss.
        epoch_rows: How many of the rows an epoch takes; None takes all.
        views: Whether the columns are views of one text: each is encoded for itself, under a dropout of its own.
    """

    name: str
    examples: Sequence[Example]
    kind: DataKind
    loss: str
    weight: float = 1.0
    epoch_rows: int | None = None
    views: bool = False


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows of a run, and all that has to be said about them.

    Attributes:
        sets: What is trained on: the main set, then the further ones.
        held_out: The pairs to evaluate on: ``validation``, and ``test`` where the data set has one on this machine.
        validation: The rows behind the validation pairs, in the kind of the main set.
        origins: Where each split was read from; those of further sets are called ``name/split``.
        dropped: How many rows were left out, by split and reason.
        extra: Held-out pairs of the further sets that have any of their own: the general sense is measured by them.
        leaked: How many rows of each training set were left out since they share a sentence with held-out ones.
    """

    sets: tuple[TrainSet, ...]
    held_out: Mapping[str, tuple[Pair, ...]]
    validation: tuple[Example, ...]
    origins: Mapping[str, str]
    dropped: Mapping[str, Mapping[str, int]]
    leaked: Mapping[str, int]
    extra: Mapping[str, ExampleSet] = field(default_factory=dict)

    @property
    def graded(self) -> bool:
        """Whether the held-out pairs have grades, so that no decision between same and different can be fitted."""
        return self.sets[0].kind == "graded"


def load_training_data(settings: DataSettings, data_dir: Path | None) -> TrainingData:
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
    made = read_unlabelled(settings.unlabelled, settings.seed) if settings.unlabelled else None
    alone = made is not None and settings.dataset == settings.unlabelled
    parts = made.parts() if made and alone else _load_main(settings, data_dir)
    further = {entry.dataset: list(_load_further(entry.dataset, data_dir)) for entry in settings.mixture}

    # The held-out rows of any set are taken: no training set may hold a sentence of it.
    held_out = {split: part for split, part in parts.items() if split != "train"}
    extra = {name: loaded[1] for name, loaded in further.items() if loaded[1:]}
    taken = [row for part in (*held_out.values(), *extra.values()) for row in sentences_of(part.examples)]

    main = MixtureEntry(settings.dataset, settings.loss)
    learned = [(main, parts["train"]), *((entry, further[entry.dataset][0]) for entry in settings.mixture)]
    if made and not alone:
        learned.append((MixtureEntry(f"{settings.unlabelled}/pairs"), made.pairs()))
    if made:
        learned.append((MixtureEntry(f"{settings.unlabelled}/views", VIEWS_LOSS), made.views))
    sets, leaked = [], {}
    for entry, found in learned:
        rows, leaked[entry.dataset] = leave_out_leaks(found.examples, taken, entry.dataset)
        if entry is main:
            rows = _draw(rows, settings.max_train_samples, settings.seed)
        sets.append(replace(_as_train_set(entry, found, rows), views=bool(made and found is made.views)))

    read = parts | {f"{name}/{part.split}": part for name, loaded in further.items() for part in loaded}
    return TrainingData(
        sets=tuple(sets),
        held_out={split: part.pairs for split, part in held_out.items()},
        validation=_in_kind(parts["validation"], parts["train"].kind),
        origins={name: part.origin for name, part in read.items()},
        dropped={name: part.dropped for name, part in read.items() if part.dropped},
        leaked={name: count for name, count in leaked.items() if count},
        extra=extra,
    )


def _load_main(settings: DataSettings, data_dir: Path | None) -> dict[str, ExampleSet]:
    """Load the main set: ``train``, ``validation`` and, where there is one, ``test``."""
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
    for split, part in parts.items():
        if split != "train":
            _check_alike(train, part)
    return parts


def _as_train_set(entry: MixtureEntry, found: ExampleSet, rows: Sequence[Example]) -> TrainSet:
    """Return rows as a training set, with the loss that suits their kind where the loss is ``auto``."""
    _check_both_classes(found, rows)
    loss = default_loss(found.kind) if entry.loss == "auto" else entry.loss
    check_kind(loss, found.kind)
    epoch_rows = min(entry.rows, len(rows)) if entry.rows else None
    return TrainSet(entry.dataset, rows, found.kind, loss, entry.weight, epoch_rows)


def _load_further(name: str, data_dir: Path | None) -> Iterator[ExampleSet]:
    """Load the training rows of a further set and, of a known one, its validation rows."""
    splits = ("train", "validation") if name in CATALOGUE else ("train",)
    return load_examples(name, splits, data_dir=data_dir)


def _draw(rows: tuple[Example, ...], limit: int | None, seed: int) -> tuple[Example, ...]:
    """Return the training rows that the limit leaves, in their order."""
    if limit is None or limit >= len(rows):
        return rows
    chosen = np.random.default_rng(seed).permutation(len(rows))[:limit]
    return tuple(rows[row] for row in sorted(chosen))


def _check_alike(train: ExampleSet, held_out: ExampleSet) -> None:
    """Refuse held-out rows on which what the training rows teach cannot be evaluated."""
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
