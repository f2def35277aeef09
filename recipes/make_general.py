"""Make the model that the package ships as `general`: train it, keep its change in few numbers, fit its decision.

    python recipes/make_general.py --data-dir DIR -o WORK            # half an hour on two cores
    python recipes/make_general.py --data-dir DIR -o WORK --put      # and put it into the package

1. pairs     everyday sentences (everyday_pairs.py), and what the rules of `augment` make of training sentences
2. training  recipes/shipped.toml, all weights of all-MiniLM-L6-v2
3. change    the largest directions of what training did to each matrix (encoder/low_rank.py), in float16
4. decision  one for all kinds of pairs, fitted with the merged model (bench/general.py)

What was made in WORK before is taken from there: a step is made again once what it wrote is removed. On one machine the
same files come out bit for bit.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

from everyday_pairs import pairs as everyday_pairs
from safetensors.numpy import load_file, save_file

from siamese_text.api import augment_file, train
from siamese_text.atomic import atomic_file, atomic_folder
from siamese_text.cache import file_sha256
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.change_folder import BASE, CHANGE, SHIPPED, WEIGHTS
from siamese_text.encoder.low_rank import low_rank_change
from siamese_text.encoder.resolve import DECIDING_MODEL, DEFAULT_MODEL, resolve
from siamese_text.records import Pair
from siamese_text.scoring.siamese_text_json import read_classifier, write_classifier

RECIPES = Path(__file__).parent
AUGMENTED = ("stsb", "paws")
OF_A_RULE = 300  # pairs that say something else; those that say the same are rarer, and all are taken
EVERYDAY = 8000
RANK = 32


def make_pairs(data_dir: Path) -> None:
    """Write the pairs that are made: everyday ones, and those of the rules, of which some are plentiful."""
    _write_rows(Path("everyday.jsonl"), list(islice(everyday_pairs(0), EVERYDAY)))
    made: list[Pair] = []
    for name in AUGMENTED:
        output = Path(f"made-{name}.jsonl")
        augment_file(name, output, limit=8000, data_dir=data_dir, overwrite=True)
        made += load_pairs(output, "train").pairs
    random.Random(0).shuffle(made)
    counts: Counter[str] = Counter()
    kept = []
    for pair in made:
        if pair.label or counts[pair.kind] < OF_A_RULE:
            counts[pair.kind] += 1
            kept.append(
                {
                    "sentence1": pair.sentence1,
                    "sentence2": pair.sentence2,
                    "label": int(pair.label or 0),
                    "kind": pair.kind,
                }
            )
    _write_rows(Path("made.jsonl"), kept)


def keep_change(trained: Path, output: Path) -> None:
    """Write what training did: the change of the weights in few numbers, and the record of the training.

    The alignment head is left out: beside the details in which texts differ it added nothing that was measured.
    """
    base = resolve(DEFAULT_MODEL).folder / WEIGHTS
    change = low_rank_change(load_file(base), load_file(trained / WEIGHTS), RANK)
    with atomic_folder(output) as draft:
        save_file(change, draft / CHANGE)
        stands_on = {"model": DEFAULT_MODEL, "sha256": file_sha256(base)}
        (draft / BASE).write_text(json.dumps(stands_on, indent=2) + "\n", encoding="utf-8")
        write_classifier(replace(read_classifier(trained), alignment=None, decision=None), draft)


def _write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    with atomic_file(path) as draft:
        draft.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--put", action="store_true", help="put the change into the package")
    options = parser.parse_args()

    data_dir = options.data_dir.resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    os.chdir(options.output)  # where the recipe finds the pairs that are made
    if not Path("made.jsonl").is_file():
        make_pairs(data_dir)
    if not Path("trained").is_dir():
        train(
            output="trained",
            recipe=RECIPES / "shipped.toml",
            data_dir=data_dir,
            resume=Path("trained.checkpoints").is_dir(),
        )
    change = Path(DECIDING_MODEL)
    keep_change(Path("trained"), change)
    fit_decision = [sys.executable, str(RECIPES / "bench" / "general.py"), "--model", f"./{change}", "--write"]
    subprocess.run([*fit_decision, "--data-dir", str(data_dir)], check=True)
    shutil.copyfile(RECIPES / "general_card.md", change / "README.md")
    if options.put:
        shutil.copytree(change, SHIPPED / change.name, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
