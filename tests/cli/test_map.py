"""`map`: a page or a picture, coloured by a column, by clusters or by strangeness; a sample where there are many."""

import json

import pytest

ROWS = [
    {"id": f"n{number}", "text": f"the {thing} sat in the {place}", "label": thing, "size": number}
    for number, (thing, place) in enumerate(
        [(thing, place) for thing in ("cat", "dog") for place in ("garden", "road", "field", "snow", "rain")]
    )
]


@pytest.fixture
def draw(command, write_rows, tmp_path, tiny_sentence_model):
    write_rows("rows.jsonl", ROWS)
    (tmp_path / "lines.txt").write_text("\n".join(row["text"] for row in ROWS) + "\n")

    def call(*arguments):
        return command("map", *arguments, "--model", tiny_sentence_model, "--no-cache")

    return call


def test_a_table_is_coloured_by_its_labels(draw, tmp_path):
    code, out, lines = draw("rows.jsonl", "-o", "map.html", "--method", "pca")
    assert code == 0 and lines[-1] == "wrote map.html"
    assert [line.split() for line in out.splitlines() if line.startswith((" cat", " dog"))] == [
        ["cat", "5"],
        ["dog", "5"],
    ]
    page = (tmp_path / "map.html").read_text()
    assert "the cat sat in the garden" in page and '"n0"' in page


def test_lines_are_coloured_by_clusters_or_strangeness(draw, tmp_path):
    code, out, _ = draw("lines.txt", "-o", "map.png", "--method", "pca", "--json")
    given = json.loads(out)
    assert code == 0 and (given["texts"], given["total"], given["colour"]) == (10, 10, "cluster")
    assert sum(given["groups"].values()) == 10 and (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    _, out, _ = draw("lines.txt", "-o", "map.html", "--colour", "anomaly", "--method", "pca", "--json")
    assert json.loads(out)["groups"] == {"the other 80 %": 8, "the next 15 %": 1, "the strangest 5 %": 1}


def test_of_many_rows_a_sample_is_encoded_and_said(draw):
    code, out, lines = draw("rows.jsonl", "-o", "map.html", "--limit", "4", "--colour", "size", "--method", "pca")
    assert code == 0 and "shown are 4 of 10 texts, drawn by chance; --limit shows more" in lines
    assert len([line for line in out.splitlines() if line.strip().endswith(" 1")]) == 4


def test_an_index_is_drawn_without_its_model(command, draw, tiny_sentence_model, monkeypatch):
    assert command("index", "rows.jsonl", "-o", "kept", "--model", tiny_sentence_model)[0] == 0
    monkeypatch.setattr("siamese_text.api.temporary_index.Scorer.load", None)
    code, out, _ = draw("kept", "-o", "map.html", "--method", "pca", "--json")
    assert code == 0 and json.loads(out)["groups"] == {"cat": 5, "dog": 5}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.csv", "-o", "a.html"], "missing.csv does not exist; give an index, a table"),
        (["rows.jsonl", "-o", "map.svg"], "map.svg has the ending '.svg'; a map is written as .html or .png"),
        (["rows.jsonl", "-o", "a.html", "--colour", "topic"], "colour is 'topic'; choose cluster, anomaly, or one of"),
        (["rows.jsonl", "-o", "a.html", "--clusters", "3"], "the colours are those of label, and clusters is 3"),
        (["rows.jsonl", "-o", "a.html", "--limit", "2"], "limit is 2; a map takes 3"),
        (["two.txt", "-o", "a.html"], "2 texts make no map; give 3 or more"),
        (["rows.jsonl", "-o", "lines.txt.html"], "lines.txt.html exists"),
    ],
)
def test_bad_input_is_one_line(draw, tmp_path, arguments, words):
    (tmp_path / "two.txt").write_text("one\ntwo\n")
    (tmp_path / "lines.txt.html").touch()
    code, out, lines = draw(*arguments)
    assert code in (2, 4) and not out
    assert len(lines) == 1 and words in lines[0], lines
    assert not (tmp_path / "a.html").exists()


def test_a_database_is_refused_in_one_line(command):
    code, out, lines = command("map", "postgresql://ann:geheim@host/texts#papers", "-o", "map.html")
    assert (code, out) == (2, "")
    assert lines == ["error: the index is in a database, and this reads one in a folder; give such a one, or the texts"]
