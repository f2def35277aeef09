"""Folders become documents: each file is read, or named with the reason why it was not."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import groupby
from pathlib import Path

from siamese_text.errors import MissingInput, Unreadable
from siamese_text.protocols import Progress
from siamese_text.records import Document
from siamese_text.text.decoding import known_encoding
from siamese_text.text.files import DiskFile, File, files_on_disk
from siamese_text.text.passwords import Passwords
from siamese_text.text.readers import Reader, check_contents, find_reader, listed_formats, read
from siamese_text.text.reading import Draft, Reading
from siamese_text.text.submission import joined, printable
from siamese_text.text.workers import Workers
from siamese_text.text.zip_folder import files_in_zip, is_zip_folder

MAX_BYTES = 50_000_000
_TOO_LARGE = "split it, or allow more (--max-mb)"
_AT_ONCE = min(4, os.cpu_count() or 1)  # files; more processes would mostly wait for the disk


def read_folder(
    folder: Path,
    *,
    submissions: bool = False,
    encoding: str | None = None,
    follow: bool = False,
    max_bytes: int = MAX_BYTES,
    passwords: Passwords | None = None,
    progress: Progress | None = None,
) -> list[Document]:
    """Read every file under a folder, sorted by name.

    Hidden files and folders (their names begin with a dot), what systems leave there (``Thumbs.db``, the lock files of
    office programs) and reports of this program are left out. Whatever else is found is returned: what could not be
    read has its ``problem`` set.

    Args:
        folder: Where to look, with all its subfolders; or a zip archive of such a folder.
        submissions: Whether each subfolder holds the files of one person, as learning platforms export them: they
            become one document, named as the subfolder is, with the files as its places.
        encoding: That of text files which do not show theirs; it is guessed by default.
        follow: Whether symbolic links are followed. What they lead to is read once, also where they lead in a circle.
        max_bytes: The size in bytes above which a file is not read.
        passwords: What to try where a file, or the archive, needs a password.
        progress: Called with the number of files read and to read.

    Returns:
        One document a file, named by its path relative to ``folder``.

    Raises:
        MissingInput: The folder does not exist, is no folder or may not be listed.
        BadData: It is a damaged archive, or one that unpacks beyond all measure.
        UsageError: Python knows no such encoding.
    """
    encoding = encoding and known_encoding(encoding)
    passwords = passwords or Passwords([])
    files = files_of(folder, submissions=submissions, follow=follow, passwords=passwords)
    documents = []

    def read_one(file: File) -> Document:
        return _document(file, max_bytes, encoding, _TOO_LARGE, passwords.of(file.name))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for document in threads.map(read_one, files):
            documents.append(document)
            if progress:
                progress(len(documents), len(files))
    return _by_subfolder(documents) if submissions else documents


def files_of(
    folder: Path, *, submissions: bool = False, follow: bool = False, passwords: Passwords | None = None
) -> Sequence[File]:
    """List what ``read_folder`` reads, and raise what it does."""
    if is_zip_folder(folder):
        keys = passwords.of(folder.name) if passwords else ()
        return files_in_zip(folder, submissions=submissions, passwords=keys)
    return files_on_disk(folder, follow=follow, remedy="give --follow, or put the file itself in its place")


def read_file(
    path: Path,
    *,
    name: str | None = None,
    encoding: str | None = None,
    max_bytes: int = MAX_BYTES,
    passwords: Passwords | None = None,
) -> Document:
    """Read one file; whatever is wrong with what it holds becomes the document's ``problem``.

    Args:
        path: A file in one of the formats of ``text.readers``.
        name: The name of the document; the file's own by default.
        encoding: As for ``read_folder``.
        max_bytes: The size in bytes above which it is not read.
        passwords: What to try where it needs one; those of one file go by the name of the document.

    Returns:
        The document, with either a text that is not blank or a problem of one line.

    Raises:
        MissingInput: Nothing is at ``path``.
        UsageError: Python knows no such encoding.
    """
    if not os.path.lexists(path):
        raise MissingInput(f"{path} was not found; give a file of text")
    file = DiskFile(printable(path.name) if name is None else name, path)
    keys = passwords.of(file.name) if passwords else ()
    return _document(file, max_bytes, encoding and known_encoding(encoding), passwords=keys)


def _document(
    file: File,
    max_bytes: int,
    encoding: str | None = None,
    remedy: str = "split it",
    passwords: Sequence[str] = (),
) -> Document:
    reader = find_reader(file.suffix)
    format_ = reader.name if reader else file.suffix.lower().removeprefix(".")
    try:
        reading = _reading(bytes_of(file, max_bytes, remedy), reader, encoding, passwords)
    except Unreadable as problem:
        return Document(file.name, format=format_, problem=str(problem))
    except OSError as error:
        remedy = "check the file and its permissions"
        if error.errno == errno.ENAMETOOLONG:
            remedy = "it lies too deep in folders, move it nearer to the top"
        return Document(file.name, format=format_, problem=f"{error.strerror or error}; {remedy}")
    return _of_reading(file.name, reading, format_)


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


def _reading(data: bytes, reader: Reader | None, encoding: str | None, passwords: Sequence[str]) -> Reading:
    if reader is None:
        raise Unreadable(f"a format that is not supported; convert it to {listed_formats(' or')}")
    check_contents(data, reader)  # here, because workers know only the formats of the package
    return (_workers().read if reader.isolated else read)(data, reader.name, encoding, passwords)


@cache
def _workers() -> Workers:
    """Return the pool of this process, whose workers one call of ``read_folder`` leaves to the next."""
    return Workers()


def bytes_of(file: File, max_bytes: int = MAX_BYTES, remedy: str = "split it") -> bytes:
    """Return the bytes of a file that can be read, having looked at all that can be known without opening it.

    Args:
        file: The file.
        max_bytes: Its largest size.
        remedy: What to do about a larger one, for the message.

    Raises:
        Unreadable: It is no file of a format that is read, or too large.
        OSError: It cannot be opened.
    """
    size = file.size()
    if find_reader(file.suffix) is None:
        kind = f"format {file.suffix.lower()}" if file.suffix else "a file without a suffix"
        raise Unreadable(f"{kind} is not supported; convert it to {listed_formats(' or')}")
    if size > max_bytes:
        raise Unreadable(f"too large ({size / 1e6:.1f} MB, at most {max_bytes / 1e6:.1f} MB are read); {remedy}")
    return file.content()
