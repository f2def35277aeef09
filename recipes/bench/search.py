"""Search quality on SciFact and Cranfield: TF-IDF, BM25, our embeddings, an index, and re-ranking by the pair decision.

    python recipes/bench/search.py --data-dir DIR [--model all-MiniLM-L6-v2] [--rerank-model FOLDER] [--cache DIR]

DIR holds `retrieval/scifact` and `retrieval/cranfield` in the BEIR layout: a gzipped corpus and gzipped queries as
JSON lines, and relevance grades as a table. SciFact is read with its train queries. Every document is one text,
"title. text", which an encoder cuts at its own length (Cranfield's texts repeat their title). The rows of the index are
what `siamese-text search --mode words` and `--mode hybrid` do, with each document as one passage; nothing of them was
fitted on these collections. With a cache, vectors are encoded once. The tables go to stdout.

    OMP_NUM_THREADS=1 python recipes/bench/search.py --scale 200000 [1000000] [--peers faiss,usearch] [--rounds 3]
        [--precisions float32,float16,int8]

needs no data: it makes so many vectors in topics, and queries of the same kind, and searches for ten by an index in
each precision, with and without graphs (float16 without) and filters, each hit with its text and metadata, and by
numpy, faiss and usearch, whose hits are numbers of rows. All are in memory at once and take turns; the best round
counts, in CPU seconds of one thread. A library has the least effort (efSearch, expansion_search) by which it finds 99 %
of the nearest; an index finds out its own.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, get_args

import numpy as np
import scipy.sparse as sp
from _common import MODEL, options_of
from _scale import print_scale
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray, Predictions
from siamese_text.search import IndexInfo, PassageIndex, top_k
from siamese_text.search.given import given_items
from siamese_text.search.ranking import Mode
from siamese_text.search.sources import GIVEN
from siamese_text.search.stores.precision import Precision
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder

WHOLE = 10**6  # words of a passage: more than any document has
DEPTH = 100  # documents kept for each query, and re-ranked
COLLECTIONS = {
    "scifact": ("queries_train.jsonl.gz", "qrels_train.tsv"),
    "cranfield": ("queries.jsonl.gz", "qrels.tsv"),
}

Ranking = NDArray[np.int64]  # (Q, K) row numbers of documents, best first


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries, and for each query the grade of each relevant document by its row number."""

    documents: list[str]
    queries: list[str]
    grades: list[dict[int, int]]


def read_collection(folder: Path, queries_name: str, qrels_name: str) -> Collection:
    """Read a folder in the BEIR layout; queries without a relevant document are left out, as trec_eval does.

    A grade of 0 or less counts as not relevant. In Cranfield that is code -1, which the table turns into grade 0.
    """
    corpus = _read_json_lines(folder / "corpus.jsonl.gz")
    rows = {document["_id"]: row for row, document in enumerate(corpus)}
    grades: dict[str, dict[int, int]] = {}
    with (folder / qrels_name).open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table, delimiter="\t"):
            if int(line["score"]) > 0:
                grades.setdefault(line["query-id"], {})[rows[line["corpus-id"]]] = int(line["score"])
    queries = [query for query in _read_json_lines(folder / queries_name) if query["_id"] in grades]
    return Collection(
        documents=[f"{document['title']}. {document['text']}" for document in corpus],
        queries=[query["text"] for query in queries],
        grades=[grades[query["_id"]] for query in queries],
    )


def _read_json_lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ndcg(ranking: Sequence[int], grades: dict[int, int], k: int = 10) -> float:
    """Compute nDCG@k as trec_eval does: gain = grade, discount = log2(rank + 1), over the best order possible."""

    def dcg(gains: Sequence[int]) -> float:
        return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], start=1))

    return dcg([grades.get(row, 0) for row in ranking]) / dcg(sorted(grades.values(), reverse=True))


def recall(ranking: Sequence[int], grades: dict[int, int], k: int = 100) -> float:
    """Compute the share of the relevant documents that stand among the first k."""
    return sum(row in grades for row in ranking[:k]) / len(grades)


def reciprocal_rank(ranking: Sequence[int], grades: dict[int, int], k: int = 10) -> float:
    """Compute one over the rank of the first relevant document, 0 where the first k hold none."""
    return next((1 / rank for rank, row in enumerate(ranking[:k], start=1) if row in grades), 0.0)


def tfidf_scores(documents: Sequence[str], queries: Sequence[str]) -> sp.csr_matrix:
    """Compute the (Q, N) cosines of TF-IDF vectors, scikit-learn's, with 1 + ln(tf)."""
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    weights = vectorizer.fit_transform(documents)
    return vectorizer.transform(queries) @ weights.T


def bm25_scores(documents: Sequence[str], queries: Sequence[str], *, k1: float = 0.9, b: float = 0.4) -> sp.csr_matrix:
    """Compute the (Q, N) scores of BM25 in Lucene's variant, the sum of idf times saturation over a query's words.

    idf = ln(1 + (N - df + 0.5) / (df + 0.5)); saturation = tf / (tf + k1 (1 - b + b length / mean length)).
    Words are those of the TF-IDF row: two characters or more, lower case, no stemming, no stop words.
    """
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(documents).astype(np.float64).tocoo()  # (N, words)
    lengths = np.bincount(counts.row, weights=counts.data, minlength=len(documents))
    frequency = np.bincount(counts.col, minlength=counts.shape[1])
    idf = np.log1p((len(documents) - frequency + 0.5) / (frequency + 0.5))
    saturation = k1 * (1 - b + b * lengths / lengths.mean())
    weights = idf[counts.col] * counts.data / (counts.data + saturation[counts.row])
    impact = sp.csr_matrix((weights, (counts.row, counts.col)), shape=counts.shape)
    return vectorizer.transform(queries) @ impact.T


def first(scores: sp.csr_matrix) -> Ranking:
    """Rank the documents by their scores, the lower row first where they tie."""
    return np.argsort(-scores.toarray(), axis=1, kind="stable")[:, :DEPTH]


def rank_by_cosine(documents: Sequence[str], queries: Sequence[str], encoder: Encodes) -> Ranking:
    """Rank by the cosine of embeddings, exactly."""
    corpus = encoder.encode(documents)
    return top_k(encoder.encode(queries), corpus, DEPTH, norms=np.linalg.norm(corpus, axis=1))[1]


class Reranker(Protocol):
    """What re-ranking needs of a trained model, such as a `Scorer`: its decision about pairs."""

    def predict(self, pairs: Sequence[tuple[str, str]], /) -> Predictions:
        """Predict whether the texts of each pair say the same."""


def rerank(ranking: Ranking, documents: Sequence[str], queries: Sequence[str], model: Reranker) -> Ranking:
    """Order the documents of each query anew by the probability that query and document say the same."""
    sides = [(query, documents[row]) for query, rows in zip(queries, ranking, strict=True) for row in rows]
    probability = model.predict(sides).probability  # all at once, so that no document is read twice
    if probability is None:
        raise SystemExit("the re-ranking model has no fitted decision; train one first")
    order = np.argsort(-probability.reshape(ranking.shape), axis=1, kind="stable")
    return np.take_along_axis(ranking, order, axis=1)


def rank_by_index(index: PassageIndex, queries: Sequence[str], vectors: FloatArray, mode: Mode) -> Ranking:
    """Rank by what an index finds, whose documents are named by their rows; -1 where it finds no more."""
    ranking = np.full((len(queries), DEPTH), -1, np.int64)
    for row, hits in enumerate(index.search(queries, vectors, DEPTH, mode=mode)):
        found = list(dict.fromkeys(int(hit.passage.document) for hit in hits))
        ranking[row, : len(found)] = found
    return ranking


def rankings(collection: Collection, encoder: Encodes, reranker: Reranker | None) -> Iterator[tuple[str, Ranking]]:
    """Yield the name of each system and its ranking, computed when it is asked for."""
    texts = collection.documents, collection.queries
    yield "TF-IDF cosine (scikit-learn, sublinear tf)", first(tfidf_scores(*texts))
    yield "BM25 (Lucene's variant, k1 0.9, b 0.4)", first(bm25_scores(*texts))
    nearest = rank_by_cosine(*texts, encoder)
    yield "cosine of embeddings", nearest
    sources = [(GIVEN, given_items(collection.documents))]
    index, _ = PassageIndex.build(sources, encoder.encode, IndexInfo("", words=WHOLE))
    vectors = encoder.encode(collection.queries)
    yield "index, words (BM25 of SQLite, stems)", rank_by_index(index, collection.queries, vectors, "words")
    yield "index, hybrid", rank_by_index(index, collection.queries, vectors, "hybrid")
    if reranker is not None:
        yield f"its first {DEPTH} by pair decision", rerank(nearest, *texts, reranker)


def print_table(collection: Collection, systems: Iterable[tuple[str, Ranking]]) -> None:
    """Print a row for each system: mean measures, and the seconds from texts to ranking, models being loaded.

    The seconds of re-ranking are those that it adds to the row above.
    """
    print("| system | nDCG@10 | recall@100 | MRR@10 | seconds |\n|---|--:|--:|--:|--:|")
    start = time.perf_counter()
    for label, ranking in systems:
        seconds = time.perf_counter() - start
        means = [
            np.mean([measure(rows, grades) for rows, grades in zip(ranking.tolist(), collection.grades, strict=True)])
            for measure in (ndcg, recall, reciprocal_rank)
        ]
        print(f"| {label} | " + " | ".join(f"{mean:.4f}" for mean in means) + f" | {seconds:.1f} |", flush=True)
        start = time.perf_counter()


def main() -> None:
    """Read the options, load the models and print a table for each collection."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--cache", type=Path, help="where vectors are kept from run to run")
    parser.add_argument("--rerank-model", help="a trained model whose decision re-ranks the cosine row")
    parser.add_argument("--scale", type=int, nargs="+", help="numbers of made vectors to search in")
    parser.add_argument("--peers", default="faiss,usearch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precisions", default=",".join(get_args(Precision)))
    options = parser.parse_args()
    if options.scale:
        for count in options.scale:
            print_scale(count, options.rounds, options.peers.split(","), options.precisions.split(","))
        return
    if options.data_dir is None or not (options.data_dir / "retrieval").is_dir():
        parser.error(f"{options.data_dir} holds no folder 'retrieval'; give --data-dir or set SIAMESE_TEXT_DATA")

    # here, so that the measures can be imported without torch
    from siamese_text import Scorer, load_encoder
    from siamese_text.api.keyed_encoder import vectors_key

    loaded = load_encoder(options.model, backend="torch")
    cache = VectorCache(options.cache, vectors_key(loaded)) if options.cache else None
    encoder = CachedEncoder(loaded, cache)
    reranker = Scorer.load(options.rerank_model) if options.rerank_model else None
    for name, (queries_name, qrels_name) in COLLECTIONS.items():
        collection = read_collection(options.data_dir / "retrieval" / name, queries_name, qrels_name)
        print(f"\n{name}: {len(collection.documents)} documents, {len(collection.queries)} queries\n")
        print_table(collection, rankings(collection, encoder, reranker))


if __name__ == "__main__":
    main()
