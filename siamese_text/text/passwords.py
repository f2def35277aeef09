"""Passwords of files: read from a file of their own, tried in turn, and shown nowhere."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from siamese_text.errors import BadData, MissingInput, Unreadable


class Passwords:
    r"""The passwords that a person knows, some for one file, others for any.

    No message and no ``repr`` holds one.

    Args:
        lines: A password each, or the name of a file, a tab and its password.

    Raises:
        BadData: Nothing stands behind a tab.

    Example:
        >>> passwords = Passwords(["kestrel", "ann/essay.pdf\tamber"])
        >>> passwords.of("ann/essay.pdf"), passwords.of("bo.pdf"), passwords
        (('amber', 'kestrel'), ('kestrel',), Passwords(2))
    """

    def __init__(self, lines: list[str]) -> None:
        self._of_file: dict[str, list[str]] = defaultdict(list)
        self._of_any: list[str] = []
        for number, line in enumerate(lines, start=1):
            name, tab, password = line.partition("\t")
            if tab and not password:
                raise BadData(f"line {number} of the passwords has none behind its tab; write name, tab, password")
            if tab:
                self._of_file[name].append(password)
            elif line:
                self._of_any.append(line)

    def __repr__(self) -> str:
        return f"Passwords({len(self._of_any) + sum(map(len, self._of_file.values()))})"

    def of(self, name: str) -> tuple[str, ...]:
        """Return what is to be tried for a document: what was given for it, then what was given for any."""
        return (*self._of_file.get(name, ()), *self._of_any)


def read_passwords(file: Path) -> Passwords:
    """Read passwords of a text file in UTF-8, one a line.

    Args:
        file: Lines as ``Passwords`` takes them; blanks are part of a password, empty lines are not counted.

    Returns:
        The passwords.

    Raises:
        MissingInput: The file is not there.
        BadData: It cannot be read, or holds none.
    """
    wanted = "give a text file of passwords, one a line, or name, tab, password"
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise MissingInput(f"{file} was not found; {wanted}") from error
    except OSError as error:
        raise BadData(f"{file} cannot be read ({error.strerror}); {wanted}") from error
    except UnicodeDecodeError:  # its message would show bytes of a password
        raise BadData(f"{file} is not in UTF-8; {wanted}") from None
    if not any(lines):
        raise BadData(f"{file} holds no password; {wanted}")
    return Passwords(lines)


def password_needed(*, tried: bool = False) -> Unreadable:
    """Return what is said of a file that no password opens, and whether any was tried."""
    if tried:
        return Unreadable("password needed, and none that is given for it opens it; correct --password-file")
    return Unreadable("password needed; save it without one, or give it by plagiarism --password-file")
