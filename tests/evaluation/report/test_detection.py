"""The curves of a verification's errors are written whole."""

import numpy as np
import pytest

from siamese_text.evaluation.report.detection import draw_detection_errors


@pytest.mark.parametrize("accept_from", [0.5, np.inf])
def test_both_curves_are_drawn(tmp_path, accept_from):
    labels = np.arange(200) % 2
    scores = labels + np.random.default_rng(0).standard_normal(200)
    draw_detection_errors(tmp_path / "errors.png", labels, scores, accept_from)
    assert (tmp_path / "errors.png").read_bytes().startswith(b"\x89PNG")


def test_scores_without_an_error_have_curves_too(tmp_path):
    labels = np.arange(20) % 2
    draw_detection_errors(tmp_path / "errors.png", labels, labels * 1.0, 0.5)
    assert (tmp_path / "errors.png").stat().st_size > 1000
