"""What an index says of itself, and that a check reads every byte."""

import os

import pytest

from siamese_text.errors import BadData
from siamese_text.records import Document
from siamese_text.search.inspection import inspect
from tests.search.indexes import DOCUMENTS, build


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
