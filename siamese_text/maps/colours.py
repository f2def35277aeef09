"""What the colours of a map say: the values of a column, clusters, or how strange each text is among the others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.maps.points import SEED
from siamese_text.records import FloatArray
from siamese_text.search.top_k import top_k

MOST_GROUPS = 12  # six colours in two shapes; more than that nobody tells apart
STRANGEST = ((0.05, "the strangest 5 %"), (0.2, "the next 15 %"), (1.0, "the other 80 %"))
NEIGHBOURS = 3  # as AnomalyDetector has it
CLUSTERS = range(2, MOST_GROUPS + 1)
MOST_COMPARED = 1000  # texts that the number of clusters is chosen by
WORDS = 3  # that name a cluster
OTHERS = -1


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """The groups of N texts.

    Attributes:
        title: What the groups are.
        groups: Their names.
        of: (N,) int64, the place of the group of each text, −1 for one of a group too rare to have a colour.
        values: What is written beside each text.
        ordered: Whether the groups go from little to much.
    """

    title: str
    groups: Sequence[str]
    of: NDArray[np.int64]
    values: Sequence[str]
    ordered: bool = False

    @property
    def sizes(self) -> list[int]:
        """How many texts each group has."""
        return [int((self.of == place).sum()) for place in range(len(self.groups))]


def by_values(title: str, values: Sequence[Any]) -> Colouring:
    """Colour by a column: the commonest values, or fifths of numbers that are many.

    Args:
        title: The name of the column.
        values: N values; None where there is none.

    Returns:
        At most 12 groups in the order of their names, or five from little to much.

    Example:
        >>> by_values("topic", ["tea", "milk", "tea", None]).of.tolist()
        [1, 0, 1, -1]
    """
    written = ["" if value is None else str(value) for value in values]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(set(numbers)) > MOST_GROUPS and len(numbers) == sum(value is not None for value in values):
        return _fifths(title, values, written)
    common = [value for value, _ in Counter(each for each in written if each).most_common(MOST_GROUPS)]
    groups = sorted(common)
    place = {name: number for number, name in enumerate(groups)}
    return Colouring(title, groups, np.array([place.get(each, OTHERS) for each in written], np.int64), written)


def by_cluster(vectors: FloatArray, texts: Sequence[str], clusters: int | None = None) -> Colouring:
    """Colour by clusters of the embeddings, each named by words that are common in it and rare in the others.

    The clusters are those of k-means; without a number, that of 2 to 12 whose mean silhouette is largest (Rousseeuw
    1987). The weight of a word that n texts of a cluster hold is n · log(n / e), with e how many would if those
    that hold it were spread evenly: what it adds to the Kullback-Leibler divergence of the cluster from all texts.

    Args:
        vectors: (N, D) of unit length.
        texts: The N texts.
        clusters: How many there are to be, from 2 to 12.

    Returns:
        The clusters, the largest first.

    Raises:
        UsageError: There cannot be so many.
    """
    of = _cluster(vectors, clusters)
    order = np.argsort(-np.bincount(of), kind="stable")
    of = np.argsort(order)[of]
    names = _names_of_clusters(texts, of)
    return Colouring("cluster", names, of, [names[place] for place in of.tolist()])


def by_strangeness(vectors: FloatArray) -> Colouring:
    """Colour by how strange each text is among the others: its mean distance, 1 − cosine, to the three nearest.

    Args:
        vectors: (N, D) of unit length, N ≥ 2.

    Returns:
        Three groups, from usual to strange; that a text is among the strangest does not say that it is too strange.
    """
    count = min(NEIGHBOURS, len(vectors) - 1)
    scores, rows = top_k(vectors, vectors, count + 1)
    distances = np.maximum(1 - scores.astype(np.float64), 0)
    itself = rows == np.arange(len(vectors))[:, None]
    itself[~itself.any(axis=1), -1] = True  # among more copies of it than are looked at
    strange = distances[~itself].reshape(len(vectors), count).mean(axis=1)
    rank = np.argsort(np.argsort(-strange, kind="stable"), kind="stable")  # 0 is the strangest
    bounds = [math.ceil(share * len(vectors)) for share, _ in STRANGEST]
    of = 2 - np.searchsorted(bounds, rank, side="right")
    names = [name for _, name in reversed(STRANGEST)]
    return Colouring("anomaly", names, of.astype(np.int64), [f"{value:.3f}" for value in strange], ordered=True)


def _fifths(title: str, values: Sequence[Any], written: Sequence[str]) -> Colouring:
    numbers = np.array([math.nan if value is None else value for value in values], np.float64)
    known = np.isfinite(numbers)
    edges = np.unique(np.quantile(numbers[known], (0.2, 0.4, 0.6, 0.8)))
    of = np.where(known, np.searchsorted(edges, numbers), OTHERS)
    names = [f"up to {edge:g}" for edge in edges] + [f"above {edges[-1]:g}"]
    return Colouring(title, names, of.astype(np.int64), written, ordered=True)


def _cluster(vectors: FloatArray, clusters: int | None) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    different = len(np.unique(vectors.round(5), axis=0))
    if clusters is not None and not 2 <= clusters <= min(MOST_GROUPS, different):
        raise UsageError(
            f"clusters is {clusters}; {different:,} different texts make 2 to {min(MOST_GROUPS, different)}"
        )
    compared = np.random.default_rng(SEED).permutation(len(vectors))[:MOST_COMPARED]
    best, chosen = -1.0, np.zeros(len(vectors), np.int64)
    with threadpool_limits(1):
        for count in CLUSTERS if clusters is None else [clusters]:
            if count >= different and clusters is None:
                break
            of: NDArray[np.int64] = KMeans(count, n_init=3, random_state=SEED).fit_predict(vectors).astype(np.int64)
            if clusters is not None:
                return of
            if 1 < len(np.unique(of[compared])) < len(compared):
                silhouette = float(silhouette_score(vectors[compared], of[compared]))
                best, chosen = max((best, chosen), (silhouette, of), key=lambda each: each[0])
    return chosen


def _names_of_clusters(texts: Sequence[str], of: NDArray[np.int64]) -> list[str]:
    """Return a number and some words for each cluster; the number alone where nothing sets its words apart."""
    held = [set(re.findall(r"[^\W\d_]{3,}", text.lower())) for text in texts]
    everywhere = Counter(word for words in held for word in words)
    names = []
    for number in range(of.max() + 1):
        inside = Counter(
            word for words, place in zip(held, of.tolist(), strict=True) if place == number for word in words
        )
        share = float((of == number).mean())
        weight = {word: count * math.log(count / (share * everywhere[word])) for word, count in inside.items()}
        best = sorted((word for word in weight if weight[word] > 0.1), key=lambda word: (-weight[word], word))[:WORDS]
        names.append(" ".join([f"{number + 1}:", *best]) if best else str(number + 1))
    return names
