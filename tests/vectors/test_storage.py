"""How vectors are stored, against plain arithmetic and against sentence-transformers."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers.util.quantization import quantize_embeddings

from siamese_text.errors import UsageError
from siamese_text.vectors.storage import DTYPES, Storage, clipped, int8_scale
from siamese_text.vectors.writers import header


@pytest.fixture
def vectors():
    drawn = np.random.default_rng(0).normal(size=(50, 32)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_binary_is_what_sentence_transformers_calls_ubinary(vectors):
    ours = Storage("binary", 32, True).stored(vectors, None)
    assert ours.shape == (50, 4)
    np.testing.assert_array_equal(ours, quantize_embeddings(vectors, "ubinary"))


def test_int8_is_within_a_step_of_sentence_transformers_given_the_same_range(vectors):
    scale = int8_scale(vectors)
    ours = Storage("int8", 32, True).stored(vectors, scale)
    end = np.full(32, 127.5 * scale, dtype=np.float32)
    theirs = quantize_embeddings(vectors, "int8", ranges=np.stack([-end, end]))
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_int8_times_its_scale_is_the_vector(vectors):
    scale = int8_scale(vectors)
    stored = Storage("int8", 32, True).stored(vectors, scale)
    assert stored.dtype == np.int8
    np.testing.assert_allclose(stored * scale, vectors, atol=scale / 2 * 1.001)
    assert clipped(vectors, scale) == 0
    products = stored.astype(int) @ stored.astype(int).T * scale**2
    np.testing.assert_allclose(products, vectors @ vectors.T, atol=0.02)


def test_a_number_beyond_the_range_becomes_its_end_and_is_counted():
    far = np.array([[10.0, -10.0, 0.5, 0.0]], dtype=np.float32)
    assert Storage("int8", 4, False).stored(far, 0.01).tolist() == [[127, -127, 50, 0]]
    assert clipped(far, 0.01) == 2


def test_float16_is_the_nearest_half(vectors):
    stored = Storage("float16", 32, True).stored(vectors, None)
    assert stored.dtype == np.float16
    np.testing.assert_array_equal(stored, vectors.astype(np.float16))


def test_fewer_dimensions_have_unit_length_where_all_have(vectors):
    kept = Storage("float32", 8, normalize=True).reduced(vectors)
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(kept / kept[:, :1], vectors[:, :8] / vectors[:, :1], rtol=1e-4)
    np.testing.assert_array_equal(Storage("float32", 8, normalize=False).reduced(vectors), vectors[:, :8])


def test_all_dimensions_are_left_to_the_last_bit(vectors):
    assert Storage("float32", 32, normalize=True).reduced(vectors) is vectors


def test_a_vector_of_zeros_stays_one():
    zeros = np.zeros((1, 4), dtype=np.float32)
    np.testing.assert_array_equal(Storage("float32", 2, normalize=True).reduced(zeros), zeros[:, :2])
    assert int8_scale(zeros) > 0


@pytest.mark.parametrize(("dtype", "dimensions", "words"), [("binary", 20, "keep 16"), ("float32", 0, "1 or more")])
def test_what_cannot_be_stored_is_refused(dtype, dimensions, words):
    with pytest.raises(UsageError, match=words):
        Storage(dtype, dimensions, True)


@given(st.integers(0, 10**15), st.sampled_from(sorted(DTYPES)))
def test_the_head_of_a_file_has_one_length_and_is_read_by_numpy(rows, dtype):
    storage = Storage(dtype, 16, True)
    head = header(rows, storage)
    assert len(head) == len(header(0, storage))
    file = io.BytesIO(head)
    assert np.lib.format.read_magic(file) == (1, 0)
    shape, fortran, read = np.lib.format.read_array_header_1_0(file)
    assert (shape, fortran, read) == ((rows, storage.columns), False, storage.numpy)
    assert file.tell() == len(head)
