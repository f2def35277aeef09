"""Vectors in several files: found as if they were in one, written whole or not at all."""

import hashlib

import numpy as np
import pytest

from siamese_text.errors import BadData, BadOutput, MissingInput
from siamese_text.search.stores.exact import ExactStore
from siamese_text.search.stores.segments import SegmentedStore, open_segment, write_segment

VECTORS = np.random.default_rng(0).standard_normal((50, 8), dtype=np.float32)
QUERIES = np.random.default_rng(1).standard_normal((3, 8), dtype=np.float32)
WHOLE = ExactStore(VECTORS)
PARTS = SegmentedStore([ExactStore(VECTORS[:7]), ExactStore(VECTORS[7:8]), ExactStore(VECTORS[8:])])


@pytest.mark.parametrize("allowed", [None, np.arange(50) % 3 == 0, np.zeros(50, bool)])
def test_several_parts_are_searched_as_one(allowed):
    assert (len(PARTS), PARTS.width) == (50, 8)
    for found, expected in zip(PARTS.search(QUERIES, 9, allowed), WHOLE.search(QUERIES, 9, allowed), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    rows = np.array([49, 7, 0, 7, 8])
    np.testing.assert_array_equal(PARTS.take(rows), VECTORS[rows])


def test_a_store_without_parts_finds_nothing():
    scores, rows = SegmentedStore([]).search(QUERIES, 5)
    assert scores.shape == rows.shape == (3, 0)


def test_a_segment_is_written_in_blocks_with_its_checksum(tmp_path):
    segment = write_segment(tmp_path, 3, 50, iter([VECTORS[:20], VECTORS[20:]]))
    path = tmp_path / "vectors-3.npy"
    assert segment.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    np.testing.assert_array_equal(np.load(path), VECTORS)
    np.testing.assert_array_equal(open_segment(tmp_path, segment, "dot").vectors, VECTORS)
    damaged = bytearray(path.read_bytes())
    damaged[200] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(BadData, match=r"vectors-3\.npy is damaged"):
        open_segment(tmp_path, segment, "dot")
    path.unlink()
    with pytest.raises(MissingInput, match=r"vectors-3\.npy is missing"):
        open_segment(tmp_path, segment, "dot")


def test_a_full_disk_leaves_no_file(tmp_path):
    def blocks():
        yield VECTORS[:20]
        raise OSError(28, "No space left on device")

    with pytest.raises(BadOutput, match="No space left on device"):
        write_segment(tmp_path, 3, 50, blocks())
    assert list(tmp_path.iterdir()) == []
