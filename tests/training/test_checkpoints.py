"""A run that was killed or stopped, and went on, is the run that was neither."""

import json
import signal
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import Interrupted, UsageError
from siamese_text.records import Example, Pair
from siamese_text.training.checkpoints import (
    Checkpoint,
    generator_state,
    newest_checkpoint,
    optimizer_tensors,
    restore_generators,
    restore_optimizer,
    write_checkpoint,
)
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet
from siamese_text.training.settings import TrainSettings
from tests import forked

ANIMALS = ["a cat", "two birds", "white bees", "the big dog", "a slow fish", "one old horse"]
PLACES = ["at the lake", "in the garden", "by the old stone", "under a tree", "near the river"]
ROWS = [
    Example((f"{animal} sleeps {place}", f"again {animal if same else other} sleeps {place}"), float(same))
    for animal, other in pairwise(ANIMALS)
    for place in PLACES
    for same in (True, False)
]  # 50 rows: 7 batches of 8
TRAIN, HELD_OUT = ROWS[:40], ROWS[40:]
SETTINGS = TrainSettings(
    per_device_train_batch_size=8,
    num_train_epochs=3,
    save_steps=2,
    dropout=0.2,
    learning_rate=1e-3,
    evals_per_epoch=2,
    l2_sp=5.0,
)


class Nobody:
    """An observer that does something after a step."""

    def __init__(self, step=None, act=None):
        self.step, self.act, self.done = step, act, None

    def started(self, _steps, done):
        self.done = done

    def stepped(self, record):
        if record.step == self.step:
            self.act()

    def validated(self, record):
        pass


def run(model, checkpoints=None, *, resume=False, observer=None, settings=SETTINGS, loss="bce + 0.5*cosent"):
    encoder = TorchEncoder.load(model, device="cpu")
    pairs = [Pair(*row.texts, row.label) for row in HELD_OUT]
    sets = [TrainSet("main", TRAIN, "pairs", loss), TrainSet("more", TRAIN[:16], "pairs", "contrastive", 0.5)]
    fitted = fit(encoder, sets, pairs, settings, checkpoints=checkpoints, resume=resume, observer=observer)
    return encoder, fitted


def assert_same_run(one, other):
    (first, left), (second, right) = one, other
    weights = first.state_dict()
    assert weights.keys() == second.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in second.state_dict().items())
    assert all((left.head.weights[name] == right.head.weights[name]).all() for name in left.head.weights)
    assert left.best_step == right.best_step
    assert left.history.validations == right.history.validations
    steps = [
        [asdict(replace(record, pairs_per_second=0)) for record in fitted.history.steps] for fitted in (left, right)
    ]
    assert steps[0] == steps[1]


@pytest.fixture(scope="module")
def whole(tiny_sentence_model):
    """The run that nothing happened to: 21 steps."""
    done = run(tiny_sentence_model)
    assert len(done[1].history.steps) == 21
    return done


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_checkpoints as here
end = lambda: os.kill(os.getpid(), signal.SIGKILL)
here.run(sys.argv[2], Path(sys.argv[3]), observer=here.Nobody(int(sys.argv[4]), end))
"""


@pytest.mark.parametrize("step", [5, 16], ids=["in the first epoch", "in the last"])
def test_a_run_that_is_killed_in_mid_epoch_goes_on_bit_for_bit(tmp_path, tiny_sentence_model, whole, step):
    checkpoints = tmp_path / "model.checkpoints"
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    code = forked.run(script, Path(__file__).parent, tiny_sentence_model, checkpoints, step)
    assert code == -signal.SIGKILL
    watch = Nobody()
    resumed = run(tiny_sentence_model, checkpoints, resume=True, observer=watch)
    assert watch.done == (step - 1) // 2 * 2  # the kill came before this step could be saved
    assert_same_run(resumed, whole)


def test_a_run_that_is_interrupted_saves_and_says_how_to_go_on(tmp_path, tiny_sentence_model, whole):
    checkpoints = tmp_path / "model.checkpoints"
    stop = Nobody(9, lambda: signal.raise_signal(signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)  # a shell may have it ignored
    with pytest.raises(
        Interrupted, match=r"stopped after step 9 of 21: its state is in .*; go on with --resume"
    ) as error:
        run(tiny_sentence_model, checkpoints, observer=stop)
    assert error.value.exit_code == 130
    assert sorted(path.name for path in checkpoints.iterdir()) == ["step-00000008", "step-00000009"]
    assert signal.getsignal(signal.SIGINT) is before
    watch = Nobody()
    assert_same_run(run(tiny_sentence_model, checkpoints, resume=True, observer=watch), whole)
    assert watch.done == 9


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path, tiny_sentence_model, whole):
    checkpoints = tmp_path / "model.checkpoints"
    with pytest.raises(Interrupted):
        run(tiny_sentence_model, checkpoints, observer=Nobody(7, lambda: signal.raise_signal(signal.SIGTERM)))
    weights = checkpoints / "step-00000007" / "run.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    watch = Nobody()
    assert_same_run(run(tiny_sentence_model, checkpoints, resume=True, observer=watch), whole)
    assert watch.done == 6


@pytest.mark.parametrize("change", [{"learning_rate": 2e-3}, {"seed": 1}, {"num_train_epochs": 4}])
def test_another_run_is_not_resumed(tmp_path, tiny_sentence_model, change):
    checkpoints = tmp_path / "model.checkpoints"
    with pytest.raises(Interrupted):
        run(tiny_sentence_model, checkpoints, observer=Nobody(2, lambda: signal.raise_signal(signal.SIGINT)))
    [(name, value)] = change.items()
    with pytest.raises(UsageError, match=rf"a run with {name} .*, not {value}; resume with the same settings"):
        run(tiny_sentence_model, checkpoints, resume=True, settings=SETTINGS.changed(change))


def test_a_checkpoint_of_another_version_is_refused_with_a_line(tmp_path, tiny_sentence_model):
    checkpoints = tmp_path / "model.checkpoints"
    with pytest.raises(Interrupted):
        run(tiny_sentence_model, checkpoints, observer=Nobody(2, lambda: signal.raise_signal(signal.SIGINT)))
    path = checkpoints / "step-00000002" / "state.json"
    state = json.loads(path.read_text())
    assert state.pop("format") == 2
    path.write_text(json.dumps(state))  # as 0.1 wrote it
    with pytest.raises(UsageError, match=r"a run of another version \(format 1, .* begin anew with --overwrite$"):
        run(tiny_sentence_model, checkpoints, resume=True)


def test_resuming_where_there_is_nothing_begins_at_the_beginning(tmp_path, tiny_sentence_model, whole):
    with pytest.warns(UserWarning, match="there is no checkpoint in .*none to resume; training begins anew"):
        begun = run(tiny_sentence_model, tmp_path / "none", resume=True)
    assert_same_run(begun, whole)


def test_only_the_newest_two_are_kept_and_a_half_written_one_is_never_seen(tmp_path):
    for step in (3, 20, 100):
        tensors = {"module.weight": torch.full((2,), float(step))}
        write_checkpoint(tmp_path, step, Checkpoint({"step": step}, tensors, {}), generators=[generator_state()])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000020", "step-00000100"]
    (tmp_path / "step-00000200.tmp").mkdir()
    assert newest_checkpoint(tmp_path).state == {"step": 100}
    assert newest_checkpoint(tmp_path).tensors["module.weight"].tolist() == [100, 100]
    assert newest_checkpoint(tmp_path / "nowhere") is None


def test_the_generators_go_on_from_where_they_were():
    before = generator_state()
    drawn = torch.rand(5)
    assert not torch.equal(torch.rand(5), drawn)
    restore_generators(before)
    assert torch.equal(torch.rand(5), drawn)


@pytest.mark.parametrize("kind", [torch.optim.AdamW, lambda groups: torch.optim.SGD(groups, lr=0.1, momentum=0.9)])
def test_an_optimizer_takes_its_next_step_as_if_it_had_never_been_away(kind):
    def step(optimizer, weight):
        weight.grad = weight.detach() * 2 + 1
        optimizer.step()

    one = torch.nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))
    first = kind([{"params": [one]}])
    step(first, one)
    other = torch.nn.Parameter(one.detach().clone())
    second = kind([{"params": [other]}])
    restore_optimizer(second, {name: value.clone() for name, value in optimizer_tensors(first).items()})
    step(first, one)
    step(second, other)
    assert torch.equal(one, other)
