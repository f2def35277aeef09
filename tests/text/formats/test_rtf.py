"""Rich text: code pages, escapes, tables, notes, and letters that nobody sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from siamese_text.text.formats.rtf import read_rtf

HEAD = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}}{\colortbl;\red255\green255\blue255;}"


def text_of(body):
    return readers.read(HEAD + body + b"}", "rtf").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"One\par\pard Two \b bold\b0 .", "One\n\nTwo bold."),
        (rb"caf\'e9 \u8364?5 {\uc2\u1046ab}", "café €5 Ж"),
        (rb"{\f1 \'cc\'e8\'f0} and \'e9", "Мир and é"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"\ldblquote Yes\rdblquote\emdash it\rquote s\line so\~far", "“Yes”—it’s\nso\u00a0far"),
        (rb"Town\cell Ships\cell\row Vik\cell 12\cell\row", "Town | Ships\n\nVik | 12"),
        (rb"{\*\unknown junk}{\info{\title junk}}{\header junk}{\pict\bin2 }}}Text\{\}", "Text{}"),
        (rb"A{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} B", "Alink B"),
        (rb"{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt Boxed.\par}}Around.", "Boxed.\n\nAround."),
        (rb"Agreed.{\footnote \pard Minutes, p. 4.\par Seen.} Then.", "Agreed. Then.\n\nMinutes, p. 4.\n\nSeen."),
        (rb"{\f1 \u1046 \'c6}x", "Жx"),
        (rb"{\listtext\pard\plain 1.\tab}First.\par{\listtext\pard\plain 2.\tab}Second.", "First.\n\nSecond."),
    ],
)
def test_what_it_shows_is_read(body, text):
    assert text_of(body) == text


@pytest.mark.parametrize(
    ("body", "how"),
    [
        (rb"One {\v zebra} two.", "in hidden letters"),
        (rb"One \v zebra\v0  two.", "in hidden letters"),
        (rb"One{\cf1 zebra}two.", "in white letters"),
        (rb"One {\fs2 zebra} two.", "in letters too small to read"),
    ],
)
def test_hidden_words_are_told_and_no_text(body, how):
    reading = readers.read(HEAD + rb"First.\par " + body + b"}", "rtf")
    assert reading.text == "First.\n\nOne two."
    assert [note.message for note in reading.notes] == [f"1 word {how}, not part of the text, first in paragraph 2"]


def test_white_letters_on_color_are_seen():
    assert text_of(rb"{\highlight2\cf1 Seen.}") == "Seen."


def test_deletions_and_comments_are_told():
    reading = readers.read(HEAD + rb"Kept{\deleted lost words}.{\*\atnid AB}{\*\annotation Really?}}", "rtf")
    assert reading.text == "Kept."
    assert [(note.kind, note.message, note.text) for note in reading.notes] == [
        ("review", "1 word in comments, not part of the text", "Really?"),
        ("review", "2 words deleted under review, not part of the text", "lost words"),
    ]


def test_groups_without_end_are_a_problem():
    with pytest.raises(Unreadable, match="rtf nested too deeply"):
        text_of(b"{" * 1000)


@given(st.binary(max_size=60))
def test_no_bytes_break_it(data):
    read_rtf(HEAD + data)
