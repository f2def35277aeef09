"""Folders become documents: each file is read, or named with the reason why it was not."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import groupby
from pathlib import Path

from siamese_text.errors import MissingInput, Unreadable
from siamese_text.records import Document
from siamese_text.text.readers import Reader, check_contents, find_reader, listed_formats, read
from siamese_text.text.reading import Draft, Reading
from siamese_text.text.submission import LITTER, joined, printable
from siamese_text.text.workers import Workers

MAX_BYTES = 50_000_000
_AT_ONCE = min(4, os.cpu_count() or 1)  # files; more processes would mostly wait for the disk
_REPORT = ("report.html", "report.json", "skipped.csv")  # a folder with these is a report of an earlier run


def read_folder(folder: Path, *, submissions: bool = False, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Read every file under a folder, sorted by name.

    Hidden files and folders (their names begin with a dot), what systems leave there (``Thumbs.db``, the lock files of
    office programs) and reports of this program are left out. Whatever else is found is returned: what could not be
    read has its ``problem`` set.

    Args:
        folder: Where to look, with all its subfolders.
        submissions: Whether each subfolder holds the files of one person, as learning platforms export them: they
            become one document, named as the subfolder is, with the files as its places.
        max_bytes: The size in bytes above which a file is not read.

    Returns:
        One document a file, named by its path relative to ``folder``.

    Raises:
        MissingInput: The folder does not exist, is no folder or may not be listed.
    """
    files = list_files(folder)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        documents = list(threads.map(lambda file: _document(file[1], file[0], max_bytes), files))
    return _by_subfolder(documents) if submissions else documents


def list_files(folder: Path) -> list[tuple[str, Path]]:
    """List what ``read_folder`` would read, so that the files can be read one after the other.

    Args:
        folder: Where to look, with all its subfolders.

    Returns:
        For each file its name, which is its path relative to ``folder``, and its path; sorted by name.

    Raises:
        MissingInput: The folder does not exist, is no folder or may not be listed.
    """
    if not folder.exists():
        raise MissingInput(f"{folder} was not found; give a folder of documents")
    if not folder.is_dir():
        remedy = "unpack it and give" if folder.suffix.lower() == ".zip" else "give"
        raise MissingInput(f"{folder} is not a folder; {remedy} the folder that holds it")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise MissingInput(f"{folder} may not be listed (permission denied); give a folder that you can read")
    return _named({path: path.relative_to(folder).as_posix() for path in _walk(folder)})


def read_file(path: Path, *, name: str | None = None, max_bytes: int = MAX_BYTES) -> Document:
    """Read one file; whatever is wrong with what it holds becomes the document's ``problem``.

    Args:
        path: A file in one of the formats of ``text.readers``.
        name: The name of the document; the file's own by default.
        max_bytes: The size in bytes above which it is not read.

    Returns:
        The document, with either a text that is not blank or a problem of one line.

    Raises:
        MissingInput: Nothing is at ``path``.
    """
    if not os.path.lexists(path):
        raise MissingInput(f"{path} was not found; give a file of text")
    return _document(path, printable(path.name) if name is None else name, max_bytes)


def _document(path: Path, name: str, max_bytes: int) -> Document:
    reader = find_reader(path.suffix)
    format_ = reader.name if reader else path.suffix.lower().removeprefix(".")
    try:
        reading = _reading(_bytes_of(path, max_bytes), reader)
    except Unreadable as problem:
        return Document(name, format=format_, problem=str(problem))
    except OSError as error:
        remedy = "check the file and its permissions"
        if error.errno == errno.ENAMETOOLONG:
            remedy = "it lies too deep in folders, move it nearer to the top"
        return Document(name, format=format_, problem=f"{error.strerror or error}; {remedy}")
    return _of_reading(name, reading, format_)


def _by_subfolder(documents: Sequence[Document]) -> list[Document]:
    """Join the files of each subfolder to one document; a file beside the subfolders stays one."""
    found: list[Document] = []
    for folder, files in groupby(documents, key=lambda document: document.name.partition("/")[0]):
        members = list(files)
        if len(members) == 1 and members[0].name == folder:
            found += members
            continue
        draft, problems = Draft(), list[str]()
        for one in members:
            name = one.name.partition("/")[2]
            if one.problem:
                problems.append(f"{name}: {one.problem}")
            else:
                draft.insert(Reading(one.text, one.places, one.headings, one.notes), place=name)
        try:
            found.append(_of_reading(folder, joined(draft, problems), "folder"))
        except Unreadable as problem:
            found.append(Document(folder, format="folder", problem=str(problem)))
    return found


def _of_reading(name: str, reading: Reading, format_: str) -> Document:
    return Document(name, reading.text, format_, None, reading.places, reading.headings, reading.notes)


def _reading(data: bytes, reader: Reader | None) -> Reading:
    if reader is None:
        raise Unreadable(f"a format that is not supported; convert it to {listed_formats(' or')}")
    check_contents(data, reader)  # here, because workers know only the formats of the package
    return _workers().read(data, reader.name) if reader.isolated else read(data, reader.name)


@cache
def _workers() -> Workers:
    """Return the pool of this process, whose workers one call of ``read_folder`` leaves to the next."""
    return Workers()


def _named(paths: Mapping[Path, str]) -> list[tuple[str, Path]]:
    """Give each path a name that can be printed, sorted; where two would print alike, their backslashes are doubled."""
    printed = Counter(map(printable, paths.values()))
    names = {
        path: printable(name.replace("\\", "\\\\") if printed[printable(name)] > 1 else name)
        for path, name in paths.items()
    }
    return sorted((name, path) for path, name in names.items())


def _walk(folder: Path) -> Iterator[Path]:
    """Yield everything that is not a folder, and the folders that may not be listed; however deep they lie."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = [entry for entry in os.scandir(here) if not LITTER.match(entry.name)]
            folders = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        except OSError:
            yield here
            continue
        if here != folder and {entry.name for entry in entries}.issuperset(_REPORT):
            continue
        for entry in entries:
            path = here / entry.name
            if entry.name in folders:
                waiting.append(path)
            else:
                yield path


def _bytes_of(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a file that can be read, having looked at all that can be known without opening it."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise Unreadable("a symbolic link is not followed; put the file itself in its place")
    if stat.S_ISDIR(status.st_mode):
        os.scandir(path).close()  # raises what kept it from being listed
        raise Unreadable("a folder, not a file; read it as a folder")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("not a regular file; replace it by one")
    if find_reader(path.suffix) is None:
        kind = f"format {path.suffix.lower()}" if path.suffix else "a file without a suffix"
        raise Unreadable(f"{kind} is not supported; convert it to {listed_formats(' or')}")
    if status.st_size > max_bytes:
        size, limit = status.st_size / 1e6, max_bytes / 1e6
        raise Unreadable(f"too large ({size:.1f} MB, at most {limit:.1f} MB are read); split it")
    return path.read_bytes()
