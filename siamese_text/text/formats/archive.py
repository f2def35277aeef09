"""Zip archives, which office documents and books are: looked through before anything of them is unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.text.formats.aes_zip import unpacked_aes
from siamese_text.text.passwords import password_needed

# Office documents seldom unpack to more than ten times their size; one that does would fill the memory.
MAX_EXPANDED = 100_000_000
_MAX_RATIO, _UNSUSPECTED = 100, 10_000_000  # text of one letter packs well: below 10 MB no ratio says anything
_MAX_ENTRIES = 10_000
# Word's "Strict Open XML Document" has the same elements under other names.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/presentationml/", b"http://schemas.openxmlformats.org/presentationml/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
_KINDS = {"application/epub+zip": "epub", "application/vnd.oasis.opendocument.text": "odt"}
_ENCRYPTED, _AES = 0x1, 99  # a flag of an entry, and a way of packing it
_MISSPELT = "not a whole {name} file, or a damaged one; open it and save it as {name}"


class Archive:
    """A zip archive in memory; its parts are read one by one.

    Args:
        data: The whole file.
        name: That of the format, for messages.
        passwords: What to try where it needs one.

    Raises:
        Unreadable: It is no zip archive, has a password, or expands beyond all measure.
    """

    def __init__(self, data: bytes, name: str, passwords: Sequence[str] = ()) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise Unreadable(_MISSPELT.format(name=name)) from error
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        expanded = sum(entry.file_size for entry in entries)
        bomb = expanded > MAX_EXPANDED or expanded > max(_UNSUSPECTED, _MAX_RATIO * len(data))
        if bomb or len(entries) > _MAX_ENTRIES:
            size, limit = expanded / 1e6, MAX_EXPANDED / 1e6
            raise Unreadable(
                f"expands to {size:.0f} MB in {len(entries)} parts (at most {limit:.0f} MB, {_MAX_RATIO} times its "
                "size, are read); save it as txt"
            )
        self._passwords = passwords
        for entry in [entry for entry in entries if entry.flag_bits & _ENCRYPTED][:1]:
            unpacked(self._zip, entry, passwords)  # where nothing opens it, this is said of the whole archive
        self._entries = {_key(entry.filename): entry for entry in entries}
        self.names = [entry.filename for entry in entries]

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a part, whatever the case of its name; None where there is no such part."""
        entry = self._entries.get(_key(name))
        return unpacked(self._zip, entry, self._passwords) if entry else None

    def xml(self, name: str) -> Any:
        """Return the root element of a part, or None; entities and whatever lies outside are not resolved."""
        data = self.read(name)
        return None if data is None else parse_xml(data)

    def related(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Yield the relations of a part of an Open XML document: identifier, kind, and the name of the other part.

        Relations to what lies outside, or is nowhere, are left out.
        """
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        for relation in root if root is not None else ():
            target = relation.get("Target") or ""
            name = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
            if relation.get("TargetMode") != "External" and _key(name) in self._entries:
                yield relation.get("Id") or "", (relation.get("Type") or "").rpartition("/")[2], name

    def parts(self, part: str, kind: str) -> list[str]:
        """List the parts that one has a relation of some kind to."""
        return [name for _, one, name in self.related(part) if one == kind]


def check_lock(entry: zipfile.ZipInfo, passwords: Sequence[str]) -> None:
    """Refuse an entry of an archive that no password can open, without trying any.

    Raises:
        Unreadable: It needs one and there is none.
    """
    if entry.flag_bits & _ENCRYPTED and not passwords:
        raise password_needed()


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, passwords: Sequence[str]) -> bytes:
    """Return the bytes of an entry of an archive.

    Raises:
        Unreadable: It needs a password, and none of these opens it.
        zipfile.BadZipFile: It is damaged, as are ``NotImplementedError``, ``EOFError`` and ``zlib.error``.
    """
    check_lock(entry, passwords)
    if not entry.flag_bits & _ENCRYPTED:
        return archive.read(entry)
    for password in passwords:
        try:
            if entry.compress_type != _AES:
                return archive.read(entry, pwd=password.encode())
            if (data := unpacked_aes(archive, entry, password.encode())) is not None:
                return data
        except NotImplementedError:  # a way of packing, not a password
            raise
        except (RuntimeError, zipfile.BadZipFile, EOFError, zlib.error):
            continue  # of 256 wrong passwords one passes the first check, and gives noise
    raise password_needed(tried=bool(passwords))


def parse_xml(data: bytes) -> Any:
    """Parse XML without resolving entities or fetching anything; the strict form of Open XML becomes the usual one."""
    from lxml import etree

    for strict, usual in _STRICT:
        data = data.replace(strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def archive_kind(data: bytes) -> str:
    """Name the format that a zip archive is of, such as ``docx``: ``zip`` for any other, nothing for a broken one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                kind = archive.open("mimetype").read(100).decode("latin-1").strip()
                return _KINDS.get(kind, kind)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return ""
    if any(name.lower() == "[content_types].xml" for name in names):
        folders = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}
        return next((kind for folder, kind in folders.items() if any(n.startswith(f"{folder}/") for n in names)), "zip")
    return "epub" if "META-INF/container.xml" in names else "zip"


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
