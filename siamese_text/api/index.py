"""Semantic search in documents: build an index, open one, ask it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from siamese_text import text
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.atomic import check_output
from siamese_text.data.cells import text_problem
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import MissingInput, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import Document, Hit
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import read_info
from siamese_text.search.rerank import rerank as rerank_hits

CANDIDATES = 100  # of the nearest passages are ordered anew by re-ranking, or as many as hits are asked for


class Index:
    """A searchable collection of passages on disk, with the model that reads queries.

    Args:
        passages: The passages and their vectors.
        scorer: The model; its decision re-ranks.
    """

    def __init__(self, passages: PassageIndex, scorer: Scorer) -> None:
        self.passages = passages
        self.scorer = scorer

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path] | str | Path,
        output: str | Path | None = None,
        *,
        model: str | Path | Scorer = DEFAULT_MODEL,
        words: int = 120,
        backend: str = "auto",
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Read documents, cut them into passages and encode those.

        Args:
            paths: Files and folders.
            output: A folder to save the index to; by default it stays in memory until ``save`` is called.
            model: A name, a folder, or a loaded scorer.
            words: The length of a passage in words.
            backend: The backend of a model that is not loaded yet, and of queries; see ``load_encoder``.
            overwrite: Whether an existing index may be replaced.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            The index.

        Raises:
            MissingInput: A path is missing.
            NothingToDo: No document holds any text.
            BadOutput: The output exists or cannot be written.
        """
        if output is not None:
            check_output(Path(output), overwrite=overwrite)
        scorer = model if isinstance(model, Scorer) else Scorer.load(model, backend=backend)
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        built = PassageIndex.build(
            read_documents(listed),
            scorer.encoder.encode_document,
            encoder_name=_absolute(scorer.name),
            similarity="dot" if scorer.encoder.similarity_fn_name == "dot" else "cosine",
            words=words,
            compute_dtype=scorer.encoder.compute_dtype,
            progress=progress,
        )
        index = cls(built, scorer)
        if output is not None:
            index.save(output, overwrite=overwrite)
        return index

    @classmethod
    def open(cls, folder: str | Path, *, backend: str = "auto") -> Self:
        """Open a saved index with the model that it names; its vectors stay on disk.

        Args:
            folder: What ``save`` wrote.
            backend: The backend of the model; see ``load_encoder``. It must multiply in the number format of the
                index, as ``auto`` does.

        Raises:
            MissingInput: The folder, one of its files or its model is missing.
            BadData: The index is damaged.
            UsageError: The index was built in another number format.
        """
        info = read_info(Path(folder))
        if backend != "auto" and (backend == "int8") != (info.compute_dtype == "int8"):
            raise UsageError(
                f"{folder} was built at {info.compute_dtype}; leave backend {backend} out, or build it anew"
            )
        chosen = "int8" if info.compute_dtype == "int8" else backend
        device = "cpu" if chosen == "auto" else None  # few queries are read: what starts soonest is quickest
        scorer = Scorer.load(info.encoder_name, backend=chosen, device=device)
        return cls(PassageIndex.open(Path(folder)), scorer)

    @property
    def skipped(self) -> tuple[Document, ...]:
        """The documents that are not in the index, each with its problem."""
        return self.passages.skipped

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the index to a folder, all or nothing.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, or it cannot be written.
        """
        self.passages.save(Path(folder), overwrite=overwrite)

    def search(self, query: str, k: int = 10, *, rerank: bool | str | Path | Scorer = False) -> list[Hit]:
        """Find the passages nearest to a query.

        Args:
            query: A text.
            k: How many hits.
            rerank: Whether a pair decision orders the nearest passages anew: that of the model (True), or that of
                another one, as a name, a folder or a loaded scorer, which reads them again. So a quick student can
                find what its teacher decides about.

        Returns:
            At most ``k`` hits, best first.

        Raises:
            UsageError: The query is blank, or ``k`` is below 1.
            BadModel: The model that re-ranks has no decision.
        """
        if k < 1:
            raise UsageError(f"k is {k}; ask for 1 hit or more")
        if not isinstance(query, str):
            raise UsageError(f"the query is {query!r:.60}, of type {type(query).__name__}; give one text")
        problem = text_problem(query)
        if problem:
            raise UsageError(
                "the query is blank; give it at least one word" if not query.strip() else f"the query {problem}"
            )
        vectors = self.scorer.encoder.encode_query([query])  # (1, D)
        if not rerank:
            return self.passages.search(vectors, k)[0]
        [similarities], [rows] = self.passages.nearest(vectors, max(k, CANDIDATES))
        hits = self.passages.hits(similarities, rows)
        if isinstance(rerank, str | Path):
            rerank = load_to_predict(rerank, device="cpu")
        if isinstance(rerank, Scorer):  # to another model the vectors of this one mean nothing
            return rerank_hits(query, hits, rerank)[:k]
        at_hand = dict(zip((hit.passage.text for hit in hits), self.passages.store.take(rows), strict=True))
        return rerank_hits(query, hits, self.scorer, vectors=at_hand | {query: vectors[0]})[:k]


def read_documents(paths: Sequence[str | Path]) -> list[Document]:
    """Read files, and the files of folders.

    Args:
        paths: Files and folders; where there are several, the names of the documents begin with them.

    Returns:
        The documents, each with its text or the reason why it has none.

    Raises:
        MissingInput: A path is missing.
    """
    documents: list[Document] = []
    for path in map(Path, paths):
        if path.is_dir():
            prefix = f"{path.as_posix()}/" if len(paths) > 1 else ""
            documents += [replace(document, name=prefix + document.name) for document in text.read_folder(path)]
        elif path.exists():
            documents.append(text.read_file(path, name=path.as_posix() if len(paths) > 1 else path.name))
        else:
            raise MissingInput(f"{path} does not exist; give files or folders")
    return documents


def _absolute(name: str) -> str:
    """Return a folder's full path, so that an index finds its model from anywhere; a name stays a name."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name
