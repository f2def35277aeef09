"""How many of the matches of two tables are found: without labels and with some, beside two usual ways.

    python recipes/bench/match.py --data-dir DIR [--draws 5] [--by-words] [--peer]

DIR has ``match_*/left``, ``right`` and ``matches.jsonl.gz``. All columns are compared, of the kinds that their cells
look like; nothing is set for a table. F1 is over all true matches, those that are no candidates among them. No
threshold is chosen in hindsight, but for that of TF-IDF, where it is said.

Labels are drawn as ``--review`` draws them, half to teach and half to measure, in rounds of 50 that each see what was
learned before. Labelled pairs are left out of the figures, of what is found and of what is true, for they are known.

TF-IDF: words of all columns, mutual nearest neighbours, the best threshold in hindsight. With ``--peer`` and
recordlinkage installed: its unsupervised ECM classifier on the same candidates, Jaro-Winkler of each column from 0.85
on, matches one to one, the surest first.
"""

from __future__ import annotations

import gzip
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from _common import options_of
from numpy.typing import NDArray

from siamese_text import CachedEncoder, RecordMatcher, load_encoder
from siamese_text.matching.matched import Matched
from siamese_text.matching.review import pairs_to_label
from siamese_text.matching.terms import term_vectors, words_in

COUNTS = (50, 200, 500)
ROUND = 50  # labels between two fits

Truth = set[tuple[str, str]]


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def f1(found: set[tuple[str, str]], true: Truth, known: set[tuple[str, str]] = frozenset()) -> float:  # type: ignore[assignment]
    """Return F1 in percent, without pairs that are known."""
    found, true = found - known, true - known
    return 200 * len(found & true) / max(len(found) + len(true), 1)


def ids_of(found: Matched, places: NDArray[np.integer]) -> list[tuple[str, str]]:
    """Return the ids of candidates."""
    rows = zip(found.pairs.left[places].tolist(), found.pairs.right[places].tolist(), strict=True)
    return [(found.left.ids[one], found.right.ids[other]) for one, other in rows]


def tf_idf(left: list[dict[str, Any]], right: list[dict[str, Any]], true: Truth) -> float:
    """Return the F1 of mutual nearest neighbours by the words of all columns, at the best threshold in hindsight."""
    texts = [
        [" ".join(str(cell) for name, cell in row.items() if name != "id") for row in side] for side in (left, right)
    ]
    (one, other), _ = term_vectors(texts, words_in)
    scores = (one @ other.T).toarray()
    nearest, back = scores.argmax(axis=1), scores.argmax(axis=0)
    mutual = np.flatnonzero(back[nearest] == np.arange(len(nearest)))
    order = mutual[np.argsort(-scores[mutual, nearest[mutual]])]
    right_ones = np.cumsum([(left[row]["id"], right[nearest[row]]["id"]) in true for row in order])
    return float((200 * right_ones / (np.arange(1, len(order) + 1) + len(true))).max())


def ecm(found: Matched, true: Truth) -> float:
    """Return the F1 of recordlinkage's unsupervised classifier on our candidates."""
    import pandas
    import recordlinkage

    tables = [
        pandas.DataFrame(dict(side.cells), index=list(side.ids)).replace("", None) for side in (found.left, found.right)
    ]
    pairs = pandas.MultiIndex.from_tuples(ids_of(found, np.arange(len(found.pairs))))
    compare = recordlinkage.Compare()
    for name in found.left.cells:
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    features = compare.compute(pairs, *tables)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    chance = classifier.prob(features)
    best = chance[chance >= 0.5].sort_values(ascending=False)
    taken: tuple[set[str], set[str]] = (set(), set())
    chosen = set()
    for one, other in best.index:
        if one not in taken[0] and other not in taken[1]:
            chosen.add((one, other))
            taken[0].add(one)
            taken[1].add(other)
    return f1(chosen, true)


def labelled(matcher: RecordMatcher, tables: Any, start: Matched, true: Truth, seed: int) -> dict[int, float]:
    """Return F1 after so many labels of reviews and, of the last, the estimate and what it estimates."""
    answers: dict[tuple[str, str], tuple[Any, ...]] = {}
    found, figures = start, {}
    while len(answers) < max(COUNTS):
        count = next(count for count in COUNTS if count > len(answers))
        asked = pairs_to_label(found, min(ROUND, count - len(answers)), seed)
        # of several reviews the last one measures
        answers = {pair: (*label[:3], -1, 0) for pair, label in answers.items()}
        for pair, stratum, size in zip(
            ids_of(found, asked.places), asked.strata.tolist(), asked.sizes.tolist(), strict=True
        ):
            answers[pair] = (*pair, pair in true, stratum, size)
        found = matcher.fit_predict(tables, list(answers.values()))
        if len(answers) in COUNTS:
            figures[len(answers)] = f1(set(ids_of(found, np.flatnonzero(found.predicted))), true, set(answers))
    return figures


def main() -> None:
    """Print the tables."""
    parser = options_of(__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--by-words", action="store_true", help="compare texts without a model")
    parser.add_argument("--peer", action="store_true", help="run recordlinkage, too")
    options = parser.parse_args()
    encoder = None if options.by_words else CachedEncoder(load_encoder())
    print("| tables | rows | candidates hold | TF-IDF, hindsight | 0 labels | precision | recall | CPU s | peer |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for folder in sorted(Path(options.data_dir).glob("match_*")):
        left, right, links = (rows_of(folder / f"{name}.jsonl.gz") for name in ("left", "right", "matches"))
        true = {(str(link["left"]), str(link["right"])) for link in links}
        began = time.process_time()
        matcher = RecordMatcher(encoder, by_words=options.by_words)
        found = matcher.fit_predict((left, right))
        seconds = time.process_time() - began
        chosen = set(found.matched_ids())
        hold = len(set(ids_of(found, np.arange(len(found.pairs)))) & true) / len(true)
        peer = f"{ecm(found, true):.1f}" if options.peer else "–"
        hits = len(chosen & true)
        print(
            f"| {folder.name.removeprefix('match_')} | {len(left):,} × {len(right):,} | {100 * hold:.1f} % "
            f"| {tf_idf(left, right, true):.1f} | {f1(chosen, true):.1f} | {100 * hits / max(len(chosen), 1):.1f} "
            f"| {100 * hits / len(true):.1f} | {seconds:.1f} | {peer} |",
            flush=True,
        )
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
