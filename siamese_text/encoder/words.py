"""Vectors of words in their sentence, from hidden states of the transformer: to align the words of two texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from siamese_text.encoder.encoder import Encoder
from siamese_text.records import FloatArray, Span


def word_vectors(encoder: Encoder, text: str, spans: Sequence[Span]) -> FloatArray:
    """Return the mean hidden state of the tokens of each word, from the middle layer.

    There words that mean the same in their sentences are nearest: below it a word knows little of its sentence, above
    it all words have become alike (Jalili Sabet et al. 2020 found the same for words of two languages).

    Args:
        encoder: With a tokenizer that knows where its tokens stand (``is_fast``).
        text: The whole text, so that each word is read in its context.
        spans: W places in it.

    Returns:
        (W, D) float32; zeros for a word of which the model reads nothing, such as one behind its longest text.
    """
    tokenizer = encoder.tokenizer
    read = "".join(_lower(letter) for letter in text) if tokenizer.lower_case else text
    tokens = tokenizer.tokenizer(
        read, truncation=True, max_length=tokenizer.max_length, return_offsets_mapping=True, return_tensors="pt"
    )
    places = tokens["offset_mapping"][0].numpy()  # (T, 2); the tokens around a text have empty ones
    training = encoder.training
    encoder.eval()
    with torch.inference_mode():
        hidden = encoder.transformer(
            input_ids=tokens["input_ids"].to(encoder.device),
            attention_mask=tokens["attention_mask"].to(encoder.device),
            output_hidden_states=True,
        ).hidden_states
    encoder.train(training)
    states = hidden[len(hidden) // 2][0].float().cpu().numpy()  # (T, D)
    starts, ends = np.array([(span.start, span.end) for span in spans], dtype=np.int64).reshape(-1, 2).T[:, :, None]
    inside = ((places[:, 0] < ends) & (places[:, 1] > starts)).astype(np.float32)  # (W, T)
    vectors: FloatArray = inside @ states / np.maximum(inside.sum(axis=1, keepdims=True), 1)
    return vectors


def _lower(letter: str) -> str:
    """Return a letter in lower case where that keeps the places of all others."""
    return letter.lower() if len(letter.lower()) == 1 else letter
