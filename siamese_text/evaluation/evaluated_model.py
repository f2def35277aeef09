"""A model evaluated on labelled pairs: the figures, and pair by pair what they were made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.splits import components
from siamese_text.errors import OneClass
from siamese_text.evaluation.evaluation import Evaluation, evaluate_binary, evaluate_graded
from siamese_text.evaluation.labelled_predictions import LabelledPredictions, grade_predictions, label_predictions
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
        data: What the pairs are; of graded pairs only the name and the number count.
        evaluation: The figures.
        predictions: What the figures are made of.
        vectors: (M, D) embeddings of the texts that a map is drawn of, if they were asked for.
        explain: Turns the texts of a pair into a piece of HTML that says why the model decided so; it escapes the
            texts itself.
    """

    pairs: Sequence[Pair]
    scores: Scores
    decision: Decision | None
    data: FittedOn
    evaluation: Evaluation
    predictions: LabelledPredictions
    vectors: FloatArray | None = None
    explain: Explain | None = None

    def take(self, rows: NDArray[np.bool_]) -> EvaluatedModel:
        """Evaluate the model on some of the pairs alone.

        Args:
            rows: (N,) bool.

        Returns:
            The same for these pairs; where the decision was fitted on all of them, it is cross-fitted on these.

        Raises:
            OneClass: All of them have one label.
        """
        kept = [pair for pair, chosen in zip(self.pairs, rows, strict=True) if chosen]
        name = f"{self.data.data}, {len(kept):,} of its pairs"
        return evaluate_scores(
            kept,
            self.scores.take(rows),
            self.decision,
            model=self.evaluation.model,
            data=name,
            graded=self.predictions.graded,
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
    """Evaluate a model by its raw scores, on labelled or graded pairs.

    Args:
        pairs: N labelled pairs.
        scores: The raw scores of the same pairs.
        decision: The model's saved decision, if it has one.
        model: The name of the model.
        data: The name of the pairs.
        graded: Whether the labels are grades; these are correlated with the similarity, and no decision is used.
        digest: The digest of the pairs that these were taken from, if they are a part; by default that of the pairs.

    Returns:
        The figures, and the predictions that they are made of.

    Raises:
        OneClass: All labels are the same.
    """
    if graded:
        grades = np.array([pair.label for pair in pairs], dtype=np.float64)
        if len(np.unique(grades)) < 2:
            raise OneClass(len(pairs), float(grades[0]) if len(grades) else None, f" of {data}")
        described = FittedOn(data, len(pairs), float(grades.mean()), "")
        predictions = grade_predictions(grades, scores)
        evaluation = evaluate_graded(predictions, model=model, data=data)
        return EvaluatedModel(pairs, scores, None, described, evaluation, predictions)
    labels, described = describe_pairs(data, pairs)
    check_both_classes(labels)
    described = replace(described, digest=digest or described.digest)
    proved = decision is not None and decision.proved_by is not None
    groups = np.array(components([pair.texts for pair in pairs])) if proved else None
    predictions = label_predictions(labels, scores, decision, described, groups)
    evaluation = evaluate_binary(predictions, model=model, data=data)
    return EvaluatedModel(pairs, scores, decision, described, evaluation, predictions)
