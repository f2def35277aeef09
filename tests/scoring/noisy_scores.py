"""Scores that follow labels but for some noise, and the formula of a decision in plain Python."""

import math

import numpy as np


def noisy(labels, noise, seed=0, scale=1.0):
    """Scores that follow the labels but for some noise, in a range of about ``scale``."""
    chance = np.random.default_rng(seed)
    return (scale * (labels + noise * chance.standard_normal(len(labels)))).astype(np.float32)


def by_hand(decision, *scores):
    logit = sum(weight * score for weight, score in zip(decision.weights, scores, strict=True)) + decision.bias
    return 1 / (1 + math.exp(-logit))
