"""The encoder that remembers: the same vectors, fewer texts encoded, bounded memory."""

import copy
import pickle

import numpy as np
import pytest

from siamese_text.errors import UsageError
from siamese_text.estimators.cached_encoder import CachedEncoder
from tests.estimators.conftest import WordEncoder

TEXTS = ["lost card", "send money", "lost card", "rain"]


def test_it_gives_what_the_encoder_gives_and_asks_for_each_text_once(words):
    cached = CachedEncoder(words)
    for texts in (TEXTS, TEXTS[::-1], ["rain", "weather"]):
        assert np.array_equal(cached.encode(texts), WordEncoder().encode(texts))
    assert words.asked == ["lost card", "send money", "rain", "weather"]
    assert cached.encoded == 4


def test_no_texts_give_no_rows_of_the_right_width(words):
    assert CachedEncoder(words).encode([]).shape == (0, 7)


def test_memory_is_bounded_and_what_was_asked_for_last_is_kept(words):
    cached = CachedEncoder(words, most_bytes=2 * 7 * 4)  # two vectors
    cached.encode(["a", "b"])
    cached.encode(["a"])
    cached.encode(["c"])  # drops b, which was not asked for longest
    words.asked.clear()
    cached.encode(["a", "c"])
    assert words.asked == []
    assert np.array_equal(cached.encode(TEXTS * 3), WordEncoder().encode(TEXTS * 3))  # more at once than it may keep
    assert len(cached._vectors) == 2


def test_what_it_gave_may_be_changed(words):
    cached = CachedEncoder(words)
    cached.encode(TEXTS)[:] = 9
    assert np.array_equal(cached.encode(TEXTS), WordEncoder().encode(TEXTS))


def test_a_copy_is_the_same_and_a_pickle_leaves_the_vectors_behind(words):
    cached = CachedEncoder(words, most_bytes=1000)
    cached.encode(TEXTS)
    assert copy.deepcopy(cached) is cached
    other = pickle.loads(pickle.dumps(cached))
    assert (other.encoded, other.most_bytes) == (0, 1000)
    assert np.array_equal(other.encode(TEXTS), cached.encode(TEXTS))


def test_less_than_nothing_is_refused(words):
    with pytest.raises(UsageError, match="most_bytes is -1; give 0"):
        CachedEncoder(words, most_bytes=-1)
