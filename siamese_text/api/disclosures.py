"""What the files of a model would tell strangers: access tokens, and where things lie on the machine that made them.

A model folder remembers how it was trained, and so may name a home folder or a file of somebody's data. Before it
leaves the machine, each text in it is read: the strings of JSON one by one, other files as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal

TOKENS = {
    "a Hugging Face token": r"\b(?:hf|api_org|hf_oauth)_[A-Za-z0-9]{20,}",
    "an API key": r"\bsk-[A-Za-z0-9_-]{20,}|\bAIza[\w-]{35}|\b(?:npm|gsk|r8|pk_live|sk_live)_[A-Za-z0-9]{20,}",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[opsur]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a PyPI token": r"\bpypi-[\w-]{50,}",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:[^\s/:@\"']+@",
}
_TOKEN = re.compile("|".join(f"({pattern})" for pattern in TOKENS.values()))
SHOWN = 6  # characters of a token: enough to find it, useless to anyone else
# An absolute path inside a sentence. What stands before it tells it from an address, a fraction or "and/or".
_POSIX = r"(?:(?<=file://)|(?<![\w.:/~%-]))/[\w.@+~-]+(?:/[\w.@+~-]+)+"
_WINDOWS = r"(?<!\w)[A-Za-z]:[\\/](?![\\/])[^\s\"'<>|*?,;)]+|(?<!\\)\\\\[\w.-]+\\[^\s\"'<>|*?,;)]+"
_PATH = re.compile(f"{_POSIX}|{_WINDOWS}")
HOMES = {"home", "root", "Users"}  # give a user away on whatever machine
# Their pieces may look like anything, and nobody writes a path into them.
VOCABULARIES = {"added_tokens.json", "merges.txt", "tokenizer.json", "vocab.json", "vocab.txt"}

Kind = Literal["token", "path"]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Something that should not leave the machine.

    Attributes:
        file: The file that holds it, as it is named inside the folder.
        place: Where in the file: the keys of JSON, a number of a line.
        kind: An access token or a path.
        what: The same in words.
        shown: The path, or the first characters of the token.
    """

    file: str
    place: str
    kind: Kind
    what: str
    shown: str

    def __str__(self) -> str:
        return f"{self.file} holds {self.what} ({self.shown}) at {self.place}"


def find_disclosures(files: Mapping[str, bytes]) -> list[Disclosure]:
    """Find access tokens and absolute paths in files.

    Args:
        files: The content of each by its name inside the folder; of a file of weights its metadata alone.

    Returns:
        What was found, file by file; tokens are shown by their first characters only.

    Example:
        >>> print(*find_disclosures({"report.json": b'{"settings": {"model": "/home/ann/models/base"}}'}))
        report.json holds a path of this machine (/home/ann/models/base) at settings.model
    """
    known = _whole_paths(files)
    return [found for name, content in files.items() for found in _find(name, content, known)]


def strip_paths(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Shorten each absolute path to its last part, so that a reader still knows which model or file was meant.

    Args:
        files: The content of each by its name inside the folder.

    Returns:
        The same files; those without a path have the bytes that they had.

    Example:
        >>> strip_paths({"README.md": b"Trained on /home/ann/data/pairs.csv."})["README.md"]
        b'Trained on pairs.csv.'
    """
    known = _whole_paths(files)

    def shorten(name: str, content: bytes) -> bytes:
        def change(text: str) -> str:
            for path in _paths_in(name, text, known):
                text = text.replace(path, _last_part(path))
            return text

        return _rewritten(name, content, change)

    return {
        name: shorten(name, content) if any(found.kind == "path" for found in _find(name, content, known)) else content
        for name, content in files.items()
    }


def _find(name: str, content: bytes, known: Iterable[str]) -> Iterator[Disclosure]:
    for place, text in _texts(name, content):
        for match in _TOKEN.finditer(text):
            what = list(TOKENS)[(match.lastindex or 1) - 1]
            yield Disclosure(name, place or _line(text, match.start()), "token", what, match.group()[:SHOWN] + "…")
        for path in _paths_in(name, text, known):
            yield Disclosure(name, place or _line(text, text.find(path)), "path", "a path of this machine", path)


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the strings of a JSON file, each with its place, or the text of another file as a whole."""
    value = _as_json(name, content)
    if value is None:
        yield "", content.decode("utf-8", "replace")
    else:
        yield from _strings(value, "")


def _line(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1}"


def _as_json(name: str, content: bytes) -> Any:
    """Return what a JSON file holds; None for another file, and for a broken one, which is read by its lines."""
    if not name.endswith(".json") or _is_vocabulary(name):
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield the strings in a JSON value, keys included, each with the keys on the way to it."""
    if isinstance(value, str):
        yield place or "the top", value
    elif isinstance(value, dict):
        for key, item in value.items():
            here = f"{place}.{key}".lstrip(".")
            yield here, key
            yield from _strings(item, here)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strings(item, f"{place}[{number}]")


def _rewritten(name: str, content: bytes, change: Callable[[str], str]) -> bytes:
    value = _as_json(name, content)
    if value is None:
        return change(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, dict):
            return {change(key): walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    return (json.dumps(walk(value), indent=2, ensure_ascii=False) + "\n").encode()


def _whole_paths(files: Mapping[str, bytes]) -> list[str]:
    """Return the strings of JSON that are an absolute path as a whole, blanks and all: looked for elsewhere too."""
    found = {
        text
        for name, content in files.items()
        for _, text in (_strings(_as_json(name, content), "") if name.endswith(".json") else ())
        if _is_absolute(text)
    }
    return sorted(found, key=len, reverse=True)  # a path before the folder that it lies in


def _paths_in(name: str, text: str, known: Iterable[str]) -> list[str]:
    """Return the absolute paths in a text, the longest first."""
    if _is_absolute(text) and not _is_vocabulary(name):
        return [text]
    found = {path for path in known if path in text}
    if not _is_vocabulary(name):
        matches = (match.group().rstrip(".,") for match in _PATH.finditer(text))
        found |= {path for path in matches if not path.startswith("/") or _begins_here(path.split("/")[1])}
    return sorted(found, key=len, reverse=True)


def _is_absolute(text: str) -> bool:
    """Say whether a text is an absolute path and nothing else, of this system or another one."""
    if "\n" in text or "://" in text or not text.isprintable():
        return False
    windows = PureWindowsPath(text)
    return len(PurePosixPath(text).parts) > 2 if text.startswith("/") else bool(windows.drive and windows.root)


@cache
def _begins_here(first: str) -> bool:
    """Say whether absolute paths of this machine, or of anybody's home, begin with a folder of this name."""
    return first in HOMES or Path("/", first).is_dir()


def _is_vocabulary(name: str) -> bool:
    return PurePosixPath(name).name in VOCABULARIES


def _last_part(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]
