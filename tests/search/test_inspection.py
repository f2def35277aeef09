"""What an index says of itself, and that a check reads every byte."""

import os
import random

import pytest

from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.records import Document
from siamese_text.search.inspection import inspect
from siamese_text.search.stores import approximate, segments
from tests.search.indexes import DOCUMENTS, BagOfWords, build, given, search


def test_counts_sources_and_fields_are_told(tmp_path):
    index = build(
        [*DOCUMENTS, Document("x.pdf", problem="damaged")], tmp_path / "index", metadata={"year": 1, "a": "b"}
    )
    index.remove(["kitchen.txt"])
    facts = inspect(index)
    assert (facts.documents, facts.passages, facts.unused, facts.segments, facts.dimensions) == (2, 4, 2, 1, 512)
    assert [source.place for source in facts.sources] == ["/documents"]
    assert facts.fields == {"a": ["text"], "year": ["integer"]}
    assert facts.bytes == sum(file.stat().st_size for file in (tmp_path / "index").iterdir())


def test_a_bit_that_turns_under_an_open_index_is_found(tmp_path):
    index = build([Document(f"{n}.txt", f"Word{n}.") for n in range(600)], tmp_path / "index")  # over a megabyte
    path = tmp_path / "index" / "vectors-1.npy"
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"\x01")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(BadData, match=r"vectors-1\.npy is damaged"):
        inspect(index)


def test_a_damaged_database_is_found(tmp_path):
    index = build([Document(f"{n}.txt", f"Word{n}.") for n in range(300)], tmp_path / "index")
    path = tmp_path / "index" / "passages.sqlite"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(bytes(4096))
    with pytest.raises(BadData, match=r"passages\.sqlite is damaged"):
        inspect(type(index).open(index.folder))


def sentences(first, last):
    drawn = random.Random(first)
    return {f"d{n}": " ".join(f"w{drawn.randrange(60)}" for _ in range(6)) + f" n{n}." for n in range(first, last)}


@pytest.fixture
def graphed(tmp_path, monkeypatch):
    """An index of a thousand texts with a graph."""
    pytest.importorskip("faiss")
    monkeypatch.setattr(segments, "GRAPH_FROM", 500)
    documents = [Document(name, text) for name, text in sentences(0, 1000).items()]
    return build(documents, tmp_path / "index", approximate=True, encoder=BagOfWords(64))


def graphs(index):
    return sorted(path.name for path in index.folder.glob("*graph*"))


def near(index, text):
    """The documents nearest to a text, without those as near as the last."""
    hits = search(index, text, 10, mode="dense", encoder=BagOfWords(64))
    return {hit.passage.document for hit in hits if hit.similarity > hits[-1].similarity + 1e-5}


def test_a_graph_stays_right_whatever_is_added_and_removed(graphed, tmp_path):
    new, encode = sentences(1000, 1200), BagOfWords(64).encode
    graphed.update(given(**new), encode, complete=False)  # in a file of their own, too small for a graph
    gone = [f"d{n}" for n in range(0, 1000, 7)]
    graphed.remove(gone)
    expected = build(
        [Document(name, text) for name, text in (sentences(0, 1000) | new).items() if name not in gone],
        encoder=BagOfWords(64),
    )
    queries = [*sentences(1197, 1200).values(), *sentences(2000, 2006).values()]

    def check(index):
        missing = [near(expected, query) - near(index, query) for query in queries]
        assert sum(map(len, missing)) <= 2
        assert not {hit.passage.document for hit in search(index, queries[0], 300, encoder=BagOfWords(64))} & {*gone}

    assert (inspect(graphed).graphs, inspect(graphed).segments, graphs(graphed)) == (1, 2, ["graph-1.faiss"])
    check(graphed)
    assert inspect(graphed, recall=True).recall >= 0.98
    graphed.save(tmp_path / "copy")
    graphed.compact()
    assert (inspect(graphed).graphs, inspect(graphed).segments, graphs(graphed)) == (1, 1, ["graph-3.faiss"])
    check(graphed)
    check(type(graphed).open(tmp_path / "copy"))
    graphed.compact(approximate=False)
    assert (inspect(graphed).info.approximate, graphs(graphed)) == (False, [])
    check(graphed)
    assert inspect(graphed, recall=True).recall == 1
    graphed.compact(approximate=True)
    assert len(graphs(graphed)) == 1


def test_a_damaged_and_a_missing_graph_are_named(graphed):
    path = graphed.folder / "graph-1.faiss"
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    with pytest.raises(BadData, match=r"graph-1\.faiss is damaged"):
        type(graphed).open(graphed.folder)
    path.unlink()
    with pytest.raises(MissingInput, match=r"graph-1\.faiss is missing"):
        type(graphed).open(graphed.folder)


def test_where_faiss_is_not_installed_a_graph_is_not_read(graphed, monkeypatch):
    query = sentences(3000, 3001)["d3000"]
    before = near(graphed, query)
    monkeypatch.setattr(approximate, "find_spec", lambda _: None)
    monkeypatch.setattr(segments, "open_graph", None)
    assert near(type(graphed).open(graphed.folder), query) >= before
    with pytest.raises(UsageError, match="approximate needs faiss"):
        graphed.compact(approximate=True)
    with pytest.raises(UsageError, match="approximate needs faiss"):
        build(approximate=True)
