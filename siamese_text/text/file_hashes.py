"""What names a file beyond doubt, and when it was last changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from siamese_text.errors import Unreadable
from siamese_text.text.folder import MAX_BYTES, bytes_of, files_of
from siamese_text.text.passwords import Passwords


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading what it says.

    Attributes:
        sha256: Of its bytes, in hexadecimal digits; of a submission of several files that of their list, a line each
            of hash, two blanks and name, as ``sha256sum`` writes it.
        modified: When it, or the last of its files, was changed, to the second: UTC, as the file system says, or what
            an archive says, which names no time zone. Copying may change it.
    """

    sha256: str
    modified: str


def file_facts(
    folder: Path,
    *,
    submissions: bool = False,
    follow: bool = False,
    max_bytes: int = MAX_BYTES,
    passwords: Passwords | None = None,
) -> dict[str, FileFacts]:
    """Hash the files that ``read_folder`` reads.

    Args:
        folder: The folder, or a zip archive of one.
        submissions: As for ``read_folder``.
        follow: Likewise.
        max_bytes: Likewise.
        passwords: Likewise; those of the archive count.

    Returns:
        The facts of each regular file that can be read, or of each submission of such, by the name of its document.
    """
    found: dict[str, FileFacts] = {}
    for file in files_of(folder, submissions=submissions, follow=follow, passwords=passwords):
        try:
            digest = hashlib.sha256(bytes_of(file, max_bytes)).hexdigest()
            found[file.name] = FileFacts(digest, file.modified())
        except (OSError, Unreadable):  # it has no facts; why it cannot be read is said where it is read
            continue
    return _of_submissions(found) if submissions else found


def _of_submissions(files: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
    """Join the facts of the files of each subfolder; a file beside the subfolders keeps its own."""
    found = {}
    for folder, members in groupby(sorted(files), key=lambda name: name.partition("/")[0]):
        names = list(members)
        if names == [folder]:
            found[folder] = files[folder]
            continue
        lines = "".join(f"{files[name].sha256}  {name.partition('/')[2]}\n" for name in names)
        digest = hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()
        found[folder] = FileFacts(digest, max(files[name].modified for name in names))
    return found
