"""A model examined on labelled pairs: the figures, and pair by pair what they were made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData
from siamese_text.evaluation.evaluation import Evaluation, evaluate_binary, evaluate_graded
from siamese_text.evaluation.labelled_predictions import LabelledPredictions, label_predictions, undecided
from siamese_text.records import FloatArray, Pair
from siamese_text.scoring.decision import Decision, FittedOn, describe_pairs
from siamese_text.scoring.fit_decision import check_both_classes
from siamese_text.scoring.scores import Scores

Explain = Callable[[tuple[str, str]], str]


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedModel:
    """What one model said of N pairs.

    Attributes:
        pairs: The labelled pairs.
        scores: Their raw scores.
        decision: The model's saved decision, if it has one.
        data: What the pairs are; of graded ones only name and number count.
        evaluation: The figures.
        outcomes: What they were made of.
        vectors: (M, D) embeddings of the texts that a map is drawn of, if they were asked for.
        explain: Turns the texts of a pair into a piece of HTML that says why the model decided so; it escapes the
            texts itself.
    """

    pairs: Sequence[Pair]
    scores: Scores
    decision: Decision | None
    data: FittedOn
    evaluation: Evaluation
    outcomes: LabelledPredictions
    vectors: FloatArray | None = None
    explain: Explain | None = None

    def take(self, rows: NDArray[np.bool_]) -> EvaluatedModel:
        """Examine the model on some of the pairs alone.

        Args:
            rows: (N,) bool.

        Returns:
            The same for these pairs; where the decision was fitted on all of them, it is cross-fitted on these.

        Raises:
            BadData: They hold no two labels.
        """
        kept = [pair for pair, chosen in zip(self.pairs, rows, strict=True) if chosen]
        name = f"{self.data.data}, {len(kept):,} of its pairs"
        return evaluate_scores(
            kept,
            self.scores.take(rows),
            self.decision,
            model=self.evaluation.model,
            data=name,
            graded=self.outcomes.graded,
            digest=self.data.digest,
        )


def evaluate_scores(
    pairs: Sequence[Pair],
    scores: Scores,
    decision: Decision | None,
    *,
    model: str,
    data: str,
    graded: bool = False,
    digest: str | None = None,
) -> EvaluatedModel:
    """Examine a model by its raw scores.

    Args:
        pairs: N labelled pairs.
        scores: Of the same pairs.
        decision: The model's saved decision, if it has one.
        model: Its name.
        data: The name of the pairs.
        graded: Whether the labels are grades; these are correlated with the similarity, and no decision is used.
        digest: Of the pairs that these were taken from, if they are a part; by default their own.

    Returns:
        Figures and outcomes.

    Raises:
        BadData: All labels are the same.
    """
    if graded:
        gold = np.array([pair.label for pair in pairs], dtype=np.float64)
        if len(np.unique(gold)) < 2:
            raise BadData(f"{data}: all {len(pairs)} labels are the same; two or more are needed")
        evaluation = evaluate_graded(gold, scores, model=model, data=data)
        described = FittedOn(data, len(pairs), float(gold.mean()), "")
        return EvaluatedModel(pairs, scores, None, described, evaluation, undecided(gold, scores))
    labels, described = describe_pairs(data, pairs)
    check_both_classes(labels)
    described = replace(described, digest=digest or described.digest)
    evaluation = evaluate_binary(labels, scores, decision, model=model, data=described)
    outcomes = label_predictions(labels, scores, decision, described) if decision else undecided(labels, scores)
    return EvaluatedModel(pairs, scores, decision, described, evaluation, outcomes)
