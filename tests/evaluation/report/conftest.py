"""One examined model for all parts of a report."""

import pytest

from siamese_text import Scorer
from siamese_text.api import calibrate, evaluate
from siamese_text.data.loading import load_pairs


@pytest.fixture(scope="session")
def examined(tiny_sentence_model, tmp_path_factory):
    """The tiny model with a decision from the bundled validation pairs, examined on the test pairs."""
    folder = tmp_path_factory.mktemp("fitted") / "model"
    calibrate(tiny_sentence_model, folder, "sample")
    [examined] = evaluate(Scorer.load(folder, device="cpu"), load_pairs("sample", "test")).models
    return examined
