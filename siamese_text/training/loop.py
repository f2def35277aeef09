"""The training loop: batches to embeddings to loss to a step, validated and saved on the way, the best state kept.

Plain Accelerate: the same loop runs on one process or, under ``torchrun``, on several, with the same losses.
"""

from __future__ import annotations

import math
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object, set_seed
from torch import Tensor, nn

from siamese_text.errors import Interrupted, SiameseTextError, UsageError
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.checkpoints import (
    FORMAT,
    Checkpoint,
    generator_state,
    newest_checkpoint,
    optimizer_tensors,
    restore_generators,
    restore_optimizer,
    write_checkpoint,
)
from siamese_text.training.history import History, StepRecord, ValidationRecord
from siamese_text.training.losses import Loss
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import build_optimizer, learning_rate_factor
from siamese_text.training.processes import any_process, is_main_process, several_processes
from siamese_text.training.sampling import Sampler, interleave, rank_rows
from siamese_text.training.settings import LoopSettings
from siamese_text.training.signals import Signals
from siamese_text.warn import warn_user


class Observer(Protocol):
    """Who wants to follow a run: the command line draws a progress bar with it."""

    def started(self, steps: int, done: int) -> None:
        """Training begins and will take at most so many steps, of which some were done before it was interrupted."""

    def stepped(self, record: StepRecord) -> None:
        """A step is done."""

    def validated(self, record: ValidationRecord) -> None:
        """A validation is done."""


class Validates(Protocol):
    """How a model in training does on what is held out."""

    def __call__(self, encoder: Any, loss: Loss, *, step: int, epoch: float, best: float) -> ValidationRecord:
        """Measure it at a step; the record says whether its value is above the best so far."""


@dataclass(frozen=True, slots=True)
class TaskRows:
    """A training set, ready to be drawn from."""

    set: TrainSet
    rows: TokenisedExamples
    sampler: Sampler
    chunk_tokens: int | None


def train_loop(
    accelerator: Accelerator,
    module: nn.Module,
    tasks: Sequence[TaskRows],
    settings: LoopSettings,
    validation: Validates,
    *,
    config: Mapping[str, Any],
    checkpoints: Path | None = None,
    resume: bool = False,
    observer: Observer | None = None,
) -> tuple[History, int]:
    """Run the loop; the module ends in the state that was validated best.

    Args:
        accelerator: The accelerator that ``make_accelerator`` gave.
        module: A ``SiameseModule``, or what is called like one and has its ``encoder`` and ``losses``.
        tasks: What batches are drawn from.
        settings: How long and how to learn.
        validation: Measures ``module.encoder``.
        config: All settings of the run, for the tracker and for the checkpoints, which go on with the same ones only.
        checkpoints: A folder for the state of the run; None keeps none.
        resume: Whether to go on from the newest checkpoint there, if there is one.
        observer: Is told of each step and validation.

    Returns:
        The history, and the step whose state was kept.
    """
    run = _Run(accelerator, module.to(accelerator.device), tasks, settings, validation, config, checkpoints, observer)
    run.prepare(resume=resume)
    run.train()
    run.restore_best()
    return run.history, run.best_step


class _Run:
    """The moving parts of one run."""

    def __init__(
        self,
        accelerator: Accelerator,
        module: Any,
        tasks: Sequence[TaskRows],
        settings: LoopSettings,
        validation: Validates,
        config: Mapping[str, Any],
        checkpoints: Path | None,
        observer: Observer | None,
    ) -> None:
        self.accelerator = accelerator
        self.module = module
        self.tasks = tasks
        self.settings = settings
        self.validation = validation
        self.config = config
        self.tracks = settings.report_to != "none"
        self.checkpoints = checkpoints
        self.observer = observer
        self.history = History()
        self.step = 0
        self.best = -math.inf
        self.best_step = 0
        self.best_state: dict[str, Tensor] = {}
        self.without_gain = 0

    def prepare(self, *, resume: bool) -> None:
        """Build the optimiser, hand the model to Accelerate, and go back to a checkpoint if asked to."""
        # 1. How many steps there will be, which the schedule of the learning rate must know.
        settings = self.settings
        optimizer = build_optimizer(self.module.encoder, self.module.losses, settings)
        self.ends = self._ends()
        self.steps = min(self.ends[-1], settings.max_steps or sys.maxsize)
        if not self.steps:
            raise UsageError("the data make no batch: the same texts stand in every row; add others")
        # 2. Each group of weights learns at its own highest rate, times a factor that all share at a step.
        self.rates = [group["lr"] for group in optimizer.param_groups]
        learning = [weight for weight in self.module.encoder.parameters() if weight.requires_grad]
        self.start = {weight: weight.detach().clone() for weight in learning} if settings.l2_sp else {}
        self.factor = learning_rate_factor(settings, self.steps)
        self.wrapped, self.optimizer = self.accelerator.prepare(self.module, optimizer)
        # the same weights on every process, but each its own dropout
        set_seed(settings.seed, device_specific=True)
        # 3. A run that goes on takes up weights, optimiser, history and generators where they were.
        saved = newest_checkpoint(self.checkpoints, rank=self._rank) if resume and self.checkpoints else None
        if saved:
            self._restore(saved)
        elif resume and is_main_process():
            warn_user(f"there is no checkpoint in {self.checkpoints} to resume; training begins anew")
        if self.tracks:
            plain = {name: str(each) if isinstance(each, list) else each for name, each in self.config.items()}
            self.accelerator.init_trackers("siamese-text", config=plain)
        if self.observer:
            self.observer.started(self.steps, self.step)

    def train(self) -> None:
        """Train until the steps are done or patience has run out; trackers are closed however it ends."""
        try:
            self._train()
        finally:
            if self.tracks:
                self.accelerator.end_training()

    def _train(self) -> None:
        with Signals() as signals:
            while self.step < self.steps and not self._out_of_patience():
                epoch = bisect_right(self.ends, self.step) - 1
                due = self._validation_steps(epoch)
                for record in self._epoch(epoch):
                    self._keep(record)
                    if self.step in due or self.step >= self.steps:
                        self._validate(record.epoch)
                    if self._stop(signals):
                        break

    def restore_best(self) -> None:
        """Put the weights back that ranked the validation pairs best."""
        self.module.load_state_dict(self.best_state)
        self.module.eval()

    @property
    def _rank(self) -> int:
        return int(self.accelerator.process_index)

    def _batches(self, epoch: int) -> list[tuple[int, list[int]]]:
        """Return the epoch's batches, each as the number of its set and its rows, of all processes together."""
        each = [task.sampler.batches(epoch) for task in self.tasks]
        how, seed = self.settings.interleave, self.settings.seed
        turns = interleave([len(batches) for batches in each], how=how, seed=seed, epoch=epoch)
        queues = [iter(batches) for batches in each]
        return [(task, next(queues[task])) for task in turns]

    def _ends(self) -> list[int]:
        """Return the step after which each epoch begins, and the last one ends: not all have as many batches."""
        ends = [0]
        for epoch in range(self.settings.num_train_epochs):
            ends.append(ends[-1] + math.ceil(len(self._batches(epoch)) / self.settings.gradient_accumulation_steps))
            if self.settings.max_steps and ends[-1] >= self.settings.max_steps:
                break
        return ends

    def _epoch(self, epoch: int) -> Iterator[StepRecord]:
        """Train the rest of an epoch, yielding a record after each optimiser step."""
        self.wrapped.train()
        batches = self._batches(epoch)
        size = self.settings.gradient_accumulation_steps
        first = (self.step - self.ends[epoch]) * size
        for start in range(first, len(batches), size):
            group = batches[start : start + size]
            began = time.perf_counter()
            loss, spread, norm, rate = self._optimise(group)
            self.step += 1
            rows = sum(len(batch) for _, batch in group)
            yield StepRecord(
                step=self.step,
                epoch=epoch + (start + len(group)) / len(batches),
                loss=loss,
                learning_rate=rate,
                gradient_norm=norm,
                pairs_per_second=rows / (time.perf_counter() - began),
                spread=spread,
            )

    def _optimise(self, group: Sequence[tuple[int, list[int]]]) -> tuple[float, float, float, float]:
        """Take one step on a group of batches; return loss, spread, gradient norm and learning rate."""
        # 1. Add up the gradients of the group's batches. Each is the gradient of a mean over rows, so that its share of
        #    the group's rows makes the sum the gradient of the mean over all of them.
        rows = sum(len(batch) for _, batch in group)
        total, spread = 0.0, torch.zeros(())
        for index, (number, batch) in enumerate(group):
            with self._synchronised(last=index == len(group) - 1):
                task = self.tasks[number]
                mine = task.rows.collate(rank_rows(batch, self._rank, self.accelerator.num_processes))
                loss, spread = self.wrapped(mine.to(self.accelerator.device), number, task.chunk_tokens)
                loss = loss * (task.set.weight * len(batch) / rows)
                self._check_finite("loss", loss, [(number, batch)])
                self.accelerator.backward(loss)
                total += float(loss.detach())
        # 2. Shorten a gradient that is too long.
        norm = self.accelerator.clip_grad_norm_(self.wrapped.parameters(), self.settings.max_grad_norm or math.inf)
        if self.settings.mixed_precision != "fp16":  # whose scaler skips such a step and lowers its scale
            self._check_finite("gradient", norm, group)
        # 3. Take the step at this step's learning rate, and some of the way back to the start.
        for group_of_weights, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group_of_weights["lr"] = rate * self.factor(self.step)
        self.optimizer.step()
        self._decay_to_start()
        self.optimizer.zero_grad()
        return total, float(spread), float(norm), self.settings.learning_rate * self.factor(self.step)

    @torch.no_grad()
    def _decay_to_start(self) -> None:
        """Take the encoder's weights some of the way back to where they started (L2-SP, Li et al. 2018, decoupled).

        What the loss does not hold where it is returns, and with it what the encoder knew; the head learns along.
        """
        for group in self.optimizer.param_groups:
            for weight in filter(self.start.__contains__, group["params"]):
                weight.lerp_(self.start[weight], self.settings.l2_sp * group["lr"])

    def _synchronised(self, *, last: bool) -> AbstractContextManager[Any]:
        """Let the processes average their gradients with the last batch of a step only."""
        return nullcontext() if last or not several_processes() else self.accelerator.no_sync(self.wrapped)

    def _check_finite(self, what: str, found: Tensor, group: Sequence[tuple[int, list[int]]]) -> None:
        """Refuse to go on from a loss or gradient that is no number; the weights are still those before the step."""
        value = float(found.detach())
        if math.isfinite(value):
            return
        rows = "; ".join(f"{', '.join(map(str, batch))} of {self.tasks[number].set.name}" for number, batch in group)
        number, batch = group[0]
        text = self.tasks[number].set.examples[batch[0]].texts[0]
        raise SiameseTextError(
            f"the {what} is {value} at step {self.step + 1}, on rows {rows} (counted from 0, of those trained on; the "
            f"first begins '{text[:40]}'); lower learning_rate or set max_grad_norm=1, and begin anew"
        )

    def _keep(self, record: StepRecord) -> None:
        self.history.steps.append(record)
        if self.tracks:
            values = {name: value for name, value in asdict(record).items() if name != "step"}
            self.accelerator.log(values, step=record.step)
        if self.observer:
            self.observer.stepped(record)

    def _validation_steps(self, epoch: int) -> set[int]:
        """Return the steps of an epoch after which it is validated, evenly spaced, its last one included."""
        before, steps = self.ends[epoch], self.ends[epoch + 1] - self.ends[epoch]
        times = min(self.settings.evals_per_epoch, steps)
        return {before + math.ceil(steps * (i + 1) / times) for i in range(times)}

    def _validate(self, epoch: float) -> None:
        """Validate, and keep the state if it is the best yet."""
        loss = self.module.losses[0]
        record = self.validation(self.module.encoder, loss, step=self.step, epoch=epoch, best=self.best)
        self.history.validations.append(record)
        if self.tracks:
            self.accelerator.log({"validation_loss": record.loss, record.metric: record.value}, step=record.step)
        if self.observer:
            self.observer.validated(record)
        if record.best:
            self.best, self.best_step, self.without_gain = record.value, self.step, 0
            self.best_state = {name: value.detach().clone() for name, value in self.module.state_dict().items()}
        else:
            self.without_gain += 1

    def _out_of_patience(self) -> bool:
        patience = self.settings.early_stopping_patience
        return bool(patience) and self.without_gain >= patience

    def _stop(self, signals: Signals) -> bool:
        """Save where it is due; say whether to leave the epoch, or leave the run on a signal."""
        stopped = any_process(signals.received, self.accelerator.device)
        every = self.settings.save_steps
        if self.checkpoints and (stopped or (every and self.step % every == 0)):
            self._save(self.checkpoints)
        if stopped:
            saved = (
                f"its state is in {self.checkpoints}; go on with --resume" if self.checkpoints else "nothing was saved"
            )
            raise Interrupted(f"stopped after step {self.step} of {self.steps}: {saved}")
        return self.step >= self.steps or self._out_of_patience()

    def _save(self, folder: Path) -> None:
        generators = gather_object([generator_state()])
        if is_main_process():
            tensors = {f"module.{name}": value for name, value in self.module.state_dict().items()}
            tensors |= {f"best.{name}": value for name, value in self.best_state.items()}
            tensors |= optimizer_tensors(self.optimizer)
            write_checkpoint(folder, self.step, Checkpoint(self._state(), tensors, {}), generators=generators)
        self.accelerator.wait_for_everyone()

    def _state(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "settings": dict(self.config),
            "processes": self.accelerator.num_processes,
            "rows": [len(task.rows) for task in self.tasks],
            "step": self.step,
            "best": self.best if self.best_state else None,
            "best_step": self.best_step,
            "without_gain": self.without_gain,
            "history": self.history.to_json(),
        }

    def _restore(self, saved: Checkpoint) -> None:
        """Take up a run where a checkpoint left it."""
        self._check_same_run(saved.state)
        state = saved.state
        self.step, self.best_step, self.without_gain = state["step"], state["best_step"], state["without_gain"]
        self.best = -math.inf if state["best"] is None else state["best"]
        self.history = History.from_json(state["history"])
        self.module.load_state_dict(_named("module.", saved.tensors))
        self.best_state = {
            name: value.to(self.accelerator.device) for name, value in _named("best.", saved.tensors).items()
        }
        restore_optimizer(self.optimizer, saved.tensors)
        restore_generators(saved.generators)

    def _check_same_run(self, state: Mapping[str, Any]) -> None:
        """Refuse the state of a run with other settings or data, or of a version with other names for them."""
        if state.get("format") != FORMAT:
            raise UsageError(
                f"{self.checkpoints} holds a run of another version (format {state.get('format', 1)}, this one goes on "
                f"with {FORMAT}); finish it with that version, or begin anew with --overwrite"
            )
        now = self._state()
        names = dict.fromkeys([*now["settings"], *state["settings"]])
        differing = [name for name in names if state["settings"].get(name) != now["settings"].get(name)]
        differing += [name for name in ("processes", "rows") if state[name] != now[name]]
        if differing:
            name = differing[0]
            before, after = (s["settings"].get(name, s.get(name)) for s in (state, now))
            raise UsageError(
                f"{self.checkpoints} holds a run with {name} {before}, not {after}; resume with the same settings and "
                f"data, or remove the folder"
            )


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
