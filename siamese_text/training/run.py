"""One training run from a data set's name to a model folder with its decision, figures, curves and card."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.encoder.encoder import Encoder
from siamese_text.errors import MissingInput, NothingToDo, UsageError
from siamese_text.records import Example, Pair, Shape
from siamese_text.scoring.decision import Decision, choose_decision, describe_pairs
from siamese_text.scoring.evaluation import Evaluation, evaluate_binary
from siamese_text.scoring.judge import PairJudge
from siamese_text.training.card import model_card
from siamese_text.training.checkpoints import checkpoint_folder, remove_checkpoints
from siamese_text.training.history import History
from siamese_text.training.losses import default_loss
from siamese_text.training.pairs import PairSet, load_pairs, load_train_and_validation
from siamese_text.training.processes import is_main_process
from siamese_text.training.settings import TrainSettings
from siamese_text.training.splits import shared_sentences, without_shared
from siamese_text.training.trainer import Observer, TrainSet, fit

REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The pairs of a run, and all that has to be said about them.

    Attributes:
        train: The pairs that are trained on.
        held_out: ``validation``, and ``test`` where the data set has one on this machine.
        origins: Where each split was read from.
        dropped: For each split, the rows left out by reason.
        shared: For each held-out split, how many training pairs share a sentence with it, in any word order.
        also: The further data sets that are trained on, each with its loss and weight.
    """

    train: tuple[Pair, ...]
    held_out: Mapping[str, tuple[Pair, ...]]
    origins: Mapping[str, str]
    dropped: Mapping[str, Mapping[str, int]]
    shared: Mapping[str, int]
    also: tuple[TrainSet, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a run gave.

    Attributes:
        settings: Of the run.
        output: The model folder.
        data: The pairs and what was said about them.
        before: The untrained encoder on each held-out split, its decision fitted on validation like the trained one's.
        after: The trained model on each held-out split.
        decision: The decision that was saved.
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
    decision: Decision
    best_step: int
    truncated: int
    seconds: float
    history: History = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values, without the history, which has its own file."""
        sizes = {"train": len(self.data.train)} | {each.name: len(each.examples) for each in self.data.also}
        sizes |= {name: len(pairs) for name, pairs in self.data.held_out.items()}
        return {
            "format": REPORT_FORMAT,
            "settings": asdict(self.settings),
            "data": {
                "pairs": sizes,
                "origins": dict(self.data.origins),
                "dropped": {name: dict(reasons) for name, reasons in self.data.dropped.items()},
                "training_pairs_sharing_a_sentence": dict(self.data.shared),
            },
            "before": {name: asdict(evaluation) for name, evaluation in self.before.items()},
            "after": {name: asdict(evaluation) for name, evaluation in self.after.items()},
            "decision": self.decision.to_json(),
            "best_step": self.best_step,
            "truncated": self.truncated,
            "seconds": round(self.seconds, 1),
        }


class RunObserver(Observer, Protocol):
    """Who wants to follow a whole run."""

    def loaded(self, data: TrainingData) -> None:
        """The pairs are loaded."""

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
    """Train an encoder on pairs, fit its decision on the validation pairs and save both.

    Args:
        settings: What to train and how.
        output: The model folder to make; it also gets ``history.jsonl``, ``curves.png``, ``report.json`` and a card.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.

    Returns:
        The report, with the figures of the untrained and of the trained model.

    Raises:
        BadOutput: The output exists or cannot be written.
        MissingInput: The data set or the model was not found.
        BadData: The labels or columns do not fit the loss.
    """
    output = Path(output)
    check_output(output, overwrite=overwrite)
    if output.exists() and not (output / "modules.json").is_file():
        raise UsageError(f"{output} is not a model folder and will not be replaced; choose another output")
    data = load_training_data(settings, Path(data_dir) if data_dir else None)
    if observer:
        observer.loaded(data)
    encoder = Encoder.load(
        settings.model,
        device=device,
        pooling=settings.pooling,
        max_length=settings.max_length,
        projection=settings.projection,
    )
    before, _ = _evaluate_all(encoder, PairJudge(encoder.similarity), settings, data, f"{settings.model} untrained")
    if observer:
        observer.evaluated_before(before)
    began = time.perf_counter()
    checkpoints = checkpoint_folder(output)
    if not resume and is_main_process():
        remove_checkpoints(checkpoints)
    fitted = fit(
        encoder,
        [as_train_set(settings.dataset, data.train, settings.loss), *data.also],
        data.held_out["validation"],
        settings,
        checkpoints=checkpoints,
        resume=resume,
        observer=observer,
    )
    seconds = time.perf_counter() - began
    judge = PairJudge(encoder.similarity, fitted.head)
    after, decision = _evaluate_all(encoder, judge, settings, data, f"{settings.model} trained")
    report = TrainingReport(
        settings, output, data, before, after, decision, fitted.best_step, fitted.truncated, seconds, fitted.history
    )
    trained = {"settings": asdict(settings), "step": fitted.best_step}
    if is_main_process():
        save(report, encoder, PairJudge(encoder.similarity, fitted.head, decision, trained))
        remove_checkpoints(checkpoints)
    return report


def load_training_data(settings: TrainSettings, data_dir: Path | None) -> TrainingData:
    """Load the splits of a data set and check that a decision can be learned from them.

    Args:
        settings: Name of the data set, and how its labels and columns are read.
        data_dir: A folder with data sets by name.

    Returns:
        The pairs, with counts of what was dropped and of what they share.

    Raises:
        BadData: The labels are graded, or one class only.
        MissingInput: The data set was not found.
    """
    options: dict[str, Any] = {
        "data_dir": data_dir,
        "columns": settings.column_names,
        "neutral": settings.neutral,
        "positive_from": settings.positive_from,
    }
    train_set, validation = load_train_and_validation(settings.dataset, **options)
    train_set = replace(train_set, pairs=_draw(train_set.pairs, settings))
    sets: dict[str, PairSet] = {"train": train_set, "validation": validation}
    with suppress(MissingInput, NothingToDo):  # no test split, or one whose labels are withheld
        sets["test"] = load_pairs(settings.dataset, "test", **options)
    for pair_set in sets.values():
        pair_set.check_binary()
    held_out = {name: pair_set.pairs for name, pair_set in sets.items() if name != "train"}
    return TrainingData(
        train=train_set.pairs,
        held_out=held_out,
        origins={name: pair_set.origin for name, pair_set in sets.items()},
        dropped={name: pair_set.dropped for name, pair_set in sets.items() if pair_set.dropped},
        shared={name: shared_sentences(train_set.pairs, pairs) for name, pairs in held_out.items()},
        also=tuple(_also(term, data_dir, held_out) for term in settings.also.split(";") if term.strip()),
    )


def as_train_set(name: str, pairs: Sequence[Pair], loss: str, weight: float = 1.0) -> TrainSet:
    """Return labelled pairs as a training set, with the loss that suits them where none is named."""
    shape: Shape = "graded" if any(pair.label not in (0, 1) for pair in pairs) else "pairs"
    named = default_loss(shape) if loss == "auto" else loss
    return TrainSet(name, [Example(pair.sides, pair.label) for pair in pairs], shape, named, weight)


def _also(term: str, data_dir: Path | None, held_out: Mapping[str, Sequence[Pair]]) -> TrainSet:
    """Load a further data set, ``name[:loss[:weight]]``, without pairs that share a sentence with a held-out one."""
    name, loss, weight = (*(part.strip() for part in term.split(":")), "", "")[:3]
    try:
        factor = float(weight or 1)
        if not 0 < factor < float("inf"):
            raise ValueError
    except ValueError:
        raise UsageError(f"weight is '{weight}' in also '{term.strip()}'; write a positive number") from None
    pairs: Sequence[Pair] = load_pairs(name, "train", data_dir=data_dir).pairs
    for others in held_out.values():
        pairs = without_shared(pairs, others)
    return as_train_set(name, pairs, loss or "auto", factor)


def save(report: TrainingReport, encoder: Encoder, judge: PairJudge) -> None:
    """Write the model folder: encoder, head, decision, report, history, curves and card, all or nothing."""
    with atomic_folder(report.output) as folder:
        encoder.write(folder)
        judge.write(folder)
        report.history.write_jsonl(folder / "history.jsonl")
        report.history.draw(folder / "curves.png")
        (folder / "report.json").write_text(json.dumps(report.to_json(), indent=2) + "\n", encoding="utf-8")
        card = model_card(report.settings, report.before, report.after, report.decision, len(report.data.train))
        (folder / "README.md").write_text(card, encoding="utf-8")


def _evaluate_all(
    encoder: Encoder, judge: PairJudge, settings: TrainSettings, data: TrainingData, model: str
) -> tuple[dict[str, Evaluation], Decision]:
    """Fit a decision on the validation pairs and evaluate it on every held-out split."""
    decision: Decision | None = None
    evaluations = {}
    for split, pairs in data.held_out.items():
        scores = judge.scores_of([pair.sides for pair in pairs], encoder.encode)
        labels, described = describe_pairs(f"{settings.dataset}/{split}", pairs)
        decision = decision or choose_decision(labels, scores, described)  # validation comes first
        evaluations[split] = evaluate_binary(labels, scores, decision, model=model, data=described)
    assert decision is not None  # there is always a validation split
    return evaluations, decision


def _draw(pairs: tuple[Pair, ...], settings: TrainSettings) -> tuple[Pair, ...]:
    """Return the training pairs that the limit leaves, in their order."""
    if settings.limit is None or settings.limit >= len(pairs):
        return pairs
    rows = np.random.default_rng(settings.seed).permutation(len(pairs))[: settings.limit]
    return tuple(pairs[row] for row in sorted(rows))
