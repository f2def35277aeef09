"""How many planted passages a check finds, and how many it invents.

    python recipes/bench/plagiarism.py                                    # the bundled folder
    python recipes/bench/plagiarism.py --documents DIR --truth FILE       # another one, truth as in data/truth.json
    python recipes/bench/plagiarism.py --made 500 2000 20000 --words-only # made folders of so many documents
    python recipes/bench/plagiarism.py --made 500 2000 --model DIR        # the same with embeddings
    python recipes/bench/plagiarism.py --made 500 2000 --copydetect       # and what copydetect does there

A planted passage is found when one reported match covers at least half of either side; a match that touches no planted
passage is false. Precision, recall, granularity and plagdet are those of PAN, macro-averaged.

Made folders hold documents of 1,500 words that no language has, drawn by Zipf's law, and one in twenty has a passage of
another one: as it stands, edited, or with its words in another order. Each folder is checked in a fresh process, from
texts in memory and without a cache. Printed are the planted passages of each kind and those found (a counted match
touches both sides), the pairs that are listed for nothing, the seconds by the clock, those of processors, of these
for each step of the check, and the most memory that the system ever gave the process. Fingerprints are the step
``comparing words``: hashes of all words, winnowing, the sort-join and the runs. copydetect, which has an installation
of its own, lists pairs of files; its seconds are those of ``run``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from _common import MODEL, options_of
from _made_documents import KINDS, MadeFolder, made_folder

from siamese_text import Scorer, check_folder
from siamese_text.bundled import bundled
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import Findings, Match
from siamese_text.plagiarism.pan.measures import Reuse, macro_measures
from siamese_text.records import Span
from siamese_text.text import read_file

FOUND_SHARE = 0.5
STEPS = ("finding sentences", "embedding sentences", "comparing words", "comparing sentences", "comparing pairs")


def planted(entry: dict[str, Any], documents: Path) -> Reuse:
    """Return an entry of the truth, its sides in alphabetical order."""
    left, right = sorted((entry["left"], entry["right"]), key=lambda side: side["document"])
    return Reuse(left["document"], place(left, documents), right["document"], place(right, documents))


def place(side: dict[str, Any], documents: Path) -> Span:
    """Return the characters of one side; the truth gives its offsets, or the very words."""
    if "start" in side:
        return Span(side["start"], side["end"])
    start = read_file(documents / side["document"]).text.index(side["text"])
    return Span(start, start + len(side["text"]))


def reported(match: Match) -> Reuse:
    """Return a reported match, its sides in alphabetical order."""
    left, right = sorted((match.left, match.right), key=lambda passage: passage.document)
    return Reuse(left.document, left.span, right.document, right.span)


def covers(found: Reuse, case: Reuse) -> bool:
    """Say whether a match covers at least half of either side of a planted passage."""
    return found.finds(case) and (
        found.span.overlap(case.span) >= FOUND_SHARE * len(case.span)
        and found.source_span.overlap(case.source_span) >= FOUND_SHARE * len(case.source_span)
    )


def check_made(count: int, model: str | None) -> dict[str, Any]:
    """Check a made folder in this process; return a row of the table."""
    folder = made_folder(count)
    scorer = Scorer.load(model) if model else None
    begun: list[tuple[str, float]] = []
    started, spent = time.perf_counter(), time.process_time()
    findings = check_documents(
        folder.documents,
        scorer.encoder if scorer else None,
        classifier=scorer,
        stage=lambda what: begun.append((what, time.process_time())),
    )
    taken = {
        "seconds": time.perf_counter() - started,
        "of processors": time.process_time() - spent,
    }
    ends = [*(at for _, at in begun[1:]), time.process_time()]
    steps = {what: end - at for (what, at), end in zip(begun, ends, strict=True)}
    return taken | {"steps": steps} | counts(folder, findings)


def counts(folder: MadeFolder, findings: Findings) -> dict[str, Any]:
    """Count what was planted and found in a made folder, and what was listed for nothing."""
    passages = {frozenset((pair.left, pair.right)): pair.matches for pair in findings.pairs}
    found = Counter[str]()
    for one in folder.planted:
        case = Reuse(one.document, one.span, one.source, one.source_span)
        matches = passages.get(frozenset((one.document, one.source)), ())
        found[one.kind] += any(reported(match).finds(in_order(case)) for match in matches)
    true = {frozenset((one.document, one.source)) for one in folder.planted}
    planted = Counter(one.kind for one in folder.planted)
    return {
        "distinct": folder.distinct,
        "found": {kind: f"{found[kind]} of {planted[kind]}" for kind in KINDS},
        "false": sum(pair not in true for pair in passages),
        "aligned": findings.run["aligned"],
    }


def in_order(case: Reuse) -> Reuse:
    """Put the sides of a planted passage into alphabetical order."""
    sides = sorted([(case.document, case.span), (case.source, case.source_span)], key=lambda side: side[0])
    return Reuse(*sides[0], *sides[1])


def copydetect_made(count: int) -> dict[str, Any]:
    """Let copydetect, with its defaults but for text, look at the same folder; return a row of the table."""
    from copydetect import CopyDetector

    folder = made_folder(count)
    with tempfile.TemporaryDirectory() as place:
        for document in folder.documents:
            (Path(place) / document.name).write_text(document.text, encoding="utf-8")
        detector = CopyDetector(
            test_dirs=[place], extensions=["txt"], disable_filtering=True, display_t=0, silent=True, autoopen=False
        )
        began, spent = time.perf_counter(), time.process_time()
        detector.run()
        taken = {"seconds": time.perf_counter() - began, "of processors": time.process_time() - spent}
    names = [Path(file).name for file in detector.test_files]
    listed = {
        frozenset((names[row], Path(detector.ref_files[column]).name))
        for row, column in zip(*(detector.similarity_matrix[:, :, 0] > 0).nonzero(), strict=True)
    }
    true = {frozenset((one.document, one.source)): one.kind for one in folder.planted}
    planted, found = Counter(true.values()), Counter(true[pair] for pair in listed if pair in true)
    return taken | {
        "steps": {},
        "distinct": folder.distinct,
        "found": {kind: f"{found[kind]} of {planted[kind]}" for kind in KINDS},
        "false": sum(len(pair) == 2 and pair not in true for pair in listed),
        "aligned": len(names) * (len(names) - 1) // 2,
    }


def print_made(sizes: list[int], model: str | None, *, copydetect: bool) -> None:
    """Print the table of made folders, each checked in a fresh process."""
    times = ["seconds", "of processors"]
    columns = ["documents", "with", *KINDS, "false pairs", "pairs aligned", *times, *STEPS, "GB"]
    print(f"| {' | '.join(columns)} |\n|--:|---|{'--:|' * (len(columns) - 2)}")
    for size in sizes:
        for way in [model or "words only", *(["copydetect"] if copydetect else [])]:
            run = {"count": size, "way": way, "model": model}
            done = subprocess.run(
                [sys.executable, __file__, "--run", json.dumps(run)], stdout=subprocess.PIPE, text=True, check=True
            )
            row = json.loads(done.stdout.splitlines()[-1])
            measured = [
                f"{row['false']}",
                f"{row['aligned']:,}",
                *(f"{row[name]:.0f}" for name in times),
                *(f"{row['steps'][name]:.0f}" if name in row["steps"] else "" for name in STEPS),
            ]
            cells = [f"{size:,}", Path(way).name, *row["found"].values(), *measured, f"{row['gigabytes']:.2f}"]
            print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\n{row['distinct']:.1%} of the sentences of the last folder stand once in it")


def main() -> None:
    """Check the folder and print the table."""
    parser = options_of(__doc__, data=False, runs=True)
    parser.add_argument("--made", type=int, nargs="+", help="instead: made folders of so many documents")
    parser.add_argument("--words-only", action="store_true", help="made folders without embeddings")
    parser.add_argument("--copydetect", action="store_true", help="made folders by copydetect too")
    parser.add_argument("--documents", type=Path, default=bundled("data", "documents"))
    parser.add_argument("--truth", type=Path, default=bundled("data", "truth.json"))
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--candidates-model", help="a student that finds the candidates")
    options = parser.parse_args()
    if options.run:
        count, model = options.run["count"], options.run["model"]
        row = copydetect_made(count) if options.run["way"] == "copydetect" else check_made(count, model)
        row["gigabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps(row))
        return
    if options.made:
        print_made(options.made, None if options.words_only else options.model, copydetect=options.copydetect)
        return

    truth = json.loads(options.truth.read_text(encoding="utf-8"))
    scorer = Scorer.load(options.model)
    began = time.perf_counter()
    findings = check_folder(options.documents, model=scorer, candidates_model=options.candidates_model)
    seconds = time.perf_counter() - began
    detections = [reported(match) for pair in findings.pairs for match in pair.matches]
    cases = [planted(entry, options.documents) for entry in truth["passages"]]
    quotations = [planted(entry, options.documents) for entry in truth["quotations"]]

    total = Counter(entry["kind"] for entry in truth["passages"])
    hits = Counter(
        entry["kind"]
        for entry, case in zip(truth["passages"], cases, strict=True)
        if any(covers(detection, case) for detection in detections)
    )
    print("| planted | passages | found |\n|---|--:|--:|")
    for kind, count in total.items():
        print(f"| {kind} | {count} | {hits[kind]} |")
    print(f"| all | {total.total()} | {hits.total()} ({hits.total() / total.total():.0%}) |\n")
    false = [each for each in detections if not any(each.finds(case) for case in cases)]
    innocent = [each for each in detections if {each.document, each.source} & set(truth["innocent"])]
    listed = [reported(match) for match in findings.quotations]
    kept_apart = sum(any(one.finds(case) for one in listed) for case in quotations)
    print(f"false passages: {len(false)}; passages in innocent documents: {len(innocent)}")
    print(f"quotations and references listed, not counted: {kept_apart} of {len(quotations)}")
    pan = macro_measures(cases, detections)
    print(
        f"plagdet {pan.plagdet:.3f}, precision {pan.precision:.3f}, recall {pan.recall:.3f}, "
        f"granularity {pan.granularity:.2f}"
    )
    print(f"{len(findings.documents)} documents in {seconds:.1f} s, model loaded before")


if __name__ == "__main__":
    main()
