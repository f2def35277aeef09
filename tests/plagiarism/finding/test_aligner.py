"""From seeds to passages: what is joined, what stays apart, and how each is classed."""

import random

import pytest

from siamese_text.plagiarism.finding.aligner import align
from siamese_text.plagiarism.finding.candidates import PairSimilarity
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.plagiarism.findings import Evidence
from siamese_text.records import Document

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
