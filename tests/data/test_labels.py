"""Labels as people write them become 0 and 1 where that is certain, which is said, and are refused where it is not."""

import json
import warnings

import pytest

from siamese_text.data.labels import WORDS, LabelReader, are_grades, choose_scale, label_names
from siamese_text.data.loading import load_examples, load_pairs
from siamese_text.errors import BadData, UsageError


@pytest.fixture
def labelled(write):
    def call(*labels, name="label"):
        rows = [{"sentence1": f"jar {n}", "sentence2": f"pot {n}", name: label} for n, label in enumerate(labels)]
        return write("own.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    return call


def labels(found):
    return [pair.label for pair in found.pairs]


@pytest.mark.parametrize(
    ("same", "different"),
    [("yes", "no"), ("Y", "N"), ("TRUE", "False"), ("duplicate", "not duplicate"), ("Duplicate", "non-duplicate"),
     ("paraphrase", "not_a_paraphrase"), ("same", "different"), ("equivalent", "not equivalent"),
     ("match", "no match")],
)  # fmt: skip
def test_words_that_cannot_be_mistaken_are_mapped_and_counted(labelled, same, different):
    with pytest.warns(
        UserWarning, match=r"own\.jsonl: label .* as 0 \(2 rows\).*; --columns label=label:SAME/DIFF"
    ) as said:
        assert labels(load_pairs(labelled(same, different, same, different, same))) == [1, 0, 1, 0, 1]
    assert len(said) == 1 and f"'{same.casefold()}' as 1 (3 rows)" in str(said[0].message)


def test_the_words_of_inference_are_mapped_and_what_is_neutral_is_left_out(labelled):
    path = labelled("Entailment", "neutral", "contradiction", "entailment")
    with pytest.warns(UserWarning, match=r"'contradiction' as 0 \(1 rows\), .* 'neutral' as no label \(1 rows\)"):
        found = load_pairs(path)
    assert labels(found) == [1, 0, 1]
    assert found.dropped == {"no label": 1}


def test_one_and_minus_one_are_mapped_and_counted_in_a_file_of_ones_own(labelled):
    with pytest.warns(UserWarning, match=r"own\.jsonl: label -1 as 0 \(2 rows\), 1 as 1 \(1 rows\)"):
        assert labels(load_pairs(labelled(-1, 1, "-1"))) == [0, 1, 0]
    with pytest.raises(BadData, match="label -1"):
        load_pairs(labelled(-1, 0, 1))  # -1 may as well mark what has no label


def test_one_and_two_are_refused_with_the_settings_that_say_it(labelled):
    path = labelled(1, 2, 2)
    with pytest.raises(BadData, match=r"--columns LABEL=label:1/2 if 1 is .* or label:2/1 if 2 is"):
        load_pairs(path)
    assert labels(load_pairs(path, columns="label=label:1/2")) == [1, 0, 0]
    assert labels(load_pairs(path, columns={"label": "label:2/1"})) == [0, 1, 1]
    assert labels(load_pairs(path, positive_from=2)) == [0, 1, 1]


def test_other_words_are_refused_with_the_setting_that_says_it(labelled):
    path = labelled("dup", "new", "Dup", None, name="verdict")
    with pytest.raises(BadData, match=r"label 'dup' in row 1 of .* --columns verdict=label:SAME/DIFFERENT"):
        load_pairs(path, columns="verdict=label")
    found = next(load_examples(path, (None,), columns="verdict=label:dup/new"))
    assert ([row.label for row in found.examples], found.dropped) == ([1, 0, 1], {"no label": 1})
    with pytest.raises(BadData, match=r"label 'new' in row 2 .* is neither of those that --columns names: dup and old"):
        load_pairs(path, columns="verdict=label:dup/old")


@pytest.mark.parametrize("written", ["label:", "label:a", "label:a/a", "label:a/b/c"])
def test_names_of_labels_are_two(labelled, written):
    with pytest.raises(UsageError, match="write label:SAME/DIFFERENT"):
        load_pairs(labelled(1, 0), columns={"label": written})
    assert label_names("not-a-match/A Match") == {"not a match": 1.0, "a match": 0.0}


def test_names_of_labels_are_for_pairs(write):
    path = write("own.csv", "text,label\na,dup\nb,new\n")
    with pytest.raises(UsageError, match="holds texts with classes"):
        next(load_examples(path, (None,), columns="label=label:dup/new"))


def test_grades_of_a_file_are_taken_by_their_own_range_and_said(labelled):
    path = labelled(0, 2.5, 4.8, 1)
    with pytest.warns(
        UserWarning, match="labels are taken as grades from 0 to 5 and scaled to 0 to 1; --positive-from X"
    ):
        found = load_pairs(path)
    assert found.graded and labels(found) == [0, 0.5, 0.96, 0.2]
    with pytest.raises(BadData, match=r"graded \(0 to 5\); .* add --positive-from 4"):
        found.check_binary()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert labels(load_pairs(path, positive_from=2.5)) == [0, 1, 1, 0]


@pytest.mark.parametrize("given", [(0, 1, 2), (1, 2, 3), (0, 1, 7), (0, 0.5, 1, 7), (-2, -1, 1, 2), (0, 40, 80, 5000)])
def test_what_may_be_classes_or_slips_is_refused(labelled, given):
    assert not are_grades(set(given))
    with pytest.raises(BadData, match=r"allowed are grades from 0 to 1; scale them .* --positive-from"):
        load_pairs(labelled(*given))


def test_numbers_keep_their_reading():
    reader = LabelReader()
    assert [reader.read(value) for value in (1, "0,5", " 1 ", True, "nan", "")] == [1, 0.5, 1, 1, None, None]
    assert reader.told() == ""
    assert not {"1", "0", "positive", "similar", ""} & set(WORDS)


def test_the_scale_of_a_known_set_is_its_own():
    from siamese_text.data.labels import BINARY

    assert choose_scale({0.0}, "paws", BINARY, neutral="drop", positive_from=None) is BINARY
