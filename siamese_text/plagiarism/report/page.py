"""The page to hand on, with both texts of each pair side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from siamese_text._version import __version__
from siamese_text.pages import environment
from siamese_text.plagiarism.findings import Evidence, Findings, Match, PairFinding
from siamese_text.plagiarism.report.rows import (
    chance_sentence,
    counted,
    numbered_matches,
    shares,
    source_groups,
    summary,
    tally,
)
from siamese_text.records import Document, Passage, Span

TABLE_ROWS = 1_000  # a longer table helps nobody in a browser; the page names the file that holds the rest
SIDE_BY_SIDE = 8_000_000  # characters of text that the page shows in pairs: a file of about 15 MB


def report_html(findings: Findings) -> str:
    """Render the page to hand on: it needs no network and no other file, and can be read without its script.

    Args:
        findings: What the check found.

    Returns:
        The page. Where a table or the pairs of texts get too long for a browser, it says which file holds the rest.
    """
    views = _pair_views(findings)
    shown = {frozenset((view.pair.left, view.pair.right)): view.rank for view in views}
    return (
        environment(__file__, _FILTERS)
        .get_template("page.html.jinja")
        .render(
            version=__version__,
            summary=summary(findings),
            chance=chance_sentence(findings),
            affected=[document for document in findings.documents if document.coverage > 0],
            clean=[document for document in findings.documents if document.coverage <= 0],
            pairs=[(rank, pair, tally(pair)) for rank, pair in enumerate(findings.pairs, start=1)],
            sources=source_groups(findings),
            views=views,
            view_of=lambda left, right: shown.get(frozenset((left, right))),
            quotations=findings.quotations,
            skipped=[(file.name, *_reason_and_remedy(file.problem or "")) for file in findings.skipped],
            options=findings.options,
            row_limit=TABLE_ROWS,
        )
    )


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
    """A pair with both texts in full, its matches numbered."""

    rank: int
    pair: PairFinding
    matches: Sequence[tuple[int, Match]]
    sides: tuple[_Side, _Side]


def _pair_views(findings: Findings) -> list[_PairView]:
    """View the most severe pairs: as many as the page has room for, and always the first."""
    views: list[_PairView] = []
    room = SIDE_BY_SIDE
    for rank, pair in enumerate(findings.pairs, start=1):
        room -= len(findings.texts[pair.left].text) + len(findings.texts[pair.right].text)
        if room < 0 and views:
            break
        views.append(_pair_view(rank, pair, findings))
    return views


def _pair_view(rank: int, pair: PairFinding, findings: Findings) -> _PairView:
    matches = numbered_matches(pair)
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
    """Return the words of a passage, without the difference of upper and lower case, and where each stands."""
    words = list(re.finditer(r"\w+", passage.text))
    spans = [Span(passage.start + word.start(), passage.start + word.end()) for word in words]
    return [word.group().casefold() for word in words], spans


def _whole(share: float) -> str:
    """Round to whole percents, but never something to nothing or a part to all."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def _printable(name: str) -> str:
    """Escape what cannot be seen in a name, such as a line break or a reversal of the writing direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _option(value: object) -> str:
    """Write the value of an option as a person would."""
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


_FILTERS: dict[str, Callable[..., object]] = {
    "count": counted,
    "option": _option,
    "percent": _whole,
    "printable": _printable,
    "shares": shares,
}
