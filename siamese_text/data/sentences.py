"""Plain sentences: of a text file, or of the training rows of a data set."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from siamese_text.data.columns import Columns
from siamese_text.data.given import is_table, table_of, texts_of
from siamese_text.data.loading import load_examples
from siamese_text.errors import BadData, MissingInput, Unreadable, UsageError
from siamese_text.text.decoding import decode

PLAIN = (".txt", ".txt.gz")
MOST_ZEROS = 1e-3  # of the bytes; in UTF-16 every other one of a Latin text is zero
HELD_OUT = {"validation", "valid", "dev", "test"}


class GivenSentences(str):
    """The name of sentences given in memory, which carries them wherever the name of a file goes.

    Attributes:
        sentences: Them.
    """

    sentences: tuple[str, ...]

    def __new__(cls, data: Any) -> GivenSentences:
        """Take a list, a Series, an array or a generator of texts, or a table with one column of texts.

        Raises:
            UsageError: It is nothing of these.
        """
        made = super().__new__(cls, type(data).__name__)
        made.sentences = tuple(texts_of(_only_column(data) if is_table(data) else data, "sentences"))
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Return what a copy and a pickle are made of: the name alone, so that no texts are written with settings."""
        return str, (str(self),)


def _only_column(data: Any) -> list[Any]:
    """Return the column of a table that holds texts: ``text``, ``sentence``, or the only one.

    Raises:
        UsageError: Several could be it.
    """
    table = table_of(data)
    named = [column for column in ("text", "sentence") if column in table.columns]
    if not named and len(table.columns) != 1:
        raise UsageError(
            f"{table.name} has the columns {', '.join(table.columns)}; give one of them as a list of sentences"
        )
    return [cell for (cell,) in table.rows([(named or table.columns)[0]])]


def read_sentences(source: str | Path, *, data_dir: str | Path | None = None, columns: Columns = None) -> list[str]:
    """Read the sentences of a text file, one a line, or of the training rows of a data set.

    Args:
        source: A ``.txt`` or ``.txt.gz`` file, what ``load_examples`` takes, or ``GivenSentences``.
        data_dir: A folder with data sets by name.
        columns: What a column is called there and what it is here.

    Returns:
        Each sentence once, in the order of first places.

    Raises:
        UsageError: The name of the file says that it is held-out data.
        MissingInput: There is no such file or data set.
        BadData: The file cannot be read.
    """
    if isinstance(source, GivenSentences):
        return list(dict.fromkeys(filter(None, map(str.strip, source.sentences))))
    path = Path(source)
    held_out = HELD_OUT & set(re.split(r"[\W_]+", path.name.casefold()))
    if path.is_file() and held_out:
        raise UsageError(f"{path} looks like held-out data ({held_out.pop()}); use training sentences alone")
    if path.is_file() and path.name.endswith(PLAIN):
        found: Iterable[str] = read_lines(path)
    else:
        train = next(load_examples(source, ("train",), data_dir=data_dir, columns=columns))
        found = (text.strip() for row in train.examples for text in row.texts)
    return list(dict.fromkeys(text for text in found if text))


def read_lines(path: str | Path) -> list[str]:
    """Read the texts of a file, one a line, in memory.

    Args:
        path: A text file in any encoding that ``decode`` knows; it may be compressed (``.gz``).

    Returns:
        The lines that are not blank, without the white space around them.

    Raises:
        MissingInput: There is no such file.
        BadData: It is damaged, or in no known encoding.
    """
    path = Path(path)
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise MissingInput(f"{path} {problem}; give a file with one text a line")
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = _decode(data)
    except (OSError, EOFError, Unreadable) as error:  # gzip raises the first two on what is no gzip file
        raise BadData(f"{path} cannot be read: {error}; give UTF-8 text with a sentence a line") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _decode(data: bytes) -> str:
    """Decode a corpus; a few zero bytes among many lines do not make it anything but UTF-8."""
    if data.count(0) <= MOST_ZEROS * len(data):
        with suppress(UnicodeDecodeError):
            return data.replace(b"\0", b"").decode("utf-8-sig")
    return decode(data)[0]
