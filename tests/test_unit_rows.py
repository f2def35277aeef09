import numpy as np
import pytest

from siamese_text.unit_rows import unit_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_get_unit_length_and_zeros_stay_without_a_warning(dtype):
    vectors = np.array([[0, 0], [3, 4], [-1e-15, 0]], dtype=dtype)
    with np.errstate(all="raise"):
        scaled = unit_rows(vectors)
    assert scaled.dtype == dtype
    assert scaled.tolist() == [[0, 0], [dtype(0.6), dtype(0.8)], [-1, 0]]


def test_no_vector_is_changed_in_place():
    vectors = np.full((2, 3), 7, dtype=np.float32)
    unit_rows(vectors)
    assert (vectors == 7).all()
