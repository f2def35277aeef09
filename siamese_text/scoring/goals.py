"""What a threshold is chosen for: accuracy, F1, a precision, a recall, the cost of errors; or it is given by hand.

A goal with ``>=`` or ``<=`` is a promise: it is to hold for pairs that nobody has seen (``guarantees``).
"""

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

SYNTAX = (
    "accuracy, f1, precision=0.95, recall=0.95, cost=FP:FN such as cost=5:1, threshold=0.7, or what is to hold for new "
    "pairs: precision>=0.95, recall>=0.95, fpr<=0.05"
)
CONFIDENCE = 0.95
FEWEST_FOUND = 10  # a precision of fewer pairs than this is luck
ROUNDING = 1e-9  # what sums of weights may be off by


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure that is to hold for new pairs: a least ``precision`` or ``recall``, or a largest ``fpr``.

    The last one, the false-positive rate, is the share of the different pairs that are called the same.
    """

    figure: str
    value: float

    @property
    def of_the_no(self) -> bool:
        """Whether it bounds which pairs may be called different, as a recall does; the others bound the yes."""
        return self.figure == "recall"

    def __str__(self) -> str:
        return f"{self.figure}{_SIGNS[self.figure]}{self.value:.12g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a decision is to be good at.

    Where probabilities are right, ``accuracy`` and ``cost`` are best at one cut: p ≥ 1/2, and p ≥ FP / (FP + FN) for
    the costs of a false positive and of a false negative (Elkan 2001). For the others the pairs that a decision is
    fitted on are searched: ``f1`` takes the highest; ``precision``, of all thresholds that have it, the one with the
    highest recall; ``recall``, of all that have it, the one with the highest precision. ``threshold`` is given by hand,
    in the similarity's unit. Promises hold together, with one confidence.

    Attributes:
        kind: One of the words above, or ``guarantee``.
        value: The precision, the recall, the threshold, or what a false positive costs where a false negative costs 1;
            of a guarantee its confidence.
        promises: What a guarantee promises.
    """

    kind: str = "accuracy"
    value: float | None = None
    promises: tuple[Promise, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a goal: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``, ``cost=FP:FN`` or ``threshold=X``.

        Args:
            text: As above; ``cost=5`` is ``cost=5:1``. Or one or more of ``precision>=P``, ``recall>=R`` and
                ``fpr<=F``, with a comma between them and ``confidence=C`` after them, by default 0.95.

        Raises:
            UsageError: It is none of these, or its number is out of range.

        Example:
            >>> str(Goal.read("cost=10:2")), Goal.read("precision=0.95").value
            ('cost=5:1', 0.95)
            >>> str(Goal.read("precision>=.9,recall>=.8"))
            'precision>=0.9, recall>=0.8, confidence=0.95'
        """
        if ">=" in text or "<=" in text:
            return cls._read_promises(text)
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

    @classmethod
    def _read_promises(cls, text: str) -> Self:
        promises, confidence = list[Promise](), None
        for part in text.replace(" ", "").split(","):
            figure, sign, number = part.partition(">=" if ">=" in part else "<=" if "<=" in part else "=")
            value = _number(number)
            if not 0 < value < 1:  # nor is NaN, which is no number
                raise UsageError(f"decide-at is '{text}'; each of its numbers lies between 0 and 1, as in {SYNTAX}")
            if (figure, sign) == ("confidence", "=") and confidence is None:
                confidence = value
            elif sign == _SIGNS.get(figure) and figure not in {promise.figure for promise in promises}:
                promises.append(Promise(figure, value))
            else:
                raise UsageError(f"decide-at is '{text}'; '{part}' is no promise, or one too many, as in {SYNTAX}")
        return cls("guarantee", confidence or CONFIDENCE, tuple(promises))

    def __str__(self) -> str:
        if self.promises:
            return ", ".join([*map(str, self.promises), f"confidence={self.value:.12g}"])
        if self.value is None:
            return self.kind
        return f"{self.kind}={self.value:.12g}" + (":1" if self.kind == "cost" else "")

    @property
    def by_hand(self) -> bool:
        """Whether the threshold itself is given."""
        return self.kind == "threshold"

    @property
    def may_be_unsure(self) -> bool:
        """Whether both the yes and the no are promised something, so that some pairs may get neither."""
        return len({promise.of_the_no for promise in self.promises}) > 1

    @property
    def error(self) -> float:
        """How probable it may be that a promise does not hold: all of them share what the confidence leaves."""
        assert self.value is not None
        return (1 - self.value) / len(self.promises)

    @property
    def cut(self) -> float | None:
        """The probability from which a pair is the same, where the goal alone says it."""
        if self.kind == "cost":
            assert self.value is not None
            return self.value / (1 + self.value)
        return 0.5 if self.kind == "accuracy" else None

    @property
    def figure(self) -> str:
        """The name of the figure that tells how far the goal is reached; of several promises the first."""
        if self.promises:
            return self.promises[0].figure
        return "accuracy" if self.by_hand else self.kind

    def measure(self, balance: metrics.Balance) -> Callable[..., float]:
        """Return the function of labels and decisions that gives this figure."""
        if self.figure in {"recall", "fpr"}:
            return metrics.recall if self.figure == "recall" else metrics.fpr  # the share of positives changes neither
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


_SIGNS: dict[str, str] = {"precision": ">=", "recall": ">=", "fpr": "<="}
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
