"""Findings under numbers instead of names, to be shown to those who need not know who wrote what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from siamese_text.plagiarism.findings import Findings, Match, Review
from siamese_text.records import Document, Passage

_PAGE = re.compile(r"[a-z]+ \d+")
_RUN = {"folder", "against", "modified"}  # what a run says of the place and the files it read


def anonymized(findings: Findings) -> Findings:
    """Call documents ``document 1``, ``document 2`` and so on, named sources ``source 1``, skipped files ``file 1``.

    The numbers follow the hashes of the texts, so that neither the alphabet nor the shares say who is who, and the same
    files get the same numbers again. What stands in the texts, and in the notes of verdicts, stays.

    Args:
        findings: What the check found.

    Returns:
        The same under other names, without folders and dates.
    """
    checked = {one.name for one in findings.documents}
    names = _numbered("document", [one for name, one in findings.texts.items() if name in checked])
    names |= _numbered("source", [one for name, one in findings.texts.items() if name not in checked])
    skipped = [
        replace(_without_files(one), name=f"file {number}") for number, one in enumerate(findings.skipped, start=1)
    ]

    def passage(one: Passage) -> Passage:
        return replace(one, document=names[one.document])

    def match(one: Match) -> Match:
        review = _review(one.review) if one.review else None
        return replace(one, left=passage(one.left), right=passage(one.right), review=review)

    def matches(some: Iterable[Match]) -> tuple[Match, ...]:
        return tuple(match(one) for one in some)

    return replace(
        findings,
        documents=tuple(
            replace(one, name=names[one.name], partner=names[one.partner] if one.partner else None)
            for one in findings.documents
        ),
        pairs=tuple(
            replace(one, left=names[one.left], right=names[one.right], matches=matches(one.matches))
            for one in findings.pairs
        ),
        quotations=matches(findings.quotations),
        dismissed=matches(findings.dismissed),
        skipped=tuple(skipped),
        texts={names[name]: replace(_without_files(one), name=names[name]) for name, one in findings.texts.items()},
        excluded={names[name]: spans for name, spans in findings.excluded.items()},
        verdicts=tuple(_review(one) for one in findings.verdicts),
        citations=tuple(replace(one, document=names[one.document]) for one in findings.citations),
        unknown_languages=frozenset(names[name] for name in findings.unknown_languages if name in names),
        files={},
        dates={},
        options={key: _last_part(value) for key, value in findings.options.items()} | {"anonymous": True},
        run={key: value for key, value in findings.run.items() if key not in _RUN},
    )


def _numbered(noun: str, documents: list[Document]) -> dict[str, str]:
    def key(one: Document) -> tuple[str, str]:
        return hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest(), one.name

    width = len(str(len(documents)))
    return {one.name: f"{noun} {number:0{width}}" for number, one in enumerate(sorted(documents, key=key), start=1)}


def _last_part(value: object) -> object:
    """Keep of a path, such as that of a model, its last part."""
    return PurePath(value).name if isinstance(value, str | PurePath) else value


def _without_files(one: Document) -> Document:
    """Keep the pages, slides and chapters of a document, and not the names of the files that it was handed in as."""
    if all(_PAGE.fullmatch(place.name) for place in one.places):
        return one
    notes = tuple(replace(note, message=note.message.rpartition(": ")[2]) for note in one.notes)
    return replace(one, places=(), notes=notes)


def _review(one: Review) -> Review:
    return replace(one, left="", right="")
