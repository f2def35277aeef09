"""Names that a module loads on first use, listed once: for type checkers, for editors, and for the interpreter.

The module lists them as imports under ``if TYPE_CHECKING:``, which nothing but a type checker carries out, and the
interpreter learns from the same lines where each name is at home (lazy_loader's ``attach_stub`` does so with a stub).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from siamese_text.deprecation import warn_renamed

_LISTED = re.compile(r"^    from (siamese_text\.\S+) import (\w+) as \2$", re.MULTILINE)


def listed_names(file: str) -> dict[str, str]:
    """Read which names a module lists.

    Args:
        file: The ``__file__`` of the module.

    Returns:
        For each name the module that it is at home in.
    """
    return {name: home for home, name in _LISTED.findall(Path(file).read_text(encoding="utf-8"))}


def loader(module: str, homes: Mapping[str, str], old: Mapping[str, str] | None = None) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a module whose names are loaded on first use.

    Args:
        module: Its name, for messages.
        homes: What ``listed_names`` gave.
        old: Names of an earlier version by what is written in their place now; they are at home in ``api.legacy``.

    Returns:
        A function from a name to what it stands for, which raises AttributeError for any other name.
    """

    def load(name: str) -> object:
        if name in homes:
            return getattr(import_module(homes[name]), name)
        if old and name in old:
            warn_renamed(f"siamese_text.{name}", old[name])
            return getattr(import_module("siamese_text.api.legacy"), name)
        raise AttributeError(f"module '{module}' has no attribute '{name}'")

    return load
