"""A label under another name is never overlooked: it is taken and said, or its column is refused."""

import json

import pytest

from siamese_text.data.loading import load_examples, load_pairs
from siamese_text.data.unlabelled import load_unlabelled
from siamese_text.errors import BadData


@pytest.fixture
def table(write):
    def call(*names):
        rows = [dict(zip(names, (f"{n} is broken", f"{n} fails", n % 2), strict=True)) for n in range(20)]
        return write("own.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    return call


@pytest.mark.parametrize(
    "names",
    [
        ("sentence1", "sentence2", "is_duplicate"),
        ("sentence1", "sentence2", "score"),
        ("sentence1", "sentence2", "Label"),
        ("Sentence1", "Sentence2", "Quality"),
        ("question1", "question2", "is_duplicate"),
        ("sentence_A", "sentence_B", "relatedness_score"),
        ("#1 String", "#2 String", "Quality"),
        ("premise", "hypothesis", "label"),
        ("anchor", "positive", "score"),
    ],
)
def test_known_names_are_taken_and_said(table, names):
    path = table(*names)
    with pytest.warns(UserWarning, match=r"own\.jsonl: read .* as ") as said:
        found = next(load_examples(path, (None,)))
    assert len(said) == 1
    assert found.kind == "pairs"
    assert [row.label for row in found.examples] == [0.0, 1.0] * 10
    assert found.examples[1].texts == ("1 is broken", "1 fails")


@pytest.mark.parametrize("names", [("sentence1", "sentence2", "label "), ("anchor", "positive", "label")])
def test_a_label_with_a_space_or_beside_an_anchor_is_a_label(table, names):
    found = next(load_examples(table(*names), (None,)))
    assert (found.kind, [row.label for row in found.examples]) == ("pairs", [0.0, 1.0] * 10)


def test_a_column_that_nothing_reads_is_refused_with_both_ways_out(table):
    path = table("sentence1", "sentence2", "verdict")
    with pytest.raises(BadData, match=r"nothing reads its column verdict; --columns verdict=label .* verdict=ignore"):
        next(load_examples(path, (None,)))
    assert next(load_examples(path, (None,), columns="verdict=label")).kind == "pairs"
    assert next(load_examples(path, (None,), columns="verdict=ignore")).kind == "positives"
    assert next(load_examples(table("anchor", "positive", "pair_id"), (None,))).kind == "positives"


def test_two_columns_that_may_be_the_label_are_not_guessed(write):
    path = write("own.jsonl", json.dumps({"sentence1": "a", "sentence2": "b", "score": 1, "similarity": 0.5}))
    with pytest.raises(BadData, match="nothing reads its column score nor similarity"):
        next(load_examples(path, (None,)))
    with pytest.raises(BadData, match="no column label"):
        load_pairs(path)


def test_triplets_beside_a_label_are_refused(write):
    path = write("own.jsonl", json.dumps({"anchor": "a", "positive": "b", "negative": "c", "label": 0}))
    with pytest.raises(BadData, match=r"column label; .*label=ignore leaves it out"):
        next(load_examples(path, (None,)))


def test_pairs_to_be_scored_are_known_by_their_names_too(table):
    with pytest.warns(UserWarning, match="question1 as sentence1"):
        assert load_unlabelled(table("question1", "question2", "remark")).pairs[0].sides == ("0 is broken", "0 fails")


def test_a_decimal_comma_is_a_point(write):
    path = write("own.csv", "sentence1;sentence2;label\na;b;0,5\nc;d;1,0\n")
    assert [pair.label for pair in load_pairs(path).pairs] == [0.5, 1.0]


@pytest.mark.parametrize(
    "names", [("utterance", "intent"), ("Text", "Label"), ("text", "category"), ("sentence", "label")]
)
def test_a_text_and_its_class_are_known_by_their_names(write, names):
    path = write("own.csv", f"{names[0]},{names[1]},remark\nthe train is late,travel,x\nthe soup is cold,food,y\n")
    with pytest.warns(UserWarning, match=r"own\.csv: read .* as "):
        found = next(load_examples(path, (None,)))
    assert (found.kind, [row.texts for row in found.examples]) == (
        "classes",
        [("the train is late",), ("the soup is cold",)],
    )
    renamed = write("other.csv", "said,about\nthe train is late,travel\nthe soup is cold,food\n")
    assert next(load_examples(renamed, (None,), columns="said=text,about=label")).examples == found.examples
