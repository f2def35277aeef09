"""``score``: a pair, a file or standard input to what a model says."""

import io
import json
import sys

import pytest


def test_score_prints_the_threshold_and_its_source(good_command, trained):
    out, err = good_command("score", "the cat sleeps", "the dog runs", "--model", trained)
    assert "probability" in out and ("yes" in out or "no" in out)
    assert "threshold: " in err and "fitted on sample/validation (258 pairs, 50% same)" in err


def test_an_untrained_encoder_without_a_decision_says_so(good_command, tiny_sentence_model):
    out, err = good_command("score", "the cat sleeps", "the dog runs", "--model", tiny_sentence_model, "--json")
    assert json.loads(out)["decision"] is None
    assert json.loads(out)["pairs"][0]["same"] is None
    assert "no fitted decision" in err


def test_score_reads_pairs_from_stdin_and_files(good_command, tiny_sentence_model, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a cat\ta dog\na bird\ta fish\n"))
    from_stdin, _ = good_command("score", "--file", "-", "--model", tiny_sentence_model, "--json")
    (tmp_path / "pairs.csv").write_text("left,right\na cat,a dog\na bird,a fish\n")
    renamed = ["--columns", "left=sentence1,right=sentence2"]
    from_file, _ = good_command("score", "--file", "pairs.csv", *renamed, "--model", tiny_sentence_model, "--json")
    assert json.loads(from_stdin)["pairs"] == json.loads(from_file)["pairs"]


@pytest.mark.weights
def test_the_untrained_default_has_a_shipped_decision(good_command):
    out, _ = good_command("score", "A dog barks loudly.", "A dog is barking loudly.", "--json")
    decision = json.loads(out)["decision"]
    assert decision["score"] == "similarity"
    assert "QQP" in decision["fitted_on"]["data"]
    assert json.loads(out)["pairs"][0]["same"] is True
