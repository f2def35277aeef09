"""What deceives a program and no reader: undone letter for letter, and told where it is no accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.records import Place, Span
from siamese_text.text import readable, undisguised, words
from siamese_text.text.disguise import disguise_notes, letters_apart
from siamese_text.text.reading import Reading

PLAIN = "A single paper shows how copied sentences appear in another place of the report."
CYRILLIC = str.maketrans("aeopc", "аеорс")
RUSSIAN = "Сегодня хорошая погода, и мы пошли гулять в парк у реки."
AWKWARD = st.text("ab xАaеоpВ\u03b1\u03bfн\u2800\u3164\u1160\u200b\u00ad.가Ꭺո", max_size=30)


def messages(text, *places):
    return [note.message for note in disguise_notes(Reading(text, places))]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (PLAIN.translate(CYRILLIC), PLAIN),
        ("ᎪrmeոiаnᏚ", "ArmenianS"),  # Cherokee and Armenian
        ("the\u2800quick\u3164brown", "the quick brown"),
        ("the сосоа cup", "the cocoa cup"),  # a word all of imitations, in a Latin text
        ("мope и мeсто у рeки", "море и место у реки"),  # Latin letters in Russian words
        ("\u03b1\u03b9\u03bd\u03bf\u03c2 και νους", "\u03b1\u03b9\u03bd\u03bf\u03c2 και νους"),
    ],
)
def test_imitations_become_what_they_imitate(text, plain):
    assert undisguised(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        RUSSIAN,
        "Η γάτα κάθεται στο χαλί και κοιτάζει τον σκύλο.",
        "Я купил iPhone, USB-кабель и SIM-карту.",
        "αSMA and αMHC bind αvβ3, 5 μm apart; Δx is the step and ρ the density.",
        "IPA writes it as /ˈfɑːðə/, /ɡəʊ/ and /ɪŋ/.",
        "Kızılırmak'ın kıyısında bir köy vardı; ırmağın sesi ılıktı.",
        "He said that хорошо means good, and сова means owl; како is a letter.",
        "한국어 문장과 ᄒᆞᆫ글 낱말",
        "می\u200cخواهم این کتاب\u200cها را بخوانم و می\u200cنویسم",
        "Zu\u00adsam\u00admen\u00adge\u00adsetz\u00adte Wör\u00adter tren\u00adnen sich.",
        "全角のＡＢＣと日本語の文章です。ＸＹＺ、ＴＯＫＹＯ。",
        "Dr. A. B. C. Smith and the U.S.A. got grades A B C D E.",
        "T A B L E   O F   C O N T E N T S",
        "👨\u200d👩\u200d👧 went home.",
    ],
)
def test_a_text_of_the_language_is_no_finding(text):
    assert messages(text) == []


def test_letters_of_another_script_are_counted_and_placed():
    text = f"First page.\n\n{PLAIN.translate(CYRILLIC)}"
    [note] = disguise_notes(Reading(text, (Place(0, "page 1"), Place(13, "page 2"))))
    letters = [at for at, letter in enumerate(text) if letter in "аеорс"]
    mixed = {word for word in text.split() if set(word) & set("аеорс")}
    assert note.kind == "disguise"
    assert note.spans == tuple(Span(at, at + 1) for at in letters)
    distinct = len({word.strip(".") for word in mixed})
    assert note.message == f"{len(letters)} letters of another script in {distinct} words, first on page 2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the\u2800quick\u2800brown\u2800fox", "3 signs in the shape of a blank, first in paragraph 1"),
        ("pa\u200bper co\u200cpy cop\u2060ied", "3 invisible characters inside words, first in paragraph 1"),
        (
            "p\u00adaper c\u00adopy cop\u00adied repor\u00adt",
            "3 invisible hyphens inside words that none divides, first in paragraph 1",
        ),
        ("𝐩𝐚𝐩𝐞𝐫 𝐜𝐨𝐩𝐲 ｔｅｘｔ", "3 words in full-width or mathematical letters, first in paragraph 1"),
        ("Yes." + "  c o p i e d  t e x t" * 3, "1 run of letters written one by one, first in paragraph 1"),
    ],
)
def test_each_kind_is_told(text, message):
    assert messages(text) == [message]


@pytest.mark.parametrize("text", ["one pаper", "a\u200bb and c\u200bd", "x\u2800y"])
def test_a_slip_is_undone_and_not_told(text):
    assert messages(text) == []


def test_letters_written_one_by_one_are_words():
    text = "It says: c o p i e d  t e x t\nh e r e, and so on."
    assert [word.form for word in words(text)] == ["it", "says", "copied", "text", "here", "and", "so", "on"]
    assert [text[word.span.start : word.span.end] for word in words(text)][2:4] == ["c o p i e d", "t e x t"]
    assert readable("c-o-p-i-e-d   t-e-x-t") == "copied text"
    assert letters_apart("c o p i e d t e x t") == []  # where one word ends nobody can tell


def test_copies_in_disguise_have_the_words_of_the_original():
    plain = [word.form for word in words(PLAIN)]
    for text in (
        PLAIN.translate(CYRILLIC),
        PLAIN.replace(" ", "\u2800"),
        PLAIN.replace("e", "e\u200b"),
        PLAIN.replace("e", "\u00ade"),
        "".join(chr(0xFEE0 + ord(letter)) if letter.isalpha() else letter for letter in PLAIN),
        "   ".join(" ".join(word) for word in PLAIN.rstrip(".").split()),
    ):
        assert [word.form for word in words(text)] == plain


@given(AWKWARD)
def test_what_is_undone_keeps_its_length(text):
    plain = undisguised(text)
    assert len(plain) == len(text)
    changed = {at for at, (one, other) in enumerate(zip(text, plain, strict=True)) if one != other}
    for note in disguise_notes(Reading(text)):
        assert all(0 <= span.start < span.end <= len(text) for span in note.spans)
        if "another script" in note.message:
            assert {span.start for span in note.spans} <= changed
