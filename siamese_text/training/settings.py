"""All that a training run can be told, checked when it is made: in groups, each of which is read by who needs it.

    DataSettings        which rows, and what they are learned by       mixture
    ModelSettings       the encoder, and which of its weights learn    run, fit, parameters
    LossSettings        options of the losses                          fit
    BatchSettings       how batches are composed                       fit
    OptimizerSettings   how a step is taken                            loop, parameters
    RunSettings         how long and where it runs, what is kept       loop, accelerator
    DecisionSettings    what the decision is for                       run

``LoopSettings`` is what the loop reads, ``FitSettings`` what ``fit`` reads, ``TrainSettings`` all. A recipe may write
each group as a table, such as ``[optimizer]``. Names are those of transformers' ``TrainingArguments`` where there is
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_type_hints

from siamese_text.data.given import GivenData, as_source
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import UsageError
from siamese_text.scoring.goals import Goal
from siamese_text.settings import Changeable, Range, ReadWith, read_assignments, recipe_values

_POSITIVE = Range("greater than 0", lambda value: value > 0)
_NOT_NEGATIVE = Range("at least 0", lambda value: value >= 0)
_SEED = Range("at least 0 and below 2147483648", lambda value: 0 <= value < 2**31)  # numpy's bound is 2^32
Count: TypeAlias = Annotated[int, _POSITIVE]
CountOrNone: TypeAlias = Annotated[int, _NOT_NEGATIVE]
Positive: TypeAlias = Annotated[float, _POSITIVE]
NotNegative: TypeAlias = Annotated[float, _NOT_NEGATIVE]
Share: TypeAlias = Annotated[float, Range("at least 0 and less than 1", lambda value: 0 <= value < 1)]
Factor: TypeAlias = Annotated[float, Range("greater than 0 and at most 1", lambda value: 0 < value <= 1)]
Prior: TypeAlias = Annotated[float, Range("between 0 and 1", lambda value: 0 < value < 1)]
Seed: TypeAlias = Annotated[int, _SEED]
Weight: TypeAlias = Annotated[float, Range("greater than 0 and finite", lambda value: 0 < value < float("inf"))]
Schedule: TypeAlias = Literal["linear", "cosine", "constant"]
Prompt: TypeAlias = Annotated[str | None, ReadWith(lambda name: name)]  # of which "" says none, and None the default
MixedPrecision: TypeAlias = Literal["no", "bf16", "fp16"]

RENAMED = {  # since 0.1, of training and of distillation
    "accumulate": "gradient_accumulation_steps",
    "also": "mixture",
    "batch_size": "per_device_train_batch_size",
    "checkpoint_steps": "save_steps",
    "clip": "max_grad_norm",
    "epochs": "num_train_epochs",
    "limit": "max_train_samples",
    "max_length": "max_seq_length",
    "mix": "interleave",
    "optimizer": "optim",
    "patience": "early_stopping_patience",
    "precision": "mixed_precision",
    "schedule": "lr_scheduler_type",
    "start_decay": "l2_sp",
    "start_share": "wise_ft",
    "track": "report_to",
    "validations": "evals_per_epoch",
    "warmup": "warmup_ratio",
}


@dataclass(frozen=True)
class Renamed(Changeable):
    """Settings of which some had other names and values in 0.1."""

    renamed: ClassVar[Mapping[str, str]] = RENAMED
    renamed_values: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "mixed_precision": {"fp32": "no"},
        "report_to": {"": "none"},
    }


@dataclass(frozen=True)
class MixtureEntry(Changeable):
    """A further data set to learn from: a table ``[[mixture]]`` of a recipe.

    Attributes:
        dataset: A known name or a file, or rows in memory under a name.
        loss: A loss or a weighted sum, as of the main set; ``auto`` chooses by the kind of the data.
        weight: The factor of its loss.
        rows: How many of its rows an epoch takes, other ones each time; None takes all.
    """

    dataset: str
    loss: str = "auto"
    weight: Weight = 1.0
    rows: Count | None = None


def read_mixture(value: str | Iterable[MixtureEntry | Mapping[str, Any]]) -> tuple[MixtureEntry, ...]:
    """Read further data sets.

    Args:
        value: Tables, as a recipe has them, or with data in memory as a ``dataset``; or one string, as ``--set`` takes
            it: ``name[:loss[:weight[:rows]]]`` separated by semicolons.

    Raises:
        UsageError: A weight is no positive number, or a number of rows none above 0; a key is unknown or missing.

    Example:
        >>> read_mixture("stsb:cosent:0.5; qqp") == read_mixture(
        ...     [{"dataset": "stsb", "loss": "cosent", "weight": 0.5}, {"dataset": "qqp"}]
        ... )
        True
    """
    if isinstance(value, str):
        return tuple(_read_term(term) for term in filter(None, map(str.strip, value.split(";"))))
    if not isinstance(value, Iterable) or not all(isinstance(each, MixtureEntry | Mapping) for each in value):
        raise UsageError(f"mixture is {value!r}; write tables [[mixture]] with dataset, loss, weight and rows")
    return tuple(
        each if isinstance(each, MixtureEntry) else _read_table(each, place)
        for place, each in enumerate(value, start=1)
    )


def _read_table(table: Mapping[str, Any], place: int) -> MixtureEntry:
    """Read a table; rows in memory get a name that says which one they are."""
    data = table.get("dataset")
    if data is not None and not isinstance(data, str):
        source = as_source(data)
        entry = MixtureEntry("").changed({**table, "dataset": ""})
        if isinstance(source, GivenData):
            return replace(entry, dataset=GivenData(f"{source} of mixture {place}", source.tables))
        return replace(entry, dataset=str(source))
    entry = MixtureEntry("").changed(table)
    if not entry.dataset:
        raise UsageError('a table of mixture names no dataset; write dataset = "NAME" in it')
    return entry


def _read_term(term: str) -> MixtureEntry:
    """Read ``name[:loss[:weight[:rows]]]``."""
    name, loss, weight, rows = (*(part.strip() for part in term.split(":")), "", "", "")[:4]
    try:
        factor = float(weight or 1)
        if not 0 < factor < float("inf"):
            raise ValueError
    except ValueError:
        raise UsageError(f"weight is '{weight}' in mixture '{term}'; write a positive number") from None
    if rows and not (rows.isdecimal() and int(rows)):
        raise UsageError(f"the number of rows is '{rows}' in mixture '{term}'; write a whole number above 0")
    return MixtureEntry(name, loss or "auto", factor, int(rows) if rows else None)


@dataclass(frozen=True)
class Seeded(Renamed):
    """Whatever draws at random.

    Attributes:
        seed: The seed of all that is random.
    """

    seed: Seed = 0


@dataclass(frozen=True)
class DataSettings(Seeded):
    """Which rows are learned from, and what they are learned by; ``None`` leaves a choice to the data.

    Attributes:
        dataset: A known name or a file of pairs.
        loss: A name, or a weighted sum of several such as ``bce + 0.5*cosent``; ``auto`` chooses by the data's kind.
        mixture: Further data sets, each with its loss, its weight and how many of its rows an epoch takes.
        max_train_samples: Use only this many training pairs, drawn with the seed; None uses all.
        positive_from: Turns graded labels into 1 from this value on, in their own unit.
        neutral: What SNLI's neutral pairs become: dropped, or different.
        columns: ``old=new`` names of columns in a file, separated by commas.
        unlabelled: A file of sentences, from which pairs are made by rule and two views of each by dropout, to learn
            from beside the data set; where ``dataset`` names the same file, without one.
    """

    dataset: str = "sample"
    loss: str = "auto"
    mixture: Annotated[tuple[MixtureEntry, ...], ReadWith(read_mixture)] = ()
    max_train_samples: Count | None = None
    positive_from: float | None = None
    neutral: Literal["drop", "different"] = "drop"
    columns: str = ""
    unlabelled: str | None = None

    @property
    def column_names(self) -> dict[str, str]:
        """The renamed columns: what a column is called in the file, and what it is here."""
        return read_assignments(part for part in self.columns.split(",") if part)


@dataclass(frozen=True)
class ModelSettings(Renamed):
    """The encoder to start from, and which of its weights learn; ``None`` keeps what the model has.

    Attributes:
        model: The encoder to start from, a name or a folder.
        prompt: The name of the model's prompt that goes before each text, in training as in use, or "" for none.
        pooling: A pooling mode.
        projection: The width of a dense layer to add; None adds none.
        max_seq_length: The longest text in tokens.
        dropout: The share that is dropped inside the transformer.
        freeze_embeddings: Keep the token embeddings as they are.
        freeze_layers: Keep the embeddings and this many of the first layers as they are.
        lora_rank: Train low-rank additions of this rank instead of the weights; None trains the weights.
        lora_alpha: The scale of these additions; None takes twice the rank.
        wise_ft: The share of the starting weights in their average with the trained ones at the end, which keeps what
            the encoder knew (WiSE-FT).
    """

    model: str = DEFAULT_MODEL
    prompt: Prompt = None
    pooling: str | None = None
    projection: Count | None = None
    max_seq_length: Count | None = None
    dropout: Share | None = None
    freeze_embeddings: bool = False
    freeze_layers: CountOrNone = 0
    lora_rank: Count | None = None
    lora_alpha: Positive | None = None
    wise_ft: Share = 0.0


@dataclass(frozen=True)
class LossSettings(Renamed):
    """Options of the losses, each of which stands, with its default, in the class of the loss that reads it.

    Attributes:
        loss_options: Those that are set, by name; ``--set margin=0.3`` and ``margin = 0.3`` in a recipe set one.
    """

    loss_options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def nested(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the types of all losses' options."""
        from siamese_text.training.losses import LOSSES

        hints = {loss: get_type_hints(loss.__init__, include_extras=True) for loss in LOSSES.values()}
        return {"loss_options": {option: hints[loss][option] for loss in hints for option in loss.reads}}


@dataclass(frozen=True)
class BatchSettings(Seeded):
    """How the rows of a set are put into batches.

    Attributes:
        per_device_train_batch_size: Rows in a batch of each process.
        batch_tokens: Bounds a batch of each process by its tokens instead, padding counted; None bounds it by rows.
        chunk_tokens: Encode a batch in chunks of this many tokens and compute their activations again for the
            gradient, so that memory does not grow with the batch; None keeps them.
        balance: Show as many same as different pairs, by repeating the rarer.
        per_class: Texts of each class in a batch of classes; None takes 4 or more where the loss needs several.
        ways: Classes in a few-shot episode; None draws no episodes.
        shots: Texts of each class that an episode learns from.
        queries: Texts of each class that an episode asks for.
    """

    per_device_train_batch_size: Count = 32
    batch_tokens: Count | None = None
    chunk_tokens: Count | None = None
    balance: bool = False
    per_class: Count | None = None
    ways: Count | None = None
    shots: Count = 1
    queries: Count = 5


@dataclass(frozen=True)
class OptimizerSettings(Renamed):
    """How a step is taken.

    Attributes:
        optim: ``adamw`` or ``sgd``.
        learning_rate: The highest learning rate of the encoder.
        head_learning_rate: The learning rate of the loss's own weights: the head, or scale and bias.
        layer_decay: The factor of the learning rate from each layer to the one below it.
        weight_decay: Decoupled decay of weight matrices.
        l2_sp: Decoupled decay of the encoder's weights, not towards 0 but towards where they started: each step takes
            them this times the learning rate of the way back (L2-SP).
        warmup_ratio: The share of the steps over which the learning rate rises.
        lr_scheduler_type: How it falls afterwards.
        max_grad_norm: The largest norm of the gradient; 0 does not clip.
        gradient_accumulation_steps: Batches of an optimiser step.
    """

    optim: Literal["adamw", "sgd"] = "adamw"
    learning_rate: Positive = 5e-5
    head_learning_rate: NotNegative = 1e-3
    layer_decay: Factor = 1.0
    weight_decay: NotNegative = 0.01
    l2_sp: NotNegative = 0.0
    warmup_ratio: Share = 0.1
    lr_scheduler_type: Schedule = "linear"
    max_grad_norm: NotNegative = 1.0
    gradient_accumulation_steps: Count = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.l2_sp * self.learning_rate > 1:
            raise UsageError(
                f"l2_sp is {self.l2_sp}, which goes back beyond the start at a learning_rate of "
                f"{self.learning_rate}; it must be at most {1 / self.learning_rate:g}"
            )


@dataclass(frozen=True)
class RunSettings(Seeded):
    """How long a run is, on what it computes, and what is kept of it.

    Attributes:
        num_train_epochs: Passes through the training pairs.
        max_steps: Stop after this many optimiser steps; None runs all epochs.
        interleave: How batches of several data sets take turns.
        mixed_precision: ``no``, ``bf16`` or ``fp16``.
        evals_per_epoch: How often an epoch is validated; the best state is kept.
        early_stopping_patience: Stop after this many validations without a better one; 0 never stops early.
        save_steps: Steps between two checkpoints; 0 writes none.
        report_to: Also log to ``tensorboard`` or ``trackio``.
    """

    num_train_epochs: Count = 3
    max_steps: Count | None = None
    interleave: Literal["proportional", "round-robin"] = "proportional"
    mixed_precision: MixedPrecision = "no"
    evals_per_epoch: Count = 2
    early_stopping_patience: CountOrNone = 0
    save_steps: CountOrNone = 200
    report_to: Literal["none", "tensorboard", "trackio"] = "none"


@dataclass(frozen=True)
class DecisionSettings(Renamed):
    """What the decision is for that is fitted on the validation pairs, and what else the model is asked.

    Attributes:
        decide_at: The goal of the decision's threshold: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``,
            ``cost=FP:FN`` or ``threshold=X`` of the similarity; nothing that is promised for new pairs.
        prior: The share of same pairs where the model will be used; None for that of the validation pairs.
        probe: Whether the trained model is shown minimal pairs, and the report and the card get the table.
    """

    decide_at: str = "accuracy"
    prior: Prior | None = None
    probe: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if Goal.read(self.decide_at).promises:
            raise UsageError(
                f"decide-at is '{self.decide_at}', which takes pairs that no training has looked at; "
                f"train for another goal, then calibrate the model for this one on other pairs"
            )


@dataclass(frozen=True)
class LoopSettings(OptimizerSettings, RunSettings):
    """What the training loop reads."""


@dataclass(frozen=True)
class FitSettings(ModelSettings, LossSettings, BatchSettings, LoopSettings):
    """What ``fit`` reads."""


@dataclass(frozen=True)
class TrainSettings(DataSettings, FitSettings, DecisionSettings):
    """The settings of one training run: those of all groups, each by its own name."""


def read_recipe(name_or_path: str) -> TrainSettings:
    """Read a recipe of training: a TOML file whose keys are settings, or tables of them.

    Args:
        name_or_path: A file, or the name of a bundled recipe such as ``paws``.

    Returns:
        The settings, with defaults for what the recipe leaves out.

    Raises:
        MissingInput: There is no such file or bundled recipe.
        UsageError: The file is not TOML, or a key is unknown.
    """
    return TrainSettings().changed(recipe_values(name_or_path))
