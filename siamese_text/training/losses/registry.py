"""Every loss by name: which data it takes, how it is built, and weighted sums such as ``bce + 0.5*cosent``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

import torch
from torch import Tensor, nn

from siamese_text.errors import UsageError
from siamese_text.records import DataKind
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.training.losses.alignment import AlignmentLoss, Tokens
from siamese_text.training.losses.bce import CosineBceLoss, TwinHeadLoss
from siamese_text.training.losses.pairs import ContrastiveLoss, CosentLoss, CosineMseLoss, OnlineContrastiveLoss
from siamese_text.training.losses.prototypes import PrototypicalLoss
from siamese_text.training.losses.ranking import InfoNceLoss
from siamese_text.training.losses.triplets import TripletLoss

Part = TypeVar("Part", bound=nn.Module)
DEFAULT_LOSSES: dict[DataKind, str] = {
    "pairs": "bce",
    "graded": "cosent",
    "positives": "infonce",
    "triplets": "infonce",
    "classes": "triplet",
}


@dataclass(frozen=True, slots=True)
class LossOptions:
    """What a loss can be told; each reads what it needs.

    Attributes:
        embedding_dimension: D, of the embeddings.
        hidden_size: Of the tokens' embeddings; None is the same.
        normalized: Whether the embeddings have unit length.
        distance: ``cosine`` or ``euclidean``.
        margin: None takes the loss's default for the distance.
        temperature: None takes the loss's default.
        symmetric: Whether InfoNCE looks in both directions.
        mining: ``hard``, ``all`` or ``semi-hard``, of triplets from classes.
        shots: Texts of a class that make its prototype.
        head_hidden: Hidden units of the twin head.
        head_dropout: Share of the head's units dropped in training.
    """

    embedding_dimension: int
    hidden_size: int | None = None
    normalized: bool = True
    distance: str = "cosine"
    margin: float | None = None
    temperature: float | None = None
    symmetric: bool = False
    mining: str = "hard"
    shots: int = 1
    head_hidden: int = 256
    head_dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class LossSpec:
    """A loss that can be named.

    Attributes:
        name: As ``--loss`` takes it.
        accepts: The shapes of data that it can learn from.
        description: In a few words.
        build: Makes the loss; it is called as ``loss(embeddings, labels)``.
        reads: The options that it has and others do not: distance, margin, mining, temperature, symmetric.
        distinct_texts: Whether a batch must not repeat a text, since other rows' texts are negatives.
        by_class: Whether batches of texts with classes must hold several texts of each class.
        cached: Whether the trainer computes embeddings in small blocks to bound the memory (GradCache).
    """

    name: str
    accepts: frozenset[DataKind]
    description: str
    build: Callable[[LossOptions], nn.Module]
    reads: frozenset[str] = frozenset()
    distinct_texts: bool = False
    by_class: bool = False
    cached: bool = False


class WeightedSum(nn.Module):
    """Several losses of the same embeddings and labels, each times its weight.

        Σ weight · loss(embeddings, labels)

    Accepts what all of its losses accept.

    Args:
        weights: One a loss.
        losses: At least one.
    """

    def __init__(self, weights: Sequence[float], losses: Sequence[nn.Module]) -> None:
        super().__init__()
        self.weights = tuple(weights)
        self.losses = nn.ModuleList(losses)

    def forward(
        self, embeddings: tuple[Tensor, ...], labels: Tensor | None = None, tokens: tuple[Tokens, ...] = ()
    ) -> Tensor:
        """Return the weighted sum of the losses of the columns, each (B, D), their tokens, and (B,) labels or None."""
        values = [loss_of(loss, embeddings, labels, tokens) for loss in self.losses]
        return torch.stack([weight * value for weight, value in zip(self.weights, values, strict=True)]).sum()


def loss_of(
    loss: nn.Module, embeddings: tuple[Tensor, ...], labels: Tensor | None, tokens: tuple[Tokens, ...]
) -> Tensor:
    """Return a loss of what it reads: the columns' embeddings, their tokens, or for a sum both."""
    if isinstance(loss, WeightedSum):
        value: Tensor = loss(embeddings, labels, tokens)
    else:
        value = loss(tokens if isinstance(loss, AlignmentLoss) else embeddings, labels)
    return value


def part_of(module: nn.Module, kind: type[Part]) -> Part | None:
    """Return the loss of some kind inside a loss, also inside a weighted sum, or None where there is none.

    Example:
        >>> part_of(CosineBceLoss(), TwinHeadLoss) is None
        True
    """
    return next((part for part in module.modules() if isinstance(part, kind)), None)


def trained_heads(module: nn.Module) -> tuple[TwinHead | None, AlignmentHead | None]:
    """Return the heads of a loss as they stand, for scoring without torch."""
    twin, alignment = part_of(module, TwinHeadLoss), part_of(module, AlignmentLoss)
    return twin.trained_head() if twin else None, alignment.trained_head() if alignment else None


def _bce(options: LossOptions) -> nn.Module:
    return TwinHeadLoss(options.embedding_dimension, options.head_hidden, options.head_dropout)


def _align(options: LossOptions) -> nn.Module:
    return AlignmentLoss(options.hidden_size or options.embedding_dimension, dropout=options.head_dropout)


def _bce_cosine(_: LossOptions) -> nn.Module:
    return CosineBceLoss()


def _contrastive(options: LossOptions) -> nn.Module:
    return ContrastiveLoss(options.distance, options.margin, normalized=options.normalized)


def _online_contrastive(options: LossOptions) -> nn.Module:
    return OnlineContrastiveLoss(options.distance, options.margin, normalized=options.normalized)


def _mse(_: LossOptions) -> nn.Module:
    return CosineMseLoss()


def _cosent(options: LossOptions) -> nn.Module:
    return CosentLoss(options.temperature)


def _infonce(options: LossOptions) -> nn.Module:
    return InfoNceLoss(options.temperature, symmetric=options.symmetric)


def _triplet(options: LossOptions) -> nn.Module:
    return TripletLoss(options.distance, options.margin, mining=options.mining, normalized=options.normalized)


def _prototypical(options: LossOptions) -> nn.Module:
    return PrototypicalLoss(options.shots, options.temperature, normalized=options.normalized)


PAIRS: frozenset[DataKind] = frozenset({"pairs"})
LABELLED: frozenset[DataKind] = frozenset({"pairs", "graded"})
RANKED: frozenset[DataKind] = frozenset({"pairs", "positives", "triplets"})
CLASSES: frozenset[DataKind] = frozenset({"classes"})
TRIPLETS: frozenset[DataKind] = frozenset({"classes", "triplets"})

DISTANCE = frozenset({"distance", "margin"})
MINED = DISTANCE | {"mining"}
TEMPERATURE = frozenset({"temperature"})
RANKING = frozenset({"temperature", "symmetric"})

_SPECS = (
    LossSpec("bce", LABELLED, "cross-entropy of a twin head, which is kept with the model", _bce),
    LossSpec("align", LABELLED, "cross-entropy of a head that lays the tokens of both sides beside each other", _align),
    LossSpec("bce-cosine", LABELLED, "cross-entropy of a learned scale and bias of the cosine", _bce_cosine),
    LossSpec("contrastive", PAIRS, "same pairs together, different ones out to a margin", _contrastive, DISTANCE),
    LossSpec("online-contrastive", PAIRS, "the same on a batch's hard pairs alone", _online_contrastive, DISTANCE),
    LossSpec("mse", LABELLED, "the cosine is the label", _mse),
    LossSpec("cosent", LABELLED, "pairs ranked by their labels", _cosent, TEMPERATURE),
    LossSpec("infonce", RANKED, "the positive found among the batch", _infonce, RANKING, distinct_texts=True),
    LossSpec(
        "cached-infonce",
        RANKED,
        "infonce on batches of any size at bounded memory",
        _infonce,
        RANKING,
        distinct_texts=True,
        cached=True,
    ),
    LossSpec(
        "triplet", TRIPLETS, "nearer to the positive by a margin, mined in classes", _triplet, MINED, by_class=True
    ),
    LossSpec("prototypical", CLASSES, "nearest to the mean of the class", _prototypical, TEMPERATURE, by_class=True),
)
LOSSES: Mapping[str, LossSpec] = {spec.name: spec for spec in _SPECS}


def default_loss(kind: DataKind) -> str:
    """Return the name of the loss for data of a kind when none is named.

    Example:
        >>> default_loss("graded")
        'cosent'
    """
    return DEFAULT_LOSSES[kind]


def losses_for(kind: DataKind) -> tuple[str, ...]:
    """Return the names of the losses that take data of a kind, the default one first.

    Example:
        >>> losses_for("classes")
        ('triplet', 'prototypical')
    """
    others = (spec.name for spec in LOSSES.values() if kind in spec.accepts)
    return tuple(dict.fromkeys((default_loss(kind), *others)))


def parse_losses(expression: str) -> tuple[tuple[float, LossSpec], ...]:
    """Read a loss, or a weighted sum of several.

    Args:
        expression: Names joined by ``+``, each with its weight and ``*`` before it where that is not 1.

    Returns:
        Weight and loss of each.

    Raises:
        UsageError: A name is unknown, with the closest known one, or stands twice, or a weight is not positive.

    Example:
        >>> [(weight, spec.name) for weight, spec in parse_losses("bce + 0.5*cosent")]
        [(1.0, 'bce'), (0.5, 'cosent')]
    """
    terms = tuple(_read_term(term) for term in expression.split("+"))
    names = [spec.name for _, spec in terms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"loss '{expression}' names {', '.join(twice)} twice; give each loss one weight")
    return terms


def check_kind(expression: str, kind: DataKind) -> None:
    """Refuse a loss, or a sum with one, that does not take data of a kind.

    Raises:
        UsageError: It does not, with those that do; or it is unknown.
    """
    for _, spec in parse_losses(expression):
        if kind not in spec.accepts:
            grades = kind == "graded" and "pairs" in spec.accepts
            raise UsageError(
                f"loss {spec.name} takes {' or '.join(sorted(spec.accepts))}, the data are {kind}; "
                f"for {kind} choose from {', '.join(losses_for(kind))}"
                + (", or make grades two labels with --positive-from X" if grades else "")
            )


def build_loss(expression: str, kind: DataKind, options: LossOptions) -> nn.Module:
    """Build a loss, or a weighted sum of several, for data of a kind.

    Args:
        expression: As ``parse_losses`` takes it.
        kind: Of the training data.
        options: What the losses are told.

    Returns:
        A module, called as ``loss(embeddings, labels)`` with a tuple of (B, D) columns and (B,) labels or None; it
        returns a scalar.

    Raises:
        UsageError: A loss is unknown or does not take the kind, or an option is wrong or would be ignored.

    Example:
        >>> build_loss("infonce", "positives", LossOptions(embedding_dimension=384)).temperature
        0.05
    """
    return build_losses([(expression, kind)], options)[0]


def build_losses(named: Sequence[tuple[str, DataKind]], options: LossOptions) -> list[nn.Module]:
    """Build the losses of several data sets; those of one name are one module, so that all sets teach one head.

    Args:
        named: The expression and the kind of each, as for ``build_loss``.
        options: What the losses are told.

    Returns:
        A module for each, as from ``build_loss``.

    Raises:
        UsageError: As ``build_loss`` does; an option is ignored where no loss of any set reads it.
    """
    for expression, kind in named:
        check_kind(expression, kind)
    sums = [parse_losses(expression) for expression, _ in named]
    _check_read([spec for terms in sums for _, spec in terms], options)
    built: dict[str, nn.Module] = {}
    for terms in sums:
        for _, spec in terms:
            if spec.name not in built:
                built[spec.name] = spec.build(options)
    return [_summed([(weight, built[spec.name]) for weight, spec in terms]) for terms in sums]


def _summed(terms: Sequence[tuple[float, nn.Module]]) -> nn.Module:
    """Return the weighted sum of losses; a single one of weight 1 is its own sum."""
    weights, losses = zip(*terms, strict=True)
    return losses[0] if weights == (1.0,) else WeightedSum(weights, losses)


def _read_term(term: str) -> tuple[float, LossSpec]:
    """Read ``name`` or ``weight*name``."""
    weight, times, name = (part.strip() for part in term.rpartition("*"))
    try:
        value = float(weight) if times else 1.0
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UsageError(f"weight is '{weight}' in '{term.strip()}'; write a positive number, such as 0.5*{name}")
    if name not in LOSSES:
        close = get_close_matches(name.lower(), LOSSES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(LOSSES)}"
        raise UsageError(f"unknown loss '{name}'; {hint}")
    return value, LOSSES[name]


def _check_read(specs: Sequence[LossSpec], options: LossOptions) -> None:
    """Refuse an option that differs from its default and that none of the losses would read."""
    usual = LossOptions(options.embedding_dimension)
    for option in ("distance", "margin", "mining", "symmetric", "temperature"):
        value = getattr(options, option)
        if value != getattr(usual, option) and not any(option in spec.reads for spec in specs):
            readers = ", ".join(spec.name for spec in LOSSES.values() if option in spec.reads)
            names = " and ".join(dict.fromkeys(spec.name for spec in specs))
            raise UsageError(f"{option} is {value}, which {names} would ignore; leave it out or choose from {readers}")
