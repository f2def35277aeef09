"""What scores of classes weigh, so that their sum is log-probabilities that come true.

    P(c | x) ∝ exp(Σ_j w_j s_jc(x)),   w_j ≥ 0

The weights maximise the likelihood of held-out examples (stacking, Wolpert 1992; of one score it is temperature
scaling, Guo et al. 2017): each example is scored by a fit that has not seen it. A pull towards weights that served
elsewhere decides where there are few examples or none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siamese_text.estimators.class_scores import Classes, fit_scores
from siamese_text.records import FloatArray

FOLDS = 5
FEWEST_FOLDS = 3  # with two examples a class, folds of one would be weighed, whose scores are far smaller
PULL = 0.5  # what a weight of half or twice the usual one costs, in natural units of log-likelihood
MOST_WORK = 10**7  # examples times classes: beyond, folds take minutes and the usual weights are taken
USUAL = {  # near what is likeliest on Banking77 with one example a class, with and without names
    ("prototype",): (15.0,),
    ("nearest",): (15.0,),
    ("logistic",): (2.6,),
    ("logistic", "discriminant"): (2.1, 4.0),
}


def fit_weights(
    kinds: Sequence[str], examples: FloatArray, classes: Classes, names: FloatArray, names_of: Classes
) -> NDArray[np.float64]:
    """Fit what each kind of score weighs.

    Args:
        kinds: The kinds of scores.
        examples: (N, D) vectors.
        classes: (N,) the class of each.
        names: (M, D) vectors that stand for classes besides; they are no examples and never held out.
        names_of: (M,) the class of each.

    Returns:
        (len(kinds),) positive weights.
    """
    usual = np.array(USUAL[tuple(kinds)])
    fold_of = _folds(classes)
    folds = fold_of.max(initial=0) + 1
    total = max(classes.max(initial=-1), names_of.max(initial=-1)) + 1
    if folds < FEWEST_FOLDS or len(examples) * total > MOST_WORK:
        return usual
    held_out, truth = [], []
    for fold in range(folds):
        out = fold_of == fold
        references = np.concatenate([examples[~out], names])
        scores, of = held_out_scores(
            kinds, references, np.concatenate([classes[~out], names_of]), examples[out], classes[out], total
        )
        held_out.append(scores)
        truth.append(of)
    return most_likely(np.concatenate(held_out, axis=1), np.concatenate(truth), usual)


def held_out_scores(
    kinds: Sequence[str], references: FloatArray, of: Classes, held_out: FloatArray, truth: Classes, total: int
) -> tuple[NDArray[np.float64], Classes]:
    """Score examples by a fit that has not seen them.

    Args:
        kinds: The kinds of scores.
        references: (R, D) vectors that the fit sees.
        of: (R,) the class of each, of C = ``total``.
        held_out: (N, D) vectors that it does not.
        truth: (N,) the class of each.
        total: How many classes there are.

    Returns:
        (J, M, C) float64, −∞ for a class without a reference; and (M,) the classes of those M whose class has one.
    """
    known, places = np.unique(of, return_inverse=True)
    among = np.isin(truth, known) if len(known) > 1 else np.zeros(len(truth), bool)
    scores = np.full((len(kinds), int(among.sum()), total), -np.inf)
    if among.any():
        for number, kind in enumerate(kinds):
            scores[number][:, known] = fit_scores(kind, references, places).scores(held_out[among])
    return scores, truth[among]


def probabilities(weights: NDArray[np.float64], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the (N, C) probabilities of (J, N, C) scores, each row of which adds up to 1."""
    z = np.tensordot(weights, scores.astype(np.float64), axes=1)
    z = np.exp(z - z.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = z / z.sum(axis=1, keepdims=True)
    return shares


def _folds(classes: Classes) -> Classes:
    """Return the fold of each example: those of a class take turns, so that each fold has some of every class."""
    fold_of = np.zeros(len(classes), dtype=np.int64)
    sizes = np.bincount(classes) if len(classes) else np.zeros(1, dtype=np.int64)
    for each in range(len(sizes)):
        fold_of[classes == each] = np.arange(sizes[each]) % FOLDS
    return fold_of


def most_likely(scores: NDArray[np.float64], truth: Classes, usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights under which (J, N, C) scores make the true classes likeliest, drawn towards the usual ones."""
    if not len(truth):
        return usual
    from scipy.optimize import minimize

    scores = np.where(np.isfinite(scores), scores, scores[np.isfinite(scores)].min() - 100)  # a class not known there
    of_truth = scores[:, np.arange(len(truth)), truth]

    def loss(logarithms: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = usual * np.exp(logarithms)
        shares = probabilities(weights, scores)
        value = -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-300)).sum()
        slope = (np.einsum("nc,jnc->j", shares, scores) - of_truth.sum(axis=1)) * weights
        pull = PULL / np.log(2) ** 2
        return float(value + pull * (logarithms**2).sum()), slope + 2 * pull * logarithms

    best = minimize(loss, np.zeros(len(usual)), jac=True, method="L-BFGS-B", bounds=[(-5, 5)] * len(usual))
    fitted: NDArray[np.float64] = usual * np.exp(best.x)
    return fitted
