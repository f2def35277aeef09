"""Whether a promised precision and recall hold as often as they are promised to, and what they cost.

    python recipes/bench/guarantee.py --data-dir DIR [--draws 1000]

The pairs of a pool are scored once by the untrained encoder, whose cosine decides. 1,000 times so many of them are
drawn, thresholds are fitted to these, and the rest of the pool says whether the promise holds there: the promised
thresholds (``calibrate --decide-at "precision>=P, recall>=R"``), and in brackets those that merely fit (``--decide-at
precision=P`` and ``recall=R``). All promises are to hold together in 95 % of the draws; beside the share of those where
one is broken stand two standard errors. "Proved" is the share of draws that prove them; in the others ``calibrate``
writes nothing and says about how many more pairs would do, so nothing is broken. Pairs of a draw that share a sentence
count as fewer, as in ``calibrate``.

The last row is fitted on draws from one pool and measured on another, where the promise does not hold: it is one about
pairs like those that it was fitted on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _common import MODEL, drawn, options_of
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.data.loading import load_pairs
from siamese_text.data.splits import bag_of_words
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.guarantees import guaranteed_thresholds
from siamese_text.scoring.metrics import EVEN

SIZES = (100, 300, 1000)
POOLS = {
    "qqp": "precision>=0.7, recall>=0.9",
    "twitter_url": "precision>=0.8, recall>=0.9",
    "mrpc": "precision>=0.8, recall>=0.9",
}
ELSEWHERE = ("qqp", "paws")
MOST = 15000  # pairs of a pool
LEAST_REST = 10  # times a draw is what it is measured on: of fewer, the rest is itself a small sample


@dataclass(frozen=True)
class Pool:
    """Scored pairs: (N,) labels and similarities, and (N, 2) the numbers of their sentences."""

    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    sentences: NDArray[np.int64]

    @property
    def groups(self) -> NDArray[np.int64]:
        """(N,) the number of each pair's group: pairs that share a sentence, directly or through others."""
        known, numbers = np.unique(self.sentences, return_inverse=True)
        left, right = numbers.reshape(-1, 2).T
        return connected_components(left, right, len(known))[left]

    def take(self, rows: NDArray[np.int64]) -> Pool:
        """Return some of the pairs."""
        return Pool(self.labels[rows], self.scores[rows], self.sentences[rows])


class Rest:
    """A pool that tells the figures of any thresholds on the pairs that were not drawn, by two searches."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.sorted = [np.sort(pool.scores[pool.labels == label]) for label in (0, 1)]

    def found(self, threshold: float, without: Pool | None) -> tuple[int, int]:
        """Count the different and the same pairs at or above a threshold."""
        counts = [len(each) - int(np.searchsorted(each, threshold)) for each in self.sorted]
        if without is not None:
            above = without.labels[without.scores >= threshold]
            counts = [counts[0] - int(np.sum(above == 0)), counts[1] - int(np.sum(above == 1))]
        return counts[0], counts[1]

    def figures(self, yes: float, no: float, without: Pool | None) -> tuple[float, float, float]:
        """Return the precision of the yes, the share of the same pairs that get no no, and the share of the unsure."""
        everything, above_yes, above_no = (self.found(each, without) for each in (-math.inf, yes, no))
        precision = above_yes[1] / sum(above_yes) if sum(above_yes) else 1.0
        return precision, above_no[1] / everything[1], (sum(above_no) - sum(above_yes)) / sum(everything)


def main() -> None:
    """Score the pools, draw, and print the table."""
    parser = options_of(__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    options = parser.parse_args()
    pools = {name: scored(name, options.data_dir) for name in (*POOLS, ELSEWHERE[1])}
    print("| fitted on | measured on | promised | pairs | proved | broken (merely fitted) | of the proved | unsure |")
    print("|---|---|---|--:|--:|--:|--:|--:|")
    for name, goal in POOLS.items():
        for size in (size for size in SIZES if size <= len(pools[name].labels) / LEAST_REST):
            print(row(name, name, pools, goal, size, options.draws), flush=True)
    print(row(*ELSEWHERE, pools, POOLS[ELSEWHERE[0]], SIZES[-1], options.draws))


def scored(name: str, data_dir: Path) -> Pool:
    """Return the training pairs of a data set with the similarities that the untrained encoder gives."""
    from siamese_text.api import Scorer

    pairs = drawn(load_pairs(name, "train", data_dir=data_dir).pairs, MOST, 0)
    labels = np.array([pair.label for pair in pairs], dtype=np.int64)
    scores = Scorer.load(MODEL).scores(pairs).similarity.astype(np.float64)
    _, sentences = np.unique([bag_of_words(text) for pair in pairs for text in pair.texts], return_inverse=True)
    return Pool(labels, scores, sentences.reshape(-1, 2))


def row(name: str, elsewhere: str, pools: dict[str, Pool], text: str, size: int, draws: int) -> str:
    """Draw calibration sets of one size, and return the cells of what became of them."""
    pool, goal, rest = pools[name], Goal.read(text), Rest(pools[elsewhere])
    chance = np.random.default_rng(0)
    wanted = [promise.value for promise in goal.promises]
    proved = broken = plain = 0
    unsure = []
    for _ in range(draws):
        sample = pool.take(chance.choice(len(pool.labels), size, replace=False))
        without = sample if elsewhere == name else None
        yes, no = guaranteed_thresholds(goal, sample.labels, sample.scores, sample.groups)
        no = yes if no is None else no
        if math.isfinite(yes) and math.isfinite(no):
            proved += 1
            *figures, left = rest.figures(yes, no, without)
            broken += any(np.less(figures, wanted))
            unsure.append(left)
        fitted = [
            Goal.read(f"{promise.figure}={promise.value}").search(sample.labels, sample.scores, EVEN)[0]
            for promise in goal.promises
        ]
        plain += any(np.less(rest.figures(max(fitted), min(fitted), without)[:2], wanted))
    error = math.sqrt(broken / draws * (1 - broken / draws) / draws)
    shares = f"{broken / draws:.1%} ± {2 * error:.1%} ({plain / draws:.0%})"
    of_proved = f"{broken / proved:.1%} | {np.mean(unsure):.0%}" if proved else "– | –"
    return f"| {name} | {elsewhere} | {text} | {size:,} | {proved / draws:.0%} | {shares} | {of_proved} |"


if __name__ == "__main__":
    main()
