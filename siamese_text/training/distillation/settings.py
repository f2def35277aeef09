"""All that a distillation can be told, checked when it is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import UsageError
from siamese_text.settings import Changeable
from siamese_text.training.settings import TrainSettings

STATIC = {"batch_size": 1024, "learning_rate": 3e-3, "epochs": 5}  # a table learns from bigger batches, and fast
LAYERED = {"batch_size": 64, "learning_rate": 4e-4, "epochs": 2}


@dataclass(frozen=True, slots=True)
class DistillSettings(Changeable):
    """The settings of one distillation; ``None`` takes what suits the kind of student.

    Attributes:
        teacher: The encoder to imitate, a name or a folder.
        sentences: What to learn from: text files with a sentence a line, or data sets, of which the training rows;
            separated by commas.
        dataset: Data sets whose held-out pairs judge teacher and student, separated by commas; none by default.
        layers: How many of the teacher's layers the student keeps, evenly chosen, or which, such as ``0,2,5``.
        static: Make a table of token vectors instead; it has no layers.
        held_out: Sentences kept out of training, to measure imitation on.
        max_seq_length: Longest text in tokens; None keeps the teacher's.
        epochs: Passes through the sentences.
        max_steps: Stop after this many optimiser steps; None runs all epochs.
        batch_size: Sentences a batch.
        learning_rate: At its highest.
        weight_decay: Decoupled, on weight matrices.
        warmup: Share of the steps over which the learning rate rises.
        schedule: How it falls afterwards.
        precision: ``fp32``, ``bf16`` or ``fp16``.
        validations: How often an epoch is validated; the best state is kept.
        checkpoint_steps: Steps between two checkpoints; 0 writes none.
        limit: Use only this many sentences, drawn with the seed; None uses all.
        seed: Of everything random.
    """

    teacher: str = DEFAULT_MODEL
    sentences: str = "sample"
    dataset: str = ""
    layers: str = "3"
    static: bool = False
    held_out: int = 1000
    max_seq_length: int | None = None
    epochs: int | None = None
    max_steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float = 0.0
    warmup: float = 0.05
    schedule: str = "linear"
    precision: str = "fp32"
    validations: int = 4
    checkpoint_steps: int = 500
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.held_out < 1:
            raise UsageError(f"held_out is {self.held_out}; it must be greater than 0")
        _ = self.training  # checks what a training run has too

    @property
    def training(self) -> TrainSettings:
        """The same as settings of the training loop."""
        own = {name: value for name, value in asdict(self).items() if name in TrainSettings.__slots__}
        chosen = STATIC if self.static else LAYERED
        own |= {name: value for name, value in chosen.items() if own[name] is None}
        # no dropout: there is a vector to hit for each of very many sentences, so hardly anything to overfit
        own |= {"dataset": self.sentences, "model": self.teacher, "loss": "imitation", "dropout": 0.0}
        return TrainSettings(**own)
