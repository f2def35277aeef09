"""Fit the decision that is shipped for the untrained all-MiniLM-L6-v2, and print how good it is.

    python recipes/bench/untrained_decision.py --data-dir DIR            # print
    python recipes/bench/untrained_decision.py --data-dir DIR --write    # and put it into the package

Equal numbers of training pairs of three sets that disagree about what "the same" is, so that no one of them rules:
questions (QQP), news (MRPC) and tweets (Twitter URL). PAWS stands beside them to show what this decision cannot do: an
untrained encoder does not see the order of words.
"""

from __future__ import annotations

import json
from pathlib import Path

from _common import drawn, options_of

from siamese_text.api import UNTRAINED_DECISIONS, Scorer
from siamese_text.atomic import atomic_file
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.resolve import weights_sha256
from siamese_text.evaluation.evaluation import evaluate_binary
from siamese_text.evaluation.labelled_predictions import label_predictions
from siamese_text.records import Pair
from siamese_text.scoring.decision import describe_pairs
from siamese_text.scoring.fit_decision import fit_decision

SETS = ("qqp", "mrpc", "twitter_url")
BLIND_SPOT = "paws"
PAIRS_OF_EACH = 2000
SEED = 0


def draw(name: str, data_dir: Path) -> list[Pair]:
    """Return a seeded sample of a set's training pairs."""
    return drawn(load_pairs(name, "train", data_dir=data_dir).pairs, PAIRS_OF_EACH, SEED)


def main() -> None:
    """Fit, print and, when asked, write."""
    parser = options_of(__doc__)
    parser.add_argument("--write", action="store_true", help="put the decision into the package")
    options = parser.parse_args()

    scorer = Scorer.load()
    samples = {name: draw(name, options.data_dir) for name in SETS}
    pairs = [pair for sample in samples.values() for pair in sample]
    data = f"{PAIRS_OF_EACH:,} training pairs each of QQP, MRPC and Twitter URL"
    labels, described = describe_pairs(data, pairs)
    scores = scorer.scores(pairs)
    decision = fit_decision(labels, scores, described, "similarity")

    print(f"threshold {decision.threshold:.4f}, fitted on {described}\n")
    print("| pairs | same | AP | accuracy | F1 | Brier | ECE |\n|---|--:|--:|--:|--:|--:|--:|")
    shown = {
        **samples,
        "all three, cross-fitted": pairs,
        f"{BLIND_SPOT}, not fitted on": draw(BLIND_SPOT, options.data_dir),
    }
    for name, sample in shown.items():
        labels, told = describe_pairs(data if sample is pairs else name, sample)
        predictions = label_predictions(labels, scorer.scores(sample), decision, told)
        e = evaluate_binary(predictions, model=scorer.name, data=name, resamples=10)
        figures = " | ".join(f"{value:.3f}" for value in (e.ap, e.accuracy, e.f1, e.brier, e.ece))
        print(f"| {name} | {e.positives:.0%} | {figures} |")
    if options.write:
        assert scorer.encoder.resolved is not None
        key = weights_sha256(scorer.encoder.resolved.folder)
        with atomic_file(UNTRAINED_DECISIONS) as draft:
            draft.write_text(json.dumps({key: decision.to_json()}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
