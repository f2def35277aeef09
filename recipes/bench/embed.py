"""Embed a small and a large file: does memory grow? Then kill runs at random moments: is a row lost or doubled?

    python recipes/bench/embed.py [--rows 20000 200000] [--kills 10] [--seed 0]

The runs are those of the command line, with the embedded model's vocabulary and a transformer of two small random
layers, so that reading, looking up and writing weigh as much as they can beside the encoder. Memory is the peak of the
resident set as the operating system accounts for it. A run that gets SIGKILL, at any moment of its life, is started
again until it ends; equal means the same bytes of vectors as of a run that was never killed, and the same description.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from _common import make_small_model, options_of

WORDS = [
    "river",
    "library",
    "garden",
    "winter",
    "teacher",
    "canal",
    "paper",
    "light",
    "opens",
    "reads",
    "carries",
    "late",
]
PARTIAL = 3  # the exit code where some rows have no text
KIB = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


@dataclass(frozen=True)
class Run:
    """One process: whether it came to its end, how long it took, and the most memory that it held."""

    ended: bool
    seconds: float
    peak_mb: float


def main() -> None:
    """Print a table of memory, then one of kills."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: what this one holds in memory would count as its children's.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(make_small_model, folder / "small").result()
        embed(folder, write(folder / "two.txt", 2, moments), "two.npy")  # exports the model, by PyTorch
        memory(folder, options.rows, moments)
        sys.exit(not kills(folder, min(options.rows), options.kills, moments))


def memory(folder: Path, sizes: list[int], moments: random.Random) -> None:
    """Embed a file of each size by each backend, then out of the cache."""
    print(f"{'rows':>9} {'output':>10} {'vectors from':>13} {'seconds':>8} {'rows/s':>8} {'peak MB':>8}")
    for rows in sizes:
        source = write(folder / f"{rows}.txt", rows, moments)
        cache = ("--cache", str(folder / "cache"))
        for suffix, origin, options in (
            (".npy", "torch", ("--backend", "torch", "--no-cache")),
            (".npy", "onnx", cache),
            (".npy", "cache", cache),
            (".parquet", "cache", cache),
        ):
            done = embed(folder, source, f"{rows}-{origin}{suffix}", *options)
            speed = rows / done.seconds
            print(f"{rows:>9,} {suffix:>10} {origin:>13} {done.seconds:>8.1f} {speed:>8,.0f} {done.peak_mb:>8.0f}")


def kills(folder: Path, rows: int, wanted: int, moments: random.Random) -> bool:
    """Kill runs until enough were killed, end each, and say whether all gave the same."""
    source = folder / f"{rows}.txt"
    whole = embed(folder, source, "whole.npy", "--no-cache", "--dtype", "int8")
    killed = equal = runs = 0
    while killed < wanted:
        output = f"run-{runs}.npy"
        arguments = ("--no-cache", "--dtype", "int8")
        after: list[float] = []
        while killed < wanted and len(after) < 3:
            moment = moments.uniform(0.1, 1) * whole.seconds
            if embed(folder, source, output, *arguments, kill_after=moment).ended:
                break
            after.append(moment)
            killed += 1
            if (folder / output).exists():  # it was all but at its end
                break
        if not (folder / output).exists():
            embed(folder, source, output, *arguments)
        runs += 1
        same = all(
            (folder / f"{output}{ending}").read_bytes() == (folder / f"whole.npy{ending}").read_bytes()
            for ending in ("", ".json")
        )
        equal += same
        told = ", ".join(f"{moment:.2f} s" for moment in after) or "never"
        print(f"run {runs}: killed after {told}: {'equal' if same else 'DIFFERENT'}", flush=True)
    print(f"{equal} of {runs} runs with {killed} kills are equal to the one that was never killed")
    return equal == runs


def write(path: Path, rows: int, moments: random.Random) -> Path:
    """Write a file of short lines, one in a thousand of them blank."""
    with path.open("w", encoding="utf-8") as file:
        for row in range(rows):
            file.write(f"{' '.join(moments.choices(WORDS, k=8))} {row}\n" if row % 1000 else "\n")
    return path


def embed(folder: Path, source: Path, output: str, *options: str, kill_after: float | None = None) -> Run:
    """Run the command line once; kill it after some seconds, if it still lives."""
    command = [sys.executable, "-m", "siamese_text", "embed", str(source), "-o", str(folder / output)]
    command += ["--model", str(folder / "small"), *options]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "SIAMESE_TEXT_CACHE": str(folder / "home")}
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    timer = threading.Timer(kill_after or 3600, child.kill)
    timer.start()
    assert child.stderr is not None
    words = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (PARTIAL, -signal.SIGKILL):
        sys.exit(words.decode())
    return Run(child.returncode == PARTIAL, time.perf_counter() - began, used.ru_maxrss * KIB / 1e6)


if __name__ == "__main__":
    main()
