"""``score --explain``: what a person reads, what a program reads, the page, and models without a probability."""

import io
import json
import re
import shutil
import sys

import numpy as np
import pytest

from siamese_text.cli.explanation import render
from siamese_text.explain.occlusion import explain_pair
from siamese_text.records import Predictions
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier

PAIR = ("the cat sleeps in the garden", "in the garden runs a cat")


@pytest.fixture(scope="module")
def decided(tiny_sentence_model, tmp_path_factory):
    """The tiny model with a decision."""
    folder = tmp_path_factory.mktemp("models") / "decided"
    shutil.copytree(tiny_sentence_model, folder)
    decision = Decision("similarity", (8.0,), -4.0, 0.5, FittedOn("six pairs", 6, 0.5, ""))
    write_classifier(PairClassifier(decision=decision), folder)
    return folder


def test_the_terminal_shows_words_with_signs_and_no_colour_in_a_pipe(command, decided):
    code, out, err = command("score", *PAIR, "--model", decided, "--explain")
    assert code == 0
    assert "\x1b" not in out
    assert "raises (+) or lowers (-)" in out and "what decides" in out and "log-odds" in out
    table = re.findall(r"^ (\S+) +([12]) +([+-]\d\.\d+) +([+-]\d\.\d+) *$", out, flags=re.M)
    assert len(table) == 10
    assert {word for word, side, _, _ in table if side == "1"} <= set(PAIR[0].split())
    strengths = [abs(float(contribution)) for _, _, contribution, _ in table]
    assert strengths == sorted(strengths, reverse=True)
    assert "and 2 words that do less" in out
    assert err[-1].startswith("threshold: cosine ")


def test_json_holds_what_the_model_says_without_each_word(command, decided):
    code, out, err = command("score", *PAIR, "--model", decided, "--explain", "--json")
    assert code == 0 and err == []
    [row] = json.loads(out)["pairs"]
    explanation = row["explanation"]
    assert [word["text"] for word in explanation["words"]] == [*PAIR[0].split(), *PAIR[1].split()]
    for word in explanation["words"]:
        sides = [row["sentence1"], row["sentence2"]]
        whole = sides[word["side"] - 1]
        sides[word["side"] - 1] = (whole[: word["start"]].rstrip() + whole[word["end"] :]).strip()
        _, out, _ = command("score", *sides, "--model", decided, "--json")
        rest = json.loads(out)["pairs"][0]["probability"]
        assert row["probability"] - word["probability_change"] == pytest.approx(rest, abs=1e-5)
    assert [len(line) for line in explanation["cosines"]] == [6] * 6
    cats = [link for link in explanation["links"] if link["left"]["text"] == "cat"]
    assert all(0.5 <= link["cosine"] <= 1.001 for link in explanation["links"])
    assert [link["right"]["text"] for link in cats] == ["cat"]


def test_without_explain_there_is_no_explanation(command, decided):
    _, out, _ = command("score", *PAIR, "--model", decided, "--json")
    assert "explanation" not in json.loads(out)["pairs"][0]


def test_without_a_decision_the_similarity_is_explained_and_it_is_said(command, tiny_sentence_model):
    code, out, err = command("score", *PAIR, "--model", tiny_sentence_model, "--explain")
    assert code == 0
    assert "log-odds" not in out
    assert any("no fitted decision" in line for line in err)
    assert err[-1] == "there is no probability to explain: contributions are those of words to the similarity"


def test_a_threshold_by_hand_gives_a_verdict_and_no_probability(command, tiny_sentence_model):
    assert command("calibrate", "--threshold", "0.2", "--model", tiny_sentence_model, "-o", "by_hand")[0] == 0
    code, out, err = command("score", *PAIR, "--model", "by_hand", "--explain", "--json")
    [row] = json.loads(out)["pairs"]
    assert code == 0
    assert row["probability"] is None and row["same"] is True
    assert row["explanation"]["unit"] == "similarity"
    assert "no probability to explain" in err[-1]
    _, _, err = command("score", *PAIR, "--model", "by_hand")
    assert err == ["threshold: cosine 0.200, given by hand"]


def test_every_pair_of_a_file_is_explained_on_one_page(command, decided, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a <b>cat</b>\ta dog\na bird\ta fish & a bird\n"))
    code, out, err = command("score", "--file", "-", "--model", decided, "--html", "why.html", "--json")
    assert code == 0
    assert all("explanation" in row for row in json.loads(out)["pairs"])
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert page.count('class="explained"') == 2
    assert "<b>cat" not in page and "threshold: cosine" in page
    assert err[-1] == "wrote why.html"


def test_a_page_that_exists_is_refused_before_any_work(command, tmp_path):
    (tmp_path / "why.html").write_text("mine")
    code, out, err = command("score", *PAIR, "--model", "no such model", "--html", "why.html")
    assert (code, out) == (2, "")
    assert err == ["error: why.html exists; choose another output or add --overwrite"]
    assert (tmp_path / "why.html").read_text() == "mine"


def test_variants_of_a_long_text_are_not_counted_as_cut(command, decided):
    _, out, err = command("score", "cat " * 200, "a dog", "--model", decided, "--explain")
    assert [line for line in err if "were cut" in line] == [line for line in err if "1 of 2 texts" in line] != []
    assert "in runs of up to 4" in out and "runs of words that do less" in out


def test_on_a_terminal_blue_raises_and_orange_lowers(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def predict(pairs):
        return Predictions(np.float32([("cat" in left) - 0.5 * ("not" in left) for left, _ in pairs]))

    render(explain_pair(("not a cat", "cats"), predict))
    out = capsys.readouterr().out
    shaded = out[: out.index("left out alone")]
    styles = {word: code for code, word in re.findall(r"\x1b\[([\d;]+)m(\w+)", shaded) if code != "1"}
    blue, orange, half_orange = "30;48;2;86;180;233", "30;48;2;230;130;40", "30;48;2;236;186;141"
    assert (styles["raises"], styles["lowers"], styles["decides"]) == (blue, orange, "4")
    assert (styles["not"], styles["cat"]) == (half_orange, f"4;{blue}")  # without the cat nothing is similar
