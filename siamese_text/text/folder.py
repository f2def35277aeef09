"""Folders become documents: each file is read, or named with the reason why it was not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from siamese_text.errors import MissingInput, Unreadable
from siamese_text.records import Document
from siamese_text.text.readers import find_reader, listed_formats, read

MAX_BYTES = 50_000_000


def read_folder(folder: Path, *, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Read every file under a folder, sorted by name.

    Hidden files and folders (their names begin with a dot) are left out. Whatever else is found is returned:
    what could not be read has its ``problem`` set.

    Args:
        folder: Where to look, with all its subfolders.
        max_bytes: The size in bytes above which a file is not read.

    Returns:
        One document a file, named by its path relative to ``folder``.

    Raises:
        MissingInput: The folder does not exist, is no folder or may not be listed.
    """
    return [_document(path, name, max_bytes) for name, path in list_files(folder)]


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
        raise MissingInput(f"{folder} is not a folder; give the folder that holds it")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise MissingInput(f"{folder} may not be listed (permission denied); give a folder that you can read")
    return sorted((_printable(path.relative_to(folder).as_posix()), path) for path in _walk(folder))


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
    return _document(path, _printable(path.name) if name is None else name, max_bytes)


def _document(path: Path, name: str, max_bytes: int) -> Document:
    reader = find_reader(path.suffix)
    format_ = reader.name if reader else path.suffix.lower().removeprefix(".")
    try:
        return Document(name, read(_bytes_of(path, max_bytes), format_), format_)
    except Unreadable as problem:
        return Document(name, format=format_, problem=str(problem))
    except OSError as error:
        return Document(name, format=format_, problem=f"{error.strerror or error}; check the file and its permissions")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield everything that is not a folder, and the folders that may not be listed."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        yield folder
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
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


def _printable(name: str) -> str:
    """Escape what would break a line of output: control characters, and bytes of a name that are not UTF-8."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in name
    )
