"""What the tests of the API share: a tiny scorer, a trained model, and documents that share a sentence."""

import pytest

from siamese_text import Scorer

SHARED = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
REST = "The small library near the river opens early in the morning and closes late at night all week. "


@pytest.fixture
def shared():
    """The sentence that stands in both documents."""
    return SHARED


@pytest.fixture(scope="session")
def scorer(tiny_sentence_model):
    return Scorer.load(tiny_sentence_model, device="cpu")


@pytest.fixture(scope="session")
def model(trained_model):
    return trained_model


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text(REST + SHARED + "Nobody saw them leave that day.")
    (folder / "b.md").write_text("# Birds\n\nWe walked for an hour. " + SHARED + REST.replace("library", "station"))
    return folder
