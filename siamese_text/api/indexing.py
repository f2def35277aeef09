"""What is done to an index on disk by one call: made or refreshed, taken from, packed, described."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from siamese_text.api.index import Index, absolute, listed
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import MissingInput, UsageError
from siamese_text.protocols import Progress
from siamese_text.search.changes import Changes
from siamese_text.search.inspection import IndexFacts
from siamese_text.search.places import facts_of, has_index, info_of, open_index, shown_place
from siamese_text.search.stores.precision import Precision


def index_documents(
    paths: Iterable[str | Path] | str | Path,
    output: str | Path,
    *,
    model: str | Path | None = None,
    words: int | None = None,
    precision: Precision | None = None,
    approximate: bool = False,
    lines: bool = False,
    column: str | None = None,
    id_column: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    backend: str = "auto",
    cache: bool | str | Path = True,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Changes:
    """Make an index of documents or, where it is there, bring it to what these are now.

    Args:
        paths: Folders, documents and tables; those that an index knows already are refreshed.
        output: The folder of the index, or the URL of a PostgreSQL database.
        model: A name or a folder; by default that of the index, or all-MiniLM-L6-v2 for a new one.
        words: The length of a passage in words; by default that of the index, or 120.
        precision: What is kept of each number of a vector; by default that of the index, or ``float32``.
        approximate: Whether a new index has graphs, by which near vectors are found quickly; see ``Index.build``.
        lines: Whether each line of a file is a text of its own.
        column: The column of tables with the texts; by default ``text``, or the only one with texts.
        id_column: The column of tables with the names of rows; by default ``id``, or rows are numbered.
        metadata: What is known of all of these documents.
        backend: The backend of the model; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        overwrite: Whether an index that is there is made anew.
        progress: Called with the number of passages encoded and to encode.

    Returns:
        How many documents were added, changed, removed and unchanged, and which cannot be used.

    Raises:
        UsageError: The index was built with another model, precision or length of passages.
        SiameseTextError: As ``Index.build`` and ``Index.refresh``.
    """
    asked: dict[str, Any] = {"lines": lines, "column": column, "id_column": id_column, "metadata": metadata}
    if overwrite or not has_index(output):
        return Index.build(
            paths,
            output,
            **asked,
            model=model or DEFAULT_MODEL,
            words=120 if words is None else words,
            precision=precision or "float32",
            approximate=approximate,
            backend=backend,
            cache=cache,
            overwrite=overwrite,
            progress=progress,
        ).built
    info, folder = info_of(output), shown_place(output)
    for what, given, built in (
        ("model", model and absolute(str(model)), info.encoder_name),
        ("words", words, info.words),
        ("precision", precision, info.precision),
    ):
        if given is not None and given != built:
            raise UsageError(
                f"{folder} was built with {what} {built}, not {given}; leave --{what} out, or build it anew with "
                "--overwrite"
            )
    if approximate and not info.approximate:
        raise UsageError(
            f"{folder} compares all vectors; change that first: siamese-text index compact {folder} --approximate"
        )
    return Index.open(output, backend=backend).refresh(paths, **asked, cache=cache, progress=progress)


def add_documents(
    index: str | Path,
    paths: Iterable[str | Path] | str | Path,
    *,
    lines: bool = False,
    column: str | None = None,
    id_column: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    backend: str = "auto",
    cache: bool | str | Path = True,
    progress: Progress | None = None,
) -> Changes:
    """Add documents to an index that is there, or refresh those that it has; see ``index_documents``.

    Raises:
        MissingInput: There is no index.
        SiameseTextError: As ``Index.refresh``.
    """
    if not has_index(index):
        place = shown_place(index)
        raise MissingInput(f"{place} is not an index; make one: siamese-text index {listed(paths)[0]} -o {place}")
    return index_documents(
        paths,
        index,
        lines=lines,
        column=column,
        id_column=id_column,
        metadata=metadata,
        backend=backend,
        cache=cache,
        progress=progress,
    )


def remove_documents(index: str | Path, names: Iterable[str] = (), *, where: str | None = None) -> Changes:
    """Remove documents from an index by their names, or those that fulfil a condition.

    Args:
        index: The folder of the index, or the URL of its database.
        names: Names of documents.
        where: Such as ``year < 2000``.

    Returns:
        How many were removed, and how many passages are left.

    Raises:
        UsageError: There is no such document, and nothing was removed; or the condition cannot be read.
        NothingToDo: No document is meant.
    """
    return open_index(index).remove(list(names), where=where)


def compact_index(index: str | Path, *, approximate: bool | None = None) -> IndexFacts:
    """Pack the vectors of an index into one file, and give back the space of what was removed.

    Args:
        index: The folder of the index, or the URL of its database.
        approximate: Whether files of many vectors have graphs from now on, as in ``Index.build``; by default as before.

    Returns:
        What the index is afterwards.

    Raises:
        UsageError: Graphs are asked for, and faiss is not installed.
        BadOutput: Another process writes to the index, or the system refuses to.
    """
    opened = open_index(index)
    opened.compact(approximate=approximate)
    return facts_of(opened)


def describe_index(index: str | Path, *, recall: bool = False) -> IndexFacts:
    """Say what an index holds, having read all of its files.

    Args:
        index: The folder of the index, or the URL of its database.
        recall: Whether it is measured which share of the ten nearest passages its graphs find.

    Returns:
        Its counts, sources and fields.

    Raises:
        MissingInput: It is no index.
        BadData: A file is damaged; the message names it.
    """
    return facts_of(open_index(index), recall=recall)
