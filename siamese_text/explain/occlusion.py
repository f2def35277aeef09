"""Why a pair was decided so: the words that raise or lower its probability, and those of both sides that align.

What a word does is seen by leaving it out (Li et al. 2016). With z the log-odds of the texts a and b:

    c_i = z(a, b) − z(a without i, b)                           above 0: the word i raises the probability

Contributions do not add up. Without "dog" on one side two texts differ; without it on both they fit each other again.
So the words that decide are looked for together, with what two words of different sides do to each other:

    z(a without S, b without T) ≈ z − Σ_S c_i − Σ_T c_j + Σ_S Σ_T m_ij
    m_ij = z(a without i, b without j) − z + c_i + c_j

One after the other is taken that moves this z most against the decision (a greedy search, as of Zhou and Shah 2023).
Then the model is asked what it really says without them, and of a fifth of the words the fewest are kept that do nearly
all of it. All variants of a pair are scored in one call: they are made of L + R + 2 different texts, each of which is
encoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text import text
from siamese_text.records import FloatArray, Predictions, Span, Verdict
from siamese_text.unit_rows import unit_rows

Sides = tuple[str, str]
Floats = NDArray[np.float64]
Predict = Callable[[Sequence[Sides]], Predictions]
WordVectors = Callable[[str, Sequence[Span]], FloatArray]
Unit = Literal["log-odds", "similarity"]

MOST_PIECES = 64  # on a side: the words of a longer text are left out in runs, which bounds the cost
DECIDING_SHARE = 0.2  # of all words may count as those that decide
ENOUGH = 0.9  # of the farthest move that they were seen to make: what comes after it hardly matters
LEAST_COSINE = 0.5  # of two words that align
LEAST_PROBABILITY = 1e-13  # log-odds of about 30; 0 and 1 have none


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or in a long text a run of words, and what it does.

    Attributes:
        side: 0 for the first text, 1 for the second.
        span: Its place in that text.
        contribution: What the log-odds, or the similarity, lose without it: above 0 it raises them.
        change: The same of the probability; None where the model gives none.
    """

    side: int
    span: Span
    contribution: float
    change: float | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A word that decides, and what the model says without it and all those before it."""

    word: Word
    similarity: float
    probability: float | None
    same: bool | None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two words, by their places among those of their sides, each of which is the other's nearest."""

    left: int
    right: int
    cosine: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A prediction with its reasons.

    Attributes:
        sides: The two texts.
        similarity: How alike the sides are.
        probability: That the sides say the same; None where the model gives none.
        same: The decision; None where the model has none.
        unit: The unit of the contributions.
        words: The words of either side, in their order.
        run: How many words of either side are left out at once: 1 but for long texts.
        deciding: The fewest words found that carry the decision together, strongest first; at most
            a fifth of all, rounded, and at least one.
        cosines: (L, R) float32 between the words of both sides; empty where they were not compared.
        links: The words that align.
        verdict: The decision in a word; of an unsure one ``same`` is False.
    """

    sides: Sides
    similarity: float
    probability: float | None
    same: bool | None
    unit: Unit
    words: tuple[tuple[Word, ...], tuple[Word, ...]]
    run: tuple[int, int]
    deciding: tuple[Removal, ...]
    cosines: FloatArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    links: tuple[Link, ...] = ()
    verdict: Verdict | None = None

    def surface(self, word: Word) -> str:
        """Return a word as it is written."""
        return self.sides[word.side][word.span.start : word.span.end]

    @property
    def strongest(self) -> list[Word]:
        """The words of both sides, the largest contribution of either sign first."""
        return sorted((*self.words[0], *self.words[1]), key=lambda word: -abs(word.contribution))

    @property
    def carried(self) -> bool:
        """Whether the decision is less sure without the words that decide: else no few words carry it."""
        if not self.deciding:
            return False
        last = self.deciding[-1]
        now, without_them = self.similarity, last.similarity
        if self.probability is not None and last.probability is not None:
            now, without_them = self.probability, last.probability
        return without_them > now if self.same is False else without_them < now

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as plain values; sides are counted from 1, offsets in code points."""
        left, right = self.words
        return {
            "unit": self.unit,
            "words_in_a_run": list(self.run),
            "words": [self._word_json(word) | _effects(word) for word in (*left, *right)],
            "carried": self.carried,
            "deciding": [
                self._word_json(step.word)
                | {"similarity": step.similarity, "probability": step.probability}
                | {"same": step.same, "verdict": step.verdict}
                for step in self.deciding
            ],
            "links": [
                {
                    "left": self._word_json(left[link.left]),
                    "right": self._word_json(right[link.right]),
                    "cosine": link.cosine,
                }
                for link in self.links
            ],
            "cosines": np.round(self.cosines.astype(np.float64), 4).tolist(),
        }

    def _word_json(self, word: Word) -> dict[str, Any]:
        place = {"start": word.span.start, "end": word.span.end}
        return {"side": word.side + 1, **place, "text": self.surface(word)}


def explain_pair(pair: Sides, predict: Predict, *, word_vectors: WordVectors | None = None) -> Explanation:
    """Explain what a model says of a pair.

    Args:
        pair: The two texts.
        predict: Predicts N pairs of texts, as ``Scorer.predict`` does. Where it gives probabilities, their log-odds
            are explained, since near 0 and 1 a probability hardly moves; else the similarity is.
        word_vectors: Gives the (W, D) vectors of the words at W spans of a text; None aligns no words.

    Returns:
        The explanation. Without a decision, the words that carry a high similarity count as those that decide.

    Example:
        >>> shared = lambda pairs: Predictions(np.float32([len(set(a.split()) & set(b.split())) for a, b in pairs]))
        >>> explained = explain_pair(("a dog barks", "one dog barks"), shared)
        >>> [(explained.surface(word), word.contribution) for word in explained.words[0]]
        [('a', 0.0), ('dog', 1.0), ('barks', 1.0)]
    """
    (left, left_run), (right, right_run) = _pieces(pair[0]), _pieces(pair[1])
    variants = list(product(_each_left_out(pair[0], left), _each_left_out(pair[1], right)))
    predictions = predict(variants)
    shape = (len(left) + 1, len(right) + 1)
    values, probability = _values(predictions).reshape(shape), _reshaped(predictions.probability, shape)
    same = None if predictions.same is None else bool(predictions.same[0])
    words = _words(left, right, values, probability)
    every, against = (*words[0], *words[1]), -1 if same is not False else 1
    similarity = float(predictions.similarity[0])
    probable = None if probability is None else float(probability[0, 0])
    order = [every[place] for place in _deciding(values, against)]
    cosines = _cosines(pair, (left, right), word_vectors)
    return Explanation(
        sides=pair,
        similarity=similarity,
        probability=probable,
        same=same,
        unit="similarity" if probable is None else "log-odds",
        words=words,
        run=(left_run, right_run),
        deciding=_removals(pair, order, predict, similarity if probable is None else probable, against),
        cosines=cosines,
        links=align(cosines),
        verdict=predictions.verdicts[0],
    )


def without(whole: str, spans: Sequence[Span]) -> str:
    """Return a text less some spans and the white space before them.

    Args:
        whole: The text.
        spans: Parts of it that do not overlap, in any order.

    Returns:
        The rest; it begins with no white space.

    Example:
        >>> without("A dog, a cat.", [Span(2, 5), Span(7, 8)])
        'A, cat.'
    """
    kept, end = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        kept.append(whole[end : span.start].rstrip())
        end = span.end
    return ("".join(kept) + whole[end:]).lstrip() if spans else whole


def leave_out(pair: Sides, words: Sequence[Word]) -> Sides:
    """Return a pair of texts less some of their words."""
    left, right = ([word.span for word in words if word.side == side] for side in (0, 1))
    return without(pair[0], left), without(pair[1], right)


def align(cosines: FloatArray, least: float = LEAST_COSINE) -> tuple[Link, ...]:
    """Link the words that are each other's nearest (the "argmax" of Jalili Sabet et al. 2020).

    Args:
        cosines: (L, R) between the words of two sides.
        least: The smallest cosine of a link.

    Returns:
        The links in the order of the left words.

    Example:
        >>> align(np.float32([[0.9, 0.8], [0.7, 0.1]]))
        (Link(left=0, right=0, cosine=0.9),)
    """
    if not cosines.size:
        return ()
    nearest, back = cosines.argmax(axis=1), cosines.argmax(axis=0)  # (L,), (R,)
    return tuple(
        Link(left, int(right), round(float(cosines[left, right]), 4))
        for left, right in enumerate(nearest)
        if back[right] == left and cosines[left, right] >= least
    )


def deciding_limit(words: int) -> int:
    """Return how many of so many words may count as those that decide: a fifth, at least one."""
    return max(1, round(DECIDING_SHARE * words))


def _pieces(whole: str) -> tuple[list[Span], int]:
    """Return the spans that are left out one at a time, and how many words each of them holds at the most."""
    spans = [word.span for word in text.words(whole)]
    run = max(1, -(-len(spans) // MOST_PIECES))
    runs = [spans[at : at + run] for at in range(0, len(spans), run)]
    return [Span(words[0].start, words[-1].end) for words in runs], run


def _each_left_out(whole: str, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the text, and then the text without each of the spans."""
    yield whole
    for span in spans:
        yield without(whole, [span])


def _values(predictions: Predictions) -> Floats:
    """Return what is explained, (N,) float64: log-odds where there are probabilities, else similarities."""
    if predictions.probability is None:
        return predictions.similarity.astype(np.float64)
    inside = np.clip(predictions.probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    log_odds: Floats = np.log(inside) - np.log1p(-inside)
    return log_odds


def _reshaped(values: Floats | None, shape: tuple[int, int]) -> Floats | None:
    return None if values is None else values.reshape(shape)


def _words(
    left: Sequence[Span], right: Sequence[Span], values: Floats, probability: Floats | None
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Return the words with what each does alone: the first column and the first row of the grid of variants."""

    def lost(grid: Floats) -> list[float]:
        return [float(grid[0, 0] - value) for value in (*grid[1:, 0], *grid[0, 1:])]

    contributions = lost(values)
    changes = [None] * len(contributions) if probability is None else lost(probability)
    places = [(0, span) for span in left] + [(1, span) for span in right]
    words = [
        Word(side, span, contribution, change)
        for (side, span), contribution, change in zip(places, contributions, changes, strict=True)
    ]
    return tuple(words[: len(left)]), tuple(words[len(left) :])


def _deciding(values: Floats, against: int) -> list[int]:
    """Return the places, among the words of both sides, of those that together move z most against the decision.

    Args:
        values: (L + 1, R + 1) values without a word of the left side, of the right side, of both; first without none.
        against: -1 to lower the value, 1 to raise it.
    """
    # What each word does alone, and what two words of different sides do together beyond that.
    left, right = values.shape[0] - 1, values.shape[1] - 1
    effects = against * (values - values[0, 0])
    both = effects[1:, 1:] - effects[1:, :1] - effects[:1, 1:]  # (L, R)
    mutual = np.zeros((left + right, left + right))
    mutual[:left, left:], mutual[left:, :left] = both, both.T
    # Take the word with the largest gain; it changes by how much the words of the other side gain from then on.
    gains = np.concatenate([effects[1:, 0], effects[0, 1:]])  # (L + R,)
    order: list[int] = []
    while len(order) < min(deciding_limit(left + right), left + right):
        best = int(gains.argmax())
        if order and gains[best] <= 0:
            break
        order.append(best)
        gains += mutual[best]
        gains[best] = -np.inf
    return order


def _removals(pair: Sides, words: Sequence[Word], predict: Predict, before: float, against: int) -> tuple[Removal, ...]:
    """Ask what the model says when one word after the other is taken away, up to where nearly all has been moved.

    Args:
        pair: The two texts.
        words: To be taken away, in this order.
        predict: Asks the model.
        before: The probability of the pair, or its similarity where there is none.
        against: -1 where that is to fall, 1 where it is to rise.
    """
    if not words:
        return ()
    predictions = predict([leave_out(pair, words[:count]) for count in range(1, len(words) + 1)])
    moved = against * (
        (predictions.similarity if predictions.probability is None else predictions.probability) - before
    )
    enough, verdicts = int(np.argmax(moved >= ENOUGH * moved.max())), predictions.verdicts
    return tuple(
        Removal(
            word,
            float(predictions.similarity[at]),
            None if predictions.probability is None else float(predictions.probability[at]),
            None if predictions.same is None else bool(predictions.same[at]),
            verdicts[at],
        )
        for at, word in enumerate(words[: enough + 1])
    )


def _cosines(pair: Sides, spans: tuple[Sequence[Span], Sequence[Span]], word_vectors: WordVectors | None) -> FloatArray:
    if word_vectors is None or not (spans[0] and spans[1]):
        return np.zeros((0, 0), dtype=np.float32)
    left, right = (unit_rows(word_vectors(whole, places)) for whole, places in zip(pair, spans, strict=True))
    cosines: FloatArray = left @ right.T
    return cosines


def _effects(word: Word) -> dict[str, float | None]:
    return {"contribution": word.contribution, "probability_change": word.change}
