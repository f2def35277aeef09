"""The command that mines hard negatives: formats, figures, and what it refuses."""

import json

import pytest

from siamese_text.data.loading import load_examples

ROWS = [
    {"sentence1": f"the {animal} {verb} in the {place}", "sentence2": f"in the {place} the {animal} {verb}", "label": 1}
    for animal in ("cat", "dog", "bird")
    for verb in ("sleeps", "runs")
    for place in ("garden", "town")
]
ROWS.append({"sentence1": "the old cat sleeps", "sentence2": "the old dog runs", "label": 0})


@pytest.fixture
def mine(command, write_rows, tiny_sentence_model):
    def call(*options, rows=ROWS):
        return command("mine", write_rows("rows.jsonl", rows), "--model", tiny_sentence_model, *options)

    return call


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("form", "shape"), [("triplets", "triplets"), ("tuples", "triplets"), ("pairs", "pairs")])
def test_each_format_can_be_trained_on(mine, tmp_path, form, shape):
    code, out, lines = mine("-o", "out.jsonl", "-k", "2", "--format", form, "--relative-margin", "0", "--json")
    assert code == 0
    figures = json.loads(out)
    assert figures["positives"] == 12
    assert figures["kept"] == 24
    found = next(load_examples(str(tmp_path / "out.jsonl"), (None,)))
    assert found.kind == shape
    assert len(found.examples) == {"triplets": 24, "tuples": 12, "pairs": 36}[form]
    assert lines[-1] == f"wrote out.jsonl: {len(found.examples)} {form}"


@pytest.mark.filterwarnings("ignore:the model is exported")
def test_every_exact_backend_mines_the_same(mine, tmp_path):
    for backend in ("torch", "onnx"):
        code, _, _ = mine("-o", backend, "--backend", backend)
        assert code == 0
    assert read(tmp_path / "onnx") == read(tmp_path / "torch")
    code, _, [line] = mine("-o", "other", "--backend", "tpu")
    assert (code, "choose from auto, torch, onnx, int8" in line) == (2, True)


def test_a_table_says_what_was_dropped_and_why(mine):
    code, out, lines = mine("-o", "out.jsonl")
    assert code == 0
    for words in ("neighbours looked at", "dropped: true", "dropped: too near the positive", "kept as negatives"):
        assert words in out
    assert any(line.startswith("mean cosine: positives") for line in lines)


def test_another_corpus_is_one_text_a_line(mine, tmp_path):
    (tmp_path / "corpus.txt").write_text("two birds\n\n the small fish \n", encoding="utf-8")
    code, _, _ = mine("-o", "out.jsonl", "--corpus", tmp_path / "corpus.txt", "--relative-margin", "0")
    assert code == 0
    assert {row["negative"] for row in read(tmp_path / "out.jsonl")} <= {"two birds", "the small fish"}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--format", "lists"), 2, "'lists' is not one of 'triplets', 'tuples', 'pairs'"),
        (("--sampling", "best"), 2, "'best' is not one of 'top', 'random'"),
        (("-k", "0"), 2, "negatives is 0"),
        (("--corpus", "nowhere.txt"), 2, "nowhere.txt does not exist"),
        (("--corpus", "."), 2, ". is a folder; give a file with one text a line"),
        (("--max-score", "-1"), 4, "no negative was left"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_no_file(mine, tmp_path, options, code, words):
    found, _, lines = mine("-o", "out.jsonl", *options)
    assert found == code
    assert words in lines[-1]
    assert not (tmp_path / "out.jsonl").exists()


def test_a_corpus_in_no_known_encoding_is_one_line_and_no_traceback(mine, tmp_path):
    (tmp_path / "corpus.txt").write_bytes(b"\xff\xfe\x00")
    code, _, [line] = mine("-o", "out.jsonl", "--corpus", tmp_path / "corpus.txt")
    assert (code, "corpus.txt cannot be read: no text in any known encoding" in line) == (2, True)
    assert not (tmp_path / "out.jsonl").exists()


def test_rows_that_tell_nothing_of_sameness_are_refused(mine):
    code, _, lines = mine("-o", "out.jsonl", rows=[{"text": "a cat", "label": "x"}, {"text": "a dog", "label": "y"}])
    assert (code, "holds classes" in lines[-1]) == (2, True)
    code, _, lines = mine("-o", "out.jsonl", rows=[row | {"label": 0} for row in ROWS])
    assert (code, "say the same" in lines[-1]) == (4, True)


def test_an_output_that_exists_stays_without_overwrite(mine, tmp_path):
    (tmp_path / "out.jsonl").write_text("keep me")
    code, _, _ = mine("-o", "out.jsonl")
    assert (code, (tmp_path / "out.jsonl").read_text()) == (2, "keep me")
    assert mine("-o", "out.jsonl", "--overwrite")[0] == 0
