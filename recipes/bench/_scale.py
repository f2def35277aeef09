"""Searches in many made vectors by turns: an index with texts and filters; numpy, faiss and usearch used plainly."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamese_text.records import FloatArray
from siamese_text.search import IndexInfo, PassageIndex
from siamese_text.search.given import given_items
from siamese_text.search.inspection import inspect
from siamese_text.search.sources import GIVEN
from siamese_text.search.stores.approximate import EFFORTS, LINKS
from siamese_text.search.stores.precision import Precision
from siamese_text.unit_rows import unit_rows

WIDTH, QUERIES, K, GOAL = 384, 500, 10, 0.99
TOPIC, LATENT, NOISE = 200, 32, 0.3  # vectors of a topic, dimensions in which they differ, and how far in all others
BLOCK = 10_000  # vectors made at a time, and rows that numpy compares at a time
MORE_EFFORTS = (1536, 2048, 3072, 4096)  # with which no index is searched: to compare all rows is quicker
YEARS = 20  # the first of which a filter leaves out, or leaves alone

Rows = NDArray[np.int64]  # (Q, K)


@dataclass(slots=True)
class System:
    """A way to search, what it costs to make, and how long its searches took."""

    name: str
    search: Callable[[], Rows]
    bytes: float  # of a vector
    build: float  # CPU seconds
    allowed: NDArray[np.bool_] | None = None
    times: list[float] = field(default_factory=list)
    found: Rows | None = None


def made(count: int) -> tuple[FloatArray, FloatArray]:
    """Return vectors in topics, and queries that are drawn as they are, all of unit length."""
    drawn = np.random.default_rng(0)
    topics = drawn.standard_normal((max(count // TOPIC, 10), WIDTH), dtype=np.float32)
    basis = drawn.standard_normal((LATENT, WIDTH), dtype=np.float32) / np.float32(LATENT**0.5)

    def some(number: int) -> FloatArray:
        within = drawn.standard_normal((number, LATENT), dtype=np.float32) @ basis
        beside = np.float32(NOISE) * drawn.standard_normal((number, WIDTH), dtype=np.float32)
        return unit_rows(topics[drawn.integers(len(topics), size=number)] + within + beside)

    blocks = [some(min(BLOCK, count - start)) for start in range(0, count, BLOCK)]
    return np.concatenate(blocks), some(QUERIES)


def by_numpy(vectors: FloatArray, queries: FloatArray, allowed: NDArray[np.bool_] | None = None) -> Rows:
    """Compare every vector, block by block, as one writes it down."""
    best, rows = np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(vectors), BLOCK):
        scores = queries @ vectors[start : start + BLOCK].T
        if allowed is not None:
            scores[:, ~allowed[start : start + BLOCK]] = -2
        first = np.argpartition(-scores, K, axis=1)[:, :K]
        best = np.hstack([best, np.take_along_axis(scores, first, axis=1)])
        rows = np.hstack([rows, first + start])
    order = np.argsort(-best, axis=1, kind="stable")[:, :K]
    return np.take_along_axis(rows, order, axis=1)


def recall(found: Rows, nearest: Rows) -> float:
    """Return the share of the nearest that was found."""
    return float(
        np.mean([len({*mine} & {*theirs}) / K for mine, theirs in zip(found.tolist(), nearest.tolist(), strict=True)])
    )


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def by_faiss(vectors: FloatArray, queries: FloatArray, nearest: Rows, folder: Path) -> Iterator[System]:
    """Yield faiss's graphs over float32 and over 8 bits, with the least effort that reaches the goal."""
    import faiss

    faiss.omp_set_num_threads(1)
    for name, graph in (
        ("faiss HNSW32, float32", faiss.IndexHNSWFlat(WIDTH, LINKS, faiss.METRIC_INNER_PRODUCT)),
        (
            "faiss HNSW32, 8 bits",
            faiss.IndexHNSWSQ(WIDTH, faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT),
        ),
    ):

        def build(graph: faiss.Index = graph) -> None:
            graph.train(vectors[:: len(vectors) // 20_000 + 1])
            graph.add(vectors)

        seconds = timed(build)
        path = folder / "plain.faiss"
        faiss.write_index(graph, str(path))

        def search(effort: int, graph: faiss.Index = graph) -> Rows:
            rows: Rows = graph.search(queries, K, params=faiss.SearchParametersHNSW(efSearch=effort))[1]
            return rows

        yield _with_effort(name, search, nearest, path.stat().st_size / len(vectors), seconds)


def by_usearch(vectors: FloatArray, queries: FloatArray, nearest: Rows, folder: Path) -> Iterator[System]:
    """Yield usearch's graphs over float32 and float16, with the least effort that reaches the goal."""
    from usearch.index import Index

    for dtype in ("f32", "f16"):
        graph = Index(ndim=WIDTH, metric="cos", dtype=dtype)
        seconds = timed(partial(graph.add, np.arange(len(vectors)), vectors, threads=1))
        path = folder / "plain.usearch"
        graph.save(str(path))

        def search(effort: int, graph: Index = graph) -> Rows:
            graph.expansion_search = effort
            rows: Rows = graph.search(queries, K, threads=1).keys.astype(np.int64)
            return rows

        yield _with_effort(f"usearch, {dtype}", search, nearest, path.stat().st_size / len(vectors), seconds)


def _with_effort(name: str, search: Callable[[int], Rows], nearest: Rows, size: float, seconds: float) -> System:
    efforts = (*EFFORTS, *MORE_EFFORTS)
    effort = next((each for each in efforts if recall(search(each), nearest) >= GOAL), efforts[-1])
    return System(f"{name}, effort {effort}", lambda: search(effort), size, seconds)


def by_index(
    vectors: FloatArray, queries: FloatArray, precision: Precision, folder: Path, *, approximate: bool
) -> Iterator[System]:
    """Yield searches of an index, which give texts and what is known of them: all, most years, and one year."""
    done = 0

    def encode(texts: Sequence[str]) -> FloatArray:
        nonlocal done
        done += len(texts)
        return vectors[done - len(texts) : done]

    count = len(vectors)
    texts = [f"This is text {number} of {count}, and it says nothing else." for number in range(count)]
    years = np.arange(count) % YEARS
    known = [{"year": year} for year in years.tolist()]
    info = IndexInfo("made vectors", precision=precision, approximate=approximate)
    built: list[PassageIndex] = []

    def build() -> None:
        built.append(PassageIndex.build([(GIVEN, given_items(texts, metadata=known))], encode, info, output=folder)[0])

    seconds = timed(build)
    [index] = built
    with index.reader.reading() as (_, snapshot):
        [segment] = snapshot.stores
        size = sum((folder / name).stat().st_size for name in segment.files) / count
    effort = f", effort {segment.effort}" if approximate else ""
    print(f"index {precision}{effort}: {inspect(index).bytes / count:,.0f} bytes a text in all", flush=True)
    asked = ["made"] * len(queries)
    for words, where, allowed in (
        ("", None, None),
        (", where year >= 1", "year >= 1", years >= 1),
        (", where year = 0", "year = 0", years == 0),
    ):

        def search(where: str | None = where) -> Rows:
            hits = index.search(asked, queries, K, mode="dense", where=where)
            return np.array([[int(hit.passage.document) for hit in each] for each in hits])

        yield System(f"index {precision}{effort}{words}", search, size, seconds, allowed)


def print_scale(count: int, rounds: int, peers: Sequence[str], precisions: Sequence[Precision]) -> None:
    """Build everything, search alternately, and print a table."""
    vectors, queries = made(count)
    nearest = by_numpy(vectors, queries)
    systems = [System("numpy, float32", lambda: by_numpy(vectors, queries), 4 * WIDTH, 0.0)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for precision in precisions:
            systems += by_index(vectors, queries, precision, folder / precision, approximate=False)
        for precision in (each for each in precisions if each != "float16"):
            systems += by_index(vectors, queries, precision, folder / f"{precision}-graph", approximate=True)
        for peer, plainly in (("faiss", by_faiss), ("usearch", by_usearch)):
            if peer in peers:
                systems += plainly(vectors, queries, nearest, folder)
        for _ in range(rounds):
            for system in systems:
                start = time.process_time()
                system.found = system.search()
                system.times.append(time.process_time() - start)
    print(f"\n{count:,} vectors of {WIDTH} dimensions, {QUERIES} queries in one call, {rounds} rounds, one thread\n")
    print("| | recall@10 | queries a CPU second | bytes a vector | CPU s to build |\n|---|--:|--:|--:|--:|")
    answers: dict[str | None, Rows] = {None: nearest}
    for system in systems:
        key = None if system.allowed is None else system.name.rpartition(", ")[2]
        if key not in answers:
            answers[key] = by_numpy(vectors, queries, system.allowed)
        assert system.found is not None
        share = recall(system.found, answers[key])
        speed = QUERIES / min(system.times)
        print(f"| {system.name} | {share:.4f} | {speed:,.0f} | {system.bytes:,.0f} | {system.build:,.0f} |", flush=True)
