"""Estimators on disk: what was learned comes back to the bit, and what is damaged is said."""

import json

import numpy as np
import pytest

from siamese_text.errors import BadModel, BadOutput, MissingInput
from siamese_text.estimators.base import TextEstimator


class Learner(TextEstimator):
    """Learns one value of each kind."""

    def __init__(self, model, *, column=None, rate=0.5):
        self.model, self.column, self.rate = model, column, rate

    def fit(self):
        self.numbers_ = np.arange(6, dtype=np.float32).reshape(2, 3).T
        self.counts_ = np.array([1, 2])
        self.names_ = np.array(["ä", "bc"])
        self.things_ = np.array(["x", 3], dtype=object)
        self.limit_ = np.float64(0.1)
        self.nothing_ = None
        self.texts_ = ["one", "two"]
        return self


class Other(Learner):
    pass


class Keyed(Learner):
    def open_encoder(self):
        return None, self.model


@pytest.fixture
def saved(tmp_path, words):
    Learner(words, rate=0.25).fit().save(tmp_path / "saved")
    return tmp_path / "saved"


def test_all_that_was_learned_comes_back(saved, words):
    before, after = Learner(words).fit(), Learner.open(saved, model=words)
    assert after.rate == 0.25
    learned = {name for name in vars(before) if name.endswith("_")}
    assert learned == {name for name in vars(after) if name.endswith("_")}
    for name in learned:
        one, other = getattr(before, name), getattr(after, name)
        assert np.array_equal(one, other), name
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None) or name == "limit_"


def test_there_is_no_pickle_in_the_folder(saved):
    assert sorted(file.name for file in saved.iterdir()) == ["estimator.json", "learned.safetensors"]


def test_a_folder_in_the_way_stays(saved, words):
    with pytest.raises(BadOutput, match="exists"):
        Learner(words).fit().save(saved)
    Learner(words, rate=1).fit().save(saved, overwrite=True)
    assert Learner.open(saved, model=words).rate == 1


def test_an_encoder_without_a_name_has_to_be_given_again(saved):
    with pytest.raises(BadModel, match="model=ENCODER"):
        Learner.open(saved)


def test_another_model_of_the_same_name_is_refused(tmp_path):
    Keyed("one").fit().save(tmp_path / "saved")
    assert Keyed.open(tmp_path / "saved").model == "one"
    with pytest.raises(BadModel, match="was fitted with another model than two"):
        Keyed.open(tmp_path / "saved", model="two")


def test_another_class_is_named(saved):
    with pytest.raises(BadModel, match=r"holds a Learner, not a Other; open it with Learner\.open"):
        Other.open(saved)


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(MissingInput, match=r"holds no estimator\.json"):
        Learner.open(tmp_path)


@pytest.mark.parametrize(
    "change", ["{", "[]", "{}", json.dumps({"format": 2, "class": "Learner"})], ids=["cut", "list", "empty", "newer"]
)
def test_settings_that_cannot_be_read_are_one_line(saved, words, change):
    (saved / "estimator.json").write_text(change)
    with pytest.raises(BadModel, match=r"damaged|upgrade") as raised:
        Learner.open(saved, model=words)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("keep", [0, -1])
def test_arrays_that_are_damaged_are_found(saved, words, keep):
    file = saved / "learned.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BadModel, match=r"learned\.safetensors is not what was written"):
        Learner.open(saved, model=words)


def test_a_missing_file_is_damage(saved, words):
    (saved / "learned.safetensors").unlink()
    with pytest.raises(BadModel, match="damaged"):
        Learner.open(saved, model=words)
