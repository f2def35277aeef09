"""Shared runs and similar sentences of two documents grow into passages: seed, extend, join, filter.

The skeleton is that of Sanchez-Perez, Sidorov and Gelbukh, "A winning approach to text alignment for text reuse
detection at PAN 2014"; the seeds are shared runs of words and similar sentence embeddings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamese_text.plagiarism.finding.candidates import PairSimilarity, Seed
from siamese_text.plagiarism.finding.edges import copied_part, word_similarity
from siamese_text.plagiarism.finding.growing import GrowingPassage, clustered, grouped, hull, join, lies_in, merged
from siamese_text.plagiarism.finding.growth import PairWords
from siamese_text.plagiarism.finding.pair_cache import PairCache
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.findings import Evidence
from siamese_text.records import FloatArray, Span

IDENTICAL = 0.95  # least word similarity of a passage that was copied as it stood
EDITED = 0.5  # paraphrases share up to 0.4 of their words in order, edited copies 0.6 and more
_COPIED_SEED = 0.4  # a sentence of an edited copy may have lost more words than the copy as a whole
_QUESTION_MARKS = ("?", "？", "؟")
_CLOSE = 0.5  # the excess of sentences that surely say the same
_REST = 4  # words of a sentence that are not cut off
_CHANCE = 0.25  # the excess that the neighbours of a copied passage reach


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two passages that say the same.

    Attributes:
        left: The passage in the left document, in characters.
        right: The passage in the right document.
        word_similarity: The share of folded words that stand on both sides in the same order, in [0, 1].
        strength: What the embeddings say: the excess of the whole or of its best seed, to which each further seed
            adds what it has above chance. One pair of sentences may be alike by chance, several in one place hardly.
        left_words: The length of the left passage.
        right_words: The length of the right passage.
    """

    left: Span
    right: Span
    word_similarity: float
    strength: float
    left_words: int
    right_words: int

    @property
    def shared_words(self) -> float:
        """How many words stand on both sides in the same order."""
        return self.word_similarity * (self.left_words + self.right_words) / 2

    @property
    def evidence(self) -> Evidence:
        """The class of the match, by its word similarity."""
        return _evidence(self.word_similarity)


def _evidence(similarity: float) -> Evidence:
    if similarity >= IDENTICAL:
        return Evidence.IDENTICAL
    return Evidence.EDITED if similarity >= EDITED else Evidence.PARAPHRASE


def align(
    left: Prepared,
    right: Prepared,
    similarity: PairSimilarity,
    runs: Sequence[tuple[Span, Span]],
    *,
    threshold: float,
    max_gap: int,
    kept: PairCache | None = None,
) -> list[Alignment]:
    """Find the passages that two documents share.

    Within one pair of paragraphs, seeds that were copied or surely say the same are joined where they lie together
    on both sides, and weaker ones among themselves; what is no copy then takes in free sentences beside it. Across
    a paragraph break, passages that touch are joined where they agree in the same way, and still do when they are
    one: a copied paragraph and the paraphrased one after it remain two findings, and so do two copied paragraphs that
    changed places. In the end a passage is cut to the words that were copied, or, where it was reworded, to those that
    both sides have in common; passages that have grown into one another become one.

    Args:
        left: One document.
        right: The other.
        similarity: How similar their sentences are.
        runs: Shared runs that count, in characters of both.
        threshold: The least excess of a seed, and of two sentences that extend a passage.
        max_gap: How many sentences without a partner may lie between two seeds on each side, or be leapt over by
            an extension.
        kept: Knows passages that grew before.

    Returns:
        Passages in the order of the left document. No two share half of either side.
    """
    aligner, seeds = _Aligner(left, right, similarity, threshold, max_gap), similarity.seeds(threshold)
    kept = kept or PairCache()
    passages = kept.passages(aligner.read(runs, seeds), seeds, lambda: aligner.grown(runs, seeds))
    return _without_overlaps(map(aligner.alignment, passages))


class _Aligner:
    """What the steps need to know of one pair of documents."""

    def __init__(
        self, left: Prepared, right: Prepared, similarity: PairSimilarity, threshold: float, max_gap: int
    ) -> None:
        self.left, self.right, self.similarity = left, right, similarity
        self.threshold, self.max_gap = threshold, max_gap
        self.agreed: dict[tuple[Span, Span], float] = {}  # each step asks for it anew

    def read(self, runs: Sequence[tuple[Span, Span]], seeds: Sequence[Seed]) -> str:
        """Return a digest of all that passages grow by: of the similarity the order of sentences, not the numbers."""
        excess = self.similarity.sentence_excess
        places = np.argwhere(excess >= self.threshold)
        ranked = places[np.argsort(-excess[tuple(places.T)], kind="stable")]
        shared = [[ours.start, ours.end, theirs.start, theirs.end] for ours, theirs in runs]
        sides = [[one.left.start, one.left.stop, one.right.start, one.right.stop, _is_close(one)] for one in seeds]
        digest = hashlib.blake2b(json.dumps([shared, sides, self.max_gap]).encode(), digest_size=16)
        digest.update(self.left.digest + self.right.digest + ranked.astype("<i8").tobytes())
        return digest.hexdigest()

    def grown(self, runs: Sequence[tuple[Span, Span]], seeds: Sequence[Seed]) -> list[GrowingPassage]:
        """Let passages grow from runs and seeds; whatever this looks at must be in what ``read`` digests."""
        first = [*(self.from_run(*run) for run in runs), *map(self.from_seed, seeds)]
        begun = [join(cluster) for group in grouped(first, self.manner) for cluster in clustered(group, self.max_gap)]
        copied = [passage for passage in begun if self.is_copied(passage)]
        free = self.excess_outside(copied)
        extended = [self.extended(passage, free) for passage in begun if not self.is_copied(passage)]
        retold = [join(cluster) for group in grouped(extended, self.paragraphs) for cluster in clustered(group)]
        retold = [passage for passage in retold if not self.only_asks(passage)]
        joined = [
            passage
            for group in grouped(copied + retold, self.evidence)
            for cluster in clustered(group)
            for passage in self.together(cluster)
        ]
        return merged(self.fitted([self.cut(passage) for passage in joined]))

    def from_run(self, left: Span, right: Span) -> GrowingPassage:
        sentences = self.left.sentences_of(left), self.right.sentences_of(right)
        return GrowingPassage(*sentences, left, right)

    def from_seed(self, seed: Seed) -> GrowingPassage:
        spans = hull(_stripped(self.left, seed.left)), hull(_stripped(self.right, seed.right))
        return GrowingPassage(seed.left, seed.right, *spans, seeds=(seed,))

    def only_asks(self, passage: GrowingPassage) -> bool:
        """Tell whether one side is a lone question: it says nothing, so that its answer cannot say the same."""
        sides = (self.left, passage.left), (self.right, passage.right)
        return any(len(side) == 1 and _is_question(document, side.start) for document, side in sides)

    def paragraphs(self, passage: GrowingPassage) -> tuple[int, int]:
        return (
            self.left.paragraph_of(passage.left_span.start),
            self.right.paragraph_of(passage.right_span.start),
        )

    def manner(self, passage: GrowingPassage) -> tuple[tuple[int, int], bool]:
        """Tell seeds apart that are not to be joined: a copy ends where its author went on in words of his own."""
        close = any(map(_is_close, passage.seeds))
        return self.paragraphs(passage), close or self.word_similarity(passage) >= _COPIED_SEED

    def word_similarity(self, passage: GrowingPassage) -> float:
        """Return the share of words in common, which is computed once for the same characters."""
        spans = passage.left_span, passage.right_span
        if spans not in self.agreed:
            self.agreed[spans] = word_similarity(self.left.ids_within(spans[0]), self.right.ids_within(spans[1]))
        return self.agreed[spans]

    def evidence(self, passage: GrowingPassage) -> Evidence:
        return _evidence(self.word_similarity(passage))

    def is_copied(self, passage: GrowingPassage) -> bool:
        return self.evidence(passage) is not Evidence.PARAPHRASE

    def together(self, cluster: Sequence[GrowingPassage]) -> Sequence[GrowingPassage]:
        """Join passages unless they agree less as one: then they stand in another order."""
        whole = join(cluster)
        return [whole] if self.evidence(whole) is self.evidence(cluster[0]) else cluster

    def cut(self, passage: GrowingPassage) -> GrowingPassage:
        """Cut a passage at the words where its copied part begins and ends, if it has one."""
        ours, theirs = self.left.words.within(passage.left_span), self.right.words.within(passage.right_span)
        left, right = copied_part(self.left.ids_within(passage.left_span), self.right.ids_within(passage.right_span))
        if len(left) == len(ours) and len(right) == len(theirs):
            return passage
        return replace(
            passage,
            left_span=self.left.words.span(Span(ours.start + left.start, ours.start + left.end)),
            right_span=self.right.words.span(Span(theirs.start + right.start, theirs.start + right.end)),
        )

    def fitted(self, passages: Sequence[GrowingPassage]) -> list[GrowingPassage]:
        """Let what is no plain copy grow and shrink to the words that both sides share, as far as the plain copies."""
        copies = [passage for passage in passages if self.evidence(passage) is Evidence.IDENTICAL]
        others = [passage for passage in passages if not any(lies_in(passage, copy) for copy in copies)]
        return copies + [self._fitted(passage, copies) for passage in others]

    def _fitted(self, passage: GrowingPassage, copies: Sequence[GrowingPassage]) -> GrowingPassage:
        left, right = self.left.words.within(passage.left_span), self.right.words.within(passage.right_span)
        if not left or not right:
            return passage
        left_limit = _between(
            self.left.paragraphs_of(passage.left_span), passage.left_span, (c.left_span for c in copies)
        )
        right_limit = _between(
            self.right.paragraphs_of(passage.right_span), passage.right_span, (c.right_span for c in copies)
        )
        limits = self.left.words.within(left_limit), self.right.words.within(right_limit)
        left, right = self.pair_words.grown((left, right), limits)
        return replace(passage, left_span=_characters(self.left, left), right_span=_characters(self.right, right))

    @cached_property
    def pair_words(self) -> PairWords:
        return PairWords(self.left.words.ids, self.right.words.ids)

    def excess_outside(self, passages: Iterable[GrowingPassage]) -> FloatArray:
        """Return the excess of all pairs of sentences, minus infinity where one of them is taken already: (S, T)."""
        free: FloatArray = self.similarity.sentence_excess.copy()
        for passage in passages:
            free[passage.left.start : passage.left.stop] = -np.inf
            free[:, passage.right.start : passage.right.stop] = -np.inf
        return free

    def extended(self, passage: GrowingPassage, free: FloatArray) -> GrowingPassage:
        """Take in free sentences, the best first, that have a partner in or beside the passage of the other side."""
        left, right = passage.left, passage.right
        while left and right:
            reachable = np.where(self._neighbours(left, right), free, -np.inf)
            row, column = divmod(int(reachable.argmax()), reachable.shape[1])
            if reachable[row, column] < self.threshold:
                break
            left, right = _including(left, row), _including(right, column)
        return replace(
            passage,
            left=left,
            right=right,
            left_span=hull([passage.left_span, *_stripped(self.left, _added(passage.left, left))]),
            right_span=hull([passage.right_span, *_stripped(self.right, _added(passage.right, right))]),
        )

    def _neighbours(self, left: range, right: range) -> NDArray[np.bool_]:
        """Tell which pairs of sentences of the same paragraphs are near enough to extend a passage: (S, T)."""
        row_distance, row_inside = _distances(self.left, left)
        column_distance, column_inside = _distances(self.right, right)
        outside = (row_distance > 0)[:, None] | (column_distance > 0)[None, :]
        leaps = np.maximum(row_distance - 1, 0)[:, None] + np.maximum(column_distance - 1, 0)[None, :]
        same_paragraph = row_inside[:, None] & column_inside[None, :]
        return outside & same_paragraph & (leaps <= self.max_gap)

    def alignment(self, passage: GrowingPassage) -> Alignment:
        return Alignment(
            passage.left_span,
            passage.right_span,
            self.word_similarity(passage),
            max(_strength(passage.seeds), self.similarity.excess(passage.left, passage.right)),
            len(self.left.words.within(passage.left_span)),
            len(self.right.words.within(passage.right_span)),
        )


def _is_close(seed: Seed) -> bool:
    return seed.excess >= _CLOSE


def _between(limit: Span, span: Span, copies: Iterable[Span]) -> Span:
    """Narrow the limits of a span to the copies beside it."""
    for copy in copies:
        if copy.end <= span.start:
            limit = Span(max(limit.start, copy.end), limit.end)
        elif copy.start >= span.end:
            limit = Span(limit.start, min(limit.end, copy.start))
    return limit


def _characters(document: Prepared, words: Span) -> Span:
    """Return the characters of some words with the marks at them, and with the rest of a sentence if it is short."""
    text = document.document.text
    within = document.words.span(words)
    start, end = within.start, within.end
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    for sentence in _stripped(document, document.sentences_of(Span(start, end))):
        if sentence.start < start and len(document.words.within(Span(sentence.start, start))) <= _REST:
            start = sentence.start
        if sentence.end > end and len(document.words.within(Span(end, sentence.end))) <= _REST:
            end = sentence.end
    return Span(start, end)


def _strength(seeds: Sequence[Seed]) -> float:
    """Add up seeds that share no sentence: the best as it is, of each other one what it has above chance."""
    chosen: list[float] = []
    left: set[int] = set()
    right: set[int] = set()
    for seed in sorted(seeds, key=lambda seed: -seed.excess):
        if left.isdisjoint(seed.left) and right.isdisjoint(seed.right):
            left.update(seed.left)
            right.update(seed.right)
            chosen.append(seed.excess)
    return max(chosen, default=0.0) + sum(excess - _CHANCE for excess in chosen[1:])


def _without_overlaps(alignments: Iterable[Alignment]) -> list[Alignment]:
    """Keep the surer of two alignments where they share half of a side."""
    kept: list[Alignment] = []
    for one in sorted(alignments, key=lambda one: (-one.shared_words, -one.strength, one.left.start)):
        if not any(_share_half(one.left, other.left) or _share_half(one.right, other.right) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.left.start, one.right.start))


def _share_half(one: Span, other: Span) -> bool:
    return 2 * one.overlap(other) >= min(len(one), len(other))


def _stripped(document: Prepared, places: Iterable[int]) -> list[Span]:
    """Return sentences without the white space around them."""
    spans = []
    for place in places:
        start, end = document.sentences[place].start, document.sentences[place].end
        sentence = document.document.text[start:end]
        spans.append(Span(end - len(sentence.lstrip()), start + len(sentence.rstrip())))
    return spans


def _distances(document: Prepared, passage: range) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Count how far each sentence is from a passage, and tell whether it is in one of its paragraphs."""
    places = np.arange(len(document.sentences))
    distances = np.maximum(np.maximum(passage.start - places, places - passage.stop + 1), 0)
    paragraphs = np.array([document.paragraph_of(sentence.start) for sentence in document.sentences])
    inside = (paragraphs >= paragraphs[passage.start]) & (paragraphs <= paragraphs[passage.stop - 1])
    return distances, inside


def _is_question(document: Prepared, place: int) -> bool:
    sentence = document.sentences[place]
    return document.document.text[sentence.start : sentence.end].rstrip().endswith(_QUESTION_MARKS)


def _including(passage: range, place: int) -> range:
    return range(min(passage.start, place), max(passage.stop, place + 1))


def _added(old: range, new: range) -> list[int]:
    return [place for place in new if place not in old]
