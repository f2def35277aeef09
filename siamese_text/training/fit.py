"""Fit an encoder to training sets: its losses, its data and the loop, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from siamese_text.encoder.cpu.layers import cpu_layers
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.records import Example, Pair
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.training.accelerator import check_machine, make_accelerator
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.history import History
from siamese_text.training.loop import Observer, TaskRows, train_loop
from siamese_text.training.losses import Facts, Loss, build_losses, parse_losses, trained_heads
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import add_lora, freeze, largest_dropout, merge_lora, set_dropout
from siamese_text.training.processes import is_main_process
from siamese_text.training.sampling import BatchOptions, measure, plan
from siamese_text.training.settings import BatchSettings, FitSettings
from siamese_text.training.siamese_module import SiameseModule
from siamese_text.training.validation import LastState, Validation
from siamese_text.warn import warn_user

CHUNK_TOKENS = 2048  # of a loss that is cached by name
PER_CLASS = 4  # texts of each class in a batch of a loss that needs several, at the least


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a run leaves besides the encoder, which holds its best state: heads, history, the kept step."""

    head: TwinHead | None
    alignment: AlignmentHead | None
    history: History
    best_step: int
    truncated: int


def fit(
    encoder: TorchEncoder,
    sets: Sequence[TrainSet],
    validation: Sequence[Pair],
    settings: FitSettings,
    *,
    held_out: Sequence[Example] | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    observer: Observer | None = None,
) -> Fitted:
    """Train an encoder in place; it ends in the state that ranked the validation pairs best.

    With ``wise_ft`` that state is averaged with the one that the encoder came with, weight by weight (WiSE-FT,
    Wortsman et al. 2022), which gives back most of what training forgot for little of what it taught.

    Args:
        encoder: The encoder to train.
        sets: What to learn from; the first is the main one.
        validation: Other pairs, labelled 0 or 1, both present, or graded; without any the last state is kept.
        settings: How to learn.
        held_out: The rows behind ``validation``, in the kind of the main set; by default those pairs themselves.
        checkpoints: A folder for the run's state; None keeps none.
        resume: Go on from the newest checkpoint there, if there is one.
        observer: Is told of each step and validation.

    Returns:
        The trained head, if a loss has one, and the history.

    Raises:
        UsageError: The settings fit neither the machine, the encoder, the data nor the checkpoint.
        SiameseTextError: The loss became infinite or not a number.
        Interrupted: SIGINT or SIGTERM came; the state is saved.
    """
    # A head of one set waits while others are learned, and a loss of tokens leaves out what makes a text's embedding.
    idle = len(sets) > 1 or any(loss.needs_tokens for loss in _classes(sets[0]))
    accelerator = make_accelerator(settings, encoder.device, idle_weights=idle)
    start = {name: value.clone() for name, value in encoder.state_dict().items()} if settings.wise_ft else {}
    set_dropout(encoder.transformer, settings.dropout)
    encoder.requires_grad_(True)  # an earlier run may have frozen some
    if settings.lora_rank:
        add_lora(encoder, settings)
    freeze(encoder, settings)  # what LoRA has added to frozen layers too
    losses = _losses(encoder, sets, settings)
    tasks = [_task(each, encoder, settings, accelerator.num_processes) for each in sets]
    rows = held_out if held_out is not None else [Example(pair.sides, pair.label) for pair in validation]
    batch = settings.per_device_train_batch_size * accelerator.num_processes
    checked = Validation(validation, rows, batch) if validation else LastState()
    module = SiameseModule(encoder, losses)
    with cpu_layers(encoder.transformer):
        history, best_step = train_loop(
            accelerator,
            module,
            tasks,
            settings,
            checked,
            config=settings.values(),
            checkpoints=checkpoints,
            resume=resume,
            observer=observer,
        )
    if settings.lora_rank:
        merge_lora(encoder)
    _average(encoder, start, settings.wise_ft)
    return Fitted(*trained_heads(losses[0]), history, best_step, sum(t.rows.truncated for t in tasks))


def check_fit(encoder: TorchEncoder, sets: Sequence[TrainSet], settings: FitSettings) -> None:
    """Refuse at once what ``fit`` would refuse after the untrained encoder was evaluated.

    Args:
        encoder: The encoder to train.
        sets: What to learn from.
        settings: How to learn.

    Raises:
        UsageError: The settings fit neither the machine, the encoder nor the data.
    """
    check_machine(settings, encoder.device)
    _losses(encoder, sets, settings)
    for name in ("ways", "per_class"):
        value = getattr(settings, name)
        if value is not None and not any(each.kind == "classes" for each in sets):
            shapes = " and ".join(dict.fromkeys(each.kind for each in sets))
            raise UsageError(f"{name} is {value}, which is for texts with classes, and the data are {shapes}; drop it")
    for each in sets:
        _batch_options(each, settings, processes=1)
    if any(each.views for each in sets) and largest_dropout(encoder.transformer, settings.dropout) == 0:
        raise UsageError("dropout is 0, and two views of a sentence differ by nothing else; set dropout=0.1")


def _losses(encoder: TorchEncoder, sets: Sequence[TrainSet], settings: FitSettings) -> list[Loss]:
    """Build the loss of each set."""
    layout = encoder.layout
    facts = Facts(encoder.embedding_dimension, layout.hidden_size, layout.normalize, settings.shots)
    return build_losses([(each.loss, each.kind) for each in sets], facts, settings.loss_options)


def _classes(each: TrainSet) -> list[type[Loss]]:
    """Return the losses of a set, as their classes declare themselves."""
    return [loss for _, loss in parse_losses(each.loss)]


def _average(encoder: TorchEncoder, start: Mapping[str, Tensor], share: float) -> None:
    """Move the weights of an encoder back to those at the start by a share of the way."""
    with torch.no_grad():
        for name, value in encoder.state_dict().items():
            if name in start and value.is_floating_point():
                value.lerp_(start[name], share)


def _task(each: TrainSet, encoder: TorchEncoder, settings: BatchSettings, processes: int) -> TaskRows:
    rows = TokenisedExamples(each.examples, encoder.tokenizer, views=each.views)
    options = _batch_options(each, settings, processes)
    columns = rows.columns_by_tokens if options.distinct_texts else rows.columns
    sampler = plan(columns, rows.targets, rows.text_lengths, options)
    if options.distinct_texts and options.epoch_rows is None:
        _tell_left_out(each, measure(sampler.batches(0), columns, rows.text_lengths).left_out)
    cached = CHUNK_TOKENS if any(loss.cached for loss in _classes(each)) else None
    return TaskRows(each, rows, sampler, settings.chunk_tokens or cached)


def _tell_left_out(each: TrainSet, rows: int) -> None:
    if rows and is_main_process():
        warn_user(
            f"{rows:,} of {len(each.examples):,} rows of {each.name} are left out of the first epoch, and about as "
            "many of each: their texts stand in so many rows that no batch without them is left"
        )


def _batch_options(each: TrainSet, settings: BatchSettings, processes: int) -> BatchOptions:
    losses = _classes(each)
    classes = each.kind == "classes"
    per_class = settings.per_class if classes else None
    if classes and per_class is None and not settings.ways and any(loss.by_class for loss in losses):
        # more where there are too few classes to fill a batch
        per_class = max(
            PER_CLASS, -(-settings.per_device_train_batch_size * processes // len({row.label for row in each.examples}))
        )
    if per_class and per_class <= settings.shots and any(loss.by_shots for loss in losses):
        raise UsageError(
            f"shots is {settings.shots}, and batches hold {per_class} texts of each class, so that none is left to "
            f"ask for; set ways for episodes, or per_class={settings.shots + 1} or more"
        )
    return BatchOptions(
        batch_size=settings.per_device_train_batch_size * processes,
        batch_tokens=settings.batch_tokens and settings.batch_tokens * processes,
        balance=settings.balance,
        distinct_texts=any(loss.distinct_texts for loss in losses),
        per_class=per_class,
        episode=(settings.ways, settings.shots, settings.queries) if classes and settings.ways else None,
        epoch_rows=each.epoch_rows,
        processes=processes,
        seed=settings.seed,
    )
