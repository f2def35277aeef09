"""Fit the decision that is shipped for the untrained all-MiniLM-L6-v2, and print how good it is.

    python recipes/bench/untrained_decision.py --data-dir DIR            # print
    python recipes/bench/untrained_decision.py --data-dir DIR --write    # and put it into the package

The similarity is weighed beside the details in which two texts differ (scoring/details.py): one logistic regression
over as many training pairs of each of eight sets that disagree about what "the same" is, and of the pairs that the
rules of `augment` make of training sentences, so that no one of them rules. It is measured on other pairs: validation
splits of the sets that it was fitted on, the same with the set left out of the fit, and kinds of text that no fit saw.
Beside it stands what the similarity alone decides, fitted on the same pairs of QQP, MRPC and Twitter URL, as it was
shipped before.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _common import MODEL, drawn, options_of

from siamese_text.api import UNTRAINED_DECISIONS, Scorer, augment_file
from siamese_text.atomic import atomic_file
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.resolve import weights_sha256
from siamese_text.evaluation.evaluation import evaluate_binary
from siamese_text.evaluation.labelled_predictions import label_predictions
from siamese_text.records import Pair
from siamese_text.scoring.decision import Decision, describe_pairs
from siamese_text.scoring.details import details_of
from siamese_text.scoring.fit_decision import fit_decision
from siamese_text.scoring.scores import Scores

SETS = ("qqp", "mrpc", "twitter_url", "paws", "parade", "snli", "mt_metrics_pan", "sample")
MADE = "made by rules"
MADE_OF = ("stsb", "paws")
BEFORE = ("qqp", "mrpc", "twitter_url")
UNSEEN = ("paws_qqp/train", "medical_questions/dev", "community_questions/dev", "onestop/dev")
PAIRS_OF_EACH = 1100  # the smallest set has as many
MEASURED = 1500  # pairs of each, at most
SEED = 0

Sample = tuple[Sequence[Pair], Scores]


def draw(name: str | Path, split: str, data_dir: Path, count: int) -> list[Pair]:
    """Return a seeded sample of a split's pairs."""
    return drawn(load_pairs(name, split, data_dir=data_dir).pairs, count, SEED)


def made_pairs(data_dir: Path, names: Sequence[str] = MADE_OF) -> list[Pair]:
    """Return as many pairs of each label that rules make of training sentences, no rule over a fifth of them."""
    kept: dict[float, list[Pair]] = {0.0: [], 1.0: []}
    counts = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            output = Path(folder) / f"{name}.jsonl"
            augment_file(name, output, data_dir=data_dir, limit=8000)
            for pair in drawn(load_pairs(output, "train").pairs, 8000, SEED):
                if counts[pair.kind] < PAIRS_OF_EACH // 5:
                    counts[pair.kind] += 1
                    kept[pair.label or 0.0].append(pair)
    size = min(PAIRS_OF_EACH // 2, *map(len, kept.values()))
    return [pair for pairs in kept.values() for pair in drawn(pairs, size, SEED)]


def scored(scorer: Scorer, pairs: Sequence[Pair]) -> Sample:
    """Return pairs with their similarity, their details, and how much of them the model does not know."""
    sides = [pair.sides for pair in pairs]
    scores = scorer.scores(sides)
    return pairs, Scores(scores.similarity, details=details_of(sides), unknown=scores.unknown)


def fitted(samples: Sequence[Sample], data: str, by_details: bool) -> Decision:
    """Fit one decision on all samples together."""
    labels, described = describe_pairs(data, [pair for pairs, _ in samples for pair in pairs])
    scores = Scores.joined(scores for _, scores in samples)
    return fit_decision(labels, scores, described, "details" if by_details else "similarity", calibration="platt")


def row(name: str, sample: Sample, decisions: Sequence[Decision]) -> str:
    """Return a row of the table: AP, accuracy and ECE by each decision."""
    pairs, scores = sample
    labels, told = describe_pairs(name, pairs)
    cells = [f"{np.mean(labels):.0%}"]
    for decision in decisions:
        e = evaluate_binary(label_predictions(labels, scores, decision, told), model=MODEL, data=name, resamples=10)
        cells += [f"{value:.3f}" for value in (e.ap, e.accuracy, e.ece)]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Fit, print and, when asked, write."""
    parser = options_of(__doc__)
    parser.add_argument("--write", action="store_true", help="put the decision into the package")
    options = parser.parse_args()

    scorer = Scorer.load(MODEL)
    training = {name: draw(name, "train", options.data_dir, PAIRS_OF_EACH) for name in SETS}
    samples = {name: scored(scorer, pairs) for name, pairs in (training | {MADE: made_pairs(options.data_dir)}).items()}
    data = f"{PAIRS_OF_EACH:,} training pairs each of {len(SETS)} sets and of made ones"
    before = fitted([samples[name] for name in BEFORE], "those of three sets", by_details=False)
    decision = fitted(list(samples.values()), data, by_details=True)

    print(f"weights of similarity and details {np.round(decision.weights, 2).tolist()}, constant {decision.bias:.2f}")
    print(f"threshold {decision.threshold:.4f}, fitted on {decision.fitted_on}\n")
    print("Each three: AP, accuracy, ECE; by the similarity alone, with details, with details and this set left out\n")
    print(
        "| pairs | same | similarity | | | details | | | left out | | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    for name in SETS:
        held_out = draw(name, "validation", options.data_dir, MEASURED)
        rest = fitted([each for other, each in samples.items() if other != name], "the other sets", by_details=True)
        print(row(f"{name}, validation", scored(scorer, held_out), (before, decision, rest)), flush=True)
    for name in UNSEEN:
        pairs = draw(options.data_dir / f"{name}.jsonl.gz", "train", options.data_dir, MEASURED)
        print(row(f"{name}, never seen", scored(scorer, pairs), (before, decision)), flush=True)
    if options.write:
        assert scorer.encoder.resolved is not None
        key = weights_sha256(scorer.encoder.resolved.folder)
        with atomic_file(UNTRAINED_DECISIONS) as draft:
            draft.write_text(json.dumps({key: decision.to_json()}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
