"""How far the two texts of a pair differ where an encoder has not read them, because they are longer than it reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

from siamese_text.records import FloatArray
from siamese_text.text import words

MOST_UNREAD = 0.05  # of the words of a text: a sentence of many; where more differ, what was read says nothing of both


def unread_difference(pairs: Sequence[tuple[str, str]], left: Sequence[str], right: Sequence[str]) -> FloatArray:
    """Return the share of a text's words that were not read and do not stand, in their order, in the rest of the other.

    Args:
        pairs: N pairs of texts.
        left: N parts of the first texts that were not read, most of them empty.
        right: N parts of the second ones.

    Returns:
        (N,) float32 in [0, 1], of the longer one of both unread parts; 0 where everything was read.

    Example:
        >>> pair = ("a long day at sea ends", "a long day at sea begins anew")
        >>> unread_difference([pair, pair], ["at sea ends", ""], ["at sea begins anew", ""])
        array([0.2857143, 0.       ], dtype=float32)
    """
    shares = np.zeros(len(pairs), dtype=np.float32)
    for row, (pair, ends) in enumerate(zip(pairs, zip(left, right, strict=True), strict=True)):
        if ends[0] != ends[1]:
            ours, theirs = ([word.form for word in words(end)] for end in ends)
            missing = max(len(ours), len(theirs)) - LCSseq.similarity(ours, theirs)
            shares[row] = missing / max(1, *(len(words(text)) for text in pair))
    return shares
