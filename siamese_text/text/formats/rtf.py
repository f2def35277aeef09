"""Rich text becomes its paragraphs, foot- and endnotes last.

It is parsed here, because striprtf leaves out footnotes and text boxes, and does not tell hidden letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.formats.pieces import SMALLEST, Hidden, collapse, is_white
from siamese_text.text.reading import Draft, Reading, counted, shown

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_BINARY = re.compile(rb"\\bin(\d+) ?")
# Groups that are no text of the page. A group that begins with \* is none either, but for those that hold shapes.
_NO_TEXT = frozenset({
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "themedata", "datastore", "listtable",
    "listoverridetable", "rsidtbl", "generator", "fldinst", "header", "headerl", "headerr", "headerf", "footer",
    "footerl", "footerr", "footerf", "pntext", "listtext", "nonesttables", "xe", "tc", "rxe", "bkmkstart", "bkmkend",
    "atnid", "atnauthor", "atntime", "atndate", "atnref", "atnparent", "sp", "shprslt", "template", "revtbl",
})  # fmt: skip
_STARRED_TEXT = frozenset({"shpinst", "shptxt", "nesttableprops", "footnote", "annotation", "txfieldtext"})
_BREAKS = frozenset({"par", "sect", "page", "row", "nestrow", "column"})
_SIGNS = {
    "tab": " ",
    "line": "\n",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "emspace": " ",
    "enspace": " ",
    "cell": " | ",
    "nestcell": " | ",
}
_SYMBOLS = {b"~": "\u00a0", b"_": "\u2011", b"-": "\u00ad", b"{": "{", b"}": "}", b"\\": "\\"}
# The code page of a font, by the number of its character set.
_CHARSETS = {
    128: "cp932",
    129: "cp949",
    134: "cp936",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    77: "mac_roman",
}
_LOOKS = frozenset({"uc", "f", "plain", "v", "deleted", "cf", "fs", "highlight", "chcbpat", "cbpat"})
_WHITE = "in white letters"
_DEEPEST = 500  # groups in groups


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group and ends with it; ``target`` names where its text goes."""

    target: str = "body"
    font: int = -1
    skipped_after_unicode: int = 1
    hidden: bool = False
    deleted: bool = False
    white: bool = False
    painted: bool = False
    small: bool = False


def read_rtf(data: bytes) -> Reading:
    """Read the text of a rich text file, then its foot- and endnotes.

    The text is the final one, as if all changes under review were accepted. Comments, deleted and hidden words are
    told in notes.

    Args:
        data: The whole file.

    Returns:
        The paragraphs, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: Its groups are nested beyond all measure.
    """
    return _Parser(_without_binary(data)).reading()


class _Parser:
    """One pass over the tokens of a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        page = re.search(rb"\\ansicpg(\d+)", data[:2000])
        self._encoding = f"cp{page[1].decode()}" if page and page[1] != b"0" else "cp1252"
        self._fonts = {
            int(font): _CHARSETS[int(charset)]
            for font, charset in re.findall(rb"\\f(\d+)[^;{}]*\\fcharset(\d+)", data)
            if int(charset) in _CHARSETS
        }
        table = re.search(rb"\{\\colortbl([^{}]*)\}", data)
        colors = table[1].split(b";") if table else []
        self._white = {number for number, color in enumerate(colors) if _is_white(color)}
        self._texts: dict[str, list[str]] = {"body": [], "notes": [], "comments": [], "deleted": []}
        self._draft, self._hidden = Draft(), Hidden()
        self._bytes, self._encoding_now = b"", self._encoding
        self._states = [_State()]
        self._skip = 0  # characters that stand for the Unicode one before them

    def reading(self) -> Reading:
        begins = starred = False  # whether a group has just begun, and with a star
        for word, number, code, symbol, brace, text in self._tokens():
            state = self._states[-1]
            if not code:
                self._flush(state)
            if symbol == b"*" and begins:
                starred = True
                continue
            if brace:
                self._nest(opens=brace == b"{")
            elif word:
                self._states[-1] = self._obey(word, number, state, starred=starred)
            elif symbol:
                self._put(_SYMBOLS.get(symbol, "\n" if symbol in b"\r\n" else ""), state)
            else:
                self._take(bytes([int(code, 16)]) if code else text, state)
            begins, starred = brace == b"{", False
        self._flush(self._states[-1])
        self._end_paragraph()
        return self._finished()

    def _nest(self, *, opens: bool) -> None:
        self._skip = 0
        if not opens:
            del self._states[max(1, len(self._states) - 1) :]
        elif len(self._states) > _DEEPEST:
            raise Unreadable("rtf nested too deeply to be read to its end; save it as txt")
        else:
            self._states.append(self._states[-1])

    def _tokens(self) -> Iterator[tuple[str, int | None, bytes, bytes, bytes, bytes]]:
        for found in _TOKEN.finditer(self._data):
            word, number, code, symbol, brace, text = found.groups()
            yield (
                word.decode() if word else "",
                int(number) if number else None,
                code or b"",
                symbol or b"",
                brace or b"",
                text or b"",
            )

    def _obey(self, word: str, number: int | None, state: _State, *, starred: bool) -> _State:
        """Do what a control word says, and return what holds from here on."""
        if word in {"footnote", "annotation"}:
            return replace(state, target="notes" if word == "footnote" else "comments")
        if word in _NO_TEXT or (starred and word not in _STARRED_TEXT):
            return replace(state, target="")
        if word in _BREAKS and state.target == "body":
            self._end_paragraph()
        elif word in _BREAKS:
            self._put("\n", state)
        elif word in _SIGNS:
            self._put(_SIGNS[word], state)
        elif word == "u" and number is not None:
            self._put(chr(number % 0x10000), state)
            self._skip = state.skipped_after_unicode
        return self._changed(word, number, state) if word in _LOOKS else state

    def _changed(self, word: str, number: int | None, state: _State) -> _State:
        """Return what holds after a control word that changes how letters are written or look."""
        if word == "plain":
            return _State(state.target, skipped_after_unicode=state.skipped_after_unicode)
        on = number != 0
        changes: dict[str, dict[str, Any]] = {
            "uc": {"skipped_after_unicode": number or 0},
            "f": {"font": -1 if number is None else number},
            "v": {"hidden": on},
            "deleted": {"deleted": on},
            "cf": {"white": number in self._white},
            "fs": {"small": number is not None and 0 < number / 2 < SMALLEST},
        }
        return replace(state, **changes.get(word, {"painted": on and number not in self._white}))

    def _take(self, data: bytes, state: _State) -> None:
        """Gather bytes of text, less those that only stand for a Unicode character to old programs."""
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        encoding = self._fonts.get(state.font, self._encoding)
        if encoding != self._encoding_now:
            self._flush(state)
            self._encoding_now = encoding
        self._bytes += data[skipped:]

    def _flush(self, state: _State) -> None:
        if self._bytes:
            data, self._bytes = self._bytes, b""
            try:
                self._put(data.decode(self._encoding_now, "replace"), state)
            except LookupError:
                self._put(data.decode("cp1252", "replace"), state)

    def _put(self, text: str, state: _State) -> None:
        if not state.target or not text:
            return
        if state.deleted:
            self._texts["deleted"].append(text)
            return
        how = _how_hidden(state)
        if how and state.target == "body":
            self._hidden.add(how, text, f"paragraph {self._draft.paragraphs + 1}")
            text = " " if how == _WHITE else ""  # white letters leave a gap, as a blank does
        self._texts[state.target].append(text)

    def _end_paragraph(self) -> None:
        self._draft.add(_tidy(self._texts["body"]))
        self._texts["body"].clear()

    def _finished(self) -> Reading:
        for note in _tidy(self._texts["notes"]).split("\n"):
            self._draft.add(note)
        for kind, what in (("comments", "in comments"), ("deleted", "deleted under review")):
            if words := " ".join(self._texts[kind]).split():
                message = f"{counted(len(words), 'word')} {what}, not part of the text"
                self._draft.notes.append(Note("review", message, text=shown(words)))
        self._draft.notes += self._hidden.notes()
        return self._draft.reading()


def _tidy(pieces: list[str]) -> str:
    """Join the pieces of a paragraph; halves of a character become one, and the bar after the last cell goes."""
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"(?: *\| *)+$", "", collapse([re.sub(r"[ \t]+", " ", text)]))


def _how_hidden(state: _State) -> str | None:
    if state.hidden:
        return "in hidden letters"
    if state.small:
        return "in letters too small to read"
    return _WHITE if state.white and not state.painted else None


def _is_white(color: bytes) -> bool:
    channels = re.findall(rb"\\(?:red|green|blue)(\d{1,3})", color)
    return len(channels) == 3 and is_white("".join(f"{min(255, int(one)):02x}" for one in channels))


def _without_binary(data: bytes) -> bytes:
    """Take out stretches of raw bytes, such as pictures, which may hold braces that close nothing."""
    pieces, at = [], 0
    for found in _BINARY.finditer(data):
        if found.start() >= at:
            pieces.append(data[at : found.start()])
            at = found.end() + int(found[1])
    return b"".join([*pieces, data[at:]])
