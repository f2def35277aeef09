"""What names a file beyond doubt, and when it was last changed."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from siamese_text.text.folder import list_files


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading what it says.

    Attributes:
        sha256: Of its bytes, in hexadecimal digits.
        modified: When it was last changed, as the file system says: UTC, to the second. Copying may change it.
    """

    sha256: str
    modified: str


def file_facts(folder: Path) -> dict[str, FileFacts]:
    """Hash the files that ``read_folder`` reads.

    Args:
        folder: The folder.

    Returns:
        The facts of each regular file that can be read, by the name of its document.
    """
    found = {}
    for name, path in list_files(folder):
        try:
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                with path.open("rb") as handle:
                    digest = hashlib.file_digest(handle, "sha256").hexdigest()
                modified = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="seconds")
                found[name] = FileFacts(digest, modified)
        except OSError:  # it has no facts; why it cannot be read is said where it is read
            continue
    return found
