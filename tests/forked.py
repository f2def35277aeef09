"""Fresh processes that begin with PyTorch imported already, which takes longer than most of what they are started for.

One process a test session imports it, and starts no threads; each process that is started is a fork of it, with as many
threads as the tests themselves.
"""

import multiprocessing
import os
import runpy
import socket
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["siamese_text.encoder.torch_encoder", "siamese_text.training.run", "tests.forked"])


def start(script: Path, *arguments: object, **environment: str) -> BaseProcess:
    """Start a script as ``python script arguments`` would, with some variables more in its environment."""
    process = _CONTEXT.Process(target=_run, args=(str(script), list(map(str, arguments)), environment))
    process.start()
    return process


def run(script: Path, *arguments: object, **environment: str) -> int:
    """Run a script to its end, and return its exit code, below 0 for a signal."""
    return _ended(start(script, *arguments, **environment))


def run_two(script: Path, *arguments: object) -> list[int]:
    """Run a script in two processes that train together, as torchrun and ``accelerate launch`` start them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    ranks = [{"RANK": rank, "LOCAL_RANK": rank} for rank in "01"]
    return [_ended(process) for process in [start(script, *arguments, **shared, **rank) for rank in ranks]]


def _run(script: str, arguments: list[str], environment: dict[str, str]) -> None:
    os.environ |= {"CUDA_VISIBLE_DEVICES": ""} | environment
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


def _ended(process: BaseProcess) -> int:
    process.join(timeout=120)
    assert process.exitcode is not None, "the process did not end in two minutes"
    return process.exitcode
