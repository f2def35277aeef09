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

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.scoring import metrics
from siamese_text.scoring.goals import Goal

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one model on one set of pairs; a figure that does not apply is None.

    ``ap`` and ``roc_auc`` rank by the score that decides, ``spearman`` and ``pearson`` by the similarity.
    ``intervals`` holds 95 % bootstrap intervals by name of figure. ``cross_fitted`` says that the threshold was
    fitted on these very pairs, so that each was predicted by a decision fitted without it, for the same goal; only the
    weights of a blend that serves several data sets, a few factors for all of them, stay as they are.

    ``ece`` is the calibration error in ten bins of equal mass, Σ over bins |Σ (p − y)| / N, and ``ece_expected`` the
    mean of the same over labels drawn as y ~ Bernoulli(p): what a perfectly calibrated model would show on this many
    pairs with these probabilities (Bröcker and Smith 2007). ``cost`` is the mean cost of a pair where a false negative
    costs 1.

    ``unsure`` is the share of pairs that a decision with a third answer calls neither the same nor different. None of
    them is right in ``accuracy``, nor found in ``recall``. ``not_missed`` is the share of the same pairs that are not
    called different, which such a decision promises as its recall. ``fpr`` is the share of the different pairs that are
    called the same, where the goal is about it.

    Where the decision is made for a ``prior``, all figures of decisions and probabilities are of pairs weighted to
    have that share of positives; the ranking figures are of the pairs as they are.
    """

    model: str
    data: str
    pairs: int
    ap: float | None = None
    roc_auc: float | None = None
    accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    cost: float | None = None
    mcc: float | None = None
    unsure: float | None = None
    not_missed: float | None = None
    fpr: float | None = None
    threshold: float | None = None
    ece: float | None = None
    ece_expected: float | None = None
    brier: float | None = None
    spearman: float | None = None
    pearson: float | None = None
    oracle_accuracy: float | None = None
    majority_accuracy: float | None = None
    positives: float | None = None
    score: str = "similarity"
    threshold_source: str | None = None
    decide_at: str | None = None
    calibration: str | None = None
    prior: float | None = None
    cross_fitted: bool = False
    ap_by_score: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


def evaluate_binary(predictions: LabelledPredictions, *, model: str, data: str, resamples: int = 1000) -> Evaluation:
    """Make the figures of a model on pairs labelled 0 or 1.

    Args:
        predictions: What the model predicts of N pairs, of both labels; without a decision there are only the figures
            of a ranking.
        model: The name of the model, for the table.
        data: The name of the pairs.
        resamples: How many sets of the bootstrap give the intervals.

    Returns:
        The figures.
    """
    labels, balance = predictions.labels.astype(np.int64), predictions.balance
    positives = float(np.mean(labels))
    prior = predictions.decision.prior if predictions.decision else None
    share = positives if prior is None else prior
    interval = metrics.bootstrap_interval(metrics.average_precision, labels, predictions.ranking, resamples=resamples)
    figures, intervals = _decision_figures(predictions, labels, resamples)
    return Evaluation(
        model,
        data,
        len(labels),
        ap=metrics.average_precision(labels, predictions.ranking),
        roc_auc=metrics.roc_auc(labels, predictions.ranking),
        oracle_accuracy=metrics.best_threshold(labels, predictions.ranking, balance)[1],
        majority_accuracy=max(share, 1 - share),
        positives=positives,
        cross_fitted=predictions.cross_fitted,
        ap_by_score={
            name: metrics.average_precision(labels, ranking) for name, ranking in predictions.rankings.items()
        },
        intervals={**intervals, "ap": interval},
        **figures,
    )


def evaluate_graded(predictions: LabelledPredictions, *, model: str, data: str) -> Evaluation:
    """Correlate the similarity of a model with the grades of pairs.

    Args:
        predictions: What the model says of N graded pairs.
        model: The name of the model, for the table.
        data: The name of the pairs.

    Returns:
        Spearman's and Pearson's correlation, Spearman's with its interval.
    """
    grades, similarity = predictions.labels, predictions.ranking
    return Evaluation(
        model,
        data,
        len(grades),
        spearman=metrics.spearman(grades, similarity),
        pearson=metrics.pearson(grades, similarity),
        intervals={"spearman": metrics.bootstrap_interval(metrics.spearman, grades, similarity)},
    )


def _decision_figures(
    predictions: LabelledPredictions, labels: NDArray[np.int64], resamples: int
) -> tuple[dict[str, Any], dict[str, Interval]]:
    """Return the figures of a decision and its probabilities, and their intervals; none where there is no decision."""
    decision, balance = predictions.decision, predictions.balance
    said = predictions.decisions
    if decision is None or said is None:
        return {}, {}
    goal = Goal.read(decision.decide_at)
    measured = {name: Goal(name).measure(balance) for name in ("accuracy", "precision", "recall", "f1")}
    measured[goal.figure] = goal.measure(balance)
    figures: dict[str, Any] = {name: measure(labels, said) for name, measure in measured.items()}
    figures |= {"mcc": metrics.matthews(labels, (said == 1).astype(np.int64), balance)}
    if predictions.unsure is not None:
        figures |= {"unsure": predictions.mean(predictions.unsure), "not_missed": metrics.recall(labels, abs(said))}
    figures |= _calibration_figures(labels, predictions.probability, balance)
    figures |= {"score": decision.score, "threshold": decision.threshold, "threshold_source": str(decision.fitted_on)}
    figures |= {"decide_at": decision.decide_at, "calibration": decision.calibration, "prior": decision.prior}
    intervals = {
        name: metrics.bootstrap_interval(measured[name], labels, said, resamples=resamples)
        for name in dict.fromkeys(("accuracy", "f1", goal.figure))
    }
    if decision.interval:
        intervals["threshold"] = decision.interval
    return figures, intervals


def _calibration_figures(
    labels: NDArray[np.integer], probability: NDArray[np.float64] | None, balance: metrics.Balance
) -> dict[str, float]:
    """Return how far probabilities are from what comes true; nothing where there are none."""
    if probability is None:
        return {}
    return {
        "ece": metrics.expected_calibration_error(labels, probability, balance=balance),
        "ece_expected": metrics.perfect_calibration_error(probability, balance=balance),
        "brier": metrics.brier(labels, probability, balance),
    }
