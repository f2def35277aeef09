"""Is one model better than another on these pairs, or was it luck? The paired bootstrap.

Both models are measured on the same resampled pairs, so what makes a sample easy or hard for both cancels out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.scoring import metrics

RESAMPLES = 2000
_CELLS = 2_000_000  # numbers in a block of draws: some 16 MB
Floats = NDArray[np.float64]
Draws = NDArray[np.int64]
Metric = Callable[[LabelledPredictions, Draws], Floats]


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the second model is above the first: its figure minus theirs, 95 % interval, two-sided p."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same pairs: their names, and the difference of each figure that both have, by its name."""

    first: str
    second: str
    differences: Mapping[str, Difference]


def compare(
    first: tuple[str, LabelledPredictions],
    second: tuple[str, LabelledPredictions],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two models on the same pairs by a paired bootstrap (Efron and Tibshirani 1993, chapter 16).

    Each resampled set gives a difference of each figure. The interval goes from their 2.5 % to their 97.5 % quantile; p
    is twice the share of differences on the rarer side of 0, counted with the observed one, so it is never 0.

    Args:
        first: Name and predictions of the model to compare with.
        second: Name and predictions, of the same pairs in the same order, of the other one.
        resamples: How many sets are drawn; those with a single label do not count.
        seed: The seed of the draws.

    Returns:
        Differences of ``ap`` and, where both models decide and for the same prior, ``accuracy``; of ``spearman`` for
        grades.

    Example:
        >>> labels = np.array([0.0, 1.0] * 20)
        >>> guesses = np.tile([0.1, 0.4, 0.9, 0.2], 10)
        >>> coin, oracle = LabelledPredictions(labels, guesses, guesses), LabelledPredictions(labels, labels, labels)
        >>> found = compare(("coin", coin), ("oracle", oracle)).differences["ap"]
        >>> found.low > 0, found.p < 0.05
        (True, True)
    """
    [found] = compare_all([(first[0], [first[1]]), (second[0], [second[1]])], resamples=resamples, seed=seed)
    return found


def compare_all(
    models: Sequence[tuple[str, Sequence[LabelledPredictions]]], *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Comparison]:
    """Compare each of several models with each one after it, as ``compare`` does, on the same resampled sets of pairs.

    A model may have been trained several times: its figure on a set is then the mean of the figures of its runs. So the
    interval says how far the difference of these means depends on the pairs; how far it depends on the seeds of the
    runs, the spread of their figures says.

    Args:
        models: The name of each model and the predictions of its runs, all of the same pairs in the same order.
        resamples: How many sets are drawn; those with a single label do not count.
        seed: The seed of the draws.

    Returns:
        A comparison for every two models, the earlier one as the first.

    Example:
        >>> labels = np.array([0.0, 1.0] * 20)
        >>> right, wrong = (LabelledPredictions(labels, scores, scores) for scores in (labels, 1 - labels))
        >>> [found] = compare_all([("mixed", [right, wrong]), ("right", [right, right])])
        >>> round(found.differences["ap"].value, 3)
        0.25
    """
    drawn = [_figures(runs, resamples, seed) for _, runs in models]
    comparisons = []
    for (at, (first, theirs)), (other, (second, ours)) in combinations(enumerate(models), 2):
        names = [name for name in drawn[at] if name in drawn[other]]
        if theirs[0].balance != ours[0].balance:  # decisions for another share of same pairs are other figures
            names = [name for name in names if name != "accuracy"]
        changes = {name: drawn[other][name] - drawn[at][name] for name in names}
        differences = {name: _difference(float(change[0]), change[1:]) for name, change in changes.items()}
        comparisons.append(Comparison(first, second, differences))
    return comparisons


def _figures(runs: Sequence[LabelledPredictions], resamples: int, seed: int) -> dict[str, Floats]:
    """Return a model's figures, means over its runs: (1 + R,), of the pairs as they are and then of each draw."""
    labels = runs[0].labels
    chosen: dict[str, Metric] = {"spearman": _spearmans} if runs[0].graded else {"ap": _aps}
    if all(run.right is not None for run in runs):
        chosen["accuracy"] = _accuracies
    values: dict[str, list[Floats]] = {name: [] for name in chosen}
    for draws in chain([np.arange(len(labels))[None]], _draws(labels, resamples, seed)):
        for name, metric in chosen.items():
            values[name].append(np.mean([metric(run, draws) for run in runs], axis=0))
    return {name: np.concatenate(blocks) for name, blocks in values.items()}


def _draws(labels: Floats, resamples: int, seed: int) -> Iterator[Draws]:
    """Yield blocks of draws (R, N): rows of pairs, with replacement, that hold more than one label."""
    random = np.random.default_rng(seed)
    size = len(labels)
    while resamples > 0:
        block = random.integers(0, size, (min(resamples, max(_CELLS // size, 1)), size))
        picked = labels[block]
        block = block[picked.min(axis=1) < picked.max(axis=1)]
        resamples -= len(block)
        yield block


def _difference(observed: float, drawn: Floats) -> Difference:
    """Return an observed difference with the interval and the p that (R,) resampled ones give."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    rarer = min(int(np.sum(drawn <= 0)), int(np.sum(drawn >= 0)))
    return Difference(observed, float(low), float(high), min(1.0, 2 * (rarer + 1) / (len(drawn) + 1)))


def _aps(predictions: LabelledPredictions, draws: Draws) -> Floats:
    """Return the average precision of each draw, (R,), from how often it holds each pair."""
    repeats, size = draws.shape
    # How often each draw holds each pair: a draw weighs the pairs, so they are sorted once for all draws.
    flat = draws + size * np.arange(repeats)[:, None]
    counts = np.bincount(flat.ravel(), minlength=repeats * size).reshape(repeats, size)
    # The pairs from the highest score down, and where a run of equal scores ends.
    order = np.argsort(-predictions.ranking, kind="stable")
    ranked = predictions.ranking[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # equal scores are found together
    counts = counts[:, order]
    # How many pairs, and how many of them the same, each draw has found there: each step gains its share of recall
    # times the precision.
    found = np.cumsum(counts, axis=1)[:, ends]  # (R, K)
    right = np.cumsum(counts * predictions.labels[order], axis=1)[:, ends]
    gains = np.diff(right, axis=1, prepend=0)
    aps: Floats = np.sum(gains * right / np.maximum(found, 1), axis=1) / right[:, -1]
    return aps


def _accuracies(predictions: LabelledPredictions, draws: Draws) -> Floats:
    """Return the accuracy of each draw, (R,), as its pairs count."""
    assert predictions.right is not None  # asked for where both models decide
    counts = predictions.counts[draws]
    shares: Floats = (predictions.right[draws] * counts).sum(axis=1) / counts.sum(axis=1)
    return shares


def _spearmans(predictions: LabelledPredictions, draws: Draws) -> Floats:
    """Return the rank correlation of each draw, (R,)."""
    return np.array([metrics.spearman(predictions.labels[rows], predictions.ranking[rows]) for rows in draws])
