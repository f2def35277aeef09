"""Is this question one that we know? `Verifier` on real duplicates, and whether its promise about false accepts holds.

    python recipes/bench/verify.py --data-dir DIR

Reads the pairs of qqp (or --dataset) from DIR. References are the first questions of a seeded draw of pairs that say
the same; asked are their second questions, which match, and both kinds of questions that match none: the second ones
of pairs with a reference that say something else, and those of pairs without any. Half of the questions asked
calibrate, the other half, of other references where they match one, is counted. Over so many draws of the halves: the
equal error rate, how many false accepts were promised, how many there were on average, and in how many draws there
were more (at most 5 % may be, but for chance, with the confidence of 95 %); how many of those that match were
accepted or unsure. Encoding is not timed. The seconds of a check of 1,000 questions are.
"""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from _common import MODEL, options_of

from siamese_text import CachedEncoder, Verifier, load_encoder

REFERENCES, IMPOSTORS = 800, 2400


def questions(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return references, and the questions asked, each with the reference that it matches or an empty text."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    order = np.random.default_rng(0).permutation(len(rows))
    drawn = [(rows[row]["sentence1"].strip(), rows[row]["sentence2"].strip(), rows[row]["label"]) for row in order]
    references: dict[str, str] = {}
    taken: set[str] = set()
    for one, other, label in drawn:
        if label == 1 and one != other and not {one, other} & taken and len(references) < REFERENCES:
            references[one] = other
            taken |= {one, other}
    genuine = [(other, one) for one, other in references.items()]
    same = {text for one, other, label in drawn if label == 1 and {one, other} & taken for text in (one, other)}
    near = [other for one, other, label in drawn if label == 0 and one in references and other not in same]
    far = [one for one, other, label in drawn if label == 0 and not {one, other} & (same | taken)]
    impostors = list(dict.fromkeys([*near, *far]))[:IMPOSTORS]
    return list(references), [*genuine, *((text, "") for text in impostors if text)]


def one_draw(verifier: Verifier, asked: list[tuple[str, str]], seed: int) -> tuple[float, float, float, float]:
    """Return equal error rate, false accepts, and the accepted and unsure ones of those that match."""
    order = np.random.default_rng(seed).permutation(len(asked))
    calibrating, counted = ([asked[row] for row in part] for part in np.array_split(order, 2))
    tried = verifier.calibrate([text for text, _ in calibrating], [match for _, match in calibrating])
    answers = verifier.check([text for text, _ in counted])
    own = np.array([bool(match) and said.reference == match for (_, match), said in zip(counted, answers, strict=True)])
    accepted = np.array([said.answer == "accept" for said in answers])
    unsure = np.array([said.answer == "unsure" for said in answers])
    return tried.equal_error_rate, accepted[~own].mean(), accepted[own].mean(), unsure[own].mean()


def main() -> None:
    """Print the table."""
    parser = options_of(__doc__)
    parser.add_argument("--dataset", default="qqp/train", help="a set of pairs in DIR, with its split")
    parser.add_argument("--draws", type=int, default=100)
    options = parser.parse_args()
    references, asked = questions(options.data_dir / f"{options.dataset}.jsonl.gz")
    encoder: Any = CachedEncoder(load_encoder(MODEL, device="cpu"))
    matching = sum(bool(match) for _, match in asked)
    print(f"{len(references)} references; asked: {matching} that match one, {len(asked) - matching} that match none\n")
    print("| promised | equal error | false accepts | draws with more | accepted | unsure |\n|--:|--:|--:|--:|--:|--:|")
    for promised in (0.01, 0.05, 0.1):
        verifier = Verifier(encoder, false_accepts=promised).fit(references, references)
        found = np.array([one_draw(verifier, asked, seed) for seed in range(options.draws)])
        error, false, accepted, unsure = 100 * found.mean(axis=0)
        more = 100 * (found[:, 1] > promised).mean()
        figures = f"{error:.1f} % | {false:.2f} % | {more:.0f} % | {accepted:.1f} % | {unsure:.1f} %"
        print(f"| {100 * promised:.0f} % | {figures} |", flush=True)
    began = time.process_time()
    verifier.check([text for text, _ in asked[:1000]])
    print(f"\na check of {len(asked[:1000]):,} questions that are embedded: {time.process_time() - began:.2f} CPU s")


if __name__ == "__main__":
    main()
