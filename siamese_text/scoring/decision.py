"""From a score to a probability and a yes or no, with where they were fitted: what no bare number can say.

A decision is a logistic regression on the similarity of a pair, on the twin head's log-odds, or on both ("blend"):

    p(same) = 1 / (1 + exp(-(a · similarity + b · head + c)))          (Platt 1999 for one score)

and the threshold where p = 0.5, which is right most often wherever p is calibrated. Scores of a decision on similarity
alone are compared in the similarity's own unit, so that its threshold reads as a cosine; others as a probability.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, BadModel
from siamese_text.records import FloatArray, Judgements, Pair
from siamese_text.scoring.metrics import average_precision

ScoreName = Literal["similarity", "head", "blend"]
SMALLEST_SPREAD = 1e-9  # of scores that are not all the same
# In log-odds a standard deviation: scores against the labels get a nearly constant probability, never a reversed one.
SMALLEST_SLOPE = 1e-3
BLEND_GAIN = 0.002  # a blend must be better by this AP than its better half to be worth a second score
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """The raw scores of N pairs: the similarity (N,) and, from a model with a twin head, its log-odds (N,)."""

    similarity: FloatArray
    head: FloatArray | None = None

    def take(self, rows: NDArray[Any]) -> Scores:
        """Return the scores of some rows."""
        return Scores(self.similarity[rows], None if self.head is None else self.head[rows])

    def columns(self, score: ScoreName) -> NDArray[np.float64]:
        """Return what a decision on ``score`` reads: (N, 1) or, for a blend, (N, 2) float64."""
        chosen = {"similarity": (self.similarity,), "head": (self.head,), "blend": (self.similarity, self.head)}[score]
        return np.stack(chosen, axis=1).astype(np.float64)  # type: ignore[arg-type]

    @property
    def names(self) -> tuple[ScoreName, ...]:
        """The decisions that these scores allow."""
        return ("similarity",) if self.head is None else ("similarity", "head", "blend")


@dataclass(frozen=True, slots=True)
class FittedOn:
    """The pairs that a decision was fitted on: their name, number, share of positives and SHA-256."""

    data: str
    pairs: int
    positives: float
    digest: str

    def __str__(self) -> str:
        return f"{self.data} ({self.pairs:,} pairs, {self.positives:.0%} same)"


@dataclass(frozen=True, slots=True)
class Decision:
    """A fitted threshold and calibration.

    Attributes:
        score: What is judged: the similarity, the head or the blend of both.
        weights: One factor for each column of ``Scores.columns(score)``.
        bias: The constant c of the formula above.
        threshold: In the similarity's unit, or a probability for a head or a blend.
        fitted_on: Where threshold and calibration come from.
    """

    score: ScoreName
    weights: tuple[float, ...]
    bias: float
    threshold: float
    fitted_on: FittedOn

    def probability(self, scores: Scores) -> NDArray[np.float64]:
        """Return (N,) float64 probabilities, in (0, 1), that the sides of each pair say the same."""
        logits = scores.columns(self.score) @ np.array(self.weights) + self.bias
        return _sigmoid(logits)

    def compared(self, scores: Scores) -> NDArray[np.float64]:
        """Return (N,) float64: what is compared with the threshold."""
        return scores.columns("similarity")[:, 0] if self.score == "similarity" else self.probability(scores)

    def apply(self, scores: Scores) -> Judgements:
        """Judge N pairs."""
        return Judgements(scores.similarity, self.probability(scores), self.compared(scores) >= self.threshold)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain values for ``siamese_text.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Decision:
        """Build a decision from what ``to_json`` gave.

        Raises:
            BadModel: A value is missing or of the wrong kind.
        """
        try:
            if values["score"] not in get_args(ScoreName):
                raise ValueError(f"score '{values['score']}'")
            return cls(
                score=values["score"],
                weights=tuple(float(weight) for weight in values["weights"]),
                bias=float(values["bias"]),
                threshold=float(values["threshold"]),
                fitted_on=FittedOn(**values["fitted_on"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadModel(f"the saved decision cannot be read ({error!r}); fit it anew by training") from error


def fit_decision(labels: NDArray[np.integer], scores: Scores, fitted_on: FittedOn, score: ScoreName) -> Decision:
    """Fit the calibration of one score, and with it the threshold.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs.
        fitted_on: What the pairs are, to be kept with the result.
        score: Which score decides.

    Returns:
        The decision.

    Raises:
        BadData: All labels are the same.
    """
    from sklearn.linear_model import LogisticRegression

    check_both_classes(labels)
    columns = scores.columns(score)  # (N, 1 or 2)
    center, spread = columns.mean(axis=0), columns.std(axis=0)
    spread[spread < SMALLEST_SPREAD] = 1
    # Standardised, an almost unpenalised fit converges, and slopes compare, at any scale of the scores.
    model = LogisticRegression(C=1e4, max_iter=1000).fit((columns - center) / spread, labels)
    weights, intercept = model.coef_[0] / spread, float(model.intercept_[0])
    if model.coef_.min() <= SMALLEST_SLOPE:
        weights = np.full(len(spread), SMALLEST_SLOPE / spread.max())
        intercept = float(np.log(np.mean(labels) / np.mean(1 - labels)))
    bias = intercept - float(np.sum(weights * center))
    threshold = -bias / float(weights[0]) if score == "similarity" else 0.5
    return Decision(score, tuple(float(weight) for weight in weights), bias, threshold, fitted_on)


def choose_decision(labels: NDArray[np.integer], scores: Scores, fitted_on: FittedOn) -> Decision:
    """Fit the decision on whichever of similarity, head and blend ranks these pairs best.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs; without a head only the similarity is tried.
        fitted_on: What the pairs are.

    Returns:
        The decision with the highest average precision; a blend, whose two weights could fit chance, is judged on
        cross-fitted probabilities and must win clearly.
    """
    check_both_classes(labels)
    if scores.head is None:
        return fit_decision(labels, scores, fitted_on, "similarity")
    ap = score_aps(labels, scores)
    single: ScoreName = "head" if ap["head"] >= ap["similarity"] else "similarity"
    best: ScoreName = "blend" if ap["blend"] > ap[single] + BLEND_GAIN else single
    return fit_decision(labels, scores, fitted_on, best)


def score_aps(labels: NDArray[np.integer], scores: Scores) -> dict[str, float]:
    """Return the average precision of each score that the model has, the blend's cross-fitted."""
    aps = {"similarity": average_precision(labels, scores.similarity)}
    if scores.head is not None:
        aps["head"] = average_precision(labels, scores.head)
        aps["blend"] = average_precision(labels, cross_fit(labels, scores, "blend")[0])
    return aps


def cross_fit(
    labels: NDArray[np.integer], scores: Scores, score: ScoreName, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Judge each pair with a decision that was fitted without it, in five folds of the same class balance.

    Args:
        labels: (N,) 0 or 1.
        scores: Of the same N pairs.
        score: Which score decides.
        seed: Of the split into folds.

    Returns:
        (N,) float64 probabilities and (N,) bool decisions.

    Raises:
        BadData: A class has fewer than two pairs.
    """
    from sklearn.model_selection import StratifiedKFold

    smallest = check_both_classes(labels)
    if smallest < 2:
        raise BadData("one class has a single pair; cross-fitting needs at least two of each")
    probability = np.empty(len(labels))
    same = np.empty(len(labels), dtype=bool)
    folds = StratifiedKFold(min(FOLDS, smallest), shuffle=True, random_state=seed)
    for rest, fold in folds.split(labels, labels):
        nowhere = FittedOn("fold", len(rest), float(np.mean(labels[rest])), "")
        fitted = fit_decision(labels[rest], scores.take(rest), nowhere, score)
        judged = fitted.apply(scores.take(fold))
        probability[fold], same[fold] = judged.probability, judged.same
    return probability, same


def describe_pairs(name: str, pairs: Sequence[Pair]) -> tuple[NDArray[np.int64], FittedOn]:
    """Return the labels of pairs, (N,) 0 or 1, and their name, number, balance and digest.

    The digest does not depend on the order of the pairs, so the same pairs are known again however they were read.
    """
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)
    lines = sorted(f"{pair.sentence1}\t{pair.sentence2}\t{label}" for pair, label in zip(pairs, labels, strict=True))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return labels, FittedOn(name, len(pairs), float(np.mean(labels)), digest)


def check_both_classes(labels: NDArray[np.integer]) -> int:
    """Return how many pairs the rarer class has.

    Raises:
        BadData: It has none.
    """
    positives = int(np.sum(labels))
    if positives in {0, len(labels)}:
        raise BadData(f"one class only: all {len(labels)} labels are {int(positives > 0)}; both 0 and 1 are needed")
    return min(positives, len(labels) - positives)


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -logits))
