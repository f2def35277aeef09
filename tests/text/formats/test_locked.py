"""Office documents under a password; tests/text/test_passwords.py reads them in folders."""

from siamese_text.text.formats.locked import is_locked

OLE = b"\xd0\xcf\x11\xe0"


def test_an_old_office_document_is_not_taken_for_one_under_a_password():
    assert is_locked(OLE + bytes(60) + "EncryptedPackage".encode("utf-16-le"))
    assert not is_locked(OLE + bytes(60) + "WordDocument".encode("utf-16-le"))
    assert not is_locked(b"EncryptedPackage")
