"""What the tests of the API share: a tiny scorer, a trained model, and documents that share a sentence."""

import pytest

from siamese_text import Scorer, train

SHARED = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
REST = "The small library near the river opens early in the morning and closes late at night all week. "


@pytest.fixture
def shared():
    """The sentence that stands in both documents."""
    return SHARED


@pytest.fixture(scope="module")
def scorer(tiny_sentence_model):
    return Scorer.load(tiny_sentence_model, device="cpu")


@pytest.fixture(scope="module")
def model(tiny_sentence_model, tmp_path_factory):
    output = tmp_path_factory.mktemp("api") / "model"
    report = train("sample", output, model=str(tiny_sentence_model), max_steps=2, limit=64, device="cpu")
    assert report.output == output
    assert set(report.after) == {"validation", "test"}
    return output


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text(REST + SHARED + "Nobody saw them leave that day.")
    (folder / "b.md").write_text("# Birds\n\nWe walked for an hour. " + SHARED + REST.replace("library", "station"))
    return folder
