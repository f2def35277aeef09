"""Vectors of words: the mean of their tokens' states in the middle layer, at the places that the tokenizer gives."""

import numpy as np
import pytest
import torch

from siamese_text import text
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.encoder.words import word_vectors
from siamese_text.records import Span


@pytest.fixture(scope="module")
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu")


def spans_of(whole):
    return [word.span for word in text.words(whole)]


def test_a_word_is_the_mean_of_its_tokens(encoder):
    whole = "The cat, xyz!"  # [CLS] the cat , x ##y ##z ! [SEP]
    ids = encoder.tokenizer([whole]).ids
    with torch.inference_mode():
        hidden = encoder.transformer(input_ids=torch.tensor(ids), output_hidden_states=True).hidden_states
    states = hidden[1][0].numpy()  # of three: embeddings and two layers
    expected = np.stack([states[1], states[2], states[4:7].mean(axis=0)])
    np.testing.assert_allclose(word_vectors(encoder, whole, spans_of(whole)), expected, atol=1e-5)


def test_a_word_is_read_in_its_sentence(encoder):
    first, second = "the cat sleeps", "cat in water"
    cat = word_vectors(encoder, first, [Span(4, 7)]), word_vectors(encoder, second, [Span(0, 3)])
    assert np.abs(cat[0] - cat[1]).max() > 0.1


def test_what_is_not_read_is_zero(encoder):
    whole = "cat " * 200
    vectors = word_vectors(encoder, whole, spans_of(whole))
    assert vectors.shape == (200, 32)
    read = np.abs(vectors).sum(axis=1) > 0
    assert read.tolist() == [True] * 126 + [False] * 74  # 128 tokens less the two around a text
    assert word_vectors(encoder, "cat", []).shape == (0, 32)


def test_a_letter_that_grows_in_lower_case_moves_no_place(encoder):
    encoder.tokenizer.lower_case = True
    try:
        whole = "İİİ cat"
        vectors = word_vectors(encoder, whole, [Span(4, 7)])
        assert np.abs(vectors).sum() > 0
        with torch.inference_mode():
            ids = encoder.tokenizer.tokenizer("İİİ cat")["input_ids"]
            hidden = encoder.transformer(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
        np.testing.assert_allclose(vectors[0], hidden[1][0, -2].numpy(), atol=1e-5)
    finally:
        encoder.tokenizer.lower_case = False


def test_a_model_in_training_stays_in_training(encoder):
    encoder.train()
    try:
        twice = [word_vectors(encoder, "the cat", [Span(4, 7)]) for _ in range(2)]
        assert encoder.training
        np.testing.assert_array_equal(*twice)  # without dropout
    finally:
        encoder.eval()
