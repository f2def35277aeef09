"""Settings as dataclasses that check themselves, whose values may come as strings, and recipes: TOML files of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin, get_type_hints

from siamese_text.bundled import bundled
from siamese_text.deprecation import warn_renamed
from siamese_text.errors import MissingInput, UsageError


@dataclass(frozen=True, slots=True)
class Range:
    """Which numbers a setting takes, in words and as a test; written into the type of its field by ``Annotated``."""

    allowed: str
    holds: Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class ReadWith:
    """How the value of a setting is read that is neither a number, a word nor a choice; likewise by ``Annotated``."""

    read: Callable[[Any], Any]


class Changeable:
    """A dataclass of settings whose types say what each takes, and whose values can be given as strings.

    Groups of settings are dataclasses of their own, from which one for all inherits: ``OptimizerSettings`` is the table
    ``[optimizer]`` of a recipe, whose keys may also stand outside of it.

    Attributes:
        renamed: Names of earlier versions and what they are called now.
        renamed_values: Values of earlier versions and theirs now, by the present name of the setting.
    """

    renamed: ClassVar[Mapping[str, str]] = {}
    renamed_values: ClassVar[Mapping[str, Mapping[Any, Any]]] = {}

    def __post_init__(self) -> None:
        for name, kind in _kinds(type(self)).items():
            kind.check(name, getattr(self, name))

    @classmethod
    def nested(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the types of settings that another setting holds by name, by the name of that one."""
        return {}

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return the settings with some values replaced.

        Args:
            values: The values by name, or tables of them; strings are read as the type that the setting has. Of a value
                that is given twice, by its old and its present name, the later one counts.

        Raises:
            UsageError: A name is unknown, with the closest known one, or a value cannot be read.

        Warns:
            FutureWarning: A name or a value is that of an earlier version.
        """
        kinds = _kinds(type(self))
        read: dict[str, Any] = {}
        for given, value in self._flat(values):
            name = self._present_name(given, kinds)
            if name in kinds:
                read[name] = kinds[name].read(name, self._present_value(name, value))
                continue
            holder, kind = self._nested_kind(given)
            read[holder] = {**read.get(holder, getattr(self, holder)), given: kind.read(given, value)}
        return replace(self, **read)  # type: ignore[type-var]  # those that inherit this are dataclasses

    def values(self) -> dict[str, Any]:
        """Return all settings as plain values that JSON and TOML hold, those that another holds among them."""
        plain: dict[str, Any] = {}
        for name, value in asdict(self).items():  # type: ignore[call-overload]
            plain |= value if isinstance(value, dict) else {name: list(value) if isinstance(value, tuple) else value}
        return plain

    def _flat(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield names and values, those of a group's table one by one."""
        groups = {kind.__name__.removesuffix("Settings").lower() for kind in type(self).__mro__}
        for name, value in values.items():
            if isinstance(value, Mapping) and (name in groups or name in self.nested()):
                yield from value.items()
            else:
                yield name, value

    def _present_name(self, given: str, kinds: Mapping[str, Any]) -> str:
        """Return what a setting is called now."""
        name = self.renamed.get(given, given)
        if given in kinds or name not in kinds:
            return given
        warn_renamed(given, name)
        return name

    def _present_value(self, name: str, value: Any) -> Any:
        """Return what a value is called now."""
        renamed = self.renamed_values.get(name, {})
        if not isinstance(value, str) or value not in renamed:
            return value
        warn_renamed(f"{name} = '{value}'", f"{name} = '{renamed[value]}'")
        return renamed[value]

    def _nested_kind(self, name: str) -> tuple[str, Kind]:
        """Return which setting holds one that is none of the fields, and what that one takes."""
        known = {option: (holder, hint) for holder, hints in self.nested().items() for option, hint in hints.items()}
        if name in known:
            holder, hint = known[name]
            return holder, kind_of(hint)
        names = [field for field in _kinds(type(self)) if field not in self.nested()] + list(known)
        old = {old: new for old, new in self.renamed.items() if new in names}
        close = get_close_matches(name.replace("-", "_"), [*names, *old], n=1)
        hint = f"did you mean {old.get(close[0], close[0])}?" if close else f"known are {', '.join(names)}"
        raise UsageError(f"unknown setting '{name}'; {hint}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting takes.

    Attributes:
        type: The type of its values.
        optional: Whether it may be left to others (None).
        choices: All that it takes, where they can be listed.
        range: Which numbers it takes.
        read_by: How it is read, where the type alone does not say it.
    """

    type: type
    optional: bool = False
    choices: tuple[str, ...] = ()
    range: Range | None = None
    read_by: ReadWith | None = None

    def read(self, name: str, value: Any) -> Any:
        """Return a value in the type of its setting; a TOML value has one, a string from --set has none."""
        if self.read_by:
            return self.read_by.read(value)
        if self.optional and value in (None, "", "none"):
            return None
        if self.type is bool and isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower(), value)
        try:
            whole = self.type is not int or float(value).is_integer()
            if (self.type is bool) != isinstance(value, bool) or not whole:
                raise ValueError
            read = int(float(value)) if self.type is int else self.type(value)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{name} is {value!r}; it must be of type {self.type.__name__}") from error
        self.check(name, read)
        return read

    def check(self, name: str, value: Any) -> None:
        """Refuse a value that is no choice or out of its range."""
        if self.optional and value is None:
            return
        if self.choices and value not in self.choices:
            raise UsageError(f"{name} is '{value}'; choose from {', '.join(self.choices)}")
        if self.range and not self.range.holds(value):  # NaN holds nowhere
            left_out = ", or left out" if self.optional else ""
            raise UsageError(f"{name} is {value}; it must be {self.range.allowed}{left_out}")


def kind_of(hint: Any) -> Kind:
    """Return what a setting takes, from the type hint of its field.

    Example:
        >>> kind_of(Literal["adamw", "sgd"]).choices, kind_of(int | None).optional
        (('adamw', 'sgd'), True)
    """
    optional = type(None) in get_args(hint)
    if optional:
        [hint] = (part for part in get_args(hint) if part is not type(None))
    notes: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *notes_of = get_args(hint)
        notes = tuple(notes_of)
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    return Kind(
        type=type(choices[0]) if choices else hint,
        optional=optional,
        choices=choices,
        range=next((note for note in notes if isinstance(note, Range)), None),
        read_by=next((note for note in notes if isinstance(note, ReadWith)), None),
    )


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
        >>> read_assignments(["seed=4", "loss=contrastive"])
        {'seed': '4', 'loss': 'contrastive'}
    """
    values = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"'{assignment}' is no assignment; write key=value, such as seed=4")
        values[key.strip()] = value.strip()
    return values


def _kinds(settings: type) -> dict[str, Kind]:
    """Return what each setting takes."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: kind_of(hints[field.name]) for field in fields(settings)}
