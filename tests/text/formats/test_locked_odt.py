"""OpenDocument texts under a password, encrypted here as the standard says and LibreOffice does."""

import base64
import hashlib
import zlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from siamese_text.errors import Unreadable
from siamese_text.text import readers
from siamese_text.text.formats import locked_odt
from tests.text.formats.test_archive import packed
from tests.text.formats.test_odt import NAMES

AES = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
SALT, START = bytes(range(16)), bytes(range(16, 32))


def locked(password, *, algorithm=AES, text="Amber."):
    """Make an odt of one paragraph whose only part is encrypted."""
    body = f"<office:body><office:text><text:p>{text}</text:p></office:text></office:body>"
    packing = zlib.compressobj(wbits=-15)
    plain = packing.compress(f"<office:document-content {NAMES}>{body}</office:document-content>".encode())
    plain += packing.flush()
    key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(password.encode()).digest(), SALT, 1000, 32)
    missing = 16 - len(plain) % 16
    closing = Cipher(algorithms.AES(key), modes.CBC(START)).encryptor()
    salt, start, checksum = (
        base64.b64encode(one).decode() for one in (SALT, START, hashlib.sha256(plain[:1024]).digest())
    )
    manifest = (
        f'<m:manifest xmlns:m="{MANIFEST}"><m:file-entry m:full-path="content.xml">'
        f'<m:encryption-data m:checksum-type="{MANIFEST}#sha256-1k" m:checksum="{checksum}">'
        f'<m:algorithm m:algorithm-name="{algorithm}" m:initialisation-vector="{start}"/>'
        '<m:start-key-generation m:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256"/>'
        f'<m:key-derivation m:key-derivation-name="PBKDF2" m:iteration-count="1000" m:salt="{salt}"/>'
        "</m:encryption-data></m:file-entry></m:manifest>"
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": closing.update(plain + bytes([missing]) * missing),
            "META-INF/manifest.xml": manifest,
        }
    )


def test_one_of_the_passwords_opens_it():
    assert readers.read(locked("naïve kestrel"), "odt", passwords=["amber", "naïve kestrel"]).text == "Amber."


@pytest.mark.parametrize(
    ("passwords", "algorithm", "problem"),
    [
        ([], AES, "password needed; save it without one"),
        (["amber"], AES, "password needed, and none that is given for it opens it"),
        (["kestrel"], "Blowfish CFB", r"encrypted in a way that is not read \(Blowfish CFB\)"),
    ],
)
def test_what_is_not_opened_is_told(passwords, algorithm, problem):
    with pytest.raises(Unreadable, match=problem):
        readers.read(locked("kestrel", algorithm=algorithm), "odt", passwords=passwords)


def test_a_part_that_expands_beyond_all_measure_is_a_problem(monkeypatch):
    monkeypatch.setattr(locked_odt, "MAX_EXPANDED", 1000)
    with pytest.raises(Unreadable, match="expands to more than"):
        readers.read(locked("kestrel", text="a" * 2000), "odt", passwords=["kestrel"])
