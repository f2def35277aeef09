"""Passages come back as they grew, for the same documents and code alone, with the numbers of the run that asks."""

import pytest

from siamese_text.plagiarism.finding import pair_cache
from siamese_text.plagiarism.finding.candidates import Seed
from siamese_text.plagiarism.finding.growing import GrowingPassage
from siamese_text.plagiarism.finding.pair_cache import PairCache, open_pairs
from siamese_text.records import Span

SEEDS = [Seed(range(1), range(4, 5), 0.1 + 0.2), Seed(range(1, 3), range(6, 7), 1 / 3)]
GROWN = [
    GrowingPassage(range(3), range(4, 7), Span(3, 70), Span(1, 60), tuple(SEEDS)),
    GrowingPassage(range(0), range(0), Span(80, 99), Span(100, 120)),
]


def never():
    pytest.fail("it grew before")


def test_what_was_kept_comes_back_with_the_seeds_of_this_run(tmp_path):
    with open_pairs(tmp_path) as blobs:
        pairs = PairCache(blobs)
        assert pairs.passages("aa", SEEDS, lambda: GROWN) == GROWN
        assert pairs.passages("bb", SEEDS, lambda: []) == []
        assert (pairs.new, pairs.known) == (2, 0)
    now = [Seed(SEEDS[0].left, SEEDS[0].right, 0.5), SEEDS[1]]
    with open_pairs(tmp_path) as blobs:
        pairs = PairCache(blobs)
        whole, copied = pairs.passages("aa", now, never)
        assert (whole.seeds, copied) == (tuple(now), GROWN[1])
        assert (whole.left, whole.right, whole.left_span, whole.right_span) == (
            range(3),
            range(4, 7),
            Span(3, 70),
            Span(1, 60),
        )
        assert pairs.passages("bb", now, never) == []
        assert (pairs.new, pairs.known) == (0, 2)


def test_without_a_file_nothing_is_kept():
    pairs = PairCache()
    assert [pairs.passages("aa", SEEDS, lambda: GROWN) for _ in range(2)] == [GROWN, GROWN]
    assert (pairs.new, pairs.known) == (2, 0)
    pairs.forget_the_rest()


def test_what_a_whole_run_did_not_ask_for_is_forgotten(tmp_path):
    for asked, known in (("ab", 0), ("bc", 1), ("a", 0)):
        with open_pairs(tmp_path, "here") as blobs:
            pairs = PairCache(blobs)
            for read in asked:
                pairs.passages(read, SEEDS, lambda: GROWN)
            pairs.forget_the_rest()
            assert pairs.known == known


def test_another_version_of_the_code_has_a_file_of_its_own_and_drops_the_earlier(tmp_path, monkeypatch):
    def used(owner):
        with open_pairs(tmp_path, owner) as blobs:
            pairs = PairCache(blobs)
            pairs.passages("aa", SEEDS, lambda: GROWN)
            pairs.forget_the_rest()
            return blobs.path

    first, elsewhere = used("here"), used("there")
    monkeypatch.setattr(pair_cache, "__version__", "0.0.0")
    last = used("here")
    assert first != last
    assert {file for file in (tmp_path / "pairs").iterdir() if file.suffix == ".sqlite"} == {elsewhere, last}
