"""Training an encoder on the examples of classes, in memory, by the loop of the training room.

The lower half of the layers stays as it is: what they do serves all classes, and a step without them is quicker.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.encoder.base import SteadyEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.class_scores import Classes
from siamese_text.estimators.tuning import Train
from siamese_text.protocols import Progress
from siamese_text.records import Example
from siamese_text.training.fit import fit
from siamese_text.training.history import StepRecord, ValidationRecord
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import layer_stack
from siamese_text.training.settings import FitSettings

EPOCHS = 10
MOST_TEXTS = 30_000  # that are shown in all: of many examples there are fewer epochs, or a part of one
BATCH = 64
PER_CLASS = 2  # texts of a class in a batch: the more classes it has, the better
LARGEST_EPISODE = 6  # texts of a class in an episode, half of them its support
LEARNING_RATE = 2e-4
TEMPERATURE = 0.1  # of the contrast: sharper ones tear examples apart that only look unlike
WISE_FT = 0.3  # of the weights as they were: few examples are else learned by heart


@dataclass(frozen=True, slots=True)
class _Steps:
    """Passes on how far training is."""

    progress: Progress
    total: list[int] = field(default_factory=list)

    def started(self, steps: int, done: int) -> None:
        """Training takes so many steps."""
        self.total[:] = [steps]
        self.progress(done, steps)

    def stepped(self, record: StepRecord) -> None:
        """A step is done."""
        self.progress(record.step, self.total[0])

    def validated(self, record: ValidationRecord) -> None:
        """There is nothing to validate on."""


def trainer(model: Any, way: str, progress: Progress | None = None) -> Train:
    """Return what trains a copy of a model on texts with classes.

    Args:
        model: A name, a folder, or a loaded ``TorchEncoder``.
        way: ``pairs``, by supervised contrast over the pairs of a batch, or ``episodes``.
        progress: Called with the steps done and to do, from 0 on for each training.

    Returns:
        The function; each call begins with the model as it is.

    Raises:
        UsageError: The model is no such encoder.
    """
    if not isinstance(model, str | Path | TorchEncoder):
        raise UsageError(f"finetune cannot train {model!r:.60}; give model as a name, a folder or a TorchEncoder")

    def train(texts: Sequence[str], classes: Classes) -> CachedEncoder:
        encoder = copy.deepcopy(model) if isinstance(model, TorchEncoder) else TorchEncoder.load(model)
        examples = [Example((text,), float(number)) for text, number in zip(texts, classes.tolist(), strict=True)]
        settings, loss = _settings(classes, way)
        settings = replace(settings, freeze_layers=_lower_half(encoder))
        observer = _Steps(progress) if progress else None
        fit(encoder, [TrainSet("examples", examples, "classes", loss)], (), settings, observer=observer)
        return kept(encoder.eval())

    return train


def _lower_half(encoder: TorchEncoder) -> int:
    """Return how many layers are half of them; none where they cannot be told apart."""
    try:
        return len(layer_stack(encoder.transformer)) // 2
    except UsageError:
        return 0


def kept(encoder: Any) -> CachedEncoder:
    """Return an encoder that reads no text twice, and whose vectors do not depend on what shared a batch."""
    return CachedEncoder(SteadyEncoder(encoder))


def _settings(classes: Classes, way: str) -> tuple[FitSettings, str]:
    """Return how to train on texts of these classes, and the loss."""
    sizes = np.unique(classes, return_counts=True)[1]
    # Few classes fill a batch by more texts of each, and it is no larger than they are.
    per_class = int(min(max(PER_CLASS, BATCH // len(sizes)), max(sizes.max(), 2)))
    batch = min(BATCH, per_class * len(sizes)) // per_class * per_class
    shown: dict[str, Any] = {
        "num_train_epochs": max(1, min(EPOCHS, MOST_TEXTS // len(classes))),
        "max_steps": math.ceil(MOST_TEXTS / batch),
        "evals_per_epoch": 1,
        "save_steps": 0,
        "learning_rate": LEARNING_RATE,
        "freeze_embeddings": True,
        "wise_ft": WISE_FT,
        "loss_options": {"temperature": TEMPERATURE},
        "per_device_train_batch_size": batch,
    }
    if way == "pairs":
        return FitSettings(per_class=per_class, **shown), "supcon"
    texts = int(min(LARGEST_EPISODE, sizes.min()))
    if texts < 2:
        raise UsageError("episodes need two texts of each class, one that is given and one that is asked for; add some")
    ways = min(len(sizes), BATCH // texts)
    return FitSettings(ways=ways, shots=texts // 2, queries=texts - texts // 2, **shown), "prototypical"
