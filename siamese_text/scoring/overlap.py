"""How many words two texts have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siamese_text.records import FloatArray
from siamese_text.text import words


def jaccard(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the share, in [0, 1], of the distinct words of two texts that stand in both (Jaccard 1901).

    Example:
        >>> jaccard(["a", "dog", "barks"], ["the", "dog", "barks"])
        0.5
    """
    union = set(left) | set(right)
    return len(set(left) & set(right)) / len(union) if union else 1.0


def overlaps(sides: Sequence[tuple[str, str]]) -> FloatArray:
    """Return the share of common words, folded, of N pairs of texts, (N,) float32 in [0, 1].

    Example:
        >>> overlaps([("A dog barks.", "A DOG barks"), ("A dog barks.", "It rained.")]).tolist()
        [1.0, 0.0]
    """
    forms = {text: [word.form for word in words(text)] for pair in sides for text in pair}
    return np.array([jaccard(forms[left], forms[right]) for left, right in sides], dtype=np.float32)
