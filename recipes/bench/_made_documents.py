"""Folders of any size, made of words that no language has, in which it is known what was copied."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from siamese_text.records import Document, Span

KINDS = ("verbatim", "edited", "retold")
COPIED = 0.05  # of the documents hold a passage of another one
VOCABULARY, EXPONENT = 60_000, 1.05  # words, and how steeply their shares fall
SENTENCE = range(10, 28)  # words
PARAGRAPH = 5  # sentences
PASSAGE = 6  # sentences of a planted passage
EVERY = 8  # words between two edits, on average


@dataclass(frozen=True)
class Planted:
    """A passage that one document has from another."""

    kind: str
    document: str
    span: Span
    source: str
    source_span: Span


@dataclass(frozen=True)
class MadeFolder:
    """Documents, what was planted in them, and which share of their sentences stands once."""

    documents: list[Document]
    planted: list[Planted]
    distinct: float


def made_folder(count: int, *, words: int = 1500, seed: int = 0) -> MadeFolder:
    """Make documents whose words follow Zipf's law, and plant passages in one of twenty.

    Args:
        count: How many documents.
        words: About how many words each.
        seed: Whatever is drawn depends on it alone.

    Returns:
        The folder; a passage is copied as it stands, with every eighth word dropped, doubled or changed, or with a
        quarter of the words changed and the rest of each sentence in another order.
    """
    rng = random.Random(seed)
    vocabulary = _vocabulary(rng)
    texts = list(_texts(count, words, vocabulary, seed))
    sentences = [sentence for text in texts for sentence in text]
    distinct = len({tuple(sentence) for sentence in sentences}) / len(sentences)
    chosen = rng.sample(range(count), 2 * int(COPIED * count))
    at: dict[int, list[tuple[str, int, int]]] = {}  # kind, number of the plant, the first of its sentences
    for number, (target, source) in enumerate(zip(chosen[::2], chosen[1::2], strict=True)):
        kind = KINDS[number % len(KINDS)]
        start = rng.randrange(len(texts[source]) - PASSAGE)
        passage = [_copied(sentence, kind, vocabulary, rng) for sentence in texts[source][start : start + PASSAGE]]
        into = PARAGRAPH * rng.randrange(len(texts[target]) // PARAGRAPH)
        texts[target][into:into] = passage
        at.setdefault(target, []).append((kind, number, into))
        at.setdefault(source, []).append((kind, number, start))
    width = len(str(count))
    documents, places = [], {}
    for place, text in enumerate(texts):
        document, starts = _written(f"{place:0{width}}.txt", text)
        documents.append(document)
        for _, number, first in at.get(place, []):
            places[number, place] = document.name, Span(starts[first], starts[first + PASSAGE] - 1)
    planted = [
        Planted(KINDS[number % len(KINDS)], *places[number, target], *places[number, source])
        for number, (target, source) in enumerate(zip(chosen[::2], chosen[1::2], strict=True))
    ]
    return MadeFolder(documents, planted, distinct)


def _vocabulary(rng: random.Random) -> list[str]:
    """Make words of two or three syllables, the shortest for what is said most often."""
    syllables = ["".join(parts) for parts in product("bdfghklmnprstvz", "aeiou", ["", "l", "n", "r", "s"])]
    short = ["".join(pair) for pair in rng.sample(list(product(syllables, repeat=2)), VOCABULARY // 3)]
    long = {"".join(rng.choices(syllables, k=3)) for _ in range(VOCABULARY)}
    return [*short, *sorted(long - set(short))[: VOCABULARY - len(short)]]


def _texts(count: int, words: int, vocabulary: Sequence[str], seed: int) -> Iterator[list[list[str]]]:
    rng = np.random.default_rng(seed)
    shares = np.arange(1, len(vocabulary) + 1) ** -EXPONENT
    bounds = np.cumsum(shares) / shares.sum()
    lengths = np.array(SENTENCE)
    for _ in range(count):
        ends = np.cumsum(rng.choice(lengths, size=words // 10))
        ends = ends[: int(np.searchsorted(ends, words)) + 1]
        drawn = [vocabulary[place] for place in np.searchsorted(bounds, rng.random(int(ends[-1]))).tolist()]
        yield [drawn[start:end] for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)]


def _copied(sentence: list[str], kind: str, vocabulary: Sequence[str], rng: random.Random) -> list[str]:
    if kind == "verbatim":
        return sentence
    if kind == "retold":
        return rng.sample([rng.choice(vocabulary) if rng.random() < 0.25 else word for word in sentence], len(sentence))
    edited: list[str] = []
    for word in sentence:
        way = rng.randrange(3 * EVERY)
        edited += {0: [], 1: [word, word], 2: [rng.choice(vocabulary)]}.get(way, [word])
    return edited or sentence


def _written(name: str, text: Sequence[Sequence[str]]) -> tuple[Document, list[int]]:
    """Write sentences as text; return where each begins, and where one more would."""
    pieces: list[str] = []
    starts = [0]
    for place, sentence in enumerate(text):
        break_after = (place + 1) % PARAGRAPH == 0
        pieces.append(" ".join(sentence).capitalize() + ("." + ("\n\n" if break_after else " ")))
        starts.append(starts[-1] + len(pieces[-1]))
    return Document(name, "".join(pieces)), starts
