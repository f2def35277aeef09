"""Dimensions that know the order of words, to stand behind those of an embedding, so that any vector store sees it.

An encoder that averages its tokens gives "Ann owes Bo" and "Bo owes Ann" nearly the same vector. In the dimensions that
are made here both are opposite: for two words within a few words of each other, stop words aside, a component has one
sign where the one comes first and the other sign where the other does. Words that only one text has say nothing of
order, so that a rewording is not held against a pair.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np

from siamese_text.errors import UsageError
from siamese_text.records import FloatArray
from siamese_text.scoring.read_words import STOP_WORDS
from siamese_text.text import words
from siamese_text.unit_rows import unit_rows

WEIGHT = 0.03  # beside the embedding: more gains little on reversed sentences and costs where questions are reworded
DIMENSIONS = 256
ROUNDING = 1e-9
REACH = 6  # words: further apart stand clauses, which may change places


def append_word_order(
    vectors: FloatArray, texts: Sequence[str], *, weight: float = WEIGHT, dimensions: int = DIMENSIONS
) -> FloatArray:
    """Append dimensions that know the order of words to embeddings, for stores that compare by cosine or inner product.

    The inner product of two results is (1 - w) · cosine of the embeddings + w · cosine of the word orders. The pairs of
    words are hashed into the dimensions with a sign each (Weinberger et al., 2009, "Feature hashing for large scale
    multitask learning"), by a checksum, so that vectors of different runs and machines can be compared.

    Args:
        vectors: (N, D) float32 embeddings of the texts.
        texts: N texts.
        weight: w in [0, 1].
        dimensions: How many are appended; the fewer, the more pairs of words share one.

    Returns:
        (N, D + dimensions) float32, of length 1 at most: less where a text has fewer than two words.

    Raises:
        UsageError: There are more or fewer texts than vectors, or a number is out of its range.

    Example:
        >>> texts = ["Ann owes Bo ten pounds.", "Bo owes Ann ten pounds."]
        >>> same = np.ones((2, 1), np.float32)  # of an encoder that sees no difference
        >>> ann, bo = append_word_order(same, texts, weight=0.1)
        >>> round(float(ann @ bo), 3), round(float(ann @ ann), 3)
        (0.919, 1.0)
    """
    if len(vectors) != len(texts):
        raise UsageError(f"there are {len(vectors):,} vectors and {len(texts):,} texts; give one vector for each text")
    if not 0 <= weight <= 1:
        raise UsageError(f"weight is {weight}; give a number from 0 to 1, such as {WEIGHT}")
    if dimensions < 1:
        raise UsageError(f"dimensions is {dimensions}; give 1 or more, such as {DIMENSIONS}")
    orders = np.stack([_order(text, dimensions) for text in texts]) if texts else np.empty((0, dimensions), np.float32)
    return np.hstack([math.sqrt(1 - weight) * unit_rows(vectors), math.sqrt(weight) * unit_rows(orders)])


def _order(text: str, dimensions: int) -> FloatArray:
    """Return the sum over any two words at most ``REACH`` apart, (dimensions,): less, the further apart they stand."""
    found = [word.form for word in words(text) if word.form not in STOP_WORDS]
    sums = np.zeros(dimensions)
    for place, first in enumerate(found):
        for apart, second in enumerate(found[place + 1 : place + 1 + REACH], start=1):
            if first != second:
                low, high = sorted((first, second))
                hashed = zlib.crc32(f"{low} {high}".encode())
                turned = (first == low) == bool(hashed >> 31)
                sums[hashed % dimensions] += (-1 if turned else 1) / math.sqrt(apart)
    sums[abs(sums) < ROUNDING] = 0  # what cancels out says nothing, and is not to be stretched to the length of 1
    return sums.astype(np.float32)
