"""The recipe that trains on pictures: its module is called by the loop, and its figures are what they are called."""

import sys
from importlib import import_module

import numpy as np
import pytest


@pytest.fixture(scope="module")
def recipe():
    return import_module("recipes.digits_siamese")


def test_a_short_run_prints_its_figures_and_draws(recipe, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recipe, "DRAWS", 2)
    monkeypatch.setattr(recipe, "project_tsne", lambda vectors: vectors[:, :2])
    monkeypatch.setattr(sys, "argv", ["digits", "--epochs", "1", "--output", str(tmp_path)])
    recipe.main()
    assert "| embeddings | " in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["curves.png", "map.png"]


def test_vectors_that_tell_digits_apart_are_right_always(recipe):
    known, new = np.repeat([0, 1, 2], 5), np.repeat(recipe.UNSEEN, 5)
    verified, commoner, one_shot = recipe.figures(np.eye(3)[known], known, np.eye(3)[new - 7], new)
    assert (verified, one_shot) == (1, 1)
    assert commoner == pytest.approx(75 / 105)  # of 105 pairs 30 show one digit
