"""An index that is there, or one made for a single call of what is not indexed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from siamese_text.api.index import Index
from siamese_text.api.index_encoder import encoding
from siamese_text.api.scorer import Scorer
from siamese_text.errors import MissingInput, UsageError
from siamese_text.protocols import Progress
from siamese_text.search.database import is_url
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.sources import HEADER, SourceItem, TextSource, text_sources

WORDS = 120  # of a passage, as an index has them by default


def open_or_build(
    source: str | Path | Index,
    *,
    column: str | None,
    id_column: str | None,
    model: str | Path,
    backend: str,
    cache: bool | str | Path,
    progress: Progress | None,
) -> PassageIndex:
    """Return the index of a source.

    Args:
        source: An index or its folder, for which no model is loaded; or a table, a file of lines (``.txt``) or a folder
            of documents, which is read and encoded into a temporary one.
        column: The column of a table with the texts.
        id_column: The column of a table with the names; else rows and lines are named by their numbers.
        model: The encoder of what is no index.
        backend: Its backend.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        progress: Called with the number of passages encoded and to encode.

    Returns:
        The index.

    Raises:
        MissingInput: The source or the model was not found.
        BadData: A column cannot be told, or two texts have one name.
        NothingToDo: There is no text.
        UsageError: An index is in a database, or was given with the column of a table.
    """
    if isinstance(source, Index) and isinstance(source.passages, PassageIndex):
        return source.passages
    if isinstance(source, Index) or is_url(source):
        raise UsageError("the index is in a database, and this reads one in a folder; give such a one, or the texts")
    if (Path(source) / HEADER).is_file():
        if column or id_column:
            raise UsageError(f"{source} is an index and has no columns to read; leave the column out")
        return PassageIndex.open(Path(source))
    return build_temporary(read_source(Path(source), column, id_column), model, backend, cache, progress)


def read_source(path: Path, column: str | None, id_column: str | None) -> tuple[TextSource, list[SourceItem]]:
    """Return what a path is, and its documents, none of which is read yet if it is a file of its own.

    Raises:
        MissingInput: There is no such path.
        BadData: A column cannot be told.
    """
    if not path.exists():
        raise MissingInput(f"{path} does not exist; give an index, a table, a file of lines or a folder")
    lines = path.is_file() and path.suffix.lower() == ".txt"
    [source] = text_sources([path], lines=lines, column=column, id_column=id_column)
    if source.kind in ("lines", "table"):
        source = replace(source, prefix="")
    return source, list(source.items())


def build_temporary(
    read: tuple[TextSource, list[SourceItem]],
    model: str | Path,
    backend: str,
    cache: bool | str | Path,
    progress: Progress | None,
) -> PassageIndex:
    """Encode documents into an index that is deleted with the object."""
    scorer = Scorer.load(model, backend=backend)
    info = IndexInfo(scorer.name, "dot" if scorer.encoder.similarity_fn_name == "dot" else "cosine", WORDS)
    with encoding(scorer, cache) as encoder:
        return PassageIndex.build([read], encoder.encode, info, progress=progress)[0]
