"""Texts of a file or folder with their names, read and written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamese_text.atomic import atomic_file, check_output
from siamese_text.data.tables import SUFFIXES
from siamese_text.errors import MissingInput, UsageError
from siamese_text.records import Document
from siamese_text.search.sources import text_sources

OUTPUTS = (".jsonl", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text with its name and what is known of it."""

    name: str
    text: str
    known: dict[str, Any]


def check_rows_output(path: Path, *, overwrite: bool) -> None:
    """Refuse a file that rows cannot be written to.

    Raises:
        UsageError: It has another ending.
        BadOutput: It exists and ``overwrite`` is False, or it cannot be written.
    """
    if path.suffix not in OUTPUTS:
        raise UsageError(f"{path} has the ending '{path.suffix}'; texts are written as {', '.join(OUTPUTS)}")
    check_output(path, overwrite=overwrite)


def read_rows(path: Path, column: str | None, id_column: str | None, skipped: list[Document]) -> Iterator[TextRow]:
    """Yield the texts of a table, of a file of lines or of a folder; note what has none.

    Raises:
        MissingInput: It does not exist.
        BadData: A table cannot be read.
    """
    if not path.exists():
        raise MissingInput(f"{path} does not exist; give a file or a folder of texts")
    lines = path.is_file() and not path.name.lower().endswith(SUFFIXES) and path.suffix.lower() == ".txt"
    [source] = text_sources([path], lines=lines, column=column, id_column=id_column)
    for item in source.items():
        document, known = item.read()
        if document.problem is not None or not document.text.strip():
            skipped.append(Document(document.name, problem=document.problem or "it holds no text"))
        else:
            yield TextRow(document.name, document.text, dict(known))


def write_rows(path: Path, rows: Sequence[dict[str, Any]], columns: Sequence[str], suffix: str | None = None) -> None:
    """Write rows as JSON lines or as a table, whole or not at all.

    Args:
        path: The file.
        rows: The rows.
        columns: Those of a table without rows.
        suffix: The ending that tells the format; by default that of the file.

    Raises:
        BadOutput: The system refused to write.
    """
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        if (suffix or path.suffix) == ".jsonl":
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            return
        names = list(dict.fromkeys(name for row in rows for name in row)) or list(columns)
        table = csv.DictWriter(file, names, delimiter="\t" if path.suffix == ".tsv" else ",")
        table.writeheader()
        table.writerows(rows)
