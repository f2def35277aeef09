"""All that a training run can be told, checked when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import UsageError
from siamese_text.scoring.goals import Goal
from siamese_text.settings import Changeable, read_assignments, recipe_values

CHOICES = {
    "distance": ("cosine", "euclidean"),
    "optimizer": ("adamw", "sgd"),
    "schedule": ("linear", "cosine", "constant"),
    "precision": ("fp32", "bf16", "fp16"),
    "neutral": ("drop", "different"),
    "mining": ("hard", "all", "semi-hard"),
    "mix": ("proportional", "round-robin"),
    "track": ("", "tensorboard", "trackio"),
}
RANGES: tuple[tuple[str, Callable[[float], bool], tuple[str, ...]], ...] = (
    (
        "greater than 0",
        lambda value: value > 0,
        ("epochs", "batch_size", "accumulate", "validations", "head_hidden", "learning_rate", "shots", "queries"),
    ),
    (
        "greater than 0, or left out",
        lambda value: value > 0,
        (
            "max_steps",
            "max_seq_length",
            "projection",
            "limit",
            "temperature",
            "batch_tokens",
            "chunk_tokens",
            "per_class",
            "ways",
            "lora_rank",
            "lora_alpha",
        ),
    ),
    (
        "at least 0",
        lambda value: value >= 0,
        ("head_learning_rate", "weight_decay", "start_decay", "clip", "patience", "freeze_layers", "checkpoint_steps"),
    ),
    ("at least 0 and below 2147483648", lambda value: 0 <= value < 2**31, ("seed",)),  # numpy's bound is 2^32
    ("greater than 0 and at most 1", lambda value: 0 < value <= 1, ("layer_decay",)),
    ("between 0 and 1, or left out", lambda value: 0 < value < 1, ("prior",)),
    ("at least 0 and less than 1", lambda value: 0 <= value < 1, ("warmup", "head_dropout", "dropout", "start_share")),
)


@dataclass(frozen=True, slots=True)
class TrainSettings(Changeable):
    """The settings of one training run; ``None`` leaves a choice to the model, the loss or the data.

    Attributes:
        dataset: A known name or a file of pairs.
        model: The encoder to start from, a name or a folder.
        loss: A name, or a weighted sum of several such as ``bce + 0.5*cosent``; ``auto`` chooses by the data's shape.
        distance: Of the contrastive and triplet losses.
        margin: Of the same; None takes the distance's default.
        temperature: Of the in-batch softmax, CoSENT and the prototypes; None takes the loss's default.
        symmetric: Whether the in-batch softmax also finds the anchor of each positive.
        mining: How triplets are found in a batch of classes.
        also: Further data sets, ``name[:loss[:weight[:rows]]]`` separated by semicolons, with so many rows an epoch,
            other ones each time; without a number all.
        mix: How batches of several data sets take turns.
        head_hidden: Hidden units of the twin head.
        head_dropout: Share of the head's units dropped in training.
        dropout: Share dropped inside the transformer; None keeps the model's own.
        pooling: A pooling mode; None keeps the model's own.
        projection: Width of a dense layer to add; None adds none.
        max_seq_length: Longest text in tokens; None keeps the model's own.
        epochs: Passes through the training pairs.
        max_steps: Stop after this many optimiser steps; None runs all epochs.
        batch_size: Rows a batch and process.
        batch_tokens: Bounds a batch of each process by its tokens instead, padding counted; None bounds it by rows.
        chunk_tokens: Encode a batch in chunks of this many tokens and compute their activations again for the
            gradient, so that memory does not grow with the batch; None keeps them.
        per_class: Texts of each class in a batch of classes; None takes 4 or more where the loss needs several.
        ways: Classes in a few-shot episode; None draws no episodes.
        shots: Texts of each class that an episode learns from.
        queries: Texts of each class that an episode asks for.
        accumulate: Batches an optimiser step.
        optimizer: ``adamw`` or ``sgd``.
        learning_rate: Of the encoder.
        head_learning_rate: Of the loss's own weights: the head, or scale and bias.
        weight_decay: Decoupled, on weight matrices.
        start_decay: Decoupled decay of the encoder's weights, not towards 0 but towards where they started: each step
            takes them back by this times the learning rate of the way.
        warmup: Share of the steps over which the learning rate rises.
        schedule: How it falls afterwards.
        clip: Largest norm of the gradient; 0 does not clip.
        freeze_embeddings: Keep the token embeddings as they are.
        freeze_layers: Keep the embeddings and this many of the first layers as they are.
        layer_decay: Factor of the learning rate from each layer to the one below it.
        lora_rank: Train low-rank additions of this rank instead of the weights; None trains the weights.
        lora_alpha: Their scale; None takes twice the rank.
        start_share: Share of the starting weights in their average with the trained ones at the end, which keeps
            what the encoder knew.
        precision: ``fp32``, ``bf16`` or ``fp16``.
        balance: Show as many same as different pairs, by repeating the rarer.
        validations: How often an epoch is validated; the best state is kept.
        patience: Stop after this many validations without a better one; 0 never stops early.
        checkpoint_steps: Steps between two checkpoints; 0 writes none.
        track: Also log to ``tensorboard`` or ``trackio``.
        decide_at: The goal of the decision's threshold: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``,
            ``cost=FP:FN`` or ``threshold=X`` of the similarity.
        prior: The share of same pairs where the model will be used; None for that of the validation pairs.
        positive_from: Turns graded labels into 1 from this value on, in their own unit.
        neutral: What SNLI's neutral pairs become: dropped, or different.
        columns: ``old=new`` names of columns in a file, separated by commas.
        limit: Use only this many training pairs, drawn with the seed; None uses all.
        seed: Of everything random.
    """

    dataset: str = "sample"
    model: str = DEFAULT_MODEL
    loss: str = "auto"
    distance: str = "cosine"
    margin: float | None = None
    temperature: float | None = None
    symmetric: bool = False
    mining: str = "hard"
    also: str = ""
    mix: str = "proportional"
    head_hidden: int = 256
    head_dropout: float = 0.1
    dropout: float | None = None
    pooling: str | None = None
    projection: int | None = None
    max_seq_length: int | None = None
    epochs: int = 3
    max_steps: int | None = None
    batch_size: int = 32
    batch_tokens: int | None = None
    chunk_tokens: int | None = None
    per_class: int | None = None
    ways: int | None = None
    shots: int = 1
    queries: int = 5
    accumulate: int = 1
    optimizer: str = "adamw"
    learning_rate: float = 5e-5
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    start_decay: float = 0.0
    warmup: float = 0.1
    schedule: str = "linear"
    clip: float = 1.0
    freeze_embeddings: bool = False
    freeze_layers: int = 0
    layer_decay: float = 1.0
    lora_rank: int | None = None
    lora_alpha: float | None = None
    start_share: float = 0.0
    precision: str = "fp32"
    balance: bool = False
    validations: int = 2
    patience: int = 0
    checkpoint_steps: int = 200
    track: str = ""
    decide_at: str = "accuracy"
    prior: float | None = None
    positive_from: float | None = None
    neutral: str = "drop"
    columns: str = ""
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is '{getattr(self, name)}'; choose from {', '.join(choices)}")
        for allowed, holds, names in RANGES:
            for name in names:
                value = getattr(self, name)
                if value is not None and not holds(value):  # NaN holds nowhere
                    raise UsageError(f"{name} is {value}; it must be {allowed}")
        if self.start_decay * self.learning_rate > 1:
            raise UsageError(
                f"start_decay is {self.start_decay}, which goes back beyond the start at a learning_rate of "
                f"{self.learning_rate}; it must be at most {1 / self.learning_rate:g}"
            )
        Goal.read(self.decide_at)

    @property
    def column_names(self) -> dict[str, str]:
        """The renamed columns: what a column is called in the file, and what it is here."""
        return read_assignments(part for part in self.columns.split(",") if part)


def read_recipe(name_or_path: str) -> TrainSettings:
    """Read a recipe of training: a TOML file whose keys are settings.

    Args:
        name_or_path: A file, or the name of a bundled recipe such as ``paws``.

    Returns:
        The settings, with defaults for what the recipe leaves out.

    Raises:
        MissingInput: There is no such file or bundled recipe.
        UsageError: The file is not TOML, or a key is unknown.
    """
    return TrainSettings().changed(recipe_values(name_or_path))
