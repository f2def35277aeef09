"""Losses: functions of the columns of a batch and their targets, never of text or a model.

Label 1 = same, 0 = different. Every loss is called as ``loss(columns, targets)``: ``columns`` holds the (B, D)
embeddings of each column and, for a loss that needs them, the tokens; ``targets`` are (B,) labels, (B, D) vectors of a
teacher, or None. It returns a scalar. Of several processes, the trainer gathers the columns first.

A loss is one class in one module of this folder, which declares its name, the data that it accepts and the options that
it reads (see ``base.Loss``); ``registry`` finds it. Modules: ``base``, ``distances`` (with what margins and
temperatures they allow), ``registry``; then by what the data are: ``pairs``, ``bce`` and ``alignment`` (two columns and
a label), ``ranking`` (an anchor, its positive and the rest of the batch), ``triplets``, ``prototypes`` (texts with
classes), ``imitation`` (texts and a teacher's vectors of them).
"""

from siamese_text.training.losses.base import LOSSES, Columns, Facts, Loss, Tokens, trained_heads
from siamese_text.training.losses.registry import (
    build_loss,
    build_losses,
    check_kind,
    default_loss,
    find_losses,
    losses_for,
    parse_losses,
)

__all__ = [
    "LOSSES",
    "Columns",
    "Facts",
    "Loss",
    "Tokens",
    "build_loss",
    "build_losses",
    "check_kind",
    "default_loss",
    "find_losses",
    "losses_for",
    "parse_losses",
    "trained_heads",
]

find_losses(__path__)
