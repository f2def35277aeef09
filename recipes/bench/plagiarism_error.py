"""How many of the passages that a check lists are false, and how much of what was copied it finds.

    python recipes/bench/plagiarism_error.py --data-dir DIR [--half report] [--draws 40] [--documents 30]
        [--vectors FILE]

Folders of school essays on one task, in which nobody copied, are checked with the defaults, after a passage was planted
into 0, 1, 5 or 20 % of the essays and into one other essay each, at the end of a sentence outside quotation marks. The
kinds take turns: a news article's passage or a stretch of another essay as it stands; a passage and its light edit by
an editor, a stretch and itself with every tenth word dropped, doubled or changed; a passage and what a person made of
it for readers of another level. Printed are, with two standard errors, the share of what is listed that is false (it
touches nothing planted in both essays), the share of clean folders with any alarm, and the share that was found: one
listed passage covers half of the planted one on both sides. Beside them the same where all of a fixed evidence is
listed. A passage of which a quarter stands in quotation marks is not planted. The half `tune` holds the tasks and
articles that thresholds were chosen on, `report` the others.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from siamese_text import Scorer
from siamese_text.data.source import opened
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding.exclusions import excluded_spans
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.passages import find_passages
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, FloatArray, Passage, Span
from siamese_text.text import sentences

PROMPTS = {"tune": ("asap1", "asap3"), "report": ("asap5", "asap7")}
KINDS = ("verbatim", "verbatim, same task", "edited", "edited, same task", "rewritten")
SHARES = (0.0, 0.01, 0.05, 0.2)  # of the documents that hold something copied
FIXED = (50, 100, 150)  # nats
FEWEST_WORDS, MOST_WORDS = 50, 150  # of a planted passage
EVERY = 10  # words between two programmatic edits
MODEL = "all-MiniLM-L6-v2"

Essays = dict[str, list[tuple[str, str]]]
Passages = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Planted:
    """A passage that stands in two documents of a folder."""

    kind: str
    places: dict[str, Span]


class Remembered:
    """An encoder that keeps the vectors of texts in a file, so that a second run only compares."""

    def __init__(self, scorer: Scorer, file: Path | None) -> None:
        self.scorer, self.file, self.known = scorer, file, {}
        if file and file.exists():
            with np.load(file) as kept:
                self.known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
        self.stored = len(self.known)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return (N, D) vectors."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self.scorer.encode(new), strict=True))
        return np.array([self.known[text] for text in texts], dtype=np.float32)

    def save(self) -> None:
        """Write what was new."""
        if self.file and len(self.known) > self.stored:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self.file, texts=np.array(list(self.known)), vectors=np.stack(list(self.known.values())))
            self.stored = len(self.known)


def read_essays(folder: Path, prompts: Sequence[str]) -> Essays:
    """Return the essays of each prompt without those that share text."""
    with (folder / "essays" / "shared_text.tsv").open(encoding="utf-8") as lines:
        sharing = {name for line in lines for name in line.split("\t")[1:3]}
    essays: Essays = {prompt: [] for prompt in prompts}
    with opened(folder / "essays" / "dev.jsonl.gz") as (lines, _):
        for row in map(json.loads, lines):
            if row["label"] in essays and row["id"] not in sharing:
                essays[row["label"]].append((row["id"], row["text"]))
    return essays


def read_passages(folder: Path, half: str) -> Passages:
    """Return the edited and the rewritten passages of one half of the articles."""
    passages: Passages = {"edited": [], "rewritten": []}
    with opened(folder / "onestop" / "dev.jsonl.gz") as (lines, _):
        for row in map(json.loads, lines):
            sides = row["sentence1"], row["sentence2"]
            long_enough = all(FEWEST_WORDS <= len(side.split()) <= MOST_WORDS for side in sides)
            mine = (zlib.crc32(row["article"].encode()) % 2 == 0) == (half == "tune")
            if row["kind"] in passages and long_enough and mine and not any(map(is_quotation, sides)):
                passages[row["kind"]].append(sides)
    return passages


def is_quotation(text: str) -> bool:
    """Say whether a quarter or more of a text stands in quotation marks: such a passage is listed, not counted."""
    return 4 * sum(map(len, excluded_spans(text))) >= len(text)


def stretch(text: str, rng: random.Random) -> str:
    """Return some consecutive sentences of 50 to 100 words, or what there is."""
    spans = [span for span in sentences(text)]
    start = rng.randrange(max(1, len(spans) // 2))
    chosen = ""
    for span in spans[start:]:
        chosen += text[span.start : span.end]
        if len(chosen.split()) >= FEWEST_WORDS:
            break
    return " ".join(chosen.split()[:MOST_WORDS])


def edit(text: str, rng: random.Random, spare: Sequence[str]) -> str:
    """Drop, double or change about every tenth word."""
    words = []
    for word in text.split():
        if rng.random() >= 1 / EVERY:
            words.append(word)
        else:
            words += rng.choice([[], [word, rng.choice(spare)], [rng.choice(spare)]])
    return " ".join(words)


def plant(texts: dict[str, str], sides: Sequence[tuple[str, tuple[str, str]]], rng: random.Random) -> Iterator[Planted]:
    """Put each pair of passages into two essays that hold none yet; the texts are changed in place."""
    names = rng.sample(sorted(texts), 2 * len(sides))
    for (kind, passages), first, second in zip(sides, names[::2], names[1::2], strict=True):
        places = {}
        for name, passage in zip((first, second), passages, strict=True):
            quoted = excluded_spans(texts[name])
            ends = [0, *(span.end for span in sentences(texts[name]))]
            at = rng.choice([end for end in ends if not any(span.start < end < span.end for span in quoted)])
            before = texts[name][:at].rstrip()
            start = len(before) + (before != "")
            texts[name] = f"{before} {passage} {texts[name][at:]}".strip()
            places[name] = Span(start, start + len(passage))
        yield Planted(kind, places)


Sides = tuple[Passage, Passage]


def touches(sides: Sides, planted: Planted, share: float) -> bool:
    """Say whether two passages cover more than a share of both sides of a planted one."""
    return {side.document for side in sides} == set(planted.places) and all(
        side.span.overlap(planted.places[side.document]) > share * len(planted.places[side.document]) for side in sides
    )


@dataclass
class Tally:
    """What one rule listed in all folders."""

    false_shares: list[float] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)
    hits: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, listed: Sequence[Sides], planted: Sequence[Planted]) -> list[Sides]:
        """Count the passages of one folder; returns the false ones."""
        false = [sides for sides in listed if not any(touches(sides, one, 0) for one in planted)]
        if planted:
            self.false_shares.append(len(false) / max(1, len(listed)))
        else:
            self.alarms.append(bool(listed))
        self.hits += [(one.kind, any(touches(sides, one, 0.5) for sides in listed)) for one in planted]
        return false

    def row(self, name: str) -> str:
        """Write one row of the table."""
        found = [hit for _, hit in self.hits]
        return f"| {name} | {_share(self.alarms)} | {_share(self.false_shares)} | {_share(found)} |"


def _share(values: Sequence[float]) -> str:
    if not values:
        return "none"
    error = 2 * float(np.std(values)) / len(values) ** 0.5
    return f"{np.mean(values):.1%} ± {error:.1%} (n = {len(values)})"


def side_pairs(essays: Essays, passages: Passages, kind: str, prompt: str, rng: random.Random) -> tuple[str, str]:
    """Draw what is planted into two essays; never much of it in quotation marks."""
    while True:
        original, _ = rng.choice(passages["edited"])
        copied = stretch(rng.choice(essays[prompt])[1], rng)
        sides = {
            KINDS[0]: (original, original),
            KINDS[1]: (copied, copied),
            KINDS[2]: rng.choice(passages["edited"]),
            KINDS[3]: (copied, edit(copied, rng, rng.choice(essays[prompt])[1].split())),
            KINDS[4]: rng.choice(passages["rewritten"]),
        }[kind]
        if not any(map(is_quotation, sides)):
            return sides


def folders(
    essays: Essays, passages: Passages, draws: int, size: int, seed: int
) -> Iterator[tuple[str, float, dict[str, str], list[Planted]]]:
    """Draw folders: the prompt, the share of documents planted, the texts by name, and what was planted."""
    prompts = sorted(essays)
    turn = itertools.cycle(KINDS)
    for draw in range(draws):
        rng = random.Random(f"{seed} {draw}")
        share, prompt = SHARES[draw % len(SHARES)], prompts[draw // len(SHARES) % len(prompts)]
        chosen = rng.sample(essays[prompt], size)
        names = {name for name, _ in chosen}
        others = {prompt: [essay for essay in essays[prompt] if essay[0] not in names]}
        count = min(size // 2, int(share * size + rng.random()))
        sides = [(kind, side_pairs(others, passages, kind, prompt, rng)) for kind in itertools.islice(turn, count)]
        texts = dict(chosen)
        yield prompt, share, texts, list(plant(texts, sides, rng))


def main() -> None:
    """Check the folders and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SIAMESE_TEXT_DATA"))
    parser.add_argument("--half", choices=PROMPTS, default="report")
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--documents", type=int, default=30, help="in a folder")
    parser.add_argument("--false-share", type=float, default=CheckOptions().false_share)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps embeddings between runs")
    parser.add_argument("--show", action="store_true", help="print the false passages")
    given = parser.parse_args()
    if given.data_dir is None:
        parser.error("name the folder of data sets with --data-dir or SIAMESE_TEXT_DATA")

    scorer = Scorer.load(MODEL)
    encoder = Remembered(scorer, given.vectors)
    essays = read_essays(given.data_dir, PROMPTS[given.half])
    passages = read_passages(given.data_dir, given.half)
    options = CheckOptions(false_share=given.false_share)
    rules = {f"false share {given.false_share:g}": Tally()} | {f"{nats} nats": Tally() for nats in FIXED}
    seconds = 0.0
    for number, (prompt, share, texts, planted) in enumerate(
        folders(essays, passages, given.draws, given.documents, given.seed), start=1
    ):
        documents = [Document(name, text) for name, text in texts.items()]
        began = time.perf_counter()
        findings = check_documents(documents, encoder, classifier=scorer, options=options)
        seconds += time.perf_counter() - began
        chosen, *fixed = rules.values()
        false = chosen.add([(m.left, m.right) for pair in findings.pairs for m in pair.matches], planted)
        everything = passages_with_evidence(documents, encoder, options)
        for nats, tally in zip(FIXED, fixed, strict=True):
            tally.add([sides for evidence, sides in everything if evidence >= nats], planted)
        encoder.save()
        print(f"{number}: {prompt}, {share:.0%}: {len(planted)} planted, {len(false)} false", flush=True)
        if given.show:
            print("\n".join(f"    {side.document} {side.text!r}" for sides in false for side in sides))
    print(f"\n{given.draws} folders of {given.documents}; ± two standard errors\n")
    print("| listed | clean folders with an alarm | false share of the others | planted and found |\n|---|--:|--:|--:|")
    print("\n".join(tally.row(name) for name, tally in rules.items()))
    print("\n| planted | found by the first rule |\n|---|--:|")
    for kind in KINDS:
        print(f"| {kind} | {_share([hit for planted, hit in chosen.hits if planted == kind])} |")
    print(f"\n{seconds / given.draws:.2f} s a folder")


def passages_with_evidence(
    documents: Sequence[Document], encoder: Remembered, options: CheckOptions
) -> list[tuple[float, Sides]]:
    """Return all that documents share, each with its evidence in nats."""
    common = options.common(len(documents))
    prepared = prepare(documents, encoder, common=common)
    return [
        (one.evidence, one.passages)
        for one in find_passages(prepared, 0, common, options)
        if not one.quotation and max(one.alignment.left_words, one.alignment.right_words) >= options.min_run_words
    ]


if __name__ == "__main__":
    main()
