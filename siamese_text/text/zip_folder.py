"""A zip archive that stands for a folder: its files are read one by one, and nothing is written to the disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from siamese_text.errors import BadData, MissingInput, Unreadable
from siamese_text.text.files import holds_report, printable_names
from siamese_text.text.formats.archive import check_lock, unpacked
from siamese_text.text.submission import LITTER

_MAX_ENTRIES = 50_000
_MAX_EXPANDED = 10_000_000_000  # bytes of all files together: they are read in turn, and this bounds the time
_MAX_RATIO, _UNSUSPECTED = 100, 10_000_000  # text of one letter packs well: below 10 MB no ratio says anything
_UTF8_NAME = 0x800  # a flag of an entry


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A file in an archive; as ``text.files.File``."""

    name: str
    suffix: str
    archive: zipfile.ZipFile
    entry: zipfile.ZipInfo
    passwords: tuple[str, ...] = field(default=(), repr=False)

    def size(self) -> int:
        """Return the size that the archive says; no more than that is ever unpacked."""
        entry = self.entry
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Unreadable("a symbolic link in an archive is not followed; pack the file itself")
        check_lock(entry, self.passwords)
        if entry.file_size > max(_UNSUSPECTED, _MAX_RATIO * entry.compress_size):
            size = entry.file_size / 1e6
            raise Unreadable(f"expands to {size:.0f} MB, more than {_MAX_RATIO} times its size; save it as txt")
        return entry.file_size

    def content(self) -> bytes:
        """Return its bytes; as in ``File``."""
        try:
            return unpacked(self.archive, self.entry, self.passwords)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
            raise Unreadable(f"damaged in its archive ({error}); pack it anew") from error

    def modified(self) -> str:
        """Return when it was last changed as the archive says, which names no time zone."""
        year, month, day, *time = self.entry.date_time
        return f"{year:04}-{month:02}-{day:02}T{time[0]:02}:{time[1]:02}:{time[2]:02}"


def is_zip_folder(path: Path) -> bool:
    """Tell by its name whether a file is an archive that may stand for a folder."""
    return path.suffix.lower() == ".zip" and path.is_file()


def files_in_zip(path: Path, *, submissions: bool = False, passwords: tuple[str, ...] = ()) -> list[ZippedFile]:
    """List the files of an archive as those of a folder.

    A folder that everything lies in is no part of the names. Names cannot lead out of the archive: ``..`` and what
    makes a path absolute are left out of them.

    Args:
        path: A zip archive.
        submissions: Whether each folder of it is what one person handed in: then such a folder that holds all files,
            and no other folder, stays.
        passwords: What to try where a file needs one.

    Returns:
        Its files without what systems leave there and without earlier reports; sorted by name.

    Raises:
        BadData: It is no zip archive, or unpacks beyond all measure.
        MissingInput: It may not be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise BadData(f"{path} is not a whole zip file, or a damaged one; pack it anew, or give the folder") from error
    except OSError as error:
        raise MissingInput(f"{path} cannot be read ({error.strerror}); give an archive that you can read") from error
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    expanded = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_ENTRIES or expanded > _MAX_EXPANDED:
        raise BadData(
            f"{path} holds {len(entries):,} files of {expanded / 1e6:,.0f} MB (at most {_MAX_ENTRIES:,} of "
            f"{_MAX_EXPANDED / 1e6:,.0f} MB are read); give the folder that was packed"
        )
    parts = [(entry, _parts(entry)) for entry in entries]
    parts = [(entry, names) for entry, names in parts if names and not any(map(LITTER.match, names))]
    parts = _without_reports(parts)
    outer = {names[0] if len(names) > 1 else "" for _, names in parts}
    nested = any(len(names) > 2 for _, names in parts)
    inner = 1 if len(outer) == 1 and outer != {""} and (nested or not submissions) else 0
    names = printable_names(_distinct(["/".join(names[inner:]) for _, names in parts]))
    files = [
        ZippedFile(name, PurePosixPath(full[-1]).suffix, archive, entry, passwords)
        for name, (entry, full) in zip(names, parts, strict=True)
    ]
    return sorted(files, key=lambda file: file.name)


def _parts(entry: zipfile.ZipInfo) -> list[str]:
    """Return the folders and the name of a file; programs that pack UTF-8 names without saying so are understood."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]


def _without_reports(parts: Sequence[tuple[zipfile.ZipInfo, list[str]]]) -> list[tuple[zipfile.ZipInfo, list[str]]]:
    """Leave out what lies in a report of an earlier run, or below one."""
    inside = defaultdict[tuple[str, ...], set[str]](set)
    for _, names in parts:
        inside[tuple(names[:-1])].add(names[-1])
    reports = {folder for folder, names in inside.items() if folder and holds_report(names)}
    return [one for one in parts if not any(tuple(one[1][:at]) in reports for at in range(1, len(one[1])))]


def _distinct(names: Sequence[str]) -> list[str]:
    """Number the names that an archive holds several times, which no folder can."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        number, unique = 1, name
        while unique in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique)
        distinct.append(unique)
    return distinct
