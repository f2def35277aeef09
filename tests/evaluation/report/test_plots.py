"""Plots, looked at before they are saved."""

from contextlib import contextmanager

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.report import plots
from siamese_text.scoring.decision import Decision


@pytest.fixture
def drawn(monkeypatch):
    """Draw into axes that stay open to look at."""
    axes = Figure().subplots()

    @contextmanager
    def kept(*_, **__):
        yield axes

    monkeypatch.setattr(plots, "_axes", kept)
    return axes


def test_scores_are_drawn_by_label_with_the_threshold_where_it_is_near(drawn, tmp_path):
    labels = np.repeat([0.0, 1.0], [30, 20])
    compared = np.where(labels == 1, 0.9, 0.2)
    plots.draw_scores(
        tmp_path / "a.png", LabelledPredictions(labels, compared, compared, decision=Decision.by_hand(0.6))
    )
    [line] = drawn.lines
    assert set(line.get_xdata()) == {0.6}
    handles, titles = drawn.get_legend_handles_labels()
    assert titles == ["different, 30 pairs", "same, 20 pairs", "threshold, 0.600"]
    colours = [to_hex(handle.get_edgecolor()) for handle in handles[:2]]
    assert colours == [plots.DIFFERENT, plots.SAME]
    heights = {title: handle.get_xy()[:, 1].max() for title, handle in zip(titles[:2], handles, strict=False)}
    assert heights == {titles[0]: 30, titles[1]: 20}


def test_a_threshold_far_outside_does_not_squeeze_the_scores(drawn, tmp_path):
    labels, compared = np.array([0.0, 1.0]), np.array([0.2, 0.9])
    plots.draw_scores(
        tmp_path / "a.png", LabelledPredictions(labels, compared, compared, decision=Decision.by_hand(-120.0))
    )
    assert drawn.get_xlim()[0] > 0
    assert "threshold, -120.000, far outside" in drawn.get_legend_handles_labels()[1]
