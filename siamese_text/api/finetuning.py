"""Training an encoder on the examples of classes, in memory, by the loop of the training room."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.encoder.base import SteadyEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.class_scores import Classes
from siamese_text.estimators.tuning import Train
from siamese_text.records import Example
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet
from siamese_text.training.settings import FitSettings

EPOCHS = 10
MOST_TEXTS = 30_000  # that are shown in all: of many examples there are fewer epochs, or a part of one
BATCH = 64
PER_CLASS = 2  # texts of a class in a batch: the more classes it has, the better
LARGEST_EPISODE = 6  # texts of a class in an episode, half of them its support
LEARNING_RATE = 1e-4
TEMPERATURE = 0.1  # of the contrast: sharper ones tear examples apart that only look unlike
WISE_FT = 0.3  # of the weights as they were: few examples are else learned by heart


def trainer(model: Any, way: str) -> Train:
    """Return what trains a copy of a model on texts with classes.

    Args:
        model: A name, a folder, or a loaded ``TorchEncoder``.
        way: ``pairs``, by supervised contrast over the pairs of a batch, or ``episodes``.

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
        fit(encoder, [TrainSet("examples", examples, "classes", loss)], (), settings)
        return kept(encoder.eval())

    return train


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
