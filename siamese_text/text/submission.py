"""What one person handed in as several files becomes one document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.readers import find_reader, listed_formats, read
from siamese_text.text.reading import Draft, Reading

# What systems and office programs leave beside the files that they are asked to write, and what no one hands in.
LITTER = re.compile(r"\.|~\$|__MACOSX$|(?:thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r)$", re.IGNORECASE)


def join_files(
    names: Iterable[str],
    content: Callable[[str], bytes],
    encoding: str | None = None,
    passwords: Sequence[str] = (),
) -> Reading:
    """Read the files of an archive and join them to one text.

    Args:
        names: Their names, which may hold folders.
        content: Gives the bytes of a named one.
        encoding: What a person said that texts among them are in.
        passwords: What to try where one needs a password.

    Returns:
        The text, with the files and their own pages as places. What could not be read is told in notes.

    Raises:
        Unreadable: None of them can be read.
    """
    draft, problems = Draft(), list[str]()
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if any(LITTER.match(part) for part in parts if part not in {"..", "."}):
            continue
        try:
            reader = _reader_inside(parts[-1])
            draft.insert(read(content(name), reader, encoding, passwords), place=printable(name))
        except Unreadable as problem:
            problems.append(f"{printable(name)}: {problem}")
    return joined(draft, problems)


def joined(draft: Draft, problems: list[str]) -> Reading:
    """Return the text of several files with a note for each that could not be read.

    Raises:
        Unreadable: There is no text.
    """
    if not draft.paragraphs:
        raise Unreadable(f"no file in it could be read ({'; '.join(problems[:3]) or 'it is empty'}); leave it out")
    draft.notes += [Note("unread", problem) for problem in problems]
    return draft.reading()


def printable(name: str) -> str:
    """Escape what would break a line of output: control characters, and bytes of a name that are not UTF-8."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in name
    )


def _reader_inside(name: str) -> str:
    reader = find_reader("." + name.rpartition(".")[2] if "." in name else "")
    if reader is None or reader.name == "zip":
        what = "an archive in an archive" if reader else f"format .{name.rpartition('.')[2].lower()}"
        raise Unreadable(f"{what} is not supported; convert it to {listed_formats(' or')}")
    return reader.name
