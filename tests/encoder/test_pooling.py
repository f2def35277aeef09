import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siamese_text.encoder.pooling import POOLINGS, check_modes, pool
from siamese_text.errors import UsageError

WIDTH = 3


def by_hand(tokens, mask, mode):
    """Pool one text, a list of token embeddings and a list of 0 and 1, in plain Python."""
    places = [place for place, real in enumerate(mask) if real]
    if mode in {"cls", "lasttoken"}:
        return tokens[places[0 if mode == "cls" else -1]]
    columns = [[tokens[place][dimension] for place in places] for dimension in range(WIDTH)]
    if mode == "max":
        return [max(column) for column in columns]
    if mode == "weightedmean":
        weights = [place + 1 for place in places]
        return [
            sum(weight * value for weight, value in zip(weights, column, strict=True)) / sum(weights)
            for column in columns
        ]
    divisor = len(places) if mode == "mean" else math.sqrt(len(places))
    return [sum(column) / divisor for column in columns]


@st.composite
def padded_texts(draw):
    """Token embeddings (B, T, D), and masks (B, T) whose real tokens stand in one row, after an excluded prompt."""
    batch, length = draw(st.integers(1, 4)), draw(st.integers(1, 7))
    numbers = st.floats(-8, 8, width=32)
    tokens = draw(arrays(np.float32, (batch, length, WIDTH), elements=numbers))
    mask = np.zeros((batch, length), dtype=np.int64)
    for row in mask:
        start = draw(st.integers(0, length - 1))
        row[start : draw(st.integers(start + 1, length))] = 1
    return tokens, mask


@pytest.mark.parametrize("mode", POOLINGS)
@settings(max_examples=50, deadline=None)
@given(texts=padded_texts())
def test_each_mode_is_its_formula_in_plain_python(mode, texts):
    tokens, mask = texts
    pooled = pool(torch.from_numpy(tokens), torch.from_numpy(mask), [mode])
    expected = [by_hand(row.tolist(), real.tolist(), mode) for row, real in zip(tokens, mask, strict=True)]
    np.testing.assert_allclose(pooled.numpy(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mode", POOLINGS)
@settings(max_examples=50, deadline=None)
@given(texts=padded_texts(), padding=st.integers(1, 5), garbage=st.floats(-1e4, 1e4, width=32))
def test_padding_never_matters(mode, texts, padding, garbage):
    tokens, mask = texts
    longer = np.pad(tokens, ((0, 0), (0, padding), (0, 0)), constant_values=garbage)
    longer_mask = np.pad(mask, ((0, 0), (0, padding)))
    short = pool(torch.from_numpy(tokens), torch.from_numpy(mask), [mode])
    long = pool(torch.from_numpy(longer), torch.from_numpy(longer_mask), [mode])
    np.testing.assert_allclose(long.numpy(), short.numpy(), rtol=1e-6, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(texts=padded_texts(), modes=st.permutations(list(POOLINGS)))
def test_several_modes_are_concatenated_in_the_order_given(texts, modes):
    tokens, mask = (torch.from_numpy(array) for array in texts)
    alone = [pool(tokens, mask, [mode]) for mode in modes]
    together = pool(tokens, mask, modes)
    assert together.shape == (len(tokens), WIDTH * len(modes))
    assert torch.equal(together, torch.cat(alone, dim=1))


def test_modes_are_kept_in_order_as_a_tuple():
    assert check_modes(["max", "cls"]) == ("max", "cls")


@pytest.mark.parametrize(("modes", "seen"), [(["mean", "median"], "'median'"), ([], "no pooling at all")])
def test_an_unknown_mode_or_none_is_refused_with_the_known_ones(modes, seen):
    with pytest.raises(UsageError, match=seen) as caught:
        check_modes(modes)
    assert all(mode in str(caught.value) for mode in POOLINGS)
