"""What lies in a folder of documents, each file under a name that can be printed; nothing of it is opened here."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from siamese_text.errors import MissingInput, Unreadable
from siamese_text.text.submission import LITTER, printable

_Inode = tuple[int, int]  # what names a file or a folder, whatever path leads to it
_REPORT = {"report.html", "report.json", "skipped.csv"}  # a folder with these is a report of an earlier run


class File(Protocol):
    """A file that was found, on a disk or in an archive."""

    @property
    def name(self) -> str:
        """The name of its document: its path in the folder."""

    @property
    def suffix(self) -> str:
        """How its name ends, with the dot."""

    def size(self) -> int:
        """Return its size in bytes, without opening it.

        Raises:
            Unreadable: It is nothing that should be opened.
            OSError: It cannot be looked at.
        """

    def content(self) -> bytes:
        """Return its bytes.

        Raises:
            Unreadable: They are not whole.
            OSError: It cannot be opened.
        """

    def modified(self) -> str:
        """Return when it was last changed, to the second."""


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file on a disk.

    Attributes:
        name: The name of its document.
        path: Where it is.
        follow: Whether it is read where it is a symbolic link.
        problem: Why it is not to be read though it could be.
        remedy: What to do about a symbolic link that is not followed.
    """

    name: str
    path: Path
    follow: bool = False
    problem: str = ""
    remedy: str = "put the file itself in its place"

    @property
    def suffix(self) -> str:
        """How its name ends, with the dot."""
        return self.path.suffix

    def size(self) -> int:
        """Return its size, having looked at all that can be known of it without opening it; as in ``File``."""
        if self.problem:
            raise Unreadable(self.problem)
        status = self.path.stat() if self.follow else self.path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise Unreadable(f"a symbolic link is not followed; {self.remedy}")
        if stat.S_ISDIR(status.st_mode):
            os.scandir(self.path).close()  # raises what kept it from being listed
            raise Unreadable("a folder, not a file; read it as a folder")
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file; replace it by one")
        return status.st_size

    def content(self) -> bytes:
        """Return its bytes; as in ``File``."""
        return self.path.read_bytes()

    def modified(self) -> str:
        """Return when it was last changed as the file system says, in UTC; copying may change it."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC).isoformat(timespec="seconds")


def list_files(folder: Path) -> list[tuple[str, Path]]:
    """List what ``read_folder`` would read of a folder, so that the files can be read one after the other.

    Args:
        folder: Where to look, with all its subfolders.

    Returns:
        For each file its name, which is its path relative to ``folder``, and its path; sorted by name.

    Raises:
        MissingInput: The folder does not exist, is no folder or may not be listed.
    """
    return [(file.name, file.path) for file in files_on_disk(folder)]


def files_on_disk(folder: Path, *, follow: bool = False, remedy: str = "") -> list[DiskFile]:
    """List the files of a folder.

    Args:
        folder: Where to look, with all its subfolders.
        follow: Whether symbolic links are followed. What they lead to is read once, also where they lead in a circle.
        remedy: What to do about a symbolic link that is not followed, for its message.

    Returns:
        The files, and the folders that may not be listed; sorted by name.

    Raises:
        MissingInput: As ``list_files``.
    """
    if not folder.exists():
        raise MissingInput(f"{folder} was not found; give a folder of documents")
    if not folder.is_dir():
        raise MissingInput(f"{folder} is not a folder; give the folder that holds it")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise MissingInput(f"{folder} may not be listed (permission denied); give a folder that you can read")
    problems = dict(_followed(folder) if follow else ((path, "") for path, _ in _walk(folder, folder)))
    paths = list(problems)
    names = printable_names([path.relative_to(folder).as_posix() for path in paths])
    given = {"remedy": remedy} if remedy else {}
    files = [DiskFile(name, path, follow, problems[path], **given) for name, path in zip(names, paths, strict=True)]
    return sorted(files, key=lambda file: file.name)


def printable_names(names: Iterable[str]) -> list[str]:
    """Give each name a form that can be printed; where two would print alike, their backslashes are doubled."""
    names = list(names)
    printed = Counter(map(printable, names))
    return [printable(name.replace("\\", "\\\\") if printed[printable(name)] > 1 else name) for name in names]


def holds_report(names: Iterable[str]) -> bool:
    """Tell by the names in it whether a folder is a report of an earlier run."""
    return _REPORT.issubset(names)


def _walk(start: Path, top: Path, known: dict[_Inode, Path] | None = None) -> Iterator[tuple[Path, bool]]:
    """Yield everything that is not a folder, and the folders that may not be listed; and whether it is a link.

    What is in ``known`` is not entered again, and what is found is put there, but for symbolic links.
    """
    waiting = [start]
    while waiting:
        here = waiting.pop()
        try:
            if known is not None and known.setdefault(_inode(here.stat()), here) != here:
                continue
            entries = [entry for entry in os.scandir(here) if not LITTER.match(entry.name)]
            folders = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        except OSError:
            yield here, False
            continue
        if here != top and holds_report(entry.name for entry in entries):
            continue
        for entry in entries:
            path = here / entry.name
            if entry.name in folders:
                waiting.append(path)
                continue
            is_link = entry.is_symlink()
            if known is not None and not is_link:
                known.setdefault(_inode(entry.stat(follow_symlinks=False)), path)
            yield path, is_link


def _followed(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the same with what symbolic links lead to, and for each path what keeps it from being read.

    A folder is entered once, whatever leads to it, so that no circle is without an end; and links wait until all else
    was found, so that what has a name of its own is read under that.
    """
    known: dict[_Inode, Path] = {}
    waiting = [folder]
    while waiting:
        here = waiting.pop(0)
        try:
            status = here.stat()
        except OSError as error:
            yield here, f"a symbolic link to what cannot be read ({error.strerror}); put the file itself in its place"
            continue
        if seen := known.get(_inode(status)):
            name = "the folder itself" if seen == folder else printable(seen.relative_to(folder).as_posix())
            yield here, f"a symbolic link to what is read already ({name}); nothing is missing"
        elif stat.S_ISDIR(status.st_mode):
            found = dict(_walk(here, folder, known))
            yield from ((path, "") for path, is_link in found.items() if not is_link)
            waiting = sorted([*waiting, *(path for path, is_link in found.items() if is_link)])
        else:
            known[_inode(status)] = here
            yield here, ""


def _inode(status: os.stat_result) -> _Inode:
    return status.st_dev, status.st_ino
