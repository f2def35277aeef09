"""What chance does in small folders: the numbers of siamese_text/plagiarism/finding/background.py.

    python recipes/bench/plagiarism_background.py --data-dir DIR [--draws 60] [--seed 0] [--vectors FILE]

Folders of 2 to 20 texts in which nobody copied are drawn from the half `tune` of plagiarism_error.py: essays on one
task, and news articles, each on a topic of its own. The evidence of the strongest passage of each pair of texts is
pooled over the folders of a size; printed are what a tenth of the pairs reach and the scale of the tail from there to a
fiftieth, in nats, and the share of the pairs that have any. Then the same of essays and a source on their task that
nobody copied, made of three other essays. Numbers alone: no text is kept. The shape of the tail, the range that no
folder leaves and what no innocent pair reached were read off folders of 30.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from plagiarism_error import MODEL, PROMPTS, Remembered, read_essays

from siamese_text import Scorer
from siamese_text.data.source import opened
from siamese_text.plagiarism.finding.background import SHAPE
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.passages import find_passages
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document

SIZES = (2, 5, 10, 20)
LEVEL = "intermediate"


def read_articles(folder: Path) -> list[tuple[str, str]]:
    """Return the articles of the half `tune`, each at one level."""
    with opened(folder / "onestop" / "documents.jsonl.gz") as (lines, _):
        rows = [json.loads(line) for line in lines]
    mine = [row for row in rows if row["level"].lower().startswith(LEVEL[:3]) and _is_tuned(row["article"])]
    return [(row["article"], row["text"]) for row in mine]


def _is_tuned(article: str) -> bool:
    return zlib.crc32(article.encode()) % 2 == 0


def strongest(
    documents: Sequence[Document], encoder: Remembered, options: CheckOptions, references: int = 0
) -> list[float]:
    """Return the evidence of the strongest passage of each pair, 0 where it has none, as a small folder counts it.

    With a reference, which comes last, the pairs are those of a document and it.
    """
    common = options.common(len(documents))
    best: dict[tuple[str, str], float] = {}
    for one in find_passages(
        prepare(documents, encoder, common=common, references=references), references, common, options
    ):
        pair = one.left.document.name, one.right.document.name
        if not one.quotation and (not references or pair[1] == documents[-1].name):
            best[pair] = max(best.get(pair, 0.0), one.evidence / one.caution(options))
    pairs = len(documents) - 1 if references else len(documents) * (len(documents) - 1) // 2
    return [*best.values(), *[0.0] * (pairs - len(best))]


def main() -> None:
    """Draw the folders and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SIAMESE_TEXT_DATA"))
    parser.add_argument("--draws", type=int, default=60, help="folders of a size and kind; fewer of the large sizes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps embeddings between runs")
    given = parser.parse_args()
    if given.data_dir is None:
        parser.error("name the folder of data sets with --data-dir or SIAMESE_TEXT_DATA")

    encoder, options = Remembered(Scorer.load(MODEL), given.vectors), CheckOptions()
    essays = read_essays(given.data_dir, PROMPTS["tune"])
    worlds = {"on one task": list(essays.values()), "several topics": [read_articles(given.data_dir)]}
    print("| documents | folders | a tenth of the pairs reach | scale | have any evidence |\n|---|---|--:|--:|--:|")
    for size in SIZES:
        for kind, texts in worlds.items():
            pool: list[float] = []
            draws = max(8, given.draws * SIZES[1] // size) if size > SIZES[0] else 5 * given.draws
            for draw in range(draws):
                rng = random.Random(f"{given.seed} {size} {draw}")
                documents = [Document(*one) for one in rng.sample(texts[draw % len(texts)], size)]
                pool += strongest(documents, encoder, options)
            encoder.save()
            print(row(size, f"{kind} ({draws})", pool), flush=True)
    for size in SIZES[2:]:
        pool = []
        draws = max(8, given.draws // 2)
        for draw in range(draws):
            rng = random.Random(f"{given.seed} source {size} {draw}")
            *chosen, first, second, third = rng.sample(worlds["on one task"][draw % len(essays)], size + 3)
            source = Document("source", f"{first[1]} {second[1]} {third[1]}")
            pool += strongest([*(Document(*one) for one in chosen), source], encoder, options, references=1)
        encoder.save()
        print(row(size, f"and a source ({draws})", pool), flush=True)


def row(size: int, kind: str, pool: Sequence[float]) -> str:
    """Write what the pairs of one kind of folder reach."""
    high, higher = np.quantile(pool, [0.9, 0.98])
    scale = (higher - high) * SHAPE / (5**SHAPE - 1)
    return f"| {size} | {kind} | {high:.1f} | {scale:.1f} | {np.mean(np.array(pool) > 0):.2f} |"


if __name__ == "__main__":
    main()
