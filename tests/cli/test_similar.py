"""`similar`: rows, lines and documents by their names, of a file or of an index."""

import json

import pytest

ROWS = [
    ("a", "the red cat sat in the garden"),
    ("b", "the red dog sat in the garden"),
    ("c", "snow was on the long road"),
    ("d", "no snow was on the road"),
    ("e", ""),
]


@pytest.fixture
def similar(command, tmp_path, tiny_sentence_model):
    (tmp_path / "rows.csv").write_text("id,text\n" + "".join(f"{name},{text}\n" for name, text in ROWS))
    (tmp_path / "lines.txt").write_text("\n".join(text for _, text in ROWS[:4]) + "\n")

    def call(*arguments):
        return command("similar", *arguments, "--model", tiny_sentence_model, "--no-cache")

    return call


def test_rows_are_found_by_their_ids_and_what_has_no_text_is_told(similar):
    code, out, lines = similar("rows.csv", "--like", "a", "--dislike", "d", "-k", "5")
    assert code == 3
    assert out.strip().split("\n")[0].split() == ["id", "text", "like", "similarity", "fit"]
    assert "the red dog" in out and "the red cat" not in out
    assert any(line.startswith("left out: e:") for line in lines)
    assert "no more than 2 can be found" in lines


def test_json_names_the_liked_text_of_each(similar):
    code, out, _ = similar("lines.txt", "--like", "1", "--like", "3", "--json")
    given = json.loads(out)
    assert code == 0 and given["skipped"] == [] and given["like"] == ["1", "3"]
    assert {text["passage"]["document"] for text in given["texts"]} == {"2", "4"}
    assert {text["like"] for text in given["texts"]} <= {"1", "3"}


def test_an_index_answers_without_its_model(command, similar, tmp_path, tiny_sentence_model, monkeypatch):
    assert command("index", "rows.csv", "-o", "kept", "--model", tiny_sentence_model)[0] == 3
    monkeypatch.setattr("siamese_text.api.temporary_index.Scorer.load", None)
    code, out, _ = similar("kept", "--like", "a", "-k", "1", "--json")
    assert code == 3
    assert json.loads(out)["texts"][0]["passage"]["text"] == "the red dog sat in the garden"


def test_an_open_index_answers(similar, tmp_path, tiny_sentence_model):
    from siamese_text import Index, find_similar

    index = Index.build(tmp_path / "lines.txt", lines=True, model=tiny_sentence_model, cache=False)
    assert find_similar(index, "lines.txt:1", k=1).texts[0].passage.document == "lines.txt:2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.csv", "--like", "a"], "missing.csv does not exist; give an index, a table"),
        (["rows.csv", "--like", "z"], "there is no document 'z'; there are 4, such as 'a'"),
        (["rows.csv"], "Missing option '--like'"),
        (["rows.csv", "--like", "a", "--column", "body"], "no column 'body'"),
        (["lines.txt", "--like", "1", "--diversity", "2"], "diversity is 2"),
    ],
)
def test_bad_input_is_one_line(similar, arguments, words):
    code, out, lines = similar(*arguments)
    assert code == 2 and not out
    assert len(lines) == 1 and words in lines[0], lines


def test_a_database_is_refused_in_one_line(command):
    code, out, lines = command("similar", "postgresql://ann:geheim@host/texts#papers", "--like", "a")
    assert (code, out) == (2, "")
    assert lines == ["error: the index is in a database, and this reads one in a folder; give such a one, or the texts"]
