"""Words as arrays: they come back as they were, and places by characters are those of the words."""

from hypothesis import given
from hypothesis import strategies as st

from siamese_text.plagiarism.finding.document_words import DocumentWords, Vocabulary
from siamese_text.records import Span
from siamese_text.text import words

TEXT = "The ferry left at nine. It was late, the ferry."


def test_words_come_back_and_equal_ones_have_one_number():
    vocabulary = Vocabulary()
    found, other = DocumentWords(vocabulary, words(TEXT)), DocumentWords(vocabulary, words("Late ferry"))
    assert list(found) == words(TEXT)
    assert found[2:4] == words(TEXT)[2:4]
    assert other.ids.tolist() == [found.ids[7], found.ids[1]]


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_the_words_within_a_span_are_those_that_begin_in_it(start, end):
    found = DocumentWords(Vocabulary(), words(TEXT))
    within = found.within(Span(start, max(start, end)))
    expected = [word for word in words(TEXT) if start <= word.span.start < end]
    assert found[within.start : within.end] == expected
    assert [found.vocabulary.forms[one] for one in found.ids_within(Span(start, end))] == [w.form for w in expected]
