"""`match`: two tables and one, a review that is read back, and bad input."""

import csv
import json

import pytest

from tests.matching.conftest import people, slip

OURS, THEIRS, MATCHES = "ours.csv", "theirs.csv", "matches.csv"


def write(path, rows, separator=","):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        table.writeheader()
        table.writerows(rows)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tables(tmp_path):
    """40 people, and 30 of them with a slip in the name; one file has commas, the other semicolons, both a BOM."""
    import numpy as np

    generator = np.random.default_rng(1)
    rows = [{"id": f"a{number}", **row} for number, row in enumerate(people(40))]
    write(tmp_path / OURS, rows)
    theirs = [row | {"id": "b" + row["id"][1:], "name": slip(row["name"], generator)} for row in rows[:30]]
    write(tmp_path / THEIRS, theirs, ";")
    return tmp_path


def test_matches_are_written_with_the_weight_of_each_column(command, tables):
    code, out, lines = command(
        "match", OURS, THEIRS, "--on", "name,town,born:date", "-o", MATCHES, "--html", "why.html"
    )
    assert (code, out) == (0, "")
    assert "<h2>The least sure matches</h2>" in (tables / "why.html").read_text(encoding="utf-8")
    found = read(tables / MATCHES)
    right = [row for row in found if row["left"][1:] == row["right"][1:]]
    assert len(right) >= 28 and len(found) - len(right) <= 1
    for row in found:
        weights = [float(value) for name, value in row.items() if name.startswith("weight ")]
        assert len(weights) == 7 and float(row["probability"]) >= 0.5
        assert (sum(weights) > 0) == (float(row["probability"]) > 0.5)
    assert lines[0] == "compared: name (short), town (short), born (date)"
    assert "a row has at most one partner (--many-to-many if not)" in lines
    assert lines[-2:] == [f"wrote matches.csv: {len(found)} matches", "wrote why.html"]


def test_one_table_has_duplicates(command, tables):
    rows = read_rows = [{"name": row["name"], "town": row["town"]} for row in people(20)]
    write(tables / "one.tsv", [*rows, *read_rows[:5]], "\t")
    code, out, _ = command("match", "one.tsv", "-o", "twice.tsv", "--json")
    given = json.loads(out)
    assert code == 0 and given["one_partner"] == {"left": False, "right": False}
    with (tables / "twice.tsv").open(encoding="utf-8", newline="") as file:
        pairs = {(row["left"], row["right"]) for row in csv.DictReader(file, delimiter="\t")}
    assert {(str(row), str(20 + row)) for row in range(1, 6)} <= pairs


def test_a_review_is_filled_in_and_read_back(command, tables):
    command("match", OURS, THEIRS, "-o", MATCHES, "--review", "review.csv", "--review-pairs", "40")
    rows = read(tables / "review.csv")
    assert {"left name", "right name", "label", "stratum"} <= set(rows[0]) and {row["label"] for row in rows} == {""}
    for row in rows[:-1]:
        row["label"] = "1" if row["left"][1:] == row["right"][1:] else "0"
    write(tables / "review.csv", rows)
    options = ["--labels", "review.csv", "--review", "next.csv", "--overwrite", "--json"]
    code, out, lines = command("match", OURS, THEIRS, "-o", MATCHES, *options)
    given = json.loads(out)
    assert code == 3 and given["without_label"] == 1 and "1 rows of the labels have no label" in lines
    assert given["labelled_matches_that_are_candidates"] == 1 and given["labels"] == len(rows) - 1
    value, low, high = given["estimate"]["precision"]
    assert low <= value <= high and value > 0.8
    assert any(line.startswith("estimated from ") for line in lines)
    asked = {(row["left"], row["right"]) for row in read(tables / "next.csv")}
    assert asked and not asked & {(row["left"], row["right"]) for row in rows[:-1]}
    labelled = {(row["left"], row["right"]) for row in read(tables / MATCHES) if row["labelled"]}
    assert labelled == {(row["left"], row["right"]) for row in rows if row["label"] == "1"}


def test_a_list_of_known_matches_needs_no_column_of_labels(command, tables):
    write(tables / "known.csv", [{"left": "a0", "right": "b0"}, {"left": "a1", "right": "b1"}])
    code, _, lines = command("match", OURS, THEIRS, "-o", MATCHES, "--labels", "known.csv")
    assert code == 0
    assert "labels that were not drawn by --review tell nothing of precision and recall" in lines


def test_nothing_in_common_gives_a_table_of_no_matches(command, tmp_path):
    write(tmp_path / "l.csv", [{"name": f"abc {number}"} for number in range(20)])
    write(tmp_path / "r.csv", [{"name": f"xyz {number}"} for number in range(40, 60)])
    code, _, lines = command("match", "l.csv", "r.csv", "-o", MATCHES, "--on", "name")
    assert code in (0, 4) and len(lines) <= 5
    if code == 0:
        assert all(float(row["probability"]) >= 0.5 for row in read(tmp_path / MATCHES))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing.csv", THEIRS], 2, "missing.csv is no file"),
        ([OURS, THEIRS, "--on", "title"], 2, "has no column 'title'; its columns: id, name, town, born"),
        ([OURS, THEIRS, "--on", "name:money"], 2, "has the kind 'money'; choose from text, short, number, date"),
        ([OURS, THEIRS, "--on", "name:number"], 2, "cells are no number; compare it as name:short"),
        ([OURS, THEIRS, "--id-column", "town"], 2, "stands twice"),
        ([OURS, THEIRS, "--labels", "unknown.csv"], 2, "names the row 'zz', which theirs.csv does not have"),
        ([OURS, THEIRS, "--labels", "odd.csv"], 2, "has the label 'perhaps'; write 1 for a match and 0 for none"),
        ([OURS, THEIRS, "--labels", "blank.csv"], 4, "blank.csv has no label"),
        ([OURS, THEIRS, "--labels", OURS], 2, "has no column 'left'"),
        ([OURS, THEIRS, "--review", "out.xls"], 2, "has the ending '.xls'"),
        ([OURS, THEIRS, "--review", MATCHES], 2, "cannot hold both"),
        ([OURS, THEIRS, "--html", "page.pdf"], 2, "has the ending '.pdf'"),
        ([OURS, THEIRS, "--review-pairs", "0"], 2, "review pairs are 0"),
        (["one.csv"], 4, "has one row"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_writes_nothing(command, tables, arguments, code, words):
    for name, label in (("unknown", "1"), ("odd", "perhaps"), ("blank", "")):
        write(tables / f"{name}.csv", [{"left": "a0", "right": "zz" if name == "unknown" else "b0", "label": label}])
    write(tables / "one.csv", [{"name": "anna"}])
    before = sorted(tables.iterdir())
    got, out, lines = command("match", *arguments, "-o", MATCHES)
    assert (got, out) == (code, "")
    assert len(lines) == 1 and lines[0].startswith("error: ") and words in lines[0]
    assert sorted(tables.iterdir()) == before


def test_an_output_that_exists_is_kept(command, tables):
    (tables / MATCHES).write_text("mine")
    code, _, lines = command("match", OURS, THEIRS, "-o", MATCHES)
    assert code == 2 and "exists" in lines[0] and (tables / MATCHES).read_text() == "mine"
