"""The columns that two tables are compared in: their names as the user writes them, and of which kind each is."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from siamese_text.errors import UsageError

Kind = Literal["text", "short", "number", "date"]

NEARLY_ALL = 0.9  # of the cells that are filled, for a kind that is not named
LONG = 4  # words of a cell, on average, from which on a column holds texts
_NUMBER = re.compile(r"[^\w,.+-]*([+-]?[\d.,']*\d)\s*[^\d]{0,4}")
_MEASURED = re.compile(r"\d[.,]\d|[$€£¥%]|\d:\d\d")  # what prices and measures have, and ids, years and codes have not
_DURATION = re.compile(r"(?:(\d+):)?(\d+):([0-5]\d)")
_DECIMALS = re.compile(r"[+-]?(?:\d*|\d{1,3}(?:,\d{3})+)\.\d+|[+-]?(?:\d*|\d{1,3}(?:\.\d{3})+),\d+")
_THOUSAND = re.compile(r"[+-]?\d{1,3},\d{3}")
_WHOLE = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+)")
_ISO = re.compile(r"(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]+([a-z]{3})[a-z]*[-/., ]+(\d{4}|\d{2})")
_MONTH_DAY = re.compile(r"([a-z]{3})[a-z]*[. ]+(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_CENTURY = 69  # two digits of a year from which on it is of the last century, as POSIX has it
_NOTHING = {"n/a", "nan", "null", "none", "<na>"}  # how tables write that there is nothing
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how its cells are compared: as ``text``, ``short`` text, ``number`` or ``date``."""

    name: str
    kind: Kind


def read_columns(on: str | Sequence[str]) -> list[tuple[str, Kind | None]]:
    """Read which columns are compared: names, each with a kind or without.

    Args:
        on: ``title,price:number``, or a list of such names.

    Returns:
        The name of each, and its kind or None.

    Raises:
        UsageError: A kind is none, or a name is empty or stands twice.

    Example:
        >>> read_columns("title,price:number")
        [('title', None), ('price', 'number')]
    """
    named: dict[str, Kind | None] = {}
    for part in on.split(",") if isinstance(on, str) else on:
        name, _, kind = part.strip().rpartition(":") if ":" in part else (part.strip(), "", "")
        name, kind = name.strip(), kind.strip()
        if kind and kind not in get_args(Kind):
            raise UsageError(f"column '{name}' has the kind '{kind}'; choose from {', '.join(get_args(Kind))}")
        if not name or name in named:
            problem = f"'{name}' stands twice" if name else "a name is empty"
            raise UsageError(f"columns to compare: {problem}; write them as title,price:number")
        named[name] = kind or None  # type: ignore[assignment]  # it was looked up just above
    return list(named.items())


def kind_of(cells: Sequence[str]) -> Kind:
    """Tell the kind of a column by its cells.

    Numbers are those that are written as measures, with decimals or a currency: whole numbers are ids, codes and years
    at least as often, and how far apart two of these are says nothing.

    Example:
        >>> kind_of(["$ 3.50", "1,200.00"]), kind_of(["1999-12-31", "2001-01-02"]), kind_of(["1999", "2001"])
        ('number', 'date', 'short')
    """
    filled = [cell for cell in cells if cell]
    if not filled:
        return "short"
    enough = NEARLY_ALL * len(filled)
    measured = 2 * sum(bool(_MEASURED.search(cell)) for cell in filled) >= len(filled)
    if measured and sum(not math.isnan(number_in(cell)) for cell in filled) >= enough:
        return "number"
    if sum(date_in(cell) is not None for cell in filled) >= enough:
        return "date"
    return "text" if sum(len(_WORD.findall(cell)) for cell in filled) > LONG * len(filled) else "short"


def plain_cell(cell: str) -> str:
    """Return a cell without white space around it and with characters where HTML spells them; empty if it says nothing.

    Example:
        >>> [plain_cell(cell) for cell in (" R&amp;B ", "-", "N/A")]
        ['R&B', '', '']
    """
    plain = " ".join((html.unescape(cell) if "&" in cell else cell).split())
    return plain if any(map(str.isalnum, plain)) and plain.lower() not in _NOTHING else ""


def number_in(cell: str) -> float:
    """Return the number of a cell, with its currency or unit or without, or NaN where there is none.

    A duration is its number of seconds.

    Example:
        >>> [number_in(cell) for cell in ("3:45", "1:00:05", "225 sec", "5.5 %")]
        [225.0, 3605.0, 225.0, 5.5]
        >>> [number_in(cell) for cell in ("$1,299.00", "1.299,00 €", "12,5", "1,200", "12 kg", "AB12")]
        [1299.0, 1299.0, 12.5, 1200.0, 12.0, nan]
    """
    if duration := _DURATION.fullmatch(cell):
        hours, minutes, seconds = (int(part or 0) for part in duration.groups())
        return float(3600 * hours + 60 * minutes + seconds)
    found = _NUMBER.fullmatch(cell)
    if not found:
        return math.nan
    written = found[1].replace("'", "")
    # one comma with three digits behind it stands between thousands, one point always before decimals
    if _DECIMALS.fullmatch(written) and not _THOUSAND.fullmatch(written):
        whole, _, decimals = written.replace(",", ".").rpartition(".")
        return float(f"{whole.replace('.', '')}.{decimals}")
    return float(re.sub("[.,]", "", written)) if _WHOLE.fullmatch(written) else math.nan


def date_in(cell: str) -> date | None:
    """Return the date of a cell, year first or last, or None where there is none; months may have English names.

    Example:
        >>> [str(date_in(cell)) for cell in ("21-Jun-13", "June 21, 2013", "21st of June")]
        ['2013-06-21', '2013-06-21', 'None']
        >>> [str(date_in(cell)) for cell in ("1999-12-31", "19991231", "31.12.1999", "12/31/1999", "1999")]
        ['1999-12-31', '1999-12-31', '1999-12-31', '1999-12-31', 'None']
    """
    if found := _ISO.fullmatch(cell):
        year, month, day = (int(part) for part in found.groups()[:3])
    elif found := _DAY_FIRST.fullmatch(cell):
        day, month, year = (int(part) for part in found.groups())
        if month > 12:
            day, month = month, day
    elif named := _named_month(cell.lower()):
        year, month, day = named
    else:
        return None
    try:
        return date(year, month, day) if year >= 1000 else None
    except ValueError:
        return None


def _named_month(cell: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date in small letters whose month has a name."""
    if found := _DAY_MONTH.fullmatch(cell):
        day, name, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(cell):
        name, day, year = found.groups()
    else:
        return None
    if name not in _MONTHS:
        return None
    century = 0 if len(year) == 4 else 1900 if int(year) >= _CENTURY else 2000
    return century + int(year), _MONTHS.index(name) + 1, int(day)
