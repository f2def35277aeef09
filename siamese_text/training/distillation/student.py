"""A student with some of its teacher's layers, and what it is trained and measured by."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
LISTED_BY_LAYER = (  # in the configurations of transformers
    "layer_types",
    "mlp_layer_types",
    "layers_block_type",
    "layer_rope_theta",
    "no_rope_layers",
    "attention_window",
    "num_attention_heads_per_layer",
    "num_key_value_heads_per_layer",
)
CLOSE = 1e-4


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


def count_layers(teacher: TorchEncoder) -> int:
    """Return how many layers a teacher has of which a student may keep some.

    Raises:
        UsageError: Its layers are no list, such as those of ALBERT, which are one layer many times over.
    """
    return len(
        layer_stack(teacher.transformer, "so a student cannot keep some of them; choose static or another teacher")
    )


def make_student(teacher: TorchEncoder, layers: Sequence[int]) -> TorchEncoder:
    """Return an encoder that has only some of the layers of another, and is saved and opened as any other.

    It is built from a configuration, as it will be when it is opened: what numbers its own layers, or tells a first
    layer from those after it, is right from the start.

    Args:
        teacher: Stays as it is.
        layers: Which to keep, in ascending order.

    Raises:
        UsageError: A model of this kind cannot be built with these layers alone, or not be opened once it is saved.
    """
    try:
        transformer = _with_layers(teacher.transformer, layers)
        student = copy.deepcopy(teacher, {id(teacher.transformer): transformer})
        student.freeze_unused_pooler()
        student.resolved = None
        _check_saved(student)
    except Exception as error:  # transformers and its models raise their own classes here
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(
            f"a model of this kind ({teacher.transformer.config.model_type}) cannot do with layers "
            f"{', '.join(map(str, layers))} alone ({reason}); choose other layers, static or another teacher"
        ) from error
    return student


def _with_layers(whole: Any, layers: Sequence[int]) -> Any:
    """Return a transformer with some of the layers of another."""
    # 1. Its configuration, in which some things are listed layer by layer.
    config, stack = copy.deepcopy(whole.config), layer_stack(whole)
    for name in LISTED_BY_LAYER:
        listed = getattr(config, name, None)
        if isinstance(listed, list | tuple) and len(listed) == len(stack):
            setattr(config, name, [listed[layer] for layer in layers])
    config.num_hidden_layers = len(layers)
    # 2. A model of that configuration; the weights that it draws are replaced, and nobody's generator has moved.
    with torch.random.fork_rng():
        part = type(whole)(config)
    # 3. The weights of the layers that are kept, and all others as they are. What only a first layer has, such as the
    #    bias by distance that T5's layers share, is that of the whole's first layer.
    prefix = next(name for name, module in part.named_modules() if module is layer_stack(part)) + "."
    weights, chosen = whole.state_dict(), {}
    for name in part.state_dict():
        number, dot, rest = name.removeprefix(prefix).partition(".")
        origin = f"{prefix}{layers[int(number)]}{dot}{rest}" if name.startswith(prefix) else name
        chosen[name] = weights[origin if origin in weights else name]
    part.load_state_dict(chosen)
    return part.to(whole.device, whole.dtype).eval()


def _check_saved(student: TorchEncoder) -> None:
    """Refuse a student that would not come back from its folder as it was, before it learns anything."""
    texts = ["a", "an early check that costs less than a lost run"]
    with TemporaryDirectory() as folder:
        student.write(Path(folder))
        opened = TorchEncoder.load(folder, device=str(student.device))
    missed = np.abs(student.encode(texts) - opened.encode(texts)).max()
    if not missed < CLOSE:
        raise UsageError(f"once saved and opened, its vectors differ by {missed:.2g}")


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
