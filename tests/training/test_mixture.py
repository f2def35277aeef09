"""Further data sets and trackers: what ``mixture``, ``interleave`` and ``report_to`` add to a run."""

import json
import math

import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.records import Example, Pair
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet, load_training_data
from siamese_text.training.run import run_training
from siamese_text.training.settings import TrainSettings

ANIMALS = ("cat", "dog", "bird", "bee")
MAIN = [
    {"sentence1": f"the {animal} sleeps {i}", "sentence2": f"a {animal} is asleep {i}", "label": i % 2}
    for animal in ANIMALS
    for i in range(6)
]
HELD_OUT = [row | {"sentence1": row["sentence1"] + " again", "sentence2": row["sentence2"] + " again"} for row in MAIN]
TRIPLETS = [{"anchor": f"one {i}", "positive": f"two {i}", "negative": f"three {i}"} for i in range(30)]


@pytest.fixture
def data(tmp_path):
    """A folder of data sets: own (pairs), three (triplets), leaky (triplets, two of which are held out elsewhere)."""
    leaky = [*TRIPLETS, {**TRIPLETS[0], "anchor": "again sleeps the cat 0"}, {**TRIPLETS[1], "negative": "x"}]
    sets = {"own/train": MAIN, "own/validation": HELD_OUT, "three/train": TRIPLETS, "leaky/train": leaky}
    for name, rows in sets.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


@pytest.fixture
def settings(tiny_sentence_model):
    return TrainSettings().changed(
        {"dataset": "own", "model": str(tiny_sentence_model), "per_device_train_batch_size": 6, "num_train_epochs": 1}
    )


@pytest.fixture
def load_tiny(tiny_sentence_model):
    return lambda: TorchEncoder.load(tiny_sentence_model, device="cpu")


def test_a_further_set_brings_its_shape_loss_and_weight(settings, data):
    mixed = settings.changed({"mixture": "three; leaky:triplet:0.5"})
    sets = load_training_data(mixed, data).sets
    assert [(each.name, each.kind, each.loss, each.weight) for each in sets] == [
        ("own", "pairs", "bce", 1.0),
        ("three", "triplets", "infonce", 1.0),
        ("leaky", "triplets", "triplet", 0.5),
    ]


def test_rows_of_a_further_set_that_share_a_held_out_sentence_are_left_out(settings, data):
    found = load_training_data(settings.changed({"mixture": "leaky"}), data)
    assert found.leaked == {"leaky": 1}


def test_what_a_further_set_lost_and_where_it_was_read_is_told(settings, data):
    (data / "made").mkdir()
    for split, rows in (("train", [TRIPLETS[0] | {"anchor": " "}, *TRIPLETS[1:]]), ("validation", TRIPLETS[:1])):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (data / "made" / f"{split}.jsonl").write_text(text, encoding="utf-8")
    found = load_training_data(settings.changed({"mixture": "made"}), data)
    assert found.origins["made/train"] == str(data / "made" / "train.jsonl")
    assert found.dropped == {"made/train": {"empty text": 1}}


@pytest.mark.parametrize(("rows", "taken"), [(8, 8), (27, 27), (900, 27)])
def test_a_further_set_brings_so_many_rows_an_epoch_of_all_it_has(settings, data, tmp_path, rows, taken):
    mixed = settings.changed({"mixture": f"three:infonce:1:{rows}"})
    further = load_training_data(mixed, data).sets[1]
    assert (len(further.examples), further.epoch_rows) == (27, taken)
    report = run_training(mixed, tmp_path / "model", data_dir=data, device="cpu")
    assert len(report.history.steps) == 24 // 6 + math.ceil(taken / 6)


@pytest.mark.parametrize("rows", ["0", "-1", "many", "1.5"])
def test_a_number_of_rows_that_is_none_is_refused(settings, data, rows):
    with pytest.raises(UsageError, match=f"number of rows is '{rows}' in mixture"):
        load_training_data(settings.changed({"mixture": f"three:infonce:1:{rows}"}), data)


@pytest.fixture
def with_mrpc(data):
    """A known further set, of whose rows one stands in its own held-out part and one in that of the main set."""
    rows = {
        "train": [*MAIN, {"sentence1": "again sleeps the cat 0", "sentence2": "x", "label": 1}],
        "validation": [{"sentence1": f"left {i}", "sentence2": f"right {i}", "label": i % 2} for i in range(8)],
    }
    rows["train"].append(rows["validation"][0])
    (data / "mrpc").mkdir()
    for name, lines in rows.items():
        (data / "mrpc" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    return data


def test_a_run_says_what_became_of_the_known_further_sets(settings, with_mrpc, tmp_path):
    mixed = settings.changed({"mixture": "mrpc:bce; three", "max_steps": 2})
    report = run_training(mixed, tmp_path / "model", data_dir=with_mrpc, device="cpu")
    assert report.data.leaked["mrpc"] == 2
    before, after = report.extra["mrpc"]
    assert (before.pairs, before.model, after.model) == (8, f"{settings.model} untrained", f"{settings.model} trained")
    assert report.extra.keys() == {"mrpc"}
    saved = json.loads((tmp_path / "model" / "report.json").read_text())
    assert saved["mixture"]["mrpc"]["after"]["ap"] == after.ap


def test_sets_with_a_loss_of_one_name_teach_one_head(settings, data, load_tiny):
    rows = [Example((row["sentence1"], row["sentence2"]), float(row["label"])) for row in MAIN]
    pairs = [Pair(*row.texts, row.label) for row in rows]
    sets = [TrainSet(name, rows, "pairs", loss) for name, loss in (("one", "bce"), ("two", "bce + cosent"))]
    fitted = [fit(load_tiny(), sets[:count], pairs, settings.changed({"max_steps": 20})) for count in (1, 2)]
    alone, together = (each.head.weights["hidden.weight"] for each in fitted)
    assert not (alone == together).all()
    assert together.shape == alone.shape


@pytest.mark.parametrize("weight", ["0", "-1", "much", "inf"])
def test_a_weight_that_is_none_is_refused(settings, data, weight):
    with pytest.raises(UsageError, match=f"weight is '{weight}' in mixture"):
        load_training_data(settings.changed({"mixture": f"three:infonce:{weight}"}), data)


def test_a_loss_that_does_not_take_the_shape_is_refused(settings, data):
    with pytest.raises(UsageError, match="bce takes graded or pairs, the data are triplets"):
        load_training_data(settings.changed({"mixture": "three:bce"}), data)


@pytest.mark.parametrize("mix", ["proportional", "round-robin"])
def test_a_run_learns_from_all_sets(settings, data, tmp_path, mix):
    report = run_training(settings.changed({"mixture": "three", "interleave": mix}), tmp_path / "model", data_dir=data)
    saved = json.loads((tmp_path / "model" / "report.json").read_text())
    assert saved["data"]["training_rows"] == {"own": 24, "three": 27}  # a tenth of a set without validation is kept off
    assert len(report.history.steps) == {"proportional": 4 + 5, "round-robin": 2 * 4}[mix]


def test_the_weight_of_a_set_scales_its_gradient(tiny_sentence_model):
    rows = [Example((row["anchor"], row["positive"], row["negative"])) for row in TRIPLETS[:6]]
    pairs = [Pair(row["sentence1"], row["sentence2"], row["label"]) for row in HELD_OUT]
    settings = TrainSettings(per_device_train_batch_size=6, max_steps=1, dropout=0.0, max_grad_norm=0.0)
    norms = []
    for weight in (1.0, 0.25):
        encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
        fitted = fit(encoder, [TrainSet("three", rows, "triplets", "triplet", weight)], pairs, settings, held_out=rows)
        norms.append(fitted.history.steps[0].gradient_norm)
    assert norms[1] == pytest.approx(norms[0] / 4, rel=1e-5)
    assert norms[0] > 0


def test_tensorboard_gets_every_step_and_validation(settings, data, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard", reason="the tracker needs tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.chdir(tmp_path)
    report = run_training(settings.changed({"report_to": "tensorboard"}), tmp_path / "model", data_dir=data)
    (events,) = (tmp_path / "runs").glob("*/events.out.tfevents*")  # settings have a folder of their own
    found = EventAccumulator(str(events)).Reload()
    for name in ("loss", "learning_rate", "gradient_norm", "spread", "pairs_per_second"):
        told = [(event.step, event.value) for event in found.Scalars(name)]
        kept = [(record.step, getattr(record, name)) for record in report.history.steps]
        assert told == [(step, pytest.approx(value, rel=1e-5)) for step, value in kept]
    assert [event.value for event in found.Scalars("AP")] == pytest.approx(
        [record.value for record in report.history.validations]
    )
    assert torch.isfinite(torch.tensor([event.value for event in found.Scalars("validation_loss")])).all()


def test_an_unknown_tracker_is_refused():
    with pytest.raises(UsageError, match="report_to is 'paper'"):
        TrainSettings(report_to="paper")
