"""Names and descriptions of classes as texts that stand for them, beside their examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from siamese_text.estimators.class_scores import Classes
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

SAYS_SOMETHING = re.compile(r"[^\W\d_]{2}")  # a label without two letters in a row is a number or a code
LUCK = 0.01  # how probable it may be that names which say nothing find as many examples


def words_of(label: Any) -> str:
    """Return a label as words.

    Example:
        >>> words_of("Refund_not_showing_up"), words_of("cardArrival")
        ('refund not showing up', 'card arrival')
    """
    spaced = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", str(label))
    return re.sub(r"[\W_]+", " ", spaced).strip().lower()


def texts_of_classes(labels: Sequence[Any], names: Any) -> dict[int, list[str]]:
    """Return the texts that stand for each class.

    Args:
        labels: The C labels, in order.
        names: A mapping from labels to a text or several; anything else means that the labels are words themselves.

    Returns:
        Texts by the number of the class, for those that have any.
    """
    if isinstance(names, Mapping):
        given = {place: names[label] for place, label in enumerate(labels) if label in names}
        return {place: [text] if isinstance(text, str) else list(text) for place, text in given.items()}
    saying = [isinstance(label, str) and bool(SAYS_SOMETHING.search(label)) for label in labels]
    if sum(saying) <= len(labels) / 2:  # a form such as "w2" may stand among words, but not they among codes
        return {}
    return {place: [words_of(label)] for place, label in enumerate(labels) if words_of(label)}


def moved_to(examples: FloatArray, classes: Classes, names: FloatArray, names_of: Classes) -> FloatArray:
    """Return names moved to where the examples are: a name is a short text of another kind, and all share that.

    Args:
        examples: (N, D) unit vectors.
        classes: (N,) the class of each.
        names: (M, D) unit vectors.
        names_of: (M,) the class of each.

    Returns:
        (M, D) unit vectors: moved as far as names and examples of the same classes lie apart; as they were, where
        fewer than two classes have both.
    """
    both = np.intersect1d(classes, names_of)
    if len(both) < 2:
        return names
    apart = examples[np.isin(classes, both)].mean(axis=0) - names[np.isin(names_of, both)].mean(axis=0)
    return unit_rows(names + apart).astype(np.float32)


def names_tell(examples: FloatArray, classes: Classes, names: FloatArray, names_of: Classes) -> bool:
    """Say whether examples find their class by its name more often than by luck: labels may be words and say nothing.

    Args:
        examples: (N, D) unit vectors.
        classes: (N,) the class of each.
        names: (M, D) unit vectors.
        names_of: (M,) the class of each.
    """
    from scipy.stats import binom

    known = np.unique(names_of)
    named = np.isin(classes, known)
    if len(known) < 2 or not named.any():
        return True  # there is nothing to measure by
    centred = examples[named] - examples[named].mean(axis=0) if named.sum() > 1 else examples[named]
    found = names_of[(centred @ (names - names.mean(axis=0)).T).argmax(axis=1)] == classes[named]
    all_found = (1 / len(known)) ** len(found)  # the most that few examples can say
    return bool(binom.sf(found.sum() - 1, len(found), 1 / len(known)) <= max(LUCK, all_found))
