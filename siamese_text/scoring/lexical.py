"""What the words of two texts say of the pair, whatever they mean: how many are in common, and in which order."""

from __future__ import annotations

from collections import Counter
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


def reordered(left: Sequence[str], right: Sequence[str]) -> bool:
    """Return whether the words that stand once in either text come in another order.

    Words that stand there twice, mostly articles and the like, have no one place to compare.

    Example:
        >>> reordered("the dog bit the man".split(), "the man bit the dog".split())
        True
        >>> reordered("the dog bit the man".split(), "the old dog bit a man".split())
        False
    """
    counts = Counter(left), Counter(right)
    one, other = ([word for word in side if counts[0][word] == counts[1][word] == 1] for side in (left, right))
    return one != other


def lexical_features(sides: Sequence[tuple[str, str]]) -> FloatArray:
    """Compare the words of N pairs of texts, folded.

    Args:
        sides: The two texts of each pair.

    Returns:
        (N, 3) float32: the share of words in common, in [0, 1] (``jaccard``), and 1 or 0 for whether they come in
        another order (``reordered``) and whether both texts are the same words in the same order.

    Example:
        >>> pairs = [("Dog bites man.", "man bites DOG"), ("A dog.", "a dog"), ("A dog.", "It rained.")]
        >>> lexical_features(pairs).tolist()
        [[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    forms = {text: [word.form for word in words(text)] for pair in sides for text in pair}
    found = [
        (jaccard(a, b), reordered(a, b), a == b) for a, b in ((forms[left], forms[right]) for left, right in sides)
    ]
    return np.array(found, dtype=np.float32).reshape(-1, 3)
