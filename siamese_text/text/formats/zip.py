"""A zip archive that somebody handed in is one document: its files, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from siamese_text.text.formats.archive import Archive
from siamese_text.text.reading import Reading
from siamese_text.text.submission import join_files


def read_zip(data: bytes, encoding: str | None = None, passwords: Sequence[str] = ()) -> Reading:
    """Read all files of an archive as one text; nothing is written to the disk, and no archive inside is opened.

    Args:
        data: The whole file.
        encoding: What a person said that texts in it are in.
        passwords: What to try for the archive, and for what is in it.

    Returns:
        The text, with the files as its places. Those that could not be read are told in notes.

    Raises:
        Unreadable: It is no zip archive, has a password, expands beyond all measure, or no file in it can be read.
    """
    archive = Archive(data, "zip", passwords)
    return join_files(sorted(archive.names), lambda name: archive.read(name) or b"", encoding, passwords)
