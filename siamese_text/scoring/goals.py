"""What a threshold is chosen for: accuracy, F1, a precision, a recall, the cost of errors; or it is given by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, UsageError
from siamese_text.scoring import metrics

SYNTAX = "accuracy, f1, precision=0.95, recall=0.95, cost=FP:FN such as cost=5:1, threshold=0.7"
FEWEST_FOUND = 10  # a precision of fewer pairs than this is luck
ROUNDING = 1e-9  # what sums of weights may be off by


@dataclass(frozen=True, slots=True)
class Goal:
    """What a decision is to be good at.

    Where probabilities are right, ``accuracy`` and ``cost`` are best at one cut: p ≥ 1/2, and p ≥ FP / (FP + FN) for
    the costs of a false positive and of a false negative (Elkan 2001). For the others the pairs that a decision is
    fitted on are searched: ``f1`` takes the highest; ``precision``, of all thresholds that have it, the one with the
    highest recall; ``recall``, of all that have it, the one with the highest precision. ``threshold`` is given by hand,
    in the similarity's unit.

    Attributes:
        kind: One of the words above.
        value: The precision, the recall, the threshold, or what a false positive costs where a false negative costs 1.
    """

    kind: str = "accuracy"
    value: float | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a goal: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``, ``cost=FP:FN`` or ``threshold=X``.

        Args:
            text: As above; ``cost=5`` is ``cost=5:1``.

        Raises:
            UsageError: It is none of these, or its number is out of range.

        Example:
            >>> str(Goal.read("cost=10:2")), Goal.read("precision=0.95").value
            ('cost=5:1', 0.95)
        """
        kind, _, number = text.partition("=")
        if text in ("accuracy", "f1"):
            return cls(kind)
        if kind not in _RANGES:
            raise UsageError(f"decide-at is '{text}'; choose from {SYNTAX}")
        allowed, holds = _RANGES[kind]
        value = _ratio(number) if kind == "cost" else _number(number)
        if not holds(value):  # NaN, for what is no number, holds nowhere
            raise UsageError(f"decide-at is '{text}'; {kind} takes {allowed}, as in {SYNTAX}")
        return cls(kind, value)

    def __str__(self) -> str:
        if self.value is None:
            return self.kind
        return f"{self.kind}={self.value:.12g}" + (":1" if self.kind == "cost" else "")

    @property
    def by_hand(self) -> bool:
        """Whether the threshold itself is given."""
        return self.kind == "threshold"

    @property
    def cut(self) -> float | None:
        """The probability from which a pair is the same, where the goal alone says it."""
        if self.kind == "cost":
            assert self.value is not None
            return self.value / (1 + self.value)
        return 0.5 if self.kind == "accuracy" else None

    @property
    def figure(self) -> str:
        """The name of the figure that tells how far the goal is reached."""
        return "accuracy" if self.by_hand else self.kind

    def measure(self, balance: metrics.Balance) -> Callable[..., float]:
        """Return the function of labels and decisions that gives this figure."""
        if self.kind == "recall":
            return metrics.recall  # the share of positives does not change it
        if self.kind == "cost":
            assert self.value is not None
            return partial(metrics.error_cost, balance=balance, false_positive=self.value)
        return partial(getattr(metrics, self.figure), balance=balance)

    def search(
        self, labels: NDArray[np.integer], scores: NDArray[np.floating], balance: metrics.Balance
    ) -> tuple[float, float]:
        """Find the threshold for F1, a precision or a recall among those that these pairs tell apart.

        Args:
            labels: (N,) 0 or 1, both present.
            scores: (N,), any range.
            balance: What pairs of each label count.

        Returns:
            The threshold, and the figure that it reaches on these pairs. Where none reaches the goal it is the one
            that comes nearest. A precision needs ten pairs (or as many as there are positives) to be believed.
        """
        places, different, same = metrics.thresholds(labels, scores, balance)
        if self.kind == "f1":  # 2 · found / (positives + called the same)
            values = 2 * same / (same[0] + same + different)
            best = metrics.middle_of_best(values)
        elif self.kind == "recall":  # the highest threshold that still finds so many
            values = same / same[0]
            best = int(np.flatnonzero(self._reached(values))[-1])
        else:  # a precision: the lowest threshold that has it, of those that find enough pairs, as they are unweighted
            found = different / balance[0] + same / balance[1]
            enough = found >= min(FEWEST_FOUND, int(np.sum(labels))) - ROUNDING
            values = np.where(enough, same / np.maximum(same + different, ROUNDING), 0)
            reached = np.flatnonzero(self._reached(values))
            best = int(reached[0]) if len(reached) else metrics.middle_of_best(values)
        return float(places[best]), float(values[best])

    def check_reached(self, value: float) -> None:
        """Refuse a precision that ``search`` did not reach.

        Raises:
            BadData: It is above ``value``, which the message names.
        """
        if self.kind == "precision" and not self._reached(np.array([value])).all():
            best = math.floor(value * 1000) / 1000
            raise BadData(
                f"no threshold gives precision {self.value:g} on these pairs, the best is {best:.3f}; "
                f"ask for precision={best:.3f} or less, or give a better model"
            )

    def _reached(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        assert self.value is not None
        return values >= self.value - ROUNDING


_RANGES: dict[str, tuple[str, Callable[[float], bool]]] = {
    "precision": ("a number above 0 and at most 1", lambda value: 0 < value <= 1),
    "recall": ("a number above 0 and at most 1", lambda value: 0 < value <= 1),
    "cost": ("one or two numbers above 0", lambda value: 0 < value < math.inf),
    "threshold": ("a number", math.isfinite),
}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _ratio(text: str) -> float:
    """Return ``a:b`` as a / b, and ``a`` as it is."""
    above, colon, below = text.partition(":")
    divisor = _number(below) if colon else 1.0
    return _number(above) / divisor if 0 < divisor < math.inf else math.nan
