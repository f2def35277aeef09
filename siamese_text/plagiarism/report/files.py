"""Findings as a folder to hand on: a page to read, and the same numbers as JSON and CSV.

report.html      one page that needs no network, with both texts of each pair side by side
report.json      everything; offsets are code points, half-open, in the text of the document
documents.csv    one row a checked document
pairs.csv        one row a pair with counted matches
passages.csv     one row a match; quotations, which are not counted, have no pair number
skipped.csv      one row a file that was not checked

Pairs are numbered by rank and the matches of a pair by their place in its left text: in all files alike.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from siamese_text._version import __version__
from siamese_text.atomic import atomic_folder, check_output
from siamese_text.errors import BadOutput
from siamese_text.plagiarism.findings import DocumentFinding, Evidence, Findings, Match, PairFinding
from siamese_text.records import Document, Passage, Span

_FORMAT = 1
_TABLE_ROWS = 1_000  # a longer table helps nobody in a browser; the page names the file that holds the rest
_SIDE_BY_SIDE = 8_000_000  # characters of text that the page shows in pairs: a file of about 15 MB
_COLUMNS = {
    "documents": ["name", "format", "characters", "words", "coverage", *Evidence, "longest", "partner", "sha256"],
    "pairs": ["pair", "left", "right", "left_coverage", "right_coverage", *Evidence, "longest"],
    "passages": [
        *("pair", "number", "evidence", "words", "word_similarity", "similarity", "probability", "quotation"),
        *("left", "left_start", "left_end", "left_text", "right", "right_start", "right_end", "right_text"),
    ],
    "skipped": ["name", "format", "problem"],
}
_FILES = {"report.html", "report.json", *(f"{table}.csv" for table in _COLUMNS)}


def write_report(findings: Findings, folder: Path, *, overwrite: bool = False) -> Path:
    """Write the report as a whole: afterwards the folder holds all of its files, or what it held before.

    The CSV files are made for spreadsheets: UTF-8 with a byte order mark, and an apostrophe before a text that
    would run as a formula. What a program reads is ``report.json``.

    Args:
        findings: What the check found.
        folder: The folder to write.
        overwrite: Whether an earlier report may be replaced.

    Returns:
        The path of ``report.html``.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it holds files that are not a report's, or the
            system refused to write.
    """
    check_output(folder, overwrite=overwrite)
    _spare_other_files(folder)
    report = findings_as_dict(findings)
    passages = [passage for pair in report["pairs"] for passage in pair["passages"]] + report["quotations"]
    with atomic_folder(folder) as draft:
        _write_text(draft / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
        for table, columns in _COLUMNS.items():
            _write_csv(draft / f"{table}.csv", columns, passages if table == "passages" else report[table])
        _write_text(draft / "report.html", report_html(findings))
    return folder / "report.html"


def findings_as_dict(findings: Findings) -> dict[str, Any]:
    """Turn findings into the plain values of ``report.json``; equal findings give equal values in the same order.

    Args:
        findings: What the check found.

    Returns:
        ``format``, ``version``, ``summary``, ``options``, and the lists ``documents``, ``pairs`` (each with its
        ``passages``), ``quotations`` and ``skipped``. Shares and similarities have four decimals, offsets count
        code points.
    """
    return {
        "format": _FORMAT,
        "version": __version__,
        "summary": summary(findings),
        "options": json.loads(json.dumps(dict(findings.options), default=str)),
        "documents": [_document_row(document, findings.texts[document.name]) for document in findings.documents],
        "pairs": [
            _pair_row(rank, pair)
            | {"passages": [_passage_row(match, number, rank) for number, match in _numbered(pair)]}
            for rank, pair in enumerate(findings.pairs, start=1)
        ],
        "quotations": [_passage_row(match, number) for number, match in enumerate(findings.quotations, start=1)],
        "skipped": [{"name": file.name, "format": file.format, "problem": file.problem} for file in findings.skipped],
    }


def summary(findings: Findings) -> str:
    """Say in one sentence what was checked, what needs a look and what was left out.

    Example:
        >>> summary(Findings((), (), (), (Document("a.pdf", problem="password needed; save it without one"),), {}))
        '0 of 1 document checked; no pair needs a look; 1 file could not be checked.'
    """
    checked, pairs, skipped = len(findings.documents), len(findings.pairs), len(findings.skipped)
    clauses = [
        f"{checked:,} of {_count(checked + skipped, 'document')} checked",
        f"{_count(pairs, 'pair')} {'needs' if pairs == 1 else 'need'} a look" if pairs else "no pair needs a look",
    ]
    if skipped:
        clauses.append(f"{_count(skipped, 'file')} could not be checked")
    return "; ".join(clauses) + "."


def report_html(findings: Findings) -> str:
    """Render the page to hand on: it needs no network and no other file, and can be read without its script.

    Args:
        findings: What the check found.

    Returns:
        The page. Where a table or the pairs of texts get too long for a browser, it says which file holds the rest.
    """
    views = _pair_views(findings)
    shown = {frozenset((view.pair.left, view.pair.right)): view.rank for view in views}
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "option": _option,
        "percent": _percent,
        "printable": _printable,
        "shares": _shares,
    }
    return environment.get_template("page.html.jinja").render(
        version=__version__,
        summary=summary(findings),
        affected=[document for document in findings.documents if document.coverage > 0],
        clean=[document for document in findings.documents if document.coverage <= 0],
        pairs=[(rank, pair, _tally(pair)) for rank, pair in enumerate(findings.pairs, start=1)],
        views=views,
        view_of=lambda left, right: shown.get(frozenset((left, right))),
        quotations=findings.quotations,
        skipped=[(file.name, *_reason_and_remedy(file.problem or "")) for file in findings.skipped],
        options=findings.options,
        row_limit=_TABLE_ROWS,
    )


def _document_row(finding: DocumentFinding, document: Document) -> dict[str, Any]:
    return {
        "name": finding.name,
        "format": document.format,
        "characters": len(document.text),
        "words": finding.words,
        "coverage": _rounded(finding.coverage),
        **{evidence.value: _rounded(share) for evidence, share in _shares(finding)},
        "longest": finding.longest,
        "partner": finding.partner,
        "sha256": hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _pair_row(rank: int, pair: PairFinding) -> dict[str, Any]:
    return {
        "pair": rank,
        "left": pair.left,
        "right": pair.right,
        "left_coverage": _rounded(pair.left_coverage),
        "right_coverage": _rounded(pair.right_coverage),
        **{evidence.value: count for evidence, count in _tally(pair).items()},
        "longest": pair.longest,
    }


def _passage_row(match: Match, number: int, rank: int | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "pair": rank,
        "number": number,
        "evidence": match.evidence.value,
        "words": match.words,
        "word_similarity": _rounded(match.word_similarity),
        "similarity": _rounded(match.similarity),
        "probability": None if match.probability is None else _rounded(match.probability),
        "quotation": match.quotation,
    }
    for side, passage in (("left", match.left), ("right", match.right)):
        row[side] = passage.document
        row |= {f"{side}_start": passage.start, f"{side}_end": passage.end, f"{side}_text": passage.text}
    return row


def _numbered(pair: PairFinding) -> list[tuple[int, Match]]:
    """Number the matches in the order in which a reader of the left text meets them."""
    ordered = sorted(pair.matches, key=lambda match: (match.left.start, match.right.start, match.left.end))
    return list(enumerate(ordered, start=1))


def _tally(pair: PairFinding) -> dict[Evidence, int]:
    return {evidence: sum(match.evidence is evidence for match in pair.matches) for evidence in Evidence}


def _shares(finding: DocumentFinding) -> list[tuple[Evidence, float]]:
    return [(evidence, finding.coverage_by_evidence.get(evidence, 0.0)) for evidence in Evidence]


def _rounded(value: float) -> float:
    """Drop the digits in which machines differ; numpy's floats become Python's, which JSON needs."""
    return round(float(value), 4)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A match in one of its two texts, with the words that the other text shares; quotations have number 0."""

    number: int
    span: Span
    shared: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of text without a boundary inside: which matches cover it, and which of them begin with it."""

    text: str
    numbers: Sequence[int]
    begins: Sequence[int]
    shared: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """One text of a pair; ``places`` are its matches as (number, start, length), in shares of the text."""

    name: str
    coverage: float
    segments: Sequence[_Segment]
    places: Sequence[tuple[int, float, float]]


@dataclass(frozen=True, slots=True)
class _PairView:
    rank: int
    pair: PairFinding
    matches: Sequence[tuple[int, Match]]
    sides: tuple[_Side, _Side]


def _pair_views(findings: Findings) -> list[_PairView]:
    """View the gravest pairs: as many as the page has room for, and always the first."""
    views: list[_PairView] = []
    room = _SIDE_BY_SIDE
    for rank, pair in enumerate(findings.pairs, start=1):
        room -= len(findings.texts[pair.left].text) + len(findings.texts[pair.right].text)
        if room < 0 and views:
            break
        views.append(_pair_view(rank, pair, findings))
    return views


def _pair_view(rank: int, pair: PairFinding, findings: Findings) -> _PairView:
    matches = _numbered(pair)
    left: list[_Mark] = []
    right: list[_Mark] = []
    for number, match in matches:
        left_words, right_words = _shared_words(match)
        left.append(_Mark(number, match.left.span, left_words))
        right.append(_Mark(number, match.right.span, right_words))
    for match in findings.quotations:
        if {match.left.document, match.right.document} == {pair.left, pair.right}:
            for passage in (match.left, match.right):
                (left if passage.document == pair.left else right).append(_Mark(0, passage.span))
    sides = (
        _side(findings.texts[pair.left], pair.left_coverage, left),
        _side(findings.texts[pair.right], pair.right_coverage, right),
    )
    return _PairView(rank, pair, matches, sides)


def _side(document: Document, coverage: float, marks: Sequence[_Mark]) -> _Side:
    length = len(document.text)
    places = [(mark.number, mark.span.start / length, len(mark.span) / length) for mark in marks if mark.number]
    return _Side(document.name, coverage, _segments(document.text, marks), places)


def _segments(text: str, marks: Sequence[_Mark]) -> list[_Segment]:
    """Cut a text wherever a mark begins or ends, so that marks may overlap; the segments join to the text."""
    spans = [span for mark in marks for span in (mark.span, *mark.shared)]
    cuts = sorted({0, len(text), *(span.start for span in spans), *(span.end for span in spans)})
    segments = []
    for start, end in pairwise(cuts):
        here = Span(start, end)
        covering = [mark for mark in marks if mark.span.overlap(here)]
        segments.append(
            _Segment(
                text[start:end],
                numbers=[mark.number for mark in covering if mark.number],
                begins=[mark.number for mark in covering if mark.number and mark.span.start == start],
                shared=any(span.overlap(here) for mark in covering for span in mark.shared),
                quoted=any(mark.number == 0 for mark in covering),
            )
        )
    return segments


def _shared_words(match: Match) -> tuple[list[Span], list[Span]]:
    """Find the runs of words that stand on both sides in the same order, as spans of either document."""
    if match.evidence is Evidence.IDENTICAL:
        return [match.left.span], [match.right.span]
    (left, left_spans), (right, right_spans) = _words(match.left), _words(match.right)
    blocks = [block for block in SequenceMatcher(None, left, right).get_matching_blocks() if block.size]
    return (
        [Span(left_spans[at].start, left_spans[at + size - 1].end) for at, _, size in blocks],
        [Span(right_spans[at].start, right_spans[at + size - 1].end) for _, at, size in blocks],
    )


def _words(passage: Passage) -> tuple[list[str], list[Span]]:
    words = list(re.finditer(r"\w+", passage.text))
    spans = [Span(passage.start + word.start(), passage.start + word.end()) for word in words]
    return [word.group().casefold() for word in words], spans


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _percent(share: float) -> str:
    """Round to whole percents, but never something to nothing or a part to all."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def _printable(name: str) -> str:
    """Escape what cannot be seen in a name, such as a line break or a reversal of the writing direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _option(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_option(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_option(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _reason_and_remedy(problem: str) -> tuple[str, str]:
    """Split a problem as the readers word it, "reason; next step"; whatever has no next step is read by a person."""
    reason, _, remedy = problem.partition("; ")
    return reason, remedy or "read it yourself"


def _spare_other_files(folder: Path) -> None:
    """Refuse to replace anything but an earlier report, because what is replaced is deleted as a whole."""
    if folder.exists() and not folder.is_dir():
        raise BadOutput(f"{folder} is a file; name a folder for the report")
    others = sorted({file.name for file in folder.iterdir()} - _FILES) if folder.exists() else []
    if others:
        raise BadOutput(f"{folder} holds {others[0]!r}, which is no part of a report; choose another output")


def _write_text(path: Path, text: str) -> None:
    r"""Write UTF-8; half a surrogate, as in names that are not UTF-8, becomes ``\udcff``, which JSON reads back."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({column: _cell(row[column]) for column in columns} for row in rows)


def _cell(value: object) -> object:
    """Keep a spreadsheet from running a text of a student's as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
