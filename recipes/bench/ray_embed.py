"""Embed on Ray by two local workers: what it costs beside two plain processes, and what kills lose.

    python recipes/bench/ray_embed.py [--rows 32768] [--shards 8] [--model all-MiniLM-L6-v2] [--seed 0]

Needs the extra `ray`. Two plain processes embed half of a file each; Ray embeds the whole file by two workers; both on
one thread a process. Costs are CPU seconds of all processes of a run, those of Ray itself included (read from /proc, so
on Linux alone), since a clock on the wall measures the neighbours too. Then, on the first quarter of the file: one
worker gets SIGKILL, and the run must end by itself; all processes of a run get SIGKILL, and a second run must do what
is missing. In the end every row must be that of the plain processes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from _common import MODEL, options_of
from embed import write

TOKEN = "SIAMESE_TEXT_BENCH_RUN"  # in the environment of each process of a run, by which it is known
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """The processes of a run, seen until they end, with the CPU seconds of each."""

    token: str
    seconds: dict[int, float] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def alive(self, name: str = "") -> list[int]:
        """Return the processes that live and whose name holds a word."""
        return [pid for pid, called in self.names.items() if name in called and Path(f"/proc/{pid}").exists()]

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if f"{TOKEN}={self.token}".encode() not in (folder / "environ").read_bytes():
                        continue
                    spent = (folder / "stat").read_text().rpartition(")")[2].split()
                    pid = int(folder.name)
                    self.seconds[pid] = (int(spent[11]) + int(spent[12])) / TICKS
                    self.names[pid] = (folder / "cmdline").read_text().replace("\0", " ")
                except OSError:
                    continue


def main() -> None:
    """Print what Ray costs, then what kills lose."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--rows", type=int, default=32_768)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write(folder / "rows.txt", options.rows, random.Random(options.seed))
        lines = source.read_text().splitlines(keepends=True)
        half, quarter = options.rows // 2, options.rows // 4
        for part, some in (("first", lines[:half]), ("second", lines[half:]), ("quarter", lines[:quarter])):
            (folder / f"{part}.txt").write_text("".join(some))
        run = Runs(folder, options.model, options.shards)
        plain = run.both_halves()
        expected = [vectors(folder / f"{part}.parquet") for part in ("first", "second")]
        print(f"two plain processes {plain:7.1f} CPU s, {run.clock:.0f} s by the clock")
        ray = run.on_ray("rows.txt", "whole")
        print(f"Ray, two workers    {ray:7.1f} CPU s, {run.clock:.0f} s by the clock: {ray / plain - 1:+.1%}")
        print(
            f"  its workers alone {run.workers:7.1f} CPU s: {run.workers / plain - 1:+.1%}; the rest goes by the clock"
        )
        whole = np.vstack(expected)
        same = [
            alike("no kill", folder / "whole", whole),
            run.one_worker_killed("quarter.txt", "worker", whole[:quarter]),
            run.all_killed("quarter.txt", "all", whole[:quarter]),
        ]
    sys.exit(not all(same))


class Runs:
    """The runs of the command line."""

    def __init__(self, folder: Path, model: str, shards: int) -> None:
        self.folder, self.model, self.shards = folder, model, shards
        self.runs = 0
        self.workers = self.clock = 0.0  # of the run before: CPU seconds of workers, and how long it took

    def both_halves(self) -> float:
        """Embed half of the rows in each of two processes; return their CPU seconds."""
        began = time.perf_counter()
        with Watch(self._next()) as watch:
            both = [self._start(f"{part}.txt", f"{part}.parquet") for part in ("first", "second")]
            for one in both:
                ended(one)
        self.clock = time.perf_counter() - began
        return sum(watch.seconds.values())

    def on_ray(self, source: str, output: str) -> float:
        """Embed all rows on Ray; return the CPU seconds of all that it started."""
        began = time.perf_counter()
        with Watch(self._next()) as watch:
            ended(self._on_ray(source, output))
        self.clock = time.perf_counter() - began
        self.workers = sum(spent for pid, spent in watch.seconds.items() if "ray::MapWorker" in watch.names[pid])
        return sum(watch.seconds.values())

    def one_worker_killed(self, source: str, output: str, expected: Any) -> bool:
        """Kill one of the workers once a shard is whole, and see the run end."""
        with Watch(self._next()) as watch:
            child = self._on_ray(source, output)
            before = self._wait_for_a_shard(output)
            os.kill(watch.alive("ray::MapWorker")[0], signal.SIGKILL)
            done = ended(child)
        print(f"a worker killed after {before} of {done['shards']} shards: the run ended, {done['rows']:,} rows")
        return alike("a worker killed", self.folder / output, expected)

    def all_killed(self, source: str, output: str, expected: Any) -> bool:
        """Kill all processes of a run once a shard is whole, and run it again."""
        with Watch(self._next()) as watch:
            child = self._on_ray(source, output)
            self._wait_for_a_shard(output)
            for pid in watch.alive():
                os.kill(pid, signal.SIGKILL)
            child.communicate()
        kept = len(list((self.folder / output / "_shards").glob("part-*.json")))
        self._next()
        done = ended(self._on_ray(source, output))
        print(
            f"all killed after {kept} of {done['shards']} shards: the second run found {done['resumed']:,} rows and "
            f"encoded {done['encoded']:,}"
        )
        return alike("all killed", self.folder / output, expected) and done["resumed"] > 0

    def _wait_for_a_shard(self, output: str) -> int:
        notes = self.folder / output / "_shards"
        while not (found := len(list(notes.glob("part-*.json")))):
            time.sleep(0.05)
        time.sleep(0.5)  # the watch has seen the workers
        return found

    def _next(self) -> str:
        self.runs += 1
        return f"{os.getpid()}-{self.runs}"

    def _on_ray(self, source: str, output: str) -> subprocess.Popen[str]:
        return self._start(source, output, "--engine", "ray", "--workers", "2", "--shards", str(self.shards))

    def _start(self, source: str, output: str, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "siamese_text", "embed", str(self.folder / source), "--no-cache", "--json"]
        command += ["-o", str(self.folder / output), "--model", self.model, *options]
        known = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", TOKEN: f"{os.getpid()}-{self.runs}"}
        return subprocess.Popen(
            command, env=os.environ | known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def ended(child: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a run and return what it printed; exit code 3 means that some rows are blank."""
    out, words = child.communicate()
    if child.returncode not in (0, 3):
        sys.exit(words)
    given: dict[str, Any] = json.loads(out)
    return given


def vectors(path: Path) -> Any:
    """Return the (N, D) vectors of a Parquet file or of a folder of them, NaN where a row has none."""
    column = pq.read_table(path)["vector"].combine_chunks()
    table = np.asarray(column.values.to_numpy(zero_copy_only=False), np.float32).reshape(len(column), -1).copy()
    table[~column.is_valid().to_numpy(zero_copy_only=False)] = np.nan
    return table


def alike(what: str, folder: Path, expected: Any) -> bool:
    """Say whether rows are those of the plain processes, in their order."""
    found, numbers = vectors(folder), pq.read_table(folder)["id"].to_pylist()
    if numbers != list(range(len(expected))) or not np.array_equal(np.isnan(found), np.isnan(expected)):
        print(f"{what}: rows are LOST or doubled")
        return False
    difference = float(np.nanmax(np.abs(found - expected)))
    print(f"{what}: {len(found):,} rows in order, no vector differs by more than {difference:.1e}")
    return difference < 1e-6


if __name__ == "__main__":
    main()
