"""A document made ready for comparing: its words, its sentences with their embeddings, and what does not count."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from siamese_text import text
from siamese_text.plagiarism.finding.document_words import DocumentWords, Vocabulary
from siamese_text.plagiarism.finding.exclusions import spans_by_reason
from siamese_text.plagiarism.finding.known_text import KnownText
from siamese_text.plagiarism.findings import Reason
from siamese_text.plagiarism.spans import subtract, union
from siamese_text.plagiarism.steps import Steps
from siamese_text.protocols import Encodes, Progress
from siamese_text.records import Document, FloatArray, Span
from siamese_text.text.blocks import blocks
from siamese_text.unit_rows import unit_rows

_FEWEST_WORDS = 6  # a shorter sentence says too little to be recognised in other words
_TOPICLESS = 20  # sentences about nothing, as if they were there too: in a few sentences the copies are the topic
_CHUNK = 512  # sentences between two reports of progress
_BLOCK = 65_536  # sentences centred at once
_MOST_FLOATS = 2**28  # numbers that embeddings are kept in at full precision: 1 GB; more are kept in halves
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What the stages of a check need to know of a document.

    Attributes:
        document: The document itself.
        words: Its words, folded.
        paragraphs: Where its paragraphs begin.
        excluded: Spans that do not count: quotations, headings, the list of references, and what is known.
        sentences: The sentences that are evidence: neither short, nor excluded, nor part of a template.
        table: (N, D) float32 or float16, the centred embeddings of the N different sentences of the folder, of unit
            length; D is 0 where no model reads them.
        rows: (S,) int64, where those of the S sentences stand in the table.
        windows: (W, 2) int64, the first and the last sentence of each passage that can be a seed: the S single
            sentences, then the pairs of consecutive ones that share a paragraph.
        template_sentences: How many sentences were left out because too many documents share them.
        text_number: The number of its text: copies of one text have the same.
        excluded_by: The excluded spans, each kind for itself.
        digest: Of its text and of where its sentences are.
    """

    document: Document
    words: DocumentWords
    paragraphs: tuple[int, ...]
    excluded: tuple[Span, ...]
    sentences: tuple[Span, ...]
    table: FloatArray
    rows: NDArray[np.int64]
    windows: NDArray[np.int64]
    template_sentences: int = 0
    text_number: int = 0
    excluded_by: Mapping[Reason, tuple[Span, ...]] = field(default_factory=dict)
    digest: bytes = b""

    @property
    def vectors(self) -> FloatArray:
        """The embeddings of the sentences: (S, D) float32, of unit length."""
        return self.table[self.rows].astype(np.float32, copy=False)

    @property
    def window_vectors(self) -> FloatArray:
        """The pooled embeddings of the windows: (W, D) float32, of unit length, made anew for whoever asks."""
        first, last = self.windows.T
        vectors = self.vectors
        return unit_rows(vectors[first] + vectors[last])

    def sentences_of(self, span: Span) -> range:
        """Return the places of the sentences that a span of characters touches; an empty range between others."""
        first = bisect_right(self.sentences, span.start, key=lambda sentence: sentence.end)
        return range(first, max(first, bisect_left(self.sentences, span.end, key=lambda sentence: sentence.start)))

    def ids_within(self, span: Span) -> list[int]:
        """Return the numbers of the words that begin inside a span of characters."""
        return self.words.ids_within(span)

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
    encoder: Encodes | None,
    *,
    common: int,
    references: int = 0,
    known: KnownText | None = None,
    count: Collection[Reason] = (),
    steps: Steps | None = None,
) -> list[Prepared]:
    """Split and embed documents that are to be compared with one another.

    Each different sentence is embedded once. What all sentences have in common, their mean, is taken off every
    embedding: it says what the folder is about, and two essays on one topic are no copies.

    Args:
        documents: Documents with a text.
        encoder: The model; None for none: then documents share words alone.
        common: A sentence in more different texts than this belongs to a template.
        references: How many documents at the end are sources that somebody named: their sentences are no template.
        known: A template and phrases that count in no document.
        count: What counts like any other text, though it has a reason not to.
        steps: Told what begins, and how many documents are split and sentences embedded.

    Returns:
        One result for each document.
    """
    steps = steps or Steps()
    vocabulary, known, numbers = Vocabulary(), known or KnownText(), dict[str, int]()
    split: list[_Split] = []  # each different text once
    surfaces: dict[bytes, str] = {}
    headings = {document.text: document.headings for document in documents if document.headings}
    for document in steps.through("finding sentences", documents):
        if document.text not in numbers:
            numbers[document.text] = len(split)
            split.append(_split(document.text, headings.get(document.text, ()), vocabulary, known, surfaces, count))
    named = {key for document in documents[len(documents) - references :] for key in split[numbers[document.text]].keys}
    template = _template((one.keys for one in split), common) - named
    for key in template:
        del surfaces[key]
    if encoder:
        steps.begin("embedding sentences")
    table = _embedded(encoder, list(surfaces.values()), steps.progress)
    places = {key: place for place, key in enumerate(surfaces)}
    ready = [one.prepared(number, table, places) for number, one in enumerate(split)]
    return [replace(ready[numbers[document.text]], document=document) for document in documents]


def encode_in_chunks(encoder: Encodes, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
    """Embed texts, long ones first so that a batch holds equal lengths.

    Args:
        encoder: The model.
        texts: What to embed.
        progress: Called with the number of texts embedded and to embed.

    Returns:
        (N, D) float32, in the order of the texts.
    """
    vectors = np.zeros((0, 0), dtype=np.float32)
    for rows, encoded in _encoded(encoder, texts, progress):
        if not len(vectors):
            vectors = np.empty((len(texts), encoded.shape[1]), dtype=np.float32)
        vectors[rows] = encoded
    return vectors


def _encoded(
    encoder: Encodes, texts: Sequence[str], progress: Progress | None
) -> Iterator[tuple[list[int], FloatArray]]:
    """Embed texts, long ones first; yields places and their embeddings."""
    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    for start in range(0, len(order), _CHUNK):
        rows = order[start : start + _CHUNK]
        yield rows, encoder.encode([texts[place] for place in rows])
        if progress:
            progress(min(start + _CHUNK, len(order)), len(order))


def _embedded(encoder: Encodes | None, texts: Sequence[str], progress: Progress) -> FloatArray:
    """Embed texts, take off what they have in common, and bring them to unit length: (N, D), D = 0 without a model."""
    table = np.zeros((len(texts), 0), dtype=np.float32)
    for rows, encoded in _encoded(encoder, texts, progress) if encoder else ():
        if not table.shape[1]:
            width = encoded.shape[1]
            halves = len(texts) * width > _MOST_FLOATS
            table = np.empty((len(texts), width), dtype=np.float16 if halves else np.float32)
        table[rows] = unit_rows(encoded)
    total = np.zeros(table.shape[1], dtype=np.float32)
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(texts), _BLOCK)]
    for block in blocks:
        total += table[block].astype(np.float32, copy=False).sum(axis=0)
    mean = total / np.float32(len(texts) + _TOPICLESS)
    for block in blocks:
        table[block] = unit_rows(table[block].astype(np.float32, copy=False) - mean)
    return table


@dataclass(frozen=True, slots=True)
class _Split:
    """A text in parts: its words, what does not count in it, and the sentences that can be evidence, each with a key.

    A sentence is known in other documents by its key, which stands for its words without those that are excluded.
    """

    text: str
    words: DocumentWords
    excluded_by: Mapping[Reason, tuple[Span, ...]]
    sentences: Sequence[Span]
    keys: Sequence[bytes]

    def prepared(self, number: int, table: FloatArray, places: Mapping[bytes, int]) -> Prepared:
        """Return what is known of the text, whatever document it is; a sentence without a place is of a template."""
        kept = [(span, places[key]) for span, key in zip(self.sentences, self.keys, strict=True) if key in places]
        spans = tuple(span for span, _ in kept)
        paragraphs = (0, *(match.end() for match in _BLANK_LINES.finditer(self.text)))
        return Prepared(
            document=Document("", self.text),
            words=self.words,
            paragraphs=paragraphs,
            excluded=_together(self.excluded_by),
            sentences=spans,
            table=table,
            rows=np.array([row for _, row in kept], dtype=np.int64),
            windows=_windows([bisect_right(paragraphs, span.start) for span in spans]),
            template_sentences=len(self.sentences) - len(kept),
            text_number=number,
            excluded_by=self.excluded_by,
            digest=_digest(self.text, spans),
        )


def _digest(text: str, sentences: Sequence[Span]) -> bytes:
    ends = np.array([(span.start, span.end) for span in sentences], dtype="<i8")
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(ends.tobytes())
    return digest.digest()


def _together(spans: Mapping[Reason, tuple[Span, ...]]) -> tuple[Span, ...]:
    return union(span for kind in spans.values() for span in kind)


def _split(
    whole: str,
    marked: Sequence[Span],
    vocabulary: Vocabulary,
    known: KnownText,
    surfaces: dict[bytes, str],
    count: Collection[Reason],
) -> _Split:
    """Find the parts of a text; what is to be embedded of its sentences is added to ``surfaces``."""
    found = text.words(whole)
    plain = text.undisguised(whole)  # of the same length: its spans are those of the original
    words = DocumentWords(vocabulary, found)
    by_reason = spans_by_reason(plain, marked) | {Reason.GIVEN: known.spans(found)}
    excluded_by = {reason: spans for reason, spans in by_reason.items() if reason not in count}
    excluded = _together(excluded_by)
    headings = {block.span.start for block in blocks(plain) if block.heading}
    sentences, keys = [], []
    for span in text.sentences(plain):
        parts = subtract(span, excluded) if excluded else (span,)
        own = [number for part in parts for number in words.ids_within(part)]
        if len(own) >= _FEWEST_WORDS and span.start not in headings:
            key = hashlib.blake2b(np.array(own, dtype=np.int32).tobytes(), digest_size=16).digest()
            if key not in surfaces:
                surfaces[key] = text.readable(" ".join(plain[part.start : part.end] for part in parts))
            sentences.append(span)
            keys.append(key)
    return _Split(whole, words, excluded_by, sentences, keys)


def _template(texts: Iterable[Sequence[bytes]], common: int) -> set[bytes]:
    """Find the sentences that too many different texts share; copies of one text count once."""
    counts: dict[bytes, int] = {}
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
