"""What an encoder gave once is not asked of it again."""

import numpy as np

from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder


class Lengths:
    """Embeds a text as its length; remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_texts_are_encoded_once_and_come_in_their_order(tmp_path):
    first = Lengths()
    with VectorCache(tmp_path, "aa") as cache:
        encoder = CachedEncoder(first, cache)
        assert encoder.encode(["aa", "b", "aa"])[:, 0].tolist() == [2, 1, 2]
        assert (first.asked, encoder.encoded, encoder.cached) == (["aa", "b"], 2, 0)
    second = Lengths()
    with VectorCache(tmp_path, "aa") as cache:
        encoder = CachedEncoder(second, cache)
        assert encoder.encode(["ccc", "b", "aa"])[:, 0].tolist() == [3, 1, 2]
        assert (second.asked, encoder.encoded, encoder.cached) == (["ccc"], 1, 2)


def test_without_a_cache_all_is_encoded():
    encoder = CachedEncoder(Lengths())
    for _ in range(2):
        assert encoder.encode(["a", "bb"])[:, 0].tolist() == [1, 2]
    assert (encoder.encoded, encoder.cached) == (4, 0)
