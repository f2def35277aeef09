"""Data of every kind: told by the columns, split without a shared sentence, and measured by pairs."""

import json

import pytest

from siamese_text.data.examples import evaluation_pairs
from siamese_text.data.loading import load_examples
from siamese_text.data.splits import sentences_of, sharing
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.records import Example
from siamese_text.training.mixture import load_training_data
from siamese_text.training.run import run_training
from siamese_text.training.settings import TrainSettings

ANIMALS = ("cat", "dog", "bird", "horse", "bee")
TRIPLETS = [
    {"anchor": f"the {animal} eats {i}", "positive": f"a {animal} is eating {i}", "negative": f"no {animal} eats {i}"}
    for animal in ANIMALS
    for i in range(8)
]
POSITIVES = [{"sentence1": row["anchor"], "sentence2": row["positive"]} for row in TRIPLETS]
PAIRS = [row | {"label": 1} for row in POSITIVES] + [
    {"sentence1": f"again {row['anchor']}", "sentence2": f"again {row['negative']}", "label": 0} for row in TRIPLETS
]
GRADED = [row | {"label": (i % 5) / 4} for i, row in enumerate(PAIRS)]
CLASSES = [{"text": f"the {animal} eats {i}", "label": animal} for animal in ANIMALS for i in range(30)]
DATA_KINDS = {"triplets": TRIPLETS, "positives": POSITIVES, "pairs": PAIRS, "graded": GRADED, "classes": CLASSES}


@pytest.fixture
def write(tmp_path):
    def write_rows(rows, name="rows.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(tmp_path / name)

    return write_rows


def load(source, split="train", **options):
    return next(load_examples(source, (split,), **options))


@pytest.mark.parametrize("kind", DATA_KINDS)
def test_the_columns_tell_the_shape(write, kind):
    found = load(write(DATA_KINDS[kind]), "all")
    assert found.kind == kind
    assert len(found.examples) == len(DATA_KINDS[kind])
    first = DATA_KINDS[kind][0]
    assert found.examples[0].texts == tuple(value for name, value in first.items() if name != "label")


def test_more_negatives_are_more_columns_in_their_order(write):
    rows = [
        {"negative_2": f"c {i}", "anchor": f"a {i}", "negative_1": f"b {i}", "positive": f"p {i}"} for i in range(3)
    ]
    assert load(write(rows), "all").examples[1] == Example(("a 1", "p 1", "b 1", "c 1"))


def test_pairs_that_are_all_the_same_are_positives(write):
    found = load(write([row | {"label": 1} for row in POSITIVES]), "all")
    assert found.kind == "positives"
    assert {row.label for row in found.examples} == {None}


def test_columns_can_be_renamed(write):
    rows = [{"query": row["anchor"], "answer": row["positive"]} for row in TRIPLETS]
    assert load(write(rows), "all", columns={"query": "anchor", "answer": "positive"}).kind == "positives"


def test_columns_of_no_shape_are_named(write):
    with pytest.raises(BadData, match="has the columns left, right; needed are sentence1, sentence2 and label; or"):
        load(write([{"left": "a", "right": "b"}]))


def test_options_for_labelled_pairs_are_refused_elsewhere(write):
    with pytest.raises(UsageError, match="holds triplets"):
        load(write(TRIPLETS), positive_from=0.5)


def test_rows_without_text_or_class_are_counted(write):
    rows = [*CLASSES, {"text": " ", "label": "cat"}, {"text": "who", "label": None}]
    found = load(write(rows), "all")
    assert found.dropped == {"empty text": 1, "no label": 1}
    assert {row.label for row in found.examples} == {0.0, 1.0, 2.0, 3.0, 4.0}
    with pytest.raises(NothingToDo, match="none of the 1 rows"):
        load(write([{"text": "", "label": "cat"}], "empty.jsonl"), "all")


@pytest.mark.parametrize("kind", DATA_KINDS)
def test_a_tenth_is_held_out_that_shares_no_sentence(write, kind):
    path = write(DATA_KINDS[kind])
    train, validation = load_examples(path, ("train", "validation"))
    assert len(train.examples) + len(validation.examples) == len(DATA_KINDS[kind])
    assert len(validation.examples) == pytest.approx(len(DATA_KINDS[kind]) / 10, abs=4)
    assert not sharing([row.texts for row in train.examples], sentences_of(validation.examples)).any()
    assert load(path, "validation") == validation


def test_triplets_are_measured_by_their_own_pairs():
    pairs = evaluation_pairs([Example(("a", "p", "n", "m")), Example(("a", "p", "o"))], "triplets")
    assert [(*pair.sides, pair.label) for pair in pairs] == [
        ("a", "p", 1.0), ("a", "n", 0.0), ("a", "m", 0.0), ("a", "o", 0.0)
    ]  # fmt: skip


def test_positives_are_measured_beside_texts_that_they_share_nothing_with():
    rows = [Example((f"left {i // 2}", f"right {i}")) for i in range(40)]  # two rows share their first text
    pairs = evaluation_pairs(rows, "positives")
    assert [pair.sides for pair in pairs if pair.label == 1] == [row.texts for row in rows]
    negatives = [pair.sides for pair in pairs if pair.label == 0]
    assert len(negatives) > 30
    assert all(int(left.split()[1]) != int(right.split()[1]) // 2 for left, right in negatives)
    assert pairs == evaluation_pairs(rows, "positives")


def test_classes_are_measured_by_pairs_within_and_across():
    rows = [Example((f"{i % 3} text {i}",), float(i % 3)) for i in range(30)]
    pairs = evaluation_pairs(rows, "classes")
    assert all((pair.sentence1[0] == pair.sentence2[0]) == (pair.label == 1) for pair in pairs)
    assert sum(pair.label for pair in pairs) == pytest.approx(len(pairs) / 2, abs=6)
    assert all(pair.sentence1 != pair.sentence2 for pair in pairs)


@pytest.fixture
def settings(tiny_sentence_model):
    changes = {
        "model": str(tiny_sentence_model),
        "num_train_epochs": 1,
        "per_device_train_batch_size": 8,
        "learning_rate": 1e-3,
        "warmup_ratio": 0.0,
    }
    return TrainSettings().changed(changes)


@pytest.mark.parametrize(
    ("kind", "changes", "loss"),
    [
        ("triplets", {}, "infonce"),
        ("positives", {}, "infonce"),
        ("pairs", {}, "bce"),
        ("graded", {}, "cosent"),
        ("classes", {"per_class": 4}, "triplet"),
        ("classes", {"loss": "prototypical", "ways": 2, "shots": 1, "queries": 1}, "prototypical"),
    ],
)
def test_every_shape_trains_with_the_loss_that_suits_it(write, settings, tmp_path, kind, changes, loss):
    settings = settings.changed({"dataset": write(DATA_KINDS[kind])} | changes)
    report = run_training(settings, tmp_path / "model")
    assert report.data.sets[0].loss == loss
    assert (report.decision is None) == (kind == "graded")
    saved = json.loads((tmp_path / "model" / "report.json").read_text())
    assert saved["data"]["training_rows"] == {settings.dataset: len(report.data.sets[0].examples)}
    metric = "Spearman" if kind == "graded" else "AP"
    assert {record.metric for record in report.history.validations} == {metric}
    assert metric in (tmp_path / "model" / "README.md").read_text()
    assert (tmp_path / "model" / "curves.png").stat().st_size > 1000


def test_positives_can_be_measured_by_labelled_pairs(write, settings, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    write(POSITIVES[:20], "own/train.jsonl")
    write(PAIRS[20:60], "own/validation.jsonl")
    data = load_training_data(settings.changed({"dataset": str(folder)}), None)
    assert data.sets[0].kind == "positives"
    assert {pair.label for pair in data.held_out["validation"]} == {0.0, 1.0}
    assert len(data.validation) == 20
    assert {row.label for row in data.validation} == {None}


def test_validation_rows_of_another_shape_are_refused(write, settings, tmp_path):
    (tmp_path / "own").mkdir()
    write(TRIPLETS, "own/train.jsonl")
    write(PAIRS, "own/validation.jsonl")
    with pytest.raises(BadData, match="are triplets, those of validation are pairs"):
        load_training_data(settings.changed({"dataset": str(tmp_path / "own")}), None)


def test_training_rows_that_all_share_a_sentence_leave_nothing(write, settings, tmp_path):
    (tmp_path / "own").mkdir()
    write(PAIRS, "own/train.jsonl")
    write(PAIRS, "own/validation.jsonl")
    with pytest.raises(NothingToDo, match="all 80 training rows"):
        load_training_data(settings.changed({"dataset": str(tmp_path / "own")}), None)


def test_a_loss_that_does_not_take_the_shape_is_refused_before_anything_is_loaded(write, settings, tmp_path):
    wrong = settings.changed({"dataset": write(TRIPLETS), "loss": "bce", "model": "no-such-encoder"})
    with pytest.raises(UsageError, match="bce takes graded or pairs, the data are triplets; for triplets choose from"):
        run_training(wrong, tmp_path / "model")
