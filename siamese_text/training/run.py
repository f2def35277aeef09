"""One training run from a data set's name to a model folder with its decision, figures, curves and card."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.data.examples import ExampleSet
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadData, BadOutput, UsageError
from siamese_text.evaluation.evaluated_model import evaluate_scores
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.protocols import EncodesTokens
from siamese_text.scoring.decision import Decision, FittedOn, describe_pairs
from siamese_text.scoring.fit_decision import choose_decision
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import LabelledScores, Scores
from siamese_text.training.card import model_card
from siamese_text.training.checkpoints import checkpoint_folder, newest_checkpoint, remove_checkpoints
from siamese_text.training.fit import check_fit, fit
from siamese_text.training.history import History
from siamese_text.training.loop import Observer
from siamese_text.training.mixture import TrainingData, load_training_data
from siamese_text.training.processes import is_main_process
from siamese_text.training.settings import TrainSettings

REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a run gave.

    Attributes:
        settings: Of the run.
        output: The model folder.
        data: The rows and what was said about them.
        before: The untrained encoder on each held-out split, its decision fitted on validation like the trained one's.
        after: The trained model on each held-out split.
        also: The untrained and the trained model on the held-out pairs of each further data set.
        decision: The decision that was saved; None where the labels are grades.
        history: Steps and validations.
        best_step: The step whose weights were kept.
        truncated: How many distinct training sentences were longer than the model reads.
        seconds: Wall-clock time of training with its validations.
    """

    settings: TrainSettings
    output: Path
    data: TrainingData
    before: Mapping[str, Evaluation]
    after: Mapping[str, Evaluation]
    decision: Decision | None
    best_step: int
    truncated: int
    seconds: float
    history: History = field(repr=False)
    also: Mapping[str, tuple[Evaluation, Evaluation]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values, without the history, which has its own file."""
        sizes = {name: len(pairs) for name, pairs in self.data.held_out.items()}
        return {
            "format": REPORT_FORMAT,
            "settings": asdict(self.settings),
            "data": {
                "training_rows": {each.name: len(each.examples) for each in self.data.sets},
                "pairs": sizes,
                "origins": dict(self.data.origins),
                "dropped": {name: dict(reasons) for name, reasons in self.data.dropped.items()},
                "left_out_for_a_shared_sentence": dict(self.data.leaked),
            },
            "before": {name: asdict(evaluation) for name, evaluation in self.before.items()},
            "after": {name: asdict(evaluation) for name, evaluation in self.after.items()},
            "also": {
                name: {"before": asdict(before), "after": asdict(after)} for name, (before, after) in self.also.items()
            },
            "decision": self.decision.to_json() if self.decision else None,
            "best_step": self.best_step,
            "truncated": self.truncated,
            "seconds": round(self.seconds, 1),
        }


class RunObserver(Observer, Protocol):
    """Who wants to follow a whole run."""

    def loaded(self, data: TrainingData) -> None:
        """The rows are loaded."""

    def evaluated_before(self, before: Mapping[str, Evaluation]) -> None:
        """The untrained encoder is evaluated; training comes next."""


def run_training(
    settings: TrainSettings,
    output: str | Path,
    *,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    device: str | None = None,
    observer: RunObserver | None = None,
) -> TrainingReport:
    """Train an encoder, fit its decision on the validation pairs and save both.

    Args:
        settings: What to train and how.
        output: The model folder to make; it also gets ``history.jsonl``, ``curves.png``, ``report.json`` and a card.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder, or a run with this output that was stopped, may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.

    Returns:
        The report, with the figures of the untrained and of the trained model.

    Raises:
        BadOutput: The output exists, holds a run that was stopped, or cannot be written.
        MissingInput: The data set or the model was not found.
        BadData: The labels or columns do not fit the loss.
        UsageError: The settings fit neither the machine, the encoder nor the data.

    Warns:
        UserWarning: The trained model ranks the validation pairs worse than the untrained one.
    """
    output = Path(output)
    check_model_output(output, overwrite=overwrite)
    check_unfinished(output, overwrite=overwrite, resume=resume)
    data = load_training_data(settings, Path(data_dir) if data_dir else None)
    if observer:
        observer.loaded(data)
    encoder = TorchEncoder.load(
        settings.model,
        device=device,
        pooling=settings.pooling,
        max_seq_length=settings.max_seq_length,
        projection=settings.projection,
    )
    check_fit(encoder, data.sets, settings)
    return _train_and_evaluate(encoder, data, settings, output, resume=resume, observer=observer)


def _train_and_evaluate(
    encoder: TorchEncoder,
    data: TrainingData,
    settings: TrainSettings,
    output: Path,
    *,
    resume: bool,
    observer: RunObserver | None,
) -> TrainingReport:
    """Evaluate, train, evaluate again, and save."""
    untrained, named = PairClassifier(encoder.similarity_fn_name), f"{settings.model} untrained"
    also_scores = score_held_out(encoder, untrained, data.also)
    before, _ = _evaluate_all(encoder, untrained, settings, data, also_scores, named)
    also_before = evaluate_held_out(also_scores, data.also, None, named)
    if observer:
        observer.evaluated_before(before)
    began = time.perf_counter()
    checkpoints = checkpoint_folder(output)
    if not resume and is_main_process():
        remove_checkpoints(checkpoints)
    fitted = fit(
        encoder,
        data.sets,
        data.held_out["validation"],
        settings,
        held_out=data.validation,
        checkpoints=checkpoints,
        resume=resume,
        observer=observer,
    )
    seconds = time.perf_counter() - began
    classifier = PairClassifier(encoder.similarity_fn_name, fitted.head, fitted.alignment)
    trained_as = f"{settings.model} trained"
    also_scores = score_held_out(encoder, classifier, data.also)
    after, decision = _evaluate_all(encoder, classifier, settings, data, also_scores, trained_as)
    also_after = evaluate_held_out(also_scores, data.also, decision, trained_as)
    report = TrainingReport(
        settings,
        output,
        data,
        before,
        after,
        decision,
        fitted.best_step,
        fitted.truncated,
        seconds,
        fitted.history,
        {name: (also_before[name], also_after[name]) for name in data.also},
    )
    trained = {"settings": asdict(settings), "step": fitted.best_step}
    if is_main_process():
        save(report, encoder, replace(classifier, decision=decision, trained=trained))
        remove_checkpoints(checkpoints)
        _warn_if_worse(before["validation"], after["validation"])
    return report


def ranking(figures: Evaluation) -> float:
    """Return how well a model ranks pairs, by their average precision or, for grades, Spearman's correlation."""
    return figures.ap if figures.ap is not None else figures.spearman or 0.0


def _warn_if_worse(before: Evaluation, after: Evaluation) -> None:
    if ranking(after) < ranking(before):
        warnings.warn(
            f"the trained model ranks worse than the untrained one, {ranking(after):.3f} against {ranking(before):.3f} "
            f"on validation; lower the learning rate or add rows",
            stacklevel=2,
        )


def check_model_output(output: Path, *, overwrite: bool) -> None:
    """Refuse an output that cannot be written, or that is something else than a model folder.

    Raises:
        BadOutput: It exists and ``overwrite`` is False, or it cannot be written.
        UsageError: It is there, and no model folder.
    """
    check_output(output, overwrite=overwrite)
    if output.exists() and not (output / "modules.json").is_file():
        raise UsageError(f"{output} is not a model folder and will not be replaced; choose another output")


def check_unfinished(output: Path, *, overwrite: bool, resume: bool) -> None:
    """Refuse to begin anew, and so to lose the checkpoints, where a run to this output was stopped or killed.

    Raises:
        BadOutput: There are checkpoints, and neither ``overwrite`` nor ``resume`` is True.
    """
    checkpoints = checkpoint_folder(output)
    if not (overwrite or resume) and newest_checkpoint(checkpoints):
        raise BadOutput(
            f"{checkpoints} holds a run that was stopped; go on with --resume, or begin anew with --overwrite"
        )


def save(report: TrainingReport, encoder: TorchEncoder, classifier: PairClassifier) -> None:
    """Write the model folder: encoder, head, decision, report, history, curves and card, all or nothing."""
    with atomic_folder(report.output) as folder:
        encoder.write(folder)
        classifier.write(folder)
        card = model_card(report.settings, report.before, report.after, report.decision, report.data.sets[0])
        write_account(folder, report.history, report.to_json(), card)


def write_account(folder: Path, history: History, figures: Mapping[str, Any], card: str) -> None:
    """Write what tells of a run into its model folder: history, curves, report and card."""
    history.write_jsonl(folder / "history.jsonl")
    history.draw(folder / "curves.png")
    (folder / "report.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")


def _evaluate_all(
    encoder: TorchEncoder,
    classifier: PairClassifier,
    settings: TrainSettings,
    data: TrainingData,
    also_scores: Mapping[str, Scores],
    model: str,
) -> tuple[dict[str, Evaluation], Decision | None]:
    """Fit a decision on the validation pairs, unless they are graded, and evaluate it on every held-out split."""
    decision: Decision | None = None
    evaluations = {}
    extra = [_labelled(part, also_scores[name]) for name, part in data.also.items() if part.kind != "graded"]
    for split, pairs in data.held_out.items():
        name = f"{settings.dataset}/{split}"
        scores = classifier.scores([pair.sides for pair in pairs], encoder)
        if not data.graded and decision is None:  # validation comes first
            labels, described = describe_pairs(name, pairs)
            decision = _decide(labels, scores, described, settings, extra, model)
        evaluations[split] = evaluate_scores(
            pairs, scores, decision, model=model, data=name, graded=data.graded
        ).evaluation
    return evaluations, decision


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


def _labelled(part: ExampleSet, scores: Scores) -> LabelledScores:
    return np.array([pair.label for pair in part.pairs], dtype=np.int64), scores


def _decide(
    labels: NDArray[np.int64],
    scores: Scores,
    described: FittedOn,
    settings: TrainSettings,
    extra: Sequence[LabelledScores],
    model: str,
) -> Decision:
    """Fit the decision for the goal that was asked for; a trained model is not lost because it cannot reach it."""
    try:
        return choose_decision(labels, scores, described, settings.decide_at, prior=settings.prior, extra=extra)
    except BadData as error:
        warnings.warn(f"{model}: {error}; until then it decides at accuracy", stacklevel=2)
        return choose_decision(labels, scores, described, prior=settings.prior, extra=extra)
