"""`anomalies`: what is unlike the known texts, and an order where none are known."""

import json

import pytest

USUAL = [
    f"the {colour} {thing} was in the garden"
    for colour in ("red", "green", "white", "black")
    for thing in ("cat", "dog", "bird", "tree", "bread")
]
NEW = ["the red dog was in the garden", "7 7 7 ? ! 9 9", ""]


@pytest.fixture
def anomalies(command, tmp_path, tiny_sentence_model):
    (tmp_path / "usual.txt").write_text("\n".join(USUAL))
    (tmp_path / "new.txt").write_text("\n".join(NEW) + "\n")

    def call(*arguments):
        return command("anomalies", *arguments, "--model", tiny_sentence_model)

    return call


def test_an_alarm_stands_beside_the_nearest_known_text(anomalies):
    code, out, lines = anomalies("new.txt", "--known", "usual.txt")
    assert code == 3  # one row has no text
    assert "7 7 7 ? ! 9 9" in out and "was in the garden" in out
    assert "the red dog was" not in out.split("7 7 7")[0]
    assert "1 rows have no text" in lines
    assert any(line.startswith("1 of 2 texts are unlike the 20 known ones") for line in lines)


def test_json_has_every_text_the_strangest_first(anomalies):
    _, out, _ = anomalies("new.txt", "--known", "usual.txt", "--json")
    given = json.loads(out)
    assert (given["known"], given["false_alarms"], given["empty"]) == (20, 0.05, 1)
    assert [(row["place"], row["anomaly"]) for row in given["texts"]] == [("2", True), ("1", False)]
    assert given["texts"][0]["p_value"] == pytest.approx(1 / 21)


def test_without_known_texts_there_is_an_order_and_no_verdict(anomalies):
    code, out, lines = anomalies("usual.txt", "--top", "2")
    assert code == 0
    assert out.count("was in the garden") == 4  # two texts, each with its nearest
    assert any("an order and no verdict" in line for line in lines)
    assert any(line.startswith("18 more are not shown") for line in lines)


def test_a_folder_is_read_passage_by_passage(anomalies, make_documents):
    code, out, _ = anomalies(make_documents(3), "--known", "usual.txt", "--json")
    assert code == 0
    assert json.loads(out)["texts"][0]["place"].split(":")[0] in ("0.txt", "1.txt", "2.txt")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.txt"], "missing.txt does not exist"),
        (["new.txt", "--known", "missing.txt"], "missing.txt does not exist"),
        (["new.txt", "--known", "empty.txt"], "empty.txt holds no known text"),
        (["new.txt", "--known", "usual.txt", "--false-alarms", "2"], "false_alarms is 2"),
        (["new.txt", "--known", "usual.txt", "--neighbours", "0"], "neighbours is 0"),
        (["new.txt", "--known", "one.txt"], "1 known text says nothing"),
        (["empty.txt"], "holds no text"),
        (["new.txt", "--top", "0"], "top is 0"),
        (["new.txt", "--column", "body"], "has no columns"),
    ],
)
def test_bad_input_is_one_line(anomalies, tmp_path, arguments, words):
    (tmp_path / "one.txt").write_text("alone\n")
    (tmp_path / "empty.txt").write_text("\n\n")
    code, out, lines = anomalies(*arguments)
    assert code in (2, 4) and not out
    assert len(lines) == 1 and words in lines[0], lines
