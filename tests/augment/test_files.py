"""Files of training pairs: what is written, counted and refused, from Python as from the command line."""

import json

import pytest

from siamese_text.augment import choose_rules
from siamese_text.augment.files import augment_file, mined_rows, read_minable, write_mined
from siamese_text.augment.mining import Mined, MinedRow, MiningOptions
from siamese_text.errors import BadData, BadOutput, NothingToDo, UsageError

SENTENCES = [f"The old mill near the river was closed on {day} May 1904." for day in range(1, 13)]
ROWS = (MinedRow("a", "p", ("b", "c"), 0.9, (0.8, 0.7)), MinedRow("d", "q", ("b",), 0.9, (0.8,)))
MINED = Mined(ROWS, looked_at=3, dropped={}, spare=0, short=1, options=MiningOptions(2))


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_sentences_of_a_list_and_of_a_file_give_the_same(tmp_path):
    (tmp_path / "sentences.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
    done = augment_file(SENTENCES, tmp_path / "list.jsonl", rules="turn-date", limit=5)
    assert (done.output, done.sentences, done.pairs) == (tmp_path / "list.jsonl", 12, {"turn-date": 5})
    augment_file(tmp_path / "sentences.txt", str(tmp_path / "file.jsonl"), rules=choose_rules("turn-date"), limit=5)
    assert read(tmp_path / "list.jsonl") == read(tmp_path / "file.jsonl")
    assert read(tmp_path / "list.jsonl")[0] == {
        "sentence1": SENTENCES[0],
        "sentence2": "The old mill near the river was closed on May 1, 1904.",
        "label": 1,
        "kind": "turn-date",
    }


def test_progress_is_told_of_sentences(tmp_path):
    seen = []
    augment_file(SENTENCES * 20, tmp_path / "out.jsonl", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 240), (100, 240), (200, 240)]


def test_an_output_that_exists_is_left_alone(tmp_path):
    (tmp_path / "out.jsonl").write_text("mine")
    with pytest.raises(BadOutput):
        augment_file(SENTENCES, tmp_path / "out.jsonl")
    with pytest.raises(BadOutput):
        write_mined(MINED, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "mine"
    augment_file(SENTENCES, tmp_path / "out.jsonl", overwrite=True)
    assert read(tmp_path / "out.jsonl")


def test_nothing_found_leaves_no_file(tmp_path):
    with pytest.raises(NothingToDo, match=r"no rule fitted any of the 12 sentences$"):
        augment_file(SENTENCES, tmp_path / "out.jsonl", rules="swap-names")
    with pytest.raises(NothingToDo, match="no negative was left"):
        write_mined(Mined((), 0, {}, 0, 0, MiningOptions()), tmp_path / "out.jsonl")
    assert not list(tmp_path.iterdir())


def test_tuples_leave_out_rows_with_fewer_negatives():
    assert list(mined_rows(MINED, "tuples")) == [{"anchor": "a", "positive": "p", "negative_1": "b", "negative_2": "c"}]
    assert len(list(mined_rows(MINED, "triplets"))) == 3


def test_pairs_hold_each_positive_once(tmp_path):
    twice = Mined((*ROWS, ROWS[0]), 3, {}, 0, 1, MiningOptions(2))
    assert write_mined(twice, tmp_path / "out.jsonl", "pairs") == 5
    assert [row["label"] for row in read(tmp_path / "out.jsonl")] == [1, 0, 0, 1, 0]
    with pytest.raises(UsageError, match="format is lists; choose from triplets, tuples, pairs"):
        write_mined(twice, tmp_path / "other.jsonl", "lists")


def test_what_can_be_mined_are_rows_that_say_the_same_among_all_texts(tmp_path):
    path = tmp_path / "own.jsonl"
    rows = [{"sentence1": "a", "sentence2": "b", "label": 1}, {"sentence1": "a", "sentence2": "c", "label": 0}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_minable(str(path))
    assert (found.positives, found.texts) == ([("a", "b")], ["a", "b", "c"])
    path.write_text(json.dumps(rows[1]))
    with pytest.raises(NothingToDo, match="say the same"):
        read_minable(str(path))
    path.write_text(json.dumps({"text": "a", "label": "b"}))
    with pytest.raises(BadData, match="holds classes"):
        read_minable(str(path))


def test_sentences_may_come_one_by_one(tmp_path):
    done = augment_file(iter([*SENTENCES, None]), tmp_path / "out.jsonl", rules="turn-date", limit=5)
    assert done.sentences == len(SENTENCES)
    with pytest.raises(UsageError, match="give a list"):
        augment_file(7, tmp_path / "none.jsonl")
