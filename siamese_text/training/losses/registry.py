"""Losses by name: all that this folder holds, and weighted sums of them such as ``bce + 0.5*cosent``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

import torch
from torch import Tensor, nn

from siamese_text.errors import UsageError
from siamese_text.records import DataKind
from siamese_text.training.losses.base import LOSSES, Columns, Facts, Loss, Targets

_PACKAGE = __name__.rpartition(".")[0]
_HEAD = "head_"  # how options of a head begin: like the head's learning rate, a run without a head does not mind them


def find_losses(folders: Iterable[str]) -> None:
    """Import every module in the folders of this package, so that each loss there is known by its name.

    A new loss is one new file. A package of its own may also define losses: each is known once it is imported.
    """
    for module in iter_modules(folders):
        import_module(f"{_PACKAGE}.{module.name}")


class WeightedSum(Loss):
    """Several losses of the same rows, each times its weight.

        Σ weight · loss(columns, targets)

    Accepts what all of its losses accept.

    Args:
        weights: One for each loss.
        losses: At least one, and at most one that needs tokens.

    Raises:
        UsageError: Several losses need tokens.
    """

    def __init__(self, weights: Sequence[float], losses: Sequence[Loss]) -> None:
        super().__init__()
        reading = [loss for loss in losses if loss.needs_tokens]
        if len(reading) > 1:
            names = " and ".join(loss.name for loss in reading)
            raise UsageError(f"{names} each project the tokens in their own way; a sum takes one of them")
        self.weights = tuple(weights)
        self.losses = nn.ModuleList(losses)
        self.needs_tokens = bool(reading)

    def forward(self, columns: Columns, targets: Targets) -> Tensor:
        """Return the weighted sum of the losses of the columns and targets."""
        values = [loss(columns, targets) for loss in self.losses]
        return torch.stack([weight * value for weight, value in zip(self.weights, values, strict=True)]).sum()

    def projected(self, tokens: Tensor) -> Tensor:
        """Return (B, T, D) embeddings of tokens as the loss that needs them projects them."""
        reading = next((loss for loss in self.parts() if loss.needs_tokens), None)
        return reading.projected(tokens) if reading else super().projected(tokens)

    def parts(self) -> tuple[Loss, ...]:
        """Return the losses that are summed."""
        return tuple(loss for loss in self.losses if isinstance(loss, Loss))


def default_loss(kind: DataKind) -> str:
    """Return the name of the loss for data of a kind when none is named.

    Example:
        >>> default_loss("graded")
        'cosent'
    """
    return next(name for name, loss in LOSSES.items() if kind in loss.default_for)


def losses_for(kind: DataKind) -> tuple[str, ...]:
    """Return the names of the losses that take data of a kind, the default one first.

    Example:
        >>> losses_for("classes")
        ('triplet', 'prototypical', 'supcon')
    """
    others = (name for name, loss in LOSSES.items() if kind in loss.accepts)
    return tuple(dict.fromkeys((default_loss(kind), *others)))


def parse_losses(expression: str) -> tuple[tuple[float, type[Loss]], ...]:
    """Read a loss, or a weighted sum of several.

    Args:
        expression: Names joined by ``+``, each with its weight and ``*`` before it where that is not 1.

    Returns:
        Weight and class of each.

    Raises:
        UsageError: A name is unknown, with the closest known one, or stands twice, or a weight is not positive.

    Example:
        >>> [(weight, loss.name) for weight, loss in parse_losses("bce + 0.5*cosent")]
        [(1.0, 'bce'), (0.5, 'cosent')]
    """
    terms = tuple(_read_term(term) for term in expression.split("+"))
    names = [loss.name for _, loss in terms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"loss '{expression}' names {', '.join(twice)} twice; give each loss one weight")
    return terms


def check_kind(expression: str, kind: DataKind) -> None:
    """Refuse a loss, or a sum with one, that does not take data of a kind.

    Raises:
        UsageError: It does not, with those that do; or it is unknown.
    """
    for _, loss in parse_losses(expression):
        if kind not in loss.accepts:
            grades = kind == "graded" and "pairs" in loss.accepts
            raise UsageError(
                f"loss {loss.name} takes {' or '.join(sorted(loss.accepts))}, the data are {kind}; "
                f"for {kind} choose from {', '.join(losses_for(kind))}"
                + (", or make grades two labels with --positive-from X" if grades else "")
            )


def build_loss(expression: str, kind: DataKind, facts: Facts, options: Mapping[str, Any] | None = None) -> Loss:
    """Build a loss, or a weighted sum of several, for data of a kind.

    Args:
        expression: A name or a weighted sum, which ``parse_losses`` reads.
        kind: The kind of the training data.
        facts: What the run knows.
        options: Those that differ from their defaults, by name.

    Returns:
        A module, called as ``loss(columns, targets)``; it returns a scalar.

    Raises:
        UsageError: A loss is unknown or does not take the kind, or an option is wrong or would be ignored.

    Example:
        >>> build_loss("infonce", "positives", Facts(embedding_dimension=384, hidden_size=384)).temperature
        0.05
    """
    return build_losses([(expression, kind)], facts, options or {})[0]


def build_losses(named: Sequence[tuple[str, DataKind]], facts: Facts, options: Mapping[str, Any]) -> list[Loss]:
    """Build the losses of several data sets; those of one name are one module, so that all sets teach one head.

    Args:
        named: The expression and the kind of each, as for ``build_loss``.
        facts: What the run knows.
        options: Those that differ from their defaults, by name.

    Returns:
        A module for each, as from ``build_loss``.

    Raises:
        UsageError: As ``build_loss`` does; an option is ignored where no loss of any set reads it.
    """
    for expression, kind in named:
        check_kind(expression, kind)
    sums = [parse_losses(expression) for expression, _ in named]
    _check_read([loss for terms in sums for _, loss in terms], options)
    built: dict[str, Loss] = {}
    for terms in sums:
        for _, loss in terms:
            if loss.name not in built:
                built[loss.name] = _build(loss, facts, options)
    return [_summed([(weight, built[loss.name]) for weight, loss in terms]) for terms in sums]


def _build(loss: type[Loss], facts: Facts, options: Mapping[str, Any]) -> Loss:
    """Call the constructor of a loss with the facts that it asks for and the options that it reads."""
    known = asdict(facts) | {name: options[name] for name in loss.reads if name in options}
    return loss(**{name: known[name] for name in signature(loss).parameters if name in known})


def _summed(terms: Sequence[tuple[float, Loss]]) -> Loss:
    """Return the weighted sum of losses; a single one of weight 1 is its own sum."""
    weights, losses = zip(*terms, strict=True)
    return losses[0] if weights == (1.0,) else WeightedSum(weights, losses)


def _read_term(term: str) -> tuple[float, type[Loss]]:
    """Read ``name`` or ``weight*name``."""
    weight, times, name = (part.strip() for part in term.rpartition("*"))
    try:
        value = float(weight) if times else 1.0
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UsageError(f"weight is '{weight}' in '{term.strip()}'; write a positive number, such as 0.5*{name}")
    named = {loss.name: loss for loss in LOSSES.values() if loss.accepts}
    if name not in named:
        close = get_close_matches(name.lower(), named, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(named)}"
        raise UsageError(f"unknown loss '{name}'; {hint}")
    return value, named[name]


def _check_read(losses: Sequence[type[Loss]], options: Mapping[str, Any]) -> None:
    """Refuse an option that differs from its default and that none of the losses would read."""
    for option, value in options.items():
        readers = [loss for loss in LOSSES.values() if option in loss.reads]
        usual = [signature(loss).parameters[option].default for loss in readers]
        if value not in usual and not option.startswith(_HEAD) and not any(option in loss.reads for loss in losses):
            names = " and ".join(dict.fromkeys(loss.name for loss in losses))
            choices = ", ".join(loss.name for loss in readers)
            raise UsageError(f"{option} is {value}, which {names} would ignore; leave it out or choose from {choices}")
