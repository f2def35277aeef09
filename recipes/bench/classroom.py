"""How a class of short answers to five questions is told apart: those written from a source text, and those without it.

    python recipes/bench/classroom.py --data-dir DIR [--half report] [--draws 10] [--seed 0] [--vectors FILE] [--show]

Each draw is one folder of 95 answers of about 200 words to five questions, and a source text for each question. Three
questions are news articles: the source is the first part of the article as it was written; answers take it as it
stands, or as an editor retold it for readers of a middle (light) or a low level (heavy); one innocent answer of each is
its end, which nobody else has. Two questions are tasks of school essays: the source is three essays in a row; answers
take stretches of it as they stand, or with every tenth word changed (light); innocent ones are essays on the same task.
57 answers are written from a source, 19 in each manner, 38 are not.

Printed are, with the sources given as such and with the sources as further documents of the folder: how many innocent
answers a counted passage ties to a source, how many of the others are tied to theirs, the area under the curve of the
share of an answer that its sources cover, and how many pairs of answers are listed that hold an innocent one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plagiarism_error import MODEL, PROMPTS, Essays, Remembered, edit, read_essays
from sklearn.metrics import roc_auc_score

from siamese_text import Scorer
from siamese_text.data.source import opened
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import Findings
from siamese_text.records import Document
from siamese_text.text import sentences

MANNERS = ("near copy", "light", "heavy")
LEVELS = dict(zip(MANNERS, ("adv", "int", "ele"), strict=True))
OF_MANNER, INNOCENT = 19, 38
ARTICLES, QUESTIONS = 3, 5
LENGTH = 200  # words of an answer
SOURCE, COPIED, OWN = 0.6, 0.5, 0.75  # the source ends, what is taken from it ends, what is innocent begins

Articles = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Answer:
    """A text, the number of its question, and how it was written; no manner where it is innocent."""

    name: str
    text: str
    question: int
    manner: str


def read_articles(folder: Path, half: str) -> Articles:
    """Return the articles of one half that are long enough for all answers, and one article at all three levels."""
    articles: Articles = defaultdict(dict)
    with opened(folder / "onestop" / "documents.jsonl.gz") as (lines, _):
        for row in map(json.loads, lines):
            if (zlib.crc32(row["article"].encode()) % 2 == 0) == (half == "tune"):
                articles[row["article"]][row["level"]] = row["text"]
    enough = LENGTH / COPIED
    return {
        name: levels
        for name, levels in articles.items()
        if min(len(one.split()) for one in levels.values()) >= enough and are_one_article(levels)
    }


def are_one_article(levels: dict[str, str]) -> bool:
    """Tell whether all levels retell one article; a few hold another, and share a quarter of its words, not half."""
    original, *retold = (set(levels[level].lower().split()) for level in LEVELS.values())
    return all(len(words & original) >= 0.4 * len(words) for words in retold)


def part(text: str, start: float, end: float) -> str:
    """Return the sentences that begin between two shares of a text."""
    spans = [span for span in sentences(text) if start <= span.start / len(text) < end]
    return " ".join(text[span.start : span.end].strip() for span in spans)


def stretch(text: str, rng: random.Random) -> str:
    """Return consecutive sentences of about as many words as an answer has, or what there is."""
    spans = list(sentences(text))
    lengths = [len(text[span.start : span.end].split()) for span in spans]
    fits = [start for start in range(len(spans)) if sum(lengths[start:]) >= LENGTH] or [0]
    chosen: list[str] = []
    for span in spans[rng.choice(fits) :]:
        if len(" ".join(chosen).split()) < LENGTH:
            chosen.append(text[span.start : span.end].strip())
    return " ".join(chosen)


def folder(articles: Articles, essays: Essays, rng: random.Random) -> tuple[list[str], list[Answer]]:
    """Draw the sources of the five questions, and the answers."""
    levels = [articles[name] for name in rng.sample(sorted(articles), ARTICLES)]
    pools = [rng.sample(texts, len(texts)) for _, texts in sorted(essays.items())]
    taken = [" ".join(pool.pop()[1] for _ in range(3)) for pool in pools]
    sources = [*(part(one["adv"], 0, SOURCE) for one in levels), *taken]

    def written(question: int, manner: str) -> str:
        if question < ARTICLES:
            return stretch(part(levels[question][LEVELS[manner]], 0, COPIED), rng)
        copied = stretch(taken[question - ARTICLES], rng)
        return copied if manner == "near copy" else edit(copied, rng, pools[question - ARTICLES][0][1].split())

    def innocent(question: int) -> str:
        if question < ARTICLES:
            return part(levels[question]["adv"], OWN, 1)
        return stretch(pools[question - ARTICLES].pop()[1], rng)

    answers = []
    for manner in MANNERS:
        questions = ARTICLES if manner == "heavy" else QUESTIONS
        answers += [(written(place % questions, manner), place % questions, manner) for place in range(OF_MANNER)]
    tasks = QUESTIONS - ARTICLES
    asked = [place if place < ARTICLES else ARTICLES + place % tasks for place in range(INNOCENT)]
    answers += [(innocent(question), question, "") for question in asked]
    return sources, [Answer(f"answer-{number:02}", *one) for number, one in enumerate(answers)]


def results(findings: Findings, answers: list[Answer]) -> Iterator[tuple[Answer, dict[int, float]]]:
    """Yield each answer with the share of it that each source covers, of those that share a counted passage."""
    covered: dict[str, dict[int, float]] = defaultdict(dict)
    for pair in findings.pairs:
        for name, other, share in (
            (pair.left, pair.right, pair.left_coverage),
            (pair.right, pair.left, pair.right_coverage),
        ):
            if other.startswith("source-"):
                covered[name][int(other.removeprefix("source-"))] = share
    for answer in answers:
        yield answer, covered[answer.name]


def main() -> None:
    """Draw the folders, check them in both ways and print what was told apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SIAMESE_TEXT_DATA"))
    parser.add_argument("--half", choices=PROMPTS, default="report")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps embeddings between runs")
    parser.add_argument("--show", action="store_true", help="print what was missed and what is false")
    given = parser.parse_args()
    if given.data_dir is None:
        parser.error("name the folder of data sets with --data-dir or SIAMESE_TEXT_DATA")

    scorer = Scorer.load(MODEL)
    encoder = Remembered(scorer, given.vectors)
    articles, essays = read_articles(given.data_dir, given.half), read_essays(given.data_dir, PROMPTS[given.half])
    columns = (
        "innocent reported",
        *(f"{manner} found" for manner in MANNERS),
        "all found",
        "AUC",
        "pairs with an innocent one",
    )
    print(f"| draw | sources | {' | '.join(columns)} |\n|--:|---|{'--:|' * len(columns)}")
    totals: dict[str, list[list[float]]] = defaultdict(list)
    for draw in range(given.draws):
        sources, answers = folder(articles, essays, random.Random(f"{given.seed} {draw}"))
        documents = [Document(one.name, one.text) for one in answers]
        named = [Document(f"source-{number}", text) for number, text in enumerate(sources)]
        for how, checked, against in (("named", documents, named), ("in the folder", [*documents, *named], [])):
            findings = check_documents(checked, encoder, classifier=scorer, against=against)
            figures = row(findings, answers, show=given.show)
            totals[how].append(figures)
            print(f"| {draw} | {how} | {cells(figures)} |", flush=True)
        encoder.save()
    for how, rows in totals.items():
        print(f"| all | {how} | {cells([sum(column) for column in zip(*rows, strict=True)], len(rows))} |")


def row(findings: Findings, answers: list[Answer], *, show: bool) -> list[float]:
    """Count what was told apart in one folder."""
    told = list(results(findings, answers))
    innocent = {answer.name for answer in answers if not answer.manner}
    false = [answer for answer, shares in told if not answer.manner and shares]
    missed = [answer for answer, shares in told if answer.manner and answer.question not in shares]
    found = [sum(one.manner == manner for one in answers) for manner in MANNERS]
    found = [count - sum(one.manner == manner for one in missed) for manner, count in zip(MANNERS, found, strict=True)]
    auc = roc_auc_score([bool(answer.manner) for answer, _ in told], [sum(shares.values()) for _, shares in told])
    among = [pair for pair in findings.pairs if innocent & {pair.left, pair.right}]
    among = [pair for pair in among if not pair.left.startswith("source-") and not pair.right.startswith("source-")]
    if show:
        for answer in missed:
            print(f"    missed, {answer.manner}, question {answer.question}: {answer.text[:300]!r}")
        for pair in findings.pairs:
            if innocent & {pair.left, pair.right}:
                for match in pair.matches:
                    print(f"    false, {match.evidence} {match.nats:.0f}: {pair.left} {match.left.text!r}")
                    print(f"        {pair.right} {match.right.text!r}")
    return [len(false), *found, sum(found), float(auc), len(among)]


def cells(figures: list[float], draws: int = 1) -> str:
    """Write the figures of one folder, or the sums of several: counts of all, and the mean of the areas."""
    false, *found, auc, among = figures
    sizes = [OF_MANNER, OF_MANNER, OF_MANNER, len(MANNERS) * OF_MANNER]
    counts = [f"{count:.0f} of {draws * size}" for count, size in zip(found, sizes, strict=True)]
    return " | ".join([f"{false:.0f} of {draws * INNOCENT}", *counts, f"{auc / draws:.3f}", f"{among:.0f}"])


if __name__ == "__main__":
    main()
