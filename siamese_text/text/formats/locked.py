"""Office documents under a password: Word and PowerPoint wrap the encrypted archive in an old office file."""

from __future__ import annotations

import io
from collections.abc import Sequence

from siamese_text.text.passwords import password_needed

_OLE = b"\xd0\xcf\x11\xe0"
_STREAM = "EncryptedPackage".encode("utf-16-le")


def is_locked(data: bytes) -> bool:
    """Tell whether bytes are those of an office document under a password, and not of an old one."""
    return data.startswith(_OLE) and _STREAM in data


def unlocked(data: bytes, passwords: Sequence[str]) -> bytes:
    """Decrypt an office document.

    Args:
        data: The whole file, which ``is_locked``.
        passwords: What to try.

    Returns:
        The document as it is without a password.

    Raises:
        Unreadable: None of the passwords opens it.
    """
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    for password in passwords:
        opened = io.BytesIO()
        try:
            office = OfficeFile(io.BytesIO(data))
            office.load_key(password=password, verify_password=True)
            office.decrypt(opened)
        except (DecryptionError, InvalidKeyError):
            continue
        return opened.getvalue()
    raise password_needed(tried=bool(passwords))
