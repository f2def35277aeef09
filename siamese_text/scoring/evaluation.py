"""Everything that one set of labelled pairs says about a model: headline figures, their intervals, and the baselines.

The headline decides at the saved threshold. The oracle threshold, chosen on the very pairs it is measured on, stands
apart, only to compare with publications that report it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.scoring import metrics
from siamese_text.scoring.decision import Decision, FittedOn, Scores, cross_fit, score_aps

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one model on one set of pairs; a figure that does not apply is None.

    ``ap`` and ``roc_auc`` rank by the score that decides, ``spearman`` and ``pearson`` by the similarity.
    ``intervals`` holds 95 % bootstrap intervals by name of figure. ``cross_fitted`` says that the threshold was
    fitted on these very pairs, so that each was judged by a decision fitted without it.
    """

    model: str
    data: str
    pairs: int
    ap: float | None = None
    roc_auc: float | None = None
    accuracy: float | None = None
    f1: float | None = None
    mcc: float | None = None
    threshold: float | None = None
    ece: float | None = None
    brier: float | None = None
    spearman: float | None = None
    pearson: float | None = None
    oracle_accuracy: float | None = None
    majority_accuracy: float | None = None
    positives: float | None = None
    score: str = "similarity"
    threshold_source: str | None = None
    cross_fitted: bool = False
    ap_by_score: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


def evaluate_binary(
    labels: NDArray[np.integer],
    scores: Scores,
    decision: Decision | None,
    *,
    model: str,
    data: FittedOn,
    resamples: int = 1000,
) -> Evaluation:
    """Evaluate a model on pairs labelled 0 or 1.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs.
        decision: The saved decision; None gives ranking figures only.
        model: Its name, for the table.
        data: What the pairs are; if the decision was fitted on them, it is cross-fitted.
        resamples: Of the bootstrap.

    Returns:
        The figures.
    """
    ranking = decision.compared(scores) if decision else scores.similarity.astype(np.float64)
    figures: dict[str, Any] = {}
    intervals: dict[str, Interval] = {}
    if decision:
        crossed = decision.fitted_on.digest == data.digest
        judged = decision.apply(scores)
        probability, same = cross_fit(labels, scores, decision.score) if crossed else (judged.probability, judged.same)
        assert probability is not None and same is not None  # a decision always gives both
        if crossed and decision.score == "blend":
            ranking = probability  # its two weights were fitted on these pairs, so they could rank by chance
        figures |= _decided(labels, probability, same.astype(np.int64))
        figures |= {"threshold": decision.threshold, "threshold_source": str(decision.fitted_on)}
        figures |= {"score": decision.score, "cross_fitted": crossed}
        for name, metric in (("accuracy", metrics.accuracy), ("f1", metrics.f1)):
            intervals[name] = metrics.bootstrap_interval(metric, labels, same.astype(np.int64), resamples=resamples)
    intervals["ap"] = metrics.bootstrap_interval(metrics.average_precision, labels, ranking, resamples=resamples)
    figures |= {
        "ap": metrics.average_precision(labels, ranking),
        "roc_auc": metrics.roc_auc(labels, ranking),
        "oracle_accuracy": metrics.best_threshold(labels, ranking)[1],
        "majority_accuracy": max(data.positives, 1 - data.positives),
        "positives": data.positives,
        "ap_by_score": score_aps(labels, scores),
    }
    return Evaluation(model, data.data, len(labels), intervals=intervals, **figures)


def evaluate_graded(gold: NDArray[np.floating], scores: Scores, *, model: str, data: str) -> Evaluation:
    """Evaluate the similarity of a model on pairs with graded labels, (N,), by correlation.

    Returns:
        Spearman's and Pearson's correlation, Spearman's with its interval.
    """
    similarity = scores.similarity.astype(np.float64)
    return Evaluation(
        model,
        data,
        len(gold),
        spearman=metrics.spearman(gold, similarity),
        pearson=metrics.pearson(gold, similarity),
        intervals={"spearman": metrics.bootstrap_interval(metrics.spearman, gold, similarity)},
    )


def _decided(
    labels: NDArray[np.integer], probability: NDArray[np.float64], same: NDArray[np.integer]
) -> dict[str, float]:
    return {
        "accuracy": metrics.accuracy(labels, same),
        "f1": metrics.f1(labels, same),
        "mcc": metrics.matthews(labels, same),
        "ece": metrics.expected_calibration_error(labels, probability),
        "brier": metrics.brier(labels, probability),
    }
