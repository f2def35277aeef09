"""From seeds to passages: what is joined, what stays apart, and how each is classed."""

import random

import numpy as np
import pytest

from siamese_text.plagiarism.finding.aligner import align
from siamese_text.plagiarism.finding.candidates import PairSimilarity
from siamese_text.plagiarism.finding.pair_cache import PairCache
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.plagiarism.findings import Evidence
from siamese_text.records import Document, Span

WORDS = random.Random(0)


def sentence(length=12):
    """A sentence that shares no word with any other one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(WORDS.choices(letters, k=9)) for _ in range(length)).capitalize() + ". "


def retold(text):
    """The same words in another order: all that an encoder without weights can take for a paraphrase."""
    return " ".join(reversed(text.lower().rstrip(". ").split())).capitalize() + ". "


def edited(text):
    """The same sentence with every fourth word changed."""
    words = text.rstrip(". ").split()
    return " ".join(word + "x" if place % 4 == 1 else word for place, word in enumerate(words)) + ". "


def aligned(left, right, encoder):
    """Align two texts by their meaning alone, and return the passages as they stand in them."""
    one, other = prepare([Document("a.txt", left), Document("b.txt", right)], encoder, common=20)
    similarity = PairSimilarity(one, other, one.window_vectors @ other.window_vectors.T)
    found = align(one, other, similarity, [], threshold=0.3, max_gap=1)
    return [(left[a.left.start : a.left.end], right[a.right.start : a.right.end], a.evidence) for a in found]


def test_consecutive_sentences_become_one_passage(encoder):
    copied = [sentence(), sentence(), sentence()]
    left, right = sentence() + "".join(copied) + sentence(), sentence() + "".join(map(retold, copied)) + sentence()
    expected = ("".join(copied).strip(), "".join(map(retold, copied)).strip(), Evidence.PARAPHRASE)
    assert aligned(left, right, encoder) == [expected]


def test_sentences_in_another_order_become_one_passage(encoder):
    copied = [sentence(), sentence(), sentence()]
    left, right = sentence() + "".join(copied), "".join(map(edited, reversed(copied))) + sentence()
    ((ours, theirs, _),) = aligned(left, right, encoder)
    assert (ours, theirs) == ("".join(copied).strip(), "".join(map(edited, reversed(copied))).strip())


@pytest.mark.parametrize(("inserted", "passages"), [(1, 1), (2, 2)])
def test_a_passage_may_hold_one_sentence_without_a_partner(encoder, inserted, passages):
    first, second = sentence(), sentence()
    right = edited(first) + "".join(sentence() for _ in range(inserted)) + edited(second)
    assert len(aligned(first + second + sentence(), sentence() + right, encoder)) == passages


def test_a_sentence_that_was_split_is_one_passage(encoder):
    first, second = sentence(10), sentence(10)
    merged = first.rstrip(". ") + " " + second.lower()
    ((ours, theirs, _),) = aligned(sentence() + merged, first + second + sentence(), encoder)
    assert (ours, theirs) == (merged.strip(), (first + second).strip())


def test_a_copied_paragraph_and_the_retold_one_after_it_are_two_passages(encoder):
    copied, paraphrased = sentence() + sentence(), [sentence(), sentence()]
    left = f"{copied}\n\n{''.join(paraphrased)}\n\n{sentence()}"
    right = f"{sentence()}\n\n{copied}\n\n{''.join(map(retold, paraphrased))}"
    kinds = [evidence for _, _, evidence in aligned(left, right, encoder)]
    assert kinds == [Evidence.IDENTICAL, Evidence.PARAPHRASE]


def test_two_copied_paragraphs_are_one_passage(encoder):
    copied = f"{sentence()}{sentence()}\n\n{sentence()}{sentence()}"
    ((ours, theirs, evidence),) = aligned(f"{sentence()}\n\n{copied}", f"{copied}\n\n{sentence()}", encoder)
    assert ours == theirs == copied.strip()
    assert evidence is Evidence.IDENTICAL


def test_a_copy_does_not_grow_into_its_neighbours(encoder):
    copied, shared = sentence(), sentence(6).rstrip(". ")
    left, right = copied + f"{shared} {sentence(6)}", copied + f"{sentence(6).rstrip('. ')} {retold(shared)}"
    assert (copied.strip(), copied.strip(), Evidence.IDENTICAL) in aligned(left, right, encoder)


def test_one_passage_of_a_text_that_repeats_itself_is_reported_once(encoder):
    copied = sentence(20)
    right = f"{copied}\n\n{sentence()}\n\n{copied}"
    assert len(aligned(sentence() + copied, right, encoder)) == 1


def test_unrelated_texts_share_nothing(encoder):
    texts = ["".join(sentence() for _ in range(8)) for _ in range(2)]
    assert aligned(*texts, encoder) == []


def test_copied_paragraphs_in_another_order_stay_identical(encoder):
    paragraphs = [sentence() + sentence() for _ in range(3)]
    found = aligned("\n\n".join(paragraphs), "\n\n".join(reversed(paragraphs)), encoder)
    assert [evidence for _, _, evidence in found] == [Evidence.IDENTICAL] * 3


def test_a_lone_question_is_no_paraphrase_of_its_answer(encoder):
    asked = sentence(8)
    question = asked.rstrip(". ") + "? "
    assert aligned(sentence() + question, sentence() + retold(asked), encoder) == []
    assert len(aligned(sentence() + asked, sentence() + retold(asked), encoder)) == 1


class Recorded(PairCache):
    """Lets every pair grow, and keeps what was read and what grew."""

    def __init__(self):
        super().__init__()
        self.grown = []

    def passages(self, read, seeds, grow):
        passages = grow()
        rows = [(one.left, one.right, one.left_span, one.right_span) for one in passages]
        self.grown.append((read, rows, [[(seed.left, seed.right) for seed in one.seeds] for one in passages]))
        return passages


def test_what_has_one_digest_grows_alike(encoder):
    """Similarities that are moved a little, as other documents of the folder move them, often read the same."""
    first, second, third = sentence(), sentence(), sentence()
    left = first + second + third + "\n\n" + sentence() + sentence()
    right = sentence() + retold(first) + edited(second) + "\n\n" + retold(third) + sentence()
    one, other = prepare([Document("a.txt", left), Document("b.txt", right)], encoder, common=20)
    cosines, rng, kept = one.window_vectors @ other.window_vectors.T, np.random.default_rng(0), Recorded()
    for spread in np.linspace(0, 0.3, 80):
        moved = (cosines + rng.normal(scale=spread, size=cosines.shape)).astype(np.float32)
        align(one, other, PairSimilarity(one, other, moved), [], threshold=0.3, max_gap=1, kept=kept)
    by_digest = {read: grown for read, *grown in kept.grown}
    assert all(by_digest[read] == grown for read, *grown in kept.grown)
    assert 1 < len({str(grown) for grown in by_digest.values()}) < len(by_digest) < 80


@pytest.mark.parametrize("other", ["text", "gap", "runs", "sentences"])
def test_whatever_a_passage_grows_by_is_read(encoder, other):
    def read(left, gap=1, runs=(), min_words=None):
        one, two = prepare([Document("a.txt", left), Document("b.txt", right)], encoder, common=min_words or 20)
        similarity, kept = PairSimilarity(one, two, one.window_vectors @ two.window_vectors.T), Recorded()
        align(one, two, similarity, list(runs), threshold=0.3, max_gap=gap, kept=kept)
        return kept.grown[0][0]

    copied = sentence()
    left, right = copied + sentence(), sentence() + copied
    changes = {
        "text": {"left": left.rstrip()},
        "gap": {"left": left, "gap": 2},
        "runs": {"left": left, "runs": [(Span(0, 40), Span(121, 161))]},
        "sentences": {"left": left, "min_words": 1},  # the copied one is a template then
    }
    assert read(left) == read(left)
    assert read(left) != read(**changes[other])
