"""An encoder without weights, and small worlds of documents with marked passages."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from siamese_text.records import Document, FloatArray
from siamese_text.text import words

CORPUS = Path(__file__).parent / "corpus"
WIDTH = 512


class BagOfWords:
    """Texts are alike as far as they share words; the order is not seen."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                digest = hashlib.blake2b(word.form.encode(), digest_size=8).digest()
                number = int.from_bytes(digest, "little")
                vectors[row, number % WIDTH] += 1 if number >> 63 else -1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@dataclass(frozen=True)
class World:
    """Documents, and where each marked passage stands: {"p1": [("a.txt", 10, 90), ("b.txt", 0, 75)]}."""

    documents: list[Document]
    passages: dict[str, list[tuple[str, int, int]]]


def read_world(name: str) -> World:
    """Read documents in which {v1: ...} marks a verbatim, {e1: ...} an edited, {p1: ...} a paraphrased passage
    and {q1: ...} a quotation; the marks themselves are taken out."""
    documents, passages = [], defaultdict(list)
    for chunk in (CORPUS / f"{name}.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        title, marked = chunk.split("\n", 1)
        text, starts = "", []
        for piece in re.split(r"(\{\w+: |\})", marked):
            if piece == "}":
                mark, start = starts.pop()
                passages[mark].append((title, start, len(text)))
            elif piece.startswith("{"):
                starts.append((piece[1:-2], len(text)))
            else:
                text += piece
        documents.append(Document(title, text))
    return World(documents, dict(passages))


@pytest.fixture
def encoder() -> BagOfWords:
    return BagOfWords()


@pytest.fixture(params=sorted(path.stem for path in CORPUS.glob("*.txt")))
def world_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(world_name: str) -> World:
    return read_world(world_name)
