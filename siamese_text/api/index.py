"""Search in documents and texts: build an index, open one, change it, ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, overload

from siamese_text.api.index_encoder import encoding, model_key
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.data.cells import text_problem
from siamese_text.data.given import list_of
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import Document, Hit
from siamese_text.search.best_sentence import mark_best_sentences
from siamese_text.search.changes import Changes
from siamese_text.search.given import given_items
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.places import AnyIndex, build_index, check_place, info_of, open_index, shown_place
from siamese_text.search.ranking import Mode
from siamese_text.search.rerank import rerank as rerank_hits
from siamese_text.search.sources import GIVEN, SourceItem, TextSource, text_sources
from siamese_text.search.stores.precision import Precision

CANDIDATES = 100  # of the passages found are ordered anew by re-ranking, or as many as hits are asked for
LONGEST_QUERY = 10_000  # characters; no model reads more than a small part of it


class Index:
    """A searchable collection of passages on disk, with the model that reads queries.

    Any number of threads and processes may search while one adds, removes or refreshes.

    Args:
        passages: The passages and their vectors.
        scorer: The model; its decision re-ranks.

    Attributes:
        built: What ``build`` put into the index, and what it could not.
    """

    def __init__(self, passages: AnyIndex, scorer: Scorer) -> None:
        self.passages = passages
        self.scorer = scorer
        self.built = Changes()

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path] | str | Path | None = None,
        output: str | Path | None = None,
        *,
        texts: Any = None,
        ids: Any = None,
        metadata: Any = None,
        lines: bool = False,
        column: str | None = None,
        id_column: str | None = None,
        model: str | Path | Scorer = DEFAULT_MODEL,
        words: int = 120,
        precision: Precision = "float32",
        approximate: bool = False,
        backend: str = "auto",
        cache: bool | str | Path = True,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Read documents or texts, cut them into passages and encode those.

        Args:
            paths: Folders, documents, and tables (CSV, TSV, JSON lines, Parquet), each row of which is a document.
            output: A folder to save the index to, or the URL of a database (``search/database.py``); by default it is
                kept in a temporary folder until ``save`` is called.
            texts: Texts in memory in place of paths; see ``add``.
            ids: Their names; see ``add``.
            metadata: What is known of each text, as ``add`` takes it; with paths one mapping, for all documents.
            lines: Whether each line of a file is a text of its own.
            column: The column of tables with the texts; by default ``text``, or the only one with texts.
            id_column: The column of tables with the names of rows; by default ``id``, or rows are numbered.
            model: A name, a folder, or a loaded scorer.
            words: The length of a passage in words.
            precision: What is kept of each number of a vector: ``float32``; ``float16``, half the bytes; or ``int8``, a
                quarter. Queries are compared with what is kept, in float32.
            approximate: Whether files of 20,000 vectors or more have a graph, by which near ones are found quickly and
                nearly all; by default all vectors are compared. It needs the extra ``faiss``.
            backend: The backend of a model that is not loaded yet, and of queries; see ``load_encoder``.
            cache: Where vectors are kept from run to run, so that a build that was killed goes on: True for the user's
                cache folder, False for nowhere.
            overwrite: Whether an existing index may be replaced.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            The index.

        Raises:
            MissingInput: A path is missing.
            NothingToDo: No document holds any text.
            BadOutput: The output exists or cannot be written.
            BadData: Two documents have one name, or a table cannot be read.
        """
        if (paths is None) == (texts is None):
            raise UsageError("give either paths or texts to build an index from")
        if words < 1:
            raise UsageError(f"words is {words}; a passage holds 1 word or more")
        check_place(output, precision=precision, approximate=approximate, overwrite=overwrite)
        sources: list[tuple[TextSource, Iterable[SourceItem]]]
        if paths is None:
            sources = [(GIVEN, given_items(texts, ids, metadata, column=column, id_column=id_column))]
        else:
            found = text_sources(listed(paths), lines=lines, column=column, id_column=id_column, metadata=metadata)
            sources = [(source, source.items()) for source in found]
        scorer = model if isinstance(model, Scorer) else Scorer.load(model, backend=backend)
        info = IndexInfo(
            absolute(scorer.name),
            "dot" if scorer.encoder.similarity_fn_name == "dot" else "cosine",
            words,
            compute_dtype=scorer.encoder.compute_dtype,
            model_key=model_key(scorer),
            precision=precision,
            approximate=approximate,
        )
        with encoding(scorer, cache, [source.place for source, _ in sources]) as encoder:
            built, changes = build_index(
                sources, encoder.encode, info, output=output, overwrite=overwrite, progress=progress
            )
            index = cls(built, scorer)
            index.built = replace(changes, encoded=encoder.encoded)
        return index

    @classmethod
    def open(cls, folder: str | Path, *, backend: str = "auto", device: str | None = None) -> Self:
        """Open a saved index with the model that it names; its vectors stay on disk.

        Args:
            folder: What ``save`` wrote, or the URL of a database.
            backend: The backend of the model; see ``load_encoder``. It must multiply in the number format of the
                index, as ``auto`` does.
            device: A torch device; by default, with backend ``auto``, the CPU: few queries are read, and what starts
                soonest is quickest.

        Raises:
            MissingInput: The folder, one of its files or its model is missing.
            BadData: The index is damaged or of another format, or its model has changed since.
            UsageError: The index was built in another number format.
        """
        info = info_of(folder)
        if backend != "auto" and (backend == "int8") != (info.compute_dtype == "int8"):
            raise UsageError(
                f"{shown_place(folder)} was built at {info.compute_dtype}; leave backend {backend} out or build it anew"
            )
        chosen = "int8" if info.compute_dtype == "int8" else backend
        scorer = Scorer.load(info.encoder_name, backend=chosen, device=device or ("cpu" if chosen == "auto" else None))
        if info.model_key and info.model_key != model_key(scorer):
            raise BadData(
                f"the model {info.encoder_name} is not the one that {shown_place(folder)} was built with: it has other "
                f"weights or settings; build the index again with --overwrite"
            )
        return cls(open_index(folder), scorer)

    @property
    def skipped(self) -> tuple[Document, ...]:
        """The documents that are not in the index, each with its problem."""
        return self.passages.info.skipped

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.passages)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the index to a folder, all or nothing.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, or it cannot be written.
        """
        self.passages.save(Path(folder), overwrite=overwrite)

    # --- changes ------------------------------------------------------------------------------------------------------

    def add(
        self,
        texts: Any,
        *,
        ids: Any = None,
        metadata: Any = None,
        column: str | None = None,
        id_column: str | None = None,
        cache: bool | str | Path = True,
        progress: Progress | None = None,
    ) -> Changes:
        """Add texts; one whose id is there already replaces that one.

        Args:
            texts: A list, a Series, an array or a generator of N texts; or a DataFrame, a data set, a mapping of
                columns or a list of mappings, whose other columns become metadata.
            ids: N names, which hits have as ``passage.document``; by default those of ``id_column``, or numbers.
            metadata: N mappings, a table of N rows, or one mapping that holds for all of them.
            column: The column of a table with the texts; by default ``text``, or the only one with texts.
            id_column: The column of a table with the ids; by default ``id`` where there is one.
            cache: Where vectors are kept from run to run; see ``build``.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            How many were added, changed and unchanged.

        Raises:
            BadData: Two texts have one id, or it is that of a file or row of another source.
            UsageError: There are not as many ids or metadata as texts.
            BadOutput: Another process writes to the index, or it cannot be written.

        Example:
            >>> index = Index.build(texts=["Bees dance."], ids=["a"])  # doctest: +SKIP
            >>> str(index.add(["Bees dance.", "Herons wait."], ids=["a", "b"]))  # doctest: +SKIP
            '1 added, 0 changed, 0 removed, 1 unchanged'
        """
        items = given_items(
            texts, ids, metadata, column=column, id_column=id_column, first=self.passages.documents_ever
        )
        return self._update([(GIVEN, items)], cache, progress, complete=False)

    def remove(self, ids: Iterable[str] | str = (), *, where: str | None = None) -> Changes:
        """Remove documents by their names, or those that fulfil a condition.

        A file that still lies in its folder comes back when the folder is refreshed.

        Args:
            ids: Names, as ``passage.document`` has them.
            where: Such as ``year < 2000``.

        Returns:
            How many were removed.

        Raises:
            UsageError: There is no such document, and nothing was removed; or the condition cannot be read.
            NothingToDo: No document fulfils the condition.
        """
        return self.passages.remove([ids] if isinstance(ids, str) else [str(each) for each in ids], where=where)

    def refresh(
        self,
        paths: Iterable[str | Path] | str | Path | None = None,
        *,
        lines: bool = False,
        column: str | None = None,
        id_column: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        cache: bool | str | Path = True,
        progress: Progress | None = None,
    ) -> Changes:
        """Bring files, folders and tables to what they hold now: what is new is added, what is gone is removed.

        A document whose bytes are as before is not read again; of one that has changed only new passages are encoded.

        Args:
            paths: Folders, documents and tables; those that the index does not know are added. By default all that it
                knows.
            lines: Whether each line of a file is a text of its own.
            column: The column of tables with the texts; by default the one that was used before.
            id_column: The column of tables with the names; by default the one that was used before.
            metadata: What is known of all documents of these paths; by default what was given before.
            cache: Where vectors are kept from run to run; see ``build``.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            How many documents were added, changed, removed and unchanged, and which cannot be used.

        Raises:
            MissingInput: A path is missing.
            NothingToDo: A folder that had documents has none, and is left as it was; or there is nothing to refresh.
            BadData: Two documents have one name, or a table cannot be read.
            BadOutput: Another process writes to the index, or it cannot be written.
        """
        known = {source.place: source for source in self.passages.sources}
        if paths is None:
            if not known:
                raise NothingToDo(f"{self.passages.folder} has no files or folders to refresh from; name some")
            found = list(known.values())
        else:
            asked = text_sources(
                listed(paths),
                alone=not known,
                lines=lines,
                column=column,
                id_column=id_column,
                metadata=metadata,
            )
            found = [source.as_before(known[source.place]) if source.place in known else source for source in asked]
        return self._update([(source, source.items()) for source in found], cache, progress, complete=True)

    def compact(self, *, approximate: bool | None = None) -> None:
        """Pack the vectors into one file and give back the space of what was removed.

        Args:
            approximate: Whether files of many vectors have graphs from now on, as in ``build``; by default as before.
        """
        self.passages.compact(approximate=approximate)

    def _update(
        self,
        sources: list[tuple[TextSource, Iterable[SourceItem]]],
        cache: bool | str | Path,
        progress: Progress | None,
        *,
        complete: bool,
    ) -> Changes:
        with encoding(self.scorer, cache, [source.place for source, _ in sources]) as encoder:
            changes = self.passages.update(sources, encoder.encode, complete=complete, progress=progress)
            return replace(changes, encoded=encoder.encoded)

    # --- search -------------------------------------------------------------------------------------------------------

    @overload
    def search(
        self,
        query: str,
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        where: str | None = None,
        rerank: bool | str | Path | Scorer = False,
        mark: bool = False,
    ) -> list[Hit]: ...

    @overload
    def search(
        self,
        query: Any,
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        where: str | None = None,
        rerank: bool | str | Path | Scorer = False,
        mark: bool = False,
    ) -> list[list[Hit]]: ...

    def search(
        self,
        query: str | Iterable[str],
        k: int = 10,
        *,
        mode: Mode = "hybrid",
        where: str | None = None,
        rerank: bool | str | Path | Scorer = False,
        mark: bool = False,
    ) -> list[Hit] | list[list[Hit]]:
        """Find the passages that answer a query, or each of several.

        Args:
            query: A text, or a list, a Series or an array of texts.
            k: How many hits for each.
            mode: ``dense`` ranks by the similarity of vectors, ``words`` by BM25, ``hybrid`` by both.
            where: What documents must fulfil, such as ``year >= 2020 and kind = 'pdf'``.
            rerank: Whether a pair decision orders the best passages anew: that of the model (True), or that of
                another one, as a name, a folder or a loaded scorer, which reads them again. So a quick student can
                find what its teacher decides about.
            mark: Whether the sentence nearest to the query is marked in each hit, for which all are encoded.

        Returns:
            At most ``k`` hits, best first; for several queries a list for each.

        Raises:
            UsageError: A query is blank or longer than 10,000 characters, ``k`` is below 1, or the filter cannot be
                read or names a field that no document has.
            BadModel: The model that re-ranks has no decision.
        """
        single = isinstance(query, str) or not isinstance(query, Iterable)
        queries: list[Any] = [query] if single else list_of(query)
        if k < 1:
            raise UsageError(f"k is {k}; ask for 1 hit or more")
        for each in queries:
            _check_query(each)
        vectors = self.scorer.encoder.encode_query(queries)  # (Q, D)
        decider = load_to_predict(rerank, device="cpu") if isinstance(rerank, str | Path) else rerank
        answers = []
        wanted = max(k, CANDIDATES) if rerank else k
        for text, vector, (hits, found) in zip(
            queries, vectors, self.passages.find(queries, vectors, wanted, mode=mode, where=where), strict=True
        ):
            if isinstance(decider, Scorer):  # to another model the vectors of this one mean nothing
                hits = rerank_hits(text, hits, decider)[:k] if hits else []
            elif decider and hits:
                at_hand = dict(zip((hit.passage.text for hit in hits), found, strict=True))
                hits = rerank_hits(text, hits, self.scorer, vectors=at_hand | {text: vector})[:k]
            answers.append(mark_best_sentences(vector, hits, self.scorer.encoder.encode_document) if mark else hits)
        return answers[0] if single else answers


def _check_query(query: Any) -> None:
    """Refuse what is no query, in one line."""
    if not isinstance(query, str):
        raise UsageError(f"the query is {query!r:.60}, of type {type(query).__name__}; give one text")
    problem = text_problem(query)
    if problem:
        raise UsageError(
            "the query is blank; give it at least one word" if not query.strip() else f"the query {problem}"
        )
    if len(query) > LONGEST_QUERY:
        raise UsageError(
            f"the query has {len(query):,} characters, and at most {LONGEST_QUERY:,} are read; give a paragraph of it"
        )


def listed(paths: Iterable[str | Path] | str | Path | None) -> list[str | Path]:
    """Return paths as a list, however they are given."""
    return [] if paths is None else [paths] if isinstance(paths, str | Path) else list(paths)


def absolute(name: str) -> str:
    """Return a folder's full path, so that an index finds its model from anywhere; a name stays a name."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name
