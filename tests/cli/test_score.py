"""``score``: a pair, a file or standard input to what a model says."""

import io
import json
import sys
from dataclasses import replace

import pytest

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier


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


@pytest.fixture
def third_answer(tiny_sentence_model, tmp_path):
    """Write the tiny model with two thresholds of its cosine; pairs between them are unsure."""

    def make(unsure_from, threshold):
        goal, fitted_on = "fpr<=0.1, recall>=0.9", FittedOn("elsewhere", 300, 0.5, "00ff")
        decision = Decision("similarity", (4.0,), -2.0, threshold, fitted_on, decide_at=goal)
        TorchEncoder.load(tiny_sentence_model, device="cpu").write(tmp_path / "model")
        decision = replace(decision, unsure_from=unsure_from, proved_by=250)
        write_classifier(PairClassifier(decision=decision), tmp_path / "model")

    return make


@pytest.mark.parametrize(
    ("unsure_from", "threshold", "verdict", "code"),
    [(-2.0, -1.5, "yes", 0), (2.0, 3.0, "no", 1), (-2.0, 3.0, "unsure", 3)],
)
def test_a_check_tells_yes_no_and_unsure_by_its_exit_code(command, third_answer, unsure_from, threshold, verdict, code):
    third_answer(unsure_from, threshold)
    pair = ("the cat sleeps", "the dog runs")
    assert command("score", *pair, "--model", "model", "--json")[0] == 0
    found, out, _ = command("score", *pair, "--model", "model", "--json", "--check")
    [row] = json.loads(out)["pairs"]
    assert (found, row["verdict"], row["same"]) == (code, verdict, verdict == "yes")
    _, out, lines = command("score", *pair, "--model", "model")
    assert verdict in out.split()
    assert f"{threshold:.3f} (unsure from {unsure_from:.3f}), fitted on elsewhere" in lines[-1]
    assert "250 independent ones prove fpr<=0.1, recall>=0.9" in lines[-1]


def test_a_check_of_several_pairs_tells_the_worst(command, third_answer, monkeypatch):
    third_answer(0.999, 0.99999)  # equal texts are the same, others are not
    for texts, code in (("a cat\ta cat\n", 0), ("a cat\ta cat\na bird\tthe road\n", 1)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(texts))
        assert command("score", "--file", "-", "--model", "model", "--check")[0] == code


def test_pairs_in_words_that_the_model_does_not_know_are_left_unsure(command, tiny_sentence_model, tmp_path):
    TorchEncoder.load(tiny_sentence_model, device="cpu").write(tmp_path / "model")
    decision = Decision("similarity", (4.0,), -2.0, -1.0, FittedOn("elsewhere", 300, 0.25, "00ff"), reach=0.45)
    write_classifier(PairClassifier(decision=decision), tmp_path / "model")
    rows = "sentence1\tsentence2\nthe cat sleeps\tthe dog runs\nмой дом\tтвой дом\n"
    (tmp_path / "pairs.tsv").write_text(rows, encoding="utf-8")
    code, out, lines = command("score", "--file", "pairs.tsv", "--model", "model", "--json", "--check")
    known, unknown = json.loads(out)["pairs"]
    assert (code, known["verdict"], "unsure_because" in known) == (3, "yes", False)
    assert (unknown["verdict"], unknown["same"], unknown["probability"]) == ("unsure", False, 0.25)
    assert unknown["unsure_because"] == "the model does not know, or does not read, enough of its words"
    assert any(line.startswith("1 of 2 pairs are in words that the model does not know") for line in lines)


def test_without_a_decision_there_is_nothing_to_check(command, tiny_sentence_model):
    code, _, lines = command("score", "a cat", "a dog", "--model", tiny_sentence_model, "--check")
    assert code == 2
    assert "nothing to check; fit one with calibrate" in lines[-1]


@pytest.mark.weights
def test_the_default_decides_by_what_is_shipped(good_command):
    out, _ = good_command("score", "A dog barks loudly.", "A dog is barking loudly.", "--json")
    decision = json.loads(out)["decision"]
    assert decision["score"] == "details"
    assert "pairs of 6 sets and made ones" in decision["fitted_on"]["data"]
    assert json.loads(out)["pairs"][0]["same"] is True
    out, _ = good_command("score", "Ann owes Bo ten pounds.", "Bo owes Ann ten pounds.", "--json")
    [pair] = json.loads(out)["pairs"]
    assert (pair["same"], pair["differs_in"]) == (False, ["exchanged"])


def test_what_tells_two_texts_apart_is_named(good_command, tiny_sentence_model, tmp_path):
    weights = (2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 0.5)  # of the similarity, then of each detail, "moved" last
    decision = Decision("details", weights, 0.0, 0.5, FittedOn("validation", 10, 0.5, "00ff"))
    TorchEncoder.load(tiny_sentence_model, device="cpu").save(tmp_path / "model")
    write_classifier(PairClassifier(decision=decision), tmp_path / "model")
    file = tmp_path / "pairs.tsv"
    file.write_text(
        "Ann met 3 dogs.\tAnn met 4 dogs.\nWhen it rains, I read.\tI read when it rains.\n", encoding="utf-8"
    )
    command = ("score", "--file", str(file), "--model", str(tmp_path / "model"))
    out, err = good_command(*command)
    assert "differs in" in out and "number" in out and "moved" not in out
    assert "probability by cosine and details" in err
    pairs = json.loads(good_command(*command, "--json")[0])["pairs"]
    assert [pair["differs_in"] for pair in pairs] == [["number"], []]
    [plain] = json.loads(good_command("score", "a cat", "a dog", "--model", tiny_sentence_model, "--json")[0])["pairs"]
    assert "differs_in" not in plain
