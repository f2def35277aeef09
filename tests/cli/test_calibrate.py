"""A decision without training: what is fitted, printed, saved and refused."""

import json

import numpy as np
import pytest

from siamese_text import Scorer, api
from siamese_text.data.pairs import PairSet
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Pair
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import BlendWeights
from siamese_text.scoring.siamese_text_json import read_classifier, write_classifier
from siamese_text.training.losses.alignment import AlignmentLoss

SAID = ("a cat", "a dog")


@pytest.fixture
def calibrate(command, tiny_sentence_model):
    """Run ``calibrate`` with the tiny model into ``model``."""

    def call(*arguments):
        return command("calibrate", "--model", tiny_sentence_model, "-o", "model", *arguments)

    return call


@pytest.fixture
def fitted(calibrate, tmp_path):
    """Fit a decision on the bundled pairs; returns the JSON that was printed and the saved one."""

    def call(*arguments):
        code, out, lines = calibrate("--dataset", "sample", "--json", *arguments)
        assert code == 0, lines
        return json.loads(out), read_classifier(tmp_path / "model").decision

    return call


def test_it_fits_and_saves_a_decision_with_the_same_encoder(calibrate, tmp_path, tiny_sentence_model, command):
    code, out, lines = calibrate("--dataset", "sample")
    assert code == 0, lines
    for title in ("threshold", "AP", "accuracy", "ECE", "ECE of a perfectly calibrated model", "Brier"):
        assert title in out
    assert any("threshold for accuracy fitted on sample/validation (258 pairs, 50% same)" in line for line in lines)
    assert lines[-1] == "wrote model"
    folder = tmp_path / "model"
    before, after = (TorchEncoder.load(each, device="cpu").encode(list(SAID)) for each in (tiny_sentence_model, folder))
    np.testing.assert_array_equal(before, after)
    code, out, _ = command("score", *SAID, "--model", folder, "--json")
    assert code == 0
    assert 0 < json.loads(out)["pairs"][0]["probability"] < 1
    code, out, _ = command("evaluate", "--dataset", "sample", "--model", folder, "--json")
    assert json.loads(out)["evaluations"][0]["cross_fitted"] is True


def test_json_holds_the_decision_and_its_figures(fitted):
    printed, saved = fitted()
    assert Decision.from_json(printed["decision"]) == saved
    evaluation = printed["evaluation"]
    assert evaluation["cross_fitted"] is True
    assert evaluation["intervals"]["threshold"] == list(saved.interval)
    assert saved.interval[0] <= saved.threshold <= saved.interval[1]
    assert {"ap", "accuracy", "ece", "ece_expected", "brier"} <= {name for name, value in evaluation.items() if value}


@pytest.mark.parametrize(
    ("goal", "kept", "figure"),
    [
        ("f1", "f1", "f1"),
        ("recall=0.9", "recall=0.9", "recall"),
        ("precision=0.5", "precision=0.5", "precision"),
        ("cost=1:5", "cost=0.2:1", "cost"),
    ],
)
def test_the_goal_is_saved_and_measured(fitted, goal, kept, figure):
    printed, saved = fitted("--decide-at", goal)
    assert saved.decide_at == printed["evaluation"]["decide_at"] == kept
    low, high = printed["evaluation"]["intervals"][figure]
    assert low <= printed["evaluation"][figure] <= high


def test_promises_are_saved_with_what_proves_them_and_leave_pairs_unsure(calibrate, command, tmp_path):
    goal = ("--decide-at", "fpr<=0.3, recall>=0.8", "--confidence", "0.9")
    code, out, lines = calibrate("--dataset", "sample", *goal)
    assert code == 0, lines
    assert all(title in out for title in ("unsure from", "same not called different", "different called the same"))
    assert any("independent ones prove fpr<=0.3, recall>=0.8, confidence=0.9 for" in line for line in lines)
    saved = read_classifier(tmp_path / "model").decision
    assert saved.unsure_from < saved.threshold
    assert 0 < saved.proved_by <= saved.fitted_on.pairs == 258
    code, out, _ = command("evaluate", "--dataset", "sample", "--split", "test", "--model", "model", "--json")
    [figures] = json.loads(out)["evaluations"]
    assert code == 0
    assert 0 < figures["unsure"] < 1
    assert figures["recall"] < figures["not_missed"] <= 1
    assert figures["fpr"] is not None


def test_a_prior_is_saved_and_used(fitted, tmp_path):
    _, plain = fitted()
    printed, saved = fitted("--prior", "0.1", "--overwrite")
    assert saved.prior == 0.1
    assert printed["evaluation"]["majority_accuracy"] == pytest.approx(0.9)
    scorer = Scorer.load(tmp_path / "model", device="cpu")
    scores = scorer.scores([SAID])
    odds = [float(p / (1 - p)) for p in (decision.probability(scores)[0] for decision in (plain, saved))]
    assert odds[1] / odds[0] == pytest.approx(1 / 9)  # half of the pairs it was fitted on are the same


def test_a_threshold_by_hand_needs_no_data_and_gives_no_probability(calibrate, command, tmp_path):
    code, out, lines = calibrate("--threshold", "0.7")
    assert code == 0, lines
    assert "0.700" in out
    assert any("given by hand" in line for line in lines)
    assert any("no probability" in line for line in lines)
    saved = json.loads((tmp_path / "model" / "siamese_text.json").read_text())["decision"]
    assert (saved["threshold"], saved["fitted_on"]["data"]) == (0.7, "by hand")
    said = Scorer.load(tmp_path / "model", device="cpu").predict([SAID, ("a cat", "a cat")])
    assert said.probability is None
    np.testing.assert_array_equal(said.same, said.similarity >= 0.7)
    code, _, _ = command("score", *SAID, "--model", "model", "--json")
    assert code == 0
    code, out, _ = command("evaluate", "--dataset", "sample", "--model", "model", "--json")
    evaluation = json.loads(out)["evaluations"][0]
    assert code == 0
    assert evaluation["accuracy"] is not None
    assert evaluation["ece"] is None


def test_a_threshold_by_hand_with_data_gets_a_probability(fitted):
    printed, saved = fitted("--threshold", "0.7")
    assert (saved.threshold, saved.interval, saved.score) == (0.7, None, "similarity")
    assert str(saved.fitted_on).startswith("by hand; probability fitted on sample/validation (258 pairs")
    assert printed["evaluation"]["ece"] is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("--dataset", "--threshold 0.7")),
        (("--decide-at", "f1"), ("--dataset", "--threshold 0.7")),
        (("--threshold", "0.7", "--decide-at", "f1"), ("--threshold 0.7", "--decide-at f1")),
        (("--threshold", "1.5"), ("1.5", "between -1 and 1")),
        (("--threshold", "nan"), ("nan",)),
        (("--threshold", "0.7", "--prior", "0.1"), ("prior is 0.1", "data set")),
        (("--dataset", "sample", "--decide-at", "luck"), ("luck", "precision=0.95", "cost=FP:FN")),
        (("--dataset", "sample", "--prior", "1"), ("prior is 1.0", "between 0 and 1")),
        (("--dataset", "doubtful.jsonl", "--decide-at", "precision=1"), ("precision 1 ", "the best is")),
        (
            ("--dataset", "sample", "--decide-at", "precision>=0.99"),
            ("precision>=0.99 cannot be promised with confidence 0.95 by these 258 pairs", "the best precision"),
        ),
        (
            ("--dataset", "sample", "--decide-at", "recall>=0.99"),
            ("recall>=0.99", "that takes 299 same ones", "more pairs like them would do"),
        ),
        (
            ("--dataset", "sample", "--decide-at", "f1", "--confidence", "0.9"),
            ("confidence is 0.9", "promises nothing"),
        ),
        (
            ("--dataset", "sample", "--decide-at", "precision>=0.6", "--prior", "0.2"),
            ("prior is 0.2", "precision>=0.6", "give no prior"),
        ),
        (("--dataset", "sample", "--neutral", "keep"), ("--neutral", "'keep'", "'drop', 'different'")),
        (("--dataset", "missing.csv"), ("missing.csv",)),
    ],
    ids=lambda value: " ".join(value),
)
def test_what_cannot_be_done_is_said_in_one_line(calibrate, tmp_path, arguments, words):
    doubtful = [{"sentence1": "a cat", "sentence2": "the cat", "label": number % 2} for number in range(20)]
    (tmp_path / "doubtful.jsonl").write_text("".join(json.dumps(row) + "\n" for row in doubtful), encoding="utf-8")
    code, _, lines = calibrate(*arguments)
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert all(word in lines[0] for word in words)
    assert not (tmp_path / "model").exists()


def test_grades_and_one_class_are_refused(calibrate, write_rows, good_rows):
    for label, word in ((0.4, "graded"), (1, "one class only")):
        file = write_rows("pairs.jsonl", [row | {"label": label} for row in good_rows])
        code, _, lines = calibrate("--dataset", file)
        assert code == 2
        assert word in lines[-1]


def test_an_existing_output_is_replaced_only_when_asked_and_only_if_it_is_a_model(calibrate, tmp_path):
    assert calibrate("--threshold", "0.7")[0] == 0
    code, _, lines = calibrate("--threshold", "0.6")
    assert code == 2
    assert "--overwrite" in lines[-1]
    assert calibrate("--threshold", "0.6", "--overwrite")[0] == 0
    assert read_classifier(tmp_path / "model").decision.threshold == 0.6
    (tmp_path / "model" / "modules.json").unlink()
    code, _, lines = calibrate("--threshold", "0.5", "--overwrite")
    assert code == 2
    assert "not a model folder" in lines[-1]


def test_unusable_rows_are_counted(calibrate, write_rows, good_rows):
    file = write_rows("pairs.jsonl", [*good_rows, good_rows[0] | {"label": None}])
    code, out, lines = calibrate("--dataset", file, "--json")
    assert code == 3
    assert json.loads(out)["dropped"] == {"no label": 1}
    assert "1 rows were left out: no label" in lines


def test_the_heads_of_a_trained_model_are_kept(command, tiny_sentence_model, tmp_path):
    options = ["--model", tiny_sentence_model, "--loss", "bce", "--max-steps", "2", "--set", "max_train_samples=64"]
    assert command("train", "--dataset", "sample", *options, "-o", "trained", "--decide-at", "f1")[0] == 0
    assert read_classifier(tmp_path / "trained").decision.decide_at == "f1"
    code, _, lines = command("calibrate", "--model", "trained", "--dataset", "sample", "--split", "test", "-o", "again")
    assert code == 0, lines
    before, after = read_classifier(tmp_path / "trained"), read_classifier(tmp_path / "again")
    for name, weight in before.head.weights.items():
        np.testing.assert_array_equal(after.head.weights[name], weight)
    assert after.trained == before.trained
    assert after.decision.fitted_on.data == "sample/test"


def test_how_a_trained_model_mixes_its_scores_is_kept(tiny_sentence_model, tmp_path):
    """Also where the saved decision holds for another precision and is fitted anew for this one."""
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    blend = BlendWeights((1.0, 0.0, 0.0, 3.0, 0.5, 0.1, -0.2, -4.0), (0.0, 1.0))
    head = AlignmentLoss(encoder.layout.hidden_size, 8).trained_head()
    fitted_on = FittedOn("elsewhere", 10, 0.5, "00ff")
    decision = Decision("blend", (1.0,), 0.0, 0.5, fitted_on, blend=blend, compute_dtype="int8")
    encoder.write(tmp_path / "trained")
    write_classifier(PairClassifier(alignment=head, decision=decision), tmp_path / "trained")
    words = "cat dog bird fish".split()
    texts = [(f"the {one} saw the {two}", f"the {two} saw the {one}") for one in words for two in words if one != two]
    pairs = [Pair(left, right, 0.0) for left, right in texts] + [Pair(left, f"{left} again", 1.0) for left, _ in texts]
    fitted = api.calibrate(tmp_path / "trained", tmp_path / "again", PairSet(tuple(pairs), "own", "validation"))
    assert (fitted.decision.score, fitted.decision.blend, fitted.decision.compute_dtype) == ("blend", blend, "fp32")
    assert read_classifier(tmp_path / "again").decision == fitted.decision


def test_training_falls_back_to_accuracy_where_the_goal_cannot_be_reached(command, tiny_sentence_model, tmp_path):
    (tmp_path / "own").mkdir()
    for split, animal in (("train", "cat"), ("validation", "dog")):  # each pair with both labels
        rows = [{"sentence1": f"a {animal} {n}", "sentence2": f"the {animal} {n}", "label": n % 2} for n in range(40)]
        rows += [row | {"label": 1 - row["label"]} for row in rows]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "own" / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    options = ["--model", tiny_sentence_model, "--max-steps", "1", "-o", "model", "--prior", "0.3"]
    code, _, lines = command("train", "--dataset", tmp_path / "own", *options, "--decide-at", "precision=1")
    assert code == 0
    assert any("no threshold gives precision 1 " in line and "accuracy" in line for line in lines)
    decision = read_classifier(tmp_path / "model").decision
    assert (decision.decide_at, decision.prior) == ("accuracy", 0.3)


def test_pairs_to_fit_on_may_be_a_path_or_in_memory(tiny_sentence_model, tmp_path):
    rows = [(f"a cat {n}", f"a {'cat' if n % 2 else 'dog'} {n}", n % 2) for n in range(20)]
    (tmp_path / "pairs.csv").write_text("sentence1,sentence2,label\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    by_path = api.calibrate(tiny_sentence_model, tmp_path / "of-path", tmp_path / "pairs.csv")
    by_rows = api.calibrate(tiny_sentence_model, tmp_path / "of-rows", rows)
    assert by_path.decision.threshold == by_rows.decision.threshold
