"""What is like some texts of a file and unlike others, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siamese_text.api.index import Index
from siamese_text.api.temporary_index import open_or_build
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.protocols import Progress
from siamese_text.records import Document
from siamese_text.search.similar import Similar, similar_documents


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
    index = open_or_build(
        source,
        column=column,
        id_column=id_column,
        model=model,
        backend=backend,
        cache=cache,
        progress=progress,
    )
    found = similar_documents(index, liked, disliked, k, diversity=diversity, where=where)
    return SimilarTexts(found, index.info.skipped)
