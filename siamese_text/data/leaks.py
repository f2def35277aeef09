"""Sentences in common of training and held-out rows: found in evaluation pairs, left out of training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.given import as_source
from siamese_text.data.loading import default_split, load_examples
from siamese_text.data.splits import sentences_of, sharing
from siamese_text.errors import NothingToDo
from siamese_text.records import Example, Pair


@dataclass(frozen=True, slots=True, eq=False)
class Leaks:
    """What N evaluation pairs have in common with training data.

    Attributes:
        rows: (N,) bool, the pairs that share a sentence with any of the training sets.
        sources: How many pairs share one with each of them, by its name.
    """

    rows: NDArray[np.bool_]
    sources: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many pairs leak."""
        return int(self.rows.sum())


def find_leaks(pairs: Sequence[Pair], training: Any, *, data_dir: str | Path | None = None) -> Leaks:
    """Find the evaluation pairs that share a sentence with training data.

    Sentences are compared by their bags of words: case, punctuation and word order hide no leak.

    Args:
        pairs: N evaluation pairs.
        training: Known names, whose training split is read, or files of any kind or data in memory, of which every row
            is; one of them, or a list.
        data_dir: A folder with data sets by name.

    Returns:
        The pairs that leak, and how many of them into each set.

    Raises:
        MissingInput: A training set was found nowhere.
        BadData: Its columns are of no kind.
    """
    sides = [pair.sides for pair in pairs]
    rows = np.zeros(len(pairs), dtype=np.bool_)
    sources: dict[str, int] = {}
    for source in map(as_source, training if isinstance(training, list | tuple) else [training]):
        [loaded] = load_examples(source, (default_split(source, "train"),), data_dir=data_dir)
        leaking = sharing(sides, sentences_of(loaded.examples))
        sources[str(source)] = int(leaking.sum())
        rows |= leaking
    return Leaks(rows, sources)


def leave_out_leaks(examples: Sequence[Example], held_out: Sequence[str], name: str) -> tuple[tuple[Example, ...], int]:
    """Leave out the training rows that hold a sentence of held-out rows, in any word order.

    Args:
        examples: The training rows.
        held_out: The sentences of all held-out rows.
        name: Where the training rows are from, for messages.

    Returns:
        The rows that are kept, in their order, and the number of those left out.

    Raises:
        NothingToDo: None is kept.
    """
    leaking = sharing([row.texts for row in examples], held_out)
    kept = tuple(row for row, leaks in zip(examples, leaking, strict=True) if not leaks)
    if not kept:
        raise NothingToDo(f"all {len(examples)} training rows of {name} share a sentence with the held-out rows")
    return kept, int(leaking.sum())
