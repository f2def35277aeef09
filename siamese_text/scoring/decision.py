"""From a score to a probability and a yes or no, with where they were fitted: what no bare number can say.

The scores of a pair (similarity, log-odds of each head, or their blend, for several data sets by ``BlendWeights``)
become the log-odds z of one logistic regression, which an isotonic map g may calibrate further (``calibration``):

    p(same) = 1 / (1 + exp(-(g(z) + shift))),  z = w₁ · score₁ + … + wₙ · scoreₙ + c

where shift moves p from the share of positives among the fitted pairs to that of the place of use (``prior_shift``).
The threshold follows from a goal (``goals``); a goal that promises a figure of the yes and one of the no gives two, and
what lies between them is unsure (``guarantees``). Scores of a decision on similarity alone are compared in the
similarity's own unit, so that its threshold reads as a cosine; others as a probability.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadModel, UsageError
from siamese_text.records import ComputeDtype, Pair, Predictions
from siamese_text.scoring.calibration import (
    Calibration,
    Isotonic,
    log_odds_of,
    prior_shift,
    probability_of,
)
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.scores import BlendWeights, ScoreName, Scores

ACCURACY = "accuracy"
BY_HAND = "by hand"


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
        score: What decides: the similarity, a head, or the blend of all.
        weights: One factor for each column of ``Scores.columns(score, blend)``; none where nothing was fitted, and then
            there is no probability.
        bias: The constant c of the formula above.
        threshold: In the similarity's unit, or a probability where a head or a blend decides.
        fitted_on: Where threshold and calibration come from.
        isotonic: The map g; None leaves z as it is (Platt's scaling).
        decide_at: The goal of the threshold, as ``Goal.read`` reads it.
        prior: The share of same pairs where the decision is used; None for that of the fitted pairs.
        interval: The 95 % bootstrap interval of the threshold; None where it was given by hand or not asked for.
        compute_dtype: The number format in which the encoder multiplied whose scores it was fitted on; it holds for no
            other.
        blend: How a blend that serves several data sets weighs its scores (``fit_blend_weights``); None where
            ``weights`` do.
        unsure_from: Below this a pair is different, and from here to the threshold the answer is unsure; None where
            there is no such answer.
        proved_by: As how many independent pairs those count that prove what ``decide_at`` promises; None where it
            promises nothing.
        reach: The largest share of unknown words that a pair may have for the decision to say anything of it, as the
            pairs it was fitted on had them; None where that was not measured.
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
    compute_dtype: ComputeDtype = "fp32"
    blend: BlendWeights | None = None
    unsure_from: float | None = None
    proved_by: int | None = None
    reach: float | None = None

    @classmethod
    def by_hand(cls, threshold: float) -> Decision:
        """Return a decision that compares the similarity with a given threshold and knows no probability.

        Example:
            >>> decision = Decision.by_hand(0.7)
            >>> decision.predict(Scores(np.float32([0.6, 0.8]))).same.tolist(), decision.source
            ([False, True], 'given by hand')
        """
        goal = Goal("threshold", threshold)
        return cls("similarity", (), 0.0, threshold, FittedOn(BY_HAND, 0, 0.0, ""), decide_at=str(goal))

    @property
    def source(self) -> str:
        """Where the threshold comes from, to follow the word "threshold" or its value."""
        if self.proved_by is None:
            return f"{'given' if Goal.read(self.decide_at).by_hand else 'fitted on'} {self.fitted_on}"
        proof = f"{self.proved_by:,} independent ones prove {self.decide_at} for pairs like them"
        return f"fitted on {self.fitted_on}; {proof}"

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
        fitted: NDArray[np.float64] = scores.columns(self.score, self.blend) @ np.array(self.weights) + self.bias
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

    def predict(self, scores: Scores) -> Predictions:
        """Predict of N pairs, by their raw scores, whether they say the same.

        A pair beyond the reach of the decision is unsure, and as probable as a pair of which nothing is known.
        """
        compared = self.compared(scores)
        same = compared >= self.threshold
        unsure = None if self.unsure_from is None else ~same & (compared >= self.unsure_from)
        said = Predictions(scores.similarity, self.probability(scores), same, unsure)
        return said if self.reach is None or scores.unknown is None else self._within(said, scores.unknown > self.reach)

    def _within(self, said: Predictions, beyond: NDArray[np.bool_]) -> Predictions:
        """Return predictions with nothing said of the pairs that are beyond the reach."""
        if not beyond.any() or said.same is None:
            return said
        share = self.fitted_on.positives if self.prior is None else self.prior
        return replace(
            said,
            probability=None if said.probability is None else np.where(beyond, share, said.probability),
            same=said.same & ~beyond,
            unsure=beyond if said.unsure is None else said.unsure | beyond,
            unknown=beyond,
        )

    def threshold_at(self, probability: float) -> float:
        """Return where a probability lies in the unit of the threshold."""
        if self.score != "similarity":
            return probability
        calibrated = log_odds_of(probability) - prior_shift(self.fitted_on.positives, self.prior)
        fitted = self.isotonic.inverse(calibrated) if self.isotonic else calibrated
        return (fitted - self.bias) / self.weights[0]

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain values for ``siamese_text.json``; of what it has not, nothing is said."""
        optional = {"unsure_from", "proved_by", "reach"}
        return {name: value for name, value in asdict(self).items() if value is not None or name not in optional}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Decision:
        """Build a decision from what ``to_json`` gave; what earlier ones did not hold may be missing.

        Raises:
            BadModel: A value is missing or of the wrong kind.
        """
        try:
            if values["score"] not in get_args(ScoreName):
                raise ValueError(f"score '{values['score']}'")
            # a decision of 0.1 says precision and mix
            compute_dtype = values.get("compute_dtype") or values.get("precision", "fp32")
            blend = values.get("blend") or values.get("mix")
            if compute_dtype not in get_args(ComputeDtype):
                raise ValueError(f"compute_dtype '{compute_dtype}'")
            isotonic, prior, interval = (values.get(name) for name in ("isotonic", "prior", "interval"))
            unsure_from, proved_by, reach = (values.get(name) for name in ("unsure_from", "proved_by", "reach"))
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
                compute_dtype=compute_dtype,
                blend=BlendWeights.from_json(blend) if blend else None,
                unsure_from=None if unsure_from is None else float(unsure_from),
                proved_by=None if proved_by is None else int(proved_by),
                reach=None if reach is None else float(reach),
            )
        except (AttributeError, LookupError, TypeError, ValueError, UsageError) as error:
            raise BadModel(f"the saved decision cannot be read ({error!r}); fit it anew by calibrating") from error


def describe_pairs(name: str, pairs: Sequence[Pair]) -> tuple[NDArray[np.int64], FittedOn]:
    """Return the labels of pairs, (N,) 0 or 1, and their name, number, balance and digest.

    The digest does not depend on the order of the pairs, so the same pairs are known again however they were read.
    """
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)
    lines = sorted(f"{pair.sentence1}\t{pair.sentence2}\t{label}" for pair, label in zip(pairs, labels, strict=True))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return labels, FittedOn(name, len(pairs), float(np.mean(labels)), digest)


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
