"""What a run asks of the machine: a device that can do it, a tracker, processes; and the accelerator that it gets."""

from __future__ import annotations

import os
from importlib.util import find_spec

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, set_seed

from siamese_text.errors import UsageError
from siamese_text.process import keep_heap, reset_accelerator
from siamese_text.training.settings import RunSettings


def make_accelerator(settings: RunSettings, device: torch.device, *, idle_weights: bool = False) -> Accelerator:
    """Set the seeds of a run and return its accelerator.

    Args:
        settings: Seed, precision and tracker of the run.
        device: The device to train on.
        idle_weights: Whether some batch's loss does not depend on all weights that learn, of which several processes
            must then not wait for gradients.

    Raises:
        UsageError: The settings do not fit the machine, or it is not one of as many processes as were launched.
    """
    check_machine(settings, device)
    accelerator = _accelerator(settings, device, idle_weights=idle_weights)
    _check_processes(accelerator.num_processes)
    if accelerator.device.type == "cpu":
        keep_heap()
    set_seed(settings.seed)
    return accelerator


def check_machine(settings: RunSettings, device: torch.device) -> None:
    """Refuse what the device cannot do, a tracker that is not there, and a launch without a launcher.

    Raises:
        UsageError: The precision does not fit the device, the tracker is not installed, or this is to be one of
            several processes that do not know of each other.
    """
    if "LOCAL_RANK" not in os.environ:  # which torchrun sets, and without which there is one process alone
        _check_processes(1)
    if settings.mixed_precision == "fp16" and device.type == "cpu":
        raise UsageError("mixed_precision is fp16, which needs a GPU; choose no or bf16 on a CPU")
    if settings.report_to != "none" and find_spec(settings.report_to) is None:
        raise UsageError(f"report_to needs {settings.report_to}; install it with pip install 'siamese-text[track]'")


def _check_processes(found: int) -> None:
    """Refuse another number of processes than were launched: each would train a model of its own."""
    launched = os.environ.get("WORLD_SIZE", "1")
    if str(found) != launched:
        raise UsageError(
            f"WORLD_SIZE is {launched}, and this run has {found} process(es); launch it by torchrun "
            f"--nproc_per_node {launched} -m siamese_text train, or unset WORLD_SIZE"
        )


def _accelerator(settings: RunSettings, device: torch.device, *, idle_weights: bool) -> Accelerator:
    reset_accelerator()
    return Accelerator(
        mixed_precision=settings.mixed_precision,
        cpu=device.type == "cpu",
        log_with=None if settings.report_to == "none" else settings.report_to,
        project_dir=None if settings.report_to == "none" else "runs",
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=idle_weights)],
    )
