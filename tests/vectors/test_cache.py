"""The cache gives back the bits that were put in, whoever else writes, and says what is wrong with its file."""

import subprocess
import sys

import numpy as np
import pytest

from siamese_text.errors import BadData, BadOutput
from siamese_text.vectors.cache import VectorCache

WRITER = """
import sys
from pathlib import Path
import numpy as np
from siamese_text.vectors.cache import VectorCache
with VectorCache(Path(sys.argv[1]), "aa") as cache:
    for start in range(0, 300, 10):
        texts = [f"text {number}" for number in range(start, start + 10)]
        cache.put(texts, np.array([[number, int(sys.argv[2])] for number in range(start, start + 10)], np.float32))
"""


def test_what_was_put_comes_back_to_the_last_bit(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    with VectorCache(tmp_path, "aa") as cache:
        assert cache.get(["a"]) == {}
        cache.put(["a", "ä", " a"], vectors)
    with VectorCache(tmp_path, "aa") as cache:
        found = cache.get(["ä", "b", "a", " a", "A"])
        assert list(found) == ["ä", "a", " a"]
        np.testing.assert_array_equal(np.stack([found["a"], found["ä"], found[" a"]]), vectors)
        assert cache.size() >= vectors.nbytes


def test_each_model_has_its_own(tmp_path):
    with VectorCache(tmp_path, "aa") as one, VectorCache(tmp_path, "bb") as other:
        one.put(["a"], np.ones((1, 2), np.float32))
        assert other.get(["a"]) == {}
        assert one.path != other.path


def test_what_is_known_stays(tmp_path):
    with VectorCache(tmp_path, "aa") as cache:
        cache.put(["a"], np.ones((1, 2), np.float32))
        cache.put(["a", "b"], np.zeros((2, 2), np.float32))
        found = cache.get(["a", "b"])
    assert found["a"].tolist() == [1, 1]
    assert found["b"].tolist() == [0, 0]


def test_all_but_some_are_deleted(tmp_path):
    with VectorCache(tmp_path, "aa") as cache:
        cache.put(["kite", "mill", "pond"], np.eye(3, dtype=np.float32))
        cache.keep_only(["mill", "pier"])
        assert list(cache.get(["kite", "mill", "pond", "pier"])) == ["mill"]
        cache.keep_only([])
        assert cache.get(["mill"]) == {}


def test_two_processes_write_at_once(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number)]) for number in range(2)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    with VectorCache(tmp_path, "aa") as cache:
        found = cache.get(f"text {number}" for number in range(300))
    assert [vector[0] for vector in found.values()] == list(range(300))
    assert {vector[1] for vector in found.values()} <= {0, 1}


def test_a_damaged_file_is_named(tmp_path):
    with VectorCache(tmp_path, "aa") as cache:
        path = cache.path
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(BadData, match=r"damaged .*--no-cache"):
        VectorCache(tmp_path, "aa")


def test_a_row_that_is_not_what_was_written_is_no_answer(tmp_path):
    with VectorCache(tmp_path, "aa") as cache:
        cache.put(["a", "b"], np.full((2, 100), 1.5, np.float32))
        path = cache.path
    stored = path.read_bytes()
    vector = np.full(100, 1.5, np.float32).tobytes()
    assert stored.count(vector) == 2
    path.write_bytes(stored.replace(vector, b"\x01" + vector[1:]))
    with VectorCache(tmp_path, "aa") as cache, pytest.raises(BadData, match="damaged"):
        cache.get(["a"])


@pytest.mark.parametrize("when", ["opened", "read"])
def test_a_forgiving_cache_leaves_a_damaged_file_aside(tmp_path, when):
    with VectorCache(tmp_path, "aa") as cache:
        cache.put(["a"], np.ones((1, 100), np.float32))
        path = cache.path
    whole = path.read_bytes()
    damaged = whole.replace(np.ones(100, np.float32).tobytes(), b"\x01" * 400) if when == "read" else b"none " * 100
    path.write_bytes(damaged)
    with pytest.warns(UserWarning, match="is damaged .* and left aside; delete it"):
        cache = VectorCache(tmp_path, "aa", forgiving=True)
        assert cache.get(["a"]) == {}
    with cache:
        cache.put(["b"], np.ones((1, 100), np.float32))
        assert cache.get(["a", "b"]) == {}
    assert path.read_bytes() == damaged


def test_a_place_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadOutput, match="--cache DIR or --no-cache"):
        VectorCache(tmp_path / "file", "aa")
