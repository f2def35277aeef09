import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from siamese_text.records import Predictions

CORPUS = [
    {"_id": "d7", "title": "Heat transfer", "text": "Slender bodies in hot hypersonic flow."},
    {"_id": "d3", "title": "Wing flutter", "text": "Flutter flutter of thin wings."},
    {"_id": "d9", "title": "Ablation", "text": "Melting noses and heat."},
]


@pytest.fixture(scope="module")
def bench(load_bench):
    return load_bench("search")


@pytest.fixture
def folder(tmp_path):
    queries = [
        {"_id": "q1", "text": "wing flutter"},
        {"_id": "q2", "text": "nobody knows"},
        {"_id": "q3", "text": "heat"},
    ]
    for name, rows in (("corpus", CORPUS), ("queries", queries)):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    table = ["query-id corpus-id score code", "q1 d3 4 1", "q1 d7 0 -1", "q2 d7 0 -1", "q3 d9 1 4", "q3 d7 2 3"]
    (tmp_path / "qrels.tsv").write_text("".join(line.replace(" ", "\t") + "\n" for line in table))
    return tmp_path


def read(bench, folder):
    return bench.read_collection(folder, "queries.jsonl.gz", "qrels.tsv")


def test_queries_without_a_relevant_document_are_left_out(bench, folder):
    collection = read(bench, folder)
    assert collection.queries == ["wing flutter", "heat"]
    assert collection.grades == [{1: 4}, {2: 1, 0: 2}]
    assert collection.documents[1] == "Wing flutter. Flutter flutter of thin wings."


def test_ndcg_of_a_worked_example(bench):
    # Grades 2, 0, 3 in the order found; the ideal order is 3, 2, 1.
    found = 2 / math.log2(2) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert bench.ndcg([10, 11, 12], {10: 2, 12: 3, 13: 1}) == pytest.approx(found / ideal, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=30).filter(any),
    st.randoms(use_true_random=False),
    st.integers(1, 12),
)
def test_ndcg_agrees_with_scikit_learn(bench, gains, random, k):
    ranking = random.sample(range(len(gains)), len(gains))
    scores = [-ranking.index(row) for row in range(len(gains))]
    grades = {row: gain for row, gain in enumerate(gains) if gain > 0}
    assert bench.ndcg(ranking, grades, k) == pytest.approx(ndcg_score([gains], [scores], k=k), rel=1e-9)


def test_recall_and_reciprocal_rank_count_up_to_their_depth(bench):
    grades = {5: 1, 8: 3, 99: 1}
    assert bench.recall([1, 5, 8, 99], grades, k=3) == pytest.approx(2 / 3)
    assert bench.reciprocal_rank([1, 5, 8], grades, k=3) == 1 / 2
    assert bench.reciprocal_rank([1, 2, 5], grades, k=2) == 0


def test_bm25_agrees_with_the_formula_in_plain_python(bench):
    documents = ["flutter of wings", "heat heat heat in noses", "wings and heat and more wings"]
    words = [document.split() for document in documents]
    mean = sum(map(len, words)) / len(words)

    def score(terms, query):
        total = 0.0
        for term in query.split():
            df = sum(term in other for other in words)
            tf = terms.count(term)
            idf = math.log(1 + (len(words) - df + 0.5) / (df + 0.5))
            total += idf * tf / (tf + 0.9 * (1 - 0.4 + 0.4 * len(terms) / mean))
        return total

    queries = ["heat wings", "wings wings flutter", "noses"]
    expected = [[score(terms, query) for terms in words] for query in queries]
    assert bench.bm25_scores(documents, queries).toarray() == pytest.approx(np.array(expected))


def test_each_system_finds_the_document_with_the_words_of_the_query(bench, folder):
    collection = read(bench, folder)
    vectors = {collection.documents[0]: [0, 2], collection.documents[1]: [5, 5], collection.documents[2]: [-1, 1]}
    queries = {"wing flutter": [1, 1], "heat": [0, 1]}

    class Known:
        def encode(self, texts):
            return np.array([(vectors | queries)[text] for text in texts], dtype=np.float32)

    class PrefersNegative:
        def predict(self, pairs):
            negative = np.array([vectors[document][0] < 0 for _, document in pairs])
            return Predictions(np.zeros(len(pairs)), probability=negative.astype(float))

    rankings = dict(bench.rankings(collection, Known(), PrefersNegative()))
    tfidf, bm25, cosine, words, hybrid, reranked = (ranking.tolist() for ranking in rankings.values())
    assert [row[0] for row in tfidf] == [1, 2]
    assert [row[0] for row in bm25] == [1, 2]
    assert cosine == [[1, 0, 2], [0, 1, 2]]
    assert [[row for row in found if row >= 0] for found in words] == [[1], [2, 0]]
    assert [row[:3] for row in hybrid] == [[1, 0, 2], [0, 2, 1]]  # of a tie what meaning ranks higher
    assert reranked == [[2, 1, 0], [2, 0, 1]]


def test_the_table_has_a_row_for_each_system(bench, folder, capsys):
    collection = read(bench, folder)
    bench.print_table(collection, [("right", np.array([[1, 0], [0, 2]])), ("half right", np.array([[0, 1], [1, 0]]))])
    _, _, right, half = capsys.readouterr().out.splitlines()
    assert right.startswith("| right | 1.0000 | 1.0000 | 1.0000 |")
    # nDCG 1/log2(3) for the first query, 2/log2(3) over 2 + 1/log2(3) for the second.
    second = 2 / math.log2(3) / (2 + 1 / math.log2(3))
    assert half.startswith(f"| half right | {(1 / math.log2(3) + second) / 2:.4f} | 0.7500 | 0.5000 |")
