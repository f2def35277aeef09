"""What every loss is: a module that declares itself, and is called on the columns of a batch and their targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn

from siamese_text.errors import UsageError
from siamese_text.records import DataKind
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead

Targets: TypeAlias = Any  # (B,) labels, (B, D) vectors of a teacher, or None: which of them, ``accepts`` tells a loss

LOSSES: dict[str, type[Loss]] = {}  # every loss by its name, in the order in which their modules are imported


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a column, as a loss projects them: (B, T, d), and (B, T) bool, which of them are real."""

    embeddings: Tensor
    real: Tensor

    def to(self, device: torch.device) -> Tokens:
        """Return the tokens on ``device``."""
        return Tokens(self.embeddings.to(device), self.real.to(device))

    def take(self, rows: Tensor) -> Tokens:
        """Return the texts of some rows."""
        return Tokens(self.embeddings.index_select(0, rows), self.real.index_select(0, rows))


@dataclass(frozen=True, slots=True)
class Columns:
    """What a loss sees of B rows: of each column (B, D) embeddings and, for a loss that needs them, the tokens."""

    embeddings: tuple[Tensor, ...]
    tokens: tuple[Tokens, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run knows and the constructor of a loss may ask for, by these names.

    Attributes:
        embedding_dimension: D, of the embeddings.
        hidden_size: The width of the embeddings of tokens.
        normalized: Whether the embeddings have unit length.
        shots: How many texts of a class a few-shot episode learns from.
    """

    embedding_dimension: int
    hidden_size: int
    normalized: bool = True
    shots: int = 1


class Loss(nn.Module, ABC):
    """A loss. A class with a ``name`` can be chosen by it; its own file is the only one that knows it.

    A subclass sets those of the attributes below that apply and defines ``forward(columns, targets)``, which returns
    a scalar: 0, with a gradient of 0, where a batch has nothing to teach. Its constructor takes by name what it needs:
    options, whose types and defaults are those of the arguments, and any attribute of ``Facts``.

    Attributes:
        name: What ``--loss`` takes.
        description: The loss in a few words.
        accepts: The kinds of data that it can learn from; none where a user cannot choose it.
        default_for: The kinds of data that it is the loss of when none is named.
        reads: The arguments of the constructor that are options, which ``--set name=value`` changes.
        distinct_texts: Whether a batch must not repeat a text, since other rows' texts are negatives.
        by_class: Whether batches of texts with classes must hold several texts of each class.
        by_shots: Whether the first ``shots`` texts of a class in a batch are given and only the others asked for.
        cached: Whether embeddings are computed in small chunks, which bounds the memory (GradCache).
        needs_tokens: Whether it reads ``columns.tokens``; it then also defines ``projected``.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    accepts: ClassVar[frozenset[DataKind]] = frozenset()
    default_for: ClassVar[frozenset[DataKind]] = frozenset()
    reads: ClassVar[tuple[str, ...]] = ()
    distinct_texts: ClassVar[bool] = False
    by_class: ClassVar[bool] = False
    by_shots: ClassVar[bool] = False
    cached: ClassVar[bool] = False
    needs_tokens: bool = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in vars(cls):
            return
        missing = set(cls.reads) - set(signature(cls).parameters)
        if missing:
            raise TypeError(f"{cls.__name__} reads {', '.join(sorted(missing))}, which its constructor does not take")
        if LOSSES.setdefault(cls.name, cls) is not cls:
            raise TypeError(f"two losses are called {cls.name}: {LOSSES[cls.name].__name__} and {cls.__name__}")

    @abstractmethod
    def forward(self, columns: Columns, targets: Targets) -> Tensor:
        """Return the loss of B rows, whose targets are (B,) labels, (B, D) vectors of a teacher, or None."""

    def projected(self, tokens: Tensor) -> Tensor:
        """Return what the loss needs of (B, T, D) embeddings of tokens: (B, T, d), with d 0 where it reads none."""
        return tokens[..., :0]

    def trained_head(self) -> TwinHead | AlignmentHead | None:
        """Return the head that is kept with the model, as it stands, or None where the loss has none."""
        return None

    def parts(self) -> tuple[Loss, ...]:
        """Return the losses that it is made of: itself, or those of a sum."""
        return (self,)


def trained_heads(loss: Loss) -> tuple[TwinHead | None, AlignmentHead | None]:
    """Return the heads of a loss as they stand, for scoring without torch: the twin head and the alignment head."""
    heads = [part.trained_head() for part in loss.parts()]
    twin = next((head for head in heads if isinstance(head, TwinHead)), None)
    return twin, next((head for head in heads if isinstance(head, AlignmentHead)), None)


def check_head(head_hidden: int, head_dropout: float) -> None:
    """Refuse a head that cannot be: without units, or that drops all or less than nothing.

    Raises:
        UsageError: Either is out of its range.
    """
    if head_hidden < 1:
        raise UsageError(f"head_hidden is {head_hidden}; it must be greater than 0")
    if not 0 <= head_dropout < 1:
        raise UsageError(f"head_dropout is {head_dropout}; it must be at least 0 and less than 1")
