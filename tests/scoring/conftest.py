import numpy as np
import pytest

from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import PairClassifier

WIDTH = 4


@pytest.fixture
def head():
    chance = np.random.default_rng(1)
    shapes = {
        "hidden.weight": (3, 4 * WIDTH),
        "hidden.bias": (3,),
        "output.weight": (1, 3),
        "output.bias": (1,),
    }
    return TwinHead({name: chance.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()})


@pytest.fixture
def classifier(head):
    decision = Decision("blend", (2.0, 0.5), -0.3, 0.5, FittedOn("validation", 10, 0.5, "00ff"))
    return PairClassifier("dot", head, None, decision, {"recipe": "sample", "seed": 0})
