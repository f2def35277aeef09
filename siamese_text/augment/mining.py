"""Hard negatives from a corpus: texts near to an anchor that do not say the same, as far as can be told.

A corpus of paraphrases holds many that nobody labelled, and a nearest neighbour that says the same is a false
negative, which does more harm than a random one. So what is true, what is joined to the anchor through other positives,
and what is about as near as the positive itself is left out, and counted by reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray
from siamese_text.search.top_k import top_k
from siamese_text.unit_rows import unit_rows

BLOCK = 1024  # anchors whose neighbours are held at a time, at the most
NEIGHBOURS = 4_000_000  # of a block together: 48 MB
REASONS = ("true", "joined through other positives", "too near the positive", "above max score", "below min score")


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """Which neighbours become negatives.

    Attributes:
        negatives: K, how many an anchor and its positive get at most.
        skip: How many of the nearest neighbours are passed over, of those that are not known to say the same.
        depth: How many neighbours of an anchor are looked at after ``skip``.
        margin: A negative's cosine is at least this far below the positive's; None asks for none.
        relative_margin: Likewise, as a share of the positive's cosine (NV-Retriever's TopK-PercPos, Moreira et al.
            2024, https://arxiv.org/abs/2407.15831); None asks for none.
        max_score: No negative has a cosine above this.
        min_score: No negative has a cosine below this.
        sampling: ``top`` takes the nearest, ``random`` any of those looked at.
        seed: Decides which ones ``random`` takes.
    """

    negatives: int = 1
    skip: int = 0
    depth: int = 50
    margin: float | None = None
    relative_margin: float | None = 0.05
    max_score: float | None = None
    min_score: float | None = None
    sampling: Literal["top", "random"] = "top"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, least in (("negatives", self.negatives, 1), ("skip", self.skip, 0), ("depth", self.depth, 1)):
            if value < least:
                raise UsageError(f"{name} is {value}; give {least} or more")
        if self.depth < self.negatives:
            raise UsageError(f"depth is {self.depth}, which cannot hold {self.negatives} negatives; raise depth")
        for name, share, most in (("margin", self.margin, 2), ("relative_margin", self.relative_margin, 1)):
            if share is not None and not 0 <= share <= most:
                raise UsageError(f"{name} is {share:g}; give 0 to {most}")
        for name, score in (("max_score", self.max_score), ("min_score", self.min_score)):
            if score is not None and not -1 <= score <= 1:
                raise UsageError(f"{name} is {score:g}; a cosine lies between -1 and 1")
        if self.sampling not in ("top", "random"):
            raise UsageError(f"sampling is '{self.sampling}'; choose top or random")


@dataclass(frozen=True, slots=True)
class MinedRow:
    """An anchor with its positive and the negatives found for it, nearest first, with their cosines."""

    anchor: str
    positive: str
    negatives: tuple[str, ...]
    similarity: float
    similarities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mined:
    """What mining gave.

    Attributes:
        rows: Those with at least one negative, in the order of the positives.
        looked_at: How many neighbours were looked at.
        dropped: Why others of them are no negatives: by each reason of ``REASONS``, how many.
        spare: How many were fit to be negatives, beyond those that were asked for.
        short: How many anchors got fewer than were asked for.
    """

    rows: tuple[MinedRow, ...]
    looked_at: int
    dropped: Mapping[str, int]
    spare: int
    short: int
    options: MiningOptions = field(repr=False)


def mine(
    positives: Sequence[tuple[str, str]],
    corpus: Sequence[str],
    encoder: Encodes,
    options: MiningOptions,
) -> Mined:
    """Find hard negatives for pairs that say the same.

    Neighbours of up to ``BLOCK`` anchors are held at a time, fewer where many texts are joined to one of them, and of
    the corpus ``top_k`` compares a block at a time, so that memory beyond the embeddings does not grow with anchors ×
    corpus. Texts that differ in case or white space alone count as one.

    Args:
        positives: Pairs of an anchor and what says the same.
        corpus: Texts to look for negatives in.
        encoder: Gives the embeddings, compared by their cosine.
        options: Which neighbours become negatives.

    Returns:
        The negatives, and counts of what was left out.

    Raises:
        NothingToDo: There are no positives, or the corpus is empty.
    """
    if not positives or not corpus:
        raise NothingToDo(f"{len(positives)} positives and a corpus of {len(corpus)} texts: there is nothing to mine")
    texts: dict[str, str] = {}  # by key, the first spelling
    for text in (*corpus, *(text for pair in positives for text in pair)):
        texts.setdefault(_key(text), text)
    numbers = {key: number for number, key in enumerate(texts)}
    size = len({_key(text) for text in corpus})  # the corpus comes first
    spelled = list(texts.values())
    vectors = unit_rows(encoder.encode(spelled))
    pairs = np.array([[numbers[_key(text)] for text in pair] for pair in positives], dtype=np.int64)  # (P, 2)
    search = _Search(vectors, size, pairs, options)
    rows = [
        MinedRow(*pair, tuple(spelled[row] for row in found), near, tuple(scores))
        for pair, (near, found, scores) in zip(positives, search, strict=True)
        if found
    ]
    return Mined(tuple(rows), search.looked_at, dict(search.dropped), search.spare, search.short, options)


class _Search:
    """Goes through the positives; yields the positive's cosine, and the numbers and cosines of its negatives."""

    def __init__(self, vectors: FloatArray, size: int, pairs: NDArray[np.int64], options: MiningOptions) -> None:
        self.vectors = vectors
        self.corpus = vectors[:size]
        self.pairs = pairs
        self.options = options
        self.random = np.random.default_rng(options.seed)
        self.true: dict[int, set[int]] = {}
        for anchor, positive in pairs.tolist():
            self.true.setdefault(anchor, {anchor}).add(positive)
            self.true.setdefault(positive, {positive}).add(anchor)
        self.component = connected_components(pairs[:, 0], pairs[:, 1], len(vectors))
        self.alike = np.bincount(self.component[:size], minlength=int(self.component.max()) + 1)
        self.looked_at = self.spare = self.short = 0
        self.dropped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[tuple[float, list[int], list[float]]]:
        for block, wanted in self._blocks():
            scores, rows = top_k(self.vectors[block[:, 0]], self.corpus, wanted)
            nearness = np.einsum("bd,bd->b", self.vectors[block[:, 0]], self.vectors[block[:, 1]])
            for (anchor, _), near, found, their in zip(block.tolist(), nearness, rows, scores, strict=True):
                yield float(near), *self._choose(anchor, float(near), found, their)

    def _blocks(self) -> Iterator[tuple[NDArray[np.int64], int]]:
        """Yield blocks of pairs, and how many neighbours their anchors need."""
        # Beyond what is skipped and looked at, an anchor needs room for the texts of its own component: they may be
        # its nearest neighbours, and all of them are left out.
        wanted = self.options.skip + self.options.depth + self.alike[self.component[self.pairs[:, 0]]]  # (P,)
        start = 0
        while start < len(self.pairs):
            # A block takes as many anchors as fit when each gets the neighbours of its neediest one.
            most = np.maximum.accumulate(wanted[start : start + BLOCK])
            size = max(1, int(np.sum(most * np.arange(1, len(most) + 1) <= NEIGHBOURS)))
            yield self.pairs[start : start + size], int(most[size - 1])
            start += size

    def _choose(
        self, anchor: int, near: float, rows: NDArray[np.int64], scores: FloatArray
    ) -> tuple[list[int], list[float]]:
        """Choose the negatives of an anchor among its neighbours, nearest first."""
        # Leave out what says the same, by itself or through other positives; skip the nearest of the rest.
        true = np.isin(rows, list(self.true[anchor]))
        joined = (self.component[rows] == self.component[anchor]) & ~true
        others = np.flatnonzero(~true & ~joined)[self.options.skip :][: self.options.depth]
        # Count those left out up to the last one looked at; the neighbours behind it were fetched for room only.
        last = others[-1] if len(others) else len(rows) - 1
        self.dropped.update({REASONS[0]: int(true[: last + 1].sum()), REASONS[1]: int(joined[: last + 1].sum())})
        self.looked_at += int(true[: last + 1].sum() + joined[: last + 1].sum()) + len(others)
        # Each limit drops what it rules out of what the limits before it have left.
        for reason, unfit in self._unfit(scores, near):
            self.dropped[reason] += int(unfit[others].sum())
            others = others[~unfit[others]]
        count = self.options.negatives
        self.spare += max(len(others) - count, 0)
        self.short += len(others) < count
        if self.options.sampling == "random" and len(others) > count:
            others = np.sort(self.random.choice(others, count, replace=False))
        chosen = others[:count]
        return rows[chosen].tolist(), scores[chosen].tolist()

    def _unfit(self, scores: FloatArray, near: float) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield for each reason which neighbours of an anchor it rules out."""
        options = self.options
        nearest = near
        if options.margin is not None:
            nearest = min(nearest, near - options.margin)
        if options.relative_margin is not None:
            nearest = min(nearest, near - options.relative_margin * abs(near))
        if options.margin is not None or options.relative_margin is not None:
            yield REASONS[2], scores > nearest
        if options.max_score is not None:
            yield REASONS[3], scores > options.max_score
        if options.min_score is not None:
            yield REASONS[4], scores < options.min_score


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
