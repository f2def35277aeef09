import tomllib
import warnings
from dataclasses import fields

import pytest

from siamese_text import deprecation
from siamese_text.bundled import bundled
from siamese_text.errors import MissingInput, UsageError
from siamese_text.settings import read_assignments, recipe_values
from siamese_text.training.distillation.settings import DistillSettings, loop_settings
from siamese_text.training.settings import RENAMED, MixtureEntry, TrainSettings, read_mixture, read_recipe

CHANGED = {
    "dataset": "quora",
    "wise_ft": 0.25,
    "l2_sp": 2.5,
    "model": "some/encoder",
    "prompt": "query",
    "loss": "contrastive",
    "decide_at": "f1",
    "prior": 0.3,
    "distance": "euclidean",
    "margin": 1.25,
    "temperature": 0.1,
    "symmetric": True,
    "mining": "all",
    "mixture": [{"dataset": "stsb", "loss": "cosent", "weight": 0.5, "rows": None}],
    "interleave": "round-robin",
    "head_hidden": 64,
    "head_dropout": 0.2,
    "dropout": 0.0,
    "pooling": "cls",
    "projection": 128,
    "max_seq_length": 64,
    "num_train_epochs": 5,
    "max_steps": 70,
    "per_device_train_batch_size": 16,
    "batch_tokens": 900,
    "chunk_tokens": 512,
    "per_class": 2,
    "ways": 5,
    "shots": 2,
    "queries": 3,
    "gradient_accumulation_steps": 4,
    "optim": "sgd",
    "learning_rate": 3e-4,
    "head_learning_rate": 2e-3,
    "weight_decay": 0.0,
    "warmup_ratio": 0.25,
    "lr_scheduler_type": "cosine",
    "max_grad_norm": 0.0,
    "freeze_embeddings": True,
    "freeze_layers": 2,
    "layer_decay": 0.9,
    "lora_rank": 8,
    "lora_alpha": 24.0,
    "mixed_precision": "bf16",
    "balance": True,
    "evals_per_epoch": 3,
    "early_stopping_patience": 2,
    "save_steps": 50,
    "report_to": "tensorboard",
    "positive_from": 4.0,
    "neutral": "different",
    "columns": "a=sentence1,b=sentence2",
    "unlabelled": "sentences.txt",
    "max_train_samples": 900,
    "seed": 11,
    "probe": False,
}


OPTIONS = ("distance", "margin", "temperature", "symmetric", "mining", "head_hidden", "head_dropout")  # of the losses


def as_toml(values):
    """The values as TOML, those of a mixture as tables at the end."""
    words = {True: "true", False: "false"}
    flat = {name: value for name, value in values.items() if name != "mixture"}
    lines = [f"{name} = {words[value] if isinstance(value, bool) else repr(value)}" for name, value in flat.items()]
    for entry in values.get("mixture", []):
        lines += ["[[mixture]]", *(f"{name} = {value!r}" for name, value in entry.items() if value is not None)]
    return "\n".join(lines) + "\n"


def message(error):
    """The text of an error, which must be one line."""
    text = str(error.value)
    assert "\n" not in text
    return text


def test_every_setting_is_read_from_a_recipe(tmp_path):
    names = {field.name for field in fields(TrainSettings)} - {"loss_options"}
    assert set(CHANGED) == names | set(OPTIONS) == names | set(TrainSettings.nested()["loss_options"])
    recipe = tmp_path / "own.toml"
    recipe.write_text(as_toml(CHANGED), encoding="utf-8")
    settings = read_recipe(str(recipe))
    assert settings.values() == CHANGED
    assert settings.loss_options == {name: CHANGED[name] for name in OPTIONS}
    assert all(getattr(settings, name) != getattr(TrainSettings(), name) for name in names)


def test_every_setting_is_read_from_strings():
    strings = {name: str(value) for name, value in CHANGED.items()} | {"mixture": "stsb:cosent:0.5"}
    settings = TrainSettings().changed(strings)
    assert settings.values() == CHANGED
    assert {name: type(value) for name, value in settings.values().items()} == {
        name: type(value) for name, value in CHANGED.items()
    }


def test_no_prompt_is_another_setting_than_the_models_own():
    assert TrainSettings().prompt is DistillSettings().prompt is None
    assert TrainSettings().changed(read_assignments(["prompt="])).prompt == ""


def test_a_recipe_may_write_groups_as_tables(tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text(
        'dataset = "paws"\n[optimizer]\nlearning_rate = 1e-4\n[loss_options]\nmargin = 0.3\n[run]\nseed = 2\n'
        '[[mixture]]\ndataset = "qqp"\nrows = 9\n'
    )
    flat = {"dataset": "paws", "learning_rate": 1e-4, "margin": 0.3, "seed": 2, "mixture": "qqp:auto:1:9"}
    assert read_recipe(str(recipe)) == TrainSettings().changed(flat)


def test_an_unknown_table_or_key_in_one_is_refused(tmp_path):
    recipe = tmp_path / "own.toml"
    for content, said in (
        ("[optimiser]\nlearning_rate = 1e-4\n", "unknown setting 'optimiser'"),
        ("[optimizer]\nlearnin_rate = 1e-4\n", "unknown setting 'learnin_rate'; did you mean learning_rate?"),
        ('[[mixture]]\ndatset = "qqp"\n', "unknown setting 'datset'; did you mean dataset?"),
        ('[[mixture]]\nloss = "bce"\n', "a table of mixture names no dataset"),
        ('[[mixture]]\ndataset = "qqp"\nweight = -1\n', "weight is -1.0; it must be greater than 0 and finite"),
        ("mixture = 3\n", "mixture is 3; write tables"),
    ):
        recipe.write_text(content)
        with pytest.raises(UsageError) as error:
            read_recipe(str(recipe))
        assert message(error).startswith(said)


MIXTURE_OF_GENERAL_IN_0_1 = """
paws_qqp:align + 0.1*cosent:1:6000; stsb:cosent:0.5; mrpc:align + 0.1*cosent; qqp:align + 0.1*cosent:1:5000;
twitter_url:align + 0.1*cosent:1:5000
"""


@pytest.mark.parametrize("name", ["general", "paws"])
def test_the_tables_of_a_recipe_are_the_mixture_that_its_string_was(name):
    entries = read_recipe(name).mixture
    assert entries == read_mixture(MIXTURE_OF_GENERAL_IN_0_1)
    assert entries[:2] == (
        MixtureEntry("paws_qqp", "align + 0.1*cosent", 1.0, 6000),
        MixtureEntry("stsb", "cosent", 0.5, None),
    )


@pytest.fixture
def renamed(monkeypatch):
    """Return a function that gives the old and the new name of each warning that some code raises."""
    monkeypatch.setattr(deprecation, "_warned", set())

    def told(code):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = code()
        messages = [str(warning.message) for warning in caught if warning.category is FutureWarning]
        return found, [(text.partition(" is deprecated")[0], text.partition("; use ")[2]) for text in messages]

    return told


OLD = {
    "accumulate": 4,
    "also": "stsb:cosent:0.5",
    "batch_size": 16,
    "checkpoint_steps": 50,
    "clip": 0.0,
    "epochs": 5,
    "limit": 900,
    "max_length": 64,
    "mix": "round-robin",
    "optimizer": "sgd",
    "patience": 2,
    "precision": "bf16",
    "schedule": "cosine",
    "start_decay": 2.5,
    "start_share": 0.25,
    "track": "tensorboard",
    "validations": 3,
    "warmup": 0.25,
}


def test_every_name_of_0_1_is_read_and_warns_once(renamed):
    assert set(OLD) == set(RENAMED)
    settings, told = renamed(lambda: TrainSettings().changed(OLD))
    assert told == [(old, RENAMED[old]) for old in OLD]
    assert settings == TrainSettings().changed({RENAMED[old]: CHANGED[RENAMED[old]] for old in OLD})
    assert renamed(lambda: TrainSettings().changed(OLD)) == (settings, [])


def test_values_of_0_1_are_read_and_warn(renamed):
    settings, told = renamed(lambda: TrainSettings(mixed_precision="bf16").changed({"precision": "fp32", "track": ""}))
    assert (settings.mixed_precision, settings.report_to) == ("no", "none")
    assert told == [
        ("precision", "mixed_precision"),
        ("mixed_precision = 'fp32'", "mixed_precision = 'no'"),
        ("track", "report_to"),
        ("report_to = ''", "report_to = 'none'"),
    ]


def test_a_distillation_reads_the_names_of_0_1_that_it_has(renamed):
    old = {"epochs": 4, "batch_size": 9, "limit": 7, "warmup": 0.1, "validations": 2, "checkpoint_steps": 0}
    settings, told = renamed(lambda: DistillSettings().changed(old))
    assert told == [(name, RENAMED[name]) for name in old]
    assert settings == DistillSettings().changed({RENAMED[name]: value for name, value in old.items()})
    with pytest.raises(UsageError, match="unknown setting 'patience'"):
        DistillSettings().changed({"patience": 1})


def test_of_a_setting_that_is_named_twice_the_later_counts(renamed):
    settings, _ = renamed(lambda: TrainSettings().changed({"epochs": 4, "num_train_epochs": 7}))
    assert settings.num_train_epochs == 7


def test_a_distillation_leaves_to_the_kind_of_student_what_it_is_not_told():
    layered, static = DistillSettings(), DistillSettings(static=True, learning_rate=1e-4)
    loop = loop_settings(layered)
    assert (layered.batch_size, loop.learning_rate, loop.num_train_epochs) == (64, 4e-4, 2)
    assert (loop.weight_decay, loop.warmup_ratio, loop.save_steps) == (0.0, 0.05, 500)
    loop = loop_settings(static)
    assert (static.batch_size, loop.learning_rate, loop.num_train_epochs) == (1024, 1e-4, 5)


def test_a_recipe_leaves_all_it_does_not_name_at_its_default(tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text("# nothing but the length\nmax_seq_length = 40\n", encoding="utf-8")
    assert read_recipe(str(recipe)) == TrainSettings(max_seq_length=40)


@pytest.mark.parametrize("path", sorted(bundled("recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_bundled_recipes_load_by_name_and_by_path(path):
    named = tomllib.loads(path.read_text(encoding="utf-8"))
    kind = DistillSettings if "teacher" in named else TrainSettings
    assert recipe_values(path.stem) == recipe_values(str(path)) == named
    values = kind().changed(named).values()
    assert {name: values[name] for name in named if name != "mixture"} == {
        name: value for name, value in named.items() if name != "mixture"
    }


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
    [
        ("batchsize", "per_device_train_batch_size"),
        ("batch-size", "per_device_train_batch_size"),
        ("epoch", "num_train_epochs"),
        ("train_epochs", "num_train_epochs"),
        ("warmup_rate", "warmup_ratio"),
        ("head_dropouts", "head_dropout"),
    ],
)
def test_an_unknown_setting_is_answered_with_the_nearest(tmp_path, wrong, right):
    recipe = tmp_path / "own.toml"
    recipe.write_text(f"{wrong} = 3\n", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_recipe(str(recipe))
    assert message(error) == f"unknown setting '{wrong}'; did you mean {right}?"


def test_training_promises_nothing():
    with pytest.raises(UsageError) as error:
        TrainSettings(decide_at="recall>=0.9")
    assert "pairs that no training has looked at" in message(error)


def test_an_unknown_setting_with_no_near_one_is_answered_with_all():
    with pytest.raises(UsageError) as error:
        TrainSettings().changed({"zzz": 1})
    assert all(name in message(error) for name in CHANGED)


CHOICES = {
    "optim": ("adamw", "sgd"),
    "lr_scheduler_type": ("linear", "cosine", "constant"),
    "mixed_precision": ("no", "bf16", "fp16"),
    "neutral": ("drop", "different"),
    "interleave": ("proportional", "round-robin"),
    "report_to": ("none", "tensorboard", "trackio"),
    "distance": ("cosine", "euclidean"),
    "mining": ("hard", "all", "semi-hard"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_that_does_not_exist_is_answered_with_all_that_do(name):
    with pytest.raises(UsageError) as error:
        TrainSettings().changed({name: "sideways"})
    assert message(error) == f"{name} is 'sideways'; choose from {', '.join(CHOICES[name])}"
    for allowed in CHOICES[name]:
        assert TrainSettings().changed({name: allowed}).values()[name] == allowed


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("num_train_epochs", 0, "greater than 0"),
        ("per_device_train_batch_size", -4, "greater than 0"),
        ("gradient_accumulation_steps", 0, "greater than 0"),
        ("evals_per_epoch", 0, "greater than 0"),
        ("learning_rate", 0.0, "greater than 0"),
        ("learning_rate", float("nan"), "greater than 0"),
        ("max_steps", 0, "greater than 0, or left out"),
        ("max_seq_length", -1, "greater than 0, or left out"),
        ("projection", 0, "greater than 0, or left out"),
        ("max_train_samples", 0, "greater than 0, or left out"),
        ("warmup_ratio", 1.0, "at least 0 and less than 1"),
        ("dropout", 1.0, "at least 0 and less than 1, or left out"),
        ("max_grad_norm", -1.0, "at least 0"),
        ("early_stopping_patience", -1, "at least 0"),
        ("weight_decay", -0.01, "at least 0"),
        ("l2_sp", -1.0, "at least 0"),
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
        ("num_train_epochs", "many", "int"),
        ("num_train_epochs", "2.5", "int"),
        ("num_train_epochs", 2.5, "int"),
        ("num_train_epochs", True, "int"),
        ("num_train_epochs", "inf", "int"),
        ("num_train_epochs", None, "int"),
        ("num_train_epochs", [3], "int"),
        ("learning_rate", "fast", "float"),
        ("learning_rate", False, "float"),
        ("margin", "wide", "float"),
        ("max_train_samples", "1k", "int"),
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
        ("num_train_epochs", "4", 4),
        ("num_train_epochs", 4.0, 4),
        ("learning_rate", "2e-5", 2e-5),
        ("learning_rate", 1, 1.0),
        ("dropout", "0", 0.0),
    ],
)
def test_a_string_becomes_the_type_of_its_setting(name, text, value):
    start = TrainSettings(loss_options={"margin": 0.3}, max_steps=7, pooling="cls", balance=value is False)
    read = start.changed({name: text}).values()[name]
    assert read == value
    assert type(read) is type(value)


def test_changing_leaves_the_settings_it_starts_from_alone():
    start = TrainSettings()
    assert start.changed({"num_train_epochs": 9}) == TrainSettings(num_train_epochs=9)
    assert start == TrainSettings()


def test_assignments_are_split_at_their_first_equals_sign():
    assert read_assignments(["num_train_epochs=4", " columns = a=sentence1", "pooling="]) == {
        "num_train_epochs": "4",
        "columns": "a=sentence1",
        "pooling": "",
    }


def test_what_is_no_assignment_is_refused():
    with pytest.raises(UsageError) as error:
        read_assignments(["num_train_epochs=4", "loss"])
    assert message(error) == "'loss' is no assignment; write key=value, such as seed=4"


def test_columns_are_named_by_assignments():
    assert TrainSettings(columns="a=sentence1, b = sentence2,").column_names == {"a": "sentence1", "b": "sentence2"}
    assert TrainSettings().column_names == {}


def test_a_decay_that_goes_beyond_the_start_is_refused_with_the_largest_there_is():
    assert TrainSettings(l2_sp=1000, learning_rate=1e-3).l2_sp == 1000
    with pytest.raises(UsageError, match=r"l2_sp is 1001, .* at most 1000$"):
        TrainSettings(l2_sp=1001, learning_rate=1e-3)
