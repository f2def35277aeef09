"""What the competition takes for one case: a summary is one, and its source is all that it draws on.

A report for people shows the sentences of a summary each beside where it is from: a whole document marked as copied
says less. The competition asks for one passage on each side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from siamese_text.records import Span

_GAP = 300  # characters between two pieces of a summary
_RATIO = 2.0  # a summary is shorter than what it draws on by this factor
_WEAKEST = 60.0  # nats of a piece that may belong to a summary


@dataclass(frozen=True, slots=True)
class PieceOfCase:
    """A passage, where it comes from, and the evidence for it in nats."""

    span: Span
    source_span: Span
    evidence: float


def joined(pieces: Sequence[PieceOfCase], least: float) -> list[PieceOfCase]:
    """Join pieces that stand close together in a document and far apart in its source.

    Args:
        pieces: The passages of one pair of documents, weak ones too.
        least: The evidence that a case needs; the pieces of a summary need it together.

    Returns:
        Cases, by their place in the document.

    Example:
        >>> pieces = [PieceOfCase(Span(0, 90), Span(0, 90), 60.0), PieceOfCase(Span(95, 200), Span(900, 1000), 60.0)]
        >>> joined(pieces, least=100.0)
        [PieceOfCase(span=Span(start=0, end=200), source_span=Span(start=0, end=1000), evidence=120.0)]
    """
    groups: list[list[PieceOfCase]] = []
    for piece in sorted((one for one in pieces if one.evidence >= _WEAKEST), key=lambda one: one.span.start):
        if groups and piece.span.start - max(one.span.end for one in groups[-1]) <= _GAP:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    cases: list[PieceOfCase] = []
    for group in groups:
        whole = _hull(group)
        summary = len(group) > 1 and len(whole.source_span) >= _RATIO * len(whole.span)
        cases += [whole] if summary and whole.evidence >= least else [one for one in group if one.evidence >= least]
    return cases


def _hull(pieces: Sequence[PieceOfCase]) -> PieceOfCase:
    return PieceOfCase(
        Span(min(one.span.start for one in pieces), max(one.span.end for one in pieces)),
        Span(min(one.source_span.start for one in pieces), max(one.source_span.end for one in pieces)),
        sum(one.evidence for one in pieces),
    )
