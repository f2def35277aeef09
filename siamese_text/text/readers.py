"""The formats of documents: one row each says how it is called, how it is recognised, and how its text is read.

Whatever names the formats follows from these rows: what folders are searched for, what an unsupported file is told,
the help of the commands. A new format is a new row; its library is imported inside the function that reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from siamese_text.errors import Unreadable
from siamese_text.text.decoding import decode
from siamese_text.text.markup import read_docx, read_html
from siamese_text.text.pdf import read_pdf


@dataclass(frozen=True, slots=True)
class Reader:
    """A format that can be read.

    Attributes:
        name: What it is called, in messages and in ``Document.format``.
        suffixes: How the names of its files end, in lower case.
        read: Turns the bytes of a whole file into its text, paragraphs apart by blank lines. It raises ``Unreadable``
            with a reason and the next step; any other error of a parser becomes one.
        signature: The first bytes of every file in this format; empty where it has none.
        contents: What these bytes show a file to be, such as ``a PDF``: said of a file under a wrong name.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], str]
    signature: bytes = b""
    contents: str = ""


def read_text(data: bytes) -> str:
    """Decode a text or markdown file, which is kept as it stands.

    Args:
        data: The whole file.

    Returns:
        The text, its line ends as ``decode`` makes them.

    Raises:
        Unreadable: No encoding gives text.
    """
    return decode(data)[0]


READERS = [
    Reader("txt", (".txt",), read_text),
    Reader("md", (".md",), read_text),
    Reader("html", (".html", ".htm"), read_html),
    Reader("docx", (".docx",), read_docx, b"PK\x03\x04", "a zip archive or an office document"),
    Reader("pdf", (".pdf",), read_pdf, b"%PDF-", "a PDF"),
]

# The first bytes of what is often found under a wrong name, beside the formats above.
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Word document or one with a password",
    b"{\\rtf": "rich text (RTF)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip archive",
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
        'txt, md, html, docx or pdf'
    """
    *names, final = [reader.name for reader in READERS]
    return f"{', '.join(names)}{last} {final}"


def read(data: bytes, name: str) -> str:
    """Turn the bytes of a file into its text, paragraphs apart by blank lines.

    Args:
        data: The whole file.
        name: That of the format, as in its row.

    Returns:
        The text, which is not blank.

    Raises:
        Unreadable: The bytes are not of that format, or hold no text.
    """
    reader = next(row for row in READERS if row.name == name)
    _check_signature(data, reader)
    try:
        text = reader.read(data)
    except Unreadable:
        raise
    except Exception as error:  # parsers of foreign bytes raise anything, and one file must not end the run
        raise Unreadable(f"broken {name} ({type(error).__name__}); open it and save it anew") from error
    if not text.strip():
        raise Unreadable("no text; leave it out")
    return text


def _check_signature(data: bytes, reader: Reader) -> None:
    """Refuse a file that begins as another format does; formats that are archives share their first bytes."""
    if reader.signature and data.startswith(reader.signature):
        return
    known = {other.signature: other.contents for other in READERS if other.signature} | _FOREIGN
    for signature, contents in known.items():
        if data.startswith(signature):
            raise Unreadable(f"holds {contents}, not {reader.name}; save it anew as {reader.name}")
