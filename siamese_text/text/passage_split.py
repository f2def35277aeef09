"""A document becomes passages: single sentences, or sentences of one section packed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from siamese_text.errors import UsageError
from siamese_text.records import Document, Passage, Span
from siamese_text.text.blocks import blocks
from siamese_text.text.sentence_split import sentences


def passages(document: Document, *, words: int | None = None) -> list[Passage]:
    """Split the text of a document into passages.

    A passage of several sentences never reaches into the next section: a heading starts a new one and stays with
    what follows it.

    Args:
        document: A document that was read.
        words: How many words a passage should hold at most, counted at white space; a single sentence, or a heading
            with its first sentence, may hold more. None makes every sentence a passage.

    Returns:
        Passages that tile ``document.text``; none for a document with a problem.

    Raises:
        UsageError: ``words`` is less than 1.

    Example:
        >>> document = Document("a.txt", "It rained. We stayed in. The sun came back.")
        >>> [passage.text for passage in passages(document, words=5)]
        ['It rained. We stayed in. ', 'The sun came back.']
    """
    if words is not None and words < 1:
        raise UsageError(f"a passage of {words} words holds nothing; give 1 or more, or none for single sentences")
    spans = sentences(document.text)
    if words is not None:
        spans = _packed(document.text, spans, words)
    return [Passage(document.name, span.start, span.end, document.text[span.start : span.end]) for span in spans]


def stripped(passages: Iterable[Passage]) -> Iterator[Passage]:
    r"""Narrow each passage to its text without the white space around it, and leave out those without any.

    Args:
        passages: As ``passages`` gave them.

    Yields:
        What an encoder should read.

    Example:
        >>> [passage.span for passage in stripped([Passage("a.txt", 0, 12, "It rained. \n")])]
        [Span(start=0, end=10)]
    """
    for passage in passages:
        text = passage.text.strip()
        if text:
            start = passage.start + passage.text.index(text)
            yield Passage(passage.document, start, start + len(text), text)


def _packed(text: str, spans: list[Span], words: int) -> list[Span]:
    """Join consecutive sentences, as many as fit."""
    headings = {block.span.start for block in blocks(text) if block.heading}
    packed: list[Span] = []
    size, bare = 0, False  # of the last passage: its words, and whether it holds nothing but headings
    for span in spans:
        length = len(text[span.start : span.end].split())
        heading = span.start in headings
        fits = size + length <= words
        if packed and ((bare and fits) if heading else (bare or fits)):
            packed[-1] = Span(packed[-1].start, span.end)
            size, bare = size + length, heading
        else:
            packed.append(span)
            size, bare = length, heading
    return packed
