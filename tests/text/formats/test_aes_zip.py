"""Zip archives encrypted by AES, made by pyzipper 0.4; tests/text/test_passwords.py reads others in folders."""

import base64

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text import readers

TEXT = "The old mill burned down in the spring of that year, and nobody saw it."
# With a key of 256 bits, and packed before.
LOCKED = base64.b64decode(
    "UEsDBBQAAQBjADYZgV0AAAAAXQAAAEcAAAAIAAsAbWlsbC50eHQBmQcAAgBBRQMIAGMKVZ3ckqHrwyPZNSD0v9ZbYxULH1LdogXA"
    "HnpULN3RQzfjreDE+VvNsNSTsJR7Bst60txfystb4XzEMivEM5K9O4waauOk90GT8ZvjOygCQ79oaiaKkBD7Qahbx1BLAQIUAxQA"
    "AQBjADYZgV0AAAAAXQAAAEcAAAAIAAsAAAAAAAAAAACAAQAAAABtaWxsLnR4dAGZBwACAEFFAwgAUEsFBgAAAAABAAEAQQAAAI4A"
    "AAAAAA=="
)


def test_one_of_the_passwords_opens_it():
    reading = readers.read(LOCKED, "zip", passwords=["amber", "kestrel"])
    assert (reading.text, reading.places[0].name) == (TEXT, "mill.txt")


@pytest.mark.parametrize(
    ("passwords", "problem"),
    [([], "password needed; save it without one"), (["amber"], "none that is given for it opens it")],
)
def test_without_the_right_one_it_is_told(passwords, problem):
    with pytest.raises(Unreadable, match=problem):
        readers.read(LOCKED, "zip", passwords=passwords)


def test_one_changed_byte_is_not_read():
    changed = bytearray(LOCKED)
    changed[90] ^= 1
    with pytest.raises(Unreadable, match="none that is given for it opens it"):
        readers.read(bytes(changed), "zip", passwords=["kestrel"])


def test_an_archive_that_does_not_say_how_it_is_encrypted_is_told():
    with pytest.raises(Unreadable, match="broken zip"):
        readers.read(LOCKED.replace(b"\x01\x99\x07\x00", b"\x02\x99\x07\x00"), "zip", passwords=["kestrel"])
