"""An index of passages: built from documents, saved as a folder, searched by the vectors of queries.

An index knows no model. Whoever asks it encodes the queries, by the encoder that ``IndexInfo.encoder_name`` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import ComputeDtype, Document, FloatArray, Hit, Passage
from siamese_text.search.index_folder import IndexInfo, open_index, write_index
from siamese_text.search.stores.base import Similarity, VectorStore
from siamese_text.search.stores.exact import ExactStore
from siamese_text.text import passages as split_passages
from siamese_text.text import stripped

_ENCODE_BLOCK = 1024  # texts between two calls of `progress`


class PassageIndex:
    """Passages with their vectors.

    Attributes:
        passages: The N passages.
        store: Their N vectors, in the same order.
        info: How the index was made.
    """

    def __init__(self, passages: Sequence[Passage], store: VectorStore, info: IndexInfo) -> None:
        self.passages = passages
        self.store = store
        self.info = info

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        encode: Callable[[Sequence[str]], FloatArray],
        *,
        encoder_name: str,
        similarity: Similarity = "cosine",
        words: int = 120,
        compute_dtype: ComputeDtype = "fp32",
        progress: Progress | None = None,
    ) -> PassageIndex:
        """Cut documents into passages and encode them.

        Args:
            documents: The documents; those with a problem or without text are kept in ``skipped``.
            encode: Returns the (N, D) float32 vectors of N passages, such as ``encoder.encode_document``.
            encoder_name: What to load to get the encoder again.
            similarity: How queries and passages are compared.
            words: The length of a passage in words; keep it within what the encoder reads of a text.
            compute_dtype: The number format in which the encoder multiplies.
            progress: Called with the number of encoded passages and of all passages.

        Returns:
            The index.

        Raises:
            NothingToDo: No document holds any text.
            UsageError: ``similarity`` or ``words`` cannot be used.
        """
        found: list[Passage] = []
        skipped: list[Document] = []
        for document in documents:
            if document.problem is None and not document.text.strip():
                document = replace(document, text="", problem="it holds no text")
            if document.problem is not None:
                skipped.append(document)
            else:
                found.extend(stripped(split_passages(document, words=words)))
        info = IndexInfo(encoder_name, similarity, words, tuple(skipped), compute_dtype)
        if not found:
            raise NothingToDo(f"none of {len(skipped)} documents holds text that can be indexed; name other files")
        vectors = _encode([passage.text for passage in found], encode, progress)
        return cls(found, ExactStore(vectors, similarity), info)

    @classmethod
    def open(cls, folder: Path) -> PassageIndex:
        """Open a saved index without reading its vectors into memory.

        Args:
            folder: What ``save`` wrote.

        Returns:
            The index; its store holds a read-only ``np.memmap``.

        Raises:
            MissingInput: The folder or one of its files is missing.
            BadData: A file is damaged, of a newer format or does not fit the others.
        """
        info, passages, store = open_index(folder)
        return cls(passages, store, info)

    def save(self, folder: Path, *, overwrite: bool = False) -> None:
        """Write the index to a folder; a crash leaves the old index or the new one.

        Args:
            folder: The folder to write.
            overwrite: Whether an index that is there may be replaced.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, it is not an index, or it cannot be written.
        """
        write_index(folder, self.info, self.passages, self.store, overwrite=overwrite)

    @property
    def skipped(self) -> tuple[Document, ...]:
        """The documents that are not in the index, each with its problem."""
        return self.info.skipped

    def search(self, vectors: FloatArray, k: int = 10) -> list[list[Hit]]:
        """Find the passages nearest to each query.

        Args:
            vectors: (Q, D) float32, queries as the encoder of the index encodes them.
            k: How many hits to return for each query; fewer where the index holds fewer passages.

        Returns:
            Q lists of hits, best first. ``similarity`` is in [-1, 1] for cosine and unbounded for dot.

        Raises:
            UsageError: ``k`` is below 1.
            BadData: The vectors are of another width than those of the index.
        """
        return [self.hits(*found) for found in zip(*self.nearest(vectors, k), strict=True)]

    def nearest(self, vectors: FloatArray, k: int) -> tuple[FloatArray, NDArray[np.int64]]:
        """Find the rows of the passages nearest to each query, as ``search`` does.

        Args:
            vectors: (Q, D) float32, queries as the encoder of the index encodes them.
            k: How many rows to return for each query.

        Returns:
            The (Q, K) float32 similarities, best first, and the (Q, K) int64 rows that they belong to.

        Raises:
            UsageError: ``k`` is below 1.
            BadData: The vectors are of another width than those of the index.
        """
        if k < 1:
            raise UsageError(f"k is {k}; ask for 1 hit or more")
        if vectors.shape[1] != self.store.width:
            raise BadData(
                f"the index holds vectors of width {self.store.width} and the queries have {vectors.shape[1]}; "
                f"encode them by the encoder of the index, {self.info.encoder_name}"
            )
        return self.store.search(vectors, k)

    def hits(self, similarities: FloatArray, rows: NDArray[np.int64]) -> list[Hit]:
        """Return the passages of (K,) rows as hits, with their (K,) similarities to one query."""
        return [Hit(self.passages[row], float(value)) for value, row in zip(similarities, rows, strict=True)]


def _encode(
    texts: Sequence[str], encode: Callable[[Sequence[str]], FloatArray], progress: Progress | None
) -> FloatArray:
    parts = []
    for start in range(0, len(texts), _ENCODE_BLOCK):
        parts.append(encode(texts[start : start + _ENCODE_BLOCK]))
        if progress is not None:
            progress(min(start + _ENCODE_BLOCK, len(texts)), len(texts))
    return np.concatenate(parts)
