"""``encoder.similarity`` is what sentence-transformers gives, for every function and every kind of encoder."""

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.similarity import SIMILARITIES, similarity_matrix
from siamese_text.encoder.torch_encoder import TorchEncoder

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32")
TEXTS = ["the old cat sleeps", "a dog runs in the park", "", "snow"]


@pytest.mark.parametrize("name", SIMILARITIES)
def test_every_function_is_that_of_sentence_transformers(tiny_model, tmp_path, name):
    TorchEncoder.load(tiny_model, device="cpu", similarity=name).save(tmp_path / "model")
    theirs = SentenceTransformer(str(tmp_path / "model"), device="cpu", local_files_only=True)
    for backend in ("torch", "onnx", "int8"):
        encoder = load_encoder(tmp_path / "model", backend=backend)
        assert encoder.similarity_fn_name == theirs.similarity_fn_name == name
        left, right = encoder.encode(TEXTS), encoder.encode(TEXTS[1:])
        matrix = encoder.similarity(left, right)
        assert (matrix.shape, matrix.dtype) == ((4, 3), np.float32)
        np.testing.assert_allclose(matrix, theirs.similarity(left, right).numpy(), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(encoder.similarity(left[0], right[0]), matrix[:1, :1], rtol=1e-6)


def test_a_vector_of_zeros_has_a_cosine_of_zero():
    vectors = np.float32([[0, 0], [3, 4]])
    np.testing.assert_allclose(similarity_matrix("cosine", vectors, vectors), [[0, 0], [0, 1]], atol=1e-6)
