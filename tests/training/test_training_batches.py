from collections import Counter

import numpy as np
import pytest
import torch

from siamese_text.encoder.tokens import Tokenised
from siamese_text.records import Pair
from siamese_text.training.batches import LengthBuckets, TokenisedPairs, pair_loader

DIRECT = torch.device("cpu")


class WordTokenizer:
    """Numbers the words it has seen, from 1; pads with 0 and cuts nothing."""

    max_length = 512

    def __init__(self):
        self.vocabulary = {}
        self.tokenised = []

    def __call__(self, texts):
        self.tokenised += texts
        ids = [[self.vocabulary.setdefault(word, len(self.vocabulary) + 1) for word in text.split()] for text in texts]
        return Tokenised(ids, 0)
