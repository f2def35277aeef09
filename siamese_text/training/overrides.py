"""Settings as keywords of ``train`` and ``distill``, so that an editor completes them and a type checker knows them.

A test holds each class to the settings of the same name, with the options of all losses. The classes ``Of01`` hold
the names of 0.1, which go on working with a warning that says the present one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict

from siamese_text.training.settings import MixtureEntry


class TrainOverridesOf01(TypedDict, total=False):
    """Settings of training by their names in 0.1."""

    accumulate: int
    also: str
    batch_size: int
    checkpoint_steps: int
    clip: float
    epochs: int
    limit: int | None
    max_length: int | None
    mix: Literal["proportional", "round-robin"]
    optimizer: Literal["adamw", "sgd"]
    patience: int
    precision: Literal["fp32", "bf16", "fp16"]
    schedule: Literal["linear", "cosine", "constant"]
    start_decay: float
    start_share: float
    track: Literal["", "tensorboard", "trackio"]
    validations: int
    warmup: float


class TrainOverrides(TrainOverridesOf01, total=False):
    """The settings of training that ``train`` takes by name; ``TrainSettings`` says what each one does."""

    # the data, and what they are learned by; ``dataset`` is an argument of its own
    loss: str
    mixture: str | Iterable[MixtureEntry | Mapping[str, Any]]
    max_train_samples: int | None
    positive_from: float | None
    neutral: Literal["drop", "different"]
    columns: str
    unlabelled: str | None
    seed: int
    # the model
    model: str
    prompt: str | None
    pooling: str | None
    projection: int | None
    max_seq_length: int | None
    dropout: float | None
    freeze_embeddings: bool
    freeze_layers: int
    lora_rank: int | None
    lora_alpha: float | None
    wise_ft: float
    # options of the losses
    loss_options: Mapping[str, Any]
    head_hidden: int
    head_dropout: float
    distance: Literal["cosine", "euclidean"]
    margin: float | None
    temperature: float | None
    symmetric: bool
    mining: Literal["hard", "all", "semi-hard"]
    # batches
    per_device_train_batch_size: int
    batch_tokens: int | None
    chunk_tokens: int | None
    balance: bool
    per_class: int | None
    ways: int | None
    shots: int
    queries: int
    # the optimiser
    optim: Literal["adamw", "sgd"]
    learning_rate: float
    head_learning_rate: float
    layer_decay: float
    weight_decay: float
    l2_sp: float
    warmup_ratio: float
    lr_scheduler_type: Literal["linear", "cosine", "constant"]
    max_grad_norm: float
    gradient_accumulation_steps: int
    # the run
    num_train_epochs: int
    max_steps: int | None
    interleave: Literal["proportional", "round-robin"]
    mixed_precision: Literal["no", "bf16", "fp16"]
    evals_per_epoch: int
    early_stopping_patience: int
    save_steps: int
    report_to: Literal["none", "tensorboard", "trackio"]
    # the decision
    decide_at: str
    prior: float | None
    probe: bool


class DistillOverridesOf01(TypedDict, total=False):
    """Settings of distillation by their names in 0.1."""

    batch_size: int | None
    checkpoint_steps: int
    epochs: int | None
    limit: int | None
    max_length: int | None
    precision: Literal["fp32", "bf16", "fp16"]
    schedule: Literal["linear", "cosine", "constant"]
    validations: int
    warmup: float


class DistillOverrides(DistillOverridesOf01, total=False):
    """The settings of distillation that ``distill`` takes by name; ``DistillSettings`` says what each one does."""

    teacher: str
    prompt: str | None
    sentences: str | Any
    dataset: str | Any
    layers: str
    static: bool
    held_out: int
    max_seq_length: int | None
    num_train_epochs: int | None
    max_steps: int | None
    per_device_train_batch_size: int | None
    learning_rate: float | None
    weight_decay: float
    warmup_ratio: float
    lr_scheduler_type: Literal["linear", "cosine", "constant"]
    mixed_precision: Literal["no", "bf16", "fp16"]
    evals_per_epoch: int
    save_steps: int
    max_train_samples: int | None
    seed: int
