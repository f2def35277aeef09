"""The state of a run on disk, so that a run that was killed goes on as if nothing had happened.

    <output>.checkpoints/
      step-00000120/
        state.json             step, history, settings: all that is words and numbers
        run.safetensors        weights, optimiser, best weights
        random-0.safetensors   the generators of process 0, and so on

No pickle. A folder appears whole or not at all; the newest two are kept, and all go when the model has been saved.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from siamese_text.atomic import atomic_folder

FORMAT = 2  # 1 was that of 0.1, whose settings had other names
KEPT = 2
_NAME = re.compile(r"step-(\d{8})")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run after a step.

    Attributes:
        state: Plain values that JSON holds.
        tensors: Weights and optimiser, by name.
        generators: The random generators of this process, as ``generator_state`` gives them.
    """

    state: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    generators: Mapping[str, Tensor]


def checkpoint_folder(output: Path) -> Path:
    """Return where the checkpoints of a run with this output lie."""
    return output.with_name(output.name + ".checkpoints")


def write_checkpoint(
    folder: Path, step: int, checkpoint: Checkpoint, *, generators: list[Mapping[str, Tensor]]
) -> None:
    """Write a checkpoint, then remove all but the newest.

    Args:
        folder: The folder that ``checkpoint_folder`` names.
        step: That was done last.
        checkpoint: The run.
        generators: The random generators of every process, in their order.
    """
    with atomic_folder(folder / f"step-{step:08d}") as new:
        save_file(
            {name: tensor.contiguous().clone() for name, tensor in checkpoint.tensors.items()}, new / "run.safetensors"
        )
        for rank, generator in enumerate(generators):
            save_file(dict(generator), new / f"random-{rank}.safetensors")
        (new / "state.json").write_text(json.dumps(checkpoint.state) + "\n", encoding="utf-8")
    for old in _checkpoints(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def newest_checkpoint(folder: Path, *, rank: int = 0) -> Checkpoint | None:
    """Read the newest checkpoint that is whole.

    Args:
        folder: The folder that ``checkpoint_folder`` names.
        rank: The process whose generators are wanted.

    Returns:
        The checkpoint, or None where there is none that can be read.
    """
    for path in reversed(_checkpoints(folder)):
        try:
            state = json.loads((path / "state.json").read_text(encoding="utf-8"))
            return Checkpoint(
                state, load_file(path / "run.safetensors"), load_file(path / f"random-{rank}.safetensors")
            )
        except (OSError, ValueError, SafetensorError):  # damaged from outside: the one before it is as good
            continue
    return None


def remove_checkpoints(folder: Path) -> None:
    """Remove the checkpoints of a run that is over."""
    shutil.rmtree(folder, ignore_errors=True)


def generator_state() -> dict[str, Tensor]:
    """Return the state of PyTorch's random generators, the only ones that a step draws from."""
    states = {"torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_generators(states: Mapping[str, Tensor]) -> None:
    """Put PyTorch's random generators back to where ``generator_state`` found them."""
    torch.set_rng_state(states["torch"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's moments and counters by parameter number and name."""
    return {
        f"optimizer.{number}.{name}": value
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
        if value is not None
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimiser back what ``optimizer_tensors`` took from it; its groups are built anew from the settings."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        kind, _, rest = key.partition(".")
        if kind == "optimizer":
            number, name = rest.split(".", 1)
            state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("step-*") if _NAME.fullmatch(path.name))
