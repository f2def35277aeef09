"""How many planted passages a check finds, and how many it invents.

    python recipes/bench/plagiarism.py                                    # the bundled folder
    python recipes/bench/plagiarism.py --documents DIR --truth FILE       # another one, truth as in data/truth.json

A planted passage is found when one reported match covers at least half of either side; a match that touches no planted
passage is false. Precision, recall, granularity and plagdet are those of PAN, macro-averaged.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from _common import MODEL, options_of

from siamese_text import Scorer, check_folder
from siamese_text.bundled import bundled
from siamese_text.plagiarism.findings import Match
from siamese_text.plagiarism.pan.measures import Reuse, macro_measures
from siamese_text.records import Span
from siamese_text.text import read_file

FOUND_SHARE = 0.5


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


def main() -> None:
    """Check the folder and print the table."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--documents", type=Path, default=bundled("data", "documents"))
    parser.add_argument("--truth", type=Path, default=bundled("data", "truth.json"))
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--candidates-model", help="a student that finds the candidates")
    options = parser.parse_args()

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
