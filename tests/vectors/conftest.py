"""An encoder that needs no weights: the vector of a text is drawn with its hash as the seed, and calls are counted."""

from hashlib import blake2b

import numpy as np
import pytest

from siamese_text.vectors.row_encoder import KeyedEncoder

WIDTH = 16


class Fake:
    def __init__(self):
        self.texts = []

    def encode(self, texts):
        assert not isinstance(texts, str)
        self.texts += texts
        rows = [np.random.default_rng(list(blake2b(text.encode()).digest())).normal(size=WIDTH) for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def model(fake):
    return KeyedEncoder(fake, name="fake", key="ab" * 32, embedding_dimension=WIDTH, normalize=True)


@pytest.fixture
def write(tmp_path):
    """Write a file of the test's folder, text or bytes."""

    def call(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return call
