"""An index of passages: built from documents, saved as a folder, searched by meaning.

index.json       what the index is: format version, encoder, options, counts, documents left out
vectors.npy      (N, D) float32, as the encoder gave them; memory-mapped when the index is opened
passages.jsonl   N lines, one passage each, in the order of the vectors
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.errors import BadData, BadModel, BadOutput, MissingInput, NothingToDo, UsageError
from siamese_text.protocols import Encodes, PredictsPairs
from siamese_text.records import ComputeDtype, Document, FloatArray, Hit, Passage
from siamese_text.search.top_k import top_k
from siamese_text.text import passages as split_passages
from siamese_text.text import stripped

Similarity = Literal["cosine", "dot"]

_FORMAT = 1
_ENCODE_BLOCK = 1024  # texts between two calls of `progress`


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """How an index was made: what has to be known before the encoder for its queries can be loaded.

    Attributes:
        encoder_name: The model that encoded the passages, as it was named then.
        similarity: What ``Hit.similarity`` is: ``cosine`` or ``dot``.
        words: The length asked of a passage, in words.
        skipped: The documents that are not in the index, each with its problem.
        compute_dtype: Of the encoder; queries are read at the same.
    """

    encoder_name: str
    similarity: Similarity
    words: int
    skipped: tuple[Document, ...]
    compute_dtype: ComputeDtype = "fp32"

    def __post_init__(self) -> None:
        if self.similarity not in ("cosine", "dot"):
            raise UsageError(f"similarity is {self.similarity!r}; give 'cosine' or 'dot'")


class PassageIndex:
    """Passages with their embeddings, and the encoder that understands queries about them.

    Attributes:
        info: How the index was made.
        passages: The N passages.
        vectors: (N, D) float32, not normalised; memory-mapped where the index was opened from a folder.
    """

    def __init__(self, passages: Sequence[Passage], vectors: FloatArray, encoder: Encodes, info: IndexInfo) -> None:
        self.passages = passages
        self.vectors = vectors
        self.info = info
        self._encoder = encoder

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        encoder: Encodes,
        *,
        encoder_name: str,
        similarity: Similarity = "cosine",
        words: int = 120,
        compute_dtype: ComputeDtype = "fp32",
        progress: Callable[[int, int], None] | None = None,
    ) -> PassageIndex:
        """Cut documents into passages and encode them.

        Args:
            documents: The documents; those with a problem or without text are kept in ``skipped``.
            encoder: The model; queries are encoded by it too.
            encoder_name: What to load to get the encoder again.
            similarity: How queries and passages are compared.
            words: The length of a passage in words; keep it within what the encoder reads of a text.
            compute_dtype: Of the encoder.
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
                document = dataclasses.replace(document, text="", problem="it holds no text")
            if document.problem is not None:
                skipped.append(document)
            else:
                found.extend(stripped(split_passages(document, words=words)))
        info = IndexInfo(encoder_name, similarity, words, tuple(skipped), compute_dtype)
        if not found:
            raise NothingToDo(f"none of {len(skipped)} documents holds text that can be indexed; name other files")
        return cls(found, _encode([passage.text for passage in found], encoder, progress), encoder, info)

    @classmethod
    def open(cls, folder: Path, encoder: Encodes) -> PassageIndex:
        """Open a saved index without reading its vectors into memory.

        Args:
            folder: What ``save`` wrote.
            encoder: The model that ``read_info(folder).encoder_name`` names.

        Returns:
            The index; its ``vectors`` are a read-only ``np.memmap``.

        Raises:
            MissingInput: The folder or one of its files is missing.
            BadData: A file is damaged, of a newer format or does not fit the others.
        """
        info, shape = _read_header(folder)
        with _reading(folder, "vectors.npy") as path:
            vectors = open_memmap(path, mode="r")
        with _reading(folder, "passages.jsonl") as path, path.open(encoding="utf-8") as lines:
            passages = [Passage(**json.loads(line)) for line in lines]
        whole = vectors.ndim == 2 and vectors.shape == shape and len(vectors) == len(passages)
        if not whole or vectors.dtype != np.float32:
            raise BadData(
                f"{folder} is damaged: index.json says float32 vectors of shape {shape}, the files hold "
                f"{vectors.dtype} {vectors.shape} and {len(passages)} passages; build the index again"
            )
        return cls(passages, vectors, encoder, info)

    def save(self, folder: Path, *, overwrite: bool = False) -> None:
        """Write the index to a folder; a crash leaves the old index or the new one.

        Args:
            folder: The folder to write.
            overwrite: Whether an index that is there may be replaced.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, it is not an index, or it cannot be written.
        """
        check_output(folder, overwrite=overwrite)
        if folder.exists() and not (folder / "index.json").is_file():
            raise BadOutput(f"{folder} is not an index and will not be replaced; choose another output")
        header = {"format": _FORMAT, "shape": self.vectors.shape, "info": dataclasses.asdict(self.info)}
        with atomic_folder(folder) as draft:
            np.save(draft / "vectors.npy", self.vectors)
            with (draft / "passages.jsonl").open("w", encoding="utf-8") as lines:
                lines.writelines(json.dumps(dataclasses.asdict(passage)) + "\n" for passage in self.passages)
            (draft / "index.json").write_text(json.dumps(header, indent=2) + "\n", encoding="utf-8")

    @property
    def skipped(self) -> tuple[Document, ...]:
        """The documents that are not in the index, each with its problem."""
        return self.info.skipped

    def search(
        self, query: str, k: int = 10, *, classifier: PredictsPairs | None = None, candidates: int = 100
    ) -> list[Hit]:
        """Find the passages nearest to one query: ``search_many`` for one.

        Args:
            query: A text.
            k: How many hits to return.
            classifier: Where given, the nearest passages are ordered by its probability instead.
            candidates: How many of the nearest passages the classifier sees; never fewer than ``k``.

        Returns:
            The hits, best first.

        Raises:
            SiameseTextError: As ``search_many``.
        """
        return self.search_many([query], k, classifier=classifier, candidates=candidates)[0]

    def search_many(
        self, queries: Sequence[str], k: int = 10, *, classifier: PredictsPairs | None = None, candidates: int = 100
    ) -> list[list[Hit]]:
        """Find the passages nearest to each query, and let a classifier re-rank them.

        The classifier is given the stored embeddings, so it must belong to the encoder of the index.

        Args:
            queries: Q texts, encoded in one call.
            k: How many hits to return for each query; fewer where the index holds fewer passages.
            classifier: Where given, the nearest passages are ordered by its probability instead.
            candidates: How many of the nearest passages the classifier sees; never fewer than ``k``.

        Returns:
            Q lists of hits, best first. ``similarity`` is in [-1, 1] for cosine and unbounded for dot;
            ``probability`` is in [0, 1], or None without a classifier or where its threshold was given by hand;
            ``same`` is its decision, or None without one.

        Raises:
            UsageError: A query is blank, or ``k`` is below 1.
            BadData: The encoder gives vectors of another width than the index holds.
            BadModel: The classifier has no fitted decision.
        """
        if k < 1:
            raise UsageError(f"k is {k}; ask for 1 hit or more")
        if not all(query.strip() for query in queries):
            raise UsageError("a query is blank; give each query at least one word")
        if not queries:
            return []
        vectors = self._encoder.encode(queries)  # (Q, D)
        if vectors.shape[1] != self.vectors.shape[1]:
            raise BadData(
                f"the index holds vectors of width {self.vectors.shape[1]} and the encoder gives {vectors.shape[1]}; "
                f"open the index with its own encoder, {self.info.encoder_name}"
            )
        depth = k if classifier is None else max(k, candidates)
        results = []
        for query, vector, scores, nearest in zip(queries, vectors, *self._nearest(vectors, depth), strict=True):
            hits = [Hit(self.passages[row], float(score)) for row, score in zip(nearest, scores, strict=True)]
            results.append(
                hits if classifier is None else _reranked(hits, query, vector, self.vectors[nearest], classifier)[:k]
            )
        return results

    def _nearest(self, vectors: FloatArray, k: int) -> tuple[FloatArray, NDArray[np.int64]]:
        if self.info.similarity == "dot":
            return top_k(vectors, self.vectors, k)
        scores, rows = top_k(vectors / _norms(vectors)[:, None], self.vectors, k, norms=self._passage_norms)
        return scores.clip(-1, 1), rows  # rounding can pass 1

    @cached_property
    def _passage_norms(self) -> FloatArray:
        return _norms(self.vectors)


def read_info(folder: Path) -> IndexInfo:
    """Read how a saved index was made, without its passages and vectors.

    Args:
        folder: What ``PassageIndex.save`` wrote.

    Returns:
        The description; its ``encoder_name`` says which encoder to open the index with.

    Raises:
        MissingInput: The folder is not an index.
        BadData: ``index.json`` is damaged or of a newer format.
    """
    return _read_header(folder)[0]


def _read_header(folder: Path) -> tuple[IndexInfo, tuple[int, ...]]:
    with _reading(folder, "index.json") as path:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["format"] > _FORMAT:
            raise BadData(
                f"{folder} has index format {header['format']}, this version reads up to {_FORMAT}; "
                "update siamese-text or build the index again"
            )
        info = header["info"]
        skipped = tuple(Document(**document) for document in info.pop("skipped"))
        return IndexInfo(**info, skipped=skipped), tuple(header["shape"])


@contextmanager
def _reading(folder: Path, name: str) -> Iterator[Path]:
    """Yield the path of a file of an index; whatever cannot be read there is an error that names it."""
    path = folder / name
    try:
        yield path
    except FileNotFoundError as error:
        raise MissingInput(f"{path} is missing, so {folder} is not an index; build the index first") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadData(f"{path} is not a file of an index or is damaged ({error}); build the index again") from error


def _encode(texts: Sequence[str], encoder: Encodes, progress: Callable[[int, int], None] | None) -> FloatArray:
    parts = []
    for start in range(0, len(texts), _ENCODE_BLOCK):
        parts.append(encoder.encode(texts[start : start + _ENCODE_BLOCK]))
        if progress is not None:
            progress(min(start + _ENCODE_BLOCK, len(texts)), len(texts))
    return np.concatenate(parts)


def _norms(vectors: FloatArray) -> FloatArray:
    """Return the (N,) Euclidean norms, without the copy of a memory-mapped array that np.linalg.norm makes."""
    squares: FloatArray = np.einsum("nd,nd->n", vectors, vectors)
    return np.sqrt(squares).clip(min=np.finfo(np.float32).tiny)  # a vector of zeros gets a cosine of 0


def _reranked(
    hits: Sequence[Hit], query: str, vector: FloatArray, vectors: FloatArray, classifier: PredictsPairs
) -> list[Hit]:
    """Predict whether the query, embedded as (D,), says the same as each hit, as (K, D); the most probable come first.

    A threshold that was given by hand knows no probability, and leaves the hits in the order of their similarity.
    """
    sides = [(query, hit.passage.text) for hit in hits]
    at_hand = {hit.passage.text: row for hit, row in zip(hits, vectors, strict=True)} | {query: vector}
    predictions = classifier.predict(sides, vectors=at_hand)
    if predictions.same is None:
        raise BadModel("the re-ranking model has no decision; calibrate it or give another --rerank-model")
    if predictions.probability is None:
        return [dataclasses.replace(hit, same=bool(same)) for hit, same in zip(hits, predictions.same, strict=True)]
    order = np.argsort(-predictions.probability, kind="stable")  # of equal probabilities the more similar stays first
    return [
        dataclasses.replace(
            hits[place], probability=float(predictions.probability[place]), same=bool(predictions.same[place])
        )
        for place in order
    ]
