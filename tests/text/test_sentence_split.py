from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.text import sentences

# "|" marks where a sentence has to end.
GOLD = {
    "two plain sentences": "The ferry left at noon. |Nobody was on board.",
    "title before a name": "Dr. Lund met Mrs. Aas and Prof. Berg. |They talked for an hour.",
    "latin abbreviations": "Bring tools, e.g. a saw, i.e. something sharp. |Leave the rest, cf. Moen, at home.",
    "decimal numbers": "The beam is 3.5 m long and weighs 12.75 kg. |It rests on stone.",
    "country before a noun": "She served in the U.S. Army until 1990. |Then she taught.",
    "initials": "The book by J. K. Halvorsen sold out. |A second printing followed.",
    "abbreviated company": "Nordlys Inc. and Tind Ltd. merged. |Both kept their names.",
    "question and exclamation": "Who opened the gate? |Run! |The dogs are loose.",
    "stacked terminators": "You did what?! |I never said that.",
    "ellipsis before a capital": "Wait... |What was that noise?",
    "ellipsis within a sentence": "He was, well... not quite ready.",
    "one-character ellipsis": "She waited… |The phone stayed silent.",
    "quoted sentence": "“The tide is late.” |He closed the book.",
    "quotation within a sentence": "She asked “Why now?” and left the room.",
    "straight quotation": '"It is over." |Nobody answered.',
    "parenthesised sentence": "The mill burned down. |(See fig. 3 for the plan.) |It was rebuilt.",
    "footnote digits": "The council changed its policy.12 |Students noticed at once.",
    "footnote in brackets": "The council changed its policy.[3] |Students noticed at once.",
    "superscript footnote": "The council changed its policy.² |Students noticed at once.",
    "numbered figure": "The plan is in Fig.3 The legend is in Sect.4 The scale is missing.",
    "clock time": "The meeting starts at 5 p.m. on Monday. |Bring the minutes.",
    "web address": "Look at www.example.org for the map. |It is large.",
    "page references": "The rule stands on p. 12 and pp. 30-34. |Vol. 2 repeals it.",
    "chinese": "今天下雨。|我们在家！|你呢？",
    "closing bracket in japanese": "「雨だ。」|彼は言った。",
    "hindi": "आज बारिश है। |हम घर पर हैं।",
    "blank line": "An unfinished line\n\n|Another one",
    "wrapped lines": "The sentence goes on\nin the next line. |It ends here.",
    "markdown headings": "# Harbours\n|## Old ones\n|They silted up. |Ships left.",
    "underlined heading": "Harbours\n========\n\n|They silted up.",
    "lone heading": "They silted up.\n\n|The New Quay\n\n|Work began in May.",
    "heading above a paragraph": (
        "The old harbour silted up.\n|The New Quay\n|Work began in May, when the ice had gone and the barges could "
        "carry stone again."
    ),
    "list items": "Bring these:\n|- a rope\n|- two lamps\n|1. Walk north\n|2) Turn back",
    "hard break": "Roses by the wall  \n|violets by the gate",
}


@pytest.mark.parametrize("name", GOLD)
def test_tricky_passage_is_split_where_a_reader_would(name: str) -> None:
    gold = GOLD[name].split("|")
    text = "".join(gold)
    assert [text[span.start : span.end] for span in sentences(text)] == gold


def test_long_sentence_is_cut_after_a_clause() -> None:
    clause = "the " * 45 + "end; "
    text = clause + "and " * 50 + "stop."
    cuts = [text[span.start : span.end] for span in sentences(text)]
    assert cuts[0] == clause
    assert all(len(cut.split()) <= 60 for cut in cuts)
    assert "".join(cuts) == text


def test_long_sentence_without_clauses_is_cut_between_words() -> None:
    text = "word " * 130
    assert [len(text[span.start : span.end].split()) for span in sentences(text)] == [60, 60, 10]


def test_sixty_words_are_not_cut() -> None:
    text = "word " * 59 + "end." + "\n" * 700
    assert len(sentences(text)) == 1


def test_text_without_white_space_is_cut_by_length() -> None:
    assert [len(span) for span in sentences("x" * 1500)] == [600, 600, 300]


def test_empty_text_has_no_sentences_and_a_blank_one_has_one() -> None:
    assert sentences("") == []
    assert [(span.start, span.end) for span in sentences(" \n\n ")] == [(0, 4)]


LAYOUT = st.text(alphabet="abcA .?!;,\n\t#-=*1)\\“”。！…é字\u200b\u0301\r\u2028", max_size=80)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), LAYOUT))
def test_sentences_tile_any_text(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(left.end == right.start for left, right in pairwise(spans))
    if text.strip():
        assert all(text[span.start : span.end].strip() for span in spans)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2000), st.sampled_from(["a ", "ab, ", "x", "字", "\n", "a\n"]))
def test_no_sentence_holds_more_than_sixty_words_or_six_hundred_characters(count: int, unit: str) -> None:
    text = unit * count
    for span in sentences(text):
        piece = text[span.start : span.end].strip()
        assert len(piece.split()) <= 60 and len(piece) <= 600
