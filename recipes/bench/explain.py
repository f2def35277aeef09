"""Are explanations faithful? Take away the words that are said to decide, and as many others by chance.

    python recipes/bench/explain.py                                          # the bundled pairs
    python recipes/bench/explain.py --dataset paws --data-dir DIR --model M

The test is the comprehensiveness of DeYoung et al. 2020. The words that decide are those that `score --explain` lists
as such, at least one and at most a fifth of the pair's. They are removed all at once, from whichever side they stand
on. Against them stand seeded draws of as many of the pair's words, whose effects are averaged. An effect is
|p(all words) - p(without)|. The p value is that of Wilcoxon's signed-rank test over the pairs, one-sided.

The words that decide are searched for by this very measure (explain/occlusion.py says how), which is what they are
shown for; beside them stand as many words of the largest contributions alone, which do not know of each other.

Exit code 1 says that the ratio is below 2 or p above 0.01.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _common import MODEL, drawn, options_of
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from siamese_text.api import Scorer
from siamese_text.data.loading import load_pairs
from siamese_text.errors import BadModel, NothingToDo
from siamese_text.explain.occlusion import Explanation, Sides, Word, leave_out

DRAWS = 10
SEED = 0
LEAST_RATIO, LARGEST_P = 2.0, 0.01
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Faithfulness:
    """Mean effects of the words that decide, of the largest contributions, and of words by chance."""

    pairs: int
    words: float
    removed: float
    deciding: float
    largest: float
    chance: float
    p: float
    turned: float
    turned_by_chance: float

    @property
    def ratio(self) -> float:
        """How many times more the deciding words move the probability than words by chance."""
        return self.deciding / self.chance

    @property
    def faithful(self) -> bool:
        """Whether the explanations pass."""
        return self.ratio >= LEAST_RATIO and self.p < LARGEST_P


def measure(scorer: Scorer, pairs: Sequence[Sides], *, draws: int = DRAWS, seed: int = SEED) -> Faithfulness:
    """Explain pairs and take their words away; pairs in which no more words are left than are taken are not counted.

    Args:
        scorer: A model that gives probabilities.
        pairs: Pairs of texts.
        draws: How many times words are drawn by chance for each pair.
        seed: Decides the draws.
    """
    explained = [scorer.explain(pair) for pair in pairs]
    explained = [each for each in explained if len(each.strongest) > len(each.deciding)]
    if not explained:
        raise NothingToDo("no pair has two words; give pairs of sentences")
    rng = np.random.default_rng(seed)
    removed = [
        [
            [step.word for step in each.deciding],
            _largest(each),
            *(_drawn(each, rng) for _ in range(draws)),
        ]
        for each in explained
    ]
    variants = [leave_out(each.sides, words) for each, sets in zip(explained, removed, strict=True) for words in sets]
    predictions = scorer.predict(variants)
    if predictions.probability is None or predictions.same is None:
        raise BadModel(f"{scorer.name} gives no probability; fit one with siamese-text calibrate")
    before = np.array([each.probability for each in explained], dtype=np.float64)[:, None]  # (N, 1)
    moved = np.abs(before - predictions.probability.reshape(len(explained), -1))  # (N, 2 + draws)
    turned = predictions.same.reshape(moved.shape) != np.array([each.same for each in explained])[:, None]
    chance = moved[:, 2:].mean(axis=1)
    return Faithfulness(
        pairs=len(explained),
        words=float(np.mean([len(each.strongest) for each in explained])),
        removed=float(np.mean([len(each.deciding) for each in explained])),
        deciding=float(moved[:, 0].mean()),
        largest=float(moved[:, 1].mean()),
        chance=float(chance.mean()),
        p=float(wilcoxon(moved[:, 0], chance, alternative="greater").pvalue),
        turned=float(turned[:, 0].mean()),
        turned_by_chance=float(turned[:, 2:].mean()),
    )


def _largest(explanation: Explanation) -> list[Word]:
    """Return as many words as decide, by their contributions towards the decision alone."""
    towards = 1 if explanation.same else -1
    words = sorted(explanation.strongest, key=lambda word: -towards * word.contribution)
    return words[: len(explanation.deciding)]


def _drawn(explanation: Explanation, rng: np.random.Generator) -> list[Word]:
    words = explanation.strongest
    return [words[at] for at in rng.permutation(len(words))[: len(explanation.deciding)]]


def main() -> None:
    """Draw pairs, measure, print, and fail where the explanations are not faithful."""
    parser = options_of(__doc__)
    parser.add_argument("--dataset", action="append", help="a known name or a file; repeat for more (sample)")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()

    scorer = Scorer.load(options.model)
    print(f"{scorer.name}, {options.pairs} pairs of each set, {DRAWS} draws, seed {options.seed}\n")
    print("| pairs | words | removed | deciding | largest alone | by chance | ratio | p | turned | turned by chance |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    faithful = True
    for name in options.dataset or ["sample"]:
        split = None if Path(name).is_file() else options.split
        pairs = load_pairs(name, split, data_dir=options.data_dir).pairs
        sample = drawn(pairs, options.pairs, options.seed)
        found = measure(scorer, [pair.sides for pair in sample], seed=options.seed)
        effects = (
            f"{found.deciding:.3f} | {found.largest:.3f} | {found.chance:.3f} | **{found.ratio:.2f}** | {found.p:.1e}"
        )
        turned = f"{found.turned:.0%} | {found.turned_by_chance:.0%}"
        print(f"| {name}, {found.pairs} | {found.words:.1f} | {found.removed:.1f} | {effects} | {turned} |", flush=True)
        faithful = faithful and found.faithful
    sys.exit(0 if faithful else 1)


if __name__ == "__main__":
    main()
