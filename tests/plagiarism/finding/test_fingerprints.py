"""Shared runs of words: what winnowing guarantees, and what counts as a template."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.plagiarism.finding.fingerprints import (
    Fingerprints,
    SharedRun,
    hash_ngrams,
    hash_words,
    winnow,
)
from siamese_text.records import Span

word_lists = st.lists(st.sampled_from("abcdefg"), max_size=40)


def fingerprints(documents):
    return Fingerprints([hash_words(document) for document in documents], ngram=3, min_words=5)


def find(documents, common=20, references=0, partners=None):
    return fingerprints(documents).shared_runs(common=common, references=references, partners=partners)


def maximal_runs(left, right, min_words):
    """All maximal shared runs, found by comparing every place with every other one."""
    runs = set()
    for i in range(len(left)):
        for j in range(len(right)):
            if left[i] != right[j] or (i and j and left[i - 1] == right[j - 1]):
                continue
            length = 0
            while i + length < len(left) and j + length < len(right) and left[i + length] == right[j + length]:
                length += 1
            if length >= min_words:
                runs.add((i, j, length))
    return runs


def test_a_word_hash_is_the_first_eight_bytes_of_its_blake2b_digest():
    (hashed,) = hash_words(["river"])
    assert int(hashed) == int.from_bytes(hashlib.blake2b(b"river", digest_size=8).digest(), "little")


def test_an_ngram_hash_is_a_polynomial_in_the_word_hashes():
    base = 0x9E3779B97F4A7C15
    words = np.array([3, 5, 7, 11], dtype=np.uint64)
    expected = [(a * base * base + b * base + c) % 2**64 for a, b, c in [(3, 5, 7), (5, 7, 11)]]
    assert hash_ngrams(words, 3).tolist() == expected
    assert hash_ngrams(words[:2], 3).tolist() == []


def test_winnowing_chooses_as_in_the_example_of_its_authors():
    hashes = np.array([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], dtype=np.uint64)
    chosen = winnow(hashes, 4)
    assert [(int(hashes[place]), int(place)) for place in chosen] == [(17, 3), (17, 6), (8, 8), (39, 11), (17, 15)]


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 6))
def test_every_window_holds_a_chosen_hash_that_is_its_rightmost_minimum(values, window):
    chosen = set(winnow(np.array(values, dtype=np.uint64), window).tolist())
    expected = set()
    for start in range(max(1, len(values) - window + 1) if values else 0):
        part = values[start : start + window]
        expected.add(start + max(place for place, value in enumerate(part) if value == min(part)))
    assert chosen == expected


@settings(max_examples=300)
@given(word_lists, word_lists, st.lists(st.sampled_from("abcdefg"), min_size=5, max_size=12))
def test_every_shared_run_of_the_guaranteed_length_is_found_and_nothing_else(left, right, shared):
    left, right = left[:20] + shared + left[20:], right[:10] + shared + right[10:]
    found = {(run.left_words.start, run.right_words.start, len(run.left_words)) for run in find([left, right])}
    assert found == maximal_runs(left, right, 5)


def test_a_run_is_extended_word_by_word_on_both_sides():
    left = "it was the last warm evening of the year and the bees knew it".split()
    right = "she said it was the last warm evening of that summer".split()
    assert find([left, right]) == [SharedRun(0, 1, Span(0, 7), Span(2, 9))]


def test_references_are_not_compared_with_one_another():
    text = "one two three four five six".split()
    assert {(run.left, run.right) for run in find([text, text, text], references=2)} == {(0, 1), (0, 2)}


@pytest.mark.parametrize(("documents", "pairs"), [(3, 3), (4, 0)])
def test_a_run_in_too_many_different_texts_is_a_template(documents, pairs):
    texts = [f"own{number} please write your name at the top of this page".split() for number in range(documents)]
    assert len(find(texts, common=3)) == pairs


def test_what_a_reference_holds_is_no_template_for_it():
    texts = [f"own{number} please write your name at the top of this page".split() for number in range(6)]
    assert {(run.left, run.right) for run in find(texts, common=3, references=1)} == {(place, 5) for place in range(5)}


def test_what_too_many_texts_share_is_named_once_with_their_number():
    texts = [f"own{number} please write your name at the top of this page".split() for number in range(6)]
    (common,) = fingerprints(texts).common_runs(common=3)
    assert (common.texts, common.run.left, common.run.right, len(common.run.left_words)) == (6, 0, 1, 10)
    assert fingerprints(texts).common_runs(common=6) == []
    assert fingerprints([["own", str(number)] for number in range(6)]).common_runs(common=3) == []


def test_copies_of_one_text_are_no_template():
    text = "please write your name at the top of this page".split()
    assert len(find([text] * 5, common=3)) == 10


def test_a_run_that_fills_a_document_does_not_explode():
    assert find([["row"] * 400, ["row"] * 400], common=20) == []


def test_a_run_reaches_over_words_that_could_not_start_one():
    middle = "the name of the house".split()
    texts = [[f"own{number}", *middle, f"other{number}"] for number in range(5)]
    copied = "it stood beside the name of the house on a slip of paper".split()
    runs = find([*texts, ["then", *copied], ["now", *copied]], common=3)
    assert [(run.left, run.right, len(run.left_words)) for run in runs] == [(5, 6, len(copied))]


def test_of_many_documents_with_one_run_each_is_paired_with_the_next_ones():
    texts = [f"own{number} please write your name at the top".split() for number in range(6)]
    found = {(run.left, run.right) for run in find(texts, partners=2)}
    assert found == {(left, right) for left in range(6) for right in range(left + 1, min(6, left + 3))}
