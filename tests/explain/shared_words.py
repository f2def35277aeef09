"""A model that knows nothing but shared words, and texts for it."""

import numpy as np
from hypothesis import strategies as st

from siamese_text import text
from siamese_text.records import Predictions

TEXTS = st.text(st.sampled_from("ab é'’-.,<&>\n\t 漢1²ﬁ\u0301\U0001f642"), max_size=40)


def log_odds(sides):
    """Four times the share of words on both sides, less 2: what one side loses, the other can lose too."""
    left, right = ({word.form for word in text.words(side)} for side in sides)
    return 4 * len(left & right) / max(len(left | right), 1) - 2


class SharedWords:
    """Predicts by shared words, at a probability of 0.5, and remembers what it was asked."""

    def __init__(self, scale=1.0):
        self.scale = scale
        self.calls = []

    def __call__(self, pairs):
        self.calls.append(list(pairs))
        z = self.scale * np.array([log_odds(pair) for pair in pairs])
        p = 1 / (1 + np.exp(-z))
        return Predictions(z.astype(np.float32), p, p >= 0.5)


PAIR = ("A nurse gave the doctor charts.", "A nurse gave the doctor letters!")
