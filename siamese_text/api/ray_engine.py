"""Shards written by the workers of a Ray cluster, each of which loads the encoder once.

Ray hands out numbers of shards, nothing else: rows, vectors and markers are files of a folder that every machine sees.
So what a worker has finished stays when it, the cluster or this process is killed.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from siamese_text.api.keyed_encoder import EncoderChoice
from siamese_text.errors import SiameseTextError, UsageError
from siamese_text.vectors.shards import ShardWriter

SMALL_STORE = 80 * 2**20  # bytes of shared memory that Ray keeps on a machine of its own: only numbers pass through it


def check_ray() -> None:
    """Refuse to go on without Ray.

    Raises:
        UsageError: It is not installed.
    """
    if find_spec("ray") is None:
        raise UsageError("engine ray needs Ray: pip install 'siamese-text[ray]', or leave --engine out")


def write_on_ray(
    folder: Path, shards: Sequence[int], choice: EncoderChoice, workers: int | None, done: Callable[[int], None]
) -> None:
    """Have shards written by actors of Ray Data, on GPUs where the cluster has some; a worker that dies is replaced.

    Args:
        folder: The folder of the shards, with its plan, in the same place on every machine.
        shards: The numbers of those to write.
        choice: The encoder; a folder in the same place on every machine, or a name that all can load.
        workers: How many actors at most; by default one for each GPU or, where there is none, CPU.
        done: Called with the number of each shard that is whole.

    Raises:
        UsageError: A worker could not load the encoder or write a shard, or the cluster could not do it.
    """
    if not shards:
        return
    import ray
    import ray.data

    with _cluster(ray):
        resources = ray.cluster_resources()
        gpus, cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
        most = min(workers or gpus or cpus, len(shards))
        at_once = min(most, gpus or cpus)  # a cluster may grow
        smallest = min(int(node["Resources"].get("CPU", 1)) for node in ray.nodes() if node["Alive"])
        numbers = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
        written = numbers.map(
            _Worker,
            fn_constructor_args=(str(folder.absolute()), choice),
            compute=ray.data.ActorPoolStrategy(min_size=at_once, max_size=most, max_tasks_in_flight_per_actor=1),
            num_gpus=1 if gpus else None,
            num_cpus=None if gpus else max(1, min(cpus // most, smallest)),  # a worker lives on one machine
        )
        try:
            for row in written.iter_rows():
                if row["problem"]:
                    raise UsageError(row["problem"])
                done(row["shard"])
        except ray.exceptions.RayError as error:
            line = str(error).strip().splitlines()[-1]
            raise UsageError(
                f"Ray could not write all shards ({line}); whole ones are kept, run the same command again"
            ) from error


class _Worker:
    """An actor: an encoder that writes one shard after the other, and gives back what it was refused."""

    def __init__(self, folder: str, choice: EncoderChoice) -> None:
        self._problem = ""
        try:
            self._writer = ShardWriter(Path(folder), choice.load())
        except SiameseTextError as error:
            self._problem = str(error)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        shard: int = row["shard"]
        if not self._problem:
            try:
                self._writer.begin_try(shard)
                self._writer.write(shard)
            except SiameseTextError as error:
                return {"shard": shard, "problem": str(error)}
        return {"shard": shard, "problem": self._problem}


@contextmanager
def _cluster(ray: Any) -> Iterator[None]:
    """Join the cluster that RAY_ADDRESS or `ray start` names, or start one here; leave it unless the caller had joined.

    What Ray prints of workers that died goes to stderr: stdout is for data.
    """
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    joined = ray.is_initialized()
    with redirect_stdout(sys.stderr):
        try:
            if not joined:
                _join_or_start(ray)
            yield
        finally:
            if not joined:
                ray.shutdown()


def _join_or_start(ray: Any) -> None:
    host, _, port = os.environ.get("RAY_ADDRESS", "").rpartition(":")
    if port.isdigit():  # Ray itself takes minutes to find out that nobody is there
        try:
            socket.create_connection((host.removeprefix("ray://"), int(port)), timeout=10).close()
        except OSError as error:
            raise UsageError(f"RAY_ADDRESS is {host}:{port}, where nobody answers ({error}); start Ray there") from None
    quiet = {"logging_level": logging.CRITICAL, "log_to_driver": False}
    try:
        try:
            ray.init(include_dashboard=False, object_store_memory=SMALL_STORE, **quiet)
        except ValueError:  # a cluster is there, which has a size of its own
            ray.init(**quiet)
    except (ConnectionError, RuntimeError) as error:
        line = str(error).strip().splitlines()[0]
        raise UsageError(f"no Ray cluster answers ({line:.200}); check RAY_ADDRESS, or see `ray status`") from error
