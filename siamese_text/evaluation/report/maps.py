"""Embeddings on a plane: which texts a map shows, and where each of them lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import Example, FloatArray, Pair

MOST_TEXTS = 800  # t-SNE takes a few seconds for so many, and more dots than that hide each other
PERPLEXITY = 30.0
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class MapSample:
    """The M texts of a map.

    Attributes:
        texts: The texts; of pairs first all left sides and then all right ones.
        labels: (M,) float64, of the pair that a text belongs to, or its class.
        joined: Whether texts i and i + M / 2 are the sides of a pair.
        total: How many pairs, or texts with classes, they were drawn from.
    """

    texts: Sequence[str]
    labels: NDArray[np.float64]
    joined: bool
    total: int

    @property
    def drawn(self) -> int:
        """How many pairs, or texts with classes, are shown."""
        return len(self.texts) // 2 if self.joined else len(self.texts)


def sample_of_pairs(pairs: Sequence[Pair]) -> MapSample:
    """Draw the pairs of a map: all of them, or a seeded draw of half of ``MOST_TEXTS``."""
    chosen = [pairs[row] for row in _draw(len(pairs), MOST_TEXTS // 2)]
    labels = np.array([pair.label for pair in chosen], dtype=np.float64)
    texts = [pair.sentence1 for pair in chosen] + [pair.sentence2 for pair in chosen]
    return MapSample(texts, np.tile(labels, 2), joined=True, total=len(pairs))


def sample_of_classes(examples: Sequence[Example]) -> MapSample:
    """Draw the texts of a map from texts with classes: all of them, or a seeded draw of ``MOST_TEXTS``."""
    chosen = [examples[row] for row in _draw(len(examples), MOST_TEXTS)]
    labels = np.array([example.label for example in chosen], dtype=np.float64)
    return MapSample([example.texts[0] for example in chosen], labels, joined=False, total=len(examples))


def project_pca(vectors: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (M, 2) principal components of (M, D) embeddings, and the share of the variance that each holds."""
    from sklearn.decomposition import PCA

    model = PCA(n_components=2, random_state=SEED)
    points = model.fit_transform(vectors.astype(np.float64))
    return points, model.explained_variance_ratio_


def project_tsne(vectors: FloatArray) -> NDArray[np.float64]:
    """Return (M, 2) places where near embeddings lie near each other (van der Maaten and Hinton 2008)."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    model = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=SEED)
    with threadpool_limits(1):  # threads that wait for each other at every step are slower than one, on a busy machine
        places: NDArray[np.float64] = model.fit_transform(vectors.astype(np.float64))
    return places


def _draw(total: int, most: int) -> NDArray[np.int64]:
    if total <= most:
        return np.arange(total)
    return np.sort(np.random.default_rng(SEED).permutation(total)[:most])
