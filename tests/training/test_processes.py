import json
import os
import subprocess
import sys

import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.scoring.siamese_text_json import read_classifier
from tests import forked

PLACES = ["at the lake", "in the garden", "by the old stone", "under a tree", "near the river"]
ANIMALS = ["a cat", "two birds", "white bees", "the big dog", "a slow fish"]
EXACT = 1e-10  # in float64


def make_rows(opening):
    """Fifty pairs, every other of which says the same."""
    rows = []
    for animal in ANIMALS:
        for number, place in enumerate(PLACES):
            rows.append((f"{opening} {animal} sleeps {place}", f"{animal} sleeps again {place}", 1.0))
            rows.append((f"{opening} {animal} sleeps {place}", f"{animal} runs {PLACES[number - 1]}", 0.0))
    return rows


def equal(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


TWO_PROCESSES = """
import json, os, sys
from pathlib import Path

import torch
from accelerate import PartialState

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Example, Pair
from siamese_text.training import run
from siamese_text.training.settings import TrainSettings
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet

folder, model = Path(sys.argv[1]), sys.argv[2]
save = run.save
run.save = lambda *parts: (save(*parts), (folder / f"saved-by-{os.environ['RANK']}").touch())
own = {"dataset": str(folder / "own"), "per_device_train_batch_size": 4}
quick = TrainSettings(model=model, loss="contrastive", max_steps=2, **own)
report = run.run_training(quick, folder / "model", device="cpu")
assert report.best_step > 0
train, validation = ([Pair(*row) for row in rows] for rows in json.loads((folder / "pairs.json").read_text()))
seen = []
encoder = TorchEncoder.load(model, device="cpu")
encoder.transformer.register_forward_pre_hook(
    lambda module, args, kwargs: seen.append(kwargs["input_ids"].tolist()) if module.training else None,
    with_kwargs=True,
)
rows = [Example(pair.sides, pair.label) for pair in train]
settings = TrainSettings(per_device_train_batch_size=4, num_train_epochs=2, learning_rate=1e-3)
fitted = fit(encoder, [TrainSet("own", rows, "pairs", "bce")], validation, settings)
rank = PartialState().process_index
assert PartialState().num_processes == 2
torch.save(
    {
        "state": encoder.state_dict(),
        "head": {name: torch.from_numpy(weight) for name, weight in fitted.head.weights.items()},
        "epochs": [record.epoch for record in fitted.history.steps],
        "best": fitted.best_step,
        "batches": json.dumps(seen),
    },
    folder / f"rank{rank}.pt",
)
PartialState().destroy_process_group()
"""


def test_two_processes_share_the_batches_end_with_the_same_weights_and_save_once(tmp_path, tiny_sentence_model):
    (tmp_path / "run.py").write_text(TWO_PROCESSES, encoding="utf-8")
    validation = [(f"again {left}", f"again {right}", label) for left, right, label in make_rows("after the rain")]
    splits = {"train": make_rows("in winter"), "validation": validation}
    (tmp_path / "pairs.json").write_text(json.dumps(list(splits.values())), encoding="utf-8")
    (tmp_path / "own").mkdir()
    for name, rows in splits.items():
        lines = [json.dumps(dict(zip(("sentence1", "sentence2", "label"), row, strict=True))) for row in rows]
        (tmp_path / "own" / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    subprocess.run(
        [*command, str(tmp_path / "run.py"), str(tmp_path), str(tiny_sentence_model)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        check=True,
        timeout=120,
    )
    assert read_classifier(tmp_path / "model").decision is not None
    assert [path.name for path in tmp_path.glob("saved-by-*")] == ["saved-by-0"]
    one, two = (torch.load(tmp_path / f"rank{rank}.pt") for rank in range(2))
    assert equal(one["state"], two["state"])
    assert equal(one["head"], two["head"])
    # 50 pairs are 7 batches of at most 8, of which each process encodes half
    assert one["epochs"] == two["epochs"] == pytest.approx([step / 7 for step in range(1, 15)])
    assert one["best"] == two["best"]
    assert not set(map(str, json.loads(one["batches"])[:7])) & set(map(str, json.loads(two["batches"])[:7]))
    assert not equal(one["state"], TorchEncoder.load(tiny_sentence_model, device="cpu").state_dict())


EQUAL = """
import json, os, sys
from pathlib import Path

import torch
from accelerate import PartialState

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Example, Pair
from siamese_text.training.settings import TrainSettings
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet

# All is computed in float64, where the order of sums, which differs between processors, hardly shows.
torch.set_default_dtype(torch.float64)
torch.Tensor.float, torch.nn.Module.float = torch.Tensor.double, torch.nn.Module.double
as_tensor = torch.from_numpy
torch.from_numpy = lambda values: as_tensor(values).double() if values.dtype == "float32" else as_tensor(values)
folder, model, batch_size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pairs = [Pair(*row) for row in json.loads((folder / "pairs.json").read_text())]
still = {"dropout": 0.0, "loss_options": {"head_dropout": 0.0}, "optim": "sgd"}
still |= {"learning_rate": 1e-4, "head_learning_rate": 1e-4}
results = {}
# 29 rows in batches of 8: the last one holds 5, so that two processes get unequal shares
train = [Example(pair.sides, pair.label) for pair in pairs[:29]]
classes = [Example((pair.sides[number % 2],), float(number // 2 % 4)) for number, pair in enumerate(pairs[:40])]
PAIRS = "bce contrastive online-contrastive cosent infonce cached-infonce align mse bce-cosine".split()
RUNS = {loss: ([TrainSet("own", train, "pairs", loss)], {}) for loss in [*PAIRS, "align + bce + 0.5*cosent"]}
several = [TrainSet("own", train, "pairs", "align + bce"), TrainSet("further", train[:24], "pairs", "cosent")]
RUNS |= {
    "a head that waits": (several, {}),
    "two batches a step": (several, {"gradient_accumulation_steps": 2}),
    "a budget of tokens": (several[1:], {"batch_tokens": 15 * batch_size}),
    "classes": ([TrainSet("classes", classes, "classes", "triplet")], {"per_class": 2}),
    "episodes": ([TrainSet("classes", classes, "classes", "prototypical")], {"ways": 2, "shots": 1, "queries": 2}),
}
for name, (sets, more) in RUNS.items():
    encoder = TorchEncoder.load(model, device="cpu")
    settings = TrainSettings(per_device_train_batch_size=batch_size, num_train_epochs=1, **still, **more)
    rows = classes[:8] if sets[0].kind == "classes" else None
    fitted = fit(encoder, sets, pairs[45:], settings, held_out=rows)
    results[name] = {
        "steps": [(record.loss, record.gradient_norm) for record in fitted.history.steps],
        "validations": [record.loss for record in fitted.history.validations],
        "weights": torch.cat([weight.flatten().double() for weight in encoder.state_dict().values()]).tolist(),
    }
world = PartialState().num_processes
if PartialState().is_main_process:
    (folder / f"of-{world}.json").write_text(json.dumps(results))
if world > 1:
    PartialState().destroy_process_group()
"""


def test_two_processes_give_the_losses_and_gradients_of_one_with_twice_the_batch(tmp_path, tiny_sentence_model):
    (tmp_path / "equal.py").write_text(EQUAL, encoding="utf-8")
    (tmp_path / "pairs.json").write_text(json.dumps(make_rows("in winter") + make_rows("again")[:9]), encoding="utf-8")
    assert forked.run_two(tmp_path / "equal.py", tmp_path, tiny_sentence_model, 4) == [0, 0]
    assert forked.run(tmp_path / "equal.py", tmp_path, tiny_sentence_model, 8) == 0
    two, one = (json.loads((tmp_path / f"of-{world}.json").read_text()) for world in (2, 1))
    for loss, alone in one.items():
        assert len(alone["steps"]) >= 3, loss  # more where no text may stand twice in a batch
        assert any(norm > 0 for _, norm in alone["steps"]), loss
        for expected, found in zip(alone["steps"], two[loss]["steps"], strict=True):
            assert found == pytest.approx(expected, rel=EXACT, abs=EXACT), loss
        assert two[loss]["validations"] == pytest.approx(alone["validations"], rel=1e-6), loss  # of float32 vectors
        assert two[loss]["weights"] == pytest.approx(alone["weights"], rel=EXACT, abs=EXACT), loss


KILLED = """
import json, os, signal, sys
from pathlib import Path

import torch
from accelerate import PartialState

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Example, Pair
from siamese_text.training.settings import TrainSettings
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet

folder, model, last, names = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]


class Killer:
    def __init__(self, name):
        self.name = name

    def started(self, steps, done):
        (folder / f"{self.name}-went-on-after").write_text(str(done))

    def stepped(self, record):
        if record.step == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def validated(self, record):
        pass


pairs = [Pair(*row) for row in json.loads((folder / "pairs.json").read_text())]
rows = [Example(pair.sides, pair.label) for pair in pairs[:40]]
values = {"per_device_train_batch_size": 4, "num_train_epochs": 2, "learning_rate": 1e-3, "save_steps": 3}
settings = TrainSettings(**values, dropout=0.2)
sets = [TrainSet("own", rows, "pairs", "bce")]
for name in names:
    encoder = TorchEncoder.load(model, device="cpu")
    checkpoints = folder / f"{name}.checkpoints"
    fit(encoder, sets, pairs[40:], settings, checkpoints=checkpoints, resume=True, observer=Killer(name))
    assert PartialState().num_processes == 2
    if PartialState().is_main_process:
        torch.save(encoder.state_dict(), folder / f"{name}.pt")
PartialState().destroy_process_group()
"""


def test_two_processes_that_were_killed_go_on_bit_for_bit(tmp_path, tiny_sentence_model):
    (tmp_path / "run.py").write_text(KILLED, encoding="utf-8")
    (tmp_path / "pairs.json").write_text(json.dumps(make_rows("in winter")), encoding="utf-8")

    def run(last, *names):
        return forked.run_two(tmp_path / "run.py", tmp_path, tiny_sentence_model, last, *names)

    assert run(7, "killed") == [-9, -9]  # of 10 steps, in the second epoch, one after a checkpoint
    assert not (tmp_path / "killed.pt").exists()
    assert run(0, "killed", "whole") == [0, 0]  # one start of two processes for both
    assert (tmp_path / "whole-went-on-after").read_text() == "0"
    assert (tmp_path / "killed-went-on-after").read_text() == "6"
    assert equal(*(torch.load(tmp_path / f"{name}.pt") for name in ("whole", "killed")))
