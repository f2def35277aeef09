import codecs
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import Unreadable
from siamese_text.records import Span
from siamese_text.text.decoding import decode, encoding_notes

RUSSIAN = "Сегодня хорошая погода, и мы пошли гулять в парк у реки."
FRENCH = "Le café était fermé, mais l'élève a déjà mangé. Où êtes-vous allés hier ?"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_decides_and_is_dropped(mark: bytes, encoding: str) -> None:
    assert decode(mark + FRENCH.encode(encoding))[0] == FRENCH


def test_utf8_comes_before_any_guess() -> None:
    assert decode(RUSSIAN.encode()) == (RUSSIAN, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised(encoding: str) -> None:
    text = "It was saved by an old editor."
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "latin-1"),
        ("He said “this is fine” – and it’s not a café.", "cp1252"),
        ("Die Straße führt über die Brücke. Schöne Grüße aus München.", "latin-1"),
        ("El niño comió una manzana en la mañana. ¿Dónde está la estación?", "cp1252"),
        ("Zażółć gęślą jaźń. Wczoraj byliśmy w Łodzi, a jutro jedziemy nad morze.", "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        ("Η γάτα κάθεται στο χαλί και κοιτάζει τον σκύλο.", "cp1253"),
        ("今日は天気がいいので、公園に行きました。とても楽しかったです。", "shift_jis"),
    ],
)
def test_older_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


def test_declared_encoding_is_believed_where_the_bytes_are_not_utf8() -> None:
    assert decode("déjà".encode("cp1252"), declared="cp1252") == ("déjà", "cp1252")
    assert decode("déjà".encode(), declared="cp1252") == ("déjà", "utf-8")
    assert decode(FRENCH.encode("cp1252"), declared="no-such-encoding")[0] == FRENCH


def test_line_ends_become_newlines() -> None:
    assert decode(b"one\r\ntwo\rthree\n")[0] == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    "data",
    [
        random.Random(1).randbytes(2000),
        b"\xff\xfe" + random.Random(2).randbytes(600),
        b"\xff\xfe\x00\x81\x12\x93\xaa\xbb" * 30,
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00>\x00" * 20,
        b"plain words\x00and a zero byte",
        codecs.BOM_UTF8 + b"caf\xe9 \x81\x8d " * 3,
    ],
)
def test_noise_is_not_taken_for_text(data: bytes) -> None:
    with pytest.raises(Unreadable, match="no text in any known encoding; save it as UTF-8"):
        decode(data)


def test_single_control_character_does_not_make_text_unreadable() -> None:
    assert decode(b"The end.\x1a")[0] == "The end.\x1a"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), max_size=40))
def test_any_text_survives_utf8(text: str) -> None:
    assert decode(text.encode("utf-8-sig"))[0] == text


def test_a_stray_byte_does_not_change_the_encoding() -> None:
    data = "Größe, Straße, Übermut und Ärger über die Möwen.".encode()
    text, encoding = decode(data[:20] + b"\x92" + data[20:])
    assert encoding == "utf-8"
    assert text.replace("\ufffd", "") == data.decode()
    [note] = encoding_notes(text, encoding)
    assert note.message == "1 letter could not be decoded (\ufffd); save it as UTF-8"
    assert note.spans == (Span(text.index("\ufffd"), text.index("\ufffd") + 1),)


@pytest.mark.parametrize(
    ("encoding", "declared", "guessed"),
    [("utf-8", None, False), ("utf-16", None, False), ("cp1250", "cp1250", False), ("cp1250", None, True)],
)
def test_a_guess_is_told(encoding: str, declared: str | None, guessed: bool) -> None:
    assert bool(encoding_notes("text", encoding, declared=declared)) == guessed


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        *((encoding, "Книга и мёд") for encoding in ("cp1251", "koi8-r", "utf-16-le", "utf-7")),
        *((encoding, "日本語の本") for encoding in ("shift_jis", "iso2022_jp")),
        ("gb18030", "中文的书"),
        ("cp037", "Cafe"),
    ],
)
def test_a_named_encoding_is_believed(encoding, said):
    assert decode(said.encode(encoding), given=encoding) == (said, encoding)
    assert encoding_notes(said, encoding, given=encoding) == []


def test_a_named_encoding_gives_way_to_what_the_bytes_show_beyond_doubt():
    assert decode("мёд".encode(), given="cp1251") == ("мёд", "utf-8")
    assert decode("мёд".encode("utf-16"), given="cp1251") == ("мёд", "utf-16")
    assert decode(b"plain", given="utf-16") == ("plain", "utf-8")
    assert encoding_notes("мёд", "utf-16", given="utf-16-le") == []
    [note] = encoding_notes("мёд", "utf-8", given="cp1251")
    assert note.message == "it is not in cp1251, as was said: read as utf-8; look whether it is right"


def test_few_bytes_that_a_named_encoding_does_not_know_are_told():
    text, encoding = decode("Где мёд, там мухи.".encode("cp1251") + b"\x98", given="cp1251")
    assert (text, encoding) == ("Где мёд, там мухи.\ufffd", "cp1251")
    assert [note.message for note in encoding_notes(text, encoding, given="cp1251")] == [
        "1 letter could not be decoded (\ufffd); save it as UTF-8"
    ]
