"""The command that probes models: its tables, its JSON, what it says of thresholds and of few pairs."""

import json

import pytest

from siamese_text.augment.minimal_pairs import FAMILIES, bundled_sentences


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("\n".join(bundled_sentences()[:30]), encoding="utf-8")
    return path


def test_one_model_gets_a_table_of_families(command, own, tiny_sentence_model):
    code, out, lines = command("probe", "--model", tiny_sentence_model, "--sentences", own)
    assert code == 0
    assert all(family.name in out for family in FAMILIES)
    assert "look-alike above rewording" in out
    assert f"{tiny_sentence_model} has no threshold of its own; fit one with calibrate" in lines[0]
    assert "* fewer than 20 pairs, too few to tell: from-to 0, " in lines[-1]


def test_several_models_stand_side_by_side(command, own, tiny_sentence_model, trained_model):
    code, out, lines = command(
        "probe", "--model", tiny_sentence_model, "--model", trained_model, "--sentences", own, "-o", "pairs.jsonl"
    )
    assert code == 0
    assert out.count("something else") == 3 * sum(family.label == 0 for family in FAMILIES)
    assert any(line.startswith(f"{trained_model}: threshold ") for line in lines)
    assert lines[-1].startswith("wrote pairs.jsonl: ")


def test_json_holds_every_figure(command, own, tiny_sentence_model):
    code, out, _ = command("probe", "--model", tiny_sentence_model, "--sentences", own, "--per-family", "4", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["sentences"] == 30
    assert found["pairs"]["voice"] == 4
    [model] = found["models"]
    assert model["threshold"] is None
    assert [each["pairs"] for each in model["families"] if each["family"] == "voice"] == [4]
    assert model["families"][-1]["family"] == "all"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--sentences", "nowhere.txt"), 2, "nowhere.txt does not exist"),
        (("--per-family", "0"), 2, "per_family is 0; give 1 or more"),
        (("--sentences", "few.txt"), 4, "no rule fits any of the 1 sentences"),
    ],
)
def test_what_cannot_be_done_is_one_line(command, tmp_path, tiny_sentence_model, options, code, words):
    (tmp_path / "few.txt").write_text("Rain.\n", encoding="utf-8")
    found, _, lines = command("probe", "--model", tiny_sentence_model, *options)
    assert (found, words in lines[-1]) == (code, True)


@pytest.mark.weights
def test_the_default_model_is_probed_with_bundled_sentences(command):
    code, out, lines = command("probe", "--per-family", "20", "--json")
    assert code == 0
    [model] = json.loads(out)["models"]
    figures = {each["family"]: each for each in model["families"]}
    assert max(each["misranked"] for each in figures.values() if each["misranked"] is not None) <= 0.2
    assert len(lines) == 1
