"""What a file keeps of a vector, and how far that is from it."""

import numpy as np
import pytest

from siamese_text.errors import BadData, UsageError
from siamese_text.search.stores.exact import ExactStore
from siamese_text.search.stores.precision import check_precision, packed, unpacked
from siamese_text.search.stores.segments import open_segment, write_segment

RANDOM = np.random.default_rng(0)
# of very different lengths, and one without a direction
VECTORS = np.float32(RANDOM.standard_normal((60, 8)) * 10.0 ** RANDOM.integers(-3, 3, (60, 1)))
VECTORS[7] = 0
QUERIES = RANDOM.standard_normal((3, 8), dtype=np.float32)


@pytest.mark.parametrize(("precision", "size"), [("float32", 32), ("float16", 16), ("int8", 12)])
def test_a_vector_takes_so_many_bytes_and_is_nearly_what_it_was(precision, size):
    stored = packed(VECTORS, precision)
    assert stored.nbytes == 60 * size
    step = {"float32": 0, "float16": 2**-11, "int8": 0.5 / 127}[precision]
    error = np.abs(unpacked(stored) - VECTORS)
    assert (error <= step * np.abs(VECTORS).max(axis=1, keepdims=True) * 1.001 + 1e-7).all()
    np.testing.assert_array_equal(packed(unpacked(stored), precision), stored)  # moved to another file, it stays so


@pytest.mark.parametrize("precision", ["float16", "int8"])
@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_a_search_in_a_file_is_one_in_what_the_file_keeps(tmp_path, precision, similarity):
    segment = write_segment(tmp_path, 1, 60, iter([VECTORS[:20], VECTORS[20:]]), precision)
    opened = open_segment(tmp_path, segment, similarity)
    kept = unpacked(packed(VECTORS, precision))
    assert (len(opened), opened.width) == (60, 8)
    assert isinstance(opened.vectors, np.memmap)
    np.testing.assert_array_equal(opened.take(np.array([9, 2])), kept[[9, 2]])
    for allowed in (None, np.arange(60) % 3 == 0):
        scores, rows = opened.search(QUERIES, 5, allowed)
        expected, theirs = ExactStore(kept, similarity).search(QUERIES, 5, allowed)
        np.testing.assert_array_equal(rows, theirs)
        np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_another_precision_is_refused():
    with pytest.raises(UsageError, match="precision is 'int4'; choose from float32, float16, int8"):
        check_precision("int4")


def test_what_float16_cannot_hold_is_refused():
    with pytest.raises(BadData, match="70000, and float16 holds at most 65504"):
        packed(np.float32([[1, -70000]]), "float16")
