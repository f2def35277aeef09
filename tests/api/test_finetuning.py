"""An encoder trained on examples: by pairs and by episodes, in memory, saved and opened again."""

import numpy as np
import pytest

from siamese_text import FewShotClassifier, TorchEncoder, UsageError
from siamese_text.api.finetuning import _settings, trainer

THINGS = {"cat": ("garden", "tree", "house"), "road": ("snow", "rain", "field")}
TEXTS = [
    f"the {thing} and the {place} {end}"
    for thing, places in THINGS.items()
    for place in places
    for end in ("again", "at night", "in the morning", "of old")
]
CLASSES = np.repeat([0, 1], 12)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Weights that were drawn at random have far to go; and of four held-out examples no five can be wrong."""
    monkeypatch.setattr("siamese_text.api.finetuning.LEARNING_RATE", 3e-2)
    monkeypatch.setattr("siamese_text.estimators.tuning.FEWEST_WRONG", 0)


@pytest.mark.parametrize("way", ["pairs", "episodes"])
def test_training_brings_classes_together_and_leaves_the_model_as_it_was(tiny_sentence_model, way):
    model = TorchEncoder.load(tiny_sentence_model, device="cpu")
    before = model.encode(TEXTS)
    trained = trainer(model, way)(TEXTS, CLASSES).encode(TEXTS)
    np.testing.assert_array_equal(model.encode(TEXTS), before)

    def apart(vectors):
        cosines = vectors @ vectors.T
        same = CLASSES[:, None] == CLASSES
        return cosines[same].mean() - cosines[~same].mean()

    assert apart(trained) > 2 * apart(before) > 0
    again = trainer(tiny_sentence_model, way)(TEXTS, CLASSES).encode(TEXTS)
    np.testing.assert_array_equal(again, trained)


def test_a_classifier_is_saved_with_the_encoder_that_was_trained(tiny_sentence_model, tmp_path, monkeypatch):
    labels = np.where(CLASSES, "way", "animal")
    tuned = FewShotClassifier(tiny_sentence_model, names=False, finetune=True).fit(TEXTS, labels)
    assert tuned.tuning_["kept"] == "after", tuned.tuning_
    tuned.save(tmp_path / "saved")
    opened = FewShotClassifier.open(tmp_path / "saved")
    assert opened.tuning_ == tuned.tuning_
    np.testing.assert_allclose(opened.predict_proba(TEXTS), tuned.predict_proba(TEXTS), atol=1e-5)
    plain = FewShotClassifier(tiny_sentence_model, names=False).fit(TEXTS, labels)
    assert np.abs(plain.predict_proba(TEXTS) - tuned.predict_proba(TEXTS)).max() > 1e-3
    plain.save(tmp_path / "plain")
    assert not (tmp_path / "plain" / "encoder").exists()


def test_batches_fit_the_classes_and_much_data_is_shown_in_part():
    settings, loss = _settings(np.arange(40_000) % 77, "pairs")
    assert (loss, settings.num_train_epochs, settings.per_device_train_batch_size) == ("supcon", 1, 64)
    assert settings.max_steps * 64 < 40_000
    settings, _ = _settings(np.array([0, 0, 0, 1, 1, 1]), "pairs")
    assert (settings.per_class, settings.per_device_train_batch_size, settings.num_train_epochs) == (3, 6, 10)
    settings, loss = _settings(np.repeat(np.arange(30), 10), "episodes")
    assert (loss, settings.ways, settings.shots, settings.queries) == ("prototypical", 10, 3, 3)


def test_the_lower_half_of_the_layers_stays_as_it_was_and_each_training_tells_its_steps(tiny_sentence_model):
    model, told = TorchEncoder.load(tiny_sentence_model, device="cpu"), []
    trained = trainer(model, "pairs", lambda done, total: told.append((done, total)))(TEXTS, CLASSES).encoder.encoder
    changed = {
        name.split("layer.")[1][0] if "layer." in name else "embeddings"
        for name, value in trained.transformer.state_dict().items()
        if not value.equal(model.transformer.state_dict()[name])
    }
    assert changed == {"1"}  # of two
    steps = told[0][1]
    assert told == [(done, steps) for done in range(steps + 1)]


def test_what_cannot_be_trained_is_refused(tiny_sentence_model):
    with pytest.raises(UsageError, match="finetune cannot train <object"):
        trainer(object(), "pairs")
    with pytest.raises(UsageError, match="episodes need two texts of each class"):
        _settings(np.array([0, 0, 1]), "episodes")
