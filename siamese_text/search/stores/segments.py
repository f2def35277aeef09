"""Vectors in several files, none of which ever changes: what is added goes into a new one, and small ones are merged.

``vectors-7.npy`` is segment 7 of an index, in the precision of the index, and ``graph-7.faiss`` the graph of a large
one, if the index has graphs. Their SHA-256 stand in the index, so that a damaged file is found and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0
from numpy.typing import NDArray

from siamese_text.atomic import atomic_file
from siamese_text.cache import file_sha256
from siamese_text.errors import BadData, MissingInput
from siamese_text.records import FloatArray
from siamese_text.search.stores.approximate import (
    ApproximateStore,
    can_make_graphs,
    open_graph,
    write_graph,
)
from siamese_text.search.stores.base import Similarity, VectorStore
from siamese_text.search.stores.exact import ExactStore
from siamese_text.search.stores.precision import Precision, packed

SEGMENTS, GRAPHS = "vectors-*.npy", "graph-*.faiss"
GRAPH_FROM = 20_000  # rows: a smaller segment is searched about as quickly without one
DRAFTS = (".vectors-*", ".graph-*")  # what a writer that was killed left half-written


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of vectors, as the index knows it, with its graph if ``effort`` is not 0."""

    number: int
    rows: int
    sha256: str
    graph_sha256: str = ""
    effort: int = 0

    @property
    def files(self) -> dict[str, str]:
        """The names of its files, each with its SHA-256."""
        vectors, graph = (pattern.replace("*", str(self.number)) for pattern in (SEGMENTS, GRAPHS))
        return {vectors: self.sha256} | ({graph: self.graph_sha256} if self.effort else {})

    @property
    def name(self) -> str:
        """The name of the file of vectors."""
        return SEGMENTS.replace("*", str(self.number))


def write_segment(
    folder: Path, number: int, rows: int, blocks: Iterable[FloatArray], precision: Precision = "float32"
) -> Segment:
    """Write a segment, block by block, whole or not at all.

    Args:
        folder: The folder of the index.
        number: The number of the segment; no other may have it.
        rows: How many vectors the blocks hold together.
        blocks: (n, D) float32 each.
        precision: What is kept of each number.

    Returns:
        The segment with its checksum.

    Raises:
        BadOutput: The system refused to write, such as on a full disk.
    """
    segment = Segment(number, rows, "")
    with atomic_file(folder / segment.name) as draft, draft.open("wb") as file:
        for place, block in enumerate(blocks):
            stored = packed(block, precision)
            if place == 0:
                shape = (rows, *stored.shape[1:])
                header = {"descr": dtype_to_descr(stored.dtype), "fortran_order": False, "shape": shape}
                write_array_header_1_0(file, header)
            # Not a memory map: where a disk is full, writing to one ends the process.
            file.write(stored.tobytes())
        file.flush()
        with draft.open("rb") as written:
            checksum = hashlib.file_digest(written, "sha256").hexdigest()
    return Segment(number, rows, checksum)


def wants_graph(segment: Segment) -> bool:
    """Say whether a segment has no graph, is large enough for one, and faiss is there to make it."""
    return not segment.effort and segment.rows >= GRAPH_FROM and can_make_graphs()


def add_graph(folder: Path, segment: Segment, similarity: Similarity) -> Segment:
    """Return a segment with a graph, if it wants one and a graph finds what is near.

    Raises:
        BadOutput: The system refused to write.
    """
    if not wants_graph(segment):
        return segment
    path = folder / GRAPHS.replace("*", str(segment.number))
    sha256, effort = write_graph(path, ExactStore.open(folder / segment.name, similarity))
    return replace(segment, graph_sha256=sha256, effort=effort)


def open_segment(folder: Path, segment: Segment, similarity: Similarity) -> VectorStore:
    """Open a segment whose bytes are those that were written; only the first time they are all read.

    Without faiss it is searched exactly, though it has a graph.

    Raises:
        MissingInput: A file is not there.
        BadData: It is damaged.
    """
    for name, sha256 in segment.files.items():
        path = folder / name
        try:
            if file_sha256(path) != sha256:
                raise BadData(f"{path} is damaged: its checksum is not that of the index; build the index again")
        except FileNotFoundError as error:
            raise MissingInput(f"{path} is missing, so the index is not whole; build the index again") from error
        except OSError as error:
            raise BadData(f"{path} cannot be read ({error}); build the index again") from error
    try:
        exact = ExactStore.open(folder / segment.name, similarity)
    except (OSError, ValueError) as error:
        raise BadData(f"{folder / segment.name} cannot be read ({error}); build the index again") from error
    if not segment.effort or not can_make_graphs():
        return exact
    return open_graph(folder / GRAPHS.replace("*", str(segment.number)), exact, segment.effort)


class SegmentedStore:
    """Several stores that are searched as one; their rows are numbered one after the other.

    Args:
        parts: The stores, of one width.

    Example:
        >>> parts = [ExactStore(np.float32([[1, 0]])), ExactStore(np.float32([[0, 1], [1, 1]]))]
        >>> SegmentedStore(parts).search(np.float32([[1, 1]]), k=2)[1].tolist()
        [[2, 0]]
    """

    def __init__(self, parts: Sequence[VectorStore]) -> None:
        self.parts = parts
        self.starts = np.cumsum([0, *map(len, parts)])  # the first row of each part, and the number of all

    @property
    def exact(self) -> SegmentedStore:
        """The same vectors, all of which are compared with a query."""
        return SegmentedStore([part.exact if isinstance(part, ApproximateStore) else part for part in self.parts])

    @property
    def width(self) -> int:
        """The number of dimensions D of each vector; 0 where there are none."""
        return self.parts[0].width if self.parts else 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.starts[-1])

    def search(
        self, vectors: FloatArray, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Find the nearest in each part, and of these the nearest; see ``ExactStore.search``."""
        scores, rows = [np.zeros((len(vectors), 0), np.float32)], [np.zeros((len(vectors), 0), np.int64)]
        for part, (start, end) in zip(self.parts, pairwise(self.starts.tolist()), strict=True):
            found = part.search(vectors, k, None if allowed is None else allowed[start:end])
            scores.append(found[0])
            rows.append(found[1] + start)
        every, places = np.hstack(scores), np.hstack(rows)
        best = np.argsort(-every, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(every, best, axis=1), np.take_along_axis(places, best, axis=1)

    def take(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the (K, D) vectors of some rows."""
        taken = np.zeros((len(rows), self.width), np.float32)
        owner = np.searchsorted(self.starts, rows, side="right") - 1
        for number in np.unique(owner):
            mine = owner == number
            taken[mine] = self.parts[number].take(rows[mine] - self.starts[number])
        return taken
