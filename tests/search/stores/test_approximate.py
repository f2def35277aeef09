"""A graph finds nearly all of what is near, with the scores of an exact search, and never what a filter leaves out."""

import resource

import numpy as np
import pytest

from siamese_text.errors import BadData, BadOutput, UsageError
from siamese_text.search.stores import approximate
from siamese_text.search.stores.approximate import (
    ApproximateStore,
    check_approximate,
    open_graph,
    recall,
    write_graph,
)
from siamese_text.search.stores.exact import ExactStore
from siamese_text.search.stores.precision import packed

pytest.importorskip("faiss")
RANDOM = np.random.default_rng(0)
CENTRES = RANDOM.standard_normal((40, 16), dtype=np.float32)


def made(count):
    return CENTRES[RANDOM.integers(40, size=count)] + RANDOM.standard_normal((count, 16), dtype=np.float32)


VECTORS, QUERIES = made(6000), made(50)


@pytest.fixture(scope="module", params=[("float32", "cosine"), ("int8", "cosine"), ("float32", "dot")])
def stores(request, tmp_path_factory):
    """An exact store, and the same with a graph, read from a file."""
    precision, similarity = request.param
    exact = ExactStore(packed(VECTORS, precision), similarity)
    path = tmp_path_factory.mktemp("graphs") / "graph-1.faiss"
    sha256, effort = write_graph(path, exact)
    assert len(sha256) == 64
    return exact, open_graph(path, exact, effort)


def shared(mine, theirs):
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(mine.tolist(), theirs.tolist(), strict=True)])


def test_nearly_all_of_the_nearest_are_found_with_their_scores_best_first(stores):
    exact, store = stores
    scores, rows = store.search(QUERIES, 10)
    expected, nearest = exact.search(QUERIES, 10)
    assert shared(rows, nearest) >= 0.98
    every, places = exact.search(QUERIES[:3], 6000)
    for query in range(3):
        scored = every[query, places[query].argsort()]
        np.testing.assert_allclose(scores[query], scored[rows[query]], rtol=1e-4)
    assert (np.diff(scores) <= 0).all()
    assert recall(store, QUERIES, expected) == pytest.approx(shared(rows, nearest), abs=1e-9)
    assert store._found(QUERIES, 10, 32, None).shape == (50, 10)  # the graph was asked, and not every vector compared
    np.testing.assert_array_equal(store.take(np.array([5, 1])), exact.take(np.array([5, 1])))


@pytest.mark.parametrize("share", [0.9, 0.3, 0.01, 0.0])
def test_under_a_filter_only_allowed_rows_are_found_and_under_a_selective_one_all_of_them(stores, share):
    exact, store = stores
    allowed = np.random.default_rng(1).random(6000) < share
    scores, rows = store.search(QUERIES, 10, allowed)
    expected, nearest = exact.search(QUERIES, 10, allowed)
    assert rows.shape == nearest.shape
    assert allowed[rows].all()
    if share < 0.2:
        np.testing.assert_array_equal(rows, nearest)
        np.testing.assert_array_equal(scores, expected)
    else:
        assert shared(rows, nearest) >= 0.98


@pytest.mark.parametrize("k", [1, 2000, 6000, 9000])
def test_as_many_are_found_as_are_asked_for(stores, k):
    exact, store = stores
    assert store.search(QUERIES[:3], k)[1].shape == (3, min(k, 6000))
    assert store.search(QUERIES[:0], k)[1].shape == exact.search(QUERIES[:0], k)[1].shape
    with pytest.raises(UsageError, match="k is 0"):
        store.search(QUERIES, 0)


def test_a_query_that_is_no_number_is_refused_and_not_answered(stores):
    for store in stores:
        with pytest.raises(BadData, match="not a finite number"):
            store.search(np.full((1, 16), np.nan, np.float32), 5)


def test_a_graph_that_leads_nowhere_for_a_query_is_not_asked(stores):
    exact, store = stores

    class LeadsNowhere:
        def search(self, queries, count, params):
            rows = np.zeros((len(queries), count), np.int64)
            rows[-1, 3:] = -1
            return None, rows

    lost = ApproximateStore(exact, LeadsNowhere(), store.effort)
    np.testing.assert_array_equal(lost.search(QUERIES, 5)[1], exact.search(QUERIES, 5)[1])


def test_vectors_of_which_a_graph_finds_too_few_have_none(tmp_path, monkeypatch):
    monkeypatch.setattr(approximate, "RECALL", 1.01)
    assert write_graph(tmp_path / "graph-1.faiss", ExactStore(VECTORS[:1000])) == ("", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1, 2, 150, 401])
def test_few_vectors_have_a_graph_that_finds_them(tmp_path, count):
    exact = ExactStore(VECTORS[:count])
    sha256, effort = write_graph(tmp_path / "graph-1.faiss", exact)
    assert sha256
    store = open_graph(tmp_path / "graph-1.faiss", exact, effort)
    np.testing.assert_array_equal(store.search(VECTORS[:count], 1)[1].ravel(), np.arange(count))
    assert sorted(store._order.tolist()) == list(range(count))
    assert recall(store, QUERIES, np.zeros((50, 0), np.float32)) == 1


def test_a_full_disk_leaves_no_graph(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(BadOutput, match="cannot be written: File too large"):
            write_graph(tmp_path / "graph-1.faiss", ExactStore(VECTORS[:1000]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_graph_of_other_vectors_and_what_is_none_are_refused(tmp_path):
    path = tmp_path / "graph-1.faiss"
    _, effort = write_graph(path, ExactStore(VECTORS[:1000]))
    with pytest.raises(BadData, match="is of other vectors"):
        open_graph(path, ExactStore(VECTORS[:999]), effort)
    path.write_bytes(b"none")
    with pytest.raises(BadData, match="cannot be read; make it again"):
        open_graph(path, ExactStore(VECTORS[:1000]), effort)


def test_without_faiss_graphs_are_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(approximate, "find_spec", lambda _: None)
    check_approximate(False)
    with pytest.raises(
        UsageError, match=r"approximate needs faiss; install it with pip install 'siamese-text\[faiss\]'"
    ):
        check_approximate(True)
