"""How a model does on all the held-out pairs of a run, with the decision that is fitted on its validation pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.examples import ExampleSet
from siamese_text.errors import BadData
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.protocols import EncodesTokens
from siamese_text.scoring.decision import Decision, FittedOn, describe_pairs
from siamese_text.scoring.fit_decision import RESAMPLES, choose_decision
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import LabelledScores, Scores
from siamese_text.training.mixture import TrainingData
from siamese_text.training.settings import DecisionSettings
from siamese_text.warn import warn_user


@dataclass(frozen=True, slots=True)
class HeldOutFigures:
    """Figures of one model.

    Attributes:
        splits: The figures on each held-out split of the main set.
        extra: The figures on the held-out pairs of each further set.
        decision: The decision fitted on the validation pairs; None where the labels are grades.
    """

    splits: dict[str, Evaluation]
    extra: dict[str, Evaluation]
    decision: Decision | None


def evaluate_model(
    encoder: EncodesTokens,
    classifier: PairClassifier,
    data: TrainingData,
    settings: DecisionSettings,
    model: str,
    *,
    decides_extra: bool,
) -> HeldOutFigures:
    """Fit a decision on the validation pairs, unless they are graded, and evaluate it on all held-out pairs.

    Args:
        encoder: Turns texts into embeddings.
        classifier: The heads of the model; a decision of its own is not read.
        data: The held-out pairs.
        settings: What the decision is for.
        model: What the model is called in the figures.
        decides_extra: Whether the decision is kept and also serves the further sets; without it they are ranked only.

    Returns:
        The figures, and the decision.
    """
    extra_scores = score_held_out(encoder, classifier, data.extra)
    extra = [(_labels(part), extra_scores[name]) for name, part in data.extra.items() if part.kind != "graded"]
    decision: Decision | None = None
    splits = {}
    for split, pairs in data.held_out.items():
        name = f"{data.sets[0].name}/{split}"
        scores = classifier.scores([pair.sides for pair in pairs], encoder)
        if not data.graded and decision is None:  # validation comes first, and the others are decided as it is
            labels, described = describe_pairs(name, pairs)
            # An interval of the threshold takes hundreds of fits; what is only compared with needs none.
            resamples = RESAMPLES if decides_extra else 0
            decision = _decide(labels, scores, described, settings, extra, model, resamples)
        splits[split] = evaluate_scores(pairs, scores, decision, model=model, data=name, graded=data.graded).evaluation
    further = evaluate_held_out(extra_scores, data.extra, decision if decides_extra else None, model)
    return HeldOutFigures(splits, further, decision)


def score_held_out(
    encoder: EncodesTokens, classifier: PairClassifier, sets: Mapping[str, ExampleSet]
) -> dict[str, Scores]:
    """Return the scores of the held-out pairs of data sets by name."""
    return {name: classifier.scores([pair.sides for pair in part.pairs], encoder) for name, part in sets.items()}


def evaluate_held_out(
    scores: Mapping[str, Scores], sets: Mapping[str, ExampleSet], decision: Decision | None, model: str
) -> dict[str, Evaluation]:
    """Evaluate the scores of ``score_held_out``, and a decision where there is one."""
    return {
        name: evaluate_scores(
            part.pairs,
            scores[name],
            decision,
            model=model,
            data=f"{part.name}/{part.split}",
            graded=part.kind == "graded",
        ).evaluation
        for name, part in sets.items()
    }


def _labels(part: ExampleSet) -> NDArray[np.int64]:
    """Return the (N,) labels of held-out pairs, 0 or 1."""
    return np.array([pair.label for pair in part.pairs], dtype=np.int64)


def _decide(
    labels: NDArray[np.int64],
    scores: Scores,
    described: FittedOn,
    settings: DecisionSettings,
    extra: Sequence[LabelledScores],
    model: str,
    resamples: int,
) -> Decision:
    """Fit the decision for the goal that was asked for; a trained model is not lost because it cannot reach it."""
    choose = partial(choose_decision, labels, scores, described, prior=settings.prior, extra=extra, resamples=resamples)
    try:
        return choose(settings.decide_at)
    except BadData as error:
        warn_user(f"{model}: {error}; until then it decides at accuracy")
        return choose()
