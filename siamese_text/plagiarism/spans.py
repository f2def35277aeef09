"""Sets of spans of one text: joined, intersected, measured."""

from __future__ import annotations

from collections.abc import Iterable

from siamese_text.records import Span


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that touch or overlap.

    Args:
        spans: Spans in any order.

    Returns:
        Spans in increasing order that hold the same code points once.

    Example:
        >>> union([Span(4, 9), Span(0, 2), Span(2, 5)])
        (Span(start=0, end=9),)
    """
    joined: list[Span] = []
    for span in sorted((span for span in spans if len(span) > 0), key=lambda span: (span.start, span.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def intersection(first: Iterable[Span], second: Iterable[Span]) -> tuple[Span, ...]:
    """Find what two sets of spans both hold.

    Args:
        first: Spans in any order.
        second: Spans in any order.

    Returns:
        Spans in increasing order that neither touch nor overlap.

    Example:
        >>> intersection([Span(0, 5), Span(8, 12)], [Span(3, 10)])
        (Span(start=3, end=5), Span(start=8, end=10))
    """
    others = union(second)
    return union(
        Span(max(one.start, other.start), min(one.end, other.end))
        for one in union(first)
        for other in others
        if one.overlap(other)
    )


def subtract(span: Span, holes: Iterable[Span]) -> tuple[Span, ...]:
    """Find what is left of a span without some others.

    Args:
        span: The span.
        holes: Spans in any order.

    Returns:
        Spans in increasing order that neither touch nor overlap.

    Example:
        >>> subtract(Span(0, 10), [Span(8, 12), Span(3, 5)])
        (Span(start=0, end=3), Span(start=5, end=8))
    """
    starts, ends = [span.start], []
    for hole in intersection([span], holes):
        ends.append(hole.start)
        starts.append(hole.end)
    return union(Span(start, end) for start, end in zip(starts, [*ends, span.end], strict=True))


def total_length(spans: Iterable[Span]) -> int:
    """Count the code points that a set of spans holds, each once."""
    return sum(map(len, union(spans)))
