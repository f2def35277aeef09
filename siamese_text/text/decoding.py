"""Bytes become text: the byte order mark, then strict UTF-8, and only then a guess."""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter

from siamese_text.errors import Unreadable, UsageError
from siamese_text.records import Note, Span
from siamese_text.text.code_pages import latin_code_page
from siamese_text.text.reading import counted

# UTF-32 stands first because its little-endian mark begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What people's editors really write in other scripts. The other code pages that charset-normalizer knows (EBCDIC, DOS,
# Macintosh) outvote these on short texts.
_PAGES = [
    *("cp1252", "cp1250", "cp1251", "koi8_r", "iso8859_5", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp874", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_LARGEST_DISORDER = 0.15
_LARGEST_SHARE_OF_NOISE = 0.05
# A text with so many characters of its encoding for each stray byte is in it all the same.
_GOOD_FOR_A_STRAY = 4
_STRAY = "\ufffd"


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding of text.

    Raises:
        UsageError: There is no such encoding.

    Example:
        >>> known_encoding("latin2"), known_encoding("windows-1250")
        ('iso8859-2', 'cp1250')
    """
    try:
        b"a".decode(name)
    except UnicodeError:  # it is known, and has more bytes to a letter
        pass
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"{name!r} is no encoding that Python knows; give one such as cp1250, koi8_r, shift_jis, gb18030 or utf-16"
        ) from error
    return codecs.lookup(name).name


def decode(data: bytes, *, given: str | None = None, declared: str | None = None) -> tuple[str, str]:
    r"""Decode the bytes of a text file.

    Line ends become ``\n``, and a byte order mark is dropped: offsets into a document count the code points of
    what this function returns.

    Args:
        data: The whole file.
        given: The encoding that a person named for it, believed unless a byte order mark names another one, or the
            bytes are those of UTF-8 beyond doubt.
        declared: The encoding that the file itself names, believed where the bytes are not UTF-8.

    Returns:
        The text, and Python's name of the encoding.

    Raises:
        Unreadable: No encoding gives text.

    Example:
        >>> decode("\ufeffcafé\r\n".encode())
        ('café\n', 'utf-8-sig')
        >>> decode("Où êtes-vous ? Le café était fermé.".encode("latin-1"))
        ('Où êtes-vous ? Le café était fermé.', 'cp1252')
        >>> decode("Œuvre".encode("cp1252"), given="cp1252")
        ('Œuvre', 'cp1252')
    """
    marked = marked_encoding(data)
    if given and _is_surely_otherwise(data, given):
        given = None
    for encoding in (marked, given, "utf-8", _utf16_without_mark(data), declared):
        text = _strictly(data, encoding) if encoding else None
        if text is not None and encoding is not None:
            return _newlines(text), encoding
    for encoding in filter(None, (given, "utf-8")):
        if (text := _with_stray_bytes(data, encoding)) is not None:
            return _newlines(text), encoding
    encoding = None if marked else _guess(data)
    text = _strictly(data, encoding) if encoding else None
    if text is None or encoding is None:
        raise Unreadable("no text in any known encoding; save it as UTF-8 text")
    return _newlines(text), encoding


def encoding_notes(text: str, encoding: str, *, given: str | None = None, declared: str | None = None) -> list[Note]:
    """Say what was guessed about the encoding of a file.

    Args:
        text: What ``decode`` returned.
        encoding: Likewise.
        given: The encoding that a person named for it.
        declared: The encoding that the file itself names.

    Returns:
        A note where the encoding is a guess, one where it is not the given one, and one where bytes stood for no
        letter.

    Example:
        >>> [note.message for note in encoding_notes("café", "cp1252")]
        ['its encoding is not said: read as cp1252; if letters look wrong, name it or save it as UTF-8']
    """
    notes = []
    if given and not text.isascii() and not (encoding.startswith(given) or given.startswith(encoding)):
        notes.append(
            Note("encoding", f"it is not in {given}, as was said: read as {encoding}; look whether it is right")
        )
    elif encoding not in {"utf-8", given, declared} and not encoding.startswith(("utf-8", "utf-16", "utf-32")):
        message = f"its encoding is not said: read as {encoding}; if letters look wrong, name it or save it as UTF-8"
        notes.append(Note("encoding", message))
    strays = tuple(Span(at, at + 1) for at, character in enumerate(text) if character == _STRAY)
    if strays:
        message = f"{counted(len(strays), 'letter')} could not be decoded ({_STRAY}); save it as UTF-8"
        notes.append(Note("encoding", message, spans=strays))
    return notes


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark names, under which Python drops the mark; None where there is none.

    Args:
        head: The first bytes of a file, at least four of them where it is that long.

    Example:
        >>> marked_encoding("café".encode("utf-8-sig")), marked_encoding(b"cafe")
        ('utf-8-sig', None)
    """
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):
        return None
    return text if _is_text(text) else None


def _is_surely_otherwise(data: bytes, given: str) -> bool:
    """Tell bytes that are not in the named encoding whatever it makes of them: letters of UTF-8, or plain ASCII."""
    if data.isascii():
        return 0 not in data and len(" ".encode(given)) > 1
    return _strictly(data, "utf-8") is not None


def _with_stray_bytes(data: bytes, encoding: str) -> str | None:
    """Decode a text in which a few bytes went wrong, or return None where they are not few beside its other signs."""
    text = data.decode(encoding, "replace")
    strays = text.count(_STRAY)
    good = sum(count for character, count in Counter(text).items() if character > "\x7f") - strays
    return text if good >= _GOOD_FOR_A_STRAY * strays and _is_text(text) else None


def _is_text(text: str) -> bool:
    """Tell text from noise by what nobody writes: controls, unassigned and private code points, marks in the midst."""
    counts = Counter(text)
    noise = sum(
        count
        for character, count in counts.items()
        if (unicodedata.category(character) in {"Cc", "Cn", "Co"} and not character.isspace()) or character == "\ufeff"
    )
    return "\0" not in counts and noise <= max(1, _LARGEST_SHARE_OF_NOISE * len(text))


def _utf16_without_mark(data: bytes) -> str | None:
    """Recognise UTF-16 by the zero byte of each Latin character, or return None."""
    sample = data[:4096]
    if sample.count(0) < len(sample) // 4:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"


def _guess(data: bytes) -> str | None:
    if page := latin_code_page(data):
        return page
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_PAGES).best()
    return best.encoding if best and best.chaos <= _LARGEST_DISORDER else None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
