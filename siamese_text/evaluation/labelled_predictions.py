"""What a model said of each of some labelled pairs: the columns that every slice, comparison and plot is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.evaluation.evaluation import predict_unseen, ranking_of
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.metrics import EVEN, Balance, balance_for, pair_counts
from siamese_text.scoring.scores import Scores


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPredictions:
    """The outcomes of N pairs; what a model without a decision does not say is None.

    Attributes:
        labels: (N,) float64, 0 or 1, or grades in [0, 1].
        ranking: (N,) float64, what the score that decides ranks by.
        compared: (N,) float64, what is compared with the threshold.
        unit: What ``compared`` is, in words.
        probability: (N,) float64 in [0, 1].
        same: (N,) bool, the decisions.
        threshold: The saved one.
        balance: What pairs of each label count, for a decision made for another share of positives than theirs.
    """

    labels: NDArray[np.float64]
    ranking: NDArray[np.float64]
    compared: NDArray[np.float64]
    unit: str = "similarity"
    probability: NDArray[np.float64] | None = None
    same: NDArray[np.bool_] | None = None
    threshold: float | None = None
    balance: Balance = EVEN

    def take(self, rows: NDArray[Any]) -> LabelledPredictions:
        """Return the outcomes of some pairs."""
        return LabelledPredictions(
            self.labels[rows],
            self.ranking[rows],
            self.compared[rows],
            self.unit,
            None if self.probability is None else self.probability[rows],
            None if self.same is None else self.same[rows],
            self.threshold,
            self.balance,
        )

    @property
    def counts(self) -> NDArray[np.float64]:
        """(N,) float64, what each pair counts."""
        return pair_counts(self.labels, self.balance)

    def mean(self, values: NDArray[Any]) -> float:
        """Return the mean of (N,) values over the pairs as they count."""
        return float(np.average(values, weights=self.counts))

    @property
    def graded(self) -> bool:
        """Whether some label is neither 0 nor 1."""
        return not np.isin(self.labels, (0, 1)).all()

    @property
    def right(self) -> NDArray[np.bool_] | None:
        """(N,) bool, whether each decision agrees with its label."""
        return None if self.same is None else self.same == (self.labels == 1)

    @property
    def wrong(self) -> int:
        """How many decisions disagree with their label."""
        return 0 if self.right is None else int(np.sum(~self.right))


def undecided(labels: NDArray[Any], scores: Scores) -> LabelledPredictions:
    """Return the outcomes of N pairs with (N,) labels or grades by their similarity alone."""
    similarity = scores.similarity.astype(np.float64)
    return LabelledPredictions(labels.astype(np.float64), similarity, similarity)


def label_predictions(
    labels: NDArray[np.integer], scores: Scores, decision: Decision, data: FittedOn
) -> LabelledPredictions:
    """Judge labelled pairs as ``evaluate_binary`` does.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs.
        decision: The saved decision.
        data: What the pairs are; a decision that was fitted on them is cross-fitted.

    Returns:
        The outcomes, in the order of the pairs.
    """
    probability, same = predict_unseen(labels, scores, decision, data)
    by_similarity = decision.score == "similarity"
    compared = scores.similarity.astype(np.float64) if by_similarity else probability
    assert compared is not None  # a head or a blend decides by its probability
    return LabelledPredictions(
        labels.astype(np.float64),
        ranking_of(labels, scores, decision, data),
        compared,
        "similarity" if by_similarity else f"probability by {decision.score}",
        probability,
        same,
        decision.threshold,
        balance_for(data.positives, decision.prior),
    )
