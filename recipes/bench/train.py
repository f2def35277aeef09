"""Training speed beside sentence-transformers' trainer, run alternately, each side in a process of its own.

    python recipes/bench/train.py --data-dir DIR [--datasets paws mrpc] [--steps 60] [--rounds 3]
    python recipes/bench/train.py --data-dir DIR --quality [--epochs 1] [--seeds 1] [--keep FILE]

Both train all-MiniLM-L6-v2 with the contrastive loss (cosine distance, margin 0.5), batches of 32 pairs, fp32, two
threads, the same rate and schedule; the peer by its documented trainer. Neither side's evaluation or saving is timed.
Our tokenising and the composing of batches by length are counted for the share of the training set that was timed, as
if there were one epoch. Peak is a product of two 1024 x 1024 matrices; a real token costs 21.3 MFLOP forward and three
times that in training, padding not counted, and each side is credited with the tokens of the pairs that it trained on,
so that a sentence that we encode once for two pairs counts twice.

``--quality`` trains both to the end and prints the validation AP of the cosine; a run that stands in FILE is not run
again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from _common import BATCH, MODEL, RATE, THREADS, Run, fresh, kept, matrix_peak, options_of, peer_arguments, peer_model

MFLOP_A_TOKEN = 3 * 21.3


def main() -> None:
    """Run the rounds and print the table, or take one side's part in a process of its own."""
    parser = options_of(__doc__, runs=True)
    parser.add_argument("--datasets", nargs="+", default=["paws", "mrpc"])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="JSON lines with a finished run each")
    options = parser.parse_args()
    if options.run:
        print(json.dumps(SIDES[options.run["side"]](options.run, options.data_dir)))
        return
    os.environ["OMP_NUM_THREADS"] = str(THREADS)  # of both sides
    for dataset in options.datasets:
        compare_quality(dataset, options) if options.quality else compare_speed(dataset, options)


def compare_speed(dataset: str, options: argparse.Namespace) -> None:
    """Print the pairs a second of both sides, round by round, and their ratio."""
    peak = matrix_peak()
    print(f"{dataset}: {options.steps} steps of {BATCH} pairs; peak {peak:.0f} GFLOP/s")
    rounds = []
    for number in range(options.rounds):
        sides = ("ours", "peer") if number % 2 == 0 else ("peer", "ours")
        run = {"dataset": dataset, "seed": number, "steps": options.steps}
        figures = {side: fresh(__file__, run | {"side": side}, options.data_dir) for side in sides}
        rounds.append(figures)
        speeds = {side: figures[side]["pairs_per_second"] for side in ("ours", "peer")}
        print(f"  round {number + 1}: ours {speeds['ours']:.1f}, sentence-transformers {speeds['peer']:.1f} pairs/s")
    ratios = sorted(r["ours"]["pairs_per_second"] / r["peer"]["pairs_per_second"] for r in rounds)
    for side, name in (("ours", "ours"), ("peer", "sentence-transformers")):
        speed = statistics.median(r[side]["pairs_per_second"] for r in rounds)
        tokens = statistics.median(r[side]["tokens_per_second"] for r in rounds)
        print(f"  {name}: median {speed:.1f} pairs/s, {tokens * MFLOP_A_TOKEN / 1000 / peak:.0%} of the peak")
    print(f"  ratio: median {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def compare_quality(dataset: str, options: argparse.Namespace) -> None:
    """Print the validation AP of both sides after whole runs."""
    aps: dict[str, list[float]] = {"ours": [], "peer": []}
    for seed in range(options.seeds):
        for side, found in aps.items():
            run = {"dataset": dataset, "side": side, "seed": seed, "epochs": options.epochs}
            found.append(kept(__file__, run, options.data_dir, options.keep)["ap"])
            print(f"{dataset} seed {seed} {side}: AP {found[-1]:.3f}", flush=True)
    ours, peer = (statistics.mean(found) for found in aps.values())
    print(f"{dataset}: mean AP ours {ours:.3f}, sentence-transformers {peer:.3f}, difference {ours - peer:+.3f}")


def ours(run: Run, data_dir: Path) -> dict[str, float]:
    """Train with siamese-text: for some steps, whose speed counts, or for epochs, whose quality does."""
    from siamese_text.process import keep_heap

    keep_heap()
    from siamese_text.data.loading import load_train_and_validation
    from siamese_text.encoder.torch_encoder import TorchEncoder
    from siamese_text.records import Example
    from siamese_text.training.batches import TokenisedExamples
    from siamese_text.training.fit import fit
    from siamese_text.training.mixture import TrainSet
    from siamese_text.training.sampling import BatchOptions, plan
    from siamese_text.training.settings import TrainSettings

    train, validation = load_train_and_validation(run["dataset"], data_dir=data_dir)
    settings = TrainSettings(
        num_train_epochs=run.get("epochs", 1),
        max_steps=run.get("steps"),
        warmup_ratio=0,
        learning_rate=RATE,
        evals_per_epoch=1,
        seed=run["seed"],
    )
    examples = [Example(pair.sides, pair.label) for pair in train.pairs]
    encoder = TorchEncoder.load(MODEL, device="cpu")
    began = time.perf_counter()
    rows = TokenisedExamples(examples, encoder.tokenizer)
    sampler = plan(rows.columns, rows.targets, rows.text_lengths, BatchOptions(batch_size=BATCH, seed=run["seed"]))
    sampler.batches(0)
    preparing = (time.perf_counter() - began) / len(examples)  # seconds a pair
    tokens = rows.text_lengths[rows.columns].sum()
    held_out = validation.pairs if "epochs" in run else validation.pairs[:BATCH]
    fitted = fit(encoder, [TrainSet("main", examples, "pairs", "contrastive")], held_out, settings)
    seconds = sum(BATCH / record.pairs_per_second for record in fitted.history.steps)
    pairs = BATCH * len(fitted.history.steps)
    speed = pairs / (seconds + preparing * pairs)
    figures = {"pairs_per_second": speed, "tokens_per_second": speed * int(tokens) / len(examples)}
    return figures | {"ap": fitted.history.validations[-1].value}


def peer(run: Run, data_dir: Path) -> dict[str, float]:
    """Train with sentence-transformers, as its documentation shows."""
    import numpy as np
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from sentence_transformers.sentence_transformer.losses import ContrastiveLoss
    from sklearn.metrics import average_precision_score

    from siamese_text.data.loading import load_train_and_validation

    train, validation = load_train_and_validation(run["dataset"], data_dir=data_dir)
    model = peer_model()
    columns = ("sentence1", "sentence2", "label")
    rows = Dataset.from_dict({name: [getattr(pair, name) for pair in train.pairs] for name in columns})
    length = {"num_train_epochs": run.get("epochs", 1), "max_steps": run.get("steps", -1)}
    arguments = peer_arguments(Arguments, seed=run["seed"], **length)
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=rows, loss=ContrastiveLoss(model))
    began = time.perf_counter()
    trainer.train()
    speed = BATCH * trainer.state.global_step / (time.perf_counter() - began)
    tokens = sum(map(len, model.tokenizer([text for pair in train.pairs for text in pair.sides])["input_ids"]))
    figures = {"pairs_per_second": speed, "tokens_per_second": speed * tokens / len(train.pairs)}
    if "epochs" not in run:
        return figures
    left, right = (
        model.encode([pair.sides[i] for pair in validation.pairs], normalize_embeddings=True) for i in (0, 1)
    )
    labels = [pair.label for pair in validation.pairs]
    return figures | {"ap": float(average_precision_score(labels, np.sum(left * right, axis=1)))}


SIDES = {"ours": ours, "peer": peer}

if __name__ == "__main__":
    main()
