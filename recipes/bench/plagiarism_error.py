"""How often a check accuses a class in which nobody copied, and how much of what was copied it finds.

    python recipes/bench/plagiarism_error.py --data-dir DIR [--half report] [--draws 40] [--seed 0] [--vectors FILE]

Folders of 30 school essays on one task, in which nobody copied, are checked with the defaults: once as they are, once
with five passages planted into two essays each, at the end of a sentence outside quotation marks. Two are copied as
they stand, a passage of a news article and a stretch of a third essay on the same task; two are copied with light
edits, one by an editor, one with every tenth word dropped, doubled or changed; one is rewritten by a person for
readers of another level. An alarm is a counted passage in a folder where nobody copied; a planted passage is found
where one counted passage covers half of it on both sides. A passage of which a quarter stands in quotation marks is
not planted. The half `tune` holds the tasks and articles that thresholds were chosen on, `report` the others.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siamese_text import Scorer
from siamese_text.data.source import opened
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding.exclusions import excluded_spans
from siamese_text.plagiarism.findings import Findings
from siamese_text.records import Document, FloatArray, Span
from siamese_text.text import sentences

PROMPTS = {"tune": ("asap1", "asap3"), "report": ("asap5", "asap7")}
KINDS = ("verbatim", "verbatim, same task", "edited", "edited, same task", "rewritten")
FOLDER = 30
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


def plant(texts: dict[str, str], sides: dict[str, tuple[str, str]], rng: random.Random) -> Iterator[Planted]:
    """Put each pair of passages into two essays that hold none yet; the texts are changed in place."""
    names = rng.sample(sorted(texts), 2 * len(sides))
    for (kind, passages), first, second in zip(sides.items(), names[::2], names[1::2], strict=True):
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


def found(planted: Planted, findings: Findings) -> bool:
    """Say whether a counted passage covers at least half of both sides."""
    return any(
        {pair.left, pair.right} == set(planted.places)
        and all(
            2 * side.span.overlap(planted.places[side.document]) >= len(planted.places[side.document])
            for side in (match.left, match.right)
        )
        for pair in findings.pairs
        for match in pair.matches
    )


def false_passages(findings: Findings, planted: Sequence[Planted]) -> list[str]:
    """Return the counted passages that touch nothing planted in both documents, each by its kind and words."""
    places = [one.places for one in planted]
    return [
        f"{match.evidence} {match.words}: {pair.left} {match.left.text!r} | {pair.right} {match.right.text!r}"
        for pair in findings.pairs
        for match in pair.matches
        if not any(
            {pair.left, pair.right} == set(place)
            and all(side.span.overlap(place[side.document]) for side in (match.left, match.right))
            for place in places
        )
    ]


def folders(
    essays: Essays, passages: Passages, draws: int, seed: int
) -> Iterator[tuple[str, dict[str, str], dict[str, str], list[Planted]]]:
    """Draw folders: the prompt, the texts by name as they are, the same with passages planted, and these."""
    prompts = sorted(essays)
    drawn = 0
    for draw in itertools.count():
        if drawn == draws:
            return
        rng = random.Random(f"{seed} {draw}")
        prompt = prompts[drawn % len(prompts)]
        *chosen, (_, third), (_, fourth) = rng.sample(essays[prompt], FOLDER + 2)
        texts = dict(chosen)
        original, _ = rng.choice(passages["edited"])
        copied, edited = stretch(third, rng), stretch(fourth, rng)
        if is_quotation(copied) or is_quotation(edited):
            continue
        sides = {
            KINDS[0]: (original, original),
            KINDS[1]: (copied, copied),
            KINDS[2]: rng.choice(passages["edited"]),
            KINDS[3]: (edited, edit(edited, rng, fourth.split())),
            KINDS[4]: rng.choice(passages["rewritten"]),
        }
        changed = dict(texts)
        planted = list(plant(changed, sides, rng))
        drawn += 1
        yield prompt, texts, changed, planted


def main() -> None:
    """Check the folders and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("SIAMESE_TEXT_DATA"))
    parser.add_argument("--half", choices=PROMPTS, default="report")
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps embeddings between runs")
    parser.add_argument("--show", action="store_true", help="print the false passages and the kinds that were missed")
    options = parser.parse_args()
    if options.data_dir is None:
        parser.error("name the folder of data sets with --data-dir or SIAMESE_TEXT_DATA")

    scorer = Scorer.load(MODEL)
    encoder = Remembered(scorer, options.vectors)
    essays = read_essays(options.data_dir, PROMPTS[options.half])
    passages = read_passages(options.data_dir, options.half)
    alarms: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    beside, seconds = 0, 0.0
    for prompt, texts, changed, planted in folders(essays, passages, options.draws, options.seed):
        results = []
        for content in (texts, changed):
            documents = [Document(name, text) for name, text in content.items()]

            began = time.perf_counter()
            results.append(check_documents(documents, encoder, classifier=scorer))
            seconds += time.perf_counter() - began
            encoder.save()
        clean, with_copies = results
        invented = false_passages(clean, [])
        kinds.update(line.split()[0] for line in invented)
        drawn[prompt] += 1
        alarms[prompt] += bool(invented)
        hits.update(one.kind for one in planted if found(one, with_copies))
        beside += len(false_passages(with_copies, planted))
        missed = [one.kind for one in planted if not found(one, with_copies)]
        print(f"{sum(drawn.values())}: {prompt}, {len(invented)} false, missed {missed}", flush=True)
        if options.show:
            print("\n".join(f"    {line}" for line in invented))
    total = sum(drawn.values())
    print(f"\n| folders of {FOLDER} where nobody copied | with an alarm |\n|---|--:|")
    for prompt in sorted(drawn):
        print(f"| {prompt} | {alarms[prompt]} of {drawn[prompt]} |")
    print(f"| all | {alarms.total()} of {total} ({alarms.total() / total:.1%}) |")
    print(f"\nfalse passages in these: {dict(kinds)}; beside the planted ones in the others: {beside}\n")
    print("| planted | found |\n|---|--:|")
    for kind in KINDS:
        print(f"| {kind} | {hits[kind]} of {total} ({hits[kind] / total:.1%}) |")
    print(f"\n{seconds / (2 * total):.2f} s a folder")


if __name__ == "__main__":
    main()
