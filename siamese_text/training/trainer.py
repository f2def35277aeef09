"""The training loop: batches to embeddings to loss to a step, validated on the way, the best state kept.

Plain Accelerate: the same loop runs on one process or, under ``accelerate launch`` or ``torchrun``, on several.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator, DataLoaderConfiguration
from accelerate.state import AcceleratorState
from accelerate.utils import set_seed
from torch import Tensor, nn

from siamese_text.encoder.encoder import Encoder
from siamese_text.errors import SiameseTextError, UsageError
from siamese_text.records import FloatArray, Pair
from siamese_text.scoring.decision import Scores
from siamese_text.scoring.head import TwinHead
from siamese_text.scoring.judge import PairJudge
from siamese_text.scoring.metrics import average_precision, best_threshold
from siamese_text.training.batches import Batch, TokenisedPairs, pair_loader
from siamese_text.training.history import History, StepRecord, ValidationRecord
from siamese_text.training.losses import ContrastiveLoss, CosineBceLoss, TwinHeadLoss
from siamese_text.training.settings import TrainSettings

MIXED_PRECISION = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


def is_main_process() -> bool:
    """Say whether this process is the one that speaks and writes: the first, or the only one."""
    return os.environ.get("RANK", "0") == "0"


class Observer(Protocol):
    """Who wants to follow a run: the command line draws a progress bar with it."""

    def started(self, steps: int) -> None:
        """Training begins and will take at most this many steps."""

    def stepped(self, record: StepRecord) -> None:
        """A step is done."""

    def validated(self, record: ValidationRecord) -> None:
        """A validation is done."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a run leaves besides the encoder, which holds its best state: head, history, the kept step."""

    head: TwinHead | None
    history: History
    best_step: int
    truncated: int


class Twin(nn.Module):
    """Encoder and loss as one module, so that a single wrapped forward sees every weight of both."""

    def __init__(self, encoder: Encoder, loss: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.loss = loss

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, and the spread of its embeddings."""
        embeddings = self.encoder.forward_twin(batch.tokens, batch.columns)
        return self.loss(embeddings, batch.labels), _spread(embeddings[0].detach())


def build_loss(settings: TrainSettings, encoder: Encoder) -> nn.Module:
    """Return the loss that the settings name, with seeded random weights where it has any."""
    if settings.loss == "contrastive":
        return ContrastiveLoss(settings.distance, settings.margin, normalized=encoder.layout.normalize)
    if settings.loss == "bce-cosine":
        return CosineBceLoss()
    return TwinHeadLoss(encoder.width, settings.head_hidden, settings.head_dropout)


def fit(
    encoder: Encoder,
    train: Sequence[Pair],
    validation: Sequence[Pair],
    settings: TrainSettings,
    *,
    observer: Observer | None = None,
) -> Fitted:
    """Train an encoder on pairs, in place; it ends in the state that ranked the validation pairs best.

    Args:
        encoder: The encoder to train.
        train: Pairs labelled 0 or 1.
        validation: Other pairs labelled 0 or 1, both present.
        settings: Of the run.
        observer: Is told of each step and validation.

    Returns:
        The trained head, if the loss has one, and the history.

    Raises:
        UsageError: The settings do not fit the machine or the encoder.
        SiameseTextError: The loss became infinite or not a number.
    """
    accelerator = _accelerator(settings, encoder.device)
    set_seed(settings.seed)
    _set_dropout(encoder.transformer, settings.dropout)
    twin = Twin(encoder, build_loss(settings, encoder)).to(accelerator.device)
    pairs = TokenisedPairs(train, encoder.tokenizer)
    loader, sampler = pair_loader(
        pairs,
        settings.batch_size,
        seed=settings.seed,
        balance=settings.balance,
        processes=accelerator.num_processes,
    )
    run = _Run(accelerator, twin, settings, Validation(validation, settings), observer)
    run.prepare(loader, batches=len(sampler))
    for epoch in range(settings.epochs):
        sampler.epoch = epoch
        if run.one_epoch(epoch):
            break
    run.restore_best()
    head = twin.loss.trained_head() if isinstance(twin.loss, TwinHeadLoss) else None
    return Fitted(head, run.history, run.best_step, pairs.truncated)


class Validation:
    """The validation pairs, and how an encoder and its loss do on them."""

    def __init__(self, pairs: Sequence[Pair], settings: TrainSettings) -> None:
        self.left = [pair.sentence1 for pair in pairs]
        self.right = [pair.sentence2 for pair in pairs]
        self.labels = np.array([pair.label for pair in pairs], dtype=np.int64)
        self.batch_size = settings.batch_size

    def __call__(self, twin: Twin, *, step: int, epoch: float, best_ap: float) -> ValidationRecord:
        """Return the loss, and AP and oracle accuracy of whichever score ranks best."""
        vectors = twin.encoder.encode(self.left + self.right)
        left, right = np.split(vectors, 2)
        head = twin.loss.trained_head() if isinstance(twin.loss, TwinHeadLoss) else None
        scores = PairJudge(twin.encoder.similarity, head).scores(left, right)
        rankings = _rankings(scores)
        if not all(np.isfinite(ranking).all() for _, ranking in rankings):
            raise SiameseTextError(f"the scores are not finite at step {step}; lower learning_rate or set clip=1")
        name, ranking = max(rankings, key=lambda item: average_precision(self.labels, item[1]))
        ap = average_precision(self.labels, ranking)
        _, accuracy = best_threshold(self.labels, ranking)
        return ValidationRecord(step, epoch, self._loss(twin, left, right), ap, accuracy, name, ap > best_ap)

    @torch.inference_mode()
    def _loss(self, twin: Twin, left: FloatArray, right: FloatArray) -> float:
        """Return the mean loss over batches of the training size, since a loss may depend on its batch."""
        device = twin.encoder.device
        columns = [torch.from_numpy(column).to(device) for column in (left, right, self.labels.astype(np.float32))]
        batches = zip(*(torch.split(column, self.batch_size) for column in columns), strict=True)
        twin.loss.eval()
        losses = [float(twin.loss((u, v), labels)) * len(labels) for u, v, labels in batches]
        twin.loss.train()
        return sum(losses) / len(self.labels)


class _Run:
    """The moving parts of one run."""

    def __init__(
        self,
        accelerator: Accelerator,
        twin: Twin,
        settings: TrainSettings,
        validation: Validation,
        observer: Observer | None,
    ) -> None:
        self.accelerator = accelerator
        self.twin = twin
        self.settings = settings
        self.validation = validation
        self.observer = observer
        self.history = History()
        self.step = 0
        self.best_ap = -math.inf
        self.best_step = 0
        self.best_state: dict[str, Tensor] = {}
        self.without_gain = 0

    def prepare(self, loader: Any, batches: int) -> None:
        """Build optimiser and schedule, and hand everything to Accelerate."""
        settings = self.settings
        self.batches = batches // self.accelerator.num_processes
        self.steps_per_epoch = math.ceil(self.batches / settings.accumulate)
        self.steps = min(self.steps_per_epoch * settings.epochs, settings.max_steps or sys.maxsize)
        optimizer = build_optimizer(self.twin, settings)
        factor = learning_rate_factor(settings, self.steps)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        self.wrapped, self.optimizer, self.loader = self.accelerator.prepare(self.twin, optimizer, loader)
        if self.observer:
            self.observer.started(self.steps)

    def one_epoch(self, epoch: int) -> bool:
        """Train one epoch with its validations; True when the run is over before the last epoch."""
        due = self._validation_steps()
        for record in self._train_steps(epoch):
            self.history.steps.append(record)
            if self.observer:
                self.observer.stepped(record)
            in_epoch = self.step - epoch * self.steps_per_epoch
            last = self.step >= self.steps
            if (in_epoch in due or last) and self._validate(record.epoch):
                return True
            if last:
                return True
        return False

    def restore_best(self) -> None:
        """Put the weights back that ranked the validation pairs best."""
        self.twin.load_state_dict(self.best_state)
        self.twin.eval()

    def _train_steps(self, epoch: int) -> Iterator[StepRecord]:
        """Yield a record after each optimiser step."""
        self.wrapped.train()
        losses: list[float] = []
        pairs, began = 0, time.perf_counter()
        for index, batch in enumerate(self.loader, start=1):
            with self.accelerator.accumulate(self.wrapped):
                loss, spread = self.wrapped(batch)
                self.accelerator.backward(loss)
                losses.append(_finite(loss, self.step + 1))
                pairs += len(batch)
                if not self.accelerator.sync_gradients:
                    continue
                norm = self.accelerator.clip_grad_norm_(self.wrapped.parameters(), self.settings.clip or math.inf)
                rate = self.schedule.get_last_lr()[0]
                self.optimizer.step()
                self.schedule.step()
                self.optimizer.zero_grad()
            self.step += 1
            speed = pairs * self.accelerator.num_processes / (time.perf_counter() - began)
            yield StepRecord(
                step=self.step,
                epoch=epoch + index / self.batches,
                loss=sum(losses) / len(losses),
                learning_rate=float(rate),
                gradient_norm=float(norm),
                pairs_per_second=speed,
                spread=float(spread),
            )
            losses, pairs, began = [], 0, time.perf_counter()

    def _validation_steps(self) -> set[int]:
        """Return the steps of an epoch after which it is validated, evenly spaced, its last one included."""
        times = min(self.settings.validations, self.steps_per_epoch)
        return {math.ceil(self.steps_per_epoch * (i + 1) / times) for i in range(times)}

    def _validate(self, epoch: float) -> bool:
        """Validate, keep the state if it is the best yet; True when patience has run out."""
        record = self.validation(self.twin, step=self.step, epoch=epoch, best_ap=self.best_ap)
        self.history.validations.append(record)
        if self.observer:
            self.observer.validated(record)
        if record.best:
            self.best_ap, self.best_step, self.without_gain = record.ap, self.step, 0
            self.best_state = {name: value.detach().clone() for name, value in self.twin.state_dict().items()}
        else:
            self.without_gain += 1
        return bool(self.settings.patience) and self.without_gain >= self.settings.patience


def build_optimizer(twin: Twin, settings: TrainSettings) -> torch.optim.Optimizer:
    """Return AdamW or SGD over three groups: the encoder's matrices, its vectors without decay, the loss's weights."""
    encoder = [weight for weight in twin.encoder.parameters() if weight.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [w for w in encoder if w.ndim > 1], "lr": settings.learning_rate},
        {"params": [w for w in encoder if w.ndim <= 1], "lr": settings.learning_rate, "weight_decay": 0.0},
        {"params": list(twin.loss.parameters()), "lr": settings.head_learning_rate},
    ]
    groups = [group for group in groups if group["params"]]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, momentum=0.9, weight_decay=settings.weight_decay)
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay, fused=True)


def learning_rate_factor(settings: TrainSettings, steps: int) -> Callable[[int], float]:
    """Return the factor of the learning rate at a step: a linear rise, then the schedule's fall to 0.

    Example:
        >>> factor = learning_rate_factor(TrainSettings(warmup=0.2), steps=10)
        >>> [factor(step) for step in (0, 1, 2, 6, 10)]
        [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    warmup = round(settings.warmup * steps)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        done = (step - warmup) / max(steps - warmup, 1)
        if settings.schedule == "constant":
            return 1.0
        return 1 - done if settings.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2

    return factor


def _accelerator(settings: TrainSettings, device: torch.device) -> Accelerator:
    if settings.precision == "fp16" and device.type == "cpu":
        raise UsageError("precision is fp16, which needs a GPU; choose fp32 or bf16 on a CPU")
    AcceleratorState._reset_state(reset_partial_state=True)  # an earlier run may have had another precision or device
    return Accelerator(
        mixed_precision=MIXED_PRECISION[settings.precision],
        gradient_accumulation_steps=settings.accumulate,
        cpu=device.type == "cpu",
        # Accelerate would fill up ragged batches with pairs from the start of the epoch; our sampler is never ragged.
        dataloader_config=DataLoaderConfiguration(even_batches=False),
    )


def _set_dropout(transformer: nn.Module, share: float | None) -> None:
    if share is not None:
        for module in transformer.modules():
            if isinstance(module, nn.Dropout):
                module.p = share


def _rankings(scores: Scores) -> list[tuple[str, FloatArray]]:
    rankings = [("similarity", scores.similarity)]
    return rankings if scores.head is None else [*rankings, ("head", scores.head)]


def _spread(embeddings: Tensor) -> Tensor:
    """Return the mean standard deviation of the dimensions of (B, D) embeddings, times √D: 0 when all are alike."""
    deviations = embeddings.std(dim=0, correction=0)  # (D,)
    return deviations.mean() * math.sqrt(embeddings.shape[1])


def _finite(loss: Tensor, step: int) -> float:
    value = float(loss.detach())
    if not math.isfinite(value):
        raise SiameseTextError(f"the loss is {value} at step {step}; lower learning_rate or set clip=1")
    return value
