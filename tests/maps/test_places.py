"""Where texts lie: near ones near each other, in one square, the same each time."""

import importlib.util

import numpy as np
import pytest

from siamese_text import UsageError
from siamese_text.maps.places import check_method, places_of


@pytest.fixture(scope="module")
def clouds():
    """Three groups of ten vectors about three directions."""
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(3, 6), 10, axis=0) + 0.1 * rng.normal(size=(30, 6))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_groups_stay_together_in_a_square_of_one(clouds, method):
    places = places_of(clouds, method)
    np.testing.assert_array_equal(places, places_of(clouds, method))
    assert places.shape == (30, 2) and places.min() >= -1e-9 and places.max() <= 1 + 1e-9
    assert np.ptp(places, axis=0).max() == pytest.approx(1)
    means = places.reshape(3, 10, 2).mean(axis=1)
    nearest = np.linalg.norm(places[:, None] - means, axis=2).argmin(axis=1)
    assert nearest.tolist() == [0] * 10 + [1] * 10 + [2] * 10


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_three_texts_and_equal_ones_have_places_too(clouds, method):
    assert np.isfinite(places_of(clouds[[0, 10, 20]], method)).all()
    assert places_of(clouds[[0, 0, 0, 0]], method).tolist() == [[0.5, 0.5]] * 4


def test_a_method_that_cannot_be_used_says_what_to_do():
    with pytest.raises(UsageError, match="method is 'lda'; choose from tsne, pca, umap"):
        check_method("lda")
    check_method("pca")
    if importlib.util.find_spec("umap") is None:
        with pytest.raises(UsageError, match=r"pip install 'siamese-text\[umap\]', or take tsne or pca"):
            check_method("umap")
    else:
        check_method("umap")
