"""Classes from few examples: ours beside the two heads that people put on frozen embeddings, and "none of these".

    python recipes/bench/fewshot.py --data-dir DIR [--finetune --classes 25 --draws 1]

Reads banking77, clinc150 and trec (fine labels) from DIR, of which a seed keeps a third, at most 2,500 texts, as test,
and embeds each text once (kept in the cache folder). Then for 1, 2, 5, 8, 10, 16 examples a class, over ten draws of
them: the accuracy of prototypes (nearest mean) and of scikit-learn's logistic regression (C = 10) on the same vectors,
and of `FewShotClassifier` without and with the names of the classes; its calibration error (ECE) with names, and the
seconds that a fit with names took. All three sets were looked at while `auto` was designed, Banking77 first, so none of
them is an untouched test.

With `--finetune`, in place of these tables, at 5 and 10 examples: `FewShotClassifier` as it is and with `finetune`, and
with `--setfit PYTHON`, an interpreter that has SetFit, that with the same body (20 iterations of pairs, as in its
paper, one epoch, its defaults else): accuracy, ECE and the CPU seconds of a fit. `--classes N` keeps a seeded draw of N
classes of each set, since SetFit takes long. How to train was chosen on other texts of Banking77 than those tested.

With `--memory ROWS`, in place of all: what training takes on so many made texts, with a small encoder drawn at random.

"None of these": all training texts of CLINC150 learned, its validation texts and the 200 texts out of scope told apart
by the distance from the nearest class, beside the mean of the ten nearest texts; then what a wanted share of false
accepts gives when the outsiders are other classes, and when 100 texts out of scope are given and 100 others measured.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import time
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from _common import MODEL, options_of
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from siamese_text import CachedEncoder, FewShotClassifier, TorchEncoder, load_encoder
from siamese_text.api.finetuning import trainer
from siamese_text.api.keyed_encoder import vectors_key
from siamese_text.cache import cache_folder
from siamese_text.encoder.resolve import resolve
from siamese_text.scoring.metrics import expected_calibration_error
from siamese_text.unit_rows import unit_rows
from siamese_text.vectors.cache import VectorCache

SETS = ("banking77", "trec", "clinc150")
COUNTS = (1, 2, 5, 8, 10, 16)
MOST_TESTS = 2500


class KeptVectors:
    """An encoder whose vectors stay on disk from run to run."""

    def __init__(self) -> None:
        self.encoder = load_encoder(MODEL, device="cpu")
        self.cache = VectorCache(cache_folder(), vectors_key(self.encoder))

    def encode(self, texts: Any) -> Any:
        """Return the (N, D) embeddings of texts."""
        known = self.cache.get(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            self.cache.put(missing, self.encoder.encode(missing))
            known |= self.cache.get(missing)
        return np.stack([known[text] for text in texts])


def rows_of(data_dir: Path, name: str) -> tuple[list[str], list[str]]:
    """Return the texts of a file, each once, and their labels."""
    with gzip.open(data_dir / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = {row["text"]: row["label"] for row in map(json.loads, file)}
    return list(rows), list(rows.values())


def few(labels: list[str], pool: Any, count: int, seed: int) -> list[int]:
    """Draw so many rows of each class, or all where there are no more."""
    order = pool[np.random.default_rng(seed).permutation(len(pool))]
    drawn: dict[str, list[int]] = {}
    for row in order.tolist():
        drawn.setdefault(labels[row], []).append(row)
    return [row for label in sorted(drawn) for row in drawn[label][:count]]


def heads(vectors: Any, labels: Any, tests: Any, truth: Any) -> tuple[float, float]:
    """Return the accuracy of prototypes and of logistic regression."""
    classes = np.unique(labels)
    means = unit_rows(np.stack([vectors[labels == label].mean(axis=0) for label in classes]))
    logistic = LogisticRegression(C=10, max_iter=300).fit(vectors, labels)
    nearest = classes[(tests @ means.T).argmax(axis=1)]
    return float((nearest == truth).mean()), float((logistic.predict(tests) == truth).mean())


def sweep(encoder: CachedEncoder, texts: list[str], labels: list[str], draws: int) -> None:
    """Print the table of a set."""
    order = np.random.default_rng(0).permutation(len(texts))
    tests = min(len(texts) // 3, MOST_TESTS)
    held_out, pool = order[:tests], order[tests:]
    test_texts, truth = [texts[row] for row in held_out], np.array(labels)[held_out]
    test_vectors = encoder.encode(test_texts)
    print("| examples | prototypes | logistic | ours, no names | ours, names | ECE | seconds |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for count in COUNTS:
        found = []
        for seed in range(draws):
            rows = few(labels, pool, count, seed)
            given, of = [texts[row] for row in rows], np.array(labels)[rows]
            figures = list(heads(encoder.encode(given), of, test_vectors, truth))
            figures.append(FewShotClassifier(encoder, names=False).fit(given, of).score(test_texts, truth))
            began = time.perf_counter()
            named = FewShotClassifier(encoder).fit(given, of)
            seconds = time.perf_counter() - began
            shares = named.predict_proba(test_texts)
            right = (named.classes_[shares.argmax(axis=1)] == truth).astype(np.int64)
            error = expected_calibration_error(right, shares.max(axis=1))
            found.append([*figures, right.mean(), error, seconds])
        mean, spread = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) if draws > 1 else np.zeros(6)
        shown = [f"{100 * mean[place]:.1f} ± {100 * spread[place]:.1f}" for place in range(4)]
        print(f"| {count} | {' | '.join(shown)} | {100 * mean[4]:.1f} | {mean[5]:.1f} |", flush=True)


def none_of_these(encoder: CachedEncoder, data_dir: Path) -> None:
    """Print how well texts out of scope are told, and what the threshold gives."""
    texts, labels = rows_of(data_dir, "clinc150/train")
    inside = rows_of(data_dir, "clinc150/validation")[0]
    outside, more = (rows_of(data_dir, f"clinc150/oos_{part}")[0] for part in ("train", "validation"))
    # The mean of the ten nearest, which the floor was measured with.
    vectors, asked = unit_rows(encoder.encode(texts)), unit_rows(encoder.encode(inside + outside + more))
    ten = np.sort(asked @ vectors.T, axis=1)[:, -10:].mean(axis=1)
    truth = np.arange(len(asked)) < len(inside)
    classifier = FewShotClassifier(encoder, method="prototype", false_accepts=0.05).fit(texts, labels)
    ours = classifier.score_samples(inside + outside + more)
    print("| told by | AUROC | false accepts at 95 % recall |\n|---|--:|--:|")
    for name, scores in (("mean of the ten nearest texts", ten), ("distance from the nearest class", ours)):
        accepted = (scores[~truth] >= np.quantile(scores[truth], 0.05)).mean()
        print(f"| {name} | {roc_auc_score(truth, scores):.4f} | {100 * accepted:.1f} % |")
    print("\n| wanted false accepts | outsiders | false accepts | texts in scope refused |\n|--:|---|--:|--:|")
    for wanted in (0.05, 0.1, 0.2):
        for given, others in (([], outside + more), (outside, more), (more, outside)):
            classifier = FewShotClassifier(encoder, method="prototype", false_accepts=wanted)
            classifier.fit(texts + given, labels + [classifier.none] * len(given))
            accepted = (classifier.predict(others) != classifier.none).mean()
            refused = (classifier.predict(inside) == classifier.none).mean()
            print(
                f"| {100 * wanted:.0f} % | {classifier.outsiders_} | {100 * accepted:.1f} % | {100 * refused:.1f} % |"
            )


def by_setfit(python: str, given: list[str], of: Any, tests: list[str]) -> tuple[Any, float]:
    """Return the answers of SetFit with the same body, trained on examples, and the CPU seconds that took."""
    body = str(resolve(MODEL).folder)
    job = {"body": body, "texts": given, "labels": [str(label) for label in of], "tests": tests}
    script = str(Path(__file__).with_name("_setfit.py"))
    done = subprocess.run([python, script], input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return np.array(said["answers"]), said["seconds"]


def outcome(report: dict[str, Any]) -> str:
    """Return what was kept, and how many held-out examples were right before and after."""
    right = [f"{100 * report[when]['accuracy']:.0f} %" for when in ("before", "after") if when in report]
    return f"{report['kept']}; of {report['held_out']} held out {' to '.join(right)}"


def finetuned(encoder: CachedEncoder, texts: list[str], labels: list[str], options: Any) -> None:
    """Print the table of a set with training."""
    if options.classes:
        kept = set(np.random.default_rng(0).permutation(sorted(set(labels)))[: options.classes].tolist())
        texts = [text for text, label in zip(texts, labels, strict=True) if label in kept]
        labels = [label for label in labels if label in kept]
    order = np.random.default_rng(0).permutation(len(texts))
    tests = min(len(texts) // 3, MOST_TESTS)
    held_out, pool = order[:tests], order[tests:]
    test_texts, truth = [texts[row] for row in held_out], np.array(labels)[held_out]
    ways: list[tuple[str, dict[str, Any] | None]] = [("as it is", {}), ("finetune", {"finetune": True})]
    ways += [("SetFit", None)] if options.setfit else []
    print(f"{len(set(labels))} classes, {len(test_texts)} test texts\n")
    print("| examples | draw | | accuracy | ECE | CPU seconds | kept |\n|--:|--:|---|--:|--:|--:|---|")
    for count, seed, (name, arguments) in product(options.counts, range(options.draws), ways):
        rows = few(labels, pool, count, seed)
        given, of = [texts[row] for row in rows], np.array(labels)[rows]
        began, error, said = time.process_time(), "–", ""
        if arguments is None:
            answers, seconds = by_setfit(options.setfit, given, of, test_texts)
        else:
            made = FewShotClassifier(MODEL if arguments else encoder, **arguments).fit(given, of)
            seconds = time.process_time() - began
            shares = made.predict_proba(test_texts)
            answers = made.classes_[shares.argmax(axis=1)]
            right = (answers == truth).astype(np.int64)
            error = f"{100 * expected_calibration_error(right, shares.max(axis=1)):.1f}"
            said = "" if made.tuning_ is None else outcome(made.tuning_)
        figures = f"{100 * (answers == truth).mean():.1f} | {error} | {seconds:.0f}"
        print(f"| {count} | {seed} | {name} | {figures} | {said} |", flush=True)


def memory(rows: int) -> None:
    """Print the most memory that the system gave to training on so many made texts of 77 classes."""
    from transformers import BertConfig, BertModel

    known = TorchEncoder.load(MODEL, device="cpu")
    shape = BertConfig(
        vocab_size=known.transformer.config.vocab_size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    encoder = TorchEncoder(BertModel(shape), known.tokenizer.tokenizer, known.layout).eval()
    labels = np.arange(rows) % 77
    drawn = np.random.default_rng(0).integers(0, 50, size=(rows, 8))
    texts = [" ".join(f"w{label} x{word}" for word in words) for label, words in zip(labels, drawn, strict=True)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    began = time.process_time()
    trainer(encoder, "pairs")(texts, labels)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    pairs = rows * (rows - 1) // 2
    print(f"{rows:,} texts, {pairs:,} pairs of them, none of which is listed, and an encoder of two layers:")
    print(f"{before:.2f} GB before training, {after:.2f} at most; {time.process_time() - began:.0f} CPU seconds")


def main() -> None:
    """Print all tables."""
    parser = options_of(__doc__)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--finetune", action="store_true")
    parser.add_argument("--setfit", metavar="PYTHON", help="with --finetune: an interpreter that has SetFit")
    parser.add_argument("--classes", type=int, help="with --finetune: so many classes of each set")
    parser.add_argument("--counts", type=int, nargs="+", default=[5, 10], help="with --finetune: examples a class")
    parser.add_argument("--memory", type=int, metavar="ROWS", help="instead: the memory of training on so many texts")
    options = parser.parse_args()
    if options.memory:
        memory(options.memory)
        return
    warnings.simplefilter("ignore")  # one example a class, and texts that stand in two
    encoder = CachedEncoder(KeptVectors())
    for name in options.sets:
        print(f"\n{name}\n")
        texts, labels = rows_of(options.data_dir, f"{name}/train")
        if options.finetune:
            finetuned(encoder, texts, labels, options)
        else:
            sweep(encoder, texts, labels, options.draws)
    if options.finetune:
        return
    print("\nclinc150, none of these\n")
    none_of_these(encoder, options.data_dir)


if __name__ == "__main__":
    main()
