"""Quality on PAWS beside sentence-transformers: the same backbone, the same real pairs, each side's best way.

    python recipes/bench/quality.py --data-dir DIR [--seeds 3] [--epochs 3] [--keep FILE]

One seed and two epochs of the real pairs choose the peer's best loss; that one and our recipe `paws` get three seeds.
The floor is the cosine of TF-IDF, the ceiling a cross-encoder of the same backbone, two epochs of the same pairs, which
reads both sentences together and so can store neither. Every figure is on the validation pairs; ours are by the score
that decides, a blend whose few factors were fitted on pairs of five sets, these among them. Since our blend reads the
words of both sides as well, the table has what these say alone, and the peer's cosine blended with them in the same
way, cross-fitted. The difference is of the mean AP over seeds, its interval a bootstrap over pairs that resamples both
sides alike. Precision and recall of each way's first seed are drawn beside FILE.

A run that stands in FILE, with the score that it gave each validation pair, is not run again, so the script can be
stopped and goes on. All of it takes about three hours on two cores.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _common import MODEL, Run, kept, options_of, peer_arguments, peer_model
from numpy.typing import NDArray

from siamese_text.records import FloatArray, Pair
from siamese_text.scoring.lexical import lexical_features

LOSSES = ("ContrastiveLoss", "OnlineContrastiveLoss", "CoSENTLoss", "SoftmaxLoss", "CosineSimilarityLoss")
CHOOSING_EPOCHS = 2
RESAMPLES = 2000
KEEP = Path(__file__).parent.parent / "reports" / "quality.jsonl"

Floats = NDArray[np.float64]


def main() -> None:
    """Run what is missing and print the table, or take one run in a process of its own."""
    parser = options_of(__doc__, runs=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3, help="of the peer's seeds")
    parser.add_argument("--keep", type=Path, default=KEEP, help="JSON lines with a finished run each")
    options = parser.parse_args()
    if options.run:
        print(json.dumps(take(options.run, options.data_dir)))
        return
    pairs = load("validation", options.data_dir)
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)

    def finished(run: Run) -> Run:
        return kept(__file__, run, options.data_dir, options.keep)

    floor = finished({"side": "tf-idf", "seed": 0})
    peers = [finished(peer_run(loss, 0, CHOOSING_EPOCHS)) for loss in LOSSES]
    for run in peers:
        print(f"sentence-transformers {run['loss']}, {CHOOSING_EPOCHS} epochs: AP {ap(labels, run):.3f}", flush=True)
    best = max(peers, key=lambda run: ap(labels, run))["loss"]
    seeds = range(options.seeds)
    ours = [finished({"side": "ours", "seed": seed}) for seed in seeds]
    peer = [finished(peer_run(best, seed, options.epochs)) for seed in seeds]
    ceiling = [finished({"side": "cross-encoder", "seed": seed, "epochs": CHOOSING_EPOCHS}) for seed in seeds[:1]]
    theirs = f"sentence-transformers, {best.removesuffix('Loss')}"
    lexical = lexical_features([pair.sides for pair in pairs])
    helped = [with_words(labels, run, lexical) for run in peer]
    words = with_words(labels, floor | {"scores": np.zeros(len(labels))}, lexical)
    rows = {"ours": ours, theirs: peer, "the same, with our words": helped, "cross-encoder": ceiling}
    rows |= {"words alone": [words], "TF-IDF": [floor]}
    print_table(labels, rows)
    print_difference(labels, ours, peer, "sentence-transformers")
    print_difference(labels, ours, helped, "sentence-transformers with our words")
    draw(options.keep.with_suffix(".png"), labels, rows)


def peer_run(loss: str, seed: int, epochs: int) -> Run:
    """Name a run of the peer."""
    return {"side": "peer", "loss": loss, "seed": seed, "epochs": epochs}


def ap(labels: NDArray[np.int64], run: Run) -> float:
    """Return the average precision of a run's scores."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, run["scores"]))


def print_table(labels: NDArray[np.int64], rows: dict[str, list[Run]]) -> None:
    """Print AP and the best possible accuracy of each way, mean and spread over its seeds."""
    from siamese_text.scoring.metrics import best_threshold

    print(f"{len(labels):,} validation pairs, {np.mean(labels):.1%} the same")
    for name, runs in rows.items():
        aps = [ap(labels, run) for run in runs]
        oracle = np.mean([best_threshold(labels, np.array(run["scores"]))[1] for run in runs])
        seconds = np.mean([run["seconds"] for run in runs])
        by_score = ", ".join(f"{key} {value:.3f}" for key, value in runs[0].get("by_score", {}).items())
        print(
            f"  {name:40} AP {np.mean(aps):.3f} ({min(aps):.3f} to {max(aps):.3f}, {len(aps)} seeds)  "
            f"oracle accuracy {oracle:.1%}  {seconds:.0f} s" + (f"  seed 0: {by_score}" if by_score else "")
        )


def with_words(labels: NDArray[np.int64], run: Run, lexical: FloatArray) -> Run:
    """Return a run whose scores are blended with the words of both sides as ours are, each pair by a fit of others."""
    from siamese_text.scoring.calibration import folds
    from siamese_text.scoring.decision import FittedOn
    from siamese_text.scoring.fit_decision import fit_decision
    from siamese_text.scoring.scores import Scores, fit_blend_weights

    scores = Scores(np.array(run["scores"], dtype=np.float32), lexical=lexical)
    blended = np.empty(len(labels))
    for rest, fold in folds(labels):
        known = labels[rest], scores.take(rest)
        fitted_on = FittedOn("the rest", len(rest), float(np.mean(labels[rest])), "")
        decision = fit_decision(*known, fitted_on, "blend", calibration="platt", blend=fit_blend_weights([known]))
        blended[fold] = decision.log_odds(scores.take(fold))
    return run | {"scores": blended}


def print_difference(labels: NDArray[np.int64], ours: list[Run], peer: list[Run], name: str) -> None:
    """Print how much better we are, with an interval over resampled pairs."""
    random = np.random.default_rng(0)

    def difference(rows: NDArray[np.int64]) -> float:
        sides = ([ap(labels[rows], {"scores": np.array(run["scores"])[rows]}) for run in side] for side in (ours, peer))
        mine, theirs = map(np.mean, sides)
        return float(mine - theirs)

    values = [difference(random.integers(0, len(labels), len(labels))) for _ in range(RESAMPLES)]
    low, high = np.quantile(values, [0.025, 0.975])
    print(f"  ours less {name}: {difference(np.arange(len(labels))):+.3f} [{low:+.3f}, {high:+.3f}]")


def draw(path: Path, labels: NDArray[np.int64], rows: dict[str, list[Run]]) -> None:
    """Draw precision and recall of the first seed of each way."""
    from siamese_text.evaluation.labelled_predictions import LabelledPredictions
    from siamese_text.evaluation.report.plots import draw_precision_recall

    scores = {name: np.array(runs[0]["scores"]) for name, runs in rows.items()}
    draw_precision_recall(
        path, [(name, LabelledPredictions(labels.astype(np.float64), row, row)) for name, row in scores.items()]
    )


def take(run: Run, data_dir: Path) -> Run:
    """Take one run in this process; return its scores of the validation pairs and its seconds."""
    began = time.perf_counter()
    found = SIDES[run["side"]](run, data_dir)
    return found | {
        "scores": [round(float(score), 5) for score in found["scores"]],
        "seconds": round(time.perf_counter() - began, 1),
    }


def load(split: str, data_dir: Path) -> list[Pair]:
    """Return the pairs of a split of PAWS."""
    from siamese_text.data.loading import load_pairs

    return list(load_pairs("paws", split, data_dir=data_dir).pairs)


def tf_idf(_: Run, data_dir: Path) -> Run:
    """Score by the words that two sentences share, the rarer the more."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer().fit([text for pair in load("train", data_dir) for text in pair.sides])
    sides = zip(*(pair.sides for pair in load("validation", data_dir)), strict=True)
    left, right = (vectorizer.transform(side) for side in sides)
    return {"scores": np.asarray(left.multiply(right).sum(axis=1)).ravel()}


def ours(run: Run, data_dir: Path) -> Run:
    """Train by our recipe and score by what it decides with."""
    from siamese_text.api import Scorer
    from siamese_text.scoring.fit_decision import cross_fit, score_aps
    from siamese_text.training.run import run_training
    from siamese_text.training.settings import read_recipe

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        run_training(read_recipe("paws").changed({"seed": run["seed"]}), model, data_dir=data_dir, device="cpu")
        scorer = Scorer.load(model, device="cpu", backend="torch")
    pairs = load("validation", data_dir)
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)
    scores, decision = scorer.scores(pairs), scorer.decision
    assert decision is not None  # labelled pairs always give one
    decides, blend = decision.score, decision.blend
    fitted_here = decides == "blend" and blend is None  # then every pair is ranked by a blend that did not see it
    ranking = cross_fit(labels, scores, decides).probability if fitted_here else scores.columns(decides, blend)[:, 0]
    return {"scores": ranking, "by_score": score_aps(labels, scores, blend), "decides": decides}


def peer(run: Run, data_dir: Path) -> Run:
    """Train with sentence-transformers, as its documentation shows, and score by the cosine."""
    from sentence_transformers import SentenceTransformerTrainer
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from sentence_transformers.sentence_transformer import losses

    model = peer_model()
    kind: Callable[..., Any] = getattr(losses, run["loss"])
    classes = run["loss"] == "SoftmaxLoss"
    loss = kind(model, model.get_embedding_dimension(), num_labels=2) if classes else kind(model)
    rows = training_rows(data_dir, int if classes else float)
    trainer = SentenceTransformerTrainer(model=model, args=_arguments(Arguments, run), train_dataset=rows, loss=loss)
    trainer.train()
    pairs = load("validation", data_dir)
    left, right = (model.encode([pair.sides[i] for pair in pairs], normalize_embeddings=True) for i in (0, 1))
    return {"scores": np.sum(left * right, axis=1)}


def cross_encoder(run: Run, data_dir: Path) -> Run:
    """Train a cross-encoder of the same backbone with sentence-transformers."""
    from sentence_transformers import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

    from siamese_text.encoder.resolve import resolve

    model = CrossEncoder(str(resolve(MODEL).folder), num_labels=1, device="cpu")
    trainer = CrossEncoderTrainer(
        model=model,
        args=_arguments(CrossEncoderTrainingArguments, run),
        train_dataset=training_rows(data_dir, float),
        loss=BinaryCrossEntropyLoss(model),
    )
    trainer.train()
    return {"scores": model.predict([pair.sides for pair in load("validation", data_dir)])}


def training_rows(data_dir: Path, kind: type[float]) -> Any:
    """Return the real training pairs as the peer takes them."""
    from datasets import Dataset

    pairs = load("train", data_dir)
    columns = {name: [getattr(pair, name) for pair in pairs] for name in ("sentence1", "sentence2")}
    return Dataset.from_dict(columns | {"label": [kind(pair.label or 0) for pair in pairs]})


def _arguments(kind: Callable[..., Any], run: Run) -> Any:
    return peer_arguments(kind, num_train_epochs=run["epochs"], warmup_steps=0.1, seed=run["seed"])


SIDES = {"tf-idf": tf_idf, "ours": ours, "peer": peer, "cross-encoder": cross_encoder}

if __name__ == "__main__":
    main()
