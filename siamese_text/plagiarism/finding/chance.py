"""How much evidence the innocent pairs of a folder reach, and how much therefore is needed to count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEWEST_DOCUMENTS = 20  # fewer say too little of what chance does among them
# What folders of few short essays on one topic show: the evidence that a tenth of the pairs reach, and the scale of
# the tail above it, in nats.
_USUAL_HIGH, _USUAL_SCALE = 6.0, 3.0
_HIGH, _HIGHER = 0.9, 0.98  # the quantiles between which the scale is read off
_TRIMMED = 0.15  # of the pairs may be copies: nothing is learned from the strongest
# A class on one task may have read a text that is not in the folder: two who quote the same sentence of it without
# quotation marks have up to this in common, about 30 words that nobody else has.
_HANDED_OUT = 160.0
_ENOUGH = 200.0  # what no innocent pair reaches, for folders in which most copied from one another


def least_evidence(strongest: Sequence[float], documents: int, pairs: int, alarm: float) -> float:
    """Return the evidence that a passage needs in order to count.

    The evidence of the strongest passage of an innocent pair has about an exponential tail (Karlin and Altschul,
    "Methods for assessing the statistical significance of molecular sequence features", 1990). Its scale is read off
    between two quantiles of the folder's own pairs, without the strongest, and again without those that count by it,
    until these are the same; the tail is then followed to where no more than ``alarm`` pairs are expected. Where most
    pairs of documents have something in common, they may have it from a text that all were given.

    Args:
        strongest: The evidence of the strongest passage of each pair of documents that has any.
        documents: How many documents there are; below 20 the folder is taken to be like others.
        pairs: How many pairs of documents were compared.
        alarm: How many counted pairs are expected in a folder where nobody copied.

    Returns:
        Nats, at most 200.

    Example:
        >>> round(least_evidence([], documents=2, pairs=1, alarm=0.02), 1)
        10.8
    """
    if documents < FEWEST_DOCUMENTS:
        return _followed(_USUAL_HIGH, _USUAL_SCALE, pairs, alarm)
    every = np.sort(np.r_[np.zeros(max(0, pairs - len(strongest))), np.asarray(strongest, dtype=np.float64)])
    kept = every[: int(np.ceil((1 - _TRIMMED) * len(every)))]
    while True:
        high, higher = np.quantile(kept, [_HIGH, _HIGHER])
        scale = max(_USUAL_SCALE, float(higher - high) / float(np.log((1 - _HIGH) / (1 - _HIGHER))))
        least = _followed(max(_USUAL_HIGH, float(high)), scale, pairs, alarm)
        innocent = every[every <= least]
        if len(innocent) <= len(kept):
            break
        kept = innocent
    on_one_task = float(np.median(every)) > 0
    return min(_ENOUGH, max(least, _HANDED_OUT) if on_one_task else least)


def _followed(high: float, scale: float, pairs: int, alarm: float) -> float:
    """Follow the tail from the evidence that a tenth of the pairs reach to where ``alarm`` pairs are expected."""
    return high + scale * float(np.log(max(1.0, pairs * (1 - _HIGH) / alarm)))
