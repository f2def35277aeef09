"""The raw scores of pairs, and how a blend of them that is to serve several data sets is mixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import FloatArray

ScoreName = Literal["similarity", "head", "alignment", "blend"]
SINGLE: tuple[ScoreName, ...] = ("similarity", "head", "alignment")
PENALTY = 1e-3  # on squared slopes of standardised scores: next to none, but a fit of separable pairs converges
SEEN = (0.01, 0.99)  # quantiles of the overlaps that a mix was fitted on


@dataclass(frozen=True, slots=True)
class Scores:
    """The raw scores of N pairs, each (N,): the similarity and, from a model with heads, the log-odds of each head.

    ``overlap``, the share of common words, says no more of two texts than what kind of pair they are; a ``Mix`` reads
    it, and nothing decides by it.
    """

    similarity: FloatArray
    head: FloatArray | None = None
    alignment: FloatArray | None = None
    overlap: FloatArray | None = None

    @property
    def single(self) -> dict[ScoreName, FloatArray]:
        """The scores that the model has, by name."""
        return {name: values for name in SINGLE if (values := getattr(self, name)) is not None}

    @property
    def names(self) -> tuple[ScoreName, ...]:
        """The decisions that these scores allow."""
        return (*self.single, "blend") if len(self.single) > 1 else tuple(self.single)

    def take(self, rows: NDArray[Any]) -> Scores:
        """Return the scores of some rows."""
        return Scores(**{name: values[rows] for name, values in self._known.items()})

    @classmethod
    def joined(cls, parts: Iterable[Scores]) -> Scores:
        """Return the scores of several sets of pairs, all with the same ones, one after the other."""
        known = [part._known for part in parts]
        return cls(**{name: np.concatenate([each[name] for each in known]) for name in known[0]})

    def columns(self, score: ScoreName, mix: Mix | None = None) -> NDArray[np.float64]:
        """Return what a decision on ``score`` reads, float64: (N, 1) or, for a blend without a mix, all (N, C)."""
        if mix is not None:
            return mix.apply(self)[:, None]
        chosen = tuple(self.single.values()) if score == "blend" else (self.single[score],)
        return np.stack(chosen, axis=1).astype(np.float64)

    @property
    def _known(self) -> dict[str, FloatArray]:
        every = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: values for name, values in every.items() if values is not None}


LabelledScores = tuple[NDArray[np.integer[Any]], Scores]  # (N,) 0 or 1, and the scores of the same pairs


@dataclass(frozen=True, slots=True)
class Mix:
    """How a blend weighs its C scores, by the share o of words that two texts have in common.

        m = Σ_k (a_k · (1 − o) + b_k · o) · score_k + c · o + d · o²

    A high similarity says little where all words are the same and only their order can tell; the alignment head sees
    the order, and knows little where no word is the same.

    Attributes:
        factors: a for each score, b for each score, c and d; no a or b is negative.
        seen: The least and the largest o that it was fitted on; beyond them o counts as these, and nothing is guessed.

    Example:
        >>> mix = Mix((2.0, 0.0, 0.0, 1.0, 0.0, 0.0), (0.0, 1.0))
        >>> scores = Scores(np.float32([0.5, 0.5]), alignment=np.float32([3, 3]), overlap=np.float32([0, 1]))
        >>> mix.apply(scores).tolist()
        [1.0, 3.0]
    """

    factors: tuple[float, ...]
    seen: tuple[float, float]

    def apply(self, scores: Scores) -> NDArray[np.float64]:
        """Return m of N pairs, (N,) float64."""
        mixed: NDArray[np.float64] = mixed_columns(scores, self.seen) @ np.array(self.factors)
        return mixed

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Mix:
        """Build a mix from its attributes as plain values."""
        low, high = map(float, values["seen"])
        return cls(tuple(map(float, values["factors"])), (low, high))


def mixed_columns(scores: Scores, seen: tuple[float, float]) -> NDArray[np.float64]:
    """Return what the factors of a mix are for, (N, 2 C + 2) float64."""
    assert scores.overlap is not None  # a model whose scores can be mixed has it counted
    every = scores.columns("blend")
    overlap = np.clip(scores.overlap.astype(np.float64), *seen)[:, None]
    return np.hstack([every * (1 - overlap), every * overlap, overlap, overlap**2])


def pooled(sets: Sequence[LabelledScores]) -> tuple[NDArray[np.integer[Any]], Scores, NDArray[np.float64]]:
    """Return labels and scores of all pairs of several sets, and what each counts so that every set counts the same.

    A pair counts 1 on average.
    """
    sizes = [len(labels) for labels, _ in sets]
    counts = np.repeat([sum(sizes) / len(sets) / size for size in sizes], sizes)
    return np.concatenate([labels for labels, _ in sets]), Scores.joined(scores for _, scores in sets), counts


def fit_mix(sets: Sequence[LabelledScores]) -> Mix:
    """Fit how the scores of a blend are weighted so that one threshold serves the pairs of every data set.

    One logistic regression of all sets, each with the same weight, however many pairs it has. A constant for each set
    would rank its pairs better, but a pair that is to be judged does not say which set it is of; the words that it has
    in common say nearly as much.

    Args:
        sets: Labels, both present, and scores of each data set; all with the same scores, and overlaps.

    Returns:
        The mix.

    Example:
        >>> scores = Scores(np.float32([0.1, 0.2, 0.8, 0.9]), alignment=np.float32([1, 1, -1, -1]),
        ...     overlap=np.float32([0, 1, 0, 1]))
        >>> similar, aligned = np.array(fit_mix([(np.array([0, 0, 1, 1]), scores)]).factors[:4]).reshape(2, 2).T
        >>> bool(similar.min() > 0), bool(aligned.max() == 0)
        (True, True)
    """
    from sklearn.linear_model import LogisticRegression

    labels, scores, counts = pooled(sets)
    assert scores.overlap is not None  # as for ``mixed_columns``
    low, high = (float(value) for value in np.quantile(scores.overlap, SEEN))
    columns = mixed_columns(scores, (low, high))
    spread = np.maximum(columns.std(axis=0), np.finfo(np.float32).tiny)
    standard = (columns - columns.mean(axis=0)) / spread
    rising = np.arange(len(spread)) < len(spread) - 2  # what may not lower the result: the scores
    kept = np.ones(len(spread), dtype=bool)
    model = LogisticRegression(C=1 / PENALTY, max_iter=1000)
    while np.any(kept & rising):
        slopes = np.zeros(len(spread))
        slopes[kept] = model.fit(standard[:, kept], labels, counts).coef_[0]
        if not np.any(falling := rising & (slopes < 0)):
            break
        kept &= ~falling
    else:  # every score misleads, so none is better
        slopes = rising.astype(np.float64)
    return Mix(tuple((slopes / spread).tolist()), (low, high))
