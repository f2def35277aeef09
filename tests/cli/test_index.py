"""``index`` and what is done to one: refreshed, added to, removed from, packed, described."""

import json
import re

import pytest


@pytest.fixture
def folder(make_documents):
    return make_documents()


@pytest.fixture
def run_index(good_command, folder, tiny_sentence_model):
    """Make or refresh the index of the folder; returns the lines of stderr."""

    def call(*options):
        _, said = good_command("index", folder, "--model", tiny_sentence_model, "-o", "idx", "--words", "20", *options)
        return said.splitlines()

    return call


def test_an_index_is_made_and_refreshed_by_the_same_command(run_index, good_command, folder):
    made = run_index()
    assert made[0] == "3 added, 0 changed, 0 removed, 0 unchanged"
    assert made[1].startswith("wrote idx: ")
    (folder / "0.txt").write_text("Owls sleep all day.")
    (folder / "1.txt").unlink()
    (folder / "new.txt").write_text("Foxes sleep at night.")
    refreshed = run_index()
    assert refreshed[0] == "1 added, 1 changed, 1 removed, 1 unchanged"
    assert refreshed[1].startswith("refreshed idx: ")
    out, _ = good_command("search", "idx", "foxes", "-k", "1", "--mode", "words", "--json")
    [hit] = json.loads(out)["hits"]
    assert (hit["passage"]["document"], hit["found_by"]) == ("new.txt", "words")
    assert json.loads(good_command("index", folder, "-o", "idx", "--json")[0])["unchanged"] == 3


def test_an_index_keeps_its_model_and_length_of_passages(run_index, command, folder, trained):
    run_index()
    for options, words in (
        (("--model", trained), "--model out"),
        (("--words", "30"), "--words out"),
        (("--approximate",), "siamese-text index compact idx --approximate"),
        (("--precision", "int8"), "built with precision float32, not int8; leave --precision out"),
    ):
        code, _, lines = command("index", folder, "-o", "idx", *options)
        assert (code, len(lines)) == (2, 1)
        assert words in lines[0]
    code, _, lines = command("index", folder, "-o", "idx", "--model", trained, "--precision", "int8", "--overwrite")
    assert code == 0, lines
    (folder / "new.txt").write_text("Foxes sleep at night.")
    assert command("index", folder, "-o", "idx")[0] == 0
    code, out, _ = command("index", "info", "idx", "--json")
    assert (code, json.loads(out)["precision"]) == (0, "int8")


def test_rows_are_added_searched_by_a_filter_and_removed(run_index, good_command, command, tmp_path):
    run_index()
    (tmp_path / "faq.csv").write_text(
        "key,question,year\nq1,Where is the ship?,2019\nq2,When does the train come?,2021\n"
    )
    options = ["--column", "question", "--id-column", "key", "--metadata", '{"kind": "faq"}']
    _, said = good_command("index", "add", "idx", "faq.csv", *options)
    assert said == "2 added, 0 changed, 0 removed, 0 unchanged"
    out, _ = good_command("search", "idx", "the ship", "--where", "kind = 'faq' and year > 2020", "--json")
    assert [hit["passage"]["document"] for hit in json.loads(out)["hits"]] == ["q2"]
    _, said = good_command("search", "idx", "the ship", "--where", "year > 2021")
    assert said == "nothing was found among the documents that fulfil the filter"
    assert good_command("index", "remove", "idx", "0.txt", "--where", "year = 2019")[1].startswith(
        "0 added, 0 changed, 2 rem"
    )
    facts = json.loads(good_command("index", "info", "idx", "--json")[0])
    assert (facts["documents"], facts["fields"]["year"]) == (3, ["integer"])
    assert facts["unused_vectors"] > 0
    assert facts["approximate"] is False
    good_command("index", "compact", "idx", "--approximate")
    out, _ = good_command("index", "info", "idx", "--recall")
    assert re.search(r"unused vectors +0 ", out)
    assert re.search(r"approximate +yes ", out)
    assert re.search(r"recall at 10 +1.000 ", out)
    code, _, lines = command("index", "add", "idx", "faq.csv")
    assert (code, lines) == (0, ["1 added, 0 changed, 0 removed, 1 unchanged"])  # with the columns that were asked for


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("search", "idx", "a ship", "--where", "year >"), "the filter cannot be read at its end"),
        (
            ("search", "idx", "a ship", "--where", "yeer = 3"),
            "no document has the field 'yeer'; fields: date, kind, path",
        ),
        (("search", "idx", "a" * 100_000), "the query has 100,000 characters"),
        (("search", "idx", " "), "the query is blank"),
        (("search", "idx", ""), "the query is blank"),
        (("search", "idx", "a ship", "-k", "-3"), "k is -3"),
        (("search", "idx", "a ship", "-k", "0"), "k is 0"),
        (("index", "remove", "idx"), "say what to remove"),
        (("index", "remove", "idx", "gone.txt"), "no document 'gone.txt'; nothing was removed"),
        (("index", "add", "idx", "gone"), "gone does not exist"),
        (("index", "add", "other", "idx"), "other is not an index; make one"),
        (("index", "add", "idx", "twice.csv"), "'a' is the name of two documents"),
        (("index", "add", "idx", "taken.csv"), "'0.txt' is in the index already, from another source"),
        (("index", "add", "idx", "twice.csv", "--metadata", "{year: 1}"), "is not JSON"),
        (("index", "add", "idx", "twice.csv", "--metadata", "[1]"), "is no JSON object"),
        (("index", "info", "gone"), "is not an index"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_line_and_the_index_is_as_it_was(run_index, command, tmp_path, arguments, words):
    run_index()
    (tmp_path / "twice.csv").write_text("id,text\na,It rained.\na,It snowed.\n")
    (tmp_path / "taken.csv").write_text("id,text\n0.txt,It rained.\n")
    before = command("index", "info", "idx")
    code, out, lines = command(*arguments)
    assert (code, out, len(lines)) == (2, "", 1), lines
    assert words in lines[0]
    assert command("index", "info", "idx") == before
