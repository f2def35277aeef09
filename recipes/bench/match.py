"""How many of the matches of two tables are found: without labels and with some, beside two usual ways.

    python recipes/bench/match.py --data-dir DIR [--draws 5] [--by-words] [--peer]
    python recipes/bench/match.py --data-dir DIR --variants report [--by-words]
    python recipes/bench/match.py --rows 100000 [--by-words]

DIR has ``match_*/left``, ``right`` and ``matches.jsonl.gz``. All columns are compared, of the kinds that their cells
look like; nothing is set for a table. F1 is over all true matches, those that are no candidates among them. No
threshold is chosen in hindsight, but where it is said: for TF-IDF, and beside ours what the same log-odds would give.

Labels come in two ways, over some draws. ``review``: as ``--review`` asks for them, first 50, then 150 and 300 more by
what was learned before. ``drawn``: from the training pairs of ``pairs_NAME/train.jsonl.gz`` where that is published
(its rows are found by the letters of their names), else from the candidates, whatever they are like. The labels are
used to learn, never as answers: a labelled pair counts as a fit without it predicts it.

The last table is of the estimate that a review of 200 labels gives: how often the truth about all candidates lies in
its interval of 95 %, and how wide it is.

With ``--variants`` the published tables are made harder (few partners, a tenth of the rows, lost and misplaced cells),
and records of one table are dealt to two. The design was chosen by the half ``look``, the half ``report`` is for
reports.

With ``--rows`` two tables are made, and seconds and memory of matching them are printed; no data are read. ``--model``
names the encoder of texts.

TF-IDF: words of all columns, mutual nearest neighbours, the best threshold in hindsight. With ``--peer`` and
recordlinkage installed: its unsupervised ECM classifier on the same candidates, Jaro-Winkler of each column from 0.85
on, matches one to one, the surest first.
"""

from __future__ import annotations

import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _common import drawn, options_of
from _match_variants import HALVES, Truth, rows_of, tables_of, variants
from numpy.typing import NDArray

from siamese_text import CachedEncoder, RecordMatcher, load_encoder
from siamese_text.api import DEFAULT_MODEL
from siamese_text.matching.comparisons import LEAD
from siamese_text.matching.labels import Label, among
from siamese_text.matching.labels import rows_of as label_rows
from siamese_text.matching.matched import Matched, cross_fitted, put_together
from siamese_text.matching.mixture import nearest_pairs
from siamese_text.matching.review import Review, estimate, pairs_to_label
from siamese_text.matching.terms import term_vectors, words_in

COUNTS = (50, 200, 500)


def f1(found: Truth, true: Truth) -> float:
    """Return F1 in percent."""
    return 200 * len(found & true) / max(len(found) + len(true), 1)


def hindsight(found: Matched, true: Truth) -> float:
    """Return the F1 of the same log-odds and rivals at the best threshold, which nobody knows without the truth."""
    best = np.flatnonzero(nearest_pairs(found.pairs, found.log_odds, found.known.sides))
    order = best[np.argsort(-found.log_odds[best], kind="stable")]
    right = np.cumsum([pair in true for pair in ids_of(found, order)])
    return float((200 * right / (np.arange(1, len(order) + 1) + len(true))).max())


def ids_of(found: Matched, places: NDArray[np.integer]) -> list[tuple[str, str]]:
    """Return the ids of candidates."""
    rows = zip(found.pairs.left[places].tolist(), found.pairs.right[places].tolist(), strict=True)
    return [(found.left.ids[one], found.right.ids[other]) for one, other in rows]


def tf_idf(found: Matched, true: Truth) -> float:
    """Return the F1 of mutual nearest neighbours by the words of all columns, at the best threshold in hindsight."""
    texts = [[" ".join(row) for row in zip(*side.cells.values(), strict=True)] for side in (found.left, found.right)]
    (one, other), _ = term_vectors(texts, words_in)
    scores = (one @ other.T).toarray()
    nearest, back = scores.argmax(axis=1), scores.argmax(axis=0)
    mutual = np.flatnonzero(back[nearest] == np.arange(len(nearest)))
    order = mutual[np.argsort(-scores[mutual, nearest[mutual]])]
    right = np.cumsum([(found.left.ids[row], found.right.ids[nearest[row]]) in true for row in order])
    return float((200 * right / (np.arange(1, len(order) + 1) + len(true))).max())


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


def answered(found: Matched, asked: Review, true: Truth) -> list[Label]:
    """Return the labels that somebody who knows gives to a review."""
    pairs = ids_of(found, asked.places)
    return [
        Label(*pair, pair in true, stratum, size)
        for pair, stratum, size in zip(pairs, asked.strata.tolist(), asked.sizes.tolist(), strict=True)
    ]


def taught(found: Matched, labels: list[Label]) -> Matched:
    """Return what labels of candidates make of the matches; the tables are not compared anew."""
    likenesses = [each for each in found.known.likenesses if each.column != LEAD]
    known = among(labels, found.pairs, label_rows(labels, found.left, found.right))
    return put_together(found.left, found.right, found.pairs, likenesses, found.mixture, known)


def in_reviews(found: Matched, true: Truth, seed: int) -> dict[int, float]:
    """Return F1 after so many labels of reviews."""
    labels: list[Label] = []
    figures = {}
    for count in COUNTS:
        asked = answered(found, pairs_to_label(found, count - len(labels), seed), true)
        labels += [Label(*label[:3]) for label in asked]
        found = taught(found, labels)
        figures[count] = f1(predicted(found), true)
    return figures


def by_chance(found: Matched, pool: list[Label], true: Truth, seed: int) -> dict[int, float]:
    """Return F1 after so many labels drawn from a pool."""
    return {count: f1(predicted(taught(found, drawn(pool, count, seed))), true) for count in COUNTS}


def pool_of(data_dir: Path, name: str, tables: Any, found: Matched, true: Truth) -> list[Label]:
    """Return the training pairs of a published split that are candidates, or all candidates where there is none."""
    split = data_dir / f"pairs_{name}" / "train.jsonl.gz"
    if not split.exists():
        return [Label(*pair, pair in true) for pair in ids_of(found, np.arange(len(found.pairs)))]
    left, right = ({letters(row): str(row["id"]) for row in table} for table in tables)
    said: dict[tuple[str, str], set[bool]] = {}
    for row in rows_of(split):
        said.setdefault((left[letters(row["left"])], right[letters(row["right"])]), set()).add(bool(row["label"]))
    labels = [Label(*pair, *labels) for pair, labels in said.items() if len(labels) == 1]  # some contradict each other
    places = found.pairs.places(*label_rows(labels, found.left, found.right))
    return [label for label, place in zip(labels, places.tolist(), strict=True) if place >= 0]


def letters(row: dict[str, Any]) -> str:
    """Return the letters of a row's name in alphabetical order, by which it is found however it was cut into words."""
    return "".join(sorted(filter(str.isalnum, str(row.get("name", "")).lower())))


def predicted(found: Matched) -> Truth:
    """Return the ids of the pairs that match by their probability, of a labelled one by that of a fit without it."""
    matches = found.predicted
    if found.labels is not None:
        matches[found.labels.places] = cross_fitted(found)[0]
    return set(ids_of(found, np.flatnonzero(matches)))


def covered(start: Matched, true: Truth, count: int, draws: int) -> str:
    """Return how often the truth lies in the interval of an estimate, and the mean width, for precision and recall."""
    hits, widths = np.zeros((draws, 2)), np.zeros((draws, 2))
    for seed in range(draws):
        found = taught(start, answered(start, pairs_to_label(start, count, seed), true))
        said = estimate(found, seed)
        assert said is not None
        chosen, hold = predicted(found), set(ids_of(found, np.arange(len(found.pairs)))) & true
        truths = len(chosen & hold) / max(len(chosen), 1), len(chosen & hold) / len(hold)
        for place, ((_, low, high), truth) in enumerate(zip((said.precision, said.recall), truths, strict=True)):
            hits[seed, place], widths[seed, place] = low <= truth <= high, 100 * (high - low)
    (precision, recall), (wide, wider) = hits.sum(axis=0).astype(int), widths.mean(axis=0)
    return f"{precision} of {draws} ({wide:.1f}) | {recall} of {draws} ({wider:.1f})"


def made(count: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return two tables of invented products; six in ten stand in both, with words lost, a slip and another price."""
    generator = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    words = np.array(["".join(generator.choice(letters, generator.integers(4, 10))) for _ in range(20_000)])
    rank = 1 / np.arange(1, len(words) + 1) ** 0.8
    drawn_words = words[generator.choice(len(words), (2 * count, 8), p=rank / rank.sum())].tolist()
    left, right = [], []
    for number in range(count):
        price = generator.gamma(2, 50)
        row = {"brand": str(words[generator.integers(300)]), "price": f"{price:.2f}"}
        title = [*drawn_words[number], f"{letters[generator.integers(8)]}{generator.integers(100, 99_999)}"]
        left.append({"id": str(number), "title": " ".join(title), **row})
        if number < 0.6 * count:
            title = [word for word in title if generator.random() > 0.15] or title
            title[0] = title[0][:-1]
            row["price"] = f"{price * generator.uniform(0.9, 1.1):.2f}"
        else:
            title, row["brand"] = drawn_words[count + number], str(words[generator.integers(300)])
        right.append({"id": str(number), "title": " ".join(title), **row})
    return left, right


def at_scale(count: int, encoder: Any) -> None:
    """Print what matching two made tables takes, by words alone where there is no encoder."""
    tables = made(count)
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    matcher = RecordMatcher(encoder, on="title:text,brand:short,price:number", by_words=encoder is None)
    found = matcher.fit_predict(tables)
    seconds = time.process_time() - began
    true = {(str(number), str(number)) for number in range(count) if number < 0.6 * count}
    print("| rows | candidates | F1 | CPU s | most memory, GiB | before |\n|---|--:|--:|--:|--:|--:|")
    print(
        f"| {count:,} × {count:,} | {len(found.pairs):,} | {f1(predicted(found), true):.2f} | {seconds:.0f} "
        f"| {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} | {before:.2f} |"
    )


def spread(figures: list[dict[int, float]]) -> str:
    """Return the means and deviations of draws."""
    columns = [[each[count] for each in figures] for count in COUNTS]
    return " | ".join(f"{np.mean(column):.1f} ± {np.std(column):.1f}" for column in columns)


def unlabelled(found: Matched, true: Truth, seconds: float, *, peer: bool) -> str:
    """Return the cells of a table without labels."""
    chosen = predicted(found)
    hits = len(chosen & true)
    hold = len(set(ids_of(found, np.arange(len(found.pairs)))) & true) / len(true)
    other = f"{ecm(found, true):.1f}" if peer else "–"
    return (
        f"{100 * hold:.1f} % | {tf_idf(found, true):.1f} | {other} | {f1(chosen, true):.1f} "
        f"| {hindsight(found, true):.1f} "
        f"| {100 * hits / max(len(chosen), 1):.1f} | {100 * hits / len(true):.1f} | {seconds:.1f}"
    )


def of_variants(data_dir: Path, half: str, encoder: Any) -> None:
    """Print F1 without labels on the variants of one half."""
    print("| tables | rows | true | found | right | F1 | hindsight |\n|---|--:|--:|--:|--:|--:|--:|")
    figures = []
    for name, (left, right, true) in variants(data_dir, half):
        found = RecordMatcher(encoder, by_words=encoder is None).fit_predict((left, right))
        chosen = predicted(found)
        figures.append((f1(chosen, true), hindsight(found, true)))
        counts = f"{len(left):,} × {len(right):,} | {len(true):,} | {len(chosen):,} | {len(chosen & true):,}"
        print(f"| {name} | {counts} | {figures[-1][0]:.1f} | {figures[-1][1]:.1f} |", flush=True)
    mean, best = np.mean(figures, axis=0)
    print(f"| mean | | | | | {mean:.1f} | {best:.1f} |")


def main() -> None:
    """Print the tables."""
    parser = options_of(__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--tables", nargs="+", help="names, such as abt_buy; by default all")
    parser.add_argument("--by-words", action="store_true", help="compare texts without a model")
    parser.add_argument("--peer", action="store_true", help="run recordlinkage, too")
    parser.add_argument("--rows", type=int, help="match two made tables of so many rows, and nothing else")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="the encoder of texts")
    parser.add_argument("--variants", choices=HALVES, help="instead: tables made of the published ones")
    options = parser.parse_args()
    encoder = None if options.by_words else CachedEncoder(load_encoder(options.model))
    if options.rows:
        at_scale(options.rows, encoder)
        return
    if options.variants:
        warnings.simplefilter("ignore")  # few candidates, and cells that are no numbers
        of_variants(Path(options.data_dir), options.variants, encoder)
        return
    folders = sorted(Path(options.data_dir).glob("match_*"))
    names = options.tables or [folder.name.removeprefix("match_") for folder in folders]
    without, labelled, measured = [], [], []
    for name in names:
        *tables, true = tables_of(Path(options.data_dir), name)
        matcher = RecordMatcher(encoder, by_words=options.by_words)
        began = time.process_time()
        found = matcher.fit_predict(tuple(tables))
        seconds = time.process_time() - began
        without.append(f"| {name} | {unlabelled(found, true, seconds, peer=options.peer)} |")
        pool = pool_of(Path(options.data_dir), name, tables, found, true)
        ways = {
            "review": [in_reviews(found, true, seed) for seed in range(options.draws)],
            "drawn": [by_chance(found, pool, true, seed) for seed in range(options.draws)],
        }
        zero = f"{f1(predicted(found), true):.1f}"
        labelled += [f"| {name} | {way} | {zero} | {spread(figures)} |" for way, figures in ways.items()]
        cells = covered(found, true, 200, options.draws)
        measured.append(f"| {name} | {cells} |")
        print(*without[-1:], *labelled[-2:], *measured[-1:], sep="\n", file=sys.stderr)
    print(
        "| tables | candidates hold | TF-IDF, hindsight | recordlinkage | F1 | hindsight | precision | recall | CPU s |"
    )
    print("\n".join(["|---|--:|--:|--:|--:|--:|--:|--:|--:|", *without]))
    print("\n| tables | labels | 0 | " + " | ".join(map(str, COUNTS)) + " |")
    print("\n".join(["|---|---|--:|--:|--:|--:|", *labelled]))
    print("\n| tables | precision in its interval (width, points) | recall in its interval (width, points) |")
    print("\n".join(["|---|--:|--:|", *measured]))
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
