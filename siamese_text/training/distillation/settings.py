"""All that a distillation can be told, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.training.settings import (
    Count,
    CountOrNone,
    LoopSettings,
    MixedPrecision,
    NotNegative,
    Positive,
    Prompt,
    Renamed,
    Schedule,
    Seed,
    Share,
)

# A table learns from bigger batches, and fast.
STATIC = {"per_device_train_batch_size": 1024, "learning_rate": 3e-3, "num_train_epochs": 5}
LAYERED = {"per_device_train_batch_size": 64, "learning_rate": 4e-4, "num_train_epochs": 2}


@dataclass(frozen=True)
class DistillSettings(Renamed):
    """The settings of one distillation; ``None`` takes what suits the kind of student.

    Attributes:
        teacher: The encoder to imitate, a name or a folder.
        prompt: The name of the teacher's prompt that it puts before each sentence, as the student then does, or "" for
            none; None keeps its own default.
        sentences: What to learn from: text files with a sentence a line, or data sets, of which the training rows;
            separated by commas.
        dataset: Data sets on whose held-out pairs both are evaluated, separated by commas; none by default.
        layers: How many of the teacher's layers the student keeps, evenly chosen, or which, such as ``0,2,5``.
        static: Make a table of token vectors instead; it has no layers.
        held_out: Sentences kept out of training, to measure imitation on.
        max_seq_length: The longest text in tokens; None keeps the teacher's.
        num_train_epochs: Passes through the sentences.
        max_steps: Stop after this many optimiser steps; None runs all epochs.
        per_device_train_batch_size: Sentences in a batch of each process.
        learning_rate: The highest learning rate.
        weight_decay: Decoupled decay of weight matrices.
        warmup_ratio: The share of the steps over which the learning rate rises.
        lr_scheduler_type: How it falls afterwards.
        mixed_precision: ``no``, ``bf16`` or ``fp16``.
        evals_per_epoch: How often an epoch is validated; the best state is kept.
        save_steps: Steps between two checkpoints; 0 writes none.
        max_train_samples: Use only this many sentences, drawn with the seed; None uses all.
        seed: The seed of all that is random.
    """

    teacher: str = DEFAULT_MODEL
    prompt: Prompt = None
    sentences: str = "sample"
    dataset: str = ""
    layers: str = "3"
    static: bool = False
    held_out: Count = 1000
    max_seq_length: Count | None = None
    num_train_epochs: Count | None = None
    max_steps: Count | None = None
    per_device_train_batch_size: Count | None = None
    learning_rate: Positive | None = None
    weight_decay: NotNegative = 0.0
    warmup_ratio: Share = 0.05
    lr_scheduler_type: Schedule = "linear"
    mixed_precision: MixedPrecision = "no"
    evals_per_epoch: Count = 4
    save_steps: CountOrNone = 500
    max_train_samples: Count | None = None
    seed: Seed = 0

    @property
    def batch_size(self) -> int:
        """How many sentences a batch of each process has."""
        return int(self.chosen("per_device_train_batch_size"))

    def chosen(self, name: str) -> Any:
        """Return a setting, or what suits the kind of student where that is left open."""
        value = getattr(self, name)
        return (STATIC if self.static else LAYERED).get(name) if value is None else value


def loop_settings(settings: DistillSettings) -> LoopSettings:
    """Return what the training loop reads: the settings of the same names, or what suits the kind of student."""
    names = {field.name for field in fields(LoopSettings)} & {field.name for field in fields(settings)}
    return LoopSettings(**{name: settings.chosen(name) for name in names})
