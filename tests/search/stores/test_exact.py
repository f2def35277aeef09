"""The exact store: what it finds is what comparing every vector finds, from memory and from a file."""

import numpy as np
import pytest

from siamese_text.errors import BadData, UsageError
from siamese_text.scoring.similarity import cosine
from siamese_text.search.stores.exact import ExactStore, similarity_to

VECTORS = np.random.default_rng(0).standard_normal((50, 8), dtype=np.float32)
QUERIES = np.random.default_rng(1).standard_normal((3, 8), dtype=np.float32)


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_the_nearest_are_found_with_their_similarity(similarity):
    scores, rows = ExactStore(VECTORS, similarity).search(QUERIES, 5)
    for query, found, best in zip(QUERIES, scores, rows, strict=True):
        every = cosine(np.tile(query, (50, 1)), VECTORS) if similarity == "cosine" else VECTORS @ query
        np.testing.assert_array_equal(best, np.argsort(-every, kind="stable")[:5])
        np.testing.assert_allclose(found, every[best], rtol=1e-5)


def test_a_file_is_opened_without_being_read(tmp_path):
    np.save(tmp_path / "vectors.npy", VECTORS)
    opened = ExactStore.open(tmp_path / "vectors.npy", "cosine")
    assert isinstance(opened.vectors, np.memmap)
    np.testing.assert_array_equal(opened.search(QUERIES, 4)[1], ExactStore(VECTORS).search(QUERIES, 4)[1])
    np.testing.assert_array_equal(opened.take(np.array([7, 3])), VECTORS[[7, 3]])


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_the_similarity_of_given_vectors_is_that_of_a_search(similarity):
    scores, rows = ExactStore(VECTORS, similarity).search(QUERIES, 5)
    for query, found, best in zip(QUERIES, scores, rows, strict=True):
        np.testing.assert_allclose(similarity_to(query, VECTORS[best], similarity), found, rtol=1e-5)


def test_a_vector_of_zeros_has_a_cosine_of_zero_and_no_cosine_passes_one():
    store = ExactStore(np.vstack([np.zeros((1, 8), np.float32), VECTORS]))
    scores, rows = store.search(np.vstack([np.zeros((1, 8), np.float32), VECTORS]), 51)
    assert scores.max() <= 1
    assert not scores[0].any()
    assert scores[1, rows[1] == 0].item() == 0


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(UsageError, match="similarity is 'euclidean'; give 'cosine' or 'dot'"):
        ExactStore(VECTORS, "euclidean")
    with pytest.raises(UsageError, match="k is 0; give 1 or more"):
        ExactStore(VECTORS).search(QUERIES, 0)
    with pytest.raises(BadData, match="encode both with the same model"):
        ExactStore(VECTORS).search(QUERIES[:, :4], 1)
