"""What the page of a report knows: documents, pairs and passages as plain values, from which its script draws.

Places in a text are counted twice, in code points and in *ink*, the characters that are no white space. Shares are
shares of ink, so that the page can add up spans that the reader counts or leaves out, even without the texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.findings import Findings, Match
from siamese_text.plagiarism.report.rows import numbered_matches, reasons
from siamese_text.plagiarism.report.why import Rarity, common_words, why_it_counts
from siamese_text.plagiarism.report.words import printable
from siamese_text.records import Document, Span
from siamese_text.text import place_of

MOST_PAIRS = 3_000  # more help nobody in a browser; pairs.csv has them all
INLINE = 6_000_000  # characters of text within the page; the texts of further documents lie in files beside it
_SPACES = np.array([chr(code).isspace() for code in range(0x3002)])  # no white space lies beyond
_PART = 2_000_000  # characters of text in each of those files


@dataclass(frozen=True, slots=True)
class Contents:
    """The values of the page, and the texts that lie in files beside it.

    Attributes:
        page: ``documents``, ``pairs``, ``texts``, ``verdicts``, ``left_out``, the number of pairs that have no room,
            ``dated``, where dates come from, and ``made``, when the check was.
        parts: For each file beside the page its texts.
    """

    page: Mapping[str, Any]
    parts: Sequence[Sequence[str]]


def page_contents(findings: Findings, *, with_text: bool = True) -> Contents:
    """Gather what the page draws.

    Args:
        findings: What the check found.
        with_text: Whether texts, and words out of them, are handed over.

    Returns:
        The counted pairs by rank, then those with passages that do not count; each document that is checked or stands
        in one of them. A text is handed over once, however many pairs it stands in.
    """
    pairs = _pairs(findings)
    shown = pairs[:MOST_PAIRS]
    names = list(dict.fromkeys([*(one.name for one in findings.documents), *(name for pair in shown for name in pair)]))
    numbers = {name: number for number, name in enumerate(names)}
    paired = dict.fromkeys(name for pair in shown for name in pair)
    ink = {name: _ink(findings.texts[name].text) for name in paired}
    words = {one.name: one.words for one in findings.documents}
    inline, parts, places = _texts({name: findings.texts[name].text for name in paired if with_text})
    rarity = Rarity(document.text for document in findings.texts.values() if paired)
    ranked = {(pair.left, pair.right): pair for pair in findings.pairs}
    listed = _listed(findings)

    def passages(left: str, right: str) -> list[dict[str, Any]]:
        pair = ranked.get((left, right))
        numbered = numbered_matches(pair) if pair else []
        every = [*numbered, *((0, match) for match in listed.get((left, right), ()))]
        return [_passage(findings, match, number, ink, rarity, with_text=with_text) for number, match in every]

    page = {
        "documents": [
            {"words": words.get(name), "source": name not in words, "text": places.get(name)}
            | _document(findings, findings.texts[name], ink.get(name))
            for name in names
        ],
        "pairs": [
            {"left": numbers[left], "right": numbers[right], "passages": passages(left, right)} for left, right in shown
        ],
        "texts": inline,
        "verdicts": [asdict(review) for review in findings.verdicts],
        "left_out": len(pairs) - len(shown),
        "dated": "given" if findings.dates else "files",
        "made": findings.run.get("started"),
    }
    return Contents(page, parts)


def _pairs(findings: Findings) -> list[tuple[str, str]]:
    """List the pairs that share anything, the counted ones first, by rank."""
    counted = [(pair.left, pair.right) for pair in findings.pairs]
    return list(dict.fromkeys([*counted, *_listed(findings)]))


def _listed(findings: Findings) -> dict[tuple[str, str], list[Match]]:
    """Gather what does not count by its documents."""
    listed: dict[tuple[str, str], list[Match]] = {}
    for match in (*findings.dismissed, *findings.quotations):
        listed.setdefault((match.left.document, match.right.document), []).append(match)
    return listed


def _texts(texts: Mapping[str, str]) -> tuple[list[str], list[list[str]], dict[str, tuple[int, int]]]:
    """Part the texts: those within the page, those of each file, and for each its file (0 is the page) and place."""
    inline: list[str] = []
    parts: list[list[str]] = []
    places: dict[str, tuple[int, int]] = {}
    room = INLINE
    for name, text in texts.items():
        if len(text) <= room:
            room -= len(text)
            inline.append(text)
            places[name] = (0, len(inline) - 1)
            continue
        if not parts or sum(map(len, parts[-1])) + len(text) > _PART:
            parts.append([])
        parts[-1].append(text)
        places[name] = (len(parts), len(parts[-1]) - 1)
    return inline, parts, places


def _document(findings: Findings, document: Document, ink: NDArray[np.int64] | None) -> dict[str, Any]:
    """Say what the page needs of a document; of one that stands in no pair, which has no ``ink``, little."""
    excluded = findings.excluded.get(document.name, {})
    spans = [(span, kind.value) for kind, spans in excluded.items() for span in spans]
    return {
        "name": printable(document.name),
        "characters": len(document.text),
        "ink": 0 if ink is None else int(ink[-1]),
        "date": _date(findings, document.name),
        "flags": sorted({note.kind for note in document.notes if note.kind in ("disguise", "hidden", "unread")}),
        "excluded": [] if ink is None else [[*_place(span, ink), kind] for span, kind in spans],
    }


def _date(findings: Findings, name: str) -> str | None:
    """Return when a document was written as somebody said; where nobody did, when its file was last changed."""
    if findings.dates:
        return findings.dates.get(name)
    file = findings.files.get(name)
    return file.modified if file else None


def _passage(
    findings: Findings,
    match: Match,
    number: int,
    ink: Mapping[str, NDArray[np.int64]],
    rarity: Rarity,
    *,
    with_text: bool,
) -> dict[str, Any]:
    common = common_words(match)
    review = match.review
    return {
        "number": number,
        "evidence": match.evidence.value,
        "words": match.words,
        "left": _place(match.left.span, ink[match.left.document]),
        "right": _place(match.right.span, ink[match.right.document]),
        "where": [place_of(findings.texts[side.document], side.start) for side in (match.left, match.right)],
        "common": [_pairs_of(common.left), _pairs_of(common.right)] if with_text else None,
        "reasons": [reason.value for reason in reasons(findings, match)],
        "shared_by": match.shared_by,
        "fingerprint": match.fingerprint,
        "verdict": review.verdict if review else None,
        "note": review.note if review else "",
        "why": why_it_counts(match, common, rarity, findings.chance, words=with_text),
    }


def _ink(text: str) -> NDArray[np.int64]:
    """Return for each place of a text, and for its end, how many characters before it are no white space."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return np.concatenate([[0], np.cumsum(~_SPACES[np.minimum(codes, len(_SPACES) - 1)], dtype=np.int64)])


def _place(span: Span, ink: NDArray[np.int64]) -> list[int]:
    return [span.start, span.end, int(ink[span.start]), int(ink[span.end])]


def _pairs_of(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]
