"""The raw scores of pairs, and how a blend of them that serves several data sets weighs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import FloatArray
from siamese_text.scoring.calibration import fit_logistic

ScoreName = Literal["similarity", "details", "head", "alignment", "blend"]
SINGLE: tuple[ScoreName, ...] = ("similarity", "head", "alignment")
SEEN = (0.01, 0.99)  # quantiles of the shares of common words that a blend was fitted on


@dataclass(frozen=True, slots=True)
class Scores:
    """The raw scores of N pairs, each (N,): the similarity and, from a model with heads, the log-odds of each head.

    ``lexical``, (N, 3) float32, is what the words of both sides say of them (see ``lexical_features``). Nothing decides
    by it alone: ``BlendWeights`` reads it beside the scores. ``details``, (N, 7) float32, is how far both sides differ
    in each of ``DETAILS``; the score of that name weighs it beside the single scores. ``unknown``, (N,) float32 in
    [0, 1], is the share of their words that the model does not know (``unknown_share``), 1 where the two differ beyond
    what it reads (``unread_difference``); None where nobody can say.
    """

    similarity: FloatArray
    head: FloatArray | None = None
    alignment: FloatArray | None = None
    lexical: FloatArray | None = None
    details: FloatArray | None = None
    unknown: FloatArray | None = None

    @property
    def single(self) -> dict[ScoreName, FloatArray]:
        """The scores that the model has, by name."""
        return {name: values for name in SINGLE if (values := getattr(self, name)) is not None}

    @property
    def names(self) -> tuple[ScoreName, ...]:
        """The decisions that these scores allow."""
        return (*self.single, *self.weighed)

    @property
    def weighed(self) -> tuple[ScoreName, ...]:
        """The decisions that weigh several values, as labels say."""
        details: tuple[ScoreName, ...] = () if self.details is None else ("details",)
        return (*details, "blend") if len(self.single) > 1 else details

    def take(self, rows: NDArray[Any]) -> Scores:
        """Return the scores of some rows."""
        return Scores(**{name: values[rows] for name, values in self._known.items()})

    @classmethod
    def joined(cls, parts: Iterable[Scores]) -> Scores:
        """Return the scores of several sets of pairs, all with the same ones, one after the other."""
        known = [part._known for part in parts]
        return cls(**{name: np.concatenate([each[name] for each in known]) for name in known[0]})

    def columns(self, score: ScoreName, blend: BlendWeights | None = None) -> NDArray[np.float64]:
        """Return what a decision on ``score`` reads, float64: (N, 1), or (N, C) where several values are weighed.

        All rise with how alike the sides are: of ``details``, which tell them apart, the negatives.
        """
        if blend is not None:
            return blend.apply(self)[:, None]
        if score == "details":
            assert self.details is not None  # who asks for this score has it
            return np.hstack([np.stack(tuple(self.single.values()), axis=1), -self.details]).astype(np.float64)
        chosen = tuple(self.single.values()) if score == "blend" else (self.single[score],)
        return np.stack(chosen, axis=1).astype(np.float64)

    @property
    def _known(self) -> dict[str, FloatArray]:
        every = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: values for name, values in every.items() if values is not None}


LabelledScores = tuple[NDArray[np.integer[Any]], Scores]  # (N,) 0 or 1, and the scores of the same pairs


@dataclass(frozen=True, slots=True)
class BlendWeights:
    """How a blend weighs its C scores by the words of a pair: the share o of those in common, and their order.

        m = Σ_k (a_k · (1 − o) + b_k · o) · score_k + e · same + c · o + d · o² + f · o² · moved

    A high similarity says little where all words are the same and only their order can tell; the alignment head sees
    the order, and knows little where no word is the same. ``moved`` is 1 where the words in common come in another
    order, which few writers do without a reason; ``same`` where both texts are the same words in the same order.

    Attributes:
        factors: a for each score, b for each score, e, c, d and f; no a, b or e is negative.
        seen: The least and the largest o that it was fitted on; beyond them o counts as these, and nothing is guessed.

    Example:
        >>> blend = BlendWeights((2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (0.0, 1.0))
        >>> lexical = np.float32([[0, 0, 0], [1, 1, 0]])
        >>> blend.apply(Scores(np.float32([0.5, 0.5]), alignment=np.float32([3, 3]), lexical=lexical)).tolist()
        [1.0, 2.0]
    """

    factors: tuple[float, ...]
    seen: tuple[float, float]

    def apply(self, scores: Scores) -> NDArray[np.float64]:
        """Return m of N pairs, (N,) float64."""
        blended: NDArray[np.float64] = blend_columns(scores, self.seen) @ np.array(self.factors)
        return blended

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> BlendWeights:
        """Build the weights of a blend from their attributes as plain values."""
        low, high = map(float, values["seen"])
        return cls(tuple(map(float, values["factors"])), (low, high))


def blend_columns(scores: Scores, seen: tuple[float, float]) -> NDArray[np.float64]:
    """Return what the factors of a blend multiply, (N, 2 C + 4) float64; the last three may lower the result."""
    assert scores.lexical is not None  # a model with heads always has it
    every = scores.columns("blend")
    common, moved, same = scores.lexical.astype(np.float64).T[..., None]  # (N, 1) each
    common = np.clip(common, *seen)
    return np.hstack([every * (1 - common), every * common, same, common, common**2, common**2 * moved])


def pooled(sets: Sequence[LabelledScores]) -> tuple[NDArray[np.integer[Any]], Scores, NDArray[np.float64]]:
    """Return labels and scores of all pairs of several sets, and what each counts so that every set counts the same.

    A pair counts 1 on average.
    """
    sizes = [len(labels) for labels, _ in sets]
    counts = np.repeat([sum(sizes) / len(sets) / size for size in sizes], sizes)
    return np.concatenate([labels for labels, _ in sets]), Scores.joined(scores for _, scores in sets), counts


def fit_blend_weights(sets: Sequence[LabelledScores]) -> BlendWeights:
    """Fit how the scores of a blend are weighted so that one threshold serves the pairs of every data set.

    One logistic regression of all sets, each with the same weight, however many pairs it has. A constant for each set
    would rank its pairs better, but a pair that is to be decided about does not say which set it is of; the
    words that its sides have in common say nearly as much.

    Args:
        sets: Labels, both present, and scores of each data set; all with the same scores, and with lexical features.

    Returns:
        The blend.

    Example:
        >>> scores = Scores(np.float32([0.1, 0.2, 0.8, 0.9]), alignment=np.float32([1, 1, -1, -1]),
        ...     lexical=np.float32([[0, 0, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]]))
        >>> factors = fit_blend_weights([(np.array([0, 0, 1, 1]), scores)]).factors
        >>> similar, aligned = np.array(factors[:4]).reshape(2, 2).T
        >>> bool(similar.min() > 0), bool(aligned.max() == 0)
        (True, True)
    """
    labels, scores, counts = pooled(sets)
    assert scores.lexical is not None  # a model with heads always has it
    # Few pairs share hardly any word, or all of them: what is beyond these quantiles counts as lying on them.
    low, high = (float(value) for value in np.quantile(scores.lexical[:, 0], SEEN))
    factors, _ = fit_logistic(labels, blend_columns(scores, (low, high)), counts, free=3)
    return BlendWeights(tuple(factors.tolist()), (low, high))
