"""Is this text one that we know? References with an embedding each, and a threshold that keeps what it promises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from siamese_text.errors import BadExamples, UsageError
from siamese_text.estimators.base import TextEstimator
from siamese_text.records import FloatArray
from siamese_text.scoring import metrics
from siamese_text.scoring.calibration import fit_logistic, probability_of
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.guarantees import check_guarantee, guaranteed_thresholds
from siamese_text.search.top_k import top_k

Answer = Literal["accept", "reject", "unsure"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What is said of a text: the nearest reference, its cosine, and whether the text is the same as that one."""

    reference: str
    similarity: float
    probability: float | None
    answer: Answer


@dataclass(frozen=True, slots=True)
class Tried:
    """What texts whose reference is known showed.

    Attributes:
        genuine: How many are the same as the reference that is nearest to them.
        impostors: How many are the same as none, or as another one than the nearest.
        equal_error_rate: The share of both that is wrong at the threshold where the two shares are equal, in [0, 1].
        auroc: The probability that a genuine text is nearer to its reference than an impostor is to one.
        similarities: (N,) the cosine of each with its nearest reference.
        same: (N,) bool, whether that is its own.
    """

    genuine: int
    impostors: int
    equal_error_rate: float
    auroc: float
    similarities: FloatArray
    same: NDArray[np.bool_]


class Verifier(TextEstimator):
    """It keeps references and says whether a text is the same as one of them: accept, reject or unsure.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        false_accepts: The largest share of texts that match no reference and are accepted, as ``calibrate`` promises.
        false_rejects: The largest share of texts that match one and are rejected.
        confidence: How sure both promises are to be.
        column: The column of a DataFrame that holds the texts; by default its only one.

    Attributes:
        ids_: (n,) the names of the references.
        references_: Their n texts.
        vectors_: (n, D) float32, their embeddings, of unit length.
        accept_from_: The cosine from which on a text is accepted; None until ``calibrate`` sets it.
        reject_below_: The cosine below which it is rejected; between the two it is unsure.
        calibrated_for_: How many references there were then.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        false_accepts: float = 0.01,
        false_rejects: float = 0.05,
        confidence: float = 0.95,
        column: str | None = None,
    ) -> None:
        self.model = model
        self.false_accepts = false_accepts
        self.false_rejects = false_rejects
        self.confidence = confidence
        self.column = column

    def fit(self, X: Any, y: Any) -> Self:
        """Enrol references, and forget any that there were.

        Args:
            X: n texts.
            y: (n,) their names, each once.

        Returns:
            The verifier.

        Raises:
            BadExamples: A name stands twice, or is missing.
            UsageError: A text is empty.
        """
        self.ids_, self.references_ = np.array([], dtype=str), list[str]()
        self.vectors_ = np.zeros((0, 0), dtype=np.float32)
        self.accept_from_: float | None = None
        self.reject_below_: float | None = None
        self.calibrated_for_: int | None = None
        return self.enrol(X, y)

    def enrol(self, X: Any, ids: Any, *, replace: bool = False) -> Self:
        """Add references.

        Args:
            X: Texts.
            ids: Their names.
            replace: Whether a name that is there already gets the new text.

        Returns:
            The verifier.

        Raises:
            BadExamples: A name stands twice or is missing, or is there already and ``replace`` is False.
        """
        if not hasattr(self, "ids_"):
            return self.fit(X, ids)
        texts, names = self._texts(X), [str(name).strip() for name in ids]
        if len(names) != len(texts):
            raise BadExamples(f"there are {len(texts)} texts and {len(names)} names; give one name for each text")
        seen = set() if replace else set(self.ids_.tolist())
        for name in names:
            if not name:
                raise BadExamples("a reference has no name; give each one, such as a number")
            if name in seen:
                raise BadExamples(f"there is a reference '{name}' already; give another name, or remove that one first")
            seen.add(name)
        vectors = self._unit_vectors(texts)
        kept = ~np.isin(self.ids_, names)
        before = self.vectors_[kept] if len(self.ids_) else vectors[:0]
        self.references_ = [text for text, stays in zip(self.references_, kept, strict=True) if stays] + texts
        self.vectors_ = np.concatenate([before, vectors])
        self.ids_ = np.concatenate([self.ids_[kept], np.array(names)])
        return self

    def remove(self, ids: Sequence[str]) -> Self:
        """Remove references.

        Raises:
            BadExamples: There is none of that name; nothing is removed then.
        """
        check_is_fitted(self)
        unknown = [name for name in ids if name not in self.ids_]
        if unknown:
            raise BadExamples(f"there is no reference '{unknown[0]}'; there are {len(self.ids_):,}")
        kept = ~np.isin(self.ids_, list(ids))
        self.references_ = [text for text, stays in zip(self.references_, kept, strict=True) if stays]
        self.vectors_, self.ids_ = self.vectors_[kept], self.ids_[kept]
        return self

    def nearest(self, X: Any) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return the (N,) cosines of texts with their nearest reference, and the (N,) rows of these references.

        Raises:
            BadExamples: There are no references.
        """
        check_is_fitted(self)
        if not len(self.ids_):
            raise BadExamples("there is no reference to compare with; enrol one or more")
        scores, rows = top_k(self._unit_vectors(X), self.vectors_, 1)
        return scores[:, 0], rows[:, 0]

    def calibrate(self, X: Any, ids: Any) -> Tried:
        """Set the thresholds by texts whose reference is known.

        Both hold for new texts drawn like these, with the confidence asked for, and for the references as they are.

        Args:
            X: N texts, none of them a reference.
            ids: (N,) the name of the reference that each is the same as, empty or None where there is none.

        Returns:
            What the texts showed.

        Raises:
            BadData: The texts are too few for the promise about false accepts.
            BadExamples: No text matches its nearest reference, or all do.
            UsageError: A share is out of its range.
        """
        goal = self._goal()
        texts, names = self._texts(X), ["" if name is None else str(name).strip() for name in ids]
        if len(names) != len(texts):
            raise BadExamples(f"there are {len(texts)} texts and {len(names)} names; give one name, or none, for each")
        unknown = sorted(set(names) - {""} - set(self.ids_.tolist()))
        if unknown:
            raise BadExamples(f"there is no reference '{unknown[0]}'; enrol it first, or leave the name empty")
        similarities, rows = self.nearest(texts)
        same = self.ids_[rows] == np.array(names)
        if same.all() or not same.any():
            raise BadExamples(
                f"{int(same.sum())} of {len(same)} texts match their nearest reference; give some that do and some "
                "that match none"
            )
        labels = same.astype(np.int64)
        check_guarantee(Goal(goal.kind, goal.value, goal.promises[:1]), labels, similarities)
        accept, reject = guaranteed_thresholds(goal, labels, similarities)
        weights, bias = fit_logistic(labels, similarities[:, None].astype(np.float64))
        self.accept_from_, self.reject_below_ = accept, accept if reject is None else reject
        self.slope_, self.intercept_ = float(weights[0]), bias
        self.calibrated_for_ = len(self.ids_)
        rate, area = equal_error_rate(labels, similarities), metrics.roc_auc(labels, similarities)
        return Tried(int(same.sum()), int((~same).sum()), rate, area, similarities, same)

    def check(self, X: Any) -> list[Verified]:
        """Say of each text whether it is the same as the reference nearest to it.

        Raises:
            UsageError: ``calibrate`` has set no threshold.
        """
        similarities, rows = self.nearest(X)
        if self.accept_from_ is None or self.reject_below_ is None:
            raise UsageError("there is no threshold yet; calibrate with texts whose reference is known")
        shares = probability_of(self.slope_ * similarities.astype(np.float64) + self.intercept_)
        return [
            Verified(str(self.ids_[row]), cosine, share, self._answer(cosine))
            for row, cosine, share in zip(rows, similarities.tolist(), shares.tolist(), strict=True)
        ]

    def _answer(self, cosine: float) -> Answer:
        assert self.accept_from_ is not None and self.reject_below_ is not None
        return "accept" if cosine >= self.accept_from_ else "reject" if cosine < self.reject_below_ else "unsure"

    def _goal(self) -> Goal:
        for name in ("false_accepts", "false_rejects", "confidence"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise UsageError(f"{name} is {value}; give a share between 0 and 1")
        recall = 1 - self.false_rejects
        return Goal.read(f"fpr<={self.false_accepts!r}, recall>={recall!r}, confidence={self.confidence!r}")


def equal_error_rate(labels: NDArray[np.integer], scores: NDArray[np.floating]) -> float:
    """Return the error at the threshold where as large a share of either kind is wrong, between thresholds linearly.

    Args:
        labels: (N,) 0 or 1, both present.
        scores: (N,), larger = more alike.

    Returns:
        The rate in [0, 1].

    Example:
        >>> equal_error_rate(np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.5, 0.9]))
        0.5
    """
    _, different, same = metrics.thresholds(labels, scores)
    accepted, rejected = different / different[0], 1 - same / same[0]
    place = int(np.argmax(accepted <= rejected))  # the shares cross here or just before
    gap_before, gap = (accepted - rejected)[[max(place - 1, 0), place]]
    part = 0.0 if math.isclose(gap_before, gap) else gap_before / (gap_before - gap)
    before = max(place - 1, 0)
    return float(accepted[before] + part * (accepted[place] - accepted[before]))
