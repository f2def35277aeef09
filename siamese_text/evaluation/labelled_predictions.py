"""What a model predicts of each of some labelled pairs: the columns that every figure, slice and plot is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import Predictions
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.fit_decision import cross_fit, score_rankings
from siamese_text.scoring.guarantees import Groups
from siamese_text.scoring.metrics import EVEN, Balance, balance_for, pair_counts
from siamese_text.scoring.scores import ScoreName, Scores


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPredictions:
    """The predictions of N pairs beside their labels; what a model without a decision does not say is None.

    Attributes:
        labels: (N,) float64, 0 or 1, or grades in [0, 1].
        ranking: (N,) float64, what the score that decides ranks by.
        compared: (N,) float64, what is compared with the threshold.
        unit: What ``compared`` is, in words.
        probability: (N,) float64 in [0, 1].
        same: (N,) bool, the decisions.
        decision: The saved decision.
        balance: What pairs of each label count, for a decision made for another share of positives than theirs.
        cross_fitted: Whether the decision was fitted on these very pairs, so that each is predicted by one that was
            fitted without it.
        rankings: What each score of the model ranks by, (N,), by its name.
        unsure: (N,) bool, which of those that are not called the same are not called different either.
    """

    labels: NDArray[np.float64]
    ranking: NDArray[np.float64]
    compared: NDArray[np.float64]
    unit: str = "similarity"
    probability: NDArray[np.float64] | None = None
    same: NDArray[np.bool_] | None = None
    decision: Decision | None = None
    balance: Balance = EVEN
    cross_fitted: bool = False
    rankings: Mapping[ScoreName, NDArray[Any]] = field(default_factory=dict)
    unsure: NDArray[np.bool_] | None = None

    def take(self, rows: NDArray[Any]) -> LabelledPredictions:
        """Return the predictions of some pairs, as they were made among all of them."""
        return replace(
            self,
            labels=self.labels[rows],
            ranking=self.ranking[rows],
            compared=self.compared[rows],
            probability=None if self.probability is None else self.probability[rows],
            same=None if self.same is None else self.same[rows],
            unsure=None if self.unsure is None else self.unsure[rows],
            rankings={name: values[rows] for name, values in self.rankings.items()},
        )

    @property
    def threshold(self) -> float | None:
        """The saved threshold."""
        return None if self.decision is None else self.decision.threshold

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
    def decisions(self) -> NDArray[np.int64] | None:
        """(N,) 1 for the same, 0 for different, and -1, which is no label, for unsure."""
        if self.same is None:
            return None
        said = self.same.astype(np.int64)
        return said if self.unsure is None else np.where(self.unsure, -1, said)

    @property
    def right(self) -> NDArray[np.bool_] | None:
        """(N,) bool, whether each decision agrees with its label, as none does that is unsure."""
        decisions = self.decisions
        return None if decisions is None else decisions == self.labels

    @property
    def errors(self) -> NDArray[np.bool_] | None:
        """(N,) bool, whether each decision disagrees with its label, as none does that is unsure."""
        decisions = self.decisions
        return None if decisions is None else (decisions >= 0) & (decisions != self.labels)

    @property
    def wrong(self) -> int:
        """How many decisions disagree with their label."""
        return 0 if self.errors is None else int(np.sum(self.errors))


def grade_predictions(grades: NDArray[Any], scores: Scores) -> LabelledPredictions:
    """Return what a model says of N pairs with (N,) grades: their similarity, by which no decision is made."""
    similarity = scores.similarity.astype(np.float64)
    return LabelledPredictions(grades.astype(np.float64), similarity, similarity)


def label_predictions(
    labels: NDArray[np.integer],
    scores: Scores,
    decision: Decision | None,
    data: FittedOn,
    groups: Groups = None,
) -> LabelledPredictions:
    """Predict labelled pairs as if the decision had not seen them.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: The raw scores of the same N pairs.
        decision: The saved decision; None ranks the pairs by their similarity and decides nothing.
        data: What the pairs are; a decision that was fitted on them is cross-fitted.
        groups: (N,) the number of each pair's group, for a decision that promises something.

    Returns:
        The predictions, in the order of the pairs.
    """
    similarity = scores.similarity.astype(np.float64)
    rankings = score_rankings(labels, scores, decision.blend if decision else None)
    if decision is None:
        return LabelledPredictions(labels.astype(np.float64), similarity, similarity, rankings=rankings)
    predicted = predict_unseen(labels, scores, decision, data, groups)
    cross_fitted = _fitted_on(decision, data)
    if cross_fitted and decision.score in scores.weighed and not decision.blend:
        ranking = rankings[decision.score]  # the weights that were saved could rank these very pairs by chance
    else:  # calibration changes no order
        ranking = decision.log_odds(scores) if decision.weights else decision.compared(scores)
    by_similarity = decision.score == "similarity"
    compared = similarity if by_similarity else predicted.probability
    assert compared is not None  # a head or a blend decides by its probability
    return LabelledPredictions(
        labels.astype(np.float64),
        ranking,
        compared,
        unit="similarity" if by_similarity else f"probability by {decision.score}",
        probability=predicted.probability,
        same=predicted.same,
        unsure=predicted.unsure,
        decision=decision,
        balance=balance_for(data.positives, decision.prior),
        cross_fitted=cross_fitted,
        rankings=rankings,
    )


def predict_unseen(
    labels: NDArray[np.integer], scores: Scores, decision: Decision, data: FittedOn, groups: Groups = None
) -> Predictions:
    """Predict labelled pairs, each by a decision that was fitted without it.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: The raw scores of the same N pairs.
        decision: The saved decision.
        data: What the pairs are; where the decision was fitted on them, each is predicted by one that was fitted for
            the same goal without it.
        groups: (N,) the number of each pair's group, for a decision that promises something.

    Returns:
        What is said of the N pairs.
    """
    if not _fitted_on(decision, data):
        return decision.predict(scores)
    fit = partial(cross_fit, prior=decision.prior, blend=decision.blend, groups=groups)
    return fit(labels, scores, decision.score, decision.decide_at)


def _fitted_on(decision: Decision, data: FittedOn) -> bool:
    return decision.fitted_on.digest == data.digest
