"""Bad input to every command: one clear line, the right exit code, nothing half-written."""

import json
import shutil

import pytest

WRITERS = ["train", "plagiarism", "index"]


def assert_one_line(lines, *words):
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


# --- exit code 2 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--dataset", "missing.csv"),
        ("evaluate", "--dataset", "missing.csv"),
        ("score", "--file", "missing.csv"),
        ("plagiarism", "missing"),
        ("index", "missing", "-o", "idx"),
        ("search", "missing", "a query"),
        ("train", "--recipe", "missing.toml"),
        ("train", "--unlabelled", "missing.txt"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_missing_file_is_named(command, arguments):
    code, _, lines = command(*arguments)
    assert code == 2
    assert_one_line(lines, "missing")


def test_a_folder_in_place_of_pairs_is_said_to_be_one(command, tmp_path):
    code, _, lines = command("score", "--file", tmp_path)
    assert code == 2
    assert_one_line(lines, f"{tmp_path} is a folder; give a file of pairs")


def test_wrong_columns_list_those_found(command, write_rows):
    rows = [{"left": "a cat", "right": "a dog", "label": 0}]
    code, _, lines = command("evaluate", "--dataset", write_rows("pairs.jsonl", rows))
    assert code == 2
    assert_one_line(lines, "left, right, label", "--columns")


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_one_class_only_is_refused(command, write_rows, good_rows, tiny_sentence_model, name):
    file = write_rows("pairs.jsonl", [row | {"label": 1} for row in good_rows])
    code, _, lines = command(name, "--dataset", file, "--model", tiny_sentence_model)
    assert code == 2
    assert_one_line(lines, "one class only")


def test_a_loss_for_two_labels_refuses_grades(command, write_rows, good_rows, tiny_sentence_model):
    rows = [row | {"label": label} for row, label in zip(good_rows, (0.1, 0.4, 1.0, 0.0, 0.8, 0.6), strict=True)]
    file = write_rows("pairs.jsonl", rows)
    code, _, lines = command("train", "--dataset", file, "--model", tiny_sentence_model, "--loss", "contrastive")
    assert code == 2
    assert_one_line(lines, "graded", "--positive-from")


@pytest.fixture
def precious(tmp_path):
    """A folder in the way of an output."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "precious.txt").write_text("keep me")
    yield folder
    assert (folder / "precious.txt").read_text() == "keep me"


@pytest.mark.parametrize("name", WRITERS)
def test_an_existing_output_is_refused_without_overwrite(writing_command, precious, name):
    code, _, lines = writing_command(name, "-o", precious)
    assert code == 2
    assert_one_line(lines, "exists", "--overwrite")


@pytest.mark.parametrize("name", WRITERS)
def test_overwrite_never_replaces_a_folder_of_another_kind(writing_command, precious, name):
    code, _, lines = writing_command(name, "-o", precious, "--overwrite")
    assert code == 2
    assert lines[-1].startswith("error: ")


@pytest.mark.parametrize("name", WRITERS)
def test_an_unwritable_output_is_refused_before_the_work(writing_command, tmp_path, name):
    (tmp_path / "file").write_text("not a folder")
    code, _, lines = writing_command(name, "-o", tmp_path / "file" / "out")
    assert code == 2
    assert_one_line(lines, "cannot be written")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_model_folder_with_a_missing_file_is_refused(command, tmp_path, tiny_sentence_model, missing):
    folder = shutil.copytree(tiny_sentence_model, tmp_path / "model")
    (folder / missing).unlink()
    code, _, lines = command("score", "a cat", "a dog", "--model", folder)
    assert code == 2
    assert_one_line(lines, str(folder))


def test_a_model_folder_with_a_pickle_only_is_never_loaded(command, tmp_path, tiny_sentence_model):
    folder = shutil.copytree(tiny_sentence_model, tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    code, _, lines = command("score", "a cat", "a dog", "--model", folder)
    assert code == 2
    assert_one_line(lines, "pickle", "safetensors")


def test_a_model_that_no_place_has_names_every_place(command):
    code, _, lines = command("score", "a cat", "a dog", "--model", "nobody/has-this")
    assert code == 2
    assert_one_line(lines, "the path", "installed packages", "the hub cache", "the hub as nobody/has-this")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--set", "epoch=3"), ("epoch", "did you mean num_train_epochs?")),
        (("train", "--loss", "contrasive"), ("contrasive", "contrastive")),
        (("train", "--epochs", "0"), ("epochs is 0",)),
        (("train", "--loss", "contrastive", "--set", "margin=3"), ("margin is 3", "at most 2")),
        (("score", "one text"), ("two texts",)),
        (("score", "a cat", " "), ("empty",)),
        (("scor", "a", "b"), ("scor",)),
        (("score", "a", "b", "--modle", "x"), ("--modle",)),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_option_says_what_is_allowed(command, tiny_sentence_model, arguments, words):
    model = ("--model", tiny_sentence_model) if arguments[0] == "train" else ()
    code, _, lines = command(*arguments, *model)
    assert code == 2
    assert lines[-1].startswith("error: ")
    for word in words:
        assert word in lines[-1]


# --- exit code 3 ---------------------------------------------------------------------------------------------------


def test_documents_that_cannot_be_read_are_listed_and_the_rest_is_checked(
    command, make_documents, tmp_path, tiny_sentence_model
):
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    documents = make_documents()
    page = Canvas(str(documents / "secret.pdf"), encrypt=StandardEncryption("user", "owner"))
    page.drawString(72, 720, "Nobody will read this page.")
    page.save()
    (documents / "noise.txt").write_bytes(bytes(range(128, 256)) * 20 + b"\x00\x01\x02")
    code, out, lines = command("plagiarism", documents, "--model", tiny_sentence_model, "-o", "report", "--json")
    assert code == 3
    assert {row["name"] for row in json.loads(out)["skipped"]} == {"secret.pdf", "noise.txt"}
    assert sum(line.startswith("not checked: ") for line in lines) == 2
    assert (tmp_path / "report" / "report.html").is_file()
    code, out, _ = command("index", documents, "--model", tiny_sentence_model, "-o", "idx", "--json")
    assert code == 3
    assert {row["document"] for row in json.loads(out)["skipped"]} == {"secret.pdf", "noise.txt"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [({"label": None}, "no label"), ({"label": float("nan")}, "no label"), ({"sentence2": "  "}, "empty text")],
    ids=["missing label", "NaN label", "empty text"],
)
def test_unusable_rows_are_counted_and_the_rest_is_used(
    command, write_rows, good_rows, tiny_sentence_model, bad, reason
):
    file = write_rows("pairs.jsonl", [*good_rows, good_rows[0] | bad])
    code, out, lines = command("evaluate", "--dataset", file, "--model", tiny_sentence_model, "--json")
    assert code == 3
    assert json.loads(out)["dropped"] == {reason: 1}
    assert json.loads(out)["evaluations"][0]["pairs"] == len(good_rows)
    assert any(f"1 rows were left out: {reason}" in line for line in lines)


def again(row):
    """The row with other sentences, for a split that shares none."""
    return row | {side: f"{row[side]} again" for side in ("sentence1", "sentence2")}


def test_train_counts_unusable_rows(command, write_rows, good_rows, tmp_path, tiny_sentence_model):
    write_rows("pairs/train.jsonl", [*good_rows, good_rows[0] | {"label": float("nan")}])
    write_rows("pairs/validation.jsonl", [again(row) for row in good_rows])
    options = ["--model", tiny_sentence_model, "--epochs", "1", "-o", "model", "--json"]
    code, out, lines = command("train", "--dataset", tmp_path / "pairs", *options)
    assert code == 3
    assert json.loads(out)["data"]["dropped"] == {"train": {"no label": 1}}
    assert any("dropped 1 rows (no label)" in line for line in lines)


def test_score_leaves_out_empty_texts_and_counts_them(command, tmp_path, tiny_sentence_model):
    file = tmp_path / "pairs.csv"
    file.write_text("sentence1,sentence2\na cat,a dog\n,a bird\n", encoding="utf-8")
    code, out, _ = command("score", "--file", file, "--model", tiny_sentence_model, "--json")
    assert code == 3
    assert json.loads(out)["dropped"] == 1
    assert len(json.loads(out)["pairs"]) == 1


# --- exit code 4 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pairs.csv", "pairs.jsonl"])
def test_an_empty_file_is_nothing_to_do(command, tmp_path, name):
    (tmp_path / name).write_text("")
    for arguments in (("evaluate", "--dataset", name), ("train", "--dataset", name), ("score", "--file", name)):
        code, _, lines = command(*arguments)
        assert code == 4
        assert_one_line(lines, name)


@pytest.mark.parametrize(("text", "words"), [("", "no sentences"), ("the cat sleeps\n", "one sentence")])
def test_fewer_than_two_sentences_teach_nothing(command, tmp_path, text, words):
    (tmp_path / "few.txt").write_text(text)
    code, _, lines = command("train", "--unlabelled", "few.txt")
    assert code == 4
    assert_one_line(lines, f"few.txt holds {words}; give two or more")


def test_one_document_is_nothing_to_compare(command, make_documents, tmp_path, tiny_sentence_model):
    code, _, lines = command("plagiarism", make_documents(1), "--model", tiny_sentence_model)
    assert code == 4
    assert lines[-1].startswith("error: ")
    assert "--against" in lines[-1]
    assert not (tmp_path / "report").exists()


def test_an_empty_folder_is_nothing_to_do(command, tmp_path, tiny_sentence_model):
    (tmp_path / "empty").mkdir()
    for arguments in (("plagiarism", "empty"), ("index", "empty", "-o", "idx")):
        code, _, lines = command(*arguments, "--model", tiny_sentence_model)
        assert code == 4
        assert_one_line(lines)


# --- and what goes wrong in the middle --------------------------------------------------------------------------------


def test_a_failure_while_writing_leaves_nothing_behind(
    command, write_rows, good_rows, tmp_path, tiny_sentence_model, monkeypatch
):
    from siamese_text.errors import BadOutput
    from siamese_text.training.history import History

    def full_disk(self, path):
        path.write_bytes(b"half a picture")
        raise BadOutput("no space left on the device")

    monkeypatch.setattr(History, "draw", full_disk)
    write_rows("pairs/train.jsonl", good_rows * 4)
    write_rows("pairs/validation.jsonl", [again(row) for row in good_rows])
    options = ["--model", tiny_sentence_model, "--max-steps", "1", "-o", tmp_path / "out" / "model"]
    code, _, lines = command("train", "--dataset", tmp_path / "pairs", *options)
    assert code == 2
    assert lines[-1] == "error: no space left on the device"
    assert list((tmp_path / "out").iterdir()) == []


def test_debug_shows_the_traceback(command):
    from siamese_text.errors import MissingInput

    with pytest.raises(MissingInput):
        command("score", "--file", "missing.csv", "--debug")


def test_an_interrupt_ends_with_130(command, monkeypatch):
    from siamese_text.api import scoring

    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring, "load_to_predict", interrupted)  # the name that is called, in the module that calls it
    code, _, lines = command("score", "a cat", "a dog")
    assert code == 130
    assert lines == ["interrupted"]
