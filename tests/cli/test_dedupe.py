"""``dedupe``: what is kept and what goes, day after day, and bad input."""

import csv
import json

import pytest

NOON = "The ferry leaves the harbour at noon and carries bicycles for free."


@pytest.fixture
def dedupe(command, tmp_path):
    """Deduplicate a table by its words; returns exit code, ids kept, rows removed, lines of stderr."""

    def call(rows, *options, name="today.csv", by_words=True):
        (tmp_path / name).write_text("id,text,year\n" + "".join(f"{row}\n" for row in rows))
        words = ["--by-words"] if by_words else []
        code, _, lines = command("dedupe", name, "-o", "out.csv", "--overwrite", *words, *options)
        with (tmp_path / "out.csv").open(newline="") as file:
            kept = [row["id"] for row in csv.DictReader(file)]
        removed = [json.loads(line) for line in (tmp_path / "out.csv.removed.jsonl").read_text().splitlines()]
        return code, kept, removed, lines

    return call


def test_what_goes_is_told_with_the_kept_one_because_of_which(dedupe, tmp_path):
    rows = [f"a,{NOON},2020", f"b,{NOON.upper()},2021", f"c,{NOON[:-1]} (!),2022", "d,Rain.,", "e,,2023"]
    code, kept, removed, lines = dedupe(rows)
    assert (code, kept) == (3, ["a", "d"])
    assert [(row["id"], row["kind"], row["because_of"], row["because_of_text"]) for row in removed] == [
        ("b", "exact", "a", NOON),
        ("c", "near", "a", NOON),
    ]
    assert removed[1]["jaccard"] == 1
    assert lines[0] == "left out: e: it holds no text"
    assert lines[-1].startswith("wrote out.csv: 2 of 4 texts; gone: 1 exact, 1 near, 0 meaning, see out.csv.removed")
    assert "a," in (tmp_path / "out.csv").read_text()
    assert "2020" in (tmp_path / "out.csv").read_text()


def test_the_next_file_is_deduplicated_against_all_before_it(dedupe, tmp_path):
    assert dedupe([f"a,{NOON},1", "b,Rain.,2"], "--state", "state.jsonl")[1] == ["a", "b"]
    assert dedupe([f"a,{NOON},1", "b,Rain.,2"], "--state", "state.jsonl")[1] == ["a", "b"]  # the same file again
    code, kept, [gone], _ = dedupe(["c,Snow.,1", "d,RAIN.,2"], "--state", "state.jsonl", name="tomorrow.csv")
    assert (code, kept, gone["because_of"]) == (0, ["c"], "b")
    states = [json.loads(line)["id"] for line in (tmp_path / "state.jsonl").read_text().splitlines()]
    assert states == ["a", "b", "c"]
    (tmp_path / "known.txt").write_text("Hail.\n")
    assert dedupe(["e,Hail.,1", "f,Fog.,2"], "--against", "known.txt")[1] == ["f"]


def test_the_decision_of_a_model_finds_what_says_the_same(dedupe, trained):
    rows = ["a,the cat sleeps in the garden,1", "b,in the garden sleeps the cat,2"]
    code, _, removed, lines = dedupe(rows, "--model", trained, "--at-least", "0.01", by_words=False)
    assert code == 0, lines
    assert all(row["kind"] == "meaning" and 0 < row["probability"] <= 1 for row in removed)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gone.csv", "-o", "out.csv"), "gone.csv does not exist"),
        (("a.csv", "-o", "out.parquet"), "has the ending '.parquet'; texts are written as .jsonl, .csv, .tsv"),
        (("a.csv", "-o", "a.csv"), "a.csv exists"),
        (("a.csv", "-o", "out.csv", "--near", "0"), "near is 0; give a share above 0"),
        (("a.csv", "-o", "out.csv", "--column", "body"), "has no column 'body'; its columns: id, text"),
        (("a.csv", "-o", "out.csv", "--against", "gone"), "gone does not exist"),
        (("--table", "a.csv", "--on", "text"), "column by column are for match: siamese-text match FILE"),
    ],
)
def test_what_cannot_be_done_is_one_line(command, tmp_path, arguments, words):
    (tmp_path / "a.csv").write_text("id,text\na,Rain.\n")
    code, _, lines = command("dedupe", *arguments, "--by-words")
    assert (code, len(lines)) == (2, 1), lines
    assert words in lines[0]
    assert not (tmp_path / "out.csv").exists()


def test_texts_in_memory_are_told_by_their_places():
    from siamese_text import UsageError, deduplicate

    found = deduplicate([NOON, "rain", NOON.lower()], against=["Rain", "snow"], meaning=False)
    assert [(each.text, each.because_of, each.kind) for each in found] == [(1, -2, "exact"), (2, 0, "exact")]
    with pytest.raises(UsageError, match="text 1 is empty"):
        deduplicate(["tea", " "], meaning=False)
