import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siamese_text.errors import BadData, UsageError
from siamese_text.search import top_k

# Sums of products of small integers are exact in float32, so ties are real ones in every block.
WIDTH = 3
small = st.integers(-2, 2)


def vectors(rows):
    return arrays(np.float32, st.tuples(rows, st.just(WIDTH)), elements=small)


def ranked_by_hand(queries, corpus, k):
    """Every score in plain Python, sorted by falling score, then by row."""
    rankings = []
    for query in queries.tolist():
        scores = [sum(q * c for q, c in zip(query, row, strict=True)) for row in corpus.tolist()]
        rankings.append(sorted(enumerate(scores), key=lambda pair: (-pair[1], pair[0]))[:k])
    return rankings


@settings(max_examples=150, deadline=None)
@given(
    queries=vectors(st.integers(0, 5)),
    corpus=vectors(st.integers(0, 40)),
    k=st.integers(1, 50),
    block=st.integers(1, 45),
)
def test_scores_rows_and_ties_are_those_of_a_full_sort(queries, corpus, k, block):
    scores, rows = top_k(queries, corpus, k, block=block)
    expected = ranked_by_hand(queries, corpus, k)
    assert rows.tolist() == [[row for row, _ in ranking] for ranking in expected]
    assert scores.tolist() == [[score for _, score in ranking] for ranking in expected]


@settings(max_examples=50, deadline=None)
@given(corpus=vectors(st.integers(0, 30)), k=st.integers(1, 40), block=st.integers(1, 35), data=st.data())
def test_only_rows_that_are_allowed_are_found_and_all_of_these(corpus, k, block, data):
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(corpus), max_size=len(corpus))), bool)
    queries = np.float32([[1, 2, -1]])
    [ranking] = ranked_by_hand(queries, corpus, len(corpus))
    scores, rows = top_k(queries, corpus, k, norms=np.full(len(corpus), 2, np.float32), allowed=allowed, block=block)
    expected = [(row, score / 2) for row, score in ranking if allowed[row]][:k]
    assert list(zip(rows[0].tolist(), scores[0].tolist(), strict=True)) == expected


def test_results_have_the_promised_types_and_shapes():
    corpus = np.eye(4, dtype=np.float32)
    scores, rows = top_k(corpus[:3], corpus, 9)
    assert (scores.dtype, rows.dtype) == (np.float32, np.int64)
    assert scores.shape == rows.shape == (3, 4)


def test_more_queries_than_fit_in_one_chunk_keep_their_order():
    corpus = np.random.default_rng(0).standard_normal((700, 16), dtype=np.float32)
    _, rows = top_k(corpus / np.linalg.norm(corpus, axis=1, keepdims=True), corpus, 1, norms=norms(corpus), block=64)
    assert rows[:, 0].tolist() == list(range(700))


def norms(corpus):
    return np.linalg.norm(corpus, axis=1)


def test_norms_turn_inner_products_into_cosines():
    query = np.float32([[1, 0]])
    corpus = np.float32([[3, 4], [0.5, 0], [10, 20]])
    scores, rows = top_k(query, corpus, 3, norms=norms(corpus))
    assert rows.tolist() == [[1, 0, 2]]
    assert scores[0] == pytest.approx([1, 3 / 5, 10 / 500**0.5], rel=1e-6)


def test_a_memory_mapped_corpus_gives_the_same_answer(tmp_path):
    corpus = np.random.default_rng(1).standard_normal((50, 8), dtype=np.float32)
    np.save(tmp_path / "corpus.npy", corpus)
    mapped = np.load(tmp_path / "corpus.npy", mmap_mode="r")
    for got, expected in zip(
        top_k(corpus[:5], mapped, 7, block=16), top_k(corpus[:5], corpus, 7, block=16), strict=True
    ):
        assert type(got) is np.ndarray
        assert np.array_equal(got, expected)


@pytest.mark.parametrize(("k", "block"), [(0, 8), (3, 0)])
def test_a_size_below_one_is_refused(k, block):
    corpus = np.eye(2, dtype=np.float32)
    with pytest.raises(UsageError, match="is 0; give 1 or more"):
        top_k(corpus, corpus, k, block=block)


def test_shapes_that_do_not_fit_are_named():
    corpus = np.eye(3, dtype=np.float32)
    with pytest.raises(BadData, match=r"\(2, 2\).*\(3, 3\)"):
        top_k(np.eye(2, dtype=np.float32), corpus, 1)
    with pytest.raises(BadData, match=r"\(2,\).*3 rows"):
        top_k(corpus, corpus, 1, norms=np.ones(2, np.float32))


def test_a_score_that_is_no_number_is_refused():
    corpus = np.eye(3, dtype=np.float32)
    corpus[1, 1] = np.nan
    with pytest.raises(BadData, match="not a finite number"):
        top_k(corpus[:1], corpus, 1)
