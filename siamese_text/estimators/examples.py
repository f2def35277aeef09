"""Texts with labels, each text once: what stands in two classes says nothing of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadExamples
from siamese_text.estimators.class_scores import Classes


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Distinct examples of classes.

    Attributes:
        texts: N distinct texts, each of one class.
        classes: (N,) the place of its label.
        labels: (C,) the labels, sorted, those that only a name stands for with them.
        outsiders: Distinct texts that belong to no class.
        contradictory: Texts that stood in two classes, or in one and in none.
    """

    texts: list[str]
    classes: Classes
    labels: NDArray[Any]
    outsiders: list[str]
    contradictory: list[str]


def distinct_examples(texts: Sequence[str], labels: NDArray[Any], none: Any, names: Any) -> Examples:
    """Sort examples out.

    Args:
        texts: N texts.
        labels: (N,) their labels.
        none: The label of texts that belong to no class.
        names: A mapping, whose keys are labels as well; anything else is not read.

    Returns:
        The distinct ones.

    Raises:
        BadExamples: There are fewer than two classes.
    """
    labels_of: dict[str, set[Any]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        labels_of.setdefault(text, set()).add(label)
    found = {label for each in labels_of.values() for label in each} - {none}
    found |= set(names) - {none} if isinstance(names, Mapping) else set()
    if len(found) < 2:
        seen = f"are of one class only, '{next(iter(found))}'" if found else "are of no class"
        raise BadExamples(f"the examples {seen}; give two classes or more")
    known = sorted(found)
    place = {label: number for number, label in enumerate(known)}
    single = {text: next(iter(each)) for text, each in labels_of.items() if len(each) == 1}
    kept = [text for text, label in single.items() if label != none]
    # An array of the labels' own type: what fit was given is what predict gives.
    kind = labels.dtype if len(labels) and labels.dtype.kind != "U" else None
    return Examples(
        kept,
        np.array([place[single[text]] for text in kept], dtype=np.int64),
        np.array(known, dtype=kind),
        [text for text, label in single.items() if label == none],
        [text for text, each in labels_of.items() if len(each) > 1],
    )
