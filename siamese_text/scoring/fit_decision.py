"""Fit a decision on labelled pairs: which score decides, how probable it makes a pair, and where it is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, OneClass, UsageError
from siamese_text.records import Predictions
from siamese_text.scoring.calibration import (
    Calibration,
    check_prior,
    choose_calibration,
    fit_isotonic,
    fit_logistic,
    folds,
    probability_of,
)
from siamese_text.scoring.decision import ACCURACY, BY_HAND, Decision, FittedOn
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.guarantees import Groups, check_guarantee, guaranteed_thresholds, independent_pairs
from siamese_text.scoring.metrics import average_precision, balance_for, bootstrap_interval
from siamese_text.scoring.scores import BlendWeights, LabelledScores, ScoreName, Scores, fit_blend_weights, pooled
from siamese_text.warn import warn_user

BLEND_GAIN = 0.002  # a blend must be better by this AP than its best part to be worth further scores
# A decision says nothing of pairs with a larger share of words that the model does not know than nearly all have that
# it was fitted on, if it is over this: of 40,000 English pairs of twenty kinds two have more, in other scripts most.
LEAST_REACH = 0.45
REACHED = 0.99  # quantile of the share of unknown words
RESAMPLES = 200  # each fits a decision anew


def fit_decision(
    labels: NDArray[np.integer],
    scores: Scores,
    fitted_on: FittedOn,
    score: ScoreName,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    calibration: Calibration | None = None,
    blend: BlendWeights | None = None,
    groups: Groups = None,
) -> Decision:
    """Fit the calibration of one score, and with it the threshold.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: The raw scores of the same N pairs.
        fitted_on: What the pairs are, to be kept with the result.
        score: Which score decides.
        decide_at: The goal of the threshold; where no threshold reaches it, the nearest is taken.
        prior: The share of same pairs where the decision will be used.
        calibration: How probabilities are fitted; None takes what cross-validation chooses.
        blend: How the scores of a blend are weighed, where that is known already.
        groups: (N,) the number of each pair's group, which prove what a goal promises; None where no two pairs are of
            one.

    Returns:
        The decision. One that promises what these pairs do not prove says yes to none, or no to none.

    Raises:
        BadData: All labels are the same.
        UsageError: The goal cannot be read.
    """
    check_both_classes(labels)
    goal = Goal.read(decide_at)
    # First log-odds: a weighted sum of what the score reads ...
    columns = scores.columns(score, blend)  # (N, C)
    weights, bias = fit_logistic(labels, columns)
    # ... which a rising map bends where frequencies do not follow a sigmoid.
    isotonic = None
    if (calibration or choose_calibration(labels, columns)) == "isotonic":
        isotonic = fit_isotonic(labels, columns @ weights + bias)
    # Then the threshold: it is searched among what this decision compares, so the decision is made before it has one.
    decision = Decision(score, tuple(weights.tolist()), bias, 0.5, fitted_on, isotonic, str(goal), prior, blend=blend)
    if scores.unknown is not None and not goal.by_hand:
        decision = replace(decision, reach=max(LEAST_REACH, float(np.quantile(scores.unknown, REACHED))))
    if goal.promises:
        return _guaranteed(decision, goal, labels, scores, groups)
    return replace(decision, threshold=_search(decision, goal, labels, scores)[0])


def choose_decision(
    labels: NDArray[np.integer],
    scores: Scores,
    fitted_on: FittedOn,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    extra: Sequence[LabelledScores] = (),
    blend: BlendWeights | None = None,
    resamples: int = RESAMPLES,
    groups: Groups = None,
) -> Decision:
    """Fit the decision on whichever of similarity, heads and blend ranks these pairs, and further sets, best.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: The raw scores of the same N pairs; without a head only the similarity is tried.
        fitted_on: What the pairs are.
        decide_at: The goal of the threshold; a threshold given by hand is one of the similarity.
        prior: The share of same pairs where the decision will be used.
        extra: Pairs of further data sets that the model is for: the score is chosen, and a blend weighed, for the pairs
            of all sets together; threshold and calibration are fitted on the first alone.
        blend: How the model weighs its blend already; it is kept where there are no further sets.
        resamples: How many sets of pairs are drawn to give the threshold its interval; 0 gives it none.
        groups: (N,) the number of each pair's group, which prove what a goal promises; None where no two pairs are of
            one.

    Returns:
        The decision with the highest average precision; a blend, whose weights could fit chance, must win clearly, and
        is ranked by cross-fitted probabilities where it is fitted on these pairs alone. A decision that calls all of
        them the same, or none, is given with a warning. Where a goal promises something and there are several scores,
        half of the groups say which decides and the other half proves the promise.

    Raises:
        BadData: All labels are the same, or no threshold reaches the goal; the message names the best there is.
        UsageError: The goal cannot be read, the prior is not between 0 and 1, or it goes with a promised precision.
    """
    check_both_classes(labels)
    check_prior(prior)
    if extra or blend:  # of several sets: details would be weighed on the first alone
        scores, extra = replace(scores, details=None), [(own, replace(each, details=None)) for own, each in extra]
    goal = Goal.read(decide_at)
    if goal.promises:
        return _choose_guaranteed(goal, labels, scores, fitted_on, prior, extra, blend, groups)
    # What decides is chosen for the pairs of all sets ...
    score, blend = ("similarity", None) if goal.by_hand else _choose_score([(labels, scores), *extra], blend)
    # ... and threshold and calibration are fitted on those of the first.
    decision = fit_decision(labels, scores, fitted_on, score, decide_at, prior=prior, blend=blend)
    if goal.by_hand:
        by_hand = replace(fitted_on, data=f"{BY_HAND}; probability fitted on {fitted_on.data}")
        return replace(decision, fitted_on=by_hand)
    goal.check_reached(_search(decision, goal, labels, scores)[1])
    _warn_of_one_answer(decision, scores)
    return replace(decision, interval=_threshold_interval(labels, scores, decision, resamples) if resamples else None)


def score_aps(
    labels: NDArray[np.integer],
    scores: Scores,
    blend: BlendWeights | None = None,
    counts: NDArray[np.float64] | None = None,
) -> dict[ScoreName, float]:
    """Return the average precision of what each score ranks by; ``counts``, (N,), says how much each pair counts."""
    rankings = score_rankings(labels, scores, blend)
    return {name: average_precision(labels, values, counts) for name, values in rankings.items()}


def score_rankings(
    labels: NDArray[np.integer], scores: Scores, blend: BlendWeights | None = None
) -> dict[ScoreName, NDArray[Any]]:
    """Return what each score ranks N pairs by.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: The raw scores of the same N pairs.
        blend: How the scores are blended; None fits the blend on these pairs, each by a fit that did not see it.

    Returns:
        (N,) values for each of the single scores, and for what weighs several values: details, or a blend.
    """
    rankings: dict[ScoreName, NDArray[Any]] = {**scores.single}
    few = check_both_classes(labels) < 2  # to be cross-fitted
    for name in scores.weighed:
        if name == "details" and few:
            continue
        if name == "blend" and blend is not None:
            rankings[name] = blend.apply(scores)
        else:
            probability = cross_fit(labels, scores, name, calibration="platt").probability
            assert probability is not None  # what was fitted gives one
            rankings[name] = probability
    return rankings


def cross_fit(
    labels: NDArray[np.integer],
    scores: Scores,
    score: ScoreName,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    calibration: Calibration | None = None,
    blend: BlendWeights | None = None,
    groups: Groups = None,
    seed: int = 0,
) -> Predictions:
    """Predict each pair with a decision that was fitted without it, in five folds of the same class balance.

    Args:
        labels: (N,) 0 or 1.
        scores: The raw scores of the same N pairs.
        score: Which score decides.
        decide_at: The goal of the threshold, in each fold.
        prior: The share of same pairs where the decision will be used.
        calibration: How probabilities are fitted; None has each fold choose.
        blend: How the scores of a blend are weighed, where that is known already and not fitted.
        groups: (N,) the number of each pair's group, for a goal that promises something.
        seed: The seed of the split into folds.

    Returns:
        What is said of each of the N pairs.

    Raises:
        BadData: A class has fewer than two pairs.
    """
    if check_both_classes(labels) < 2:
        raise BadData("one class has a single pair; cross-fitting needs at least two of each, so add pairs")
    probability, verdicts = np.empty(len(labels)), np.empty(len(labels), dtype="<U6")
    fit = partial(fit_decision, score=score, decide_at=decide_at, prior=prior, calibration=calibration, blend=blend)
    for rest, fold in folds(labels, seed):  # every pair is in one fold, and is predicted by what the rest tells
        decision = fit(
            labels[rest], scores.take(rest), _unnamed(labels[rest]), groups=None if groups is None else groups[rest]
        )
        predicted = decision.predict(scores.take(fold))
        probability[fold], verdicts[fold] = predicted.probability, predicted.verdicts
    unsure = verdicts == "unsure" if Goal.read(decide_at).may_be_unsure else None
    return Predictions(scores.similarity, probability, verdicts == "yes", unsure)


def check_both_classes(labels: NDArray[np.integer]) -> int:
    """Return how many pairs the rarer class has.

    Raises:
        OneClass: It has none.
    """
    positives = int(np.sum(labels))
    if positives in {0, len(labels)}:
        raise OneClass(len(labels), float(positives > 0))
    return min(positives, len(labels) - positives)


def _best_score(sets: Sequence[LabelledScores], blend: BlendWeights | None) -> ScoreName:
    """Return which score ranks the pairs of all sets together best, a weighed one only where it is clearly better."""
    labels, scores, counts = pooled(sets)
    if not scores.weighed:
        return "similarity"
    aps = score_aps(labels, scores, blend, counts)
    # Of equally good scores the later one is taken: a head knows more than the similarity that it is trained beside.
    best = max(reversed(scores.single), key=aps.__getitem__)
    weighed = max((name for name in scores.weighed if name in aps), key=aps.__getitem__, default=best)
    return weighed if aps[weighed] > aps[best] + BLEND_GAIN else best


def _choose_guaranteed(
    goal: Goal,
    labels: NDArray[np.integer],
    scores: Scores,
    fitted_on: FittedOn,
    prior: float | None,
    extra: Sequence[LabelledScores],
    blend: BlendWeights | None,
    groups: Groups,
) -> Decision:
    """Return the decision whose thresholds keep what a goal promises; what proves it says nothing else."""
    if prior is not None and any(promise.figure == "precision" for promise in goal.promises):
        raise UsageError(
            f"prior is {prior} and decide-at is '{goal}': a precision is proved for the share of same pairs that the "
            f"data have; give no prior, or promise a recall or an fpr, which hold for any share"
        )
    groups = np.arange(len(labels)) if groups is None else groups
    learn = proof = np.arange(len(labels))
    if scores.weighed:  # labels say which score decides and how a blend is weighed: those of half the groups
        half = np.random.default_rng(0).permutation(int(np.max(groups)) + 1)[groups] % 2
        learn, proof = np.flatnonzero(half == 0), np.flatnonzero(half == 1)
    score, blend = _choose_score([(labels[learn], scores.take(learn)), *extra], blend)
    decision = fit_decision(labels[learn], scores.take(learn), fitted_on, score, prior=prior, blend=blend)
    decision = replace(decision, decide_at=str(goal))
    check_guarantee(goal, labels[proof], decision.compared(scores.take(proof)), groups[proof])
    return _guaranteed(decision, goal, labels[proof], scores.take(proof), groups[proof])


def _choose_score(sets: Sequence[LabelledScores], blend: BlendWeights | None) -> tuple[ScoreName, BlendWeights | None]:
    """Return which score decides about the pairs of all sets, and how a blend weighs them if it does."""
    if len(sets) > 1 and "blend" in sets[0][1].names:
        blend = fit_blend_weights(sets)
    score = _best_score(sets, blend)
    return score, blend if score == "blend" else None


def _guaranteed(
    decision: Decision, goal: Goal, labels: NDArray[np.integer], scores: Scores, groups: Groups
) -> Decision:
    """Return a calibrated decision with the thresholds that keep its promises, as these pairs prove them."""
    threshold, unsure_from = guaranteed_thresholds(goal, labels, decision.compared(scores), groups)
    independent = len(labels) if groups is None else int(independent_pairs(groups)[-1])
    # What is promised is promised for each pair that proves it, so that all of these are within reach.
    reach = decision.reach if scores.unknown is None else max(decision.reach or 0.0, float(scores.unknown.max()))
    return replace(decision, threshold=threshold, unsure_from=unsure_from, proved_by=independent, reach=reach)


def _search(decision: Decision, goal: Goal, labels: NDArray[np.integer], scores: Scores) -> tuple[float, float]:
    """Return the threshold that a goal gives a calibrated decision, and the figure that a search for it reached."""
    if goal.value is not None and goal.by_hand:
        return goal.value, 1.0
    if goal.cut is not None:  # a probability, which calibration says the place of
        return decision.threshold_at(goal.cut), 1.0
    balance = balance_for(float(np.mean(labels)), decision.prior)
    return goal.search(labels, decision.compared(scores), balance)


def _warn_of_one_answer(decision: Decision, scores: Scores) -> None:
    """Warn of a decision that says yes, or no, to every pair that it was fitted on."""
    answers = np.unique(decision.compared(scores) >= decision.threshold)
    if len(answers) == 1:
        warn_user(
            f"at {decision.decide_at} all {decision.fitted_on.pairs:,} pairs of {decision.fitted_on.data} are called "
            f"{'the same' if answers[0] else 'different'}; another goal, prior or model tells them apart"
        )


def _threshold_interval(
    labels: NDArray[np.integer], scores: Scores, decision: Decision, resamples: int
) -> tuple[float, float]:
    """Return the 95 % interval of where decisions that are fitted on resampled pairs would cut.

    Only the pairs are drawn anew: which score decides, how a blend weighs its scores and how probabilities are
    calibrated stay those of ``decision``. Where the goal is a probability, such as one half, every draw cuts at the
    same probability but at another score. So the cuts are compared as scores, and the ends of their interval are then
    read as the probabilities that ``decision`` gives these scores.
    """
    fit = partial(
        fit_decision,
        score="similarity",  # so that a threshold is given in the unit of the one score
        decide_at=decision.decide_at,
        prior=decision.prior,
        calibration=decision.calibration,
    )

    def cut(drawn: NDArray[np.integer], places: NDArray[Any]) -> float:
        return fit(drawn, Scores(places), _unnamed(drawn)).threshold

    if decision.score == "similarity":  # whose threshold is in its own unit
        return bootstrap_interval(cut, labels, scores.similarity, resamples=resamples)
    # Of a head or a blend, the one score is z of the formula of a decision.
    low, high = bootstrap_interval(cut, labels, decision.fitted(scores), resamples=resamples)
    low, high = probability_of(decision.calibrated(np.array([low, high]))).tolist()
    return low, high


def _unnamed(labels: NDArray[np.integer]) -> FittedOn:
    """Describe pairs of which only their balance counts."""
    return FittedOn("fold", len(labels), float(np.mean(labels)), "")
