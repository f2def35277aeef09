"""Settings as dataclasses whose values may come as strings, and recipes: TOML files that name them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self, get_args, get_type_hints

from siamese_text.bundled import bundled
from siamese_text.errors import MissingInput, UsageError


class Changeable:
    """A dataclass of settings whose values can be given as strings."""

    __slots__ = ()

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return the settings with some values replaced.

        Args:
            values: By name; strings are read as the type that the setting has.

        Raises:
            UsageError: A name is unknown, with the closest known one, or a value cannot be read.
        """
        kinds = _kinds(type(self))
        read = {name: _read(kinds, name, value) for name, value in values.items()}
        return replace(self, **read)  # type: ignore[type-var]  # those that inherit this are dataclasses


def recipe_values(name_or_path: str) -> dict[str, Any]:
    """Return what a recipe sets, of any kind of settings.

    Raises:
        MissingInput: There is no such file or bundled recipe.
        UsageError: The file is not TOML.
    """
    path = Path(name_or_path)
    if not path.is_file():
        path = bundled("recipes", f"{name_or_path}.toml")
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in bundled("recipes").glob("*.toml")))
        raise MissingInput(f"recipe {name_or_path} is neither a file nor a bundled recipe; bundled are: {known}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # neither UTF-8 nor TOML
        raise UsageError(f"recipe {path} is not valid TOML: {error}") from error


def read_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """Split ``key=value`` strings, as ``--set`` and ``--columns`` take them.

    Example:
        >>> read_assignments(["epochs=4", "loss=contrastive"])
        {'epochs': '4', 'loss': 'contrastive'}
    """
    values = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"'{assignment}' is no assignment; write key=value, such as epochs=4")
        values[key.strip()] = value.strip()
    return values


def _read(kinds: Mapping[str, tuple[type, bool]], name: str, value: Any) -> Any:
    """Return ``value`` in the type of the setting ``name``; a TOML value has one, a string from --set has none."""
    if name not in kinds:
        close = get_close_matches(name.replace("-", "_"), kinds, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(kinds)}"
        raise UsageError(f"unknown setting '{name}'; {hint}")
    kind, optional = kinds[name]
    if optional and value in (None, "", "none"):
        return None
    if kind is bool and isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value)
    try:
        if (kind is bool) != isinstance(value, bool) or (kind is int and not float(value).is_integer()):
            raise ValueError
        return kind(float(value)) if kind is int else kind(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} is {value!r}; it must be of type {kind.__name__}") from error


def _kinds(settings: type) -> dict[str, tuple[type, bool]]:
    """Return each setting's type and whether it may be left to others (None)."""
    hints = get_type_hints(settings)
    kinds = {}
    for field in fields(settings):
        options = get_args(hints[field.name])
        kinds[field.name] = (options[0], True) if options else (hints[field.name], False)
    return kinds
