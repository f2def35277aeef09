"""Dimensions that know the order of words."""

import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.errors import UsageError
from siamese_text.vectors.word_order import REACH, append_word_order

WORDS = [f"word{number}" for number in range(40)]


def orders(texts, dimensions=4096):
    """The appended dimensions alone."""
    return append_word_order(np.ones((len(texts), 1), np.float32), texts, weight=1.0, dimensions=dimensions)[:, 1:]


def by_hand(text, dimensions):
    """The formula in plain Python, for texts without stop words."""
    found, sums = text.split(), [0.0] * dimensions
    for i, first in enumerate(found):
        for j, second in enumerate(found):
            if 0 < j - i <= REACH and first != second:
                hashed = zlib.crc32(" ".join(sorted([first, second])).encode())
                sign = (1 if first < second else -1) * (-1 if hashed >= 2**31 else 1)
                sums[hashed % dimensions] += sign / math.sqrt(j - i)
    sums = [0.0 if abs(value) < 1e-9 else value for value in sums]
    length = math.sqrt(sum(value * value for value in sums))
    return [value / length if length else 0.0 for value in sums]


@given(st.lists(st.sampled_from(WORDS), max_size=15), st.sampled_from([1, 7, 64]))
def test_it_is_the_formula(words, dimensions):
    text = " ".join(words)
    np.testing.assert_allclose(orders([text], dimensions)[0], by_hand(text, dimensions), atol=1e-6)


@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=12, unique=True))
def test_reversed_words_are_opposite_and_other_words_say_nothing(words):
    forward, backward, others, dotted = orders(
        [" ".join(words), " ".join(reversed(words)), "quite different things", f"The {', and '.join(words).upper()}."]
    )
    assert forward @ backward == pytest.approx(-1, abs=1e-6)
    assert abs(forward @ others) < 0.75  # but for words that share a dimension
    np.testing.assert_allclose(dotted, forward, atol=1e-6)  # stop words, case and marks are no words


def test_the_inner_product_weighs_both_cosines():
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(2, 8)).astype(np.float32)
    texts = ["Ann owes Bo ten pounds", "Bo owes Ann ten pounds"]
    one, other = append_word_order(vectors, texts, weight=0.25)
    plain = vectors[0] @ vectors[1] / math.prod(np.linalg.norm(vectors, axis=1))
    order = np.multiply(*orders(texts, 256)).sum()
    assert one @ other == pytest.approx(0.75 * plain + 0.25 * order, abs=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1)
    lone = append_word_order(vectors[:1], ["Ann"], weight=0.25)[0]
    assert np.linalg.norm(lone) == pytest.approx(math.sqrt(0.75))
    assert append_word_order(np.empty((0, 8), np.float32), []).shape == (0, 264)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"weight": 2}, "weight is 2"), ({"dimensions": 0}, "dimensions is 0"), ({}, "2 vectors and 1 texts")],
)
def test_bad_input_is_one_line(settings, message):
    vectors = np.ones((2 if not settings else 1, 3), np.float32)
    with pytest.raises(UsageError, match=message):
        append_word_order(vectors, ["a text"], **settings)
