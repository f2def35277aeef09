"""The worst errors of a model, and where the two texts of a pair differ."""

import numpy as np
import pytest

from siamese_text.evaluation.report.worst_errors import difference, worst_errors


def test_the_worst_errors_are_the_surest_wrong_decisions(examined):
    errors = worst_errors(examined, 10)
    beyond = [abs(error.score - examined.predictions.threshold) for error in errors]
    assert beyond == sorted(beyond, reverse=True)
    assert all((error.score >= examined.predictions.threshold) != (error.pair.label == 1) for error in errors)
    wrong = np.abs(examined.predictions.compared - examined.predictions.threshold)[~examined.predictions.right]
    assert beyond[0] == pytest.approx(wrong.max())
    assert len(worst_errors(examined, 10**6)) == examined.predictions.wrong


def test_the_difference_joins_to_the_texts_and_tells_moved_from_new():
    left, right = difference("He fed the  cat, not the dog.", "He fed the dog, not a bird.")
    assert "".join(piece.text for piece in left) == "He fed the  cat, not the dog."
    assert [(piece.text, piece.kind) for piece in left if piece.kind != "both"] == [
        ("cat", "only"),
        ("the", "only"),
        ("dog", "moved"),
    ]
    assert [(piece.text, piece.kind) for piece in right if piece.kind != "both"] == [
        ("dog", "moved"),
        ("a bird", "only"),
    ]
