"""What words say of pairs is the same whether it is asked at once or by and by, and each text is read once."""

import numpy as np
import pytest

from siamese_text.scoring import words_at_hand
from siamese_text.scoring.details import details_of
from siamese_text.scoring.unknown_words import USUAL_SHARE, USUAL_WORDS
from siamese_text.scoring.words_at_hand import WordsAtHand
from siamese_text.text import words

PAIRS = [
    ("The gate is open at 9.", "The gate is closed at 12,500."),
    ("Ann owes Bo.", "Bo owes Ann."),
    ("Кошка спит.", "The gate is open at 9."),
    ("Кошка спит.", "Кошка спит."),
    ("Ann owes Bo.", "12"),
]


class Pieces:
    """A tokenizer of ASCII, which breaks any other word, and tells what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, words):
        self.asked += words
        return [1 if word.isascii() else 2 for word in words]


def test_the_side_that_is_known_less_counts_and_equal_texts_need_no_model():
    _, unknown = WordsAtHand().of(PAIRS, details=False, word_pieces=Pieces())
    usual = USUAL_WORDS * USUAL_SHARE
    known = [usual / (count + USUAL_WORDS) for count in (5, 3, 0)]  # words with letters
    foreign = (2 + usual) / (2 + USUAL_WORDS)
    np.testing.assert_array_equal(unknown, np.float32([known[0], known[1], foreign, 0, known[2]]))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_by_and_by_it_says_what_it_says_at_once_and_reads_each_text_once(size, monkeypatch):
    expected = WordsAtHand().of(PAIRS, details=False, word_pieces=Pieces())[1]
    read = []
    monkeypatch.setattr(words_at_hand, "words", lambda text: read.append(text) or words(text))
    monkeypatch.setattr(words_at_hand, "TEXTS", 2)
    at_hand, pieces = WordsAtHand(), Pieces()
    parts = [
        at_hand.of(PAIRS[start : start + size], details=True, word_pieces=pieces)
        for start in range(0, len(PAIRS), size)
    ]
    details, unknown = (np.concatenate(each) for each in zip(*parts, strict=True))
    np.testing.assert_array_equal(details, details_of(PAIRS))
    np.testing.assert_array_equal(unknown, expected)
    assert len(read) == len(set(read)) == len({text for pair in PAIRS for text in pair})
    assert len(pieces.asked) == len(set(pieces.asked))


def test_what_is_not_asked_is_not_said_and_may_be_asked_later():
    at_hand = WordsAtHand()
    assert at_hand.of(PAIRS, details=False, word_pieces=None) == (None, None)
    details, unknown = at_hand.of(PAIRS, details=True, word_pieces=None)
    assert details.shape == (len(PAIRS), 7)
    assert unknown is None
    assert at_hand.of(PAIRS, details=True, word_pieces=Pieces())[1].shape == (len(PAIRS),)
    assert [each.shape for each in at_hand.of([], details=True, word_pieces=Pieces())] == [(0, 7), (0,)]


def test_what_a_model_does_not_read_of_a_text_is_asked_once():
    at_hand, asked = WordsAtHand(), []

    def ends(texts):
        asked.extend(texts)
        return [text[2:] for text in texts]

    assert at_hand.unread(["abc", "ab", "abc"], ends) == ["c", "", "c"]
    assert at_hand.unread(["abe", "abc"], ends) == ["e", "c"]
    assert asked == ["abc", "ab", "abe"]
