"""The evidence of a report, looked up again in the files: is each text what it was, and each passage where it stood?"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamese_text import text
from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.plagiarism.findings import Evidence, Match
from siamese_text.plagiarism.report.rows import FORMAT, text_hash
from siamese_text.records import Document, Passage

_READ = {"documents", "references", "pairs", "dismissed", "quotations", "options", "run"}


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the evidence of a report.

    Attributes:
        documents: How many texts were looked up.
        passages: How many passages were.
        faults: What is not as it was: the name of a document or the place of a passage, and what is wrong with it.
    """

    documents: int
    passages: int
    faults: tuple[tuple[str, str], ...]


def verify_report(
    report: str | Path,
    *,
    folder: str | Path | None = None,
    against: str | Path | None = None,
    password_file: str | Path | None = None,
) -> Verification:
    """Find each passage of a report again in the files that it was found in.

    Every text and every file is compared by its hash, every passage by its characters, or, in a report without texts,
    by its fingerprint.

    Args:
        report: ``report.json``, or the folder that holds it.
        folder: Where the documents are now; by default where they were.
        against: Where the named sources are now; by default where they were.
        password_file: As for ``check_folder``: no report keeps passwords.

    Returns:
        What was looked up, and what is not as it was.

    Raises:
        MissingInput: The report or a folder is not there.
        BadData: The file is no report that this version writes.
        UsageError: The report has numbers instead of names.
    """
    stored = _read(Path(report))
    if stored["options"].get("anonymous"):
        raise UsageError(f"{report} has numbers instead of names; verify a report of the same files that has names")
    run = stored["run"]
    places = [(stored["documents"], _place(report, folder or run.get("folder"), "its documents", "--documents"))]
    if stored["references"]:
        named = _place(report, against or run.get("against"), "its named sources", "--against")
        places.append((stored["references"], named))
    texts: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for rows, place in places:
        submissions = rows is stored["documents"] and bool(run.get("submissions"))
        how: dict[str, Any] = {
            "submissions": submissions,
            "follow": bool(run.get("follow")),
            "max_bytes": run.get("max_bytes", text.MAX_BYTES),
            "passwords": text.read_passwords(Path(password_file)) if password_file else None,
        }
        documents = text.read_folder(place, encoding=run.get("encoding"), **how)
        found = {document.name: document for document in documents}
        files = text.file_facts(place, **how)
        for row in rows:
            name = original_name(row["name"], found)
            if fault := _document_fault(row, found.get(name), files.get(name)):
                faults.append((row["name"], fault))
            if name in found:
                texts[row["name"]] = found[name].text
    passages = list(_passages(stored))
    for passage in passages:
        if fault := _passage_fault(passage, texts):
            faults.append((f"{passage['left']} and {passage['right']}, passage {passage['number']}", fault))
    return Verification(len(stored["documents"]) + len(stored["references"]), len(passages), tuple(faults))


def _place(report: str | Path, folder: str | Path | None, what: str, option: str) -> Path:
    if folder is None:
        raise UsageError(f"{report} does not say where {what} are; add {option} DIR")
    return Path(folder)


def original_name(name: str, known: Collection[str]) -> str:
    """Return the name that a source has in its folder: where a document has it too, the check puts a word before it."""
    while name not in known and name.startswith("against/"):
        name = name.removeprefix("against/")
    return name


def _read(path: Path) -> dict[str, Any]:
    file = path / "report.json" if path.is_dir() else path
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingInput(f"{file} was not found; give the report.json of a plagiarism check") from error
    except (OSError, ValueError) as error:
        raise BadData(f"{file} is no report ({error}); give the report.json of a plagiarism check") from error
    format_ = stored.get("format") if isinstance(stored, dict) else None
    if format_ != FORMAT:
        raise BadData(f"{file} has format {format_!r}, and format {FORMAT} is read; make the report anew")
    if missing := _READ - stored.keys():
        raise BadData(f"{file} lacks {', '.join(sorted(missing))}; give the report.json of a plagiarism check")
    return dict(stored)


def _document_fault(row: Mapping[str, Any], now: Document | None, file: text.FileFacts | None) -> str | None:
    if now is None:
        return "the file is not there"
    if now.problem:
        return f"it cannot be read: {now.problem}"
    if text_hash(now.text) != row["sha256"]:
        return "its text is not what it was"
    if row["file_sha256"] and (file is None or file.sha256 != row["file_sha256"]):
        return "its text is what it was, but not its file"
    return None


def _passages(stored: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for pair in stored["pairs"]:
        yield from pair["passages"]
    yield from stored["dismissed"]
    yield from stored["quotations"]


def _passage_fault(row: Mapping[str, Any], texts: Mapping[str, str]) -> str | None:
    sides = []
    for side in ("left", "right"):
        name, start, end, said = row[side], row[f"{side}_start"], row[f"{side}_end"], row[f"{side}_text"]
        if name not in texts:
            return f"{name} is not there"
        now = texts[name][start:end]
        if said is not None and now != said:
            return f"its {side} side does not stand in {name} any more"
        sides.append(Passage(name, start, end, now))
    if Match(sides[0], sides[1], Evidence.IDENTICAL, 1.0, 1.0).fingerprint != row["fingerprint"]:
        return "its fingerprint is not that of its two sides"
    return None
