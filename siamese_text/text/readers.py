"""The formats of documents: one row each says how it is called, how it is recognised, and how its text is read.

Whatever names the formats follows from these rows: what folders are searched for, what an unsupported file is told,
the help of the commands. A new format is a new row; its library is imported inside the function that reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from siamese_text.errors import Unreadable
from siamese_text.text.formats.archive import archive_kind
from siamese_text.text.formats.locked import is_locked, unlocked

if TYPE_CHECKING:  # numpy comes with it, and help needs none
    from siamese_text.records import Note
    from siamese_text.text.reading import Reading


@dataclass(frozen=True, slots=True)
class Reader:
    """A format that can be read.

    Attributes:
        name: What it is called, in messages and in ``Document.format``.
        suffixes: How the names of its files end, in lower case.
        read: Turns the bytes of a whole file into a ``Reading``, paragraphs apart by blank lines. It raises
            ``Unreadable`` with a reason and the next step; any other error of a parser becomes one.
        signature: The first bytes of every file in this format; empty where it has none.
        contents: What these bytes show a file to be, such as ``a PDF``: said of a file under a wrong name.
        isolated: Whether its parser may run wild on foreign bytes: it then reads in a process of its own, which has
            limits of time and memory.
        decodes: Whether ``read`` takes an ``encoding``, which a person named for the file.
        opens: Whether ``read`` takes ``passwords``, which it tries in turn.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[..., Reading]
    signature: bytes = b""
    contents: str = ""
    isolated: bool = False
    decodes: bool = False
    opens: bool = False


def read_text(data: bytes, encoding: str | None = None) -> Reading:
    """Decode a text, markdown or reStructuredText file, which is kept as it stands.

    Args:
        data: The whole file.
        encoding: What a person said that it is in.

    Returns:
        The text, its line ends as ``decode`` makes them.

    Raises:
        Unreadable: No encoding gives text.
    """
    from siamese_text.text.decoding import decode, encoding_notes
    from siamese_text.text.reading import Reading

    text, used = decode(data, given=encoding)
    return Reading(text, notes=tuple(encoding_notes(text, used, given=encoding)))


def _parser(name: str) -> Callable[..., Reading]:
    """Return ``read_NAME`` of a module of ``formats``, which is imported by the first such file."""

    def read_format(data: bytes, **known: Any) -> Reading:
        function: Callable[..., Reading] = getattr(import_module(f"siamese_text.text.formats.{name}"), f"read_{name}")
        return function(data, **known)

    return read_format


_ZIP = b"PK\x03\x04"
READERS = [
    Reader("txt", (".txt",), read_text, decodes=True),
    Reader("md", (".md", ".markdown"), read_text, decodes=True),
    Reader("rst", (".rst",), read_text, decodes=True),
    Reader("tex", (".tex", ".latex"), _parser("tex"), isolated=True, decodes=True),
    Reader("html", (".html", ".htm", ".xhtml"), _parser("html"), isolated=True, decodes=True),
    Reader("pdf", (".pdf",), _parser("pdf"), b"%PDF-", "a PDF", isolated=True, opens=True),
    Reader("docx", (".docx",), _parser("docx"), _ZIP, "a Word document (docx)", isolated=True),
    Reader("odt", (".odt",), _parser("odt"), _ZIP, "an OpenDocument text (odt)", isolated=True, opens=True),
    Reader("rtf", (".rtf",), _parser("rtf"), b"{\\rtf", "rich text (RTF)", isolated=True),
    Reader("epub", (".epub",), _parser("epub"), _ZIP, "a book (epub)", isolated=True),
    Reader("pptx", (".pptx",), _parser("pptx"), _ZIP, "slides (pptx)", isolated=True),
    Reader("zip", (".zip",), _parser("zip"), _ZIP, "a zip archive", isolated=True, decodes=True, opens=True),
]

_WEB_PAGES = (b"<!doctype html", b"<html")

# The first bytes of what is often found under a wrong name, beside the formats above.
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old office document or one with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
}


def find_reader(suffix: str) -> Reader | None:
    """Return the reader of files whose names end in a suffix, such as ``.pdf``; None where there is none."""
    return next((reader for reader in READERS if suffix.lower() in reader.suffixes), None)


def listed_formats(last: str = ",") -> str:
    """List the names of the formats for a sentence.

    Args:
        last: What stands before the last one.

    Returns:
        The names in their order.

    Example:
        >>> listed_formats(" or")
        'txt, md, rst, tex, html, pdf, docx, odt, rtf, epub, pptx or zip'
    """
    *names, final = [reader.name for reader in READERS]
    return f"{', '.join(names)}{last} {final}"


def read(data: bytes, name: str, encoding: str | None = None, passwords: Sequence[str] = ()) -> Reading:
    """Turn the bytes of a file into its text, paragraphs apart by blank lines.

    Args:
        data: The whole file.
        name: That of the format, as in its row.
        encoding: What a person said that text in it is encoded in; formats which say it themselves do not ask.
        passwords: What to try where it needs one.

    Returns:
        The text, which is not blank, with its places and notes.

    Raises:
        Unreadable: The bytes are not of that format, or hold no text.
    """
    reader = next(row for row in READERS if row.name == name)
    check_contents(data, reader)
    known: dict[str, Any] = {"encoding": encoding} if reader.decodes else {}
    known |= {"passwords": passwords} if reader.opens else {}
    try:
        if is_locked(data):
            data = unlocked(data, passwords)
            check_contents(data, reader)
        reading = reader.read(data, **known)
    except Unreadable:
        raise
    except MemoryError as error:
        raise Unreadable(f"needs more memory than a {name} file may take; split it or save it as txt") from error
    except Exception as error:  # parsers of foreign bytes raise anything, and one file must not end the run
        raise Unreadable(f"broken {name} ({type(error).__name__}); open it and save it anew") from error
    if not reading.text.strip():
        seen = ", ".join(note.message for note in reading.notes)
        raise Unreadable(f"no text ({seen}); read it yourself" if seen else "no text; leave it out")
    return replace(reading, notes=(*reading.notes, *_disguise(reading)))


def _disguise(reading: Reading) -> list[Note]:
    from siamese_text.text.disguise import disguise_notes

    return disguise_notes(reading)


def check_contents(data: bytes, reader: Reader) -> None:
    """Refuse a file that is of another format than its name says, without parsing it.

    Raises:
        Unreadable: Its first bytes, or the names in an archive, are those of another format.
    """
    if reader.signature == _ZIP and is_locked(data):
        return
    if data.startswith(_ZIP):
        contents = _archive_contents(data, reader.name)
    elif reader.signature and data.startswith(reader.signature):
        return
    else:
        known = {other.signature: other.contents for other in READERS if other.signature not in {b"", _ZIP}} | _FOREIGN
        contents = next((what for signature, what in known.items() if data.startswith(signature)), None)
        if reader.signature and data[:1000].lstrip().lower().startswith(_WEB_PAGES):
            contents = "a web page (html)"
    if contents:
        raise Unreadable(f"holds {contents}, not {reader.name}; save it anew as {reader.name}")


def _archive_contents(data: bytes, name: str) -> str | None:
    """Say what an archive holds that is not of the named format; None where it is, or is too broken to tell."""
    kind = archive_kind(data)
    if kind in {name, ""} and any(row.name == name and row.signature == _ZIP for row in READERS):
        return None
    row = next((row for row in READERS if row.name == kind), None)
    return row.contents if row else f"an office document ({kind})" if kind else "a zip archive"
