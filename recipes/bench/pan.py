"""How well passages of a PAN corpus for text alignment are found, by kind, on documents that were not tuned on.

    python recipes/bench/pan.py CORPUS [--half report] [--pairs-per-kind 120] [--seed 0] [--vectors FILE]

The pairs are parted by connected components of the documents that they share: no document is in both halves. A number
of pairs of each kind is drawn from one half; their documents are the folder. ``siamese-text plagiarism --pan CORPUS``
takes all pairs. A case is found where half of it is met; a pair of documents where one of its cases is.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from _common import MODEL, drawn
from plagiarism_error import Remembered

from siamese_text import Scorer
from siamese_text.plagiarism.pan.corpus import halves, read_documents, read_pairs, read_truth
from siamese_text.plagiarism.pan.run import detect, measure

HALVES = ("tune", "report")


def main() -> None:
    """Draw pairs, find their passages and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--pairs-per-kind", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps embeddings between runs")
    options = parser.parse_args()

    half = halves(read_pairs(options.corpus))[HALVES.index(options.half)]
    kinds = sorted({pair.kind for pair in half})
    pairs = [
        pair
        for kind in kinds
        for pair in drawn([one for one in half if one.kind == kind], options.pairs_per_kind, options.seed)
    ]
    documents, truth = read_documents(options.corpus, pairs), read_truth(options.corpus, pairs)
    encoder = Remembered(Scorer.load(MODEL), options.vectors)
    began = time.process_time()
    detections = detect(documents, pairs, encoder)
    seconds = time.process_time() - began
    encoder.save()
    columns = ["plagdet", "precision", "recall", "granularity", "plagdet, micro", "F1 of cases", "F1 of pairs"]
    print(f"| pairs | cases | detections | {' | '.join(columns)} |")
    print(f"|---|{'--:|' * (len(columns) + 2)}")
    for row in measure(pairs, truth, detections):
        macro = row.macro
        exact = (macro.plagdet, macro.precision, macro.recall, macro.granularity, row.micro.plagdet)
        figures = (*exact, row.found_cases.f1, row.found_pairs.f1)
        counts = f"{row.pairs} {row.kind} | {row.cases} | {row.detections}"
        print(f"| {counts} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    print(f"\n{len(documents)} documents, {seconds:.0f} s of CPU, {seconds / len(pairs):.3f} s a pair")


if __name__ == "__main__":
    main()
