"""Training and distillation by one call each."""

import signal

import pytest

from siamese_text import DistillSettings, Interrupted, TrainSettings, UsageError, distill, train
from siamese_text.api.training import _changed, _folder_for, _of_unlabelled
from siamese_text.data.given import as_source
from siamese_text.training.mixture import load_training_data


class StopsAfterTwo:
    """An observer that presses Ctrl-C after the second step, and notes from where a run went on."""

    def started(self, _steps, done):
        self.done = done

    def stepped(self, record):
        if record.step == 2 and self.done == 0:
            signal.raise_signal(signal.SIGINT)

    def loaded(self, data):
        pass

    evaluated_before = validated = loaded


def test_training_goes_on_where_it_was_interrupted(tiny_sentence_model, tmp_path):
    observer = StopsAfterTwo()
    options = {
        "model": str(tiny_sentence_model),
        "max_steps": 4,
        "max_train_samples": 64,
        "device": "cpu",
        "observer": observer,
    }
    with pytest.raises(Interrupted):
        train("sample", tmp_path / "model", **options)
    report = train("sample", tmp_path / "model", resume=True, **options)
    assert observer.done == 2
    assert report.output == tmp_path / "model"
    assert set(report.after) == {"validation", "test"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_train_refuses_an_unknown_setting():
    with pytest.raises(UsageError, match="did you mean num_train_epochs"):
        train("sample", "never", epoch=3)


def test_overrides_win_over_the_recipe_and_the_recipe_over_settings(tmp_path):
    (tmp_path / "mine.toml").write_text('loss = "bce"\nseed = 5\n', encoding="utf-8")
    chosen = _changed(TrainSettings(loss="cosent", prior=0.2), tmp_path / "mine.toml", {"seed": "7"})
    assert (chosen.loss, chosen.seed, chosen.prior) == ("bce", 7, 0.2)


def test_a_run_without_a_name_is_called_after_data_and_loss():
    assert str(_folder_for(TrainSettings(dataset="data/own.jsonl", loss="bce+0.5*cosent"))) == "own-bce-0.5-cosent"


def test_settings_of_distillation_can_be_given_as_one(tiny_sentence_model, tmp_path):
    settings = DistillSettings(teacher=str(tiny_sentence_model), static=True, max_steps=1)
    report = distill(tmp_path / "student", settings=settings, seed=3, device="cpu")
    assert (report.settings.static, report.settings.seed) == (True, 3)


def test_training_takes_data_in_memory_as_it_takes_files(tiny_sentence_model, tmp_path):
    import pandas as pd

    rows = [
        {"sentence1": f"a cat {n}", "sentence2": f"a {'cat' if n % 2 else 'dog'} {n}", "label": n % 2}
        for n in range(40)
    ]
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "pairs.csv", index=False)
    options = {"model": str(tiny_sentence_model), "max_steps": 1, "device": "cpu"}
    expected = train(tmp_path / "pairs.csv", tmp_path / "of-file", **options)
    report = train(frame, tmp_path / "of-frame", **options)
    assert report.after["validation"].ap == expected.after["validation"].ap
    assert report.to_json()["settings"]["dataset"] == "DataFrame"
    assert report.decision.threshold == expected.decision.threshold
    with pytest.raises(UsageError, match="rows are 7, of type int"):
        train(7, tmp_path / "none", **options)


def test_sentences_without_labels_bring_their_recipe_unless_one_is_named():
    of_sentences = _of_unlabelled(None, {"unlabelled": "own.txt", "learning_rate": 1e-4})
    assert of_sentences["dataset"] == "own.txt"
    assert (of_sentences["learning_rate"], of_sentences["l2_sp"]) == (1e-4, 4)
    beside = _of_unlabelled("sample", {"unlabelled": "own.txt"})
    assert beside["dataset"] == "sample"
    assert "l2_sp" not in beside
    assert _of_unlabelled(None, {"dataset": "paws"}) == {"dataset": "paws"}


SENTENCES = [
    f"the {who} {does} in the {where}" for who in ("cat", "dog") for does in ("runs", "eats") for where in "abcde"
]


@pytest.mark.parametrize("form", [list, iter, lambda texts: {"text": texts, "id": list(range(len(texts)))}])
def test_a_student_learns_from_sentences_in_memory(tiny_sentence_model, tmp_path, form):
    settings = {"teacher": str(tiny_sentence_model), "layers": "1", "max_steps": 1, "device": "cpu"}
    (tmp_path / "sentences.txt").write_text("\n".join(SENTENCES))
    given = distill(tmp_path / "given", sentences=form(SENTENCES), **settings)
    read = distill(tmp_path / "read", sentences=str(tmp_path / "sentences.txt"), **settings)
    assert len(given.corpus.training) == len(read.corpus.training) == 18  # two are held out
    assert (tmp_path / "given" / "model.safetensors").read_bytes() == (
        tmp_path / "read" / "model.safetensors"
    ).read_bytes()


def test_what_no_student_learns_from_is_refused_in_one_line(tiny_sentence_model, tmp_path):
    for sentences, said in ((7, "sentences are 7; give a list"), ({"a": ["x"], "b": ["y"]}, "has the columns a, b")):
        with pytest.raises(UsageError, match=said):
            distill(tmp_path / "never", sentences=sentences, teacher=str(tiny_sentence_model))


def test_further_data_sets_may_be_in_memory(tmp_path):
    rows = [(f"a cat {number}", f"a {'cat' if number % 2 else 'dog'} {number}", number % 2) for number in range(40)]
    more = [
        {"dataset": [(f"b{left}", f"b{right}", label) for left, right, label in rows[:12]], "loss": "bce"},
        {"dataset": {"anchor": ["a", "b", "c"], "positive": ["d", "e", "f"]}, "weight": 0.5},
    ]
    data = load_training_data(TrainSettings(dataset=as_source(rows)).changed({"mixture": more}), None)
    assert [one.name for one in data.sets] == ["list", "list of mixture 1", "dict of mixture 2"]
    assert [len(one.examples) for one in data.sets[1:]] == [10, 2]  # some are held out
    assert (data.sets[1].loss, data.sets[2].kind, data.sets[2].weight) == ("bce", "positives", 0.5)
    with pytest.raises(UsageError, match="rows are 7, of type int; give a path, a known name, a pandas DataFrame"):
        train(rows, tmp_path / "never", mixture=[{"dataset": 7}])
