"""Kill processes that change an index at random moments, and compare what is left with what it may be.

    python recipes/bench/index_kill.py [--kills 50] [--documents 400] [--seconds 2] [--seed 0] [--url postgresql://...]

A process makes an index of a folder, refreshes it between two states of the folder, adds and removes texts, compacts it
and replaces it by a new one, over and over. It gets SIGKILL at a random moment. What is left must open, every vector
must be that of its passage, every passage must be found by its words, and the documents must be those of one of the
states that it goes through. Then the index is brought to the first state, which must succeed. Vectors are counts of
hashed words, so that no model is in the way. Where faiss is installed, files of 100 vectors have graphs. With ``--url``
the index is one in a PostgreSQL database, with a graph (`make postgres` starts a server and prints its URL).
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _common import options_of

from siamese_text.errors import BadOutput, MissingInput
from siamese_text.records import FloatArray
from siamese_text.search import IndexInfo
from siamese_text.search.database import is_url
from siamese_text.search.given import given_items
from siamese_text.search.places import AnyIndex, build_index, facts_of, open_index
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


def refresh(index: AnyIndex, folder: Path) -> None:
    """Bring an index to what a state of the folder holds, as if it were there that the first one was."""
    [source] = text_sources([folder.with_name("folder0")])
    [now] = text_sources([folder])
    index.update([(source, now.items())], encode)


def make(index: str, folder: Path) -> AnyIndex:
    """Make the index of a folder anew."""
    sources = [(source, source.items()) for source in text_sources([folder])]
    info = IndexInfo("hashed words", words=8, approximate=can_make_graphs() or is_url(index))
    return build_index(sources, encode, info, output=index, overwrite=True, progress=None)[0]


def go_on_for_ever(place: Path, where: str) -> None:
    """Change the index until somebody ends it."""
    names = [f"extra{number}" for number in range(EXTRA)]
    print("begun", flush=True)
    while True:
        index = make(where, place / "folder0")
        for _ in range(3):
            texts = [f"Text {name} was given." for name in names]
            index.update([(GIVEN, given_items(texts, names))], encode, complete=False)
            refresh(index, place / "folder1")
            index.remove(names)
            refresh(index, place / "folder0")
            index.compact()


def states(place: Path, where: str) -> list[set[str]]:
    """Return the names and texts that the index may hold, and nothing between them; leave it in the second state."""
    extra = {f"extra{number} Text extra{number} was given." for number in range(EXTRA)}
    folders = [holds(make(where, place / f"folder{state}")) for state in (1, 0)]
    return [*folders, *(folder | extra for folder in folders)]


def holds(index: AnyIndex) -> set[str]:
    """Return what an index holds, having looked for every passage by its words and compared every vector."""
    facts_of(index)
    words = "document says text"
    [(hits, vectors)] = index.find([words], encode([words]), len(index), mode="words")
    assert len(hits) == len(index), f"{len(hits)} of {len(index)} passages are found by their words"
    np.testing.assert_array_equal(vectors, encode([hit.passage.text for hit in hits]))
    return {f"{hit.passage.document} {hit.passage.text}" for hit in hits}


def refresh_in_the_end(where: str, folder: Path) -> None:
    """Bring the index to a state, once a server has noticed that the one who wrote is gone."""
    for patience in range(100):
        try:
            return refresh(open_index(where), folder)
        except BadOutput:
            if patience == 99 or not is_url(where):
                raise
            time.sleep(0.1)
    return None


def main() -> None:
    """Kill as often as is asked, and print how often the index was whole."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=2, help="a kill comes at most so late")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url", help="a database in place of a folder")
    parser.add_argument("--child", type=Path, help="go on for ever in this folder")
    options = parser.parse_args()
    segments.GRAPH_FROM = 100
    if options.child:
        go_on_for_ever(options.child, options.url or str(options.child / "index"))
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for state in (0, 1):
            write_folder(place / f"folder{state}", options.documents, state)
        where = options.url or str(place / "index")
        allowed = states(place, where)
        seen = [0] * len(allowed)
        absent = graphs = 0
        for _ in range(options.kills):
            command = [sys.executable, __file__, "--child", str(place), *(["--url", where] if options.url else [])]
            child = subprocess.Popen(command, stdout=subprocess.PIPE)
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
                left = holds(open_index(where))
            except MissingInput:
                absent += 1  # killed between two renames, where the system cannot swap names
                assert not (place / "index").exists()
            else:
                seen[allowed.index(left)] += 1
                graphs += facts_of(open_index(where)).graphs > 0
                refresh_in_the_end(where, place / "folder0")
        print(f"{options.kills} kills: {sum(seen)} whole indexes, by state {seen}, {graphs} with graphs, {absent} gone")


if __name__ == "__main__":
    main()
