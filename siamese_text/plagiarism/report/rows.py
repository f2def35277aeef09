"""Findings as plain values: those of ``report.json``, and the rows and columns of the CSV files.

Pairs are numbered by rank and the matches of a pair by their place in its left text: in all files alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from siamese_text._version import __version__
from siamese_text.plagiarism.finding.chance import FEWEST_DOCUMENTS
from siamese_text.plagiarism.findings import (
    Background,
    CitationFinding,
    DocumentFinding,
    Evidence,
    Findings,
    Match,
    PairFinding,
    Reason,
)
from siamese_text.plagiarism.report.groups import groups
from siamese_text.plagiarism.report.words import counted
from siamese_text.records import Document, Note
from siamese_text.text import place_of

FORMAT = 2  # report.schema.json says what it means
_MOSTLY = 0.5
_WHOLE_PASSAGE = 50  # words: what many documents have is a template mostly, and then shorter
COLUMNS = {
    "documents": [
        "name",
        "format",
        "characters",
        "words",
        "coverage",
        *Evidence,
        "longest",
        "partner",
        "sha256",
        "file_sha256",
        "date",
        "language_known",
    ],
    "pairs": ["pair", "left", "right", "left_coverage", "right_coverage", *Evidence, "longest"],
    "passages": [
        *(
            "pair",
            "number",
            "evidence",
            "words",
            "word_similarity",
            "similarity",
            "probability",
            "p_value",
            "quotation",
            "reasons",
            "fingerprint",
            "verdict",
            "note",
        ),
        *("left", "left_start", "left_end", "left_text", "right", "right_start", "right_end", "right_text"),
    ],
    "skipped": ["name", "format", "problem"],
    "citations": ["document", "fault", "place", "start", "end", "text"],
}


def findings_as_dict(findings: Findings, *, with_text: bool = True) -> dict[str, Any]:
    """Turn findings into the plain values of ``report.json``; equal findings give equal values in the same order.

    Args:
        findings: What the check found.
        with_text: Whether the texts of the passages are told; without them they are None.

    Returns:
        The values that ``report.schema.json`` describes: ``summary``, ``cautions`` (what a reader must know of this
        check), ``chance`` (how many of the passages are there by chance), ``options``, ``documents``, ``references``
        (named sources), ``pairs`` with their ``passages``, ``identical`` (names of one and the same text), ``groups``
        (what hangs together by pairs), ``sources`` (each named one with the documents that have something from it),
        ``quotations`` (with the ``reasons`` why they do not count), ``dismissed`` (what a person took off the counted
        passages), ``verdicts`` (all that people said), ``skipped``, ``citations`` (those without an entry in the list
        of references, and entries that nobody cites) and ``notes`` (what the texts do not show: disguise, hidden words,
        parts that were not read, comments and deletions, guesses). Shares and similarities have four decimals, offsets
        count code points. ``run`` alone differs from run to run.
    """
    return {
        "format": FORMAT,
        "version": __version__,
        "summary": summary(findings),
        "cautions": list(findings.cautions),
        "chance": _chance_row(findings),
        "options": json.loads(json.dumps(dict(findings.options), default=str)),
        "documents": [_finding_row(document) | _text_row(findings, document.name) for document in findings.documents],
        "references": [{"name": name} | _text_row(findings, name) for name in _references(findings)],
        "pairs": [
            _pair_row(rank, pair)
            | {
                "passages": [
                    _passage_row(findings, match, number, rank, with_text=with_text)
                    for number, match in numbered_matches(pair)
                ]
            }
            for rank, pair in enumerate(findings.pairs, start=1)
        ],
        "identical": [list(names) for names in findings.identical],
        "groups": [
            {"documents": list(group.documents), "sources": list(group.sources), "pairs": group.pairs}
            for group in groups(findings)
        ],
        "sources": [
            {
                "source": source,
                "documents": [{"name": pair.left, "coverage": _rounded(pair.left_coverage)} for pair in pairs],
            }
            for source, pairs in source_groups(findings)
        ],
        "quotations": _listed(findings, findings.quotations, with_text=with_text),
        "dismissed": _listed(findings, findings.dismissed, with_text=with_text),
        "verdicts": [asdict(review) for review in findings.verdicts],
        "skipped": [{"name": file.name, "format": file.format, "problem": file.problem} for file in findings.skipped],
        "citations": [_citation_row(findings, one, with_text=with_text) for one in findings.citations],
        "notes": [_note_row(document, note, with_text=with_text) for document, note in findings.notes],
        "run": dict(findings.run),
    }


def summary(findings: Findings) -> str:
    """Say in one sentence what was checked, what needs a look and what was left out.

    Example:
        >>> from siamese_text.records import Document
        >>> summary(Findings((), (), (), (Document("a.pdf", problem="password needed; save it without one"),), {}))
        '0 of 1 document checked; none needs a look; 1 file could not be checked.'
    """
    checked, skipped = len(findings.documents), len(findings.skipped)
    affected, together = sum(document.coverage > 0 for document in findings.documents), len(groups(findings))
    needs = f"{affected:,} {'needs' if affected == 1 else 'need'} a look, in {counted(together, 'group')}"
    clauses = [
        f"{checked:,} of {counted(checked + skipped, 'document')} checked",
        needs if affected else "none needs a look",
    ]
    if same := findings.identical:
        clauses.append(f"{sum(map(len, same)):,} hold the same text as another one")
    if common := [match for match in findings.quotations if match.shared_by > 2 and match.words >= _WHOLE_PASSAGE]:
        most, verb = max(match.shared_by for match in common), "is" if len(common) == 1 else "are"
        clauses.append(f"{counted(len(common), 'long passage')} in up to {most:,} documents {verb} not counted")
    if quoted := _mostly_quoted(findings):
        clauses.append(f"at least half of {', '.join(quoted)} is quotations")
    if disguised := {document.name for document, note in findings.notes if note.kind in {"disguise", "hidden"}}:
        clauses.append(f"{counted(len(disguised), 'file')} with disguised or hidden letters")
    if skipped:
        clauses.append(f"{counted(skipped, 'file')} could not be checked")
    if parts := {document.name for document, note in findings.notes if note.kind == "unread" and not document.problem}:
        clauses.append(f"{counted(len(parts), 'file')} could not be read as a whole")
    return "; ".join(clauses) + "."


def _mostly_quoted(findings: Findings) -> list[str]:
    """Name the documents that consist of quotations, each with their share: what is quoted counts nowhere else."""
    shares = {
        one.name: sum(len(span) for span in findings.excluded.get(one.name, {}).get(Reason.QUOTATION, ())) / len(text)
        for one in findings.documents
        if (text := findings.texts[one.name].text)
    }
    return [f"{name} ({share:.0%})" for name, share in sorted(shares.items()) if share >= _MOSTLY]


def chance_sentence(findings: Findings) -> str:
    """Say how many passages are listed, and about how many of them chance alone would give.

    Example:
        >>> chance_sentence(Findings((), (), (), (), {}))
        'Nothing found.'
    """
    passages = sum(len(pair.matches) for pair in findings.pairs)
    chance = findings.chance
    listed = counted(passages, "passage") if passages else "Nothing found"
    if chance is None:
        return f"{listed}."
    if chance.background is Background.SHIPPED:
        return (
            f"{listed}. From {counted(chance.documents, 'document')} it cannot be learned what chance alone gives "
            f"({FEWEST_DOCUMENTS} are needed, or --innocent DIR): it was taken from other small folders, "
            "in which nobody copied."
        )
    if not passages:
        return f"{listed}."
    by_chance = chance.by_chance or 0.0
    about = f"about {round(by_chance):,}" if by_chance >= 0.5 else "fewer than one"
    return f"{listed}; {about} of them by chance."


def source_groups(findings: Findings) -> list[tuple[str, list[PairFinding]]]:
    """Gather the pairs of each named source, of which several documents may have something.

    Returns:
        Sources with their pairs, that with the most documents first; the document that has most of it first.
    """
    checked = {document.name for document in findings.documents}
    groups: dict[str, list[PairFinding]] = {}
    for pair in findings.pairs:
        if pair.right not in checked:
            groups.setdefault(pair.right, []).append(pair)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [(source, sorted(pairs, key=lambda pair: (-pair.left_coverage, pair.left))) for source, pairs in ordered]


def numbered_matches(pair: PairFinding) -> list[tuple[int, Match]]:
    """Number the matches in the order in which a reader of the left text meets them."""
    ordered = sorted(pair.matches, key=lambda match: (match.left.start, match.right.start, match.left.end))
    return list(enumerate(ordered, start=1))


def tally(pair: PairFinding) -> dict[Evidence, int]:
    """Count the matches of a pair by their evidence."""
    return {evidence: sum(match.evidence is evidence for match in pair.matches) for evidence in Evidence}


def shares(finding: DocumentFinding) -> list[tuple[Evidence, float]]:
    """Return for each kind of evidence which share of a document it covers, in [0, 1]."""
    return [(evidence, finding.coverage_by_evidence.get(evidence, 0.0)) for evidence in Evidence]


def _chance_row(findings: Findings) -> dict[str, Any] | None:
    chance = findings.chance
    if chance is None:
        return None
    return {
        "sentence": chance_sentence(findings),
        "false_share": chance.false_share,
        "by_chance": None if chance.by_chance is None else _rounded(chance.by_chance),
        "background": chance.background.value,
        "background_documents": chance.documents,
    }


def _finding_row(finding: DocumentFinding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "words": finding.words,
        "coverage": _rounded(finding.coverage),
        **{evidence.value: _rounded(share) for evidence, share in shares(finding)},
        "longest": finding.longest,
        "partner": finding.partner,
    }


def _note_row(document: Document, note: Note, *, with_text: bool) -> dict[str, Any]:
    """Write a note; ``place`` is where its first characters stand, ``text`` what is no part of the document's text."""
    return {
        "document": document.name,
        "kind": note.kind,
        "message": note.message,
        "text": note.text if with_text else "",
        "place": place_of(document, note.spans[0].start) if note.spans else None,
        "spans": [[span.start, span.end] for span in note.spans],
    }


def _citation_row(findings: Findings, one: CitationFinding, *, with_text: bool) -> dict[str, Any]:
    document = findings.texts[one.document]
    return {
        "document": one.document,
        "fault": one.fault.value,
        "place": place_of(document, one.span.start),
        "start": one.span.start,
        "end": one.span.end,
        "text": document.text[one.span.start : one.span.end] if with_text else None,
    }


def _text_row(findings: Findings, name: str) -> dict[str, Any]:
    """Name a text by its hash, and its file by that of its bytes, where there is one file."""
    document, file = findings.texts[name], findings.files.get(name)
    return {
        "format": document.format,
        "characters": len(document.text),
        "sha256": text_hash(document.text),
        "file_sha256": file.sha256 if file else None,
        "date": findings.dates.get(name),
        "language_known": name not in findings.unknown_languages,
    }


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text as UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _references(findings: Findings) -> list[str]:
    checked = {document.name for document in findings.documents}
    return [name for name in findings.texts if name not in checked]


def _pair_row(rank: int, pair: PairFinding) -> dict[str, Any]:
    return {
        "pair": rank,
        "left": pair.left,
        "right": pair.right,
        "left_coverage": _rounded(pair.left_coverage),
        "right_coverage": _rounded(pair.right_coverage),
        **{evidence.value: count for evidence, count in tally(pair).items()},
        "longest": pair.longest,
    }


def reasons(findings: Findings, match: Match) -> list[Reason]:
    """Say why a match is listed and not counted; nothing is said of one that is no quotation."""
    if not match.quotation:
        return []
    if match.shared_by > 2:
        return [Reason.COMMON]
    kinds = [
        kind
        for kind in Reason
        for side in (match.left, match.right)
        if any(side.span.overlap(span) for span in findings.excluded.get(side.document, {}).get(kind, ()))
    ]
    return list(dict.fromkeys(kinds)) or [Reason.SOURCE]


def _listed(findings: Findings, matches: Iterable[Match], *, with_text: bool) -> list[dict[str, Any]]:
    return [_passage_row(findings, match, number, with_text=with_text) for number, match in enumerate(matches, start=1)]


def _passage_row(
    findings: Findings, match: Match, number: int, rank: int | None = None, *, with_text: bool
) -> dict[str, Any]:
    review = match.review
    row: dict[str, Any] = {
        "pair": rank,
        "number": number,
        "evidence": match.evidence.value,
        "words": match.words,
        "word_similarity": _rounded(match.word_similarity),
        "similarity": None if match.similarity is None else _rounded(match.similarity),
        "probability": None if match.probability is None else _rounded(match.probability),
        "p_value": None if match.p_value is None else float(f"{match.p_value:.2g}"),
        "quotation": match.quotation,
        "reasons": [reason.value for reason in reasons(findings, match)],
        "fingerprint": match.fingerprint,
        "verdict": review.verdict if review else None,
        "note": review.note if review else "",
    }
    for side, passage in (("left", match.left), ("right", match.right)):
        row[side] = passage.document
        row |= {
            f"{side}_start": passage.start,
            f"{side}_end": passage.end,
            f"{side}_text": passage.text if with_text else None,
        }
    return row


def _rounded(value: float) -> float:
    """Drop the digits in which machines differ; numpy's floats become Python's, which JSON needs."""
    return round(float(value), 4)
