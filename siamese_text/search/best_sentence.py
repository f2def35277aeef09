"""Which sentence of a hit is nearest to the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from siamese_text.records import FloatArray, Hit, Span
from siamese_text.text import sentences
from siamese_text.unit_rows import unit_rows

FEWEST_WORDS = 3  # of a sentence that may be marked: a heading alone answers nothing


def mark_best_sentences(
    query: FloatArray, hits: Sequence[Hit], encode: Callable[[Sequence[str]], FloatArray]
) -> list[Hit]:
    """Mark in each hit the sentence with the largest cosine to the query.

    Args:
        query: (D,) float32, the query as it was encoded for the search.
        hits: The hits.
        encode: Returns the (N, D) float32 vectors of N sentences, as passages are encoded.

    Returns:
        The hits with ``best``, a span of their documents; of a hit of one sentence it is all of it.
    """
    pieces = [_candidates(hit.passage.text) for hit in hits]
    texts = [hit.passage.text[span.start : span.end] for hit, spans in zip(hits, pieces, strict=True) for span in spans]
    if not texts:
        return []
    values = unit_rows(encode(texts)) @ unit_rows(query)
    starts = np.cumsum([0, *map(len, pieces)])
    marked = []
    for hit, spans, start in zip(hits, pieces, starts, strict=False):
        span = spans[int(values[start : start + len(spans)].argmax())]
        at = hit.passage.start
        marked.append(replace(hit, best=Span(at + span.start, at + span.end)))
    return marked


def _candidates(text: str) -> list[Span]:
    """Return the sentences of a passage without the white space behind them, those of a few words left out."""
    found = []
    for span in sentences(text):
        piece = text[span.start : span.end]
        start = span.start + len(piece) - len(piece.lstrip())
        found.append(Span(start, start + len(piece.strip())))
    long = [span for span in found if len(text[span.start : span.end].split()) >= FEWEST_WORDS]
    return long or found
