"""A graph over the vectors of a large segment: near ones are found in it, and compared as they are kept.

``graph-7.faiss`` belongs to segment 7 and never changes either. It is faiss's HNSW (Malkov and Yashunin, "Efficient and
robust approximate nearest neighbor search using hierarchical navigable small world graphs", 2018), over copies of the
vectors in 8 bits. How far a search goes in it is found out when it is made, by searches for vectors of the segment.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.atomic import atomic_file
from siamese_text.errors import BadData, UsageError
from siamese_text.records import FloatArray
from siamese_text.search.stores.base import VectorStore
from siamese_text.search.stores.exact import ExactStore, similarity_to
from siamese_text.unit_rows import unit_rows

LINKS = 32  # of a row, to others
EFFORTS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)  # rows that a search keeps in mind
RECALL = 0.993  # of the ten nearest rows, that an effort is to find, so that new queries find .99
SELECTIVE = 0.2  # of the rows: where a filter leaves fewer, they are all compared
SAMPLE = 400  # rows that are searched for to find the effort
NEAREST = 10  # rows that are looked for
ROUNDING = 1e-5  # of a score, by which equally near rows may differ
BLOCK = 16384  # rows
QUERIES = 64  # whose rows are compared as they are kept at a time: more than these do not fit a cache


class ApproximateStore:
    """N vectors whose nearest are found in a graph, or by comparing all that a selective filter leaves.

    Args:
        exact: The vectors.
        graph: The graph of them.
        effort: How many rows a search keeps in mind.
    """

    def __init__(self, exact: ExactStore, graph: Any, effort: int) -> None:
        self.exact, self.graph, self.effort = exact, graph, effort
        self._order = _order(len(exact))

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector."""
        return self.exact.width

    def __len__(self) -> int:
        """Return N."""
        return len(self.exact)

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        return self.exact.take(rows)

    def search(
        self, vectors: FloatArray, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Find vectors near to each query; see ``ExactStore.search``.

        The scores are those of an exact search, and of rows that were found none is out of order; a row of the nearest
        may be missing.
        """
        count = len(self) if allowed is None else int(np.count_nonzero(allowed))
        effort = max(self.effort, _compared(k)) * len(self) // max(count, 1)
        if k < 1 or count < SELECTIVE * len(self) or effort > len(self) // 4:
            return self.exact.search(vectors, k, allowed)
        some = allowed if count < len(self) else None
        found = self._found(vectors, _compared(k), effort, some)
        if not len(found) or (found < 0).any():  # the graph led nowhere for some query
            return self.exact.search(vectors, k, allowed)
        blocks = [slice(start, start + QUERIES) for start in range(0, len(vectors), QUERIES)]
        scores, rows = zip(*(self._nearest(vectors[block], found[block], k) for block in blocks), strict=True)
        return np.concatenate(scores), np.concatenate(rows)

    def _nearest(self, vectors: FloatArray, rows: NDArray[np.int64], k: int) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return the best k of (Q, K) rows, compared as they are kept, with their scores."""
        rows = np.sort(rows, axis=1)  # of equal scores the lower row comes first
        kept = self.exact.take(rows.ravel()).reshape(*rows.shape, -1)
        scores = similarity_to(vectors, kept, self.exact.similarity)
        if not np.isfinite(scores).all():
            raise BadData("a score is not a finite number; look for NaN in the vectors and encode the texts again")
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, best, axis=1), np.take_along_axis(rows, best, axis=1)

    def _found(
        self, vectors: FloatArray, count: int, effort: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Return the (Q, count) rows that the graph finds, -1 where it finds no more."""
        import faiss

        asked = np.ascontiguousarray(vectors if self.exact.similarity == "dot" else unit_rows(vectors), np.float32)
        bits = None if allowed is None else np.packbits(allowed[self._order], bitorder="little")
        chosen = None if bits is None else faiss.IDSelectorBitmap(bits)
        found = self.graph.search(asked, count, params=faiss.SearchParametersHNSW(efSearch=effort, sel=chosen))[1]
        rows: NDArray[np.int64] = np.where(found < 0, found, self._order[found])
        return rows


def can_make_graphs() -> bool:
    """Say whether faiss is installed."""
    return find_spec("faiss") is not None


def check_approximate(asked: bool | None) -> None:
    """Refuse graphs where faiss is not installed.

    Raises:
        UsageError: It is not, and graphs are asked for.
    """
    if asked and not can_make_graphs():
        raise UsageError("approximate needs faiss; install it with pip install 'siamese-text[faiss]'")


def write_graph(path: Path, exact: ExactStore) -> tuple[str, int]:
    """Make the graph of a segment and write it, whole or not at all.

    Args:
        path: Where it is to be.
        exact: The vectors of the segment.

    Returns:
        Its SHA-256 and the effort by which a search finds nearly all of the nearest; an empty text and 0, and no file,
        where no effort is enough.

    Raises:
        BadOutput: The system refused to write.
    """
    graph, effort = _made(exact)
    if not effort:
        return "", 0
    import faiss

    with atomic_file(path) as draft:
        with draft.open("wb") as file:
            faiss.write_index(graph, faiss.PyCallbackIOWriter(file.write))  # what the system refuses is an OSError
        with draft.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return sha256, effort


def open_graph(path: Path, exact: ExactStore, effort: int) -> ApproximateStore:
    """Open the graph of a segment without reading it into memory.

    Raises:
        BadData: It is no graph of these vectors.
    """
    import faiss

    try:
        graph = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise BadData(f"{path} cannot be read; make it again: siamese-text index compact") from error
    if graph.ntotal != len(exact) or graph.d != exact.width:
        raise BadData(f"{path} is of other vectors; build the index again")
    return ApproximateStore(exact, graph, effort)


def recall(
    store: VectorStore, queries: FloatArray, expected: FloatArray, allowed: NDArray[np.bool_] | None = None
) -> float:
    """Measure which share of the nearest rows a store finds.

    Args:
        store: The store.
        queries: (Q, D) float32.
        expected: (Q, K) float32, the scores of the K nearest rows, best first, as an exact search gives them.
        allowed: (N,) bool, the rows that may be found.

    Returns:
        The share, in [0, 1]. A row that is as near as the last of the K counts as one of them.

    Example:
        >>> store = ExactStore(np.float32([[1, 0], [0, 1], [1, 1]]))
        >>> recall(store, np.float32([[1, 0]]), np.float32([[1.0, 0.9]]))
        0.5
    """
    if not expected.size:
        return 1.0
    scores, _ = store.search(queries, expected.shape[1], allowed)
    least = expected[:, -1:] - np.abs(expected[:, -1:]) * ROUNDING
    return float((scores >= least).mean())


def _compared(k: int) -> int:
    """Return how many rows of those that a graph finds are compared as they are kept, to get the best k."""
    return k + max(NEAREST, k) // 2


def _order(count: int) -> NDArray[np.int64]:
    """Return the rows in the order in which they come into a graph: last some from all over the segment.

    Without these the graph is searched for them, as for queries that it does not hold.
    """
    last = np.linspace(0, count - 1, _held_out(count), dtype=np.int64)
    return np.concatenate([np.delete(np.arange(count), last), last])


def _held_out(count: int) -> int:
    """Return how many rows are searched for in the graph of the others: of few rows half."""
    return min(SAMPLE, count // 2)


def _made(exact: ExactStore) -> tuple[Any, int]:
    """Return faiss's HNSW over the vectors, and the effort by which nearly all of the nearest are found, or 0."""
    import faiss

    graph = faiss.IndexHNSWSQ(exact.width, faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT)
    scaled = (lambda vectors: vectors) if exact.similarity == "dot" else unit_rows
    order = _order(len(exact))
    graph.train(scaled(exact.take(order[:: len(order) // (2 * BLOCK) + 1])))  # the range of each dimension
    first, last = np.split(order, [len(order) - _held_out(len(order))])
    for start in range(0, len(first), BLOCK):
        graph.add(scaled(exact.take(first[start : start + BLOCK])))
    held_out, allowed = exact.take(last), np.ones(len(exact), bool)
    allowed[last] = False
    expected = exact.search(held_out, NEAREST, allowed)[0]
    effort = next(
        (each for each in EFFORTS if recall(ApproximateStore(exact, graph, each), held_out, expected) >= RECALL), 0
    )
    graph.add(scaled(held_out))
    return graph, effort
