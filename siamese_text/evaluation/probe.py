"""How a model takes minimal pairs: family by family, look-alikes against rewordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siamese_text.evaluation.evaluation import Interval
from siamese_text.evaluation.labelled_predictions import LabelledPredictions, label_predictions
from siamese_text.protocols import EncodesTokens, Progress
from siamese_text.records import Pair
from siamese_text.scoring import metrics
from siamese_text.scoring.decision import describe_pairs
from siamese_text.scoring.pair_classifier import PairClassifier

ALL = "all"
FEWEST_OF_FAMILY = 20  # pairs: of fewer a figure says little
RESAMPLES = 500
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ProbeFigures:
    """The figures of one model on one family of minimal pairs; what cannot be measured is None.

    Attributes:
        family: Its name, or ``all``.
        label: 1 of rewordings, 0 of look-alikes, None of ``all``.
        pairs: How many there are.
        misranked: How often, in [0, 1], a look-alike is scored above a rewording, a tie counting one half: of the same
            sentence where it has any, else of all sentences.
        best_accuracy: The accuracy in [0, 1] that the best threshold for this family reaches against all pairs of the
            other label, both labels counting the same.
        wrong: How many pairs the model's own threshold gets wrong; None where it has none.
        intervals: 95 % intervals of ``misranked`` and ``best_accuracy``, by a bootstrap of sentences, and of ``wrong``
            as a share (Wilson 1927), by name.
    """

    family: str
    label: int | None
    pairs: int
    misranked: float | None = None
    best_accuracy: float | None = None
    wrong: int | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def wrong_share(self) -> float | None:
        """The share of pairs, in [0, 1], that the model's own threshold gets wrong."""
        return self.wrong / self.pairs if self.wrong is not None and self.pairs else None

    @property
    def few(self) -> bool:
        """Whether there are too few pairs for the figures to mean much."""
        return self.pairs < FEWEST_OF_FAMILY


@dataclass(frozen=True, eq=False)
class _Probed:
    """N scored pairs: labels, scores and the number of each pair's sentence, (N,), and (R, N) how often each is drawn.

    The first row of ``counts`` is the pairs as they are, so that a figure and its interval come of one sum.
    """

    labels: NDArray[np.int64]
    scores: Floats
    sentences: NDArray[np.int64]
    counts: Floats


def probe_figures(
    predictions: LabelledPredictions,
    families: Sequence[str],
    sentences: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[ProbeFigures]:
    """Measure a model on minimal pairs.

    Args:
        predictions: What the model predicts of N pairs, with their labels.
        families: The family of each pair; all pairs of one family have one label.
        sentences: The sentence that each pair was made of.
        resamples: How many sets of sentences the bootstrap draws.
        seed: The seed of the draws.

    Returns:
        The figures of each family, in the order of first places, and those of all pairs.
    """
    labels = predictions.labels.astype(np.int64)
    numbers = np.unique(np.array(sentences), return_inverse=True)[1]
    probed = _Probed(labels, predictions.ranking, numbers, _draws(numbers, resamples, seed))
    kinds = np.array(families)
    errors = predictions.errors
    figures = []
    for family in dict.fromkeys(families):
        rows = kinds == family
        figures.append(_measure(family, int(labels[rows][0]), rows, probed, errors))
    return [*figures, _measure(ALL, None, np.ones(len(labels), dtype=np.bool_), probed, errors)]


def probe_classifier(
    pairs: Sequence[Pair],
    classifier: PairClassifier,
    encoder: EncodesTokens,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[LabelledPredictions, list[ProbeFigures]]:
    """Show minimal pairs to a model, and measure how it takes them.

    Args:
        pairs: N pairs with labels, the name of the family as their kind, made of the first side.
        classifier: The heads and the decision of the model.
        encoder: Its encoder.
        seed: The seed of the bootstrap.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        What the model predicts of each pair, and the figures of ``probe_figures``.
    """
    labels, described = describe_pairs("minimal pairs", pairs)
    scores = classifier.scores([pair.sides for pair in pairs], encoder, progress)
    predictions = label_predictions(labels, scores, classifier.decision, described)
    families, sentences = [pair.kind for pair in pairs], [pair.sentence1 for pair in pairs]
    return predictions, probe_figures(predictions, families, sentences, seed=seed)


def _draws(sentences: NDArray[np.int64], resamples: int, seed: int) -> Floats:
    """Return how often each pair counts, (1 + R, N): once, and then as often as its sentence is drawn."""
    size = int(sentences.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)
    counts: Floats = np.vstack([np.ones(size), drawn])[:, sentences]
    return counts


def _measure(
    family: str, label: int | None, rows: NDArray[np.bool_], probed: _Probed, errors: NDArray[np.bool_] | None
) -> ProbeFigures:
    """Measure one family against all pairs of the other label, or all look-alikes against all rewordings."""
    own = rows & (probed.labels == (label or 0))
    other = probed.labels != (label or 0)
    values: dict[str, float] = {}
    intervals: dict[str, Interval] = {}
    if own.any() and other.any():
        figures = {"misranked": _misranked(probed, own, other), "best_accuracy": _best(probed, own | other)}
        for name, drawn in figures.items():
            values[name] = float(drawn[0])
            low, high = np.nanquantile(drawn[1:], [0.025, 0.975])
            intervals[name] = float(low), float(high)
    wrong, pairs = None, int(rows.sum())
    if errors is not None:
        wrong = int(np.sum(errors[rows]))
        low, high = metrics.wilson_interval(np.array([wrong / pairs]), np.array([pairs]))
        intervals["wrong"] = float(low[0]), float(high[0])
    return ProbeFigures(family, label, pairs, wrong=wrong, intervals=intervals, **values)


def _misranked(probed: _Probed, own: NDArray[np.bool_], other: NDArray[np.bool_]) -> Floats:
    """Return how often look-alike and rewording are scored the wrong way round, (1 + R,)."""
    above = np.sign(probed.scores[own][:, None] - probed.scores[other][None, :])
    if probed.labels[own][0] == 1:  # a rewording is to be above
        above = -above
    wrong = (above + 1) / 2
    same_sentence = probed.sentences[own][:, None] == probed.sentences[other][None, :]
    counts, others = probed.counts[:, own], probed.counts[:, other]
    with np.errstate(invalid="ignore"):  # a draw may hold no pair of one side: nan, which no quantile counts
        of_each = others @ wrong.T / others.sum(axis=1, keepdims=True)
        has_own = same_sentence.any(axis=1)
        of_each[:, has_own] = (wrong * same_sentence).sum(axis=1)[has_own] / same_sentence.sum(axis=1)[has_own]
        shares: Floats = (counts * of_each).sum(axis=1) / counts.sum(axis=1)
    return shares


def _best(probed: _Probed, rows: NDArray[np.bool_]) -> Floats:
    """Return the accuracy at the best threshold, both labels counting the same, (1 + R,)."""
    order = np.argsort(probed.scores[rows], kind="stable")
    scores, labels = probed.scores[rows][order], probed.labels[rows][order]
    counts = probed.counts[:, rows][:, order]
    with np.errstate(invalid="ignore"):
        different, same = (
            np.cumsum(counts * (labels == label), axis=1) / (counts * (labels == label)).sum(axis=1, keepdims=True)
            for label in (0, 1)
        )
    # Called different is what lies up to a place; of equal scores all lie on one side of it.
    ends = np.append(scores[1:] != scores[:-1], True)
    right = (different + 1 - same)[:, ends] / 2
    best: Floats = np.maximum(right.max(axis=1), 0.5)
    return best
