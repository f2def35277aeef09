"""Several labels a text, each told by itself from few examples.

For each label, least squares with a penalty finds the direction of the vectors with the label among all others (one
against the rest; Rifkin and Klautau 2004 found it as good as any other loss):

    W = argmin ‖X W − Y‖² + λ ‖W‖²,      Y 1 where a text has the label and 0 elsewhere, X with a constant column

What the fit without text i would say of it follows without another fit (leave-one-out, Allen 1974): with
H = X (X'X + λ I)⁻¹ X' it is (H Y − h_ii Y)_i / (1 − h_ii). Probabilities, thresholds and all that is reported come from
these, which have not seen the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from siamese_text.errors import BadExamples
from siamese_text.estimators.base import TextEstimator
from siamese_text.records import FloatArray
from siamese_text.scoring import metrics
from siamese_text.scoring.calibration import fit_logistic, probability_of

PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
RECALL = 0.95
Floats = NDArray[np.float64]


class MultiLabelClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """It learns which of several labels texts have, any number of them each.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        column: The column of a DataFrame that holds the texts; by default its only one.

    Attributes:
        classes_: (L,) the labels, sorted.
        coef_: (L, D) and ``intercept_`` (L,), of the scores.
        slope_: (L,) and ``offset_`` (L,), of the log-odds as a line of the score.
        threshold_: (L,) the probability from which on a text gets the label: where F1 is largest on texts left out.
        report_: For each label ``texts`` that have it; ``precision``, ``recall`` and ``f1`` at the threshold, and
            ``false_accepts``, the share of texts without it that would get it if 95 % of those with it did, on texts
            left out.
    """

    def __init__(self, model: Any = None, *, column: str | None = None) -> None:
        self.model = model
        self.column = column

    def fit(self, X: Any, y: Sequence[Sequence[str]]) -> Self:
        """Learn the labels.

        Args:
            X: N texts, each once.
            y: N collections of labels, any of which may be empty.

        Returns:
            The classifier.

        Raises:
            BadExamples: A label has fewer than two texts, or no text is without it; or there are none.
            UsageError: A text is empty.
        """
        texts = self._texts(X)
        self.classes_, truth = _indicators(y, len(texts))
        vectors = _with_constant(self._unit_vectors(texts))
        weights, left_out = min(
            (_ridge(vectors, truth, penalty) for penalty in PENALTIES), key=lambda fit: _error(fit[1], truth)
        )
        self.coef_, self.intercept_ = weights[:-1].T.astype(np.float32), weights[-1].astype(np.float32)
        fitted = [_fit_label(left_out[:, place], truth[:, place]) for place in range(len(self.classes_))]
        self.slope_, self.offset_, self.threshold_ = (
            np.array(each) for each in zip(*(line for line, _ in fitted), strict=True)
        )
        self.report_ = {str(label): report for label, (_, report) in zip(self.classes_, fitted, strict=True)}
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return how probable each label is: (N, L) in [0, 1], in the order of ``classes_``."""
        check_is_fitted(self)
        scores = (self._unit_vectors(X) @ self.coef_.T + self.intercept_).astype(np.float64)
        return probability_of(scores * self.slope_ + self.offset_)

    def predict(self, X: Any) -> list[tuple[str, ...]]:
        """Return the labels of each text, those that are likeliest first; none where no label reaches its threshold."""
        shares = self.predict_proba(X)
        return [
            tuple(str(self.classes_[place]) for place in np.argsort(-row) if row[place] >= self.threshold_[place])
            for row in shares
        ]

    def score(self, X: Any, y: Sequence[Sequence[str]], sample_weight: Any = None) -> float:
        """Return F1 over all texts and labels together, in [0, 1]; labels that were not learned count as missed."""
        if sample_weight is not None:
            raise BadExamples("texts have no weights here; leave sample_weight out")
        found, truth = [set(labels) for labels in self.predict(X)], [set(labels) for labels in y]
        right = sum(len(one & other) for one, other in zip(found, truth, strict=True))
        return 2 * right / max(sum(map(len, found)) + sum(map(len, truth)), 1)


def _indicators(y: Sequence[Sequence[str]], texts: int) -> tuple[NDArray[Any], Floats]:
    """Return the (L,) labels, and (N, L) which texts have which."""
    given = list(y)
    if len(given) != texts:
        raise BadExamples(f"there are {texts} texts and {len(given)} collections of labels; give one for each text")
    single = next((labels for labels in given if isinstance(labels, str)), None)
    if single is not None:
        raise BadExamples(f"labels are '{single:.60}', one text; give a list of labels for each text")
    classes = sorted({str(label) for labels in given for label in labels})
    if not classes:
        raise BadExamples("no text has a label; give two texts or more with each")
    place = {label: number for number, label in enumerate(classes)}
    truth = np.zeros((texts, len(classes)))
    for row, labels in enumerate(given):
        truth[row, [place[str(label)] for label in labels]] = 1
    for label, count in zip(classes, truth.sum(axis=0).astype(int).tolist(), strict=True):
        if count < 2:
            raise BadExamples(f"label '{label}' has {count} text; give two or more, or leave the label out")
        if count == texts:
            raise BadExamples(f"each text has the label '{label}', which then tells nothing; give texts without it")
    return np.array(classes), truth


def _with_constant(vectors: FloatArray) -> Floats:
    return np.concatenate([vectors.astype(np.float64), np.ones((len(vectors), 1))], axis=1)


def _ridge(vectors: Floats, truth: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Return the (D + 1, L) weights, and the (N, L) scores of each text by a fit without it."""
    inverse = np.linalg.inv(vectors.T @ vectors + penalty * np.eye(vectors.shape[1]))
    weights = inverse @ (vectors.T @ truth)
    own = np.einsum("nd,de,ne->n", vectors, inverse, vectors, optimize=True)[:, None]
    return weights, (vectors @ weights - own * truth) / (1 - own)


def _error(left_out: Floats, truth: Floats) -> float:
    return float(((left_out - truth) ** 2).mean())


def _fit_label(scores: Floats, truth: Floats) -> tuple[tuple[float, float, float], dict[str, float]]:
    """Return slope, offset and threshold of one label from (N,) scores of texts left out, and what they promise."""
    labels = truth.astype(np.int64)
    count, others = int(labels.sum()), int((1 - labels).sum())
    # Few texts that are told apart without an error would get probabilities of 0 and 1: targets are drawn in a little,
    # as if one text of either kind had been wrong (Platt 1999).
    sure = np.where(labels == 1, (count + 1) / (count + 2), (others + 1) / (others + 2))
    twice, shares = np.concatenate([labels, 1 - labels]), np.concatenate([sure, 1 - sure])
    slopes, offset = fit_logistic(twice, np.tile(scores, 2)[:, None], shares)
    places, wrong, right = metrics.thresholds(labels, scores)
    f1 = 2 * right / np.maximum(right + wrong + count, 1)
    best = int(f1.argmax())
    threshold = float(probability_of(np.array([slopes[0] * places[best] + offset]))[0])
    asked = np.sort(scores[labels == 1])[int((1 - RECALL) * count)]  # at least 95 % of those with the label reach it
    report = {
        "texts": float(count),
        "precision": float(right[best] / max(right[best] + wrong[best], 1)),
        "recall": float(right[best] / count),
        "f1": float(f1[best]),
        "false_accepts": float((scores[labels == 0] >= asked).mean()),
    }
    return (float(slopes[0]), float(offset), threshold), report
