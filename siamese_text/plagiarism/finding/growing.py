"""Passages that two documents may share while they grow: put into groups, and joined where they touch."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from siamese_text.plagiarism.finding.candidates import Seed
from siamese_text.records import Span


@dataclass(frozen=True, slots=True)
class GrowingPassage:
    """A passage that grows: in sentences for joining, in characters for reporting; and the seeds in it."""

    left: range
    right: range
    left_span: Span
    right_span: Span
    seeds: tuple[Seed, ...] = ()

    def touches(self, other: GrowingPassage) -> bool:
        """Tell whether two passages overlap on both sides."""
        return self.left_span.overlap(other.left_span) > 0 and self.right_span.overlap(other.right_span) > 0


def grouped(
    passages: Iterable[GrowingPassage], key: Callable[[GrowingPassage], Hashable]
) -> list[list[GrowingPassage]]:
    """Put together what has one key, in the order in which keys come first."""
    groups: dict[Hashable, list[GrowingPassage]] = {}
    for passage in passages:
        groups.setdefault(key(passage), []).append(passage)
    return list(groups.values())


def clustered(passages: list[GrowingPassage], max_gap: int = 0) -> list[list[GrowingPassage]]:
    """Put together what touches on both sides: cut one side, then the other, until neither cuts any more."""
    parts = _cut(passages, max_gap, lambda passage: passage.left)
    finer = [piece for part in parts for piece in _cut(part, max_gap, lambda passage: passage.right)]
    if len(finer) == 1:
        return finer
    return [cluster for piece in finer for cluster in clustered(piece, max_gap)]


def _cut(
    passages: Iterable[GrowingPassage], max_gap: int, side: Callable[[GrowingPassage], range]
) -> list[list[GrowingPassage]]:
    parts: list[list[GrowingPassage]] = []
    stop = 0
    for passage in sorted(passages, key=lambda passage: side(passage).start):
        if parts and side(passage).start - stop <= max_gap:
            parts[-1].append(passage)
        else:
            parts.append([passage])
        stop = max(stop, side(passage).stop)
    return parts


def join(cluster: Sequence[GrowingPassage]) -> GrowingPassage:
    """Make one passage that holds some."""
    return GrowingPassage(
        range(min(passage.left.start for passage in cluster), max(passage.left.stop for passage in cluster)),
        range(min(passage.right.start for passage in cluster), max(passage.right.stop for passage in cluster)),
        hull(passage.left_span for passage in cluster),
        hull(passage.right_span for passage in cluster),
        tuple(seed for passage in cluster for seed in passage.seeds),
    )


def merged(passages: Iterable[GrowingPassage]) -> list[GrowingPassage]:
    """Join passages that overlap on both sides."""
    apart: list[GrowingPassage] = []
    for passage in passages:
        touching = [one for one in apart if one.touches(passage)]
        while touching:
            apart = [one for one in apart if one not in touching]
            passage = join([*touching, passage])
            touching = [one for one in apart if one.touches(passage)]
        apart.append(passage)
    return apart


def lies_in(passage: GrowingPassage, copy: GrowingPassage) -> bool:
    """Tell whether half of a side of a passage was copied already."""
    sides = (passage.left_span, copy.left_span), (passage.right_span, copy.right_span)
    return any(2 * own.overlap(copied) >= len(own) for own, copied in sides)


def hull(spans: Iterable[Span]) -> Span:
    """Return the span from the first to the last character of some."""
    starts, ends = zip(*((span.start, span.end) for span in spans), strict=True)
    return Span(min(starts), max(ends))
