"""Findings as a folder to hand on: a page to read, and the same numbers as JSON and CSV.

report.html      one page that needs no network, with both texts of each pair side by side
texts/           texts for which the page has no room, if there are any: it looks for them beside itself
report.json      everything; offsets are code points, half-open, in the text of the document
documents.csv    one row a checked document
pairs.csv        one row a pair with counted matches
passages.csv     one row a match; quotations and what was dismissed, which are not counted, have no pair number
skipped.csv      one row a file that was not checked
citations.csv    one row a citation without an entry in the list of references, or an entry that nobody cites

Pairs are numbered by rank and the matches of a pair by their place in its left text: in all files alike.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from siamese_text.atomic import atomic_folder
from siamese_text.pages import check_report_folder, write_page
from siamese_text.plagiarism.findings import Findings
from siamese_text.plagiarism.report.anonymous import anonymized
from siamese_text.plagiarism.report.page import PARTS, report_page
from siamese_text.plagiarism.report.rows import COLUMNS, findings_as_dict

_FILES = {"report.html", "report.json", PARTS, *(f"{table}.csv" for table in COLUMNS)}


def write_report(
    findings: Findings, folder: Path, *, with_text: bool = True, anonymous: bool = False, overwrite: bool = False
) -> Path:
    """Write the report as a whole: afterwards the folder holds all of its files, or what it held before.

    The CSV files are made for spreadsheets: UTF-8 with a byte order mark, and an apostrophe before a text that
    would run as a formula. What a program reads is ``report.json``.

    Args:
        findings: What the check found.
        folder: The folder to write.
        with_text: Whether texts, and words out of them, stand in it.
        anonymous: Whether documents have numbers instead of names.
        overwrite: Whether an earlier report may be replaced.

    Returns:
        The path of ``report.html``.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it holds files that are not a report's, or the
            system refused to write.
    """
    check_report_folder(folder, _FILES.__contains__, overwrite=overwrite)
    findings = anonymized(findings) if anonymous else findings
    report = findings_as_dict(findings, with_text=with_text)
    counted = [passage for pair in report["pairs"] for passage in pair["passages"]]
    passages = [*counted, *report["dismissed"], *report["quotations"]]
    with atomic_folder(folder) as draft:
        write_page(draft / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        for table, columns in COLUMNS.items():
            _write_csv(draft / f"{table}.csv", columns, passages if table == "passages" else report[table])
        page, parts = report_page(findings, with_text=with_text)
        write_page(draft / "report.html", page)
        for number, part in enumerate(parts, start=1):
            (draft / PARTS).mkdir(exist_ok=True)
            write_page(draft / PARTS / f"{number}.js", part)
    return folder / "report.html"


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({column: _cell(row[column]) for column in columns} for row in rows)


def _cell(value: object) -> object:
    """Keep a spreadsheet from running a text of a student's as a formula."""
    if isinstance(value, list):
        return ", ".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
