"""A document made ready for comparing: its words, its sentences with their embeddings, and what does not count."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siamese_text import text
from siamese_text.plagiarism.finding.exclusions import spans_by_reason
from siamese_text.plagiarism.finding.known_text import KnownText
from siamese_text.plagiarism.findings import Reason
from siamese_text.plagiarism.spans import subtract, union
from siamese_text.protocols import Encodes
from siamese_text.records import Document, FloatArray, Span
from siamese_text.text import Word
from siamese_text.text.blocks import blocks
from siamese_text.unit_rows import unit_rows

_FEWEST_WORDS = 6  # a shorter sentence says too little to be recognised in other words
_TOPICLESS = 20  # sentences about nothing, as if they were there too: in a few sentences the copies are the topic
_CHUNK = 512  # sentences between two reports of progress
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the stages of a check need to know of a document.

    Attributes:
        document: The document itself.
        words: Its words, folded.
        paragraphs: Where its paragraphs begin.
        excluded: Spans that do not count: quotations, the list of references, and what is known.
        sentences: The sentences that are evidence: neither short, nor excluded, nor part of a template.
        vectors: (S, D) float32, the centred embeddings of the S sentences, of unit length.
        windows: (W, 2) int64, the first and the last sentence of each passage that can be a seed: the S single
            sentences, then the pairs of consecutive ones that share a paragraph.
        window_vectors: (W, D) float32, the pooled embeddings of the windows, of unit length.
        template_sentences: How many sentences were left out because too many documents share them.
        excluded_by: The excluded spans, each kind for itself.
    """

    document: Document
    words: tuple[Word, ...]
    paragraphs: tuple[int, ...]
    excluded: tuple[Span, ...]
    sentences: tuple[Span, ...]
    vectors: FloatArray
    windows: NDArray[np.int64]
    window_vectors: FloatArray
    template_sentences: int
    excluded_by: Mapping[Reason, tuple[Span, ...]] = field(default_factory=dict)

    def sentences_of(self, span: Span) -> range:
        """Return the places of the sentences that a span of characters touches; an empty range between others."""
        first = bisect_right(self.sentences, span.start, key=lambda sentence: sentence.end)
        return range(first, max(first, bisect_left(self.sentences, span.end, key=lambda sentence: sentence.start)))

    def words_within(self, span: Span) -> Sequence[Word]:
        """Return the words that begin inside a span of characters."""
        return _words_within(self.words, span)

    def words_of(self, span: Span) -> list[str]:
        """Return the folded words that begin inside a span of characters."""
        return [word.form for word in self.words_within(span)]

    def paragraph_of(self, offset: int) -> int:
        """Return the number of the paragraph that holds a character."""
        return bisect_right(self.paragraphs, offset) - 1

    def paragraphs_of(self, span: Span) -> Span:
        """Return the characters of the paragraphs that a span touches."""
        after = bisect_left(self.paragraphs, span.end)
        end = self.paragraphs[after] if after < len(self.paragraphs) else len(self.document.text)
        return Span(self.paragraphs[self.paragraph_of(span.start)], end)


def prepare(
    documents: Sequence[Document],
    encoder: Encodes,
    *,
    common: int,
    references: int = 0,
    known: KnownText | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Prepared]:
    """Split and embed documents that are to be compared with one another.

    Each different sentence is embedded once. What all sentences have in common, their mean, is taken off every
    embedding: it says what the folder is about, and two essays on one topic are no copies.

    Args:
        documents: Documents with a text.
        encoder: The model.
        common: A sentence in more different texts than this belongs to a template.
        references: How many documents at the end are sources that somebody named: their sentences are no template.
        known: A template and phrases that count in no document.
        progress: Called with the number of sentences embedded and to embed.

    Returns:
        One result for each document.
    """
    split = [_split(document, known or KnownText()) for document in documents]
    keys = [[sentence.key for sentence in sentences] for _, _, sentences in split]
    named = {key for sentences in keys[len(keys) - references :] for key in sentences}
    template = _template(keys, common) - named
    distinct = {
        sentence.key: sentence.surface
        for _, _, sentences in split
        for sentence in sentences
        if sentence.key not in template
    }
    vectors = _centred(encode_in_chunks(encoder, list(distinct.values()), progress))
    places = {key: place for place, key in enumerate(distinct)}
    prepared = []
    for document, (words, excluded_by, sentences) in zip(documents, split, strict=True):
        kept = [sentence for sentence in sentences if sentence.key in places]
        rows = np.array([places[sentence.key] for sentence in kept], dtype=np.int64)
        paragraphs = (0, *(match.end() for match in _BLANK_LINES.finditer(document.text)))
        windows = _windows([bisect_right(paragraphs, sentence.span.start) for sentence in kept])
        own = vectors[rows]
        prepared.append(
            Prepared(
                document,
                words,
                paragraphs,
                _together(excluded_by),
                tuple(sentence.span for sentence in kept),
                own,
                windows,
                unit_rows(own[windows[:, 0]] + own[windows[:, 1]]),
                len(sentences) - len(kept),
                excluded_by,
            )
        )
    return prepared


def encode_in_chunks(
    encoder: Encodes, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> FloatArray:
    """Embed texts, long ones first so that a batch holds equal lengths.

    Args:
        encoder: The model.
        texts: What to embed.
        progress: Called with the number of texts embedded and to embed.

    Returns:
        (N, D) float32, in the order of the texts.
    """
    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    chunks = [np.zeros((0, 0), dtype=np.float32)]
    for start in range(0, len(order), _CHUNK):
        chunks.append(encoder.encode([texts[place] for place in order[start : start + _CHUNK]]))
        if progress:
            progress(min(start + _CHUNK, len(order)), len(order))
    return np.concatenate(chunks[1:] or chunks)[np.argsort(order)]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence: its folded words, by which it is known in other documents, and the text to embed.

    Neither holds what is excluded.
    """

    span: Span
    key: str
    surface: str


def _words_within(words: Sequence[Word], span: Span) -> Sequence[Word]:
    """Return the words that begin inside a span."""
    first, last = (bisect_left(words, place, key=lambda word: word.span.start) for place in (span.start, span.end))
    return words[first:last]


def _together(spans: Mapping[Reason, tuple[Span, ...]]) -> tuple[Span, ...]:
    return union(span for kind in spans.values() for span in kind)


def _split(
    document: Document, known: KnownText
) -> tuple[tuple[Word, ...], Mapping[Reason, tuple[Span, ...]], list[_Sentence]]:
    """Find the words of a document, its excluded spans, and the sentences that can be evidence."""
    words = tuple(text.words(document.text))
    excluded_by = spans_by_reason(document.text) | {Reason.GIVEN: known.spans(words)}
    excluded = _together(excluded_by)
    headings = {block.span.start for block in blocks(document.text) if block.heading}
    sentences = []
    for span in text.sentences(document.text):
        parts = subtract(span, excluded)
        own = [word.form for part in parts for word in _words_within(words, part)]
        if len(own) >= _FEWEST_WORDS and span.start not in headings:
            surface = " ".join(document.text[part.start : part.end] for part in parts)
            sentences.append(_Sentence(span, " ".join(own), " ".join(surface.split())))
    return words, excluded_by, sentences


def _template(texts: Iterable[Sequence[str]], common: int) -> set[str]:
    """Find the sentences that too many different texts share; copies of one text count once."""
    counts: dict[str, int] = {}
    for sentences in {tuple(sentences) for sentences in texts}:
        for sentence in set(sentences):
            counts[sentence] = counts.get(sentence, 0) + 1
    return {sentence for sentence, count in counts.items() if count > common}


def _windows(paragraphs: Sequence[int]) -> NDArray[np.int64]:
    """List the single sentences, then the pairs of consecutive ones of one paragraph: (W, 2)."""
    numbers = np.array(paragraphs, dtype=np.int64)
    places = np.arange(len(numbers))
    joined = places[:-1][numbers[:-1] == numbers[1:]]
    return np.concatenate([np.column_stack([places, places]), np.column_stack([joined, joined + 1])])


def _centred(vectors: FloatArray) -> FloatArray:
    """Take off what the sentences have in common, and bring to unit length: (N, D)."""
    unit = unit_rows(vectors)
    mean = unit.sum(axis=0) / (len(unit) + _TOPICLESS)
    return unit_rows(unit - mean)
