"""Cutting a validation set off labelled pairs so that no sentence stands on both sides."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.records import Pair

_WORD = re.compile(r"\w+")


def normalised(sentence: str) -> str:
    """Reduce a sentence to its bag of words, so that the same words in any order give the same key.

    Args:
        sentence: Any text; case, punctuation and the composition of accents do not matter.

    Returns:
        The case-folded words in alphabetical order, repeats kept; a text without a word is its own key.

    Example:
        >>> normalised("The dog chased the cat.") == normalised("the cat chased the dog")
        True
    """
    text = unicodedata.normalize("NFKC", sentence).casefold()
    return " ".join(sorted(_WORD.findall(text))) or text.strip()


def split_by_sentence(pairs: Sequence[Pair], *, share: float = 0.1, seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Split pairs into a training and a validation part that have no sentence in common, in any word order.

    Pairs that share a sentence, directly or through other pairs, form one component and stay together.
    Components are visited in a seeded order. Each label, rounded to a whole number, has room for ``share`` of
    its pairs (at least one, if it has two), and a component goes to validation if all its labels still have
    room. This keeps the balance of labels, and a component too big for validation stays in training.

    Args:
        pairs: The labelled pairs.
        share: The share of pairs wanted for validation, between 0 and 1.
        seed: Decides the order in which components are visited.

    Returns:
        The training and the validation pairs, each in their first order; together they are all pairs.

    Raises:
        UsageError: ``share`` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise UsageError(f"share {share} of pairs for validation: choose one between 0 and 1, such as 0.1")
    if not pairs:
        return [], []
    components = _components(pairs)
    strata = [None if pair.label is None else round(pair.label) for pair in pairs]
    members: list[list[int]] = [[] for _ in range(int(components.max()) + 1)]
    for index, component in enumerate(components):
        members[component].append(index)

    room = Counter({stratum: max(round(share * n), min(1, n - 1)) for stratum, n in Counter(strata).items()})
    chosen: set[int] = set()
    for component in np.random.default_rng(seed).permutation(len(members)):
        need = Counter(strata[index] for index in members[component])
        if need <= room:
            room -= need
            chosen.update(members[component])
    training = [pair for index, pair in enumerate(pairs) if index not in chosen]
    validation = [pair for index, pair in enumerate(pairs) if index in chosen]
    return training, validation


def without_shared(train: Sequence[Pair], other: Sequence[Pair]) -> list[Pair]:
    """Leave out the training pairs that share a sentence, in any word order, with another set of pairs.

    Args:
        train: The pairs to clean.
        other: The pairs that are going to be scored, such as a validation set.

    Returns:
        The training pairs that remain, in their order.
    """
    taken = {normalised(sentence) for pair in other for sentence in (pair.sentence1, pair.sentence2)}
    return [pair for pair in train if taken.isdisjoint((normalised(pair.sentence1), normalised(pair.sentence2)))]


def shared_sentences(train: Sequence[Pair], other: Sequence[Pair]) -> int:
    """Count the training pairs that share a sentence, in any word order, with another set of pairs.

    Args:
        train: The pairs to count.
        other: The pairs to compare them with.

    Returns:
        A number between 0 and ``len(train)``.

    Example:
        >>> shared_sentences([Pair("Tea is hot.", "I like tea.")], [Pair("Is tea hot?", "Is it?")])
        1
    """
    return len(train) - len(without_shared(train, other))


def _components(pairs: Sequence[Pair]) -> NDArray[np.int32]:
    """Number the connected components of the graph whose nodes are sentences and whose edges are pairs: (N,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids: dict[str, int] = {}
    left = [ids.setdefault(normalised(pair.sentence1), len(ids)) for pair in pairs]
    right = [ids.setdefault(normalised(pair.sentence2), len(ids)) for pair in pairs]
    edges = coo_array((np.ones(len(pairs), dtype=np.int32), (left, right)), shape=(len(ids), len(ids)))
    _, component_of_sentence = connected_components(edges, directed=False)
    found: NDArray[np.int32] = component_of_sentence[left]
    return found
