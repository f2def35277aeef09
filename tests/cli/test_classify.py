"""`classify`: a class for each text, none of these, and bad input in one line."""

import json
from contextlib import nullcontext

import pytest

ROWS = """text,label
where is my new card,card arrival
my card has not come,card arrival
the card is still missing,card arrival
send the money back,refund
i want my money back,refund
please refund the money,refund
"""


@pytest.fixture
def classify(command, tmp_path, tiny_sentence_model):
    """Run `classify` on the examples with a tiny model."""
    (tmp_path / "examples.csv").write_text(ROWS)

    def call(*arguments):
        return command("classify", *arguments, "--model", tiny_sentence_model)

    return call


def test_each_text_has_its_class_and_the_next(classify):
    code, out, lines = classify("my card has not come", "money back", "--examples", "examples.csv")
    assert code == 0
    assert "my card has not come" in out and "card arrival" in out
    assert lines[0].startswith("2 classes, method auto")
    assert "--false-accepts" in lines[1]


def test_json_has_all_probabilities(classify):
    code, out, _ = classify("where is my new card", "--examples", "examples.csv", "--json", "--method", "nearest")
    given = json.loads(out)
    assert (code, given["classes"], given["method"]) == (0, ["card arrival", "refund"], "nearest")
    [row] = given["texts"]
    assert row["class"] == "card arrival"
    assert sum(row["probabilities"].values()) == pytest.approx(1)


def test_none_of_these_says_what_the_threshold_costs(classify):
    code, out, lines = classify("7 bees", "--examples", "examples.csv", "--false-accepts", "0.2", "--json")
    given = json.loads(out)
    assert (code, given["outsiders"], given["false_accepts"]) == (0, "6 texts of other classes", 0.2)
    assert any("of texts of no class 20.0 % may get one, by 6 texts of other classes" in line for line in lines)


def test_classes_without_examples(classify):
    code, out, _ = classify("a lost card", "--class", "lost=the lost card", "--class", "refund", "--json")
    assert code == 0
    assert json.loads(out)["classes"] == ["lost", "refund"]


def test_what_was_learned_is_saved_and_used_again(classify, tmp_path):
    _, first, _ = classify("money back", "--examples", "examples.csv", "--save", "classes", "--json")
    code, again, _ = classify("money back", "--examples", "classes", "--json")
    assert code == 0
    assert json.loads(again) == json.loads(first)
    code, _, lines = classify("money back", "--examples", "examples.csv", "--save", "classes")
    assert (code, len(lines)) == (2, 1) and "classes exists" in lines[0]


def test_a_file_with_an_empty_line_keeps_its_rows_and_says_so(classify, tmp_path):
    (tmp_path / "texts.txt").write_text("money back\n\nmy card\n")
    code, out, lines = classify("--file", "texts.txt", "--examples", "examples.csv", "--json")
    assert code == 3
    assert [row["class"] for row in json.loads(out)["texts"]][1] is None
    assert "1 texts are empty and have no class" in lines


def test_a_table_of_another_country_is_read_and_rows_without_a_label_are_counted(classify, tmp_path):
    rows = ROWS.replace(",", ";").replace("text;label", "body;topic") + "no label here;\n"
    (tmp_path / "semicolons.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode())
    code, _, lines = classify("money", "--examples", "semicolons.csv", "--columns", "body=text,topic=label")
    assert code == 3
    assert "1 rows of the examples were left out: without a label" in lines


@pytest.mark.parametrize(
    ("table", "arguments", "words"),
    [
        ("text,label\na,x\n", ["b"], "are of one class only, 'x'"),
        ("text,label\n", ["b"], "holds no rows"),
        (
            "text,label\n,x\nb,\n",
            ["b"],
            "bad.csv has no row with a text and a label (1 without a text, 1 without a label)",
        ),
        ("text,topic\na,x\n", ["b"], "no column label; columns found: text, topic"),
        ("text,label\nsame,x\nsame,y\nother,z\n", ["b"], "class 'x' has no example left and no name"),
        (ROWS, ["b", "--method", "best"], "method is 'best'"),
        (ROWS, ["b", "--false-accepts", "2"], "false_accepts is 2"),
        (ROWS, ["b", "--false-accepts", "0.01"], "6 texts that belong to no class cannot promise 0.01"),
        (ROWS, ["b", "--names", "maybe"], "names is 'maybe'"),
        (ROWS, ["b", "--class", "a=1", "--class", "a=2"], "two --class have one name"),
        (ROWS, ["b", "--file", "x.txt"], "got both texts and --file"),
        (ROWS, ["--file", "missing.txt"], "missing.txt does not exist"),
        (ROWS, [" "], "there is no text to classify"),
        (None, ["b"], "bad.csv does not exist"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(classify, tmp_path, table, arguments, words):
    if table is not None:
        (tmp_path / "bad.csv").write_text(table)
    code, out, lines = classify(*arguments, "--examples", "bad.csv", "--save", "classes")
    errors = [line for line in lines if not line.startswith("note: ")]
    assert code in (2, 4) and not out
    assert len(errors) == 1 and words in errors[0], errors
    assert not (tmp_path / "classes").exists()


def test_one_example_of_each_class_is_no_problem_of_regression(classify, tmp_path):
    words = ("card", "money", "garden", "snow", "field")
    table = "".join(f"{one} and {two},{one}{two}\n" for one in words for two in words)
    (tmp_path / "many.csv").write_text("text,label\n" + table)
    code, _, lines = classify("my card", "--examples", "many.csv")
    assert code == 0 and lines[0].startswith("25 classes"), lines


def test_nothing_to_learn_from_says_what_to_give(classify):
    code, _, lines = classify("money back")
    assert code == 2
    assert lines == ["error: there is nothing to learn from; give --examples FILE, or classes with --class NAME"]


def test_finetuning_says_whether_it_helped_and_is_saved(classify, monkeypatch):
    _, _, lines = classify("my card", "--examples", "examples.csv", "--finetune")
    assert any(line.startswith("the encoder was not trained: of 2 held-out examples") for line in lines)
    monkeypatch.setattr("siamese_text.estimators.tuning.FEWEST_WRONG", 0)
    monkeypatch.setattr("siamese_text.api.finetuning.EPOCHS", 1)
    monkeypatch.setattr("siamese_text.cli.classify.progress_bar", lambda _: nullcontext(lambda *at: steps.append(at)))
    steps: list[tuple[int, int]] = []
    code, _, lines = classify("my card", "--examples", "examples.csv", "--finetune", "--save", "saved")
    assert steps[:2] == [(0, steps[0][1]), (1, steps[0][1])] and steps[-1][0] == steps[-1][1]
    assert code == 0
    [told] = [line for line in lines if line.startswith("training the encoder")]
    assert "of 2 held-out examples" in told and ("helped and is kept" in told or "did not help" in told)
    _, out, _ = classify("my card", "--examples", "saved", "--json")
    report = json.loads(out)["tuning"]
    assert report["held_out"] == 2 and report["kept"] in ("before", "after")


def test_training_by_episodes_is_asked_for_with_finetune(classify):
    code, _, lines = classify("my card", "--examples", "examples.csv", "--episodes")
    assert code == 2 and lines == ["error: --episodes is a way of training; give --finetune with it"]


TAGGED = """text,label
where is my new card,card
the card is still missing,card
send the money back,refund
please refund the money,refund
i lost the card and want my money back,card; refund
refund the money for the missing card,refund;card
what is the weather,
who are you,
"""


def test_texts_get_several_labels_and_each_label_its_figures(classify, tmp_path):
    (tmp_path / "tagged.csv").write_text(TAGGED)
    code, out, lines = classify("where is my card", "--examples", "tagged.csv", "--multilabel", ";", "--save", "saved")
    assert code == 0 and "where is my card" in out
    [line] = [line for line in lines if line.startswith("  card: 4 texts, from ")]
    assert "at 95 % recall" in line and lines[-1] == "wrote saved"
    code, out, _ = classify("where is my card", "", "--examples", "saved", "--multilabel", ";", "--json")
    given = json.loads(out)
    assert code == 3 and list(given["labels"]) == ["card", "refund"]
    assert set(given["labels"]["card"]) == {"threshold", "texts", "precision", "recall", "f1", "false_accepts"}
    assert given["texts"][1]["labels"] is None and set(given["texts"][0]["probabilities"]) == {"card", "refund"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--examples", "examples.csv", "--multilabel", " "], "labels are separated by ' '"),
        (["--multilabel", ";"], "--multilabel goes with --examples"),
        (["--examples", "examples.csv", "--multilabel", ";", "--finetune"], "--multilabel goes with --examples"),
    ],
)
def test_what_does_not_go_with_several_labels_is_one_line(classify, arguments, words):
    code, out, lines = classify("my card", *arguments)
    assert code == 2 and not out and len(lines) == 1 and words in lines[0]
