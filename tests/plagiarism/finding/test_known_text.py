"""What everyone was given is found in a document, and nothing else."""

import pytest

from siamese_text.plagiarism.finding.known_text import KnownText
from siamese_text.text import words

SHEET = "Describe the mill by the river. Say who built it and why it stands empty today."


def known(text, *arguments):
    return [text[span.start : span.end] for span in KnownText(*arguments).spans(list(words(text)))]


def test_six_words_of_a_template_in_a_row_are_known_and_five_are_not():
    assert known("I say who built it and why nobody knows.", [SHEET]) == ["say who built it and why"]
    assert known("I say who built it and then nobody knows.", [SHEET]) == []


def test_a_whole_template_is_one_span_in_any_spelling():
    assert known(f"Task: {SHEET.upper()} My answer.", [SHEET]) == [SHEET.upper().rstrip(".")]


@pytest.mark.parametrize("phrase", ["on the other hand", "On the  other hand!"])
def test_a_phrase_is_known_as_a_whole(phrase):
    assert known("On the other hand, on the other side.", [], [phrase]) == ["On the other hand"]


@pytest.mark.parametrize("empty", ["", "...", " "])
def test_what_has_no_words_is_known_nowhere(empty):
    assert known("Some words.", [empty], [empty]) == []


def test_a_short_template_is_known_as_a_whole():
    assert known("Name and class: Ann, 4b", ["Name and class:"]) == ["Name and class"]
