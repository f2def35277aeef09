"""The alignment head: what each token finds on the other side, compared and added up, in matrices for numpy.

Each side is still read alone, so its tokens can be stored; only this small head sees both. The mean of a text's tokens
forgets which word stands in which role; a token remembers its own, and shows it when it is laid beside its like.

    s_ij = scale · a_i · b_j                       a, b: the projected tokens of the two sides, of unit length
    â_i = Σ_j softmax_j(s_ij) b_j                  what token i finds on the other side
    f_i = relu(C [√d |a_i − â_i|, √d a_i · â_i])   how well it fits
    log-odds = MLP [m + m', x + x', |m − m'|, |x − x'|]   m, x: mean and maximum of f over a side, ' of the other

Attend, compare, aggregate as in Parikh et al. 2016 (decomposable attention), on tokens that have read their own
sentence. Swapping the sentences cannot change the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import FloatArray
from siamese_text.scoring.heads.twin import Head, perceptron
from siamese_text.unit_rows import unit_rows

Flags = NDArray[np.bool_]
BLOCK_TOKENS = 2**14  # in the longer sides of the pairs that are compared at once


class AlignmentHead(Head):
    """A trained alignment head.

    Attributes:
        weights: ``project.weight`` (d, D), ``project.bias`` (d,), ``scale`` (), ``compare.weight`` (C, 2 d),
            ``compare.bias`` (C,), ``hidden.weight`` (H, 4 C), ``hidden.bias`` (H,), ``output.weight`` (1, H),
            ``output.bias`` (1,).
    """

    FILE = "alignment_head.safetensors"
    NAMES = (
        "project.weight",
        "project.bias",
        "scale",
        "compare.weight",
        "compare.bias",
        "hidden.weight",
        "hidden.bias",
        "output.weight",
        "output.bias",
    )

    def project(self, tokens: FloatArray) -> FloatArray:
        """Return the (T, D) tokens of a text as the head compares them: (T, d) float32 of unit length."""
        return unit_rows(tokens @ self.weights["project.weight"].T + self.weights["project.bias"])

    def logits(self, left: Sequence[FloatArray], right: Sequence[FloatArray]) -> FloatArray:
        """Return (N,) float32 log-odds that two texts say the same, given N projected texts a side, each (T, d)."""
        # Pairs of like length are compared at once, as many as the block takes when padded to the longest of them.
        longest = [max(len(a), len(b)) for a, b in zip(left, right, strict=True)]
        order = np.argsort(longest, kind="stable")
        logits = np.empty(len(order), dtype=np.float32)
        start = 0
        while start < len(order):
            rows = order[start : start + max(1, BLOCK_TOKENS // longest[order[start]])]
            rows = rows[: max(1, BLOCK_TOKENS // longest[rows[-1]])]
            logits[rows] = self._block([left[row] for row in rows], [right[row] for row in rows])
            start += len(rows)
        return logits

    def _block(self, left: Sequence[FloatArray], right: Sequence[FloatArray]) -> FloatArray:
        """Return the (B,) log-odds of some pairs, padded to one length a side."""
        (a, in_a), (b, in_b) = _padded(left), _padded(right)
        scores = self.weights["scale"] * (a @ b.transpose(0, 2, 1))  # (B, A, T)
        found_in_b = _softmax(scores, in_b[:, None, :]) @ b  # (B, A, d)
        found_in_a = _softmax(scores.transpose(0, 2, 1), in_a[:, None, :]) @ a  # (B, T, d)
        mean, most = self._compared(a, found_in_b, in_a)
        other_mean, other_most = self._compared(b, found_in_a, in_b)
        features = (mean + other_mean, most + other_most, abs(mean - other_mean), abs(most - other_most))
        return perceptron(np.concatenate(features, axis=1), self.weights)

    def _compared(self, tokens: FloatArray, found: FloatArray, real: Flags) -> tuple[FloatArray, FloatArray]:
        """Return mean and maximum, each (B, C), of how well the tokens of a side fit what they found."""
        scale = np.float32(tokens.shape[2] ** 0.5)
        pairs = np.concatenate([scale * abs(tokens - found), scale * tokens * found], axis=2)  # (B, T, 2 d)
        fits = np.maximum(pairs @ self.weights["compare.weight"].T + self.weights["compare.bias"], 0)  # (B, T, C)
        fits *= real[:, :, None]
        return fits.sum(axis=1) / real.sum(axis=1, keepdims=True, dtype=np.float32), fits.max(axis=1)


def _padded(texts: Sequence[FloatArray]) -> tuple[FloatArray, Flags]:
    """Return (B, T, d) float32 padded with zeros, and (B, T) which of them are real."""
    lengths = np.array([len(text) for text in texts])
    real = np.arange(lengths.max()) < lengths[:, None]
    padded = np.zeros((*real.shape, texts[0].shape[1]), dtype=np.float32)
    padded[real] = np.concatenate(texts)
    return padded, real


def _softmax(scores: FloatArray, real: Flags) -> FloatArray:
    """Return shares of the real places of the last axis, which sum to 1."""
    scores = np.where(real, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares
