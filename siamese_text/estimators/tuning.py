"""An encoder trained on the examples of classes: whether it tells them better, by examples that it has not seen.

Both encoders, the one as it was and the trained one, read a text, and their vectors stand side by side: what training
forgets the other still knows. Measured on Banking77, with five examples a class, both together are right more often
than the trained one alone, and bear longer training.

A fifth of each class is held out. A classifier on the encoder as it was is asked for these; where fewer than five of
them are wrong nothing is trained, since so few do not tell whether it helps. Else a classifier on both encoders,
of which one was trained on the rest, is asked for them. Where that makes the true classes likelier, on average, and no
fewer answers right, the encoder is trained anew on all examples, and kept. What the scores weigh is fitted on the
held-out examples, too: those that an encoder was trained on lie nearer to their classes than new ones will, and their
probabilities would not come true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.estimators.class_names import moved_to
from siamese_text.estimators.class_scores import Classes
from siamese_text.estimators.class_weights import USUAL, held_out_scores, most_likely, probabilities
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

SHARE = 5  # one in so many examples of a class is held out, and one of fewer
MOST_HELD_OUT = 1000
FEWEST_WRONG = 5  # of the held-out examples, before: there must be something to gain
Train = Callable[[Sequence[str], Classes], Encodes]  # from texts with classes to an encoder trained on them


@dataclass(frozen=True, slots=True, eq=False)
class ClassTexts:
    """What stands for classes: N ``examples`` with their (N,) ``classes``, M ``names`` and the classes ``of`` these."""

    examples: Sequence[str]
    classes: Classes
    names: Sequence[str]
    of: Classes

    def only(self, rows: NDArray[np.int64]) -> ClassTexts:
        """Return the same with some of the examples."""
        return ClassTexts([self.examples[row] for row in rows], self.classes[rows], self.names, self.of)

    def train(self, train: Train) -> Encodes:
        """Train on examples and names."""
        return train([*self.examples, *self.names], np.concatenate([self.classes, self.of]))

    def references(self, encoder: Encodes) -> tuple[FloatArray, FloatArray]:
        """Return the unit vectors of examples, and of names moved to where the examples are."""
        vectors = unit_rows(encoder.encode([*self.examples, *self.names]))
        examples, names = vectors[: len(self.examples)], vectors[len(self.examples) :]
        return examples, moved_to(examples, self.classes, names, self.of) if len(names) else names


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two encoders as one, whose unit vectors are those of both, each scaled to weigh a half of any cosine."""

    first: Encodes
    second: Encodes

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D₁ + D₂) float32 embeddings of N texts, of unit length."""
        both = [unit_rows(encoder.encode(texts)) for encoder in (self.first, self.second)]
        vectors: FloatArray = (np.concatenate(both, axis=1) / np.sqrt(2)).astype(np.float32)
        return vectors


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """What training an encoder on examples came to.

    Attributes:
        encoder: The trained encoder, to stand beside the one that there was; None where that one is kept alone.
        weights: What the scores weigh on it; the usual weights where there is none.
        report: ``held_out``, how many examples were asked for; ``before`` and ``after``, each with the ``accuracy`` on
            them and the ``log_loss``; ``standard_error``, of the difference of the two losses; and ``kept``, ``before``
            or ``after``. Where nothing was trained there is no ``after``.
    """

    encoder: Encodes | None
    weights: NDArray[np.float64]
    report: Mapping[str, Any]


def tune(train: Train, encoder: Encodes, given: ClassTexts, kinds: Sequence[str]) -> Tuning:
    """Train an encoder on examples, and keep it if it tells held-out ones better.

    Args:
        train: Trains a copy of the encoder.
        encoder: The encoder as it is.
        given: The examples and names.
        kinds: The scores of the classifier.

    Returns:
        The encoder to use, with a report. Where no class has an example to spare, or too few are wrong, nothing can be
        told, and nothing is trained.
    """
    usual = np.array(USUAL[tuple(kinds)])
    held = held_out(given.classes)
    if not len(held):
        return Tuning(None, usual, {"held_out": 0, "kept": "before"})
    shown, asked = given.only(np.setdiff1d(np.arange(len(given.classes)), held)), given.only(held)
    before, losses, _ = _measure(encoder, shown, asked, kinds)
    if (1 - before["accuracy"]) * len(losses) < FEWEST_WRONG - 0.5:
        return Tuning(None, usual, {"held_out": len(losses), "before": before, "kept": "before"})
    after, losses_after, weights = _measure(SideBySide(encoder, shown.train(train)), shown, asked, kinds)
    gains = losses - losses_after
    error = float(gains.std() / np.sqrt(len(gains)))
    better = float(gains.mean()) > 0 and after["accuracy"] >= before["accuracy"]
    kept = "after" if better else "before"
    report = {"held_out": len(losses), "before": before, "after": after, "standard_error": error, "kept": kept}
    return Tuning(given.train(train), weights, report) if better else Tuning(None, usual, report)


def held_out(classes: Classes) -> NDArray[np.int64]:
    """Draw one in five examples of each class, one of a class with two to nine, none of one with a single example.

    Example:
        >>> held_out(np.array([0] * 12 + [1, 1, 2])).shape
        (3,)
    """
    random = np.random.default_rng(0)
    chosen = []
    for number in np.unique(classes):
        rows = random.permutation(np.flatnonzero(classes == number))
        if len(rows) > 1:
            chosen.extend(rows[: max(1, len(rows) // SHARE)].tolist())
    return np.sort(random.permutation(np.array(chosen, np.int64))[:MOST_HELD_OUT])


def _measure(
    encoder: Encodes, shown: ClassTexts, asked: ClassTexts, kinds: Sequence[str]
) -> tuple[dict[str, float], NDArray[np.float64], NDArray[np.float64]]:
    """Return accuracy and log-loss on the examples asked for, the loss of each, and the likeliest weights."""
    examples, names = shown.references(encoder)
    vectors = unit_rows(encoder.encode(asked.examples))
    total = int(max(shown.classes.max(initial=-1), asked.classes.max(), shown.of.max(initial=-1))) + 1
    references, of = np.concatenate([examples, names]), np.concatenate([shown.classes, shown.of])
    scores, truth = held_out_scores(kinds, references, of, vectors, asked.classes, total)
    weights = most_likely(scores, truth, np.array(USUAL[tuple(kinds)]))
    shares = probabilities(weights, np.where(np.isfinite(scores), scores, -1e3))
    losses = -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-12))
    accuracy = float((shares.argmax(axis=1) == truth).mean())
    return {"accuracy": accuracy, "log_loss": float(losses.mean())}, losses, weights
