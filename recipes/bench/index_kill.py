"""Kill processes that change an index at random moments, and compare what is left with what it may be.

    python recipes/bench/index_kill.py [--kills 50] [--documents 400] [--seconds 2] [--seed 0]

A process makes an index of a folder, refreshes it between two states of the folder, adds and removes texts, compacts it
and replaces it by a new one, over and over. It gets SIGKILL at a random moment. What is left must open, every vector
must be that of its passage, every passage must be found by its words, and the documents must be those of one of the
states that it goes through. Then the index is brought to the first state, which must succeed. Vectors are counts of
hashed words, so that no model is in the way. Where faiss is installed, files of 100 vectors have graphs.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _common import options_of

from siamese_text.errors import MissingInput
from siamese_text.records import FloatArray
from siamese_text.search import IndexInfo, PassageIndex
from siamese_text.search.given import given_items
from siamese_text.search.inspection import inspect
from siamese_text.search.sources import GIVEN, text_sources
from siamese_text.search.stores import segments
from siamese_text.search.stores.approximate import can_make_graphs

WIDTH = 256
EXTRA = 30  # texts in memory


def encode(texts: Sequence[str]) -> FloatArray:
    """Count the hashed words of each text."""
    vectors = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in enumerate(texts):
        for word in text.split():
            vectors[row, zlib.crc32(word.encode()) % WIDTH] += 1
    return vectors


def write_folder(folder: Path, documents: int, state: int) -> None:
    """Write a state of the folder: of each two documents one is as in the other state, and some are in one alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(documents):
        if number % 7 == state:
            continue
        word = f"state{state}" if number % 2 else "always"
        (folder / f"{number}.txt").write_text(f"Document {number} is here. It says {word} and no more.")


def refresh(index: PassageIndex, folder: Path) -> None:
    """Bring an index to what a state of the folder holds, as if it were there that the first one was."""
    [source] = text_sources([folder.with_name("folder0")])
    [now] = text_sources([folder])
    index.update([(source, now.items())], encode)


def make(index: Path, folder: Path) -> PassageIndex:
    """Make the index of a folder anew."""
    sources = [(source, source.items()) for source in text_sources([folder])]
    info = IndexInfo("hashed words", words=8, approximate=can_make_graphs())
    return PassageIndex.build(sources, encode, info, output=index, overwrite=True)[0]


def go_on_for_ever(place: Path) -> None:
    """Change the index until somebody ends it."""
    names = [f"extra{number}" for number in range(EXTRA)]
    print("begun", flush=True)
    while True:
        index = make(place / "index", place / "folder0")
        for _ in range(3):
            texts = [f"Text {name} was given." for name in names]
            index.update([(GIVEN, given_items(texts, names))], encode, complete=False)
            refresh(index, place / "folder1")
            index.remove(names)
            refresh(index, place / "folder0")
            index.compact()


def states(place: Path) -> list[set[str]]:
    """Return the names and texts that the index may hold, and nothing between them."""
    extra = {f"extra{number} Text extra{number} was given." for number in range(EXTRA)}
    folders = []
    for state in (0, 1):
        index = make(place / "index", place / f"folder{state}")
        folders.append(holds(index))
        shutil.rmtree(place / "index")
    return [*folders, *(folder | extra for folder in folders)]


def holds(index: PassageIndex) -> set[str]:
    """Return what an index holds, having compared every vector and looked for every passage by its words."""
    inspect(index)
    with index.reader.reading() as (rows, snapshot):
        found = rows.execute(
            "SELECT name, text, passages.id FROM passages JOIN documents ON documents.id = document "
            "JOIN texts ON texts.rowid = passages.id"
        ).fetchall()
        vectors = snapshot.store.take(snapshot.rows_of([number for *_, number in found]))
        worded = rows.execute("SELECT count(*) FROM texts WHERE texts MATCH 'document OR says OR text'").fetchone()[0]
    np.testing.assert_array_equal(vectors, encode([text for _, text, _ in found]))
    assert worded == len(found), f"{worded} of {len(found)} passages are found by their words"
    return {f"{name} {text}" for name, text, _ in found}


def main() -> None:
    """Kill as often as is asked, and print how often the index was whole."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=2, help="a kill comes at most so late")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", type=Path, help="go on for ever in this folder")
    options = parser.parse_args()
    segments.GRAPH_FROM = 100
    if options.child:
        go_on_for_ever(options.child)
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for state in (0, 1):
            write_folder(place / f"folder{state}", options.documents, state)
        allowed = states(place)
        seen = [0] * len(allowed)
        absent = 0
        for _ in range(options.kills):
            child = subprocess.Popen([sys.executable, __file__, "--child", str(place)], stdout=subprocess.PIPE)
            assert child.stdout is not None
            child.stdout.readline()  # all is imported
            try:
                child.wait(moments.uniform(0, options.seconds))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            child.communicate()
            if child.returncode != -signal.SIGKILL:
                raise SystemExit("the process ended by itself")
            try:
                left = holds(PassageIndex.open(place / "index"))
            except MissingInput:
                absent += 1  # killed before the first one was there, or between the two renames that replace a folder
                assert not (place / "index").exists()
            else:
                seen[allowed.index(left)] += 1
                refresh(PassageIndex.open(place / "index"), place / "folder0")
        print(f"{options.kills} kills: {sum(seen)} whole indexes, by state {seen}, {absent} without one")


if __name__ == "__main__":
    main()
