"""Data in memory is read as the same data in a file is, whatever it comes in; what is none is refused in one line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from siamese_text.data.given import GivenData, as_source, is_table, sides_of, table_of, texts_of
from siamese_text.data.loading import load_examples, load_pairs
from siamese_text.errors import BadData, MissingInput, NothingToDo, UsageError
from siamese_text.records import Example, Pair

ROWS = [{"sentence1": f"lamp {n}", "sentence2": f"light {n}", "label": n % 2} for n in range(8)]
TRIPLES = [tuple(row.values()) for row in ROWS]


def forms():
    """The rows in every form in which they may be given."""
    import datasets
    import pandas as pd
    import pyarrow

    columns = {name: [row[name] for row in ROWS] for name in ROWS[0]}
    return {
        "tuples": TRIPLES,
        "lists": [list(row) for row in TRIPLES],
        "mappings": ROWS,
        "pairs": [Pair(*row) for row in TRIPLES],
        "examples": tuple(Example(row[:2], row[2]) for row in TRIPLES),
        "generator": (row for row in TRIPLES),
        "zip": zip(*columns.values(), strict=True),
        "columns": columns,
        "array": np.array(TRIPLES, dtype=object),
        "Series": pd.Series(TRIPLES),
        "DataFrame": pd.DataFrame(ROWS, index=range(5, 13)),
        "Dataset": datasets.Dataset.from_list(ROWS),
        "numpy Dataset": datasets.Dataset.from_list(ROWS).with_format("numpy"),
        "Arrow": pyarrow.Table.from_pylist(ROWS),
    }


@pytest.fixture
def file(write):
    return write("own.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))


@pytest.mark.parametrize("form", forms())
def test_every_form_gives_what_the_file_gives(file, form):
    expected = load_pairs(file)
    assert load_pairs(forms()[form]).pairs == expected.pairs
    train, validation = load_examples(forms()[form], ("train", "validation"))
    assert [train.examples, validation.examples] == [
        each.examples for each in load_examples(file, ("train", "validation"))
    ]
    assert sides_of([row[:2] for row in TRIPLES]) == [pair.sides for pair in expected.pairs]


def test_names_and_paths_stay_what_they_are():
    assert as_source("sample") == "sample" and not isinstance(as_source("sample"), GivenData)
    assert as_source(Path("a.csv")) == Path("a.csv")


def test_a_data_set_of_splits_has_its_splits():
    import datasets

    given = as_source(datasets.DatasetDict({part: datasets.Dataset.from_list(ROWS[:4]) for part in ("train", "test")}))
    assert len(load_pairs(given, "test").pairs) == 4
    with pytest.raises(UsageError, match="name one of its splits: train, test"):
        load_pairs(given)
    with pytest.raises(MissingInput, match="DataFrame has no split test; it has train"):
        load_pairs(GivenData("DataFrame", {"train": table_of(ROWS)}), "test")


def test_columns_are_renamed_and_labels_found_as_in_files():
    rows = [{"a": f"cup {n}", "b": f"mug {n}", "same": ("no", "yes")[n % 2]} for n in range(4)]
    with pytest.warns(UserWarning, match=r"list: label 'no' as 0 \(2 rows\), 'yes' as 1 \(2 rows\)"):
        found = load_pairs(rows, columns="a=sentence1,b=sentence2,same=label")
    assert [pair.label for pair in found.pairs] == [0, 1, 0, 1]
    assert next(load_examples([("a", "b"), ("c", "d")], (None,))).kind == "positives"


def test_texts_that_are_missing_are_left_out_and_counted():
    import pandas as pd

    frame = pd.DataFrame(
        {"sentence1": ["a", None, "c", " "], "sentence2": ["b", "b", pd.NA, "b"], "label": [1, 0, 1, 0]}
    )
    assert load_pairs(frame).dropped == {"empty text": 3}
    assert load_pairs([("a", "b", 1), (None, "b", 0), (float("nan"), "b", 1), ("c", "d", pd.NA)]).dropped == {
        "empty text": 2,
        "no label": 1,
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (7, "rows are 7, of type int; give a path"),
        (None, "rows are None, of type NoneType"),
        (b"a", "of type bytes"),
        (["a", "b"], "row 1 of list is 'a', of type str; give rows as pairs"),
        (("a cat", "a dog"), "row 1 of tuple is 'a cat'"),
        ([("a", "b"), None], "row 2 of list is None"),
        ([("a",)], "row 1 of list"),
        ([ROWS[0], ("a", "b")], "mappings and others"),
        ({"sentence1": ["a"], "sentence2": []}, "differ in length"),
    ],
)
def test_what_is_no_data_is_said_in_one_line(data, words):
    with pytest.raises(UsageError, match=words) as caught:
        as_source(data)
    assert "\n" not in str(caught.value)


def test_nothing_at_all_is_nothing_to_do():
    import pandas as pd

    for data in ([], iter(()), {}, pd.DataFrame()):
        with pytest.raises(NothingToDo):
            as_source(data)
    with pytest.raises(NothingToDo, match="there are no pairs"):
        sides_of([])


def test_cells_that_are_no_texts_are_refused():
    with pytest.raises(BadData, match=r"a text is b'x', of type bytes; give text \(row 2 of list\)"):
        load_pairs([("a", "b", 1), (b"x", "b", 0)])
    with pytest.raises(BadData, match="row 1 of list holds half a character"):
        load_pairs([("a \ud800", "b", 1)])
    with pytest.raises(BadData, match="two columns 'label'"):
        load_pairs({"label": [1], "label ": [0]})


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("a", " "), "a text is empty"),
        ((None, "a"), "a text is empty"),
        (("a", float("nan")), "a text is empty"),
        (("a", "\udcff"), "a text holds half a character"),
        (("a", ["b"]), "of type list"),
    ],
)
def test_a_pair_that_is_to_be_answered_has_two_texts(pair, words):
    with pytest.raises(UsageError, match=rf"{words}.* \(pair 2\)"):
        sides_of([("a", "b"), pair])


def test_texts_come_in_any_form():
    import pandas as pd

    for texts in (["a", "7"], pd.Series(["a", 7]), np.array(["a", "7"]), iter(("a", "7"))):
        assert texts_of(texts) == ["a", "7"]
    for wrong in ("a", Path("a"), {"a": 1}, 7):
        with pytest.raises(UsageError, match="give a list"):
            texts_of(wrong)


def test_named_columns_are_told_from_rows():
    assert is_table({}) and is_table(ROWS) and not is_table(TRIPLES) and not is_table(iter(ROWS))


def test_no_library_is_imported_to_recognise_what_is_given():
    code = "import sys; from siamese_text.data.given import as_source; as_source([('a', 'b', 1)])"
    code += "; assert not {'pandas', 'datasets', 'pyarrow', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
