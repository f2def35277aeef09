import gzip
import json
import os
from pathlib import Path

import pytest

from siamese_text.data.catalogue import CATALOGUE, where
from siamese_text.data.loading import load_pairs, load_train_and_validation
from siamese_text.data.pairs import PairSet
from siamese_text.data.splits import sentences_of, sharing
from siamese_text.errors import BadData, MissingInput, NothingToDo, UsageError
from siamese_text.records import Pair

REAL = os.environ.get("SIAMESE_TEXT_DATA", "")
needs_real_data = pytest.mark.skipif(not REAL, reason="SIAMESE_TEXT_DATA names no folder of data sets")

ROWS = [
    {"sentence1": "The kettle boils.", "sentence2": "Water is boiling.", "label": 1},
    {"sentence1": 'He said "no", twice.', "sentence2": "None", "label": 0},
]
PAIRS = (Pair("The kettle boils.", "Water is boiling.", 1.0), Pair('He said "no", twice.', "None", 0.0))


@pytest.fixture(autouse=True)
def no_data_of_this_machine(monkeypatch, tmp_path):
    import datasets

    monkeypatch.delenv("SIAMESE_TEXT_DATA", raising=False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hub-cache")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def write_jsonl(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def graded(*labels):
    return [{"sentence1": f"left {n}", "sentence2": f"right {n}", "label": label} for n, label in enumerate(labels)]


def labels(found):
    return [pair.label for pair in found.pairs]


def test_json_lines_are_read_plain_and_packed(tmp_path):
    plain = write_jsonl(tmp_path / "own.jsonl", ROWS)
    packed = tmp_path / "own.jsonl.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    assert load_pairs(plain) == PairSet(PAIRS, plain, "all", graded=False, origin=plain, dropped={})
    assert load_pairs(str(packed), "all").pairs == PAIRS


def test_csv_keeps_quoted_commas_a_byte_order_mark_and_words_that_look_like_nothing(tmp_path):
    path = tmp_path / "own.csv"
    lines = 'sentence1,sentence2,label\nThe kettle boils.,Water is boiling.,1\n"He said ""no"", twice.",None,0\n'
    path.write_text(lines, encoding="utf-8-sig")
    assert load_pairs(str(path)).pairs == PAIRS


def test_tab_separated_files_know_no_quotes(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text('id\tsentence1\tsentence2\tlabel\n7\t"Stop" he said\t"Stop!\t1\n8\tGo on\tStay"\t0\n')
    assert load_pairs(str(path)).pairs == (Pair('"Stop" he said', '"Stop!', 1.0), Pair("Go on", 'Stay"', 0.0))


def test_parquet_is_read(tmp_path):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "own.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    assert load_pairs(str(path)).pairs == PAIRS


def test_reading_leaves_no_file_behind_and_says_nothing(tmp_path, capfd):
    path = write_jsonl(tmp_path / "own.jsonl", ROWS)
    load_pairs(path)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["here", "own.jsonl"]
    assert capfd.readouterr() == ("", "")


def test_columns_are_found_by_name_and_can_be_renamed(tmp_path):
    rows = [{"label": 9, "kind": "swap", "b": "two", "same": 1, "a": "one"}]
    path = write_jsonl(tmp_path / "own.jsonl", rows)
    found = load_pairs(path, columns={"a": "sentence1", "b": "sentence2", "same": "label"})
    assert found.pairs == (Pair("one", "two", 1.0, "swap"),)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, r"no column sentence2; columns found: sentence1, text, label; .*--columns a=sentence2"),
        ({"b": "sentence2"}, r"no column b to read as sentence2; columns found: sentence1, text, label"),
        ({"text": "sentence3"}, r"no column sentence3; allowed: sentence1, sentence2, label, kind"),
        ({"label": "sentence2"}, r"no column label; columns found"),
    ],
)
def test_missing_and_unknown_columns_are_named(tmp_path, columns, message):
    path = write_jsonl(tmp_path / "own.jsonl", [{"sentence1": "a", "text": "b", "label": 1}])
    with pytest.raises(BadData, match=message):
        load_pairs(path, columns=columns)


def test_labels_may_be_numbers_words_of_them_or_truth_values(tmp_path):
    path = write_jsonl(tmp_path / "own.jsonl", graded(0, 1, "0", " 1 ", True, False, 1.0, "true"))
    assert labels(load_pairs(path)) == [0, 1, 0, 1, 1, 0, 1, 1]


def test_rows_without_text_or_label_are_dropped_and_counted(tmp_path):
    rows = graded(1, None, float("nan"), "", 0)
    rows += [{"sentence1": " ", "sentence2": "b", "label": 1}, {"sentence1": "a", "sentence2": None, "label": 1}]
    found = load_pairs(write_jsonl(tmp_path / "own.jsonl", rows))
    assert labels(found) == [1, 0]
    assert found.dropped == {"no label": 3, "empty text": 2}


def test_repeated_pairs_are_kept(tmp_path):
    assert len(load_pairs(write_jsonl(tmp_path / "own.jsonl", ROWS + ROWS)).pairs) == 4


@pytest.mark.parametrize("name", ["own.jsonl", "own.jsonl.gz", "own.csv", "own.tsv", "own.parquet"])
def test_a_file_without_rows_is_nothing_to_do(tmp_path, name):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / name
    if name.endswith("parquet"):
        parquet.write_table(pyarrow.table({"sentence1": pyarrow.array([], pyarrow.string())}), path)
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(b""))
    else:
        path.write_text("sentence1,sentence2,label\n" if name.endswith("csv") else "")
    with pytest.raises(NothingToDo, match="holds no rows"):
        load_pairs(str(path))


def test_rows_of_which_none_is_usable_are_nothing_to_do(tmp_path):
    with pytest.raises(NothingToDo, match=r"none of the 2 rows .* no label 2"):
        load_pairs(write_jsonl(tmp_path / "own.jsonl", graded(None, None)))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("own.jsonl", b'{"sentence1": "a"}\n{broken\n', "line 2 of .* is not JSON in UTF-8 .*; repair it"),
        ("own.jsonl.gz", b"not packed", "damaged gzip file .*; make it anew"),
        (
            "own.csv",
            b"sentence1,sentence2,label\na,b,1\na,b,1,1\n",
            "row 2 of .* has 4 cells, not 3; .* comma in quotes",
        ),
        (
            "own.csv",
            "sentence1,sentence2,label\ncaf\u00e9,b,1\n".encode("latin-1"),
            "cannot be read .*; save it as UTF-8",
        ),
        (
            "own.csv",
            b'sentence1,sentence2,label\na,b,1\n"a,b,1\n',
            "quote that opens in row 2 of .* never closed; repair",
        ),
        ("own.csv", b"sentence1,sentence1,label\na,b,1\n", "has two columns 'sentence1'; rename one"),
        ("own.parquet", b"PAR1 and nothing of it", "cannot be read as Parquet .*; save it anew"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_refused_in_one_line(tmp_path, name, content, words, capfd):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadData, match=words) as caught:
        load_pairs(str(path))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_another_ending_is_refused_with_those_allowed(tmp_path):
    (tmp_path / "own.xlsx").write_bytes(b"x")
    with pytest.raises(BadData, match=r"endings allowed: .jsonl.gz .jsonl .csv .tsv .parquet"):
        load_pairs(str(tmp_path / "own.xlsx"))


def test_a_label_that_is_no_number_is_shown_with_its_row(tmp_path):
    with pytest.raises(BadData, match=r"label 'alike' in row 2 .* allowed: 0 different, 1 same"):
        load_pairs(write_jsonl(tmp_path / "own.jsonl", graded(1, "alike")))


def test_labels_of_a_file_between_zero_and_one_are_grades(tmp_path):
    found = load_pairs(write_jsonl(tmp_path / "own.jsonl", graded(0, 0.25, 1)))
    assert found.graded
    assert labels(found) == [0, 0.25, 1]


def test_labels_of_a_file_beyond_one_need_a_scale(tmp_path):
    path = write_jsonl(tmp_path / "own.jsonl", graded(0, 2, 5))
    with pytest.raises(BadData, match=r"label 5 in .* grades from 0 to 1; scale them .* --positive-from"):
        load_pairs(path)
    found = load_pairs(path, positive_from=2)
    assert not found.graded
    assert labels(found) == [0, 1, 1]


def test_grades_of_a_known_set_are_scaled_from_its_range(tmp_path):
    write_jsonl(tmp_path / "sick" / "test.jsonl", graded(1, 2, 4.5, 5))
    found = load_pairs("sick", "test", data_dir=tmp_path)
    assert found.graded
    assert labels(found) == [0, 0.25, 0.875, 1]
    assert labels(load_pairs("sick", "test", data_dir=tmp_path, positive_from=4.5)) == [0, 0, 1, 1]


def test_a_label_outside_the_range_of_a_known_set_is_refused(tmp_path):
    write_jsonl(tmp_path / "stsb" / "test.jsonl", graded(0, 5, 7))
    with pytest.raises(BadData, match="label 7 in stsb: allowed are grades from 0 to 5"):
        load_pairs("stsb", "test", data_dir=tmp_path)


def test_inference_classes_become_same_and_different(tmp_path):
    write_jsonl(tmp_path / "snli" / "test.jsonl", graded(0, 1, 2, -1))
    found = load_pairs("snli", "test", data_dir=tmp_path)
    assert labels(found) == [1, 0]
    assert found.dropped == {"neutral": 1, "no label": 1}
    assert labels(load_pairs("snli", "test", data_dir=tmp_path, neutral="different")) == [1, 0, 0]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("snli", {"positive_from": 1}, "--positive-from 1 does not cut the labels of snli"),
        ("stsb", {"positive_from": 6}, "--positive-from 6 does not cut .* 0 to 5"),
        ("stsb", {"positive_from": 0}, "--positive-from 0 does not cut"),
        ("stsb", {"neutral": "different"}, "--neutral different: allowed are drop"),
        ("snli", {"neutral": "maybe"}, "--neutral maybe: allowed are drop and, for snli, different"),
    ],
)
def test_options_that_do_not_fit_the_labels_are_refused(tmp_path, name, options, message):
    write_jsonl(tmp_path / name / "test.jsonl", graded(0, 1, 2))
    with pytest.raises(UsageError, match=message):
        load_pairs(name, "test", data_dir=tmp_path, **options)


def test_train_and_validation_of_a_single_file_are_its_two_parts(tmp_path):
    path = write_jsonl(tmp_path / "own.jsonl", graded(*[0, 1] * 30))
    train, validation = load_train_and_validation(path)
    assert load_pairs(path, "train") == train
    assert load_pairs(path, "validation") == validation
    assert (len(train.pairs), len(validation.pairs)) == (54, 6)
    assert set(train.pairs) | set(validation.pairs) == set(load_pairs(path).pairs)
    assert validation.origin == f"a tenth of {path}, no sentence shared with the rest"


def test_no_option_moves_a_pair_from_one_part_to_the_other(tmp_path):
    write_jsonl(tmp_path / "snli" / "train.jsonl", graded(*[0, 1, 2] * 40))
    train = load_pairs("snli", "train", data_dir=tmp_path, neutral="different")
    validation = load_pairs("snli", "validation", data_dir=tmp_path)
    assert not sharing([pair.sides for pair in train.pairs], sentences_of(validation.pairs)).any()
    assert validation.dropped == {"neutral": 4}


def test_a_data_set_with_a_validation_split_is_not_cut(tmp_path):
    write_jsonl(tmp_path / "own" / "train.jsonl", graded(0, 1, 1))
    write_jsonl(tmp_path / "own" / "validation.jsonl", ROWS)
    train, validation = load_train_and_validation("own", data_dir=tmp_path)
    assert labels(train) == [0, 1, 1]
    assert validation.pairs == PAIRS


def test_pairs_that_are_all_linked_by_sentences_cannot_be_cut(tmp_path):
    rows = [{"sentence1": "the same anchor", "sentence2": f"side {n}", "label": n % 2} for n in range(30)]
    path = write_jsonl(tmp_path / "own.jsonl", rows)
    assert len(load_pairs(path, "train").pairs) == 30
    with pytest.raises(BadData, match=r"no validation split can be cut off .*: all its rows are linked"):
        load_pairs(path, "validation")


def test_graded_labels_are_no_two_classes(tmp_path):
    write_jsonl(tmp_path / "stsb" / "test.jsonl", graded(0, 5))
    with pytest.raises(BadData, match=r"labels of stsb are graded \(0 to 5\); .* add --positive-from 4"):
        load_pairs("stsb", "test", data_dir=tmp_path).check_binary()
    load_pairs("stsb", "test", data_dir=tmp_path, positive_from=4).check_binary()


def test_one_class_only_is_refused(tmp_path):
    path = write_jsonl(tmp_path / "own.jsonl", graded(1, 1, 1))
    with pytest.raises(BadData, match=r"one class only: all 3 labels .* are 1"):
        load_pairs(path).check_binary()


def test_a_miss_names_each_place_and_comes_at_once(tmp_path, capfd):
    with pytest.raises(MissingInput) as caught:
        load_pairs("mrpc", "test", data_dir=tmp_path)
    message = str(caught.value)
    for words in ("the path mrpc", str(tmp_path / "mrpc" / "test.*"), "the hub's cache", "nyu-mll/glue", "connect"):
        assert words in message
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")  # no word of a retry


def test_the_cache_of_the_hub_is_read_without_a_network(tmp_path):
    import pyarrow
    from datasets.packaged_modules.parquet.parquet import Parquet
    from pyarrow import parquet

    rows = [{"question1": "Is tea hot?", "question2": "How hot is tea?", "label": label} for label in (0, 1, -1)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    files = dict.fromkeys(("train", "validation"), str(tmp_path / "rows.parquet"))
    builder = Parquet(
        cache_dir=str(tmp_path / "built"), dataset_name="glue", config_name="qqp", hash="0123", data_files=files
    )
    builder.download_and_prepare()
    place = tmp_path / "hub-cache" / "nyu-mll___glue" / "qqp" / "0.0.0" / "0123"  # as a download leaves it
    place.parent.mkdir(parents=True)
    Path(builder.cache_dir).rename(place)
    assert where(CATALOGUE["qqp"], "validation") == "hub cache"
    found = load_pairs("qqp", "validation")
    assert found.pairs == (Pair("Is tea hot?", "How hot is tea?", 0.0), Pair("Is tea hot?", "How hot is tea?", 1.0))
    assert found.dropped == {"no label": 1}
    assert found.origin == "nyu-mll/glue qqp validation in the hub's cache"


def test_the_bundled_sample_holds_both_classes_and_no_shared_sentence():
    train, validation = load_train_and_validation("sample")
    test = load_pairs("sample", "test")
    for part in (train, validation, test):
        part.check_binary()
        assert all(pair.kind for pair in part.pairs)
    assert not sharing([pair.sides for pair in train.pairs], sentences_of([*validation.pairs, *test.pairs])).any()


@needs_real_data
def test_real_snli_keeps_entailment_and_contradiction():
    train, validation = load_train_and_validation("snli", data_dir=Path(REAL))
    assert len(train.pairs) + len(validation.pairs) == 3329 + 3278
    assert train.dropped["neutral"] + validation.dropped["neutral"] == 3235


@needs_real_data
def test_real_mrpc_is_cut_without_a_shared_sentence():
    train, validation = load_train_and_validation("mrpc", data_dir=Path(REAL))
    assert len(train.pairs) + len(validation.pairs) == 4076
    assert 400 <= len(validation.pairs) <= 410
    assert not sharing([pair.sides for pair in train.pairs], sentences_of(validation.pairs)).any()
