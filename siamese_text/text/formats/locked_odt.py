"""OpenDocument texts under a password: each part is encrypted by itself, in the way that the manifest names."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.text.formats.archive import MAX_EXPANDED, Archive, parse_xml
from siamese_text.text.passwords import password_needed

_NAME = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_MANIFEST = f"{{{_NAME}}}"
# What OpenDocument 1.2 and 1.3 are written with; older programs wrote Blowfish, and the newest may write Argon2.
_KNOWN = {
    ("encryption-data", "checksum-type"): f"{_NAME}#sha256-1k",
    ("algorithm", "algorithm-name"): "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    ("start-key-generation", "start-key-generation-name"): "http://www.w3.org/2000/09/xmldsig#sha256",
    ("key-derivation", "key-derivation-name"): "PBKDF2",
}
_CHECKED = 1024  # bytes of a packed part that its checksum is of


def locked_parts(archive: Archive) -> dict[str, Any]:
    """Return what the manifest says of each part that is encrypted, by the name of the part."""
    manifest = archive.read("META-INF/manifest.xml") or b""
    found = parse_xml(manifest).iter(f"{_MANIFEST}encryption-data") if b"encryption-data" in manifest else ()
    return {data.getparent().get(f"{_MANIFEST}full-path"): data.getparent() for data in found}


def unlocked_part(data: bytes, entry: Any, passwords: Sequence[str]) -> bytes:
    """Decrypt a part and unpack it, as OpenDocument 1.3, part 2, section 3.4 says.

    Args:
        data: The part as it is in the archive.
        entry: What the manifest says of it.
        passwords: What to try.

    Raises:
        Unreadable: None of the passwords opens it, it is encrypted in another way, or expands beyond all measure.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    said = {element.tag.removeprefix(_MANIFEST): element for element in entry.iter()}
    for (element, name), known in _KNOWN.items():
        value = said[element].get(_MANIFEST + name) if element in said else None
        if value != known:
            raise Unreadable(f"encrypted in a way that is not read ({value}); save it without a password")
    salt, start, checksum = (
        base64.b64decode(said[element].get(_MANIFEST + name))
        for element, name in (
            ("key-derivation", "salt"),
            ("algorithm", "initialisation-vector"),
            ("encryption-data", "checksum"),
        )
    )
    rounds = int(said["key-derivation"].get(f"{_MANIFEST}iteration-count"))
    for password in passwords:
        key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(password.encode()).digest(), salt, rounds, 32)
        opened = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
        plain = opened.update(data) + opened.finalize()
        packed = plain[: len(plain) - plain[-1]]  # the last byte says how many fill the last block
        if hashlib.sha256(packed[:_CHECKED]).digest() == checksum:
            return _inflated(packed)
    raise password_needed(tried=bool(passwords))


def _inflated(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    part = unpacking.decompress(packed, MAX_EXPANDED)
    if unpacking.unconsumed_tail:
        raise Unreadable(f"expands to more than {MAX_EXPANDED / 1e6:.0f} MB; save it as txt")
    return part
