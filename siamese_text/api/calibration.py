"""A decision for any encoder, without training it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamese_text.api.int8_quality import record_int8_quality
from siamese_text.api.scorer import Scorer, sides
from siamese_text.atomic import atomic_folder
from siamese_text.data.splits import components
from siamese_text.errors import UsageError
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.protocols import Progress
from siamese_text.scoring.calibration import check_prior
from siamese_text.scoring.decision import Decision, describe_pairs
from siamese_text.scoring.fit_decision import choose_decision
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.scores import BlendWeights
from siamese_text.scoring.siamese_text_json import write_classifier

if TYPE_CHECKING:
    from siamese_text.data.columns import Columns
    from siamese_text.data.labels import Neutral
    from siamese_text.data.pairs import PairSet


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A decision that was fitted and saved.

    Attributes:
        decision: The decision.
        evaluation: Its cross-fitted figures on the pairs that it was fitted on; None where there are no pairs.
        dropped: How many rows of the data set were left out, by reason.
    """

    decision: Decision
    evaluation: Evaluation | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "decision": self.decision.to_json(),
            "evaluation": asdict(self.evaluation) if self.evaluation else None,
            "dropped": dict(self.dropped),
        }


def calibrate(
    model: str | Path | Scorer,
    output: str | Path,
    dataset: str | Path | PairSet | Any = None,
    split: str | None = None,
    *,
    columns: Columns = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
    decide_at: str = "accuracy",
    confidence: float | None = None,
    prior: float | None = None,
    backend: str = "auto",
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Calibrated:
    """Fit a decision for a model without training it, and save both.

    Args:
        model: A name, a folder, or a loaded scorer; its heads, and how it weighs a blend, are kept if it has any.
        output: The model folder to make.
        dataset: A known name, a file of pairs, or what ``load_pairs`` gave; or pairs in memory: a DataFrame, a
            ``datasets.Dataset``, a mapping of columns, or rows such as ``("a", "b", 1)``; None for a threshold by hand
            that comes with no probability.
        split: The split of the data set; by default ``validation``, and the whole of a single file.
        columns: What columns are called in the file and what they are here, such as ``{"a": "sentence1"}`` or
            ``a=sentence1``.
        neutral: What becomes of the neutral pairs of natural-language inference: ``drop`` or ``different``.
        positive_from: Turns grades into 0 and 1: same from this label on, in the data set's own units.
        decide_at: The goal of the threshold: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``, ``cost=FP:FN``, or
            ``threshold=X`` of the similarity. Or what is to hold for new pairs: one or more of ``precision>=P``,
            ``recall>=R`` and ``fpr<=F``, with commas between them. With one of the yes (precision, fpr) and a recall,
            pairs between two thresholds are unsure. Pairs that share a sentence count as fewer.
        confidence: How sure it is to be that all that ``decide_at`` promises holds; by default 0.95.
        prior: The share of same pairs where the model will be used; None for that of the data set.
        backend: The backend of a model that is not loaded yet; the decision holds for its compute dtype.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        The decision with its cross-fitted figures.

    Raises:
        UsageError: A goal or prior cannot be used, or there is nothing to fit a decision on.
        MissingInput: The data set or the model was not found.
        BadData: The pairs are not labelled 0 and 1, no threshold reaches the goal, or they do not prove what it
            promises; the message says about how many more would.
        BadOutput: The output exists or cannot be written.
    """
    from siamese_text.training.model_output import check_model_output

    goal = _goal(decide_at, confidence)
    _check_request(goal, prior, has_pairs=dataset is not None)
    check_model_output(Path(output), overwrite=overwrite)
    pairs = _labelled(dataset, split, data_dir, columns, neutral, positive_from)
    if pairs is not None:
        pairs.check_binary()
    scorer = model if isinstance(model, Scorer) else Scorer.load(model, backend=backend)
    record_int8_quality(scorer.encoder)
    _check_threshold(goal, scorer.encoder.similarity_fn_name)
    blend = scorer.decision.blend if scorer.decision else None  # also that of a decision for another compute dtype
    calibrated = _by_hand(goal) if pairs is None else _fit(scorer, pairs, str(goal), prior, blend, progress)
    decision = replace(calibrated.decision, compute_dtype=scorer.encoder.compute_dtype)
    with atomic_folder(Path(output)) as folder:
        scorer.encoder.write(folder)
        write_classifier(replace(scorer.classifier, decision=decision), folder)
    return replace(calibrated, decision=decision, dropped=pairs.dropped if pairs else {})


def _labelled(
    dataset: Any,
    split: str | None,
    data_dir: str | Path | None,
    columns: Columns,
    neutral: Neutral,
    positive_from: float | None,
) -> PairSet | None:
    """Return the labelled pairs to fit on, loaded if they are given by name; None where none are given."""
    from siamese_text.data.given import as_source
    from siamese_text.data.loading import default_split, load_pairs
    from siamese_text.data.pairs import PairSet

    if dataset is None or isinstance(dataset, PairSet):
        return dataset
    dataset = as_source(dataset)
    return load_pairs(
        dataset,
        split or default_split(dataset),
        data_dir=data_dir,
        columns=columns,
        neutral=neutral,
        positive_from=positive_from,
    )


def _goal(decide_at: str, confidence: float | None) -> Goal:
    """Return the goal, with the confidence of what it promises."""
    if confidence is None:
        return Goal.read(decide_at)
    if not Goal.read(decide_at).promises:
        raise UsageError(
            f"confidence is {confidence:g} and decide-at '{decide_at}' promises nothing; "
            f"promise a figure, such as precision>=0.95"
        )
    return Goal.read(f"{decide_at}, confidence={confidence}")


def _check_request(goal: Goal, prior: float | None, *, has_pairs: bool) -> None:
    """Refuse what only pairs could answer where there are none."""
    check_prior(prior)
    if not has_pairs and not goal.by_hand:
        raise UsageError(f"decide-at is '{goal}' and there are no pairs; give a data set to fit the threshold on")
    if not has_pairs and prior is not None:
        raise UsageError(f"prior is {prior} and there are no pairs; give a data set to fit a probability on")


def _check_threshold(goal: Goal, similarity: str) -> None:
    """Refuse a threshold by hand that no cosine can have."""
    if goal.by_hand and goal.value is not None and similarity == "cosine" and abs(goal.value) > 1:
        raise UsageError(f"the threshold is {goal.value:g}; a cosine lies between -1 and 1, so give one such as 0.7")


def _by_hand(goal: Goal) -> Calibrated:
    assert goal.value is not None  # a goal by hand has one
    return Calibrated(Decision.by_hand(goal.value))


def _fit(
    scorer: Scorer,
    pairs: PairSet,
    decide_at: str,
    prior: float | None,
    blend: BlendWeights | None,
    progress: Progress | None,
) -> Calibrated:
    """Fit a decision on pairs, and measure it on them, cross-fitted."""
    labels, described = describe_pairs(f"{pairs.name}/{pairs.split}", pairs.pairs)
    promises = Goal.read(decide_at).promises
    undecided = replace(scorer.classifier, decision=None)  # so that all that may decide is scored
    scores = undecided.scores(sides(pairs.pairs), scorer.encoder, progress)
    if promises and (scorer.decision is None or scorer.decision.score != "details"):
        scores = replace(scores, details=None)  # to weigh them takes half of the pairs that could prove a promise
    groups = np.array(components([pair.texts for pair in pairs.pairs])) if promises else None
    decision = choose_decision(labels, scores, described, decide_at, prior=prior, blend=blend, groups=groups)
    evaluated = evaluate_scores(pairs.pairs, scores, decision, model=scorer.name, data=described.data)
    return Calibrated(decision, evaluated.evaluation)
