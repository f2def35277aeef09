"""A document made ready for comparing: its words, its sentences with their embeddings, and what does not count."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from siamese_text import text
from siamese_text.plagiarism.exclusions import excluded_spans, lies_inside
from siamese_text.records import Document, Encodes, FloatArray, Span
from siamese_text.text import Word

_FEWEST_WORDS = 6  # a shorter sentence says too little to be recognised in other words
_CHUNK = 512  # sentences between two reports of progress


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the stages of a check need to know of a document.

    Attributes:
        document: The document itself.
        words: Its words, folded.
        sentences: Spans that tile its text.
        excluded: Spans that do not count: quotations and the list of references.
        vectors: (S, D) float32, the centred embeddings of the S sentences, of unit length; a row of zeros for a
            sentence that is no evidence because it is short, excluded or part of a template.
    """

    document: Document
    words: tuple[Word, ...]
    sentences: tuple[Span, ...]
    excluded: tuple[Span, ...]
    vectors: FloatArray

    @property
    def forms(self) -> list[str]:
        """The folded words."""
        return [word.form for word in self.words]

    def sentences_of(self, span: Span) -> range:
        """Return the places of the sentences that a span of characters touches."""
        starts = [sentence.start for sentence in self.sentences]
        return range(max(0, bisect_left(starts, span.start + 1) - 1), bisect_left(starts, span.end))

    def words_of(self, span: Span) -> list[str]:
        """Return the folded words inside a span of characters."""
        starts = [word.span.start for word in self.words]
        return [word.form for word in self.words[bisect_left(starts, span.start) : bisect_left(starts, span.end)]]


def prepare(
    documents: Sequence[Document],
    encoder: Encodes,
    *,
    common: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Prepared]:
    """Split and embed documents that are to be compared with one another.

    Each different sentence is embedded once. What all sentences have in common, their mean, is taken off every
    embedding: it says what the folder is about, and two essays on one topic are no copies.

    Args:
        documents: Documents with a text.
        encoder: The model.
        common: A sentence in more different texts than this belongs to a template.
        progress: Called with the number of embedded sentences and of all.

    Returns:
        One result for each document.
    """
    split = [(text.words(document.text), text.sentences(document.text)) for document in documents]
    excluded = [excluded_spans(document.text) for document in documents]
    keys = [
        _evidence(words, sentences, spans) for (words, sentences), spans in zip(split, excluded, strict=True)
    ]
    template = _template(keys, common)
    surfaces = {
        key: " ".join(document.text[sentence.start : sentence.end].split())
        for document, (_, sentences), row in zip(documents, split, keys, strict=True)
        for sentence, key in zip(sentences, row, strict=True)
        if key and key not in template
    }
    vectors = _centred(_encode(encoder, list(surfaces.values()), progress))
    places = {key: place for place, key in enumerate(surfaces)}
    prepared = []
    for document, (words, sentences), spans, row in zip(documents, split, excluded, keys, strict=True):
        kept = [(sentence, places[key]) for sentence, key in zip(sentences, row, strict=True) if key in places]
        evidence = tuple(sentence for sentence, _ in kept)
        prepared.append(Prepared(document, tuple(words), evidence, spans, vectors[np.array([place for _, place in kept], dtype=np.int64)]))
    return prepared


def _evidence(words: Sequence[Word], sentences: Sequence[Span], excluded: Sequence[Span]) -> list[str]:
    """Name each sentence by its folded words; "" where it is no evidence."""
    starts = [word.span.start for word in words]
    keys = []
    for sentence in sentences:
        inside = words[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
        usable = len(inside) >= _FEWEST_WORDS and not lies_inside(sentence, excluded)
        keys.append(" ".join(word.form for word in inside) if usable else "")
    return keys


def _template(keys: Iterable[Sequence[str]], common: int) -> set[str]:
    """Find the sentences that too many different texts share; copies of one text count once."""
    counts: dict[str, int] = {}
    for text_keys in {tuple(row) for row in keys}:
        for key in set(text_keys):
            counts[key] = counts.get(key, 0) + 1
    return {key for key, count in counts.items() if count > common}


def _encode(encoder: Encodes, sentences: list[str], progress: Callable[[int, int], None] | None) -> FloatArray:
    """Embed sentences, long ones first: (N, D)."""
    order = sorted(range(len(sentences)), key=lambda place: -len(sentences[place]))
    chunks = []
    for start in range(0, len(order), _CHUNK):
        chunks.append(encoder.encode([sentences[place] for place in order[start : start + _CHUNK]]))
        if progress:
            progress(min(start + _CHUNK, len(order)), len(order))
    vectors = np.concatenate(chunks) if chunks else np.zeros((0, 1), dtype=np.float32)
    return vectors[np.argsort(order)]


def _centred(vectors: FloatArray) -> FloatArray:
    """Take the mean off and bring to unit length: (N, D)."""
    unit = unit_length(vectors)
    return unit_length(unit - unit.mean(axis=0)) if len(unit) else unit


def unit_length(vectors: FloatArray) -> FloatArray:
    """Divide the rows of an (N, D) array by their lengths; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-9)
