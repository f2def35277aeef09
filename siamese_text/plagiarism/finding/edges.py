"""Where copied words end: the part of two passages that was taken over, to the word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from rapidfuzz.distance import Indel

from siamese_text.records import Span

_FEWEST_WORDS = 6  # a shorter part is a turn of phrase
_DENSE = 0.5  # least share of words in common of a part that was copied
_MOST = 0.85  # of the common words must stand in that part: else the rest was taken over too, in other words
_REORDERED = 0.5  # share of words in common outside that part that shows a copy in another order
_SLACK = 4  # so many changed words at an end may be an edit of the copy, unless the copy is word for word


def word_similarity(left: Sequence[Hashable], right: Sequence[Hashable]) -> float:
    """Return the share of words that stand on both sides in the same order, in [0, 1].

    Args:
        left: Folded words, or their numbers.
        right: Folded words.

    Returns:
        Twice the length of the longest common subsequence of words, divided by the words of both sides.

    Example:
        >>> word_similarity("the cat sat on the mat".split(), "the dog sat on the mat".split())
        0.8333333333333334
    """
    return float(Indel.normalized_similarity(left, right))


def copied_part(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[Span, Span]:
    """Cut two passages to the words between which they agree.

    The words are aligned, and the stretch is chosen in which the common words outweigh the changed ones most, a
    changed word on one side counting half. It replaces the passages where at least half of its words
    are common ones, six or more and most of all that there are.

    Args:
        left: Folded words of a passage, or their numbers.
        right: Folded words of the other.

    Returns:
        The words to keep of both sides, all of them where no part stands out.

    Example:
        >>> left = "he wrote that the mill stood still all summer".split()
        >>> right = "the mill stood still all summer and nobody in the village could remember why".split()
        >>> copied_part(left, right)
        (Span(start=3, end=9), Span(start=0, end=6))
    """
    blocks = Indel.opcodes(left, right)
    weights = [
        float(block.src_end - block.src_start)
        if block.tag == "equal"
        else -(block.src_end - block.src_start + block.dest_end - block.dest_start) / 2
        for block in blocks
    ]
    whole = Span(0, len(left)), Span(0, len(right))
    first, last = _heaviest(weights)
    if first > last:
        return whole
    ours = Span(blocks[first].src_start, blocks[last].src_end)
    theirs = Span(blocks[first].dest_start, blocks[last].dest_end)
    common = sum(weight for weight in weights if weight > 0)
    inside = sum(weight for weight in weights[first : last + 1] if weight > 0)
    if inside < max(_FEWEST_WORDS, _MOST * common) or 2 * inside < _DENSE * (len(ours) + len(theirs)):
        return whole
    outside = [*left[: ours.start], *left[ours.end :]], [*right[: theirs.start], *right[theirs.end :]]
    if sum((Counter(outside[0]) & Counter(outside[1])).values()) > _REORDERED * min(map(len, outside)):
        return whole
    exact = first == last
    return _kept(ours, whole[0], theirs, whole[1], exact=exact)


def _heaviest(weights: Sequence[float]) -> tuple[int, int]:
    """Find the first and the last of the consecutive weights with the largest sum; (0, -1) if none is positive."""
    best, found = 0.0, (0, -1)
    total, start = 0.0, 0
    for place, weight in enumerate(weights):
        if total <= 0:
            total, start = 0.0, place
        total += weight
        if total > best:
            best, found = total, (start, place)
    return found


def _kept(ours: Span, left: Span, theirs: Span, right: Span, *, exact: bool) -> tuple[Span, Span]:
    """Leave the ends of an edited copy as they are where only a few words lie outside."""
    slack = 0 if exact else _SLACK
    start = max(ours.start - left.start, theirs.start - right.start) > slack
    end = max(left.end - ours.end, right.end - theirs.end) > slack
    return (
        Span(ours.start if start else left.start, ours.end if end else left.end),
        Span(theirs.start if start else right.start, theirs.end if end else right.end),
    )
