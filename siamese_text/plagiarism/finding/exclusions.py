"""Parts of a text that may stand elsewhere without blame: quotations, headings and the list of references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from siamese_text.plagiarism.findings import Reason
from siamese_text.plagiarism.spans import union
from siamese_text.records import Span
from siamese_text.text import sentences, words

_FEWEST_QUOTED_WORDS = 5  # fewer are a title, a term or irony
_WORDS_PER_REFERENCE = 60
_EARLIEST_REFERENCES = 4  # not in the first quarter: a text that begins so is itself about sources

_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
# From the left, so that the mark that comes first decides how a mark that both opens and closes is read. What is longer
# than 250 words is no quotation: a mark has lost its partner, or somebody put a whole text in quotation marks.
_QUOTATION = re.compile(
    "|".join(
        [
            r"“[^“”]{0,1500}(?:”|''|\")",
            r"„[^„“”]{0,1500}[“”\"]",
            r"«[^«»]{0,1500}»|»[^«»]{0,1500}«",
            r"‹[^‹›]{0,1500}›|›[^‹›]{0,1500}‹",
            r"「[^「」]{0,1500}」|『[^『』]{0,1500}』",
            r"＂[^＂]{0,1500}＂",
            r"(?<![^\s([])”(?=\S)[^“”]{0,1500}”(?!\w)",  # Swedish and Finnish
            r"‚[^‚‘’]{0,1500}[‘’](?!\w)",
            # Apostrophes stand inside it.
            r"(?<!\w)‘(?=\S)(?:[^‘]{0,1500}?[.,;:!?…]|(?:[^‘’]|(?<=\w)’(?=\w)){0,1500})’(?!\w)",
            r"(?<![\w`'])(?:``|'')(?=\S)(?:(?!'').){0,1500}''",  # LaTeX, and two apostrophes for a mark
            r'(?<![\w"])"(?=\S)[^"]{0,1500}(?<=\S)"(?!\w)',
        ]
    ),
    re.DOTALL,
)
_OPENED = re.compile(r"(?<!\w)[“„](?=[ …]{0,3}\w)[^“”„]*")
# A line that ends like a sentence is the last one of a quote; else the next may go on without its mark, as in markdown.
_BLOCK_QUOTE = re.compile(
    r"(?:^ {0,3}>[^\n]*(?:\n|$)(?:(?<![.!?…:\"”»]\n)(?! {0,3}[>#])[^\n]*\S[^\n]*(?:\n|$))*)+", re.MULTILINE
)
_OPENING = re.compile(r"\s*([“„«»\"‘])")
_LONGEST = 1500  # characters of a quotation
# A line of its own, perhaps with markdown's number signs and stars, the number or letter of a section or a colon.
_HEADING = r"^[ \t#*_]*(?:(?:\d{{1,2}}(?:\.\d{{1,2}})*|[IVX]{{1,5}}|[A-H])[.)]?[ \t]+)?(?:{names})[ \t:.#*_]*$"
_REFERENCES = re.compile(
    _HEADING.format(
        names=r"references?(?: cited| and notes| list| and further reading)?|list of references|bibliography"
        r"|works? (?:cited|consulted)|literature(?: cited)?|citations|(?:list of )?sources|further reading"
        r"|literatur(?:verzeichnis|angaben|liste|nachweise?)?|quellen(?:verzeichnis|angaben|nachweise?)?"
        r"|literatur- und quellenverzeichnis|bibliogra(?:ph|f)i[eaí]|bibliografía|verwendete literatur"
        r"|r[ée]f[ée]rences(?: bibliographiques)?|ouvrages cités|referencias(?: bibliográficas)?|obras citadas|fuentes"
        r"|riferimenti(?: bibliografici)?|opere citate|fonti|referências(?: bibliográficas)?|referenties|bronnen"
        r"|bronvermelding|literatuur(?:lijst)?|referenser|källor|källförteckning|litteratur(?:liste|lista)?"
        r"|(?:seznam |použitá )?literatur[ay]|źródła|список литературы|литература|источники|библиография"
        r"|βιβλιογραφία|参考文献"
    ),
    re.IGNORECASE | re.MULTILINE,
)
_APPENDIX = re.compile(_HEADING.format(names=r"(?:appendix|appendices|annex)\b[^\n]*"), re.IGNORECASE | re.MULTILINE)
# A heading as markdown marks it, and a line that is underlined.
_MARKED_HEADING = re.compile(
    r"^ {0,3}#{1,6}[ \t]+\S[^\n]*$|(?:(?<=\n\n)|\A)\S[^\n]*(?=\n(?:={3,}|-{3,}|~{3,})[ \t]*$)", re.MULTILINE
)
_LONGEST_HEADING = 40  # words: a question that everyone answers may be long
_MOST_HEADINGS = 0.5  # of the text: who marks more than that has marked what he wrote, or copied
_YEAR_OR_LINK = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b|https?://|\bdoi\b", re.IGNORECASE)


def excluded_spans(text: str, headings: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Find what does not count as copied: quotations of five words or more, block quotes, headings, references.

    A quotation is a stretch between paired quotation marks of a European or East Asian language that leaves no
    paragraph, or lines that begin with ``>``; where an opening mark such as “ is never closed in its paragraph, the
    rest of its sentence is one. The list of references reaches from the last heading such as "References" or
    "Literaturverzeichnis" to the end or to an appendix, provided that it holds years or links as such lists do.
    Headings have 40 words at most; where they are more than half of the text together, none is one.

    Args:
        text: The text of a document.
        headings: What its format marks as a heading; lines that begin with ``#`` or are underlined are some, too.

    Returns:
        Spans in increasing order that neither touch nor overlap.

    Example:
        >>> text = 'She wrote: "The river takes what it likes." Nobody knew why.'
        >>> [text[span.start:span.end] for span in excluded_spans(text)]
        ['"The river takes what it likes."']
    """
    return union(span for spans in spans_by_reason(text, headings).values() for span in spans)


def spans_by_reason(text: str, headings: Sequence[Span] = ()) -> dict[Reason, tuple[Span, ...]]:
    """Find what ``excluded_spans`` finds, each kind for itself."""
    return {
        Reason.QUOTATION: union(_quotations(text)),
        Reason.REFERENCES: tuple(filter(None, [reference_list(text)])),
        Reason.HEADING: _headings(text, headings),
    }


def lies_inside(span: Span, excluded: Sequence[Span]) -> bool:
    """Tell whether at least half of a span stands in excluded text; the excluded spans do not overlap."""
    return 2 * sum(span.overlap(other) for other in excluded) >= len(span) > 0


def _quotations(text: str) -> Iterator[Span]:
    paragraphs = list(_PARAGRAPH.finditer(text))
    for paragraph in paragraphs:
        closed = [Span(*quotation.span()) for quotation in _QUOTATION.finditer(paragraph[0])]
        for span in [*closed, *_unclosed(paragraph[0], closed)]:
            if sum(1 for _ in words(paragraph[0][span.start : span.end])) >= _FEWEST_QUOTED_WORDS:
                yield Span(paragraph.start() + span.start, paragraph.start() + span.end)
    for paragraph, following in pairwise(paragraphs):
        if _goes_on(paragraph[0], following[0]):
            yield Span(*paragraph.span())
    for block in _BLOCK_QUOTE.finditer(text):
        yield Span(*block.span())


def _goes_on(paragraph: str, following: str) -> bool:
    """Tell a paragraph that is quoted as a whole: its mark is not closed, and the next paragraph opens anew."""
    opened, again = _OPENING.match(paragraph), _OPENING.match(following)
    if not opened or not again or opened[1] != again[1] or len(paragraph) > _LONGEST:
        return False
    return not re.search('[“”„«»"]', paragraph[opened.end() :])


def _unclosed(paragraph: str, closed: Sequence[Span]) -> Iterator[Span]:
    """Find the rest of the sentence after each opening mark that has no partner."""
    for opened in _OPENED.finditer(paragraph):
        if not any(span.overlap(Span(*opened.span())) for span in closed):
            first = next(iter(sentences(opened[0])))
            yield Span(opened.start(), opened.start() + len(opened[0][: first.end].rstrip()))


def reference_list(text: str) -> Span | None:
    """Find the list of references with its heading, if it reads like one."""
    headings = list(_REFERENCES.finditer(text))
    if not headings or _EARLIEST_REFERENCES * headings[-1].start() < len(text):
        return None
    start = headings[-1].start()
    appendix = _APPENDIX.search(text, headings[-1].end())
    end = appendix.start() if appendix else len(text)
    entries = text[headings[-1].end() : end]
    dated = len(_YEAR_OR_LINK.findall(entries)) * _WORDS_PER_REFERENCE >= len(entries.split()) > 0
    return Span(start, end) if dated else None


def has_reference_heading(text: str) -> bool:
    """Tell whether a text has a heading like those of lists of references, whatever stands below it."""
    return _REFERENCES.search(text) is not None


def _headings(text: str, marked: Sequence[Span]) -> tuple[Span, ...]:
    lines = (Span(*line.span()) for line in _MARKED_HEADING.finditer(text))
    found = union(
        span for span in (*marked, *lines) if sum(1 for _ in words(text[span.start : span.end])) <= _LONGEST_HEADING
    )
    return found if sum(map(len, found)) <= _MOST_HEADINGS * len(text) else ()
