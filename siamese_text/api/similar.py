"""What is like some texts of a file and unlike others, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from siamese_text.api.index import Index
from siamese_text.api.index_encoder import encoding
from siamese_text.api.scorer import Scorer
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import MissingInput
from siamese_text.protocols import Progress
from siamese_text.records import Document
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.similar import Similar, similar_documents
from siamese_text.search.sources import HEADER, text_sources


@dataclass(frozen=True, slots=True)
class SimilarTexts:
    """What is like the liked texts, the best first, and the documents that could not be read."""

    texts: Sequence[Similar]
    skipped: Sequence[Document] = ()


def find_similar(
    source: str | Path | Index,
    like: Sequence[str] | str,
    dislike: Sequence[str] | str = (),
    *,
    k: int = 10,
    diversity: float = 0.2,
    where: str | None = None,
    column: str | None = None,
    id_column: str | None = None,
    model: str | Path = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = True,
    progress: Progress | None = None,
) -> SimilarTexts:
    """Find texts that are like some of the same source, less those that are like others, and no two of them alike.

    Args:
        source: An index or its folder, which needs no model; or a table, a file of lines (``.txt``) or a folder of
            documents, which is read and encoded.
        like: The names of the liked texts: rows of ``id_column``, numbers of rows or lines from 1, or paths of
            documents in their folder.
        dislike: The names of texts that are not liked.
        k: How many texts to find.
        diversity: How much less a text counts for being like one chosen before, in [0, 1).
        where: What texts must fulfil, such as ``year >= 2020``.
        column: The column of a table with the texts; by default ``text``, or the only one with texts.
        id_column: The column of a table with the names; by default ``id``, or rows are numbered.
        model: The encoder of what is no index: a name or a folder.
        backend: The backend of the model; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        progress: Called with the number of passages encoded and to encode.

    Returns:
        The texts, the one that fits best first, each with the liked one nearest to it.

    Raises:
        MissingInput: The source or the model was not found.
        UsageError: A name is that of no text, or an option cannot be used.
        BadData: A column cannot be told, or two texts have one name.
        NothingToDo: There is no text, or no other one.

    Example:
        >>> find_similar("films.csv", ["alien"], ["aliens"]).texts[0].passage.document  # doctest: +SKIP
        'solaris'
    """
    liked, disliked = ([names] if isinstance(names, str) else list(names) for names in (like, dislike))
    if isinstance(source, Index):
        index, skipped = source.passages, source.skipped
    elif (Path(source) / HEADER).is_file():
        index = PassageIndex.open(Path(source))
        skipped = index.info.skipped
    else:
        index = _index_of(Path(source), column, id_column, model, backend, cache, progress)
        skipped = index.info.skipped
    return SimilarTexts(similar_documents(index, liked, disliked, k, diversity=diversity, where=where), skipped)


def _index_of(
    source: Path,
    column: str | None,
    id_column: str | None,
    model: str | Path,
    backend: str,
    cache: bool | str | Path,
    progress: Progress | None,
) -> PassageIndex:
    """Return a temporary index of a source, in which rows and lines are named by their numbers alone."""
    if not source.exists():
        raise MissingInput(f"{source} does not exist; give an index, a table, a file of lines or a folder")
    lines = source.is_file() and source.suffix.lower() == ".txt"
    [texts] = text_sources([source], lines=lines, column=column, id_column=id_column)
    if texts.kind in ("lines", "table"):
        texts = replace(texts, prefix="")
    scorer = Scorer.load(model, backend=backend)
    info = IndexInfo(scorer.name, "dot" if scorer.encoder.similarity_fn_name == "dot" else "cosine", 120)
    with encoding(scorer, cache) as encoder:
        return PassageIndex.build([(texts, texts.items())], encoder.encode, info, progress=progress)[0]
