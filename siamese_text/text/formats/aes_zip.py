"""Files of zip archives that are encrypted by AES, in the way of WinZip, which Python's ``zipfile`` does not know."""

from __future__ import annotations

import copy
import hashlib
import hmac
import struct
import zipfile
import zlib

_FIELD = 0x9901  # the extra field that says how long the key is, and how the file was packed before
_ROUNDS, _CHECK, _SEAL = 1000, 2, 10  # of the key; bytes that check a password, and that seal a file
_BLOCK = 16


def unpacked_aes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: bytes) -> bytes | None:
    """Decrypt a file of an archive and unpack it, as WinZip's "AES Encryption Information" (AE-1, AE-2) says.

    Args:
        archive: The archive.
        entry: A file of it.
        password: What to try.

    Returns:
        The file; None where the password does not open it.

    Raises:
        NotImplementedError: It was packed or encrypted in a way that is not known.
        zipfile.BadZipFile: The archive is damaged, as is ``zlib.error``.
    """
    strength, packing = _described(entry)
    length = 8 * (strength + 1)
    data = _raw(archive, entry)
    salt, data = data[: length // 2], data[length // 2 :]
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, _ROUNDS, 2 * length + _CHECK)
    check, data, seal = data[:_CHECK], data[_CHECK:-_SEAL], data[-_SEAL:]
    if keys[2 * length :] != check:
        return None
    if not hmac.compare_digest(hmac.digest(keys[length : 2 * length], data, "sha1")[:_SEAL], seal):
        return None  # a damaged file, or the one in 65,536 wrong passwords that passes the first check
    plain = _decrypted(data, keys[:length])
    if packing == zipfile.ZIP_STORED:
        return plain
    if packing != zipfile.ZIP_DEFLATED:
        raise NotImplementedError("packed in a way that is not known")
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(plain, entry.file_size + 1)


def _described(entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Return the strength of the key (1, 2 or 3) and how the file was packed before it was encrypted."""
    extra = entry.extra
    while len(extra) >= 4:
        field, size = struct.unpack_from("<HH", extra)
        if field == _FIELD and size >= 7 and len(extra) >= 11:
            _, _, strength, packing = struct.unpack_from("<H2sBH", extra, 4)
            if strength in {1, 2, 3}:
                return strength, packing
        extra = extra[4 + size :]
    raise NotImplementedError("encrypted in a way that is not known")


def _raw(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a file as they stand in the archive: read as one that is neither packed nor encrypted."""
    stored = copy.copy(entry)
    stored.compress_type, stored.flag_bits = zipfile.ZIP_STORED, entry.flag_bits & ~1
    stored.file_size, stored.CRC = entry.compress_size, None  # type: ignore[assignment]
    return archive.read(stored)


def _decrypted(data: bytes, key: bytes) -> bytes:
    """Undo AES in counter mode; the counter starts at one and is little-endian, which no library offers."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counters = b"".join(number.to_bytes(_BLOCK, "little") for number in range(1, 2 + len(data) // _BLOCK))
    stream = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(counters)[: len(data)]
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")
