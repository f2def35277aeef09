"""Where the texts of an index come from: folders, files, lines, rows of tables, and texts given in memory.

A source gives items, one a document. An item knows by a digest whether what it holds has changed, before it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from siamese_text import text
from siamese_text.data.cells import cell_text, is_missing
from siamese_text.data.shard_layout import is_shard_folder
from siamese_text.data.source import opened
from siamese_text.data.tables import SUFFIXES, Table, open_table
from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.records import Document
from siamese_text.text.blocks import blocks
from siamese_text.text.folder import MAX_BYTES

Metadata = Mapping[str, Any]
HEADER, DATABASE = "index.json", "passages.sqlite"  # by which an index is known, which is no document of its folder
TEXT_COLUMN, ID_COLUMN = "text", "id"
PLACES = "places of the file"  # among what is known: where pages, slides or chapters begin, and their names
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d+)?")  # as JSON writes one; 007 is none


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A document that a source has.

    Attributes:
        name: Its name in the index.
        digest: A hash of what it holds; None where it could not be computed, as for a file that may not be read.
        read: Gives the document with its text, or with its problem, and what is known of it.
    """

    name: str
    digest: str | None
    read: Callable[[], tuple[Document, Metadata]]


@dataclass(frozen=True, slots=True)
class TextSource:
    """What is asked again when an index is refreshed.

    Attributes:
        kind: What it is; ``given`` are texts that were handed over in memory and cannot be asked again.
        place: The absolute path.
        prefix: What the names of its documents begin with.
        column: The column of a table with the texts.
        id_column: The column of a table with the names; by default rows are numbered.
        metadata: What is known of all of its documents.
    """

    kind: Literal["folder", "file", "lines", "table", "given"]
    place: str = ""
    prefix: str = ""
    column: str | None = None
    id_column: str | None = None
    metadata: Metadata = field(default_factory=dict)

    @property
    def settings(self) -> str:
        """The source as JSON, from which it is made again."""
        return json.dumps(asdict(self), sort_keys=True)

    def as_before(self, before: TextSource) -> TextSource:
        """Return the source with what it was asked with before, where it is asked with nothing else now."""
        return replace(
            self,
            prefix=before.prefix,
            column=self.column or before.column,
            id_column=self.id_column or before.id_column,
            metadata=self.metadata or before.metadata,
        )

    def items(self) -> Iterator[SourceItem]:
        """Yield the documents that the source has now.

        Raises:
            MissingInput: It is gone.
            BadData: It is a damaged table.
        """
        path = Path(self.place)
        if not path.exists():
            raise MissingInput(f"{path} does not exist; give files or folders, or remove its documents by name")
        if self.kind == "folder":
            return (self._file(file, name) for name, file in text.list_files(path) if not _of_an_index(file))
        if self.kind == "file":
            return iter([self._file(path, "")])
        return self._lines(path) if self.kind == "lines" else self._rows(path)

    def _file(self, path: Path, name: str) -> SourceItem:
        named = self.prefix + name

        def read() -> tuple[Document, Metadata]:
            document = text.read_file(path, name=named)
            return document, {"path": named, **_file_facts(path, document), **self.metadata}

        return SourceItem(named, _digest_of_file(path, self.metadata), read)

    def _lines(self, path: Path) -> Iterator[SourceItem]:
        with opened(path) as (file, _):
            for number, line in enumerate(file, start=1):
                try:
                    content = line.decode("utf-8-sig").strip()
                except UnicodeDecodeError as error:
                    raise BadData(f"line {number} of {path} is not UTF-8 ({error.reason}); save it as UTF-8") from None
                if content:
                    yield given_item(f"{self.prefix}{number}", content, {"line": number, **self.metadata})

    def _rows(self, path: Path) -> Iterator[SourceItem]:
        table = open_table(path, all_columns=True)
        # CSV knows no numbers, and a filter compares numbers with numbers
        typed = path.is_dir() or path.name.lower().removesuffix(".gz").endswith((".jsonl", ".parquet"))
        given = table_items(table, table.texts, self.column, self.id_column, self.prefix, typed=typed)
        return (given_item(name, content, {**known, **self.metadata}) for name, content, known in given)


def table_items(
    table: Table, texts: Sequence[str], column: str | None, id_column: str | None, prefix: str, *, typed: bool
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name, the text and the other cells of each row of a table.

    Args:
        table: The table.
        texts: Its columns that hold texts.
        column: The one that is wanted; by default ``text``, or the only one.
        id_column: The one with the names; by default ``id``, or rows are numbered.
        prefix: What the number of a row is put behind.
        typed: Whether cells have types of their own; else those are numbers that JSON would write so.

    Raises:
        BadData: A column is missing or cannot be told, or a row has no name.
    """
    column, id_column, others = _columns(table.name, table.columns, texts, column, id_column)
    asked = table.rows([column, id_column or column, *others])
    for number, (content, name, *cells) in enumerate(asked, start=1):
        if id_column and not cell_text(name).strip():
            raise BadData(f"row {number} of {table.name} has no {id_column}; give each row one")
        known = {"row": number}
        for key, cell in zip(others, cells, strict=True):
            if not is_missing(cell) and cell != "":
                known[key] = cell if typed else _number_or_text(cell)
        yield cell_text(name) if id_column else f"{prefix}{number}", cell_text(content), known


GIVEN = TextSource("given")


def given_item(name: str, content: str, metadata: Metadata) -> SourceItem:
    """Return a text at hand as an item.

    Raises:
        BadData: The metadata are not JSON.
    """
    try:
        written = json.dumps(metadata, sort_keys=True, default=_plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadData(f"the metadata of '{name}' cannot be written as JSON ({error}); give numbers and texts") from None
    digest = blake2b(f"{written}\n{content}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return SourceItem(name, digest, lambda: (Document(name, content), json.loads(written)))


def text_sources(
    paths: Sequence[str | Path],
    *,
    alone: bool = True,
    lines: bool = False,
    column: str | None = None,
    id_column: str | None = None,
    metadata: Metadata | None = None,
) -> list[TextSource]:
    """Find out what paths are.

    Args:
        paths: Folders, documents, tables, or files of lines.
        alone: Whether the index has no other sources: then the names of documents need not tell them apart.
        lines: Whether each line of a file is a text of its own.
        column: The column of tables with the texts; by default ``text``, or the only one with texts.
        id_column: The column of tables with the names; by default ``id`` where there is one, else rows are numbered.
        metadata: What is known of all documents.

    Returns:
        A source for each path.

    Raises:
        MissingInput: A path is missing.
        UsageError: A column is named for what has none, or lines are asked of a folder.
    """
    alone = alone and len(paths) == 1
    sources = []
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise MissingInput(f"{path} does not exist; give files or folders")
        table = (path.is_file() and path.name.lower().endswith(SUFFIXES) and not lines) or is_shard_folder(path)
        if lines and path.is_dir():
            raise UsageError(f"{path} is a folder and has no lines; leave --lines out or give a file")
        if (column or id_column) and not table:
            raise UsageError(f"{path} has no columns to take '{column or id_column}' from; leave the column out")
        place = str(path.resolve())
        known = dict(metadata or {})
        if table:
            sources.append(TextSource("table", place, f"{path.name}:", column, id_column, known))
        elif path.is_dir():
            sources.append(TextSource("folder", place, "" if alone else f"{path.as_posix()}/", metadata=known))
        elif lines:
            sources.append(TextSource("lines", place, f"{path.name}:", metadata=known))
        else:
            sources.append(TextSource("file", place, path.name if alone else path.as_posix(), metadata=known))
    return sources


def _columns(
    table: str, columns: Sequence[str], texts: Sequence[str], column: str | None, id_column: str | None
) -> tuple[str, str | None, list[str]]:
    """Return the columns with the texts and with the names, if any, and all others."""
    found = ", ".join(columns)
    for wanted in (column, id_column):
        if wanted is not None and wanted not in columns:
            raise BadData(f"{table} has no column '{wanted}'; its columns: {found}")
    if id_column is None and ID_COLUMN in columns:
        id_column = ID_COLUMN
    if column is None:
        candidates = [name for name in texts if name != id_column]
        if TEXT_COLUMN not in candidates and len(candidates) != 1:
            raise BadData(f"{table} has the columns {found}; say which one holds the texts: --column NAME")
        column = TEXT_COLUMN if TEXT_COLUMN in candidates else candidates[0]
    return column, id_column, [name for name in columns if name not in (column, id_column)]


def _of_an_index(path: Path) -> bool:
    return all((path.parent / name).is_file() for name in (HEADER, DATABASE))


def _digest_of_file(path: Path, metadata: Metadata) -> str | None:
    """Hash the bytes of a file; None where it is no plain file that can be read, which its reader will say."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        with path.open("rb") as file:
            hashed = blake2b(json.dumps([path.suffix.lower(), metadata], sort_keys=True).encode(), digest_size=16)
            while block := file.read(2**20):
                hashed.update(block)
            return hashed.hexdigest()
    except OSError:
        return None


def _file_facts(path: Path, document: Document) -> Metadata:
    """Return what a file tells of itself: kind, day of its last change (UTC), title if it has one, pages and such."""
    facts: dict[str, Any] = {"kind": document.format}
    try:
        facts["date"] = datetime.fromtimestamp(path.lstat().st_mtime, UTC).date().isoformat()
    except OSError:
        return facts
    head = document.text[:2000]
    first = next((head[block.span.start : block.span.end] for block in islice(blocks(head), 1) if block.heading), "")
    if document.headings:
        first = document.text[document.headings[0].start : document.headings[0].end]
    title = " ".join(first.strip().lstrip("#").split())
    places = [[place.start, place.name] for place in document.places]
    return facts | ({"title": title} if title else {}) | ({PLACES: places} if places else {})


def known_at(metadata: Mapping[str, Any], start: int) -> dict[str, Any]:
    """Return what is known of a passage: of its document, with the one page, slide or chapter in which it begins.

    Example:
        >>> known_at({"kind": "pdf", "places of the file": [[0, "page 1"], [1800, "page 2"]]}, 2000)
        {'kind': 'pdf', 'place': 'page 2', 'page': 2}
    """
    if PLACES not in metadata:
        return dict(metadata)
    known = {key: value for key, value in metadata.items() if key != PLACES}
    name = next((name for at, name in reversed(metadata[PLACES]) if at <= start), "")
    if name:
        kind, _, number = name.partition(" ")
        known.setdefault("place", name)
        if number.isdecimal():
            known.setdefault(kind, int(number))
    return known


def place_fields(names: Iterable[str]) -> dict[str, set[str]]:
    """Return what the names of places make known of passages: for each key the kinds of its values, as JSON calls them.

    Example:
        >>> place_fields(["page 1", "page 2"])
        {'place': {'text'}, 'page': {'integer'}}
    """
    fields: dict[str, set[str]] = {}
    for name in names:
        for key, value in known_at({PLACES: [[0, name]]}, 0).items():
            fields.setdefault(key, set()).add("integer" if isinstance(value, int) else "text")
    return fields


def _number_or_text(cell: str | None) -> Any:
    """Return a cell of CSV as a number where it is written as JSON writes one: filters compare numbers with numbers."""
    if cell is None or not _NUMBER.fullmatch(cell):
        return cell
    return float(cell) if "." in cell else int(cell)


def _plain(value: Any) -> Any:
    """Return a value that JSON lacks as one that it has: numbers of numpy, dates."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
