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
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.fit_decision import cross_fit, score_aps
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.scores import Scores

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
    prior = decision.prior if decision else None
    balance = metrics.balance_for(data.positives, prior)
    ranking = scores.similarity.astype(np.float64)
    figures: dict[str, Any] = {}
    intervals: dict[str, Interval] = {}
    if decision:
        ranking = ranking_of(labels, scores, decision, data)
        probability, verdicts = predict_unseen(labels, scores, decision, data)
        same = verdicts.astype(np.int64)
        goal = Goal.read(decision.decide_at)
        measured = {name: Goal(name).measure(balance) for name in ("accuracy", "precision", "recall", "f1")}
        measured[goal.figure] = goal.measure(balance)
        figures |= {name: measure(labels, same) for name, measure in measured.items()}
        for name in dict.fromkeys(("accuracy", "f1", goal.figure)):
            intervals[name] = metrics.bootstrap_interval(measured[name], labels, same, resamples=resamples)
        figures |= {"mcc": metrics.matthews(labels, same, balance)} | _calibration(labels, probability, balance)
        figures |= {"threshold": decision.threshold, "threshold_source": str(decision.fitted_on)}
        figures |= {
            "score": decision.score,
            "cross_fitted": _fitted_on(decision, data),
            "decide_at": decision.decide_at,
        }
        figures |= {"calibration": decision.calibration, "prior": prior}
        if decision.interval:
            intervals["threshold"] = decision.interval
    intervals["ap"] = metrics.bootstrap_interval(metrics.average_precision, labels, ranking, resamples=resamples)
    share = data.positives if prior is None else prior
    figures |= {
        "ap": metrics.average_precision(labels, ranking),
        "roc_auc": metrics.roc_auc(labels, ranking),
        "oracle_accuracy": metrics.best_threshold(labels, ranking, balance)[1],
        "majority_accuracy": max(share, 1 - share),
        "positives": data.positives,
        "ap_by_score": score_aps(labels, scores, decision.blend if decision else None),
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


def predict_unseen(
    labels: NDArray[np.integer], scores: Scores, decision: Decision, data: FittedOn
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Predict labelled pairs as if the decision had not seen them.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs.
        decision: The saved decision.
        data: What the pairs are; where the decision was fitted on them, each is predicted by one that was
            fitted for the same goal without it.

    Returns:
        (N,) float64 probabilities, None where the decision has none, and (N,) bool decisions.
    """
    if _fitted_on(decision, data):
        return cross_fit(labels, scores, decision.score, decision.decide_at, prior=decision.prior, blend=decision.blend)
    predicted = decision.predict(scores)
    assert predicted.same is not None  # a decision always says yes or no
    return predicted.probability, predicted.same


def _fitted_on(decision: Decision, data: FittedOn) -> bool:
    return decision.fitted_on.digest == data.digest


def ranking_of(labels: NDArray[np.integer], scores: Scores, decision: Decision, data: FittedOn) -> NDArray[np.float64]:
    """Return what the score that decides ranks by, (N,); calibration changes no order."""
    if (
        decision.score == "blend" and not decision.blend and _fitted_on(decision, data)
    ):  # its weights could rank these very pairs by chance
        return cross_fit(labels, scores, "blend", calibration="platt")[0]
    return decision.log_odds(scores) if decision.weights else decision.compared(scores)


def _calibration(
    labels: NDArray[np.integer], probability: NDArray[np.float64] | None, balance: metrics.Balance
) -> dict[str, float]:
    if probability is None:
        return {}
    return {
        "ece": metrics.expected_calibration_error(labels, probability, balance=balance),
        "ece_expected": metrics.perfect_calibration_error(probability, balance=balance),
        "brier": metrics.brier(labels, probability, balance),
    }
