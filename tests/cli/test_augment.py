"""The command that makes pairs by rule: its sources, its output, and what it refuses."""

import gzip
import json

import pytest

from siamese_text.data.loading import load_examples

SENTENCES = [f"The old mill near the river was closed on {day} May 1904." for day in range(1, 13)]


@pytest.fixture
def sentences(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(SENTENCES) + "\n\n", encoding="utf-8")
    return path


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_sentences_become_labelled_pairs_that_can_be_trained_on(command, sentences, tmp_path):
    code, out, lines = command("augment", sentences, "-o", "out.jsonl", "--json")
    assert code == 0
    rows = read(tmp_path / "out.jsonl")
    assert {row["label"] for row in rows} == {0, 1}
    assert json.loads(out)["sentences"] == 12
    assert sum(json.loads(out)["pairs"].values()) == len(rows)
    assert lines[-1] == f"wrote out.jsonl: {len(rows)} pairs of 12 sentences"
    assert next(load_examples(str(tmp_path / "out.jsonl"), (None,))).kind == "pairs"


def test_the_table_counts_pairs_by_rule(command, sentences):
    code, out, _ = command("augment", sentences, "-o", "out.jsonl", "--rules", "turn-date", "--limit", "5")
    assert code == 0
    assert out.split()[-4:] == ["turn-date", "the", "same", "5"]


def test_a_packed_file_and_training_rows_are_read_alike(command, sentences, tmp_path, write_rows):
    (tmp_path / "more.txt.gz").write_bytes(gzip.compress(sentences.read_bytes()))
    write_rows("own/train.jsonl", [{"sentence1": text, "sentence2": text, "label": 1} for text in SENTENCES])
    write_rows("own/validation.jsonl", [{"sentence1": "It opened on 9 June 1950.", "sentence2": "x", "label": 1}])
    outputs = []
    for number, source in enumerate((sentences, tmp_path / "more.txt.gz", tmp_path / "own")):
        assert command("augment", source, "-o", f"{number}.jsonl", "--seed", "3")[0] == 0
        outputs.append(read(tmp_path / f"{number}.jsonl"))
    assert outputs[0] == outputs[1] == outputs[2]
    assert not any("1950" in row["sentence1"] for row in outputs[2])


@pytest.mark.parametrize("name", ["validation.jsonl", "dev.txt", "my-test.txt", "paws_dev.jsonl", "test_set.txt"])
def test_held_out_data_are_refused(command, tmp_path, name):
    (tmp_path / name).write_text("It opened on 3 May 1904.\n", encoding="utf-8")
    code, _, lines = command("augment", tmp_path / name, "-o", "out.jsonl")
    assert (code, "held-out" in lines[-1]) == (2, True)
    assert not (tmp_path / "out.jsonl").exists()


def test_the_list_shows_every_rule_with_its_errors(command):
    from siamese_text.augment import RULES

    code, out, _ = command("augment", "--list")
    assert code == 0
    assert all(rule.name in out and f"{rule.errors} of {rule.read}" in out for rule in RULES.values())
    code, out, _ = command("augment", "--list", "--json")
    assert [rule["name"] for rule in json.loads(out)["rules"]] == list(RULES)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "augment needs a source and -o"),
        (("sentences.txt", "-o", "out.jsonl", "--rules", "negat"), 2, "did you mean negate"),
        (("sentences.txt", "-o", "out.jsonl", "--rules", "swap-names"), 4, "no rule fitted any of the 12 sentences"),
        (("nowhere.txt", "-o", "out.jsonl"), 2, "nowhere.txt"),
        (("sentences.txt", "-o", "out.jsonl", "--per-sentence", "0"), 2, "per_sentence is 0"),
        (("sentences.txt", "-o", "out.jsonl", "--limit", "0"), 2, "limit is 0; give 1 or more"),
        (("sentences.txt", "-o", "out.jsonl", "--limit", "-1"), 2, "limit is -1"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_no_file(command, sentences, tmp_path, options, code, words):
    found, _, lines = command("augment", *options)
    assert (found, words in lines[-1]) == (code, True)
    assert not (tmp_path / "out.jsonl").exists()
