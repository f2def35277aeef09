"""One training run from a data set's name to a model folder with its decision, figures, curves and card."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from siamese_text.atomic import atomic_folder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier
from siamese_text.training.blind_spots import card_section, probe_trained
from siamese_text.training.card import model_card
from siamese_text.training.checkpoints import checkpoint_folder, remove_checkpoints
from siamese_text.training.fit import check_fit, fit
from siamese_text.training.held_out import evaluate_model
from siamese_text.training.loop import Observer
from siamese_text.training.mixture import TrainingData, load_training_data
from siamese_text.training.model_output import check_model_output, check_unfinished, write_account
from siamese_text.training.processes import is_main_process
from siamese_text.training.report import TrainingReport
from siamese_text.training.settings import TrainSettings
from siamese_text.warn import warn_user


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
        prompt=settings.prompt,
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
    untrained = PairClassifier(encoder.similarity_fn_name)
    name = f"{settings.model} untrained"
    before = evaluate_model(encoder, untrained, data, settings, name, decides_extra=False)
    if observer:
        observer.evaluated_before(before.splits)

    began = time.perf_counter()
    checkpoints = checkpoint_folder(output)
    if not resume and is_main_process():
        remove_checkpoints(checkpoints)
    pairs = data.held_out["validation"]
    fitted = fit(
        encoder,
        data.sets,
        pairs,
        settings,
        held_out=data.validation,
        checkpoints=checkpoints,
        resume=resume,
        observer=observer,
    )
    seconds = time.perf_counter() - began

    classifier = PairClassifier(encoder.similarity_fn_name, fitted.head, fitted.alignment)
    after = evaluate_model(encoder, classifier, data, settings, f"{settings.model} trained", decides_extra=True)
    classifier = replace(classifier, decision=after.decision)
    probed = probe_trained(encoder, classifier) if settings.probe and is_main_process() else []
    report = TrainingReport(
        settings=settings,
        output=output,
        data=data,
        before=before.splits,
        after=after.splits,
        decision=after.decision,
        best_step=fitted.best_step,
        truncated=fitted.truncated,
        seconds=seconds,
        history=fitted.history,
        probe=probed,
        extra={name: (before.extra[name], after.extra[name]) for name in data.extra},
    )
    if is_main_process():
        trained = {"settings": settings.values(), "step": fitted.best_step}
        save(report, encoder, replace(classifier, trained=trained))
        remove_checkpoints(checkpoints)
        _warn_if_worse(report.before["validation"], report.after["validation"])
    return report


def ranking(figures: Evaluation) -> float:
    """Return how well a model ranks pairs, by their average precision or, for grades, Spearman's correlation."""
    return figures.ap if figures.ap is not None else figures.spearman or 0.0


def _warn_if_worse(before: Evaluation, after: Evaluation) -> None:
    if ranking(after) < ranking(before):
        warn_user(
            f"the trained model ranks worse than the untrained one, {ranking(after):.3f} against {ranking(before):.3f} "
            f"on validation; lower the learning rate or add rows"
        )


def save(report: TrainingReport, encoder: TorchEncoder, classifier: PairClassifier) -> None:
    """Write the model folder: encoder, head, decision, report, history, curves and card, all or nothing."""
    with atomic_folder(report.output) as folder:
        encoder.write(folder)
        write_classifier(classifier, folder)
        card = model_card(report.settings, report.before, report.after, report.decision, report.data.sets[0])
        write_account(folder, report.history, report.to_json(), card + card_section(report.probe))
