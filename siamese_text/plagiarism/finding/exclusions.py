"""Parts of a text that may stand elsewhere without blame: quotations and the list of references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from siamese_text.plagiarism.spans import union
from siamese_text.records import Span

_FEWEST_QUOTED_WORDS = 5  # fewer are a title, a term or irony
_WORDS_PER_REFERENCE = 60
_EARLIEST_REFERENCES = 4  # not in the first quarter: a text that begins so is itself about sources

_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
_QUOTATION = re.compile(r'“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|(?<![\w"])"(?=\S)[^"]*(?<=\S)"(?!\w)')
_BLOCK_QUOTE = re.compile(r"(?:^ {0,3}>[^\n]*(?:\n|$))+", re.MULTILINE)
# A line of its own, perhaps with markdown's number signs and stars, a section number or a colon.
_HEADING = r"^[ \t#*_]*(?:\d{{1,2}}\.?[ \t]+)?(?:{names})[ \t:#*_]*$"
_REFERENCES = re.compile(
    _HEADING.format(
        names=r"references?(?: cited| and notes| list| and further reading)?|list of references|bibliography"
        r"|works? (?:cited|consulted)|literature(?: cited)?|citations|(?:list of )?sources|further reading"
    ),
    re.IGNORECASE | re.MULTILINE,
)
_APPENDIX = re.compile(_HEADING.format(names=r"(?:appendix|appendices|annex)\b[^\n]*"), re.IGNORECASE | re.MULTILINE)
_YEAR_OR_LINK = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b|https?://|\bdoi\b", re.IGNORECASE)


def excluded_spans(text: str) -> tuple[Span, ...]:
    """Find what does not count as copied: quotations of five words or more, block quotes, the list of references.

    A quotation is a stretch between paired double quotation marks (“ ”, „ “, « », " ") that leaves no paragraph,
    or lines that begin with ``>``. The list of references reaches from the last heading such as "References" or
    "Works cited" to the end or to an appendix, provided that it holds years or links as such lists do.

    Args:
        text: The text of a document.

    Returns:
        Spans in increasing order that neither touch nor overlap.

    Example:
        >>> text = 'She wrote: "The river takes what it likes." Nobody knew why.'
        >>> [text[span.start:span.end] for span in excluded_spans(text)]
        ['"The river takes what it likes."']
    """
    return union([*_quotations(text), *_references(text)])


def lies_inside(span: Span, excluded: Sequence[Span]) -> bool:
    """Tell whether at least half of a span stands in excluded text; the excluded spans do not overlap."""
    return 2 * sum(span.overlap(other) for other in excluded) >= len(span) > 0


def _quotations(text: str) -> Iterator[Span]:
    for paragraph in _PARAGRAPH.finditer(text):
        for quotation in _QUOTATION.finditer(paragraph[0]):
            if len(quotation[0].split()) >= _FEWEST_QUOTED_WORDS:
                yield Span(paragraph.start() + quotation.start(), paragraph.start() + quotation.end())
    for block in _BLOCK_QUOTE.finditer(text):
        yield Span(*block.span())


def _references(text: str) -> Iterator[Span]:
    headings = list(_REFERENCES.finditer(text))
    if not headings or _EARLIEST_REFERENCES * headings[-1].start() < len(text):
        return
    start = headings[-1].start()
    appendix = _APPENDIX.search(text, headings[-1].end())
    end = appendix.start() if appendix else len(text)
    entries = text[headings[-1].end() : end]
    if len(_YEAR_OR_LINK.findall(entries)) * _WORDS_PER_REFERENCE >= len(entries.split()) > 0:
        yield Span(start, end)
