import tomllib
from dataclasses import asdict, fields

import pytest

from siamese_text.bundled import bundled
from siamese_text.errors import MissingInput, UsageError
from siamese_text.settings import read_assignments, recipe_values
from siamese_text.training.distillation.settings import DistillSettings
from siamese_text.training.settings import CHOICES, TrainSettings, read_recipe

CHANGED = {
    "dataset": "quora",
    "start_share": 0.25,
    "start_decay": 2.5,
    "model": "some/encoder",
    "loss": "contrastive",
    "decide_at": "f1",
    "prior": 0.3,
    "distance": "euclidean",
    "margin": 1.25,
    "temperature": 0.1,
    "symmetric": True,
    "mining": "all",
    "also": "stsb:cosent:0.5",
    "mix": "round-robin",
    "head_hidden": 64,
    "head_dropout": 0.2,
    "dropout": 0.0,
    "pooling": "cls",
    "projection": 128,
    "max_seq_length": 64,
    "epochs": 5,
    "max_steps": 70,
    "batch_size": 16,
    "batch_tokens": 900,
    "chunk_tokens": 512,
    "per_class": 2,
    "ways": 5,
    "shots": 2,
    "queries": 3,
    "accumulate": 4,
    "optimizer": "sgd",
    "learning_rate": 3e-4,
    "head_learning_rate": 2e-3,
    "weight_decay": 0.0,
    "warmup": 0.25,
    "schedule": "cosine",
    "clip": 0.0,
    "freeze_embeddings": True,
    "freeze_layers": 2,
    "layer_decay": 0.9,
    "lora_rank": 8,
    "lora_alpha": 24.0,
    "precision": "bf16",
    "balance": True,
    "validations": 3,
    "patience": 2,
    "checkpoint_steps": 50,
    "track": "tensorboard",
    "positive_from": 4.0,
    "neutral": "different",
    "columns": "a=sentence1,b=sentence2",
    "limit": 900,
    "seed": 11,
}


def as_toml(values):
    words = {True: "true", False: "false"}
    return "".join(
        f"{name} = {words.get(value, repr(value)) if isinstance(value, bool) else repr(value)}\n"
        for name, value in values.items()
    )


def message(error):
    """The text of an error, which must be one line."""
    text = str(error.value)
    assert "\n" not in text
    return text


def test_every_setting_is_read_from_a_recipe(tmp_path):
    assert set(CHANGED) == {field.name for field in fields(TrainSettings)}
    recipe = tmp_path / "own.toml"
    recipe.write_text(as_toml(CHANGED), encoding="utf-8")
    settings = read_recipe(str(recipe))
    assert asdict(settings) == CHANGED
    assert all(getattr(settings, name) != getattr(TrainSettings(), name) for name in CHANGED)


def test_every_setting_is_read_from_strings():
    settings = TrainSettings().changed({name: str(value) for name, value in CHANGED.items()})
    assert asdict(settings) == CHANGED
    assert {name: type(value) for name, value in asdict(settings).items()} == {
        name: type(value) for name, value in CHANGED.items()
    }


def test_a_recipe_leaves_all_it_does_not_name_at_its_default(tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text("# nothing but the length\nmax_seq_length = 40\n", encoding="utf-8")
    assert read_recipe(str(recipe)) == TrainSettings(max_seq_length=40)


@pytest.mark.parametrize("path", sorted(bundled("recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_bundled_recipes_load_by_name_and_by_path(path):
    named = tomllib.loads(path.read_text(encoding="utf-8"))
    kind = DistillSettings if "teacher" in named else TrainSettings
    assert recipe_values(path.stem) == recipe_values(str(path)) == named
    assert named.items() <= asdict(kind().changed(named)).items()


def test_there_is_a_recipe_for_the_sample():
    assert read_recipe("sample").dataset == "sample"


def test_an_unknown_recipe_is_refused_with_the_bundled_ones():
    with pytest.raises(MissingInput) as error:
        read_recipe("pwas")
    assert all(path.stem in message(error) for path in bundled("recipes").glob("*.toml"))


@pytest.mark.parametrize("content", ["epochs = ", "[[", b"\xff\xfe\x00e"], ids=["cut off", "brackets", "not text"])
def test_a_broken_recipe_is_refused_by_its_name(tmp_path, content):
    recipe = tmp_path / "broken.toml"
    recipe.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as error:
        read_recipe(str(recipe))
    assert "broken.toml is not valid TOML" in message(error)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("batchsize", "batch_size"), ("batch-size", "batch_size"), ("epoch", "epochs"), ("lr_warmup", "warmup")],
)
def test_an_unknown_setting_is_answered_with_the_nearest(tmp_path, wrong, right):
    recipe = tmp_path / "own.toml"
    recipe.write_text(f"{wrong} = 3\n", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_recipe(str(recipe))
    assert message(error) == f"unknown setting '{wrong}'; did you mean {right}?"


def test_an_unknown_setting_with_no_near_one_is_answered_with_all():
    with pytest.raises(UsageError) as error:
        TrainSettings().changed({"zzz": 1})
    assert all(name in message(error) for name in CHANGED)


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_that_does_not_exist_is_answered_with_all_that_do(name):
    with pytest.raises(UsageError) as error:
        TrainSettings().changed({name: "sideways"})
    assert message(error) == f"{name} is 'sideways'; choose from {', '.join(CHOICES[name])}"
    for allowed in CHOICES[name]:
        assert getattr(TrainSettings().changed({name: allowed}), name) == allowed


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("epochs", 0, "greater than 0"),
        ("batch_size", -4, "greater than 0"),
        ("accumulate", 0, "greater than 0"),
        ("validations", 0, "greater than 0"),
        ("head_hidden", 0, "greater than 0"),
        ("learning_rate", 0.0, "greater than 0"),
        ("learning_rate", float("nan"), "greater than 0"),
        ("max_steps", 0, "greater than 0, or left out"),
        ("max_seq_length", -1, "greater than 0, or left out"),
        ("projection", 0, "greater than 0, or left out"),
        ("limit", 0, "greater than 0, or left out"),
        ("warmup", 1.0, "at least 0 and less than 1"),
        ("head_dropout", -0.1, "at least 0 and less than 1"),
        ("dropout", 1.0, "at least 0 and less than 1"),
        ("clip", -1.0, "at least 0"),
        ("patience", -1, "at least 0"),
        ("weight_decay", -0.01, "at least 0"),
        ("start_decay", -1.0, "at least 0"),
        ("head_learning_rate", -1e-3, "at least 0"),
        ("seed", -1, "at least 0 and below 2147483648"),
        ("seed", 2**31, "at least 0 and below 2147483648"),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(name, value, allowed):
    with pytest.raises(UsageError) as error:
        TrainSettings(**{name: value})
    assert message(error) == f"{name} is {value}; it must be {allowed}"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("epochs", "many", "int"),
        ("epochs", "2.5", "int"),
        ("epochs", 2.5, "int"),
        ("epochs", True, "int"),
        ("epochs", "inf", "int"),
        ("epochs", None, "int"),
        ("epochs", [3], "int"),
        ("learning_rate", "fast", "float"),
        ("learning_rate", False, "float"),
        ("margin", "wide", "float"),
        ("limit", "1k", "int"),
        ("balance", "yes", "bool"),
        ("balance", 1, "bool"),
        ("dataset", True, "str"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_right_one(name, value, kind):
    with pytest.raises(UsageError) as error:
        TrainSettings().changed({name: value})
    assert message(error) == f"{name} is {value!r}; it must be of type {kind}"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("balance", "true", True),
        ("balance", "False", False),
        ("margin", "none", None),
        ("max_steps", "", None),
        ("pooling", "none", None),
        ("pooling", "max", "max"),
        ("max_steps", "1e3", 1000),
        ("epochs", "4", 4),
        ("epochs", 4.0, 4),
        ("learning_rate", "2e-5", 2e-5),
        ("learning_rate", 1, 1.0),
        ("dropout", "0", 0.0),
    ],
)
def test_a_string_becomes_the_type_of_its_setting(name, text, value):
    start = TrainSettings(margin=0.3, max_steps=7, pooling="cls", balance=value is False)
    read = getattr(start.changed({name: text}), name)
    assert read == value
    assert type(read) is type(value)


def test_changing_leaves_the_settings_it_starts_from_alone():
    start = TrainSettings()
    assert start.changed({"epochs": 9}) == TrainSettings(epochs=9)
    assert start == TrainSettings()


def test_assignments_are_split_at_their_first_equals_sign():
    assert read_assignments(["epochs=4", " columns = a=sentence1", "pooling="]) == {
        "epochs": "4",
        "columns": "a=sentence1",
        "pooling": "",
    }


def test_what_is_no_assignment_is_refused():
    with pytest.raises(UsageError) as error:
        read_assignments(["epochs=4", "loss"])
    assert message(error) == "'loss' is no assignment; write key=value, such as epochs=4"


def test_columns_are_named_by_assignments():
    assert TrainSettings(columns="a=sentence1, b = sentence2,").column_names == {"a": "sentence1", "b": "sentence2"}
    assert TrainSettings().column_names == {}


def test_a_decay_that_goes_beyond_the_start_is_refused_with_the_largest_there_is():
    assert TrainSettings(start_decay=1000, learning_rate=1e-3).start_decay == 1000
    with pytest.raises(UsageError, match=r"start_decay is 1001, .* at most 1000$"):
        TrainSettings(start_decay=1001, learning_rate=1e-3)
