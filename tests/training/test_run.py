import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadData, BadOutput, MissingInput, SiameseTextError, UsageError
from siamese_text.evaluation.evaluation import evaluate_binary
from siamese_text.evaluation.labelled_predictions import label_predictions
from siamese_text.records import Pair
from siamese_text.scoring.decision import describe_pairs
from siamese_text.scoring.fit_decision import choose_decision
from siamese_text.scoring.metrics import average_precision
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import read_classifier
from siamese_text.training import accelerator
from siamese_text.training.checkpoints import Checkpoint, generator_state, write_checkpoint
from siamese_text.training.history import History
from siamese_text.training.mixture import load_training_data
from siamese_text.training.run import run_training, save
from siamese_text.training.settings import TrainSettings
from tests.training.sentences import ACTIONS, SUBJECTS

PLACES = {"train": "in winter", "validation": "after the rain", "test": "early in the day"}
FIGURES = {
    "ap",
    "roc_auc",
    "accuracy",
    "f1",
    "mcc",
    "threshold",
    "ece",
    "brier",
    "oracle_accuracy",
    "majority_accuracy",
}


def make_rows(split, count, seed):
    """Rows of which every other says the same; the openings keep the splits apart."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        subject = random.choice(SUBJECTS)
        action, other = random.permutation(ACTIONS)[:2]
        left = f"{PLACES[split]} {subject} {action}"
        right = f"{PLACES[split]} again {subject} {other if number % 2 else action}"
        rows.append({"sentence1": left, "sentence2": right, "label": 1 - number % 2})
    return rows


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


ROWS = {
    "train": make_rows("train", 60, 0),
    "validation": make_rows("validation", 30, 1),
    "test": make_rows("test", 24, 2),
}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A folder with the data set `own` in three splits and `short` without a test split."""
    folder = tmp_path_factory.mktemp("data")
    for split, rows in ROWS.items():
        write_rows(folder / "own" / f"{split}.jsonl", rows)
        if split != "test":
            write_rows(folder / "short" / f"{split}.jsonl", rows[:20])
    return folder


@pytest.fixture(scope="module")
def settings(tiny_sentence_model):
    """A quick run on `short`."""
    return TrainSettings(
        dataset="short",
        model=str(tiny_sentence_model),
        loss="contrastive",
        per_device_train_batch_size=8,
        learning_rate=1e-3,
        num_train_epochs=1,
    )


class Log:
    """An observer that keeps what it is told."""

    def __init__(self):
        self.events = []

    def loaded(self, data):
        self.events.append(("loaded", len(data.sets[0].examples)))

    def evaluated_before(self, before):
        self.events.append(("before", list(before)))

    def started(self, steps, done):
        self.events.append(("started", steps, done))

    def stepped(self, record):
        self.events.append(("stepped", record.step))

    def validated(self, record):
        self.events.append(("validated", record.step))


@pytest.fixture(scope="module")
def log():
    return Log()


@pytest.fixture(scope="module")
def trained(settings, data_dir, log, tmp_path_factory):
    """The report of a run with a twin head on `own`, which has a test split, in the place of an older model."""
    output = tmp_path_factory.mktemp("trained") / "model"
    write_rows(output / "modules.json", [])
    write_rows(output / "2_Dense" / "config.json", [{"of": "the old model"}])
    chosen = settings.changed({"dataset": "own", "loss": "bce", "num_train_epochs": 3, "head_learning_rate": 3e-3})
    return run_training(chosen, output, data_dir=data_dir, overwrite=True, device="cpu", observer=log)


def split_scores(encoder, classifier, rows):
    """Labels, scores and description of rows, as the evaluation of a split sees them."""
    pairs = [Pair(row["sentence1"], row["sentence2"], float(row["label"])) for row in rows]
    labels, described = describe_pairs("own", pairs)
    return labels, classifier.scores([pair.sides for pair in pairs], encoder), described


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_holds_the_model_its_decision_and_all_about_the_run(trained):
    assert set(files(trained.output)) >= {
        "modules.json",
        "config_sentence_transformers.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "siamese_text.json",
        "twin_head.safetensors",
        "report.json",
        "history.jsonl",
        "curves.png",
        "README.md",
    }
    assert not [name for name in files(trained.output) if name.endswith((".bin", ".pt", ".pkl"))]


def test_the_report_on_disk_is_the_one_that_was_returned(trained):
    saved = json.loads((trained.output / "report.json").read_text(encoding="utf-8"))
    assert saved == json.loads(json.dumps(trained.to_json()))
    assert saved["format"] == 2
    assert saved["settings"] == trained.settings.values()
    assert saved["data"]["training_rows"] == {"own": 60}
    assert saved["data"]["pairs"] == {"validation": 30, "test": 24}
    assert saved["data"]["left_out_for_a_shared_sentence"] == {}
    assert saved["data"]["origins"].keys() == {"train", "validation", "test"}
    assert saved["best_step"] == trained.best_step > 0
    assert saved["truncated"] == 0
    assert saved["seconds"] > 0
    for when in ("before", "after"):
        assert saved[when].keys() == {"validation", "test"}
        for figures in saved[when].values():
            assert all(isinstance(figures[name], float) for name in FIGURES)
            kept = {"threshold"} if when == "after" else set()  # only the decision that is kept has one
            assert figures["intervals"].keys() == {"ap", "accuracy", "f1"} | kept


def test_the_history_on_disk_has_a_line_for_every_step_and_validation(trained):
    lines = [json.loads(line) for line in (trained.output / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in lines if line["kind"] == "step"] == list(range(1, 3 * 8 + 1))
    assert [line["step"] for line in lines if line["kind"] == "validation"] == [4, 8, 12, 16, 20, 24]
    kept = [line["step"] for line in lines if line.get("best")]
    assert kept[-1] == trained.best_step


def test_the_curves_are_a_picture(trained):
    assert (trained.output / "curves.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_card_shows_the_figures_before_and_after(trained):
    card = (trained.output / "README.md").read_text(encoding="utf-8")
    for name, evaluations in (("untrained", trained.before), ("trained", trained.after)):
        for split, figures in evaluations.items():
            values = " | ".join(f"{value:.3f}" for value in (figures.ap, figures.roc_auc, figures.accuracy, figures.f1))
            assert f"| {name} | own/{split} | {values} |" in card
    assert "trained on own" in card
    assert "60 labelled pairs (bce loss)" in card
    assert str(trained.decision.fitted_on) in card
    assert "0.500 accuracy" in card


def test_the_card_begins_with_valid_front_matter(trained):
    import yaml

    _, front, _ = (trained.output / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["library_name"] == "sentence-transformers"
    assert values["base_model"] == trained.settings.model


def test_sentence_transformers_opens_the_folder_with_the_same_embeddings(trained):
    from sentence_transformers import SentenceTransformer

    texts = [row["sentence1"] for row in ROWS["test"]]
    theirs = SentenceTransformer(str(trained.output), device="cpu").encode(texts)
    ours = TorchEncoder.load(trained.output, device="cpu").encode(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_saved_model_decides_as_the_report_says(trained):
    encoder, classifier = TorchEncoder.load(trained.output, device="cpu"), read_classifier(trained.output)
    assert classifier.decision == trained.decision
    assert classifier.trained["settings"] == trained.settings.values()
    assert classifier.trained["step"] == trained.best_step
    labels, scores, _ = split_scores(encoder, classifier, ROWS["test"])
    compared = classifier.decision.compared(scores)
    assert average_precision(labels, compared) == pytest.approx(trained.after["test"].ap, abs=1e-6)
    right = [
        (value >= classifier.decision.threshold) == bool(label) for value, label in zip(compared, labels, strict=True)
    ]
    assert sum(right) / len(right) == pytest.approx(trained.after["test"].accuracy)


def test_the_test_split_is_decided_at_the_threshold_of_the_validation_split(trained):
    _, _, validation = split_scores(
        TorchEncoder.load(trained.output, device="cpu"), PairClassifier(), ROWS["validation"]
    )
    assert trained.decision.fitted_on.digest == validation.digest
    assert trained.decision.fitted_on.data == "own/validation"
    for evaluations in (trained.before, trained.after):
        assert evaluations["test"].threshold == evaluations["validation"].threshold
        assert evaluations["test"].threshold_source.startswith("own/validation (30 pairs, 50% same)")
        assert evaluations["validation"].cross_fitted
        assert not evaluations["test"].cross_fitted
    assert trained.after["test"].threshold == trained.decision.threshold


def test_the_untrained_encoder_gets_a_decision_of_its_own(trained, tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    decision = choose_decision(*split_scores(encoder, PairClassifier(), ROWS["validation"]))
    labels, scores, described = split_scores(encoder, PairClassifier(), ROWS["test"])
    expected = evaluate_binary(label_predictions(labels, scores, decision, described), model="", data="own/test")
    before = trained.before["test"]
    assert {name: getattr(before, name) for name in FIGURES} == pytest.approx(
        {name: getattr(expected, name) for name in FIGURES}
    )
    assert before.score == "similarity"
    kept = [record for record in trained.history.validations if record.step == trained.best_step]
    assert kept[0].value == max(record.value for record in trained.history.validations)


def test_evaluating_the_saved_model_on_its_own_validation_pairs_is_cross_fitted(trained, data_dir):
    from siamese_text.api import evaluate

    again = evaluate(trained.output, "own", "validation", data_dir=data_dir).evaluation
    assert again.cross_fitted
    assert again.accuracy == pytest.approx(trained.after["validation"].accuracy)
    assert again.ap == pytest.approx(trained.after["validation"].ap)
    assert not evaluate(trained.output, "own", "test", data_dir=data_dir).evaluation.cross_fitted


def test_the_layout_that_was_asked_for_is_the_one_that_is_saved(settings, data_dir, tmp_path, tiny_model):
    chosen = {"model": str(tiny_model), "pooling": "max", "projection": 8, "max_seq_length": 16, "max_steps": 2}
    report = run_training(settings.changed(chosen), tmp_path / "model", data_dir=data_dir, device="cpu")
    encoder = TorchEncoder.load(tmp_path / "model", device="cpu")
    assert (encoder.layout.pooling, encoder.embedding_dimension, encoder.layout.max_seq_length) == (("max",), 8, 16)
    assert "twin_head.safetensors" not in files(tmp_path / "model")  # the contrastive loss trains none
    assert report.after.keys() == {"validation"}
    assert "contrastive loss" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("chosen", "saved"), [(None, "query"), ("title", "title"), ("", None)])
def test_the_prompt_of_training_is_that_of_the_saved_model(settings, data_dir, tmp_path, chosen, saved):
    prompts = {"query": "we read ", "title": "a library of bees "}
    encoder = TorchEncoder.load(settings.model, device="cpu")
    encoder.layout = replace(encoder.layout, prompts=prompts, default_prompt="query")
    encoder.save(tmp_path / "start")
    prompted = replace(settings, model=str(tmp_path / "start"), prompt=chosen, max_steps=2)
    run_training(prompted, tmp_path / "model", data_dir=data_dir, device="cpu")
    layout = TorchEncoder.load(tmp_path / "model", device="cpu").layout
    assert layout.default_prompt == saved
    assert {name: layout.prompts[name] for name in prompts} == prompts


def test_a_prompt_that_the_model_has_not_is_refused_before_training(settings, data_dir, tmp_path):
    with pytest.raises(UsageError, match="no prompt 'headline'; it has query, document"):
        run_training(replace(settings, prompt="headline"), tmp_path / "model", data_dir=data_dir, device="cpu")


def test_an_observer_follows_a_run_from_its_data_to_its_last_validation(trained, log):
    assert log.events[:4] == [("loaded", 60), ("before", ["validation", "test"]), ("started", 24, 0), ("stepped", 1)]
    assert log.events[6:9] == [("stepped", 4), ("validated", 4), ("stepped", 5)]
    assert log.events[-1] == ("validated", 24)


def test_an_existing_output_is_refused_before_any_work(settings, tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(BadOutput, match=r"model exists; .*--overwrite"):
        run_training(settings.changed({"dataset": "nowhere"}), tmp_path / "model")


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_model_is_never_replaced(settings, tmp_path, kind):
    output = tmp_path / "letters"
    if kind == "folder":
        write_rows(output / "modules.json.bak", [{"keep": "me"}])
    else:
        output.write_text("keep me", encoding="utf-8")
    before = files(tmp_path)
    with pytest.raises(UsageError, match="letters is not a model folder and will not be replaced"):
        run_training(settings.changed({"dataset": "nowhere"}), output, overwrite=True)
    assert files(tmp_path) == before


def stopped_run(folder):
    """The checkpoint of a run to `model` that was stopped."""
    generators = [generator_state()]
    checkpoint = Checkpoint({"settings": {}, "processes": 1, "rows": []}, {"weight": torch.zeros(1)}, generators[0])
    write_checkpoint(folder / "model.checkpoints", 7, checkpoint, generators=generators)


def test_a_run_that_was_stopped_is_not_lost_by_forgetting_to_resume_it(settings, data_dir, tmp_path):
    stopped_run(tmp_path)
    before = files(tmp_path)
    with pytest.raises(BadOutput, match=r"model.checkpoints holds a run that was stopped; go on with --resume, or .*"):
        run_training(settings, tmp_path / "model", data_dir=data_dir)
    assert files(tmp_path) == before


def test_a_run_that_was_stopped_is_begun_anew_by_overwrite(settings, data_dir, tmp_path):
    stopped_run(tmp_path)
    run_training(
        settings.changed({"max_steps": 1}), tmp_path / "model", data_dir=data_dir, overwrite=True, device="cpu"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"margin": 2.5}, r"margin is 2\.5; the cosine distance here allows"),
        ({"loss": "bce", "margin": 0.5}, "margin is 0.5, which bce would ignore"),
        ({"ways": 5}, "ways is 5, which is for texts with classes, and the data are pairs"),
        ({"per_class": 4}, "per_class is 4, which is for texts with classes"),
        ({"loss": "infonce", "balance": True}, "balance and in-batch negatives each compose batches"),
        ({"mixed_precision": "fp16"}, "fp16, which needs a GPU"),
        (
            {"report_to": "tensorboard"},
            r"report_to needs tensorboard; install it with pip install 'siamese-text\[track\]'",
        ),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused_before_the_untrained_encoder_is_evaluated(
    settings, data_dir, tmp_path, monkeypatch, changes, message
):
    monkeypatch.setattr(accelerator, "find_spec", lambda _: None)
    told = Log()
    with pytest.raises(UsageError, match=message):
        run_training(settings.changed(changes), tmp_path / "model", data_dir=data_dir, device="cpu", observer=told)
    assert [kind for kind, *_ in told.events] == ["loaded"]


def test_a_model_that_has_become_worse_is_saved_with_a_warning(settings, tmp_path):
    swapped = [row | {"label": 1 - row["label"]} for row in ROWS["train"]]
    write_rows(tmp_path / "own" / "train.jsonl", swapped)
    write_rows(tmp_path / "own" / "validation.jsonl", ROWS["validation"])
    unlearning = settings.changed({"dataset": "own", "num_train_epochs": 4, "evals_per_epoch": 1})
    with pytest.warns(
        UserWarning, match=r"ranks worse than the untrained one, 0\.\d+ against 0\.\d+ on validation"
    ) as warned:
        report = run_training(unlearning, tmp_path / "model", data_dir=tmp_path, device="cpu")
    assert report.after["validation"].ap < report.before["validation"].ap
    assert {each.filename for each in warned if "ranks worse" in str(each.message)} == {__file__}
    assert (tmp_path / "model" / "model.safetensors").is_file()


def test_an_old_model_is_replaced_as_a_whole(trained):
    assert "2_Dense/config.json" not in files(trained.output)
    assert [path.name for path in trained.output.parent.iterdir()] == ["model"]  # no draft is left beside it


def test_a_run_that_fails_in_training_leaves_nothing_of_its_own_and_an_old_model_alone(settings, data_dir, tmp_path):
    write_rows(tmp_path / "old" / "modules.json", [])
    before = files(tmp_path)
    explodes = settings.changed({"learning_rate": 1e30, "optim": "sgd", "max_grad_norm": 0})
    with pytest.raises(SiameseTextError, match="lower learning_rate"):
        run_training(explodes, tmp_path / "old", data_dir=data_dir, overwrite=True, device="cpu")
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_run_that_fails_in_saving_leaves_nothing(trained, tmp_path, monkeypatch):
    def no_space(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(History, "draw", no_space)
    encoder, classifier = TorchEncoder.load(trained.output, device="cpu"), read_classifier(trained.output)
    with pytest.raises(BadOutput, match="No space left on device"):
        save(replace(trained, output=tmp_path / "model"), encoder, classifier)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_named(settings, data_dir, tmp_path):
    with pytest.raises(MissingInput, match="nowhere"):
        run_training(settings.changed({"dataset": "nowhere"}), tmp_path / "model", data_dir=data_dir)
    with pytest.raises(MissingInput, match="no-such-encoder"):
        run_training(settings.changed({"model": "no-such-encoder"}), tmp_path / "model", data_dir=data_dir)
    assert list(tmp_path.iterdir()) == []


def test_a_loss_for_two_labels_refuses_grades_with_the_option_that_makes_them_two(settings, tmp_path):
    rows = [row | {"label": row["label"] * 0.5 + 0.25} for row in ROWS["train"]]
    write_rows(tmp_path / "graded.jsonl", rows)
    graded = settings.changed({"dataset": str(tmp_path / "graded.jsonl")})
    with pytest.raises(UsageError, match=r"contrastive takes pairs, the data are graded; .*--positive-from"):
        run_training(graded.changed({"loss": "contrastive"}), tmp_path / "model")
    data = load_training_data(graded.changed({"positive_from": 0.5}), None)
    assert {row.label for row in data.sets[0].examples} == {0.0, 1.0}


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_with_one_class_only_is_refused(settings, tmp_path, split):
    for name, rows in ROWS.items():
        write_rows(tmp_path / "own" / f"{name}.jsonl", [row for row in rows if name != split or row["label"] == 1])
    with pytest.raises(BadData, match=f"one class only: .* split {split} are 1"):
        run_training(settings.changed({"dataset": "own"}), tmp_path / "model", data_dir=tmp_path)


def test_a_limit_that_leaves_one_class_is_refused(settings, data_dir):
    with pytest.raises(BadData, match="one class only: all 1 labels"):
        load_training_data(settings.changed({"max_train_samples": 1}), data_dir)


def test_a_limit_draws_training_pairs_by_the_seed_and_keeps_their_order(settings, tmp_path):
    numbered = [row | {"sentence1": str(number)} for number, row in enumerate(ROWS["train"])]
    write_rows(tmp_path / "own" / "train.jsonl", numbered)
    write_rows(tmp_path / "own" / "validation.jsonl", ROWS["validation"])

    def drawn(**changes):
        data = load_training_data(settings.changed({"dataset": "own"} | changes), tmp_path)
        assert len(data.held_out["validation"]) == 30
        return [int(row.texts[0]) for row in data.sets[0].examples]

    some = drawn(max_train_samples=25)
    assert len(set(some)) == 25
    assert some == sorted(some) != list(range(25))
    assert some == drawn(max_train_samples=25) != drawn(max_train_samples=25, seed=1)
    assert drawn(max_train_samples=60) == drawn(max_train_samples=1000) == drawn() == list(range(60))


def test_training_pairs_that_share_a_sentence_with_held_out_ones_are_left_out_and_counted(settings, tmp_path):
    train = [
        {"sentence1": "the cat sleeps", "sentence2": "a cat sleeps", "label": 1},
        {"sentence1": "two birds", "sentence2": "Sleeps the CAT!", "label": 0},  # the same words in another order
        {"sentence1": "one boat", "sentence2": "one house", "label": 0},
        {"sentence1": "one boat", "sentence2": "a boat", "label": 1},
    ]
    write_rows(tmp_path / "own" / "train.jsonl", train)
    validation = [{"sentence1": "the cat sleeps", "sentence2": "white bees", "label": 0}, ROWS["validation"][0]]
    write_rows(tmp_path / "own" / "validation.jsonl", validation)
    write_rows(tmp_path / "own" / "test.jsonl", ROWS["test"])
    own = settings.changed({"dataset": "own"})
    data = load_training_data(own, tmp_path)
    assert data.leaked == {"own": 2}
    assert [row.texts[1] for row in data.sets[0].examples] == ["one house", "a boat"]


def test_rows_that_cannot_be_used_are_counted_by_split_and_reason(settings, tmp_path):
    for name, rows in ROWS.items():
        write_rows(tmp_path / "own" / f"{name}.jsonl", rows)
    empty = {"sentence1": " ", "sentence2": "a boat", "label": 1}
    write_rows(tmp_path / "own" / "train.jsonl", [*ROWS["train"], empty, empty])
    data = load_training_data(settings.changed({"dataset": "own"}), tmp_path)
    assert data.dropped == {"train": {"empty text": 2}}
    assert len(data.sets[0].examples) == 60


def test_a_test_split_without_labels_is_left_out(settings, tmp_path):
    for name, rows in ROWS.items():
        write_rows(tmp_path / "own" / f"{name}.jsonl", rows)
    withheld = [row | {"label": None} for row in ROWS["test"]]
    write_rows(tmp_path / "own" / "test.jsonl", withheld)
    assert load_training_data(settings.changed({"dataset": "own"}), tmp_path).held_out.keys() == {"validation"}
