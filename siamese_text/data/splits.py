"""Keeping training and held-out rows apart: cutting a validation part off, and finding rows that share a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.errors import BadData, UsageError
from siamese_text.records import Example, Pair

_WORD = re.compile(r"\w+")
Row = TypeVar("Row", Pair, Example)


def bag_of_words(sentence: str) -> str:
    """Reduce a sentence to its bag of words, so that the same words in any order give the same key.

    Args:
        sentence: Any text; case, punctuation and the composition of accents do not matter.

    Returns:
        The case-folded words in alphabetical order, repeats kept; a text without a word is its own key.

    Example:
        >>> bag_of_words("The dog chased the cat.") == bag_of_words("the cat chased the dog")
        True
    """
    text = unicodedata.normalize("NFKC", sentence).casefold()
    return " ".join(sorted(_WORD.findall(text))) or text.strip()


def split_by_sentence(
    rows: Sequence[Row], *, share: float = 0.1, seed: int = 0, least: int = 1
) -> tuple[list[Row], list[Row]]:
    """Split rows into a training and a validation part that have no sentence in common, in any word order.

    Rows that share a sentence, directly or through other rows, form one component and stay together.
    Components are visited in a seeded order. Each label, rounded to a whole number, has room for ``share`` of
    its rows (at least ``least``, if as many are left to learn from), and a component goes to validation if all its
    labels still have room. This keeps the balance of labels, and a component too big for validation stays in training.

    Args:
        rows: Pairs, or examples of any kind.
        share: The share of rows wanted for validation, between 0 and 1.
        seed: Decides the order in which components are visited.
        least: How many rows of each label are held out of few.

    Returns:
        The training and the validation rows, each in their first order; together they are all rows.

    Raises:
        UsageError: ``share`` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise UsageError(f"share {share} of rows for validation: choose one between 0 and 1, such as 0.1")
    if not rows:
        return [], []
    strata = [None if row.label is None else round(row.label) for row in rows]
    members: list[list[int]] = []
    for index, component in enumerate(components([row.texts for row in rows])):
        if component == len(members):
            members.append([])
        members[component].append(index)

    # A component is held out while each of its labels has room left; what does not fit stays in training.
    room = Counter({stratum: max(round(share * n), min(least, n - least)) for stratum, n in Counter(strata).items()})
    chosen: set[int] = set()
    for component in np.random.default_rng(seed).permutation(len(members)):
        need = Counter(strata[index] for index in members[component])
        if need <= room:
            room -= need
            chosen.update(members[component])
    training = [row for index, row in enumerate(rows) if index not in chosen]
    validation = [row for index, row in enumerate(rows) if index in chosen]
    return training, validation


def split_classes(
    rows: Sequence[Example], name: str, *, share: float = 0.1, seed: int = 0
) -> tuple[list[Example], list[Example]]:
    """Split texts with classes so that the validation part has two texts of one class, and one of another.

    Of few texts a class, ``split_by_sentence`` holds out one each, of which no two are the same. Then two texts are
    held out of each class that has four or more; where too few classes have, whole classes are.

    Args:
        rows: The texts, their classes as labels.
        name: Where they are from, for messages.
        share: The share of rows wanted for validation, between 0 and 1.
        seed: Decides which rows are held out.

    Returns:
        The training and the validation rows, each in their first order; together they are all rows.

    Raises:
        BadData: The texts of several classes are too few for both parts.
    """
    tenth = split_by_sentence(rows, share=share, seed=seed)
    if _can_be_compared(tenth[1]) or len({row.label for row in rows} - {None}) < 2:
        return tenth
    for parts in (split_by_sentence(rows, share=share, seed=seed, least=2), _whole_classes(rows, share, seed)):
        if all(map(_can_be_compared, parts)):
            return parts
    raise BadData(
        f"no validation split can be cut off {name}: of its {len(rows)} texts with classes, both parts need two of one "
        f"class and one of another; give 4 texts a class or more, or a file validation.jsonl beside train.jsonl"
    )


def _can_be_compared(rows: Sequence[Example]) -> bool:
    """Say whether some two texts are of one class, and some two of different ones."""
    texts = _texts_by_class(rows)
    return len(texts) > 1 and any(len(each) > 1 for each in texts.values())


def _texts_by_class(rows: Sequence[Example]) -> dict[float, set[str]]:
    texts: dict[float, set[str]] = {}
    for row in rows:
        if row.label is not None and row.texts[0].strip():
            texts.setdefault(row.label, set()).add(row.texts[0])
    return texts


def _whole_classes(rows: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Hold out all texts of at least two classes, which have several."""
    several = sorted(label for label, texts in _texts_by_class(rows).items() if len(texts) > 1)
    chosen = np.random.default_rng(seed).permutation(several)[: max(2, round(share * len(several)))].tolist()
    return [row for row in rows if row.label not in chosen], [row for row in rows if row.label in chosen]


def components(rows: Sequence[Sequence[str]]) -> list[int]:
    """Number rows so that two have the same number if they share a sentence, directly or through other rows.

    Two sentences of the same words in any order count as one.

    Args:
        rows: The sentences of each row, at least one.

    Returns:
        A number for each row, counted from 0 in the order of first rows.

    Example:
        >>> components([["a", "b"], ["c", "d"], ["e", "B"]])
        [0, 1, 0]
    """
    # The nodes of the graph are sentences, and each row links its first sentence to all of its own.
    ids: dict[str, int] = {}
    sentences = [ids.setdefault(bag_of_words(text), len(ids)) for row in rows for text in row]
    sizes = [len(row) for row in rows]
    firsts = np.take(sentences, np.cumsum([0, *sizes[:-1]]))  # (N,), the first sentence of each row
    of_sentence = connected_components(np.repeat(firsts, sizes), sentences, len(ids))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(component, len(numbers)) for component in of_sentence[firsts].tolist()]


def sharing(rows: Sequence[Sequence[str]], sentences: Iterable[str]) -> NDArray[np.bool_]:
    """Say which rows hold one of some sentences, in any word order.

    Args:
        rows: The sentences of each of N rows.
        sentences: Those to look for, such as the ones of a validation set.

    Returns:
        (N,) bool.

    Example:
        >>> sharing([("Tea is hot.", "I like tea."), ("Ice is cold.", "It is.")], ["Is tea hot?"]).tolist()
        [True, False]
    """
    taken = {bag_of_words(sentence) for sentence in sentences}
    return np.array([not taken.isdisjoint(map(bag_of_words, row)) for row in rows], dtype=np.bool_)


def sentences_of(rows: Iterable[Pair | Example]) -> Iterable[str]:
    """Return all sentences of rows, those that stand in several of them several times."""
    return chain.from_iterable(row.texts for row in rows)
