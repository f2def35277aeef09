"""Kill training runs at random moments, go on with each, and compare what is left with a run that was never killed.

    python recipes/bench/resume.py [--kills 20] [--seed 0]

The runs are those of the command line, on the bundled pairs, with the embedded model's vocabulary and a transformer of
two small random layers, so that a run takes seconds. A run gets SIGKILL at a random moment, which may be in loading, in
mid-epoch, in validation or while a checkpoint is written; some are killed a second time; then it goes on to its end
with ``--resume``. A run that ended before its moment came is compared as it is, and counts as no kill. Equal means: the
same bytes of weights and head, the same decision, and the same history but for its speeds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _common import make_small_model, options_of

SETTINGS = ("epochs=3", "batch_size=16", "checkpoint_steps=7", "validations=2", "learning_rate=1e-3", "limit=400")
SPEED = "pairs_per_second"


def main() -> None:
    """Run once to the end, then with kills, and print a table."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_small_model(folder / "small")
        began = time.perf_counter()
        run(folder, "whole")
        seconds = time.perf_counter() - began
        print(f"never killed: {seconds:.1f} s, {steps(folder / 'whole')} steps")
        killed = in_training = equal = runs = 0
        while killed < options.kills:
            runs += 1
            output = f"run-{runs}"
            told = []
            for _ in range(min(moments.randint(1, 2), options.kills - killed)):
                moment = moments.uniform(0.2, 1) * seconds
                if not run(folder, output, kill_after=moment):
                    break
                step = saved_step(folder, output)
                told.append(f"{moment:.2f} s (step {step})")
                in_training += step > 0
            else:
                run(folder, output)
            same = alike(folder / "whole", folder / output)
            killed, equal = killed + len(told), equal + same
            print(f"run {runs}: killed after {', '.join(told) or '–'}: {'equal' if same else 'DIFFERENT'}", flush=True)
        print(
            f"{equal} of {runs} runs with {killed} kills, {in_training} of them after a checkpoint, are equal to the "
            "one that was never killed"
        )
    sys.exit(equal != runs)


def run(folder: Path, output: str, *, kill_after: float | None = None) -> bool:
    """Train, or go on training; kill the run after some seconds, if it still lives. Return whether it was killed."""
    command = [sys.executable, "-m", "siamese_text", "train", "--dataset", "sample", "--model", str(folder / "small")]
    command += [part for setting in SETTINGS for part in ("--set", setting)]
    command += ["-o", str(folder / output), "--resume", "--overwrite"]
    threads = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    child = subprocess.Popen(command, env=os.environ | threads, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, words = child.communicate(timeout=kill_after)
        if child.returncode:
            sys.exit(words.decode())
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.communicate()
        return True
    return False


def saved_step(folder: Path, output: str) -> int:
    """Return the newest saved step of a run, 0 where there is none."""
    saved = (folder / f"{output}.checkpoints").glob("step-*")
    return max((int(path.name.split("-")[1]) for path in saved), default=0)


def steps(model: Path) -> int:
    """Return the number of steps in a history."""
    return sum('"loss"' in line and SPEED in line for line in (model / "history.jsonl").read_text().splitlines())


def alike(one: Path, other: Path) -> bool:
    """Say whether two model folders are equal but for the speeds in their histories."""
    names = [path.relative_to(one) for path in one.rglob("*.safetensors")]
    if any((one / name).read_bytes() != (other / name).read_bytes() for name in names):
        return False
    decisions = [json.loads((model / "siamese_text.json").read_text()) for model in (one, other)]
    histories = [
        [{key: value for key, value in json.loads(line).items() if key != SPEED} for line in path.open()]
        for path in (one / "history.jsonl", other / "history.jsonl")
    ]
    return decisions[0] == decisions[1] and histories[0] == histories[1] and bool(names)


if __name__ == "__main__":
    main()
