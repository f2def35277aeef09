"""From a score to a probability and a yes or no, with where they were fitted: what no bare number can say.

The scores of a pair (similarity, log-odds of each head, or their "blend", for several data sets a ``Mix``) become the
log-odds z of one logistic regression, which an isotonic map g may calibrate further (``calibration``):

    p(same) = 1 / (1 + exp(-(g(z) + shift))),  z = w₁ · score₁ + … + wₙ · scoreₙ + c

where shift moves p from the share of positives among the fitted pairs to that of the place of use (``prior_shift``).
The threshold follows from a goal (``goals``). Scores of a decision on similarity alone are compared in the
similarity's own unit, so that its threshold reads as a cosine; others as a probability.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, BadModel, UsageError
from siamese_text.records import Judgements, Pair, Precision
from siamese_text.scoring.calibration import (
    Calibration,
    Isotonic,
    check_prior,
    choose_calibration,
    fit_isotonic,
    fit_logistic,
    folds,
    log_odds_of,
    prior_shift,
    probability_of,
)
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.metrics import average_precision, balance_for, bootstrap_interval
from siamese_text.scoring.scores import LabelledScores, Mix, ScoreName, Scores, fit_mix, pooled

ACCURACY = "accuracy"
BY_HAND = "by hand"
BLEND_GAIN = 0.002  # a blend must be better by this AP than its best part to be worth further scores
RESAMPLES = 200  # each fits a decision anew


@dataclass(frozen=True, slots=True)
class FittedOn:
    """The pairs that a decision was fitted on: their name, number, share of positives and SHA-256."""

    data: str
    pairs: int
    positives: float
    digest: str

    def __str__(self) -> str:
        return f"{self.data} ({self.pairs:,} pairs, {self.positives:.0%} same)" if self.pairs else self.data


@dataclass(frozen=True, slots=True)
class Decision:
    """A threshold and the calibration of a probability.

    Attributes:
        score: What is judged: the similarity, a head, or the blend of all.
        weights: One factor for each column of ``Scores.columns(score, mix)``; none where nothing was fitted, and then
            there is no probability.
        bias: The constant c of the formula above.
        threshold: In the similarity's unit, or a probability where a head or a blend decides.
        fitted_on: Where threshold and calibration come from.
        isotonic: The map g; None leaves z as it is (Platt's scaling).
        decide_at: The goal of the threshold, as ``Goal.read`` reads it.
        prior: The share of same pairs where the decision is used; None for that of the fitted pairs.
        interval: The 95 % bootstrap interval of the threshold; None where it was given by hand or not asked for.
        precision: Of the encoder whose scores it was fitted on; it holds for no other.
        mix: How a blend that serves several data sets weighs its scores (``fit_mix``); None where ``weights`` do.
    """

    score: ScoreName
    weights: tuple[float, ...]
    bias: float
    threshold: float
    fitted_on: FittedOn
    isotonic: Isotonic | None = None
    decide_at: str = ACCURACY
    prior: float | None = None
    interval: tuple[float, float] | None = None
    precision: Precision = "fp32"
    mix: Mix | None = None

    @classmethod
    def by_hand(cls, threshold: float) -> Decision:
        """Return a decision that compares the similarity with a given threshold and knows no probability.

        Example:
            >>> decision = Decision.by_hand(0.7)
            >>> decision.apply(Scores(np.float32([0.6, 0.8]))).same.tolist(), decision.source
            ([False, True], 'given by hand')
        """
        goal = Goal("threshold", threshold)
        return cls("similarity", (), 0.0, threshold, FittedOn(BY_HAND, 0, 0.0, ""), decide_at=str(goal))

    @property
    def source(self) -> str:
        """Where the threshold comes from, to follow the word "threshold" or its value."""
        return f"{'given' if Goal.read(self.decide_at).by_hand else 'fitted on'} {self.fitted_on}"

    @property
    def calibration(self) -> Calibration | None:
        """How probabilities were fitted; None where there are none."""
        if not self.weights:
            return None
        return "isotonic" if self.isotonic else "platt"

    def log_odds(self, scores: Scores) -> NDArray[np.float64]:
        """Return (N,) float64 log-odds that the sides of each pair say the same, for a decision that has weights."""
        return self.calibrated(self.fitted(scores))

    def fitted(self, scores: Scores) -> NDArray[np.float64]:
        """Return z of the formula above, (N,) float64."""
        fitted: NDArray[np.float64] = scores.columns(self.score, self.mix) @ np.array(self.weights) + self.bias
        return fitted

    def calibrated(self, fitted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return g(z) + shift of the formula above for (N,) z."""
        calibrated = self.isotonic.apply(fitted) if self.isotonic else fitted
        return calibrated + prior_shift(self.fitted_on.positives, self.prior)

    def probability(self, scores: Scores) -> NDArray[np.float64] | None:
        """Return (N,) float64 probabilities, inside (0, 1), or None where nothing was fitted."""
        return probability_of(self.log_odds(scores)) if self.weights else None

    def compared(self, scores: Scores) -> NDArray[np.float64]:
        """Return (N,) float64: what is compared with the threshold."""
        if self.score == "similarity":
            return scores.similarity.astype(np.float64)
        return probability_of(self.log_odds(scores))

    def apply(self, scores: Scores) -> Judgements:
        """Judge N pairs."""
        return Judgements(scores.similarity, self.probability(scores), self.compared(scores) >= self.threshold)

    def threshold_at(self, probability: float) -> float:
        """Return where a probability lies in the unit of the threshold."""
        if self.score != "similarity":
            return probability
        calibrated = log_odds_of(probability) - prior_shift(self.fitted_on.positives, self.prior)
        fitted = self.isotonic.inverse(calibrated) if self.isotonic else calibrated
        return (fitted - self.bias) / self.weights[0]

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain values for ``siamese_text.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Decision:
        """Build a decision from what ``to_json`` gave; what earlier ones did not hold may be missing.

        Raises:
            BadModel: A value is missing or of the wrong kind.
        """
        try:
            if values["score"] not in get_args(ScoreName):
                raise ValueError(f"score '{values['score']}'")
            precision = values.get("precision", "fp32")
            if precision not in get_args(Precision):
                raise ValueError(f"precision '{precision}'")
            isotonic, prior, interval = (values.get(name) for name in ("isotonic", "prior", "interval"))
            return cls(
                score=values["score"],
                weights=_floats(values["weights"]),
                bias=float(values["bias"]),
                threshold=float(values["threshold"]),
                fitted_on=FittedOn(**values["fitted_on"]),
                isotonic=Isotonic(_floats(isotonic["inputs"]), _floats(isotonic["outputs"])) if isotonic else None,
                decide_at=str(Goal.read(values.get("decide_at", ACCURACY))),
                prior=None if prior is None else float(prior),
                interval=None if interval is None else (float(interval[0]), float(interval[1])),
                precision=precision,
                mix=Mix.from_json(values["mix"]) if values.get("mix") else None,
            )
        except (AttributeError, LookupError, TypeError, ValueError, UsageError) as error:
            raise BadModel(f"the saved decision cannot be read ({error!r}); fit it anew by calibrating") from error


def fit_decision(
    labels: NDArray[np.integer],
    scores: Scores,
    fitted_on: FittedOn,
    score: ScoreName,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    calibration: Calibration | None = None,
    mix: Mix | None = None,
) -> Decision:
    """Fit the calibration of one score, and with it the threshold.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs.
        fitted_on: What the pairs are, to be kept with the result.
        score: Which score decides.
        decide_at: The goal of the threshold; where no threshold reaches it, the nearest is taken.
        prior: The share of same pairs where the decision will be used.
        calibration: How probabilities are fitted; None takes what cross-validation chooses.
        mix: Of a blend that is mixed already.

    Returns:
        The decision.

    Raises:
        BadData: All labels are the same.
        UsageError: The goal cannot be read.
    """
    check_both_classes(labels)
    goal = Goal.read(decide_at)
    columns = scores.columns(score, mix)  # (N, C)
    weights, bias = fit_logistic(labels, columns)
    isotonic = None
    if (calibration or choose_calibration(labels, columns)) == "isotonic":
        isotonic = fit_isotonic(labels, columns @ weights + bias)
    decision = Decision(score, tuple(weights.tolist()), bias, 0.5, fitted_on, isotonic, str(goal), prior, mix=mix)
    return replace(decision, threshold=_search(decision, goal, labels, scores)[0])


def choose_decision(
    labels: NDArray[np.integer],
    scores: Scores,
    fitted_on: FittedOn,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    also: Sequence[LabelledScores] = (),
    resamples: int = RESAMPLES,
) -> Decision:
    """Fit the decision on whichever of similarity, heads and blend ranks these pairs, and further sets, best.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: Of the same N pairs; without a head only the similarity is tried.
        fitted_on: What the pairs are.
        decide_at: The goal of the threshold; a threshold given by hand is one of the similarity.
        prior: The share of same pairs where the decision will be used.
        also: Pairs of further data sets that the model is for: the score is chosen, and a blend mixed, for the pairs of
            all sets together; threshold and calibration are fitted on the first alone.
        resamples: Of the bootstrap that gives the threshold its interval; 0 gives it none.

    Returns:
        The decision with the highest average precision; a blend, whose weights could fit chance, must win clearly, and
        is judged on cross-fitted probabilities where it is fitted on these pairs alone.

    Raises:
        BadData: All labels are the same, or no threshold reaches the goal; the message names the best there is.
        UsageError: The goal cannot be read, or the prior is not between 0 and 1.
    """
    check_both_classes(labels)
    check_prior(prior)
    goal = Goal.read(decide_at)
    sets = [(labels, scores), *also]
    mix = fit_mix(sets) if also and "blend" in scores.names else None
    score = "similarity" if goal.by_hand else _best_score(sets, mix)
    mix = mix if score == "blend" else None
    decision = fit_decision(labels, scores, fitted_on, score, decide_at, prior=prior, mix=mix)
    if goal.by_hand:
        by_hand = replace(fitted_on, data=f"{BY_HAND}; probability fitted on {fitted_on.data}")
        return replace(decision, fitted_on=by_hand)
    goal.check_reached(_search(decision, goal, labels, scores)[1])
    return replace(decision, interval=_threshold_interval(labels, scores, decision, resamples) if resamples else None)


def score_aps(
    labels: NDArray[np.integer], scores: Scores, mix: Mix | None = None, counts: NDArray[np.float64] | None = None
) -> dict[ScoreName, float]:
    """Return the average precision of each score, the blend's cross-fitted without a mix; ``counts`` weigh pairs."""
    rankings: dict[ScoreName, NDArray[Any]] = {**scores.single}
    if mix is not None:
        rankings["blend"] = mix.apply(scores)
    elif "blend" in scores.names:
        rankings["blend"] = cross_fit(labels, scores, "blend", calibration="platt")[0]
    return {name: average_precision(labels, values, counts) for name, values in rankings.items()}


def cross_fit(
    labels: NDArray[np.integer],
    scores: Scores,
    score: ScoreName,
    decide_at: str = ACCURACY,
    *,
    prior: float | None = None,
    calibration: Calibration | None = None,
    mix: Mix | None = None,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Judge each pair with a decision that was fitted without it, in five folds of the same class balance.

    Args:
        labels: (N,) 0 or 1.
        scores: Of the same N pairs.
        score: Which score decides.
        decide_at: The goal of the threshold, in each fold.
        prior: The share of same pairs where the decision will be used.
        calibration: How probabilities are fitted; None has each fold choose.
        mix: Of a blend that is mixed already, and not fitted.
        seed: Of the split into folds.

    Returns:
        (N,) float64 probabilities and (N,) bool decisions.

    Raises:
        BadData: A class has fewer than two pairs.
    """
    if check_both_classes(labels) < 2:
        raise BadData("one class has a single pair; cross-fitting needs at least two of each, so add pairs")
    probability, same = np.empty(len(labels)), np.empty(len(labels), dtype=bool)
    fit = partial(fit_decision, score=score, decide_at=decide_at, prior=prior, calibration=calibration, mix=mix)
    for rest, fold in folds(labels, seed):
        judged = fit(labels[rest], scores.take(rest), _unnamed(labels[rest])).apply(scores.take(fold))
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


def _best_score(sets: Sequence[LabelledScores], mix: Mix | None) -> ScoreName:
    """Return which score ranks the pairs of all sets together best, a blend only where it is clearly better."""
    labels, scores, counts = pooled(sets)
    if len(scores.single) == 1:
        return "similarity"
    aps = score_aps(labels, scores, mix, counts)
    # Of equally good ones the later: a head knows more than the similarity that it is trained beside.
    best = max(reversed(scores.single), key=aps.__getitem__)
    return "blend" if aps["blend"] > aps[best] + BLEND_GAIN else best


def _search(decision: Decision, goal: Goal, labels: NDArray[np.integer], scores: Scores) -> tuple[float, float]:
    """Return the threshold that a goal gives a calibrated decision, and the figure that a search for it reached."""
    if goal.value is not None and goal.by_hand:
        return goal.value, 1.0
    if goal.cut is not None:
        return decision.threshold_at(goal.cut), 1.0
    balance = balance_for(float(np.mean(labels)), decision.prior)
    return goal.search(labels, decision.compared(scores), balance)


def _threshold_interval(
    labels: NDArray[np.integer], scores: Scores, decision: Decision, resamples: int
) -> tuple[float, float]:
    """Return the 95 % interval of where decisions that are fitted on resampled pairs would cut.

    Half is half in every decision, so the cuts of a goal that is a probability differ only in the score that they fall
    on. They are compared there, and read as what ``decision`` says of that score.
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

    if decision.score == "similarity":
        return bootstrap_interval(cut, labels, scores.similarity, resamples=resamples)
    low, high = bootstrap_interval(cut, labels, decision.fitted(scores), resamples=resamples)
    low, high = probability_of(decision.calibrated(np.array([low, high]))).tolist()
    return low, high


def _unnamed(labels: NDArray[np.integer]) -> FittedOn:
    return FittedOn("fold", len(labels), float(np.mean(labels)), "")


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
