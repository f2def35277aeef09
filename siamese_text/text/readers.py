"""The formats that can be read: the bytes of a file become its text, or an ``Unreadable`` that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from siamese_text.errors import Unreadable
from siamese_text.text.decoding import decode
from siamese_text.text.markup import read_docx, read_html
from siamese_text.text.pdf import read_pdf

FORMATS = {".txt": "txt", ".md": "md", ".html": "html", ".htm": "html", ".docx": "docx", ".pdf": "pdf"}

# The first bytes of what is most often found under a wrong name, with the format that should begin with them.
_SIGNATURES = (
    (b"%PDF-", "a PDF", "pdf"),
    (b"PK\x03\x04", "a zip archive or an office document", "docx"),
    (b"\xd0\xcf\x11\xe0", "an old Word document or one with a password", None),
    (b"{\\rtf", "rich text (RTF)", None),
    (b"\x89PNG", "a picture", None),
    (b"\xff\xd8\xff", "a picture", None),
    (b"\x1f\x8b", "a gzip archive", None),
)


def read(data: bytes, format_: str) -> str:
    """Turn the bytes of a file into its text, paragraphs apart by blank lines.

    Args:
        data: The whole file.
        format_: One of the values of ``FORMATS``.

    Returns:
        The text, which is not blank.

    Raises:
        Unreadable: The bytes are not of that format, or hold no text.
    """
    for signature, kind, rightly in _SIGNATURES:
        if data.startswith(signature) and format_ != rightly:
            raise Unreadable(f"holds {kind}, not {format_}; save it anew as {format_}")
    try:
        text = _READERS[format_](data)
    except Unreadable:
        raise
    except Exception as error:  # parsers of foreign bytes raise anything, and one file must not end the run
        raise Unreadable(f"broken {format_} ({type(error).__name__}); open it and save it anew") from error
    if not text.strip():
        raise Unreadable("no text; leave it out")
    return text


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


_READERS: dict[str, Callable[[bytes], str]] = {
    "txt": read_text,
    "md": read_text,
    "html": read_html,
    "docx": read_docx,
    "pdf": read_pdf,
}
