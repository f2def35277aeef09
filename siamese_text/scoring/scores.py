"""The raw scores of pairs, and how a blend of them that is to serve several data sets is mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import FloatArray

ScoreName = Literal["similarity", "head", "alignment", "blend"]
Mix = tuple[float, ...]  # a factor for each score of a blend
PENALTY = 1e-3  # on squared slopes of standardised scores: next to none, but a fit of separable pairs converges


@dataclass(frozen=True, slots=True)
class Scores:
    """The raw scores of N pairs, each (N,): the similarity and, from a model with heads, the log-odds of each head."""

    similarity: FloatArray
    head: FloatArray | None = None
    alignment: FloatArray | None = None

    @property
    def single(self) -> dict[ScoreName, FloatArray]:
        """The scores that the model has, by name."""
        every: dict[ScoreName, FloatArray | None] = {
            "similarity": self.similarity,
            "head": self.head,
            "alignment": self.alignment,
        }
        return {name: values for name, values in every.items() if values is not None}

    @property
    def names(self) -> tuple[ScoreName, ...]:
        """The decisions that these scores allow."""
        return (*self.single, "blend") if len(self.single) > 1 else tuple(self.single)

    def take(self, rows: NDArray[Any]) -> Scores:
        """Return the scores of some rows."""
        return Scores(**{name: values[rows] for name, values in self.single.items()})

    def columns(self, score: ScoreName, mix: Mix | None = None) -> NDArray[np.float64]:
        """Return what a decision on ``score`` reads, float64: (N, 1) or, for a blend without a mix, all (N, C)."""
        chosen = tuple(self.single.values()) if score == "blend" else (self.single[score],)
        columns = np.stack(chosen, axis=1).astype(np.float64)
        return columns if mix is None else columns @ np.array(mix)[:, None]


LabelledScores = tuple[NDArray[np.integer[Any]], Scores]  # (N,) 0 or 1, and the scores of the same pairs


def fit_mix(sets: Sequence[LabelledScores]) -> Mix:
    """Fit how the scores of a blend are weighted so that it ranks the pairs of every data set.

    One logistic regression of all sets, each with a constant of its own, since pairs that say the same have other
    scores in every set, and each with the same weight, however many pairs it has.

    Args:
        sets: Labels, both present, and scores of each data set; all with the same scores.

    Returns:
        A factor for each score, none negative, at least one above 0.

    Example:
        >>> scores = Scores(np.float32([0.1, 0.2, 0.8, 0.9]), alignment=np.float32([1, 1, -1, -1]))
        >>> agrees, differs = fit_mix([(np.array([0, 0, 1, 1]), scores)])
        >>> agrees > 0, differs
        (True, 0.0)
    """
    from sklearn.linear_model import LogisticRegression

    columns = np.concatenate([scores.columns("blend") for _, scores in sets])  # (N, C)
    sizes = [len(labels) for labels, _ in sets]
    of_set = np.repeat(np.eye(len(sets)), sizes, axis=0)  # (N, sets)
    share = np.repeat([1 / size for size in sizes], sizes) * len(columns) / len(sets)
    spread = np.maximum(columns.std(axis=0), np.finfo(np.float32).tiny)
    centred = (columns - columns.mean(axis=0)) / spread
    model = LogisticRegression(C=1 / PENALTY, fit_intercept=False, max_iter=1000)
    model.fit(np.hstack([centred, of_set]), np.concatenate([labels for labels, _ in sets]), share)
    slopes = model.coef_[0][: columns.shape[1]]
    slopes = np.maximum(slopes, 0) if slopes.max() > 0 else np.ones(len(slopes))
    return tuple((slopes / spread).tolist())
