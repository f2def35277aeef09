"""Similar sentences: the excess worked out by hand, and the seeds that stand out."""

import numpy as np
import pytest

from siamese_text.plagiarism.finding.candidates import PairSimilarity, similar_pairs
from siamese_text.plagiarism.finding.document_words import DocumentWords, Vocabulary
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.records import Document, Span
from siamese_text.unit_rows import unit_rows


def prepared(vectors, paragraphs=None):
    """A document with one sentence for each vector; a paragraph number for each of them."""
    vectors = unit_rows(np.array(vectors, dtype=np.float32))
    count = len(vectors)
    numbers = paragraphs or [0] * count
    sentences = tuple(Span(10 * place, 10 * place + 10) for place in range(count))
    windows = [(place, place) for place in range(count)]
    windows += [(place, place + 1) for place in range(count - 1) if numbers[place] == numbers[place + 1]]
    return Prepared(
        document=Document("some.txt", "x" * 10 * count),
        words=DocumentWords(Vocabulary(), ()),
        paragraphs=tuple(10 * numbers.index(number) for number in sorted(set(numbers))) or (0,),
        excluded=(),
        sentences=sentences,
        table=vectors,
        rows=np.arange(count),
        windows=np.array(windows, dtype=np.int64).reshape(-1, 2),
    )


def similarity(left, right):
    return PairSimilarity(left, right, left.window_vectors @ right.window_vectors.T)


def random_documents(count, seed=0):
    rng = np.random.default_rng(seed)
    return [prepared(rng.normal(size=(rng.integers(1, 6), 8))) for _ in range(count)]


def test_the_excess_is_the_cosine_less_half_the_mean_of_both_backgrounds():
    left = prepared([[1, 0, 0], [0, 1, 0]])
    right = prepared([[1, 0, 0], [3, 4, 0], [0, 0, 1]])
    # Cosines: row 0 is 1, .6, 0 and row 1 is 0, .8, 0.
    rows = [(0.6 + 0) / 2, (0 + 0) / 2]
    columns = [0, 0.6, 0]
    pair = similarity(left, right)
    assert pair.sentence_excess[0, 0] == pytest.approx(1 - (rows[0] + columns[0]) / 4)
    assert pair.sentence_excess[1, 1] == pytest.approx(0.8 - (rows[1] + columns[1]) / 4)
    pooled = np.array([1, 1, 0]) / np.sqrt(2) @ np.array([1.6, 0.8, 0]) / np.sqrt(1.6**2 + 0.8**2)
    expected = pooled - (np.mean(rows) + np.mean(columns[:2])) / 4
    assert pair.excess(range(2), range(2)) == pytest.approx(expected)


def test_an_empty_passage_has_no_excess():
    assert similarity(prepared([[1, 0]]), prepared([[1, 0]])).excess(range(0), range(1)) == 0


def test_a_seed_is_the_best_of_both_its_sentences():
    left = prepared([[1, 0, 0, 0], [0, 1, 0, 0]], paragraphs=[0, 1])
    right = prepared([[0.9, 0.1, 0.4, 0], [1, 0, 0.1, 0], [0, 0, 1, 0]], paragraphs=[0, 1, 2])
    (seed,) = similarity(left, right).seeds(0.3)
    assert (seed.left, seed.right) == (range(1), range(1, 2))


def test_a_sentence_that_was_split_in_two_is_found_by_the_pair():
    left = prepared([[1, 1, 0, 0], [0, 0, 0, 1]], paragraphs=[0, 1])
    right = prepared([[1, 0, 0, 0], [0, 1, 0, 0]])
    (seed,) = similarity(left, right).seeds(0.8)
    assert (seed.left, seed.right) == (range(1), range(2))


def test_a_pair_never_reaches_over_a_paragraph_break():
    left = prepared([[1, 1, 0, 0], [0, 0, 0, 1]], paragraphs=[0, 1])
    right = prepared([[1, 0, 0, 0], [0, 1, 0, 0]], paragraphs=[0, 1])
    assert similarity(left, right).seeds(0.8) == []


def test_documents_without_evidence_have_no_seeds():
    nothing = prepared(np.zeros((0, 3)))
    assert similarity(nothing, prepared([[1, 0, 0]])).seeds(0.3) == []
    assert similarity(prepared([[1, 0, 0]]), nothing).seeds(0.3) == []


@pytest.mark.parametrize("block", [1, 7, 4096])
@pytest.mark.parametrize("references", [0, 4])
def test_blocks_give_the_pairs_that_comparing_all_windows_gives(monkeypatch, block, references):
    monkeypatch.setattr("siamese_text.plagiarism.finding.candidates._BLOCK", block)
    documents = random_documents(9)
    expected = [
        (left, right)
        for left in range(9 - references)
        for right in range(left + 1, 9)
        if (documents[left].window_vectors @ documents[right].window_vectors.T).max() >= 0.7
    ]
    assert 0 < len(expected) < 20
    found = list(similar_pairs(documents, 0.7, references=references))
    assert [(left, right) for left, right, _ in found] == expected
    for left, right, pair in found:
        whole = similarity(documents[left], documents[right])
        np.testing.assert_allclose(pair.sentence_excess, whole.sentence_excess, atol=1e-6)


def test_a_wanted_pair_is_handed_out_however_different_it_is():
    documents = [prepared([[1, 0]]), prepared([[0, 1]]), prepared(np.zeros((0, 2)))]
    found = similar_pairs(documents, 0.5, wanted={(0, 1), (1, 2)})
    assert [(left, right) for left, right, _ in found] == [(0, 1), (1, 2)]


def test_a_text_that_repeats_itself_has_one_seed_for_each_sentence():
    repeated = prepared([[1, 0, 0], [0, 1, 0]] * 4, paragraphs=list(range(8)))
    seeds = similarity(repeated, repeated).seeds(0.3)
    assert [(seed.left.start, seed.right.start) for seed in seeds] == [(place, place) for place in range(8)]
