"""Duplicates that are found among labelled records and stories, beside MinHash and one threshold on the cosine.

    python recipes/bench/dedupe.py --data-dir DIR [--sets authors,cora,febrl3] [--model all-MiniLM-L6-v2] [--cache DIR]

DIR holds `authors_c50` (stories, with every pair of a Jaccard index of word 5-grams of 0.3 or more), `dedupe_cora`
(citations) and `dedupe_febrl3` (invented people). A record is one text, its fields one after the other. Texts go in the
order of the file, and each that goes does so because of a kept one: precision is the share of these pairs that belong
together, recall the share that goes of what should, which is all but one text of each group. MinHash is datasketch's,
128 permutations of the same runs of three words with the same threshold, if it is installed. The cosine row drops a
text whose cosine to a kept one is 0.9 or more. semhash, if it is installed, has its default threshold of 0.9, and the
vectors of the same model as `dedupe`, which has its defaults.

    OMP_NUM_THREADS=1 python recipes/bench/dedupe.py --data-dir DIR --scale 5000 20000

times `dedupe` on so many sentences of `unlabeled/sentences.txt.gz`, after embedding, in CPU seconds: as vectors it
takes sums of a random one for each word, and as decision that of the model.
"""

from __future__ import annotations

import csv
import gzip
import json
import resource
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from _common import MODEL, options_of

from siamese_text.duplicates.near import shingles
from siamese_text.duplicates.run import find_duplicates
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray

if TYPE_CHECKING:
    from siamese_text import Scorer

Gone = list[tuple[int, int]]  # a text that goes, and the kept one because of which
SETS = ("authors", "cora", "febrl3")
THRESHOLD, COSINE, PERMUTATIONS = 0.7, 0.9, 128


def read_set(folder: Path, name: str) -> tuple[list[str], list[int]]:
    """Read a set; return its texts and the group of each."""
    if name == "authors":
        rows = _read(folder / "authors_c50" / "dev.jsonl.gz")
        place = {(row["label"], row["id"]): number for number, row in enumerate(rows)}
        groups = list(range(len(rows)))
        with (folder / "authors_c50" / "near_duplicates.tsv").open(encoding="utf-8", newline="") as table:
            for line in csv.DictReader(table, delimiter="\t"):
                one, other = (groups[place[line[f"label{side}"], line[f"id{side}"]]] for side in (1, 2))
                groups = [one if group == other else group for group in groups]
        return [row["text"] for row in rows], groups
    rows = _read(folder / f"dedupe_{name}" / "records.jsonl.gz")
    texts = [" ".join(value for key, value in row.items() if key not in ("id", "cluster")) for row in rows]
    return texts, [int(row["cluster"]) for row in rows]


def _read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measured(gone: Gone, groups: Sequence[int]) -> tuple[float, float]:
    """Return precision and recall; precision is 1 where nothing goes."""
    right = sum(groups[text] == groups[because_of] for text, because_of in gone)
    return right / len(gone) if gone else 1.0, right / (len(groups) - len(set(groups)))


def by_minhash(texts: Sequence[str]) -> Gone:
    """Drop what MinHash finds near a kept text, because of the one that it thinks nearest."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept: dict[int, MinHash] = {}
    gone: Gone = []
    for place, text in enumerate(texts):
        mine = MinHash(num_perm=PERMUTATIONS)
        mine.update_batch([shingle.encode() for shingle in shingles(text)])
        near = [(kept[other].jaccard(mine), -other) for other in index.query(mine)]
        score, other = max(near, default=(0.0, 0))
        if score >= THRESHOLD:
            gone.append((place, -other))
        else:
            kept[place] = mine
            index.insert(place, mine)
    return gone


def by_dedupe(texts: Sequence[str], scorer: Scorer, cache: Path | bool, *, meaning: bool) -> Gone:
    """Drop what ``dedupe`` drops."""
    from siamese_text import deduplicate

    found = deduplicate(texts, meaning=meaning, model=scorer, cache=cache)
    return [(each.text, each.because_of) for each in found]


def by_cosine(texts: Sequence[str], scorer: Scorer, cache: Path | bool) -> Gone:
    """Drop what has a large cosine to a kept text, because of the one with the largest."""
    from siamese_text.api.index_encoder import encoding

    with encoding(scorer, cache, prompt=None) as encoder:
        vectors = encoder.encode(texts)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kept: list[int] = [0]
    gone: Gone = []
    for place in range(1, len(units)):
        cosines = units[kept] @ units[place]
        best = int(cosines.argmax())
        if cosines[best] >= COSINE:
            gone.append((place, kept[best]))
        else:
            kept.append(place)
    return gone


@dataclass(frozen=True)
class _Vectors:
    """An encoder as semhash calls one."""

    encoder: Encodes

    def encode(self, inputs: Sequence[str], **_: Any) -> FloatArray:
        """Return the vectors of texts."""
        return self.encoder.encode(list(inputs))


def by_semhash(texts: Sequence[str], scorer: Scorer, cache: Path | bool) -> Gone:
    """Drop what semhash drops, because of the kept text that it names."""
    from semhash import SemHash

    from siamese_text.api.index_encoder import encoding

    records = [{"text": text, "place": str(place)} for place, text in enumerate(texts)]
    with encoding(scorer, cache, prompt=None) as encoder:
        done = SemHash.from_records(records, columns=["text"], model=_Vectors(encoder)).self_deduplicate()
    return [(int(each.record["place"]), int(each.duplicate_of["place"])) for each in done.filtered]


def _stacked(vectors: dict[str, FloatArray], texts: Sequence[str]) -> FloatArray:
    return np.stack([vectors[text] for text in texts])


def print_scale(path: Path, counts: Sequence[int], scorer: Scorer) -> None:
    """Deduplicate the first distinct sentences of a file, and print what that costs without their vectors."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        every = list(dict.fromkeys(filter(None, map(str.strip, lines))))
    print("| sentences | pairs compared | go | CPU seconds | GB at most |\n|--:|--:|--:|--:|--:|")
    table = np.random.default_rng(0).standard_normal((2**16, 384), dtype=np.float32)
    for count in counts:
        texts = every[:count]
        words = {text: [zlib.crc32(word.encode()) % len(table) for word in text.lower().split()] for text in texts}
        vectors = {text: table[mine].sum(axis=0) for text, mine in words.items()}
        began = time.process_time()
        found = find_duplicates(texts, encode=partial(_stacked, vectors), classifier=scorer.keeping_words())
        seconds = time.process_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"| {count:,} | {found.pairs:,} | {len(found.duplicates):,} | {seconds:.1f} | {memory:.2f} |", flush=True)


def main() -> None:
    """Read the options and print a table for each set."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--cache", type=Path, default=False, help="where vectors are kept from run to run")
    parser.add_argument("--scale", type=int, nargs="+", help="numbers of sentences to take the time of")
    options = parser.parse_args()
    if options.data_dir is None:
        parser.error("give --data-dir or set SIAMESE_TEXT_DATA")

    # here, so that the measures can be imported without it
    from siamese_text import Scorer

    scorer = Scorer.load(options.model)
    if options.scale:
        print_scale(options.data_dir / "unlabeled" / "sentences.txt.gz", options.scale, scorer)
        return
    for name in options.sets.split(","):
        texts, groups = read_set(options.data_dir, name)
        print(f"\n{name}: {len(texts)} texts, {len(texts) - len(set(groups))} of them too many\n")
        print("| | goes | precision | recall | seconds |\n|---|--:|--:|--:|--:|")

        ours = partial(by_dedupe, texts, scorer, options.cache)
        systems: list[tuple[str, Callable[[], Gone]]] = [
            ("MinHash, 0.7", partial(by_minhash, texts)),
            ("dedupe --by-words", partial(ours, meaning=False)),
            ("dedupe", partial(ours, meaning=True)),
            ("cosine 0.9", partial(by_cosine, texts, scorer, options.cache)),
            ("semhash", partial(by_semhash, texts, scorer, options.cache)),
        ]
        for label, run in systems:
            began = time.perf_counter()
            try:
                gone = run()
            except ImportError as missing:
                print(f"| {label} | {missing} | | | |")
                continue
            seconds = time.perf_counter() - began
            precision, recall = measured(gone, groups)
            print(f"| {label} | {len(gone)} | {precision:.3f} | {recall:.3f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
