"""Minimal pairs of validation sentences: how many of each family a model gets right at its own threshold.

    python recipes/bench/minimal.py --data-dir DIR --model all-MiniLM-L6-v2 [--model FOLDER ...] [--write FOLDER]

The rules of `augment` change the validation sentences of the sets below and, since some rules fit few of these, the
sentences that come with the package: two tables. With --write the pairs are written, to be read; such files hold text
of data sets and are not to be passed on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from _common import MODEL, options_of

from siamese_text.api import ProbeReport, Scorer, probe
from siamese_text.data.loading import load_examples

SETS = ("stsb", "paws", "sick", "parade", "parasci")
PER_FAMILY = 100


def validation_sentences(data_dir: Path) -> list[str]:
    """Return the validation sentences of all sets, each once."""
    rows = (row for name in SETS for row in next(load_examples(name, ("validation",), data_dir=data_dir)).examples)
    return list(dict.fromkeys(text for row in rows for text in row.texts))


def print_right(report: ProbeReport) -> None:
    """Print for each family how many pairs each model gets right, and how many there are."""
    print(f"| family | pairs | {' | '.join(model.name for model in report.models)} |")
    print(f"|---|{'--:|' * (1 + len(report.models))}")
    for family, count in {**report.counts, "all": len(report.pairs)}.items():
        rows = np.array([family in (pair.kind, "all") for pair in report.pairs])
        found = [model.predictions.right for model in report.models]  # an unsure pair is not right
        shown = ["–" if right is None or not count else f"{right[rows].mean():.3f}" for right in found]
        print(f"| {family} | {count} | {' | '.join(shown)} |")


def main() -> None:
    """Make the pairs, show them to the models and print."""
    parser = options_of(__doc__)
    parser.add_argument("--model", action="append", help="a name or a folder; repeatable")
    parser.add_argument("--write", type=Path, help="a folder for the pairs")
    options = parser.parse_args()

    models = [Scorer.load(name) for name in options.model or [MODEL]]
    sources = {"validation": validation_sentences(options.data_dir), "bundled": None}
    for name, sentences in sources.items():
        output = options.write / f"{name}.jsonl" if options.write else None
        print(f"\n{name} sentences: share right at the model's own threshold\n")
        print_right(probe(models, sentences, per_family=PER_FAMILY, output=output))


if __name__ == "__main__":
    main()
