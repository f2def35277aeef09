"""What dimensions that know the order of words do to the plain cosine, which is all that a vector store compares.

    python recipes/bench/word_order.py --data-dir DIR

The weight is chosen on the pairs that the decision of `general` is fitted on; measured are other pairs, most of them of
kinds that nothing saw: AP of the cosine alone, without the dimensions and with them, of graded pairs Spearman's
correlation. The last columns tell the pairs in which the order of shared words says nothing from the others: how many
they are, how many of them are the same, and the AP of the cosine and of the decision of `general`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _common import MODEL, options_of
from general import GRADED, fitting_pairs, measured_pairs
from numpy.typing import NDArray
from scipy.stats import spearmanr
from untrained_decision import MADE

from siamese_text.api import Scorer, append_word_order
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.resolve import DECIDING_MODEL
from siamese_text.records import FloatArray, Pair
from siamese_text.scoring.details import DETAILS, details_of
from siamese_text.scoring.metrics import average_precision
from siamese_text.vectors.word_order import WEIGHT

WEIGHTS = (0.0, 0.01, WEIGHT, 0.06, 0.1)
SHOWN = (0.0, WEIGHT, 0.06)
WHOLE = "paws"  # printed whole as well, as others measure it, though half of it is chosen on
ORDER = [DETAILS.index(name) for name in ("exchanged", "moved")]


class Vectors:
    """The vectors of both sides of pairs by one encoder, and their cosine with dimensions of a weight appended."""

    def __init__(self, scorer: Scorer, pairs: Sequence[Pair]) -> None:
        self.sides = tuple(list(texts) for texts in zip(*(pair.sides for pair in pairs), strict=True))
        self.vectors: tuple[FloatArray, ...] = tuple(scorer.encode(texts) for texts in self.sides)

    def cosine(self, weight: float) -> NDArray[np.float64]:
        """Return the (N,) cosines."""
        left, right = (
            append_word_order(vectors, texts, weight=weight)
            for vectors, texts in zip(self.vectors, self.sides, strict=True)
        )
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        cosine: NDArray[np.float64] = (left * right).sum(axis=1) / lengths
        return cosine


def labels_of(pairs: Sequence[Pair]) -> NDArray[np.int64]:
    """Return the (N,) labels."""
    return np.array([pair.label for pair in pairs], dtype=np.int64)


def print_weights(scorers: Sequence[Scorer], data_dir: Path) -> None:
    """Print the AP by weight of the pairs that it is chosen on."""
    print(f"| chosen on | {' | '.join(f'{s.name} {w:g}' for s in scorers for w in WEIGHTS)} |")
    print("|---|" + "--:|" * len(WEIGHTS) * len(scorers))
    for name, pairs in fitting_pairs(data_dir).items():
        if name != MADE:
            aps = [
                average_precision(labels_of(pairs), vectors.cosine(weight))
                for vectors in (Vectors(scorer, pairs) for scorer in scorers)
                for weight in WEIGHTS
            ]
            print(f"| {name} | {' | '.join(f'{ap:.3f}' for ap in aps)} |", flush=True)


def print_measured(scorers: Sequence[Scorer], data_dir: Path) -> None:
    """Print the AP of the other pairs at the chosen weight, and how the decision ranks by what the words leave open."""
    columns = [f"{scorer.name} {weight:g}" for scorer in scorers for weight in SHOWN]
    print(
        f"\n| measured | {' | '.join(columns)} | order silent | same | similarity | decision | order speaks | same "
        "| similarity | decision |"
    )
    print("|---|" + "--:|" * (len(columns) + 8))
    whole = {f"{WHOLE}, whole validation": list(load_pairs(WHOLE, "validation", data_dir=data_dir).pairs)}
    for name, pairs in (measured_pairs(data_dir) | whole).items():
        labels = labels_of(pairs)
        read = [Vectors(scorer, pairs) for scorer in scorers]
        aps = [average_precision(labels, vectors.cosine(weight)) for vectors in read for weight in SHOWN]
        print(
            f"| {name} | {' | '.join(f'{ap:.3f}' for ap in aps)} {by_order(scorers[-1], pairs, read[-1])} |", flush=True
        )
    for name in GRADED:
        pairs = list(load_pairs(name, "validation", data_dir=data_dir).pairs)
        grades = [pair.label for pair in pairs]
        ranks = [
            spearmanr(vectors.cosine(weight), grades)[0]
            for vectors in (Vectors(scorer, pairs) for scorer in scorers)
            for weight in SHOWN
        ]
        print(f"| {name}, validation (Spearman) | {' | '.join(f'{rank:.3f}' for rank in ranks)} |" + " |" * 8)


def by_order(scorer: Scorer, pairs: Sequence[Pair], vectors: Vectors) -> str:
    """Return cells: of pairs in which the order of shared words says nothing, and of the others, the AP of both."""
    labels, said = labels_of(pairs), scorer.predict([pair.sides for pair in pairs]).probability
    assert said is not None  # the model has a decision
    silent = (details_of([pair.sides for pair in pairs])[:, ORDER] == 0).all(axis=1)
    cells = []
    for chosen in (silent, ~silent):
        aps = [average_precision(labels[chosen], values[chosen]) for values in (vectors.cosine(0.0), said)]
        cells += [f"{chosen.sum()}", f"{labels[chosen].mean():.0%}", *(f"{ap:.3f}" for ap in aps)]
    return f"| {' | '.join(cells)}"


def main() -> None:
    """Print both tables."""
    options = options_of(__doc__).parse_args()
    scorers = [Scorer.load(MODEL), Scorer.load(DECIDING_MODEL)]
    print_weights(scorers, options.data_dir)
    print_measured(scorers, options.data_dir)


if __name__ == "__main__":
    main()
