"""A text becomes sentences: spans that tile it, from nupunkt and a few rules for what nupunkt misses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from siamese_text.records import Span
from siamese_text.text.blocks import blocks

# A model reads some 256 tokens at once: longer sentences are cut rather than truncated unseen.
_LONGEST_WORDS = 60
_LONGEST = 600
_CLOSERS = "\"'”’»)\\]】』」）］"
_MISSED_ENDS = re.compile(
    # Chinese, Japanese, Hindi, Arabic and Urdu marks, which need no space after them.
    rf"[。！？｡।؟۔]+[{_CLOSERS}]*\s*"
    # A footnote mark after the full stop: "policy.12 Students", "policy.[3] Students".
    rf"|(?<=[a-z]{{4}})[.!?][{_CLOSERS}]*(?:\d{{1,3}}|[¹²³⁰⁴-⁹]+|(?:\[\d+\])+)\s+(?=[\"'“‘(]*[A-Z])"
)
_MOST_WORDS = re.compile(rf"(?:\S+\s+){{{_LONGEST_WORDS}}}")
_SPACES = re.compile(r"\s+")
# nupunkt needs quadratic time inside a run without white space.
_UNSPACED = re.compile(rf"\S{{{_LONGEST}}}")
_CLAUSE_END = re.compile(r"[;:,]\s+|[，、；：]\s*")


def sentences(text: str) -> list[Span]:
    """Split a text into sentences.

    Headings, list items and paragraphs never share a sentence. A sentence of more than 60 words or 600 characters
    is cut, after a clause where there is one.

    Args:
        text: Any text.

    Returns:
        Spans that tile the text: each keeps the white space that follows it, and the first one what precedes it.
        An empty text has none.

    Example:
        >>> text = "Dr. Lund waited... Then she left.  Nobody saw her."
        >>> [text[span.start:span.end] for span in sentences(text)]
        ['Dr. Lund waited... ', 'Then she left.  ', 'Nobody saw her.']
    """
    return [span for block in blocks(text) for span in _sentences_of_block(text, block.span, block.heading)]


def _sentences_of_block(text: str, block: Span, heading: bool) -> Iterator[Span]:
    piece = text[block.start : block.end]
    start = 0
    for end in [len(piece)] if heading else _ends(piece):
        for cut in _cuts(piece, start, end):
            yield Span(block.start + start, block.start + cut)
            start = cut


def _ends(paragraph: str) -> list[int]:
    """Find where the sentences of a paragraph end, in increasing order."""
    from nupunkt import sent_spans

    ends = set() if _UNSPACED.search(paragraph) else {end for _, end in sent_spans(paragraph)}
    for mark in _MISSED_ENDS.finditer(paragraph):
        ends -= set(range(mark.start(), mark.end()))
        ends.add(mark.end())
    return sorted(ends | {len(paragraph)})


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Cut a sentence that is too long: after a clause in the later half of what fits, or else after a word."""
    while (limit := _limit(text, start, end)) < end:
        clauses = [match.end() for match in _CLAUSE_END.finditer(text, (start + limit) // 2, limit)]
        words = [match.end() for match in _SPACES.finditer(text, _skip_spaces(text, start, limit), limit)]
        start = next((cuts[-1] for cuts in (clauses, words) if cuts), limit)
        yield start
    yield end


def _limit(text: str, start: int, end: int) -> int:
    """Return how far a piece may reach: 60 words or 600 characters, and the white space after them."""
    first = _skip_spaces(text, start, end)
    longest = min(end, first + _LONGEST)
    words = _MOST_WORDS.match(text, first, longest)
    return _skip_spaces(text, words.end() if words else longest, end)


def _skip_spaces(text: str, at: int, end: int) -> int:
    match = _SPACES.match(text, at, end)
    return match.end() if match else at
