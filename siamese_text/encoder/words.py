"""Vectors of words in their sentence, from hidden states of the transformer: to align the words of two texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siamese_text.encoder.base import TextEncoder
from siamese_text.records import FloatArray, Span


def word_vectors(encoder: TextEncoder, text: str, spans: Sequence[Span]) -> FloatArray:
    """Return the mean hidden state of the tokens of each word, from the middle layer.

    There words that mean the same in their sentences are nearest: below it a word knows little of its sentence, above
    it all words have become alike (Jalili Sabet et al. 2020 found the same for words of two languages).

    Args:
        encoder: With a tokenizer that knows where its tokens stand (``knows_places``).
        text: The whole text, so that each word is read in its context.
        spans: W places in it.

    Returns:
        (W, D) float32; zeros for a word of which the model reads nothing, such as one behind its longest text.
    """
    ids, places = encoder.tokenizer.places(text)  # (T, 2)
    states = encoder.word_states(encoder.tokenizer.padded([ids]))[0]  # (T, D)
    starts, ends = np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2).T[:, :, None]
    inside = ((places[:, 0] < ends) & (places[:, 1] > starts)).astype(np.float32)  # (W, T)
    vectors: FloatArray = inside @ states / np.maximum(inside.sum(axis=1, keepdims=True), 1)
    return vectors
