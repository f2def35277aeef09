"""Does the probe rank encoders as PAWS does? Encoders by both, and the rank correlation (Spearman).

    python recipes/bench/probe.py --data-dir DIR [--model FOLDER ...]

Five encoders are made here from the embedded weights: as they are, in int8, their first three layers, the first alone,
and random weights; trained ones and any others are given. Each ranks by its cosine. PAWS is the first 500 of its
validation pairs in a seeded order, AP the figure; the probe takes 30 pairs a family of the bundled sentences.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from _common import MODEL, drawn, options_of

from siamese_text.api import ProbedModel, ProbeFigures, Scorer, probe
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.model_folder import open_model
from siamese_text.records import Pair
from siamese_text.scoring.metrics import average_precision, spearman

PAWS_PAIRS = 500
PER_FAMILY = 30
SEED = 0


def cut(folder: Path, layers: int, *, weights: bool = True) -> Path:
    """Write the first layers of the embedded transformer, or as many with random weights."""
    import torch
    from transformers import AutoConfig, AutoModel

    source = open_model(MODEL).folder
    shutil.copytree(
        source, folder, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "*.onnx", "openvino", "onnx")
    )
    torch.manual_seed(SEED)
    config = AutoConfig.from_pretrained(source)
    config.num_hidden_layers = layers
    model = AutoModel.from_pretrained(source, config=config) if weights else AutoModel.from_config(config)
    model.save_pretrained(folder)
    return folder


def made(folder: Path) -> Iterator[tuple[str, Path | str, str]]:
    """Yield each encoder: what it is, where it lies, and its backend."""
    yield "all-MiniLM-L6-v2", MODEL, "auto"
    yield "in int8", MODEL, "int8"
    yield "first 3 layers", cut(folder / "3", 3), "torch"
    yield "first layer", cut(folder / "1", 1), "torch"
    yield "random weights", cut(folder / "random", 6, weights=False), "torch"


def by_cosine(name: str, model: Path | str, backend: str) -> Scorer:
    """Load a model without its decision, so that it ranks by its similarity."""
    scorer = Scorer.load(model, backend=backend)
    scorer.classifier = replace(scorer.classifier, decision=None)
    scorer.name = name
    return scorer


def main() -> None:
    """Make the encoders, measure them and print."""
    parser = options_of(__doc__)
    parser.add_argument("--model", action="append", default=[], help="one more encoder: a name or a folder; repeatable")
    options = parser.parse_args()
    pairs = drawn(load_pairs("paws", "validation", data_dir=options.data_dir).pairs, PAWS_PAIRS, SEED)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        given = [(Path(model).name, model, "auto") for model in options.model]
        for each in chain(made(Path(folder)), given):
            scorer = by_cosine(*each)
            rows.append((paws_ap(scorer, pairs), probe(scorer, per_family=PER_FAMILY).models[0]))
            print(f"{scorer.name}: AP {rows[-1][0]:.3f}", file=sys.stderr, flush=True)
    print_table(rows)


def paws_ap(scorer: Scorer, pairs: Sequence[Pair]) -> float:
    """Return the AP of a model's similarity on labelled pairs."""
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)
    return average_precision(labels, scorer.scores(pairs).similarity.astype(np.float64))


def figures(model: ProbedModel, family: str) -> ProbeFigures:
    """Return a model's figures of a family, which has pairs of the bundled sentences."""
    found = model.of(family)
    assert found is not None
    return found


def right(model: ProbedModel, family: str) -> float:
    """Return how often a look-alike and a rewording are scored the right way round."""
    return 1 - (figures(model, family).misranked or 0.0)


def print_table(rows: Sequence[tuple[float, ProbedModel]]) -> None:
    """Print the encoders by AP on PAWS, and how well each figure of the probe ranks them as that does."""
    columns = {
        "all": [right(model, "all") for _, model in rows],
        "arguments": [right(model, "arguments") for _, model in rows],
        "from-to": [right(model, "from-to") for _, model in rows],
        "voice": [right(model, "voice") for _, model in rows],
        "clauses": [right(model, "clauses") for _, model in rows],
        "best accuracy, all": [figures(model, "all").best_accuracy or 0.0 for _, model in rows],
    }
    aps = np.array([ap for ap, _ in rows])
    print(f"| encoder | AP on PAWS | {' | '.join(columns)} |")
    print(f"|---|{'--:|' * (1 + len(columns))}")
    for at in np.argsort(-aps):
        shown = " | ".join(f"{values[at]:.3f}" for values in columns.values())
        print(f"| {rows[at][1].name} | {aps[at]:.3f} | {shown} |")
    ranks = " | ".join(f"{spearman(aps, np.array(values)):.2f}" for values in columns.values())
    print(f"| Spearman with AP on PAWS | | {ranks} |")


if __name__ == "__main__":
    main()
