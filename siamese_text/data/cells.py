"""A cell as a text: one rule for what holds none and for what cannot be one, wherever the cell comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON and Python can hold them, no encoding can write them


def is_missing(value: Any) -> bool:
    """Return whether a cell holds nothing: None, NaN, or what pandas has in their place.

    Example:
        >>> [is_missing(value) for value in (None, float("nan"), "", 0, "nan")]
        [True, True, False, False, False]
    """
    if value is None or type(value).__name__ == "NAType":  # pandas' NA refuses to be compared
        return True
    return not isinstance(value, str | bytes | Sequence | Mapping) and bool(value != value)  # NaN alone differs


def cell_text(value: Any) -> str:
    """Return the text of a cell; nothing at all and NaN are the empty text, numbers and dates are written out.

    Raises:
        TypeError: The cell holds bytes or several values.

    Example:
        >>> [cell_text(value) for value in ("007", 7, None)]
        ['007', '7', '']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | Sequence | Mapping | Set) or (hasattr(value, "tolist") and value.shape):
        raise TypeError(f"a text is {value!r:.60}, of type {type(value).__name__}; give text")
    return "" if is_missing(value) else str(value)


def text_problem(text: str) -> str | None:
    """Say why a text cannot be read by a model, or None where it can.

    Example:
        >>> [text_problem(text) for text in ("tea", " ")]
        [None, 'is empty; give each side at least one word']
    """
    if not text.strip():
        return "is empty; give each side at least one word"
    if HALF_CHARACTER.search(text):
        return "holds half a character (\\ud800 to \\udfff); repair it"
    return None
