"""A student with some of its teacher's layers, and what it is trained and measured by."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch

from siamese_text.encoder.tokens import TextTokenizer
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.protocols import Encodes
from siamese_text.records import Example, FloatArray
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.distillation.settings import DistillSettings
from siamese_text.training.history import ValidationRecord
from siamese_text.training.loop import TaskRows
from siamese_text.training.losses import Columns, Loss
from siamese_text.training.losses.imitation import ImitationLoss
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import layer_stack
from siamese_text.training.sampling import BatchOptions, plan
from siamese_text.unit_rows import TINY

METRIC = "cosine with the teacher"


def choose_layers(wanted: str, count: int) -> tuple[int, ...]:
    """Return which of a teacher's layers a student keeps.

    Args:
        wanted: How many, evenly chosen from the first to the last, or which, counted from 0: ``0,2,5``.
        count: How many layers the teacher has.

    Raises:
        UsageError: ``wanted`` is neither, or not within what the teacher has.

    Example:
        >>> choose_layers("3", 6), choose_layers("1", 6), choose_layers("0,3,5", 6)
        ((0, 2, 5), (5,), (0, 3, 5))
    """
    listed = [part.strip() for part in wanted.split(",")]
    if not all(part.isdecimal() for part in listed):
        raise UsageError(f"layers is '{wanted}'; give a number such as 3, or the layers, such as 0,2,5")
    numbers = [int(part) for part in listed]
    if len(numbers) == 1:
        kept = numbers[0]
        if not 1 <= kept <= count:
            raise UsageError(f"layers is {kept}; the teacher has {count} layers, so choose 1 to {count}")
        return tuple(place * (count - 1) // (kept - 1) for place in range(kept)) if kept > 1 else (count - 1,)
    if sorted(set(numbers)) != numbers or numbers[-1] >= count:
        raise UsageError(
            f"layers is '{wanted}'; the teacher's layers are 0 to {count - 1}, each at most once, in order"
        )
    return tuple(numbers)


def make_student(teacher: TorchEncoder, layers: Sequence[int]) -> TorchEncoder:
    """Return a copy of an encoder that has only some of its layers.

    Args:
        teacher: Stays as it is.
        layers: Which to keep, in ascending order.
    """
    student = copy.deepcopy(teacher)
    stack = layer_stack(student.transformer)
    for number in reversed(range(len(stack))):
        if number not in layers:
            del stack[number]
    student.transformer.config.num_hidden_layers = len(stack)
    student.resolved = None
    return student


def imitation_task(
    sentences: Sequence[str], vectors: FloatArray, tokenizer: TextTokenizer, settings: DistillSettings, processes: int
) -> TaskRows:
    """Return N sentences whose targets are a teacher's (N, D) vectors, ready for the training loop."""
    examples = [Example((sentence,)) for sentence in sentences]
    rows = TokenisedExamples(examples, tokenizer, targets=vectors)
    options = BatchOptions(
        batch_size=settings.batch_size * processes, shared_texts=False, processes=processes, seed=settings.seed
    )
    sampler = plan(rows.columns, None, rows.text_lengths, options)
    return TaskRows(TrainSet(settings.sentences, examples, "positives", ImitationLoss.name), rows, sampler, None)


class HeldOut:
    """Held-out sentences with the teacher's vectors of them.

    Args:
        sentences: N.
        vectors: (N, D) float32.
    """

    def __init__(self, sentences: Sequence[str], vectors: FloatArray) -> None:
        self.sentences = sentences
        self.vectors = vectors

    @torch.inference_mode()
    def __call__(self, encoder: Encodes, loss: Loss, *, step: int, epoch: float, best: float) -> ValidationRecord:
        """Return the loss, and the mean cosine of the student's vectors with the teacher's."""
        made = encoder.encode(self.sentences)
        value = mean_cosine(made, self.vectors)
        missed = float(loss(Columns((torch.from_numpy(made),)), torch.from_numpy(self.vectors)))
        return ValidationRecord(step, epoch, missed, METRIC, value, None, "held-out", value > best)


def mean_cosine(left: FloatArray, right: FloatArray) -> float:
    """Return the mean cosine of the rows of two (N, D) arrays."""
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return float(((left * right).sum(axis=1) / np.maximum(norms, TINY)).mean(dtype=np.float64))
