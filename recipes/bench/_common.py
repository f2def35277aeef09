"""What the benchmarks share: runs in fresh processes, a file of the finished ones, and the models of both sides.

Each benchmark is a script, run as ``python recipes/bench/NAME.py``. Python puts the folder of a script first on its
module path, and that is why ``from _common import ...`` finds this file there; a test that imports a benchmark puts the
folder on the path itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

MODEL = "all-MiniLM-L6-v2"
THREADS = 2
BATCH = 32  # pairs, or texts
RATE = 5e-5

Run = dict[str, Any]  # what a run is, and once it is finished what it gave as well
Item = TypeVar("Item")


def options_of(description: str | None, *, data: bool = True, runs: bool = False) -> argparse.ArgumentParser:
    """Return a parser that shows the description as it is written.

    Args:
        description: The docstring of the script.
        data: Whether it reads real data: ``--data-dir``, by default what SIAMESE_TEXT_DATA says.
        runs: Whether it calls itself for a run in a fresh process: ``--run``, which ``--help`` does not show.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if data:
        parser.add_argument("--data-dir", type=Path, default=os.environ.get("SIAMESE_TEXT_DATA"))
    if runs:
        parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    return parser


def fresh(script: str, run: Run, data_dir: Path) -> Run:
    """Take a run in a fresh process, which calls the script with ``--run`` and prints what it gave as JSON, last.

    Args:
        script: The benchmark's ``__file__``.
        run: What ``--run`` gets.
        data_dir: Where the real data are.

    Returns:
        What was printed.
    """
    command = [sys.executable, script, "--run", json.dumps(run), "--data-dir", str(data_dir)]
    environment = {"OMP_NUM_THREADS": str(THREADS)} | os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    given: Run = json.loads(done.stdout.splitlines()[-1])
    return given


def kept(script: str, run: Run, data_dir: Path, file: Path | None) -> Run:
    """Return a finished run: from the file of those, or taken in a fresh process and added to the file.

    Args:
        script: The benchmark's ``__file__``.
        run: What tells this run from others.
        data_dir: Where the real data are.
        file: JSON lines with a finished run each; None keeps nothing.

    Returns:
        The run with what it gave.
    """
    if file and file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            known: Run = json.loads(line)
            if {name: known.get(name) for name in run} == run:
                return known
    finished = run | fresh(script, run, data_dir)
    if file:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(finished) + "\n")
    return finished


def drawn(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """Return a seeded sample, without replacement; all items, shuffled, where there are no more."""
    import numpy as np

    return [items[row] for row in np.random.default_rng(seed).permutation(len(items))[:count]]


def peer_model() -> Any:
    """Return sentence-transformers' model of the same weights."""
    from sentence_transformers import SentenceTransformer

    from siamese_text.encoder.resolve import resolve

    return SentenceTransformer(str(resolve(MODEL).folder), device="cpu")


def peer_arguments(kind: Callable[..., Any], **settings: Any) -> Any:
    """Return the settings of a trainer of sentence-transformers: ours, where both have them.

    Args:
        kind: The class of its training arguments.
        settings: What is special to a run.
    """
    return kind(
        output_dir=str(Path(tempfile.gettempdir()) / "unused"),
        per_device_train_batch_size=BATCH,
        learning_rate=RATE,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **settings,
    )


def make_small_model(folder: Path) -> None:
    """Write a small random transformer with the embedded model's vocabulary, as a sentence-transformers folder."""
    import torch
    from transformers import AutoConfig, AutoModel

    from siamese_text.encoder.resolve import resolve

    source = resolve(MODEL).folder
    unwanted = shutil.ignore_patterns("*.safetensors", "*.bin", "*.onnx", "openvino", "onnx")
    shutil.copytree(source, folder, ignore=unwanted)
    config = AutoConfig.from_pretrained(source)
    config.hidden_size, config.intermediate_size, config.num_hidden_layers, config.num_attention_heads = 64, 128, 2, 2
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps(json.loads(pooling.read_text()) | {"word_embedding_dimension": 64}))


def matrix_peak() -> float:
    """Return the GFLOP/s of a product of two 1024 x 1024 float32 matrices by PyTorch, the median of 30."""
    import torch

    torch.set_num_threads(THREADS)
    one, other = torch.randn(1024, 1024), torch.randn(1024, 1024)
    seconds = []
    for _ in range(30):
        began = time.perf_counter()
        torch.mm(one, other)
        seconds.append(time.perf_counter() - began)
    return 2 * 1024**3 / statistics.median(seconds) / 1e9
