"""Shared runs and similar sentences of two documents grow into passages: seed, extend, filter.

After Sanchez-Perez, Sidorov and Gelbukh, "A winning approach to text alignment for text reuse detection at PAN
2014", with embeddings in place of word vectors and with exact runs as further seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from siamese_text.plagiarism.candidates import PairSimilarity, Seed
from siamese_text.plagiarism.prepared import Prepared
from siamese_text.records import Span

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two spans of characters that say the same; ``excess`` is what the embeddings say, ``copied`` the shared words."""

    left: Span
    right: Span
    excess: float
    copied: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A seed or a run, in sentences for joining and in characters for reporting."""

    left: range
    right: range
    left_span: Span
    right_span: Span
    excess: float
    copied: int = 0


def align(left, right, runs, *, seed_excess, passage_excess, max_gap, grow):
    similarity = PairSimilarity(left, right)
    pieces = [_run_piece(left, right, *run) for run in runs]
    pieces += [_seed_piece(left, right, seed) for seed in similarity.seeds(seed_excess)]
    grown = [_grown(_joined(cluster), left, right, similarity, grow, max_gap) for cluster in _clusters(pieces)]
    passages = [_joined(c) for c in _clusters(grown)]
    out = []
    for p in passages:
        excess = max(p.excess, similarity.excess(p.left, p.right))
        if excess >= passage_excess or p.copied:
            out.append(Alignment(p.left_span, p.right_span, excess, p.copied))
    return _without_overlaps(out)


def _run_piece(left, right, left_words, right_words):
    left_span = Span(left.words[left_words.start].span.start, left.words[left_words.end - 1].span.end)
    right_span = Span(right.words[right_words.start].span.start, right.words[right_words.end - 1].span.end)
    return _Piece(left.sentences_of(left_span), right.sentences_of(right_span), left_span, right_span, 0.0, len(left_words))


def _seed_piece(left: Prepared, right: Prepared, seed: Seed) -> _Piece:
    return _Piece(seed.left, seed.right, _stripped(left, seed.left), _stripped(right, seed.right), seed.excess)


def _stripped(document: Prepared, sentences: range) -> Span:
    start, end = document.sentences[sentences[0]].start, document.sentences[sentences[-1]].end
    passage = document.document.text[start:end]
    return Span(start + len(passage) - len(passage.lstrip()), start + len(passage.rstrip()))


def _joined(cluster):
    return _Piece(_reach(p.left for p in cluster), _reach(p.right for p in cluster), _hull(p.left_span for p in cluster), _hull(p.right_span for p in cluster), max(p.excess for p in cluster), sum(p.copied for p in cluster))


def _grown(piece, left, right, similarity, threshold, max_gap):
    if not piece.left or not piece.right:
        return piece
    rows, columns = similarity.grow(piece.left, piece.right, threshold=threshold, max_gap=max_gap)
    ls, rs = piece.left_span, piece.right_span
    if rows.start < piece.left.start: ls = Span(_stripped(left, rows).start, ls.end)
    if rows.stop > piece.left.stop: ls = Span(ls.start, _stripped(left, rows).end)
    if columns.start < piece.right.start: rs = Span(_stripped(right, columns).start, rs.end)
    if columns.stop > piece.right.stop: rs = Span(rs.start, _stripped(right, columns).end)
    return _Piece(rows, columns, ls, rs, piece.excess, piece.copied)


def _clusters(pieces, side="left", settled=False):
    parts = _cut(pieces, side)
    if len(parts) <= 1 and settled:
        return parts
    other = "right" if side == "left" else "left"
    return [c for part in parts for c in _clusters(part, other, len(parts) <= 1)]


def _cut(pieces, side):
    parts = []
    stop = 0
    for piece in sorted(pieces, key=lambda piece: (getattr(piece, side).start, getattr(piece, side).stop)):
        place = getattr(piece, side)
        if parts and place.start <= stop:
            parts[-1].append(piece)
            stop = max(stop, place.stop)
        else:
            parts.append([piece])
            stop = place.stop
    return parts


def _reach(ranges):
    ranges = list(ranges)
    return range(min(r.start for r in ranges), max(r.stop for r in ranges))


def _hull(spans):
    spans = list(spans)
    return Span(min(s.start for s in spans), max(s.end for s in spans))


def _without_overlaps(alignments):
    kept = []
    for a in sorted(alignments, key=lambda a: (-a.copied, -a.excess*len(a.left))):
        if all(2 * max(a.left.overlap(k.left)/ len(a.left), a.right.overlap(k.right)/len(a.right)) < 1 for k in kept):
            kept.append(a)
    return sorted(kept, key=lambda a: (a.left.start, a.right.start))
