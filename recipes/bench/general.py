"""Fit the decision of `general`, the shipped model, and print how good it is beside the encoder that it was made of.

    python recipes/bench/general.py --data-dir DIR                         # print
    python recipes/bench/general.py --data-dir DIR --model FOLDER --write  # fit that of a change, and put it there

The decision weighs the similarity beside the details in which two texts differ, as that of the untrained encoder does
(untrained_decision.py). It is fitted on what the model was not trained on: one half of the held-out pairs of the sets
of its training, training pairs of two further sets, and pairs that rules make of sentences of other sets. It is
measured on the other halves, on validation splits, and on kinds of text that no training and no fit saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from _common import MODEL, options_of
from scipy.stats import spearmanr
from untrained_decision import MADE, MEASURED, PAIRS_OF_EACH, Sample, draw, fitted, made_pairs, row, scored

from siamese_text.api import Scorer
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.resolve import DECIDING_MODEL
from siamese_text.records import Pair
from siamese_text.scoring.calibration import fit_logistic, probability_of
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.metrics import expected_calibration_error, perfect_calibration_error
from siamese_text.scoring.siamese_text_json import read_classifier, write_classifier

TRAINED_ON = ("paws", "mrpc", "twitter_url", "sample")
FURTHER = ("qqp", "parade")
MADE_OF = FURTHER
UNSEEN = ("paws_qqp", "snli", "mt_metrics_pan")
UNSEEN_FILES = ("medical_questions", "community_questions", "onestop")
GRADED = ("stsb", "sick")


def fitting_pairs(data_dir: Path) -> dict[str, list[Pair]]:
    """Return the pairs that the decision is fitted on, by their set."""
    halves = {name: draw(name, "validation", data_dir, MEASURED)[::2] for name in TRAINED_ON}
    further = {name: draw(name, "train", data_dir, PAIRS_OF_EACH) for name in FURTHER}
    return halves | further | {MADE: made_pairs(data_dir, MADE_OF)}


def measured_pairs(data_dir: Path) -> dict[str, list[Pair]]:
    """Return other pairs of the same sets, and then those of kinds that nothing saw."""
    halves = {f"{name}, other half": draw(name, "validation", data_dir, MEASURED)[1::2] for name in TRAINED_ON}
    further = {f"{name}, validation": draw(name, "validation", data_dir, MEASURED) for name in FURTHER}
    unseen = {name: draw(name, "train", data_dir, MEASURED) for name in UNSEEN}
    unseen |= {name: draw(data_dir / name / "dev.jsonl.gz", "train", data_dir, MEASURED) for name in UNSEEN_FILES}
    return halves | further | {f"{name}, never seen": pairs for name, pairs in unseen.items()}


def errors(decision: Decision, measured: Sequence[Sample]) -> str:
    """Return the mean ECE over sets, that of probabilities which are all right, and that of the best map for all."""
    every = [(np.array([pair.label for pair in pairs]), decision.log_odds(scores)) for pairs, scores in measured]
    counts = np.concatenate([np.full(len(labels), 1 / len(labels)) for labels, _ in every])
    labels, log_odds = map(np.concatenate, zip(*every, strict=True))
    (slope,), constant = fit_logistic(labels, log_odds[:, None], counts)
    said = [(labels, probability_of(log_odds)) for labels, log_odds in every]
    again = [(labels, probability_of(slope * log_odds + constant)) for labels, log_odds in every]
    mean, best = (np.mean([expected_calibration_error(*each) for each in sets]) for sets in (said, again))
    perfect = np.mean([perfect_calibration_error(probabilities) for _, probabilities in said])
    return (
        f"Mean ECE {mean:.3f}; {perfect:.3f} if every probability were right; {best:.3f} by the slope and constant "
        f"that fit these very pairs best"
    )


def similarity_rank(scorer: Scorer, name: str, data_dir: Path) -> float:
    """Return Spearman's correlation of the similarity with the grades of a validation split."""
    pairs = load_pairs(name, "validation", data_dir=data_dir).pairs
    return float(spearmanr(scorer.scores([pair.sides for pair in pairs]).similarity, [pair.label for pair in pairs])[0])


def main() -> None:
    """Fit, print and, when asked, write."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default=DECIDING_MODEL, help="the model, or the folder of a change")
    parser.add_argument("--write", action="store_true", help="put the decision into that folder")
    options = parser.parse_args()

    plain, general = Scorer.load(MODEL), Scorer.load(options.model)
    fitting = fitting_pairs(options.data_dir)
    samples: dict[str, Sample] = {name: scored(general, pairs) for name, pairs in fitting.items()}
    decision = fitted(list(samples.values()), f"pairs of {len(fitting) - 1} sets and made ones", by_details=True)
    if options.write:
        folder = Path(options.model)
        write_classifier(replace(read_classifier(folder), decision=decision), folder)

    print(f"weights of similarity and details {decision.weights}, constant {decision.bias:.2f}")
    print(f"threshold {decision.threshold:.4f}, fitted on {decision.fitted_on}\n")
    print(
        "Each three: AP, accuracy, ECE; of the untrained encoder by its similarity and by its shipped decision, and of"
    )
    print(f"{DECIDING_MODEL} by its similarity and by its decision, and by one that was fitted without this set\n")
    print(
        "| pairs | same | untrained, similarity | | | its decision | | | similarity | | | decision | | | left out | | |"
    )
    print("|---|" + "--:|" * 16)
    plain_samples = [scored(plain, pairs) for pairs in fitting.values()]
    similarity = [fitted(each, "", by_details=False) for each in (plain_samples, list(samples.values()))]
    measured: list[Sample] = []
    for name, pairs in measured_pairs(options.data_dir).items():
        before, after = scored(plain, pairs), scored(general, pairs)
        measured.append(after)
        assert plain.decision is not None
        others = [each for other, each in samples.items() if other != name.partition(",")[0]]
        untrained = row(name, before, (similarity[0], plain.decision))
        trained = row(name, after, (similarity[1], decision, fitted(others, "", by_details=True)))
        print(untrained + trained.split("|", 3)[3], flush=True)
    print(f"\n{errors(decision, measured)}")
    for name in GRADED:
        ranks = [similarity_rank(scorer, name, options.data_dir) for scorer in (plain, general)]
        print(
            f"{name}, validation, Spearman of the similarity: untrained {ranks[0]:.3f}, {DECIDING_MODEL} {ranks[1]:.3f}"
        )


if __name__ == "__main__":
    main()
