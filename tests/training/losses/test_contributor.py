"""The recipe of a contributor: a loss in one file is trained by its name, and told of, with no line anywhere else."""

import json
import sys
from importlib import import_module
from inspect import cleandoc

import pytest

from siamese_text.cli import run
from siamese_text.training import losses

ONE_FILE = '''
    """Losses of a toy."""

    from __future__ import annotations

    from torch import Tensor

    from siamese_text.training.losses.base import Columns, Loss
    from siamese_text.training.losses.distances import cosine_rows


    class ToyLoss(Loss):
        """The cosine is the label: mean of |cos(u, v) − y|ᵖ.

        Args:
            toy_power: p, by default 2.
        """

        name = "toy"
        description = "the cosine is the label, by any power"
        accepts = frozenset({"pairs", "graded"})
        reads = ("toy_power",)

        def __init__(self, toy_power: float = 2.0) -> None:
            super().__init__()
            self.power = toy_power

        def forward(self, columns: Columns, targets: Tensor) -> Tensor:
            """Return the loss of two columns and (B,) labels."""
            return (cosine_rows(*columns.embeddings) - targets).abs().pow(self.power).mean()
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder beside that of the losses, with one file."""
    folder = tmp_path / "losses"
    folder.mkdir()
    (folder / "toy.py").write_text(cleandoc(ONE_FILE), encoding="utf-8")
    monkeypatch.setattr(losses, "__path__", [*losses.__path__, str(folder)])
    losses.find_losses(losses.__path__)
    yield import_module("siamese_text.training.losses.toy").ToyLoss
    del losses.LOSSES["toy"], sys.modules["siamese_text.training.losses.toy"]


def command(*arguments):
    return run([str(argument) for argument in arguments])


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_it_is_trained_by_its_name_with_its_own_option(toy, tiny_sentence_model, tmp_path, capsys, power):
    options = ("--max-steps", "1", "--set", f"toy_power={power:g}", "--set", "max_train_samples=32", "--json")
    given = ("--loss", "toy", "--model", tiny_sentence_model, "-o", tmp_path / "model")
    assert command("train", "--dataset", "sample", *given, *options) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert (settings["loss"], settings["toy_power"]) == ("toy", power)
    [step] = [line for line in (tmp_path / "model" / "history.jsonl").read_text().splitlines() if '"step"' in line][:1]
    assert json.loads(step)["loss"] > 0


def test_it_goes_into_sums_and_recipes(toy):
    facts = losses.Facts(embedding_dimension=4, hidden_size=4)
    [loss] = losses.build_losses([("0.5*toy + mse", "pairs")], facts, {"toy_power": 3.0})
    assert loss.parts()[0].power == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--loss", "tou"), "unknown loss 'tou'; did you mean toy?"),
        (("--loss", "?"), "cosent, prototypical, infonce, cached-infonce, supcon, triplet, toy"),
        (("--loss", "toy", "--set", "toy_powr=2"), "unknown setting 'toy_powr'; did you mean toy_power?"),
        (("--loss", "toy", "--set", "toy_power=much"), "toy_power is 'much'; it must be of type float"),
        (
            ("--loss", "mse", "--set", "toy_power=3"),
            "toy_power is 3.0, which mse would ignore; leave it out or choose from toy",
        ),
        (("--loss", "triplet"), "for pairs choose from bce, bce-cosine, align, contrastive, "),
    ],
)
def test_messages_know_it(toy, tiny_sentence_model, tmp_path, capsys, given, words):
    options = ("--model", tiny_sentence_model, "-o", tmp_path / "model", "--max-steps", "1")
    assert command("train", "--dataset", "sample", *options, *given) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert words in error
    if given == ("--loss", "triplet"):
        assert error.endswith(", toy")


def test_two_losses_of_one_name_are_refused(toy):
    with pytest.raises(TypeError, match="two losses are called toy: ToyLoss and Other"):
        type("Other", (losses.Loss,), {"name": "toy"})


def test_an_option_that_the_constructor_does_not_take_is_refused():
    with pytest.raises(TypeError, match="Other reads strength, which its constructor does not take"):
        type("Other", (losses.Loss,), {"name": "other", "reads": ("strength",)})
