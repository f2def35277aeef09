"""Texts that are unlike those that are known, with p-values that hold for any encoder and any texts.

How unlike a text x is: the mean distance 1 − cosine to its k nearest known texts, s(x). With Mahalanobis' distance from
the mean of all, more anomalies were missed (recipes/bench/anomalies.py). The p-value of x among n known texts is

    p(x) = (1 + #{i: s_i ≥ s(x)}) / (n + 1)

where each known text i is scored by the other known ones and by x, as x is scored by all of them: full conformal
prediction (Vovk et al. 2005; of anomalies Laxhammar and Falkman 2010). If x is drawn like the known texts, P(p ≤ α) ≤ α
exactly, for any n: α is the share of false alarms. It is the probability of an alarm on a usual text, not that an alarm
is false.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin
from sklearn.utils.validation import check_is_fitted

from siamese_text.errors import BadExamples, UsageError
from siamese_text.estimators.base import TextEstimator
from siamese_text.records import FloatArray
from siamese_text.warn import warn_user

BLOCK = 128  # texts that are compared with all known ones at a time: 100,000 of these take 100 MB
ROUNDING = 1e-6  # of a sum of float32 products: distances that differ by less are the same


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyScores:
    """What is said of N texts: (N,) ``strangeness``, ``p_values``, and the rows of the ``nearest`` known texts."""

    strangeness: NDArray[np.float64]
    p_values: NDArray[np.float64]
    nearest: NDArray[np.int64]


class AnomalyDetector(OutlierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """It tells texts that are unlike the known ones, with at most a wanted share of false alarms.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        false_alarms: The share of usual texts that may be called anomalies.
        neighbours: How many of the nearest known texts a text is compared with.
        column: The column of a DataFrame that holds the texts; by default its only one.

    Attributes:
        known_: (n, D) float32, the vectors of the known texts.
        nearest_: (n, k) float64, the distances of each known text from the k nearest others, nearest first.
        offset_: The value of ``score_samples`` below which a text is an anomaly.
    """

    def __init__(
        self, model: Any = None, *, false_alarms: float = 0.05, neighbours: int = 3, column: str | None = None
    ) -> None:
        self.model = model
        self.false_alarms = false_alarms
        self.neighbours = neighbours
        self.column = column

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  # scikit-learn hands it on
        """Learn what is usual.

        Args:
            X: n known texts; those that stand several times count as often.
            y: It is not read.

        Returns:
            The detector.

        Raises:
            BadExamples: There are fewer than two texts.
            UsageError: A text is empty, or a parameter is out of its range.

        Warns:
            UserWarning: The texts are too few for an alarm at this share.
        """
        if not 0 < self.false_alarms < 1:
            raise UsageError(f"false_alarms is {self.false_alarms}; give a share between 0 and 1, such as 0.05")
        if self.neighbours < 1:
            raise UsageError(f"neighbours is {self.neighbours}; give 1 or more")
        self.known_ = self._unit_vectors(X)
        known = len(self.known_)
        if known < 2:
            raise BadExamples(f"{known} known text says nothing of what is usual (1 sample); give two or more")
        if 1 / (known + 1) > self.false_alarms:
            needed = math.ceil(1 / self.false_alarms - 1e-9) - 1
            warn_user(
                f"with {known} known texts no p-value is below {1 / (known + 1):.3f}, so nothing is an anomaly at "
                f"{self.false_alarms:g} false alarms; {needed} would do"
            )
        self.nearest_ = self._nearest_others(min(self.neighbours, known - 1))
        self.offset_ = math.floor(self.false_alarms * (known + 1) + 1e-9) + 0.5
        return self

    def scores(self, X: Any) -> AnomalyScores:
        """Compare texts with the known ones.

        Args:
            X: N texts.

        Returns:
            How strange each is, its p-value in (0, 1], and which known text is nearest to it.
        """
        check_is_fitted(self)
        vectors = self._unit_vectors(X)
        parts = [self._scores(vectors[start : start + BLOCK]) for start in range(0, len(vectors), BLOCK)]
        names = AnomalyScores.__slots__
        return AnomalyScores(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def among_themselves(self, X: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Say how strange each of some texts is among the others; nothing is learned, and no p-value follows from it.

        Args:
            X: N texts, two or more.

        Returns:
            (N,) the mean distance to the nearest others, and (N,) which other is nearest.
        """
        texts = self._texts(X)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # there are no alarms for which they could be too few
            scored = type(self)(self.model, neighbours=self.neighbours).fit(texts)
        nearest = []
        for start in range(0, len(texts), BLOCK):
            distances = scored._distances(scored.known_[start : start + BLOCK])
            distances[np.arange(len(distances)), start + np.arange(len(distances))] = np.inf
            nearest.append(distances.argmin(axis=1))
        return scored.nearest_.mean(axis=1), np.concatenate(nearest)

    def p_values(self, X: Any) -> NDArray[np.float64]:
        """Return the (N,) p-values of texts: of one drawn like the known texts, it is at most α with probability α."""
        return self.scores(X).p_values

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return 1 for usual texts and -1 for anomalies, whose p-value is at most ``false_alarms``."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return how usual texts are: (N,) one more than the known texts that are as strange, less a part below 1 / 2.

        That part grows with the strangeness, so that it orders texts that are stranger than all known ones.
        """
        scored = self.scores(X)
        ordered: NDArray[np.float64] = scored.p_values * (len(self.known_) + 1) - scored.strangeness / 5
        return ordered

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the (N,) ``score_samples`` less ``offset_``: below 0 for anomalies."""
        return self.score_samples(X) - self.offset_

    def _nearest_others(self, count: int) -> NDArray[np.float64]:
        """Return the (n, k) distances of each known text from the others that are nearest to it."""
        found = []
        for start in range(0, len(self.known_), BLOCK):
            distances = self._distances(self.known_[start : start + BLOCK])
            distances[np.arange(len(distances)), start + np.arange(len(distances))] = np.inf
            found.append(np.sort(np.partition(distances, count - 1, axis=1)[:, :count], axis=1))
        return np.concatenate(found)

    def _distances(self, vectors: FloatArray) -> NDArray[np.float64]:
        return np.maximum(1 - (vectors @ self.known_.T).astype(np.float64), 0)

    def _scores(self, vectors: FloatArray) -> AnomalyScores:
        """Compare one block of texts."""
        distances = self._distances(vectors)  # (B, n)
        count = self.nearest_.shape[1]
        strangeness = np.partition(distances, count - 1, axis=1)[:, :count].mean(axis=1)
        # With x among the others, a known text's k nearest are those it had, but for the furthest if x is nearer.
        gain = np.maximum(self.nearest_[:, -1] - distances, 0) / count
        stranger = self.nearest_.mean(axis=1) - gain >= strangeness[:, None] - ROUNDING
        p_values = (1 + stranger.sum(axis=1)) / (len(self.known_) + 1)
        return AnomalyScores(strangeness, p_values, distances.argmin(axis=1))
