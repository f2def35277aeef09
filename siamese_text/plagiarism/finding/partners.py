"""Which pairs of a large folder are aligned: a few partners of each document, and all pairs of a sample.

All pairs of a folder are aligned while they are few. Beyond that their number grows with the square, and nearly all
share nothing: then each document is aligned with those alone that runs of words, rare words and like sentences propose,
the best first, and what chance does is learned from all pairs of a sample of documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from siamese_text.plagiarism.finding import background
from siamese_text.plagiarism.finding.chance import Chance
from siamese_text.plagiarism.finding.meaning import USUAL_SPREAD
from siamese_text.plagiarism.finding.neighbours import similar_sentences
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.steps import Steps
from siamese_text.records import FloatArray, Span

MOST_PAIRS = 10_000  # 141 documents, a minute or two: all are aligned
# Of each document. A text goes round in groups of a few; a source that hundreds copied is aligned with each of them,
# since whoever copied proposes it. Twenty times the documents can be aligned in hours where their square takes months.
MOST_PARTNERS = 20
# Where no run speaks for a pair, chance proposes ever more of them: so many are aligned in all, in some ten minutes.
_MOST_UNSURE, _FEWEST_PARTNERS = 60_000, 3
_SAMPLED = 100  # documents that chance is learned from: 4,950 pairs, of which a tenth are 495
# Of the evidence that a pair needs a part must be seen in its proposal: the rest its alignment may show.
_LEAST_NATS, _PROPOSED = 16.0, 0.25
_MOST_NATS = 40.0  # of two sentences, however alike they are
_NATS_OF_A_WORD, _SURE = 5.0, background.ENOUGH  # of a shared run, and what any is worth: all are aligned
_RARE = 10  # documents that hold a rare word
_BACKGROUND = 16  # documents that a sentence's usual cosine is learned from
_FEWEST = 3  # with sentences: of fewer nothing is usual
_FEWEST_NATS = 8.0  # of two sentences
_USUAL_DEVIATIONS = 3.6  # above the usual: about as many nats
_BLOCK = 8192  # sentences compared at once
_HOLDERS = 4  # documents that one sentence proposes

Places = tuple[int, int]
Runs = Mapping[Places, Sequence[tuple[Span, Span]]]
IndexArray = NDArray[np.int64]
NatsArray = NDArray[np.float64]
Proposals = tuple[IndexArray, IndexArray, NatsArray]  # left and right documents, and what speaks for them


class Partners:
    """Chooses the pairs of a folder that are aligned.

    Args:
        documents: All documents: the checked ones, then those that are known to be innocent, then references.
        checked: How many are checked.
        references: How many are sources that somebody named.
        authors: A number for each document; those of one author are no partners.

    Attributes:
        sample: Places of the documents that chance is learned from; None where all pairs are aligned.
        left_out: How many proposed pairs were not aligned, because each of their documents had better ones.
    """

    def __init__(
        self, documents: Sequence[Prepared], checked: int, references: int, authors: Sequence[int] | None = None
    ) -> None:
        self._documents, self._checked, self._references = documents, checked, references
        self._authors = np.arange(len(documents)) if authors is None else np.asarray(authors)
        others = len(documents) - references
        self.sample: list[int] | None = None
        self.left_out = 0
        if others * (others - 1) // 2 + checked * references > MOST_PAIRS:
            group = range(checked, others) if others > checked else range(checked)
            self.sample = np.unique(np.linspace(group.start, group.stop - 1, _SAMPLED).astype(int)).tolist()

    @property
    def run_partners(self) -> int | None:
        """How many next documents are paired with each of those that hold an n-gram; None for all."""
        return None if self.sample is None else MOST_PARTNERS

    def pairs(self, runs: Runs, promising: float, steps: Steps | None = None) -> list[Places]:
        """Return the pairs to align, in increasing order.

        Args:
            runs: What pairs share word for word.
            promising: Documents without two sentences of this cosine are not proposed by their meaning.
            steps: Told how many sentences are compared.
        """
        proposals = [_of_runs(runs), self._of_rare_words(), self._of_meaning(promising, steps)]
        left, right, nats = (np.concatenate(column) for column in zip(*proposals, strict=True))
        left, right, nats = self._allowed(left, right, nats)
        keys, places = np.unique(left * len(self._documents) + right, return_inverse=True)
        total = np.bincount(places, weights=nats, minlength=len(keys))
        left, right = np.divmod(keys, len(self._documents))
        texts = np.array([document.text_number for document in self._documents])
        same_text = texts[left] == texts[right]
        few = min(MOST_PARTNERS, max(_FEWEST_PARTNERS, _MOST_UNSURE // len(self._documents)))
        partners = np.where(total >= _SURE, MOST_PARTNERS, few)
        kept = (_ranks(left, right, np.where(same_text, 0, total)) < partners) | same_text
        worthy = total >= _needed_nats(len(self._documents))
        self.left_out = int((worthy & ~kept).sum())
        chosen = zip(left[worthy & kept].tolist(), right[worthy & kept].tolist(), strict=True)
        return sorted({*chosen, *combinations(self.sample or (), 2)})

    def _allowed(self, left: IndexArray, right: IndexArray, nats: NatsArray) -> Proposals:
        """Keep what is between two checked documents, or one and a source, of two authors."""
        left, right = np.minimum(left, right), np.maximum(left, right)
        named = len(self._documents) - self._references
        kept = (left < self._checked) & ((right < self._checked) | (right >= named))
        kept &= self._authors[left] != self._authors[right]
        return left[kept], right[kept], nats[kept]

    def _of_rare_words(self) -> Proposals:
        """Propose the documents that share words which hardly any other one holds."""
        words = [np.unique(document.words.ids) for document in self._documents]
        counts = np.zeros(len(self._documents[0].words.vocabulary), dtype=np.int64)
        for one in words:
            counts[one] += 1
        rare = [one[(counts[one] > 1) & (counts[one] <= _RARE)] for one in words]
        owners = np.repeat(np.arange(len(rare)), [len(one) for one in rare])
        held = np.concatenate(rare)
        order = np.argsort(held, kind="stable")
        held, owners = held[order], owners[order]
        pieces = [_NOTHING]
        for distance in range(1, _RARE):
            at = np.flatnonzero(held[distance:] == held[:-distance])
            nats = np.log(len(self._documents) / counts[held[at]])
            pieces.append((owners[at], owners[at + distance], nats))
        return _joined(pieces)

    def _of_meaning(self, promising: float, steps: Steps | None = None) -> Proposals:
        """Propose the documents with sentences that are more alike than the folder lets one expect."""
        table = self._documents[0].table
        with_sentences = [place for place, one in enumerate(self._documents) if len(one.rows)]
        if not table.size or len(with_sentences) < _FEWEST:
            return _NOTHING
        steps = steps or Steps()
        steps.begin("comparing sentences")
        rows = np.concatenate([document.rows for document in self._documents])
        holders = np.repeat(np.arange(len(self._documents)), [len(one.rows) for one in self._documents])
        order = np.argsort(rows, kind="stable")
        rows, holders = rows[order], holders[order]
        bounds = np.searchsorted(rows, np.arange(len(table) + 1))
        usual, spread = self._usual(table, holders[bounds[:-1]], np.array(with_sentences))
        search = float(np.log(len(rows) / len(self._documents)))  # a sentence is the best of so many
        least = np.maximum(promising, usual + _USUAL_DEVIATIONS * spread).astype(np.float32)
        pieces = [_NOTHING]
        for one, other, cosines in similar_sentences(table, least, steps.progress):
            nats = -log_ndtr(-(cosines - np.maximum(usual[one], usual[other])) / spread) - search
            nats = np.minimum(nats / 2, _MOST_NATS)  # each pair is found from both sides
            for first in range(_HOLDERS):
                for second in range(_HOLDERS):
                    left, right = bounds[one] + first, bounds[other] + second
                    there = (left < bounds[one + 1]) & (right < bounds[other + 1]) & (nats > 0)
                    ours, theirs = holders[left[there]], holders[right[there]]
                    pieces.append((ours, theirs, nats[there]))
        return _joined(pieces)

    def _usual(self, table: FloatArray, owners: IndexArray, some: IndexArray) -> tuple[FloatArray, float]:
        """Return the mean best cosine of each sentence in some documents, (N,), and how far those lie from it."""
        places = some[np.unique(np.linspace(0, len(some) - 1, _BACKGROUND).astype(int))]
        vectors = [self._documents[place].vectors for place in places]
        starts = np.cumsum([0, *map(len, vectors)])[:-1]
        columns = np.concatenate(vectors).T
        usual, distances = np.empty(len(table), dtype=np.float32), []
        for at in range(0, len(table), _BLOCK):
            cosines = table[at : at + _BLOCK].astype(np.float32) @ columns
            best = np.maximum.reduceat(cosines, starts, axis=1)
            best[owners[at : at + _BLOCK, None] == places[None, :]] = np.nan
            usual[at : at + _BLOCK] = np.nanmean(best, axis=1)
            distances.append(np.nanmedian(np.abs(best - usual[at : at + _BLOCK, None])))
        return usual, max(USUAL_SPREAD / 2, 1.4826 * float(np.median(distances)))


_NOTHING = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)


def _joined(
    pieces: Sequence[Proposals],
) -> Proposals:
    left, right, nats = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return left, right, nats


def _needed_nats(documents: int) -> float:
    """Return what a proposal must show: a part of what counts in the quietest folder if each document has one copy."""
    quietest = Chance(np.array([background.LEAST_HIGH]), np.array([background.LEAST_SCALE]))
    return max(_LEAST_NATS, _PROPOSED * quietest.needed(0.1 / documents))


def _of_runs(runs: Runs) -> Proposals:
    """Propose what shares runs, of which the shortest are evidence enough to be looked at."""
    if not runs:
        return _NOTHING
    left, right = np.array(list(runs), dtype=np.int64).T
    characters = [sum(len(ours) for ours, _ in shared) for shared in runs.values()]
    return left, right, _SURE + np.array(characters) / 6 * _NATS_OF_A_WORD


def _ranks(left: IndexArray, right: IndexArray, nats: NatsArray) -> IndexArray:
    """Return the place of each pair among the partners of that of its documents which has fewer better ones."""
    ends = np.concatenate([left, right])
    order = np.lexsort((-np.concatenate([nats, nats]), ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
    ranks = np.empty(len(ends), dtype=np.int64)
    ranks[order] = np.arange(len(ends)) - np.repeat(starts, np.diff(np.r_[starts, len(ends)]))
    least: IndexArray = np.minimum(ranks[: len(left)], ranks[len(left) :])
    return least
