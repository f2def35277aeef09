"""A trained encoder is kept if it tells held-out examples better, and only then."""

import numpy as np
import pytest

from siamese_text.errors import UsageError
from siamese_text.estimators.few_shot import FewShotClassifier
from siamese_text.estimators.tuning import ClassTexts, SideBySide, held_out, tune
from siamese_text.unit_rows import unit_rows

KINDS = ("logistic", "discriminant")


class Cloud:
    """Reads the class and a number off a text; ``noise`` hides the class."""

    def __init__(self, noise):
        self.noise, self.trained_on = noise, None

    def encode(self, texts):
        rows = []
        for text in texts:
            of, number = (int(part) for part in text.split())
            rows.append(np.eye(6)[of] + self.noise * np.random.default_rng([of, number]).standard_normal(6))
        return np.array(rows, np.float32).reshape(len(texts), 6)


class Misled:
    """Takes each text for one of a class that its number tells."""

    def __init__(self, encoder):
        self.encoder = encoder

    def encode(self, texts):
        return 9 * self.encoder.encode([f"{int(number) % 4} {number}" for _, number in map(str.split, texts)])


def texts_of(classes=4, each=10, first=0):
    return [f"{of} {number}" for of in range(classes) for number in range(first, first + each)]


@pytest.fixture
def given():
    texts = texts_of()
    return ClassTexts(texts, np.repeat(np.arange(4), 10), ["0 99", "3 99"], np.array([0, 3]))


def training(noise, calls):
    def train(texts, classes):
        calls.append((list(texts), classes.tolist()))
        return Cloud(noise)

    return train


def test_two_encoders_side_by_side_have_the_mean_of_both_cosines():
    texts = ["0 1", "1 1", "1 2"]
    both = SideBySide(Cloud(0.3), Cloud(2.0)).encode(texts)
    vectors = [unit_rows(Cloud(noise).encode(texts)) for noise in (0.3, 2.0)]
    assert both.shape == (3, 12) and both.dtype == np.float32
    np.testing.assert_allclose(both @ both.T, (vectors[0] @ vectors[0].T + vectors[1] @ vectors[1].T) / 2, atol=1e-6)


def test_one_in_five_examples_is_held_out_and_none_of_a_class_of_one():
    classes = np.repeat(np.arange(4), [25, 9, 2, 1])
    held = held_out(classes)
    assert np.bincount(classes[held], minlength=4).tolist() == [5, 1, 1, 0]
    assert held.tolist() == held_out(classes).tolist() == sorted(set(held.tolist()))
    assert len(held_out(np.arange(10_000) % 2)) == 1000


def test_what_helps_is_trained_anew_on_all_examples_and_kept(given):
    calls = []
    tuning = tune(training(0.2, calls), Cloud(1.0), given, KINDS)
    assert tuning.encoder.noise == 0.2 and tuning.report["kept"] == "after"
    assert tuning.report["after"]["log_loss"] < tuning.report["before"]["log_loss"]
    assert tuning.report["after"]["accuracy"] > tuning.report["before"]["accuracy"]
    shown, everything = (set(texts) for texts, _ in calls)
    assert len(shown) == 40 - tuning.report["held_out"] + 2 == 34
    assert everything == {*given.examples, *given.names} > shown
    assert all(classes == [int(text.split()[0]) for text in texts] for texts, classes in calls)


def test_what_does_not_help_is_not_kept(given, monkeypatch):
    monkeypatch.setattr("siamese_text.estimators.tuning.FEWEST_WRONG", 1)
    calls = []

    def mislead(texts, classes):
        return Misled(training(0.1, calls)(texts, classes))

    tuning = tune(mislead, Cloud(0.5), given, KINDS)
    assert tuning.encoder is None and len(calls) == 1
    assert tuning.report["after"]["accuracy"] < tuning.report["before"]["accuracy"]
    assert (tuning.report["kept"], tuning.report["held_out"]) == ("before", 8)


def test_where_hardly_any_held_out_example_is_wrong_nothing_is_trained(given):
    calls = []
    tuning = tune(training(0.1, calls), Cloud(0.5), given, KINDS)
    assert tuning.encoder is None and calls == []
    assert tuning.report["held_out"] == 8 and tuning.report["kept"] == "before" and "after" not in tuning.report
    assert 0 < (1 - tuning.report["before"]["accuracy"]) * 8 < 5


def test_without_an_example_to_spare_nothing_is_trained():
    calls = []
    alone = ClassTexts(["0 1", "1 1"], np.array([0, 1]), [], np.zeros(0, np.int64))
    tuning = tune(training(0.1, calls), Cloud(1.0), alone, KINDS)
    assert tuning.encoder is None and calls == [] and tuning.report == {"held_out": 0, "kept": "before"}


class Tuned(FewShotClassifier):
    def _trainer(self):
        return training(0.15, [])


def test_probabilities_come_true_and_none_of_these_is_told_by_the_encoder_as_it_was():
    texts, labels = texts_of(), np.repeat(list("abcd"), 10)
    tests, truth = texts_of(each=200, first=100), np.repeat(list("abcd"), 200)
    plain = FewShotClassifier(Cloud(0.9), names=False, false_accepts=0.2).fit(texts, labels)
    tuned = Tuned(Cloud(0.9), names=False, false_accepts=0.2, finetune=True).fit(texts, labels)
    assert plain.tuning_ is None and tuned.tuning_["kept"] == "after"
    shares = tuned.predict_proba(tests)
    right = tuned.classes_[shares.argmax(axis=1)] == truth
    assert right.mean() > (plain.classes_[plain.predict_proba(tests).argmax(axis=1)] == truth).mean() + 0.1
    assert shares.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.05)
    assert tuned.threshold_ == plain.threshold_
    np.testing.assert_array_equal(tuned.score_samples(tests), plain.score_samples(tests))
    assert ((tuned.predict(tests) == tuned.none) == (plain.predict(tests) == plain.none)).all()


def test_an_encoder_that_nothing_trains_is_refused():
    with pytest.raises(UsageError, match="finetune needs an encoder that can be trained"):
        FewShotClassifier(Cloud(1.0), names=False, finetune=True).fit(texts_of(), np.repeat(list("abcd"), 10))
    with pytest.raises(UsageError, match="finetune is 'lots'; give True, False or one of pairs, episodes"):
        FewShotClassifier(Cloud(1.0), finetune="lots").fit(texts_of(), np.repeat(list("abcd"), 10))
